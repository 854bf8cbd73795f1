"""For which customers there must be an account plan."""

from __future__ import annotations

from datetime import date

from pipeline.rules import rule
from pipeline.rules.customers import ClassName
from pipeline.settings import Model


@rule("account_plan")
class AccountPlanRule(Model):
    """The classes of customers that are promised a plan of their own (B1)."""

    classes: tuple[ClassName, ...] = ("core_value", "high_potential")
    valid_from: date
