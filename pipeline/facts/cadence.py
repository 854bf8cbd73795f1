"""Facts about touchpoints: what the service plan promised, and what became of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_DUE: dict[str, Any] = {
    "table": "touchpoints",
    "on": "due_on",
    "unit": "count",
    "by": ("line",),
    "history": "beside",
}


@flow(**_DUE, label=Words("应触达次数", "touchpoints due"))
def touchpoints_due(rows: pd.DataFrame) -> pd.Series:
    """One for each touchpoint whose window is over."""
    return (rows["state"] != "open").astype("int64")


@flow(**_DUE, label=Words("按时触达次数", "touchpoints kept"))
def touchpoints_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each touchpoint that was held in its window."""
    return (rows["state"] == "kept").astype("int64")


@flow(**_DUE, label=Words("延迟触达次数", "touchpoints held late"))
def touchpoints_made_up(rows: pd.DataFrame) -> pd.Series:
    """One for each touchpoint that was held soon after its window."""
    return (rows["state"] == "late").astype("int64")


@flow(**_DUE, label=Words("未触达次数", "touchpoints not held"))
def touchpoints_not_held(rows: pd.DataFrame) -> pd.Series:
    """One for each touchpoint that was missed, or called off and not made up for."""
    return rows["state"].isin(["missed", "cancelled"]).astype("int64")


@stock(
    table="touchpoints", on="from_on", until="open_until_on", unit="count", by=("line",),
    label=Words("待触达次数", "touchpoints still to be held"),
)  # fmt: skip
def touchpoints_open(rows: pd.DataFrame) -> pd.Series:
    """One for each touchpoint whose window is running and that has not been held."""
    return rows["line"].notna().astype("int64")


@flow(
    table="activities", on="held_on", unit="count", by=("kind",), history="beside",
    label=Words("活动次数", "activities held"),
)  # fmt: skip
def activities_held(rows: pd.DataFrame) -> pd.Series:
    """One for each activity that was neither only planned nor called off."""
    return (~rows["status"].isin(["planned", "cancelled"])).astype("int64")
