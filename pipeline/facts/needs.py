"""Facts about needs: what customers need from us, and whether somebody of ours looks after it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_OPEN: dict[str, Any] = {
    "table": "open_needs",
    "on": "from_on",
    "until": "until_on",
    "unit": "count",
    "by": ("kind",),
}


@flow(
    table="customer_needs", on="since_on", unit="count", by=("kind",), history="register",
    label=Words("新提出的需求数", "needs raised"),
)  # fmt: skip
def needs_noted(rows: pd.DataFrame) -> pd.Series:
    """One for each need raised."""
    return rows["need_id"].notna().astype("int64")


@stock(**_OPEN, label=Words("未满足需求数", "needs open"))
def needs_unmet(rows: pd.DataFrame) -> pd.Series:
    """One for each need neither met nor dropped."""
    return rows["need_id"].notna().astype("int64")


@stock(**_OPEN, label=Words("有负责人的需求数", "needs with an owner"))
def needs_owned(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that somebody of ours looks after."""
    return rows["is_owned"].astype("int64")


@stock(**_OPEN, label=Words("负责人、到期日与状态齐全的需求数", "needs with owner, due date and state"))
def needs_planned(rows: pd.DataFrame) -> pd.Series:
    """One for each of them with an owner, a due date and a state."""
    return rows["is_planned"].astype("int64")


@stock(**_OPEN, label=Words("逾期需求数", "needs overdue"))
def needs_late(rows: pd.DataFrame) -> pd.Series:
    """One for each of them whose day has passed."""
    return (rows["state"] == "overdue").astype("int64")
