"""Facts about commitments: what either side promised the other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_PROMISE: dict[str, Any] = {
    "table": "commitments",
    "on": "due_on",
    "unit": "count",
    "by": ("side",),
    "history": "register",
}
_OPEN: dict[str, Any] = {
    "table": "open_commitments",
    "on": "from_on",
    "until": "until_on",
    "unit": "count",
    "by": ("side",),
}


@flow(**_PROMISE, label=Words("到期承诺数", "commitments due"))
def promises_due(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment that fell due, or was done or dropped before."""
    return (rows["state"] != "open").astype("int64")


@flow(**_PROMISE, label=Words("按时兑现承诺数", "commitments kept"))
def promises_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment done by its day."""
    return (rows["state"] == "kept").astype("int64")


@flow(**_PROMISE, label=Words("逾期承诺数", "commitments late"))
def promises_late(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment done after its day, or overdue and not done."""
    return rows["state"].isin(["late", "overdue"]).astype("int64")


@flow(**_PROMISE, label=Words("撤销承诺数", "commitments dropped"))
def promises_dropped(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment that was dropped."""
    return (rows["state"] == "dropped").astype("int64")


@stock(**_OPEN, label=Words("未完成承诺数", "commitments open"))
def promises_open(rows: pd.DataFrame) -> pd.Series:
    """One for each commitment neither done nor dropped."""
    return rows["action_id"].notna().astype("int64")


@stock(**_OPEN, label=Words("已逾期的未完成承诺数", "commitments open and overdue"))
def promises_overdue(rows: pd.DataFrame) -> pd.Series:
    """One for each of them whose day has passed."""
    return (rows["state"] == "overdue").astype("int64")
