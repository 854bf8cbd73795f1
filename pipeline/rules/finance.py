"""Terms of payment and currencies."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pipeline.rules import rule
from pipeline.settings import Model


@rule("receivables")
class ReceivablesRule(Model):
    """Terms where an invoice has no due date, and the days of a year for turnover days."""

    payment_days: int = 30
    year_days: Literal[360, 365] = 365
    valid_from: date


@rule("currency")
class CurrencyRule(Model):
    """How flows convert to the reporting currency."""

    flows: Literal["day", "month_average"] = "day"
    valid_from: date
