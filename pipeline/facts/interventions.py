"""Facts about rescues: what was offered to keep a customer, what it cost, and how it ended."""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.facts import flow, stock
from pipeline.words import Words

_RESCUE: dict[str, Any] = {"table": "interventions", "history": "register"}
_BEGUN: dict[str, Any] = {**_RESCUE, "on": "opened_on", "by": ("risk",)}
_ENDED: dict[str, Any] = {**_RESCUE, "on": "closed_on", "by": ("risk",)}
_KEPT, _LOST = "kept", "lost"


@flow(**_BEGUN, unit="count", label=Words("启动的挽留次数", "rescues begun"))
def rescues_begun(rows: pd.DataFrame) -> pd.Series:
    """One for each rescue, on the day on which it began."""
    return rows["opened_on"].notna().astype("int64")


@stock(
    **_RESCUE,
    on="opened_on",
    until="closed_on",
    unit="count",
    by=("risk",),
    label=Words("进行中的挽留数", "rescues under way"),
)
def rescues_running(rows: pd.DataFrame) -> pd.Series:
    """One for each rescue from the day on which it began until it ended."""
    return rows["opened_on"].notna().astype("int64")


@flow(**_BEGUN, unit="money", label=Words("挽留投入", "cost of rescues"))
def rescue_cost(rows: pd.DataFrame) -> pd.Series:
    """What was spent on each rescue, where it is stated."""
    return rows["cost_amount"].fillna(0)


@flow(**_ENDED, unit="count", label=Words("保住的客户数", "customers kept"))
def rescues_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each rescue that ended with the customer kept."""
    return _ended(rows, _KEPT).astype("int64")


@flow(**_ENDED, unit="count", label=Words("流失的客户数", "customers lost after a rescue"))
def rescues_lost(rows: pd.DataFrame) -> pd.Series:
    """One for each rescue that ended with the customer lost."""
    return _ended(rows, _LOST).astype("int64")


@flow(**_ENDED, unit="money", label=Words("保住的业务金额", "business kept"))
def kept_sales(rows: pd.DataFrame) -> pd.Series:
    """What was at stake of customers that were kept; not known where it is not stated."""
    return rows["revenue_at_stake_amount"].where(_ended(rows, _KEPT), 0)


def _ended(rows: pd.DataFrame, outcome: str) -> pd.Series:
    return rows["closed_on"].notna() & (rows["outcome"].fillna("").str.lower() == outcome)
