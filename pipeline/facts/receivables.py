"""Facts about invoices, money in and what is open."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.derived.ledger import gross
from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd


@stock(
    table="ledger",
    on="from_on",
    until="until_on",
    unit="money",
    label=Words("应收账款", "receivables"),
    by=("bucket",),
)
def receivables(rows: pd.DataFrame) -> pd.Series:
    """The open balance of each invoice, gross of tax, in its own currency until the day it is valued."""
    return rows["balance_amount"]


@flow(
    table="invoices", on="issued_on", unit="money", label=Words("开票金额（含税）", "invoiced, gross of tax")
)
def billed(rows: pd.DataFrame) -> pd.Series:
    """What was invoiced, gross of tax; credit notes are negative."""
    return gross(rows)


@flow(table="payments", on="paid_on", unit="money", label=Words("回款金额", "collected"))
def collected(rows: pd.DataFrame) -> pd.Series:
    """Money in, as applied to invoices."""
    return rows["amount"]


@stock(
    table="unapplied_payments",
    on="paid_on",
    until="until_on",
    unit="money",
    label=Words("未核销回款", "payments not applied"),
    history="register",
)
def unapplied(rows: pd.DataFrame) -> pd.Series:
    """Money in that is set against no invoice."""
    return rows["amount"]
