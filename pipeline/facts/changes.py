"""Facts about requirement changes: asked for, confirmed by both sides, delivered, and their effect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_CHANGE: dict[str, Any] = {"table": "requirement_changes", "history": "register"}
_ASKED: dict[str, Any] = {**_CHANGE, "on": "asked_on", "unit": "count"}
_DELIVERED: dict[str, Any] = {**_CHANGE, "on": "delivered_on"}
_OPEN: dict[str, Any] = {"table": "open_changes", "on": "from_on", "until": "until_on", "unit": "count"}


@flow(**_ASKED, label=Words("提出的变更数", "changes asked for"))
def changes_proposed(rows: pd.DataFrame) -> pd.Series:
    """One for each change asked for."""
    return rows["change_id"].notna().astype("int64")


@flow(**_ASKED, label=Words("双方已确认的变更数", "changes confirmed by both sides"))
def changes_agreed(rows: pd.DataFrame) -> pd.Series:
    """One for each change that both sides have confirmed."""
    return rows["is_confirmed"].astype("int64")


@flow(**_DELIVERED, unit="count", label=Words("已交付的变更数", "changes delivered"))
def changes_done(rows: pd.DataFrame) -> pd.Series:
    """One for each change delivered."""
    return rows["delivered_on"].notna().astype("int64")


@flow(**_DELIVERED, unit="money", label=Words("已交付变更的费用", "cost of changes delivered"))
def changes_charge(rows: pd.DataFrame) -> pd.Series:
    """What each delivered change costs, where it is stated."""
    return rows["effect_amount"].fillna(0)


@flow(**_DELIVERED, unit="count", label=Words("已说明费用的变更数", "changes with a stated cost"))
def changes_priced(rows: pd.DataFrame) -> pd.Series:
    """One for each delivered change whose cost is stated."""
    return rows["effect_amount"].notna().astype("int64")


@flow(**_DELIVERED, unit="days", label=Words("已交付变更的工期影响", "days added by changes delivered"))
def changes_delay(rows: pd.DataFrame) -> pd.Series:
    """The days that each delivered change added, where they are stated."""
    return rows["delay_days"].fillna(0)


@flow(**_DELIVERED, unit="count", label=Words("已说明工期影响的变更数", "changes with stated days"))
def changes_timed(rows: pd.DataFrame) -> pd.Series:
    """One for each delivered change whose effect on the schedule is stated."""
    return rows["delay_days"].notna().astype("int64")


@stock(**_OPEN, label=Words("未完成的变更数", "changes open"))
def changes_waiting(rows: pd.DataFrame) -> pd.Series:
    """One for each change neither delivered nor dropped."""
    return rows["change_id"].notna().astype("int64")


@stock(**_OPEN, label=Words("未经双方确认的未完成变更数", "changes open and not confirmed by both sides"))
def changes_doubtful(rows: pd.DataFrame) -> pd.Series:
    """One for each of them that one side or both have not confirmed."""
    return (~rows["is_confirmed"].astype(bool)).astype("int64")
