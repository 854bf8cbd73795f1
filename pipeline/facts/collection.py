"""Facts about how late money comes: payments, and what is overdue, each weighed by its days."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_PAID: dict[str, Any] = {"table": "settlements", "on": "paid_on", "unit": "money"}
_OPEN: dict[str, Any] = {
    "table": "late_positions",
    "on": "from_on",
    "until": "until_on",
    "unit": "money",
    "history": "register",
}


def _undisputed(rows: pd.DataFrame) -> pd.Series:
    return ~rows["is_disputed"]


@flow(**_PAID, label=Words("已回款金额", "settled"))
def settled(rows: pd.DataFrame) -> pd.Series:
    """Each payment of an invoice that is not disputed."""
    return rows["amount"].where(_undisputed(rows), 0)


@flow(**_PAID, label=Words("已回款金额×逾期天数", "settled × days late"))
def settled_days(rows: pd.DataFrame) -> pd.Series:
    """Each payment times the days it came after the due date, negative where it came before."""
    return (rows["amount"] * rows["days_late"]).where(_undisputed(rows), 0)


@flow(**_PAID, label=Words("已回款金额×逾期天数（提前计零）", "settled × days late, early as zero"))
def settled_days_floored(rows: pd.DataFrame) -> pd.Series:
    """Each payment times the days it came after the due date; one that came before counts as on the day."""
    return (rows["amount"] * rows["days_late"].clip(lower=0)).where(_undisputed(rows), 0)


@flow(**_PAID, label=Words("争议发票已回款金额", "settled of disputed invoices"))
def settled_disputed(rows: pd.DataFrame) -> pd.Series:
    """Each payment of a disputed invoice."""
    return rows["amount"].where(rows["is_disputed"], 0)


@flow(**_PAID, label=Words("争议发票已回款金额×逾期天数", "settled of disputed invoices × days late"))
def settled_disputed_days(rows: pd.DataFrame) -> pd.Series:
    """Each payment of a disputed invoice times its days late."""
    return (rows["amount"] * rows["days_late"]).where(rows["is_disputed"], 0)


@stock(**_OPEN, label=Words("逾期未结金额", "still overdue"))
def still_late(rows: pd.DataFrame) -> pd.Series:
    """What is overdue and not disputed on the window's last day."""
    return rows["amount"].where(_undisputed(rows), 0)


@stock(**_OPEN, label=Words("逾期未结金额×截至期末天数", "still overdue × days up to the end"))
def still_late_days(rows: pd.DataFrame) -> pd.Series:
    """What is overdue times the days it has been up to the window's last day."""
    return (rows["amount"] * rows["days_late"]).where(_undisputed(rows), 0)


@stock(**_OPEN, label=Words("争议逾期未结金额", "still overdue and disputed"))
def still_late_disputed(rows: pd.DataFrame) -> pd.Series:
    """What is overdue and disputed on the window's last day."""
    return rows["amount"].where(rows["is_disputed"], 0)


@stock(
    **_OPEN, label=Words("争议逾期未结金额×截至期末天数", "still overdue and disputed × days up to the end")
)
def still_late_disputed_days(rows: pd.DataFrame) -> pd.Series:
    """What is overdue and disputed times its days."""
    return (rows["amount"] * rows["days_late"]).where(rows["is_disputed"], 0)


@stock(
    table="ledger",
    on="from_on",
    until="until_on",
    unit="money",
    label=Words("逾期应收账款", "overdue receivables"),
)
def overdue(rows: pd.DataFrame) -> pd.Series:
    """What is open past its due date, gross of tax; the buckets of the ageing but the first."""
    return rows["balance_amount"].where(rows["bucket"] != "not_due", 0)
