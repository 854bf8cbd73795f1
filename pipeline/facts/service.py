"""Facts about service: promised clocks, and how long things took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow, sample
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd


@flow(
    table="service_clocks",
    on="opened_on",
    unit="count",
    label=Words("到期时限数", "deadlines due"),
    by=("clock",),
)
def clocks_due(rows: pd.DataFrame) -> pd.Series:
    """One for each deadline that was kept or has passed."""
    return rows["is_due"].astype("int64")


@flow(
    table="service_clocks",
    on="opened_on",
    unit="count",
    label=Words("达成时限数", "deadlines met"),
    by=("clock",),
)
def clocks_met(rows: pd.DataFrame) -> pd.Series:
    """One for each deadline that was kept."""
    return (rows["is_due"] & rows["is_met"]).astype("int64")


@flow(table="service_clocks", on="opened_on", unit="count", label=Words("工单数", "cases"))
def cases_opened(rows: pd.DataFrame) -> pd.Series:
    """One for each case, however many clocks it has."""
    return (rows["clock"] == "resolution").astype("int64")


@sample(
    table="service_clocks",
    on="opened_on",
    unit="hours",
    label=Words("首次响应小时数", "hours to first reply"),
)
def first_reply_hours(rows: pd.DataFrame) -> pd.Series:
    """Hours to the first reply, without pauses; only cases that had one."""
    return rows["elapsed_hours"].where((rows["clock"] == "first_reply") & rows["is_stopped"])


@sample(
    table="service_clocks", on="opened_on", unit="hours", label=Words("解决小时数", "hours to resolution")
)
def resolution_hours(rows: pd.DataFrame) -> pd.Series:
    """Hours to resolution, without pauses; only cases that were resolved."""
    return rows["elapsed_hours"].where((rows["clock"] == "resolution") & rows["is_stopped"])


@sample(
    table="service_clocks",
    on="opened_on",
    unit="hours",
    label=Words("绿色通道响应小时数", "hours to first reply in the green channel"),
)
def green_reply_hours(rows: pd.DataFrame) -> pd.Series:
    """Hours to the first reply of cases in the green channel, without pauses; only cases that had one."""
    return rows["elapsed_hours"].where((rows["clock"] == "green_channel") & rows["is_stopped"])
