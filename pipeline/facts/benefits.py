"""Facts about benefits: what a customer was given beside what it bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_GIVEN: dict[str, Any] = {"table": "value_added", "on": "given_on", "by": ("kind",), "history": "beside"}
_DUE: dict[str, Any] = {
    "table": "enablement",
    "on": "due_on",
    "unit": "count",
    "by": ("line",),
    "history": "beside",
}


@flow(**_GIVEN, unit="count", label=Words("增值服务次数", "benefits given"))
def benefits_handed(rows: pd.DataFrame) -> pd.Series:
    """One for each thing given."""
    return rows["kind"].notna().astype("int64")


@flow(**_GIVEN, unit="money", label=Words("增值服务价值", "worth of benefits"))
def benefits_value(rows: pd.DataFrame) -> pd.Series:
    """What is said to be the worth of each thing given; 0 where nothing is said, which `benefits_valued` tells."""
    return rows["worth_amount"].fillna(0)


@flow(**_GIVEN, unit="count", label=Words("已注明价值的增值服务次数", "benefits with a stated worth"))
def benefits_valued(rows: pd.DataFrame) -> pd.Series:
    """One for each thing given of which a worth is stated."""
    return rows["worth_amount"].notna().astype("int64")


@flow(**_DUE, label=Words("应提供次数", "benefits due"))
def enablement_due(rows: pd.DataFrame) -> pd.Series:
    """One for each thing whose window is over."""
    return (rows["state"] != "open").astype("int64")


@flow(**_DUE, label=Words("按时提供次数", "benefits given in time"))
def enablement_kept(rows: pd.DataFrame) -> pd.Series:
    """One for each thing that was given in its window."""
    return (rows["state"] == "kept").astype("int64")


@flow(**_DUE, label=Words("未提供次数", "benefits not given"))
def enablement_not_given(rows: pd.DataFrame) -> pd.Series:
    """One for each thing that was not given, not even late."""
    return (rows["state"] == "missed").astype("int64")


@stock(
    table="enablement", on="from_on", until="open_until_on", unit="count", by=("line",),
    label=Words("待提供次数", "benefits still to be given"),
)  # fmt: skip
def enablement_open(rows: pd.DataFrame) -> pd.Series:
    """One for each thing whose window is running and that has not been given."""
    return rows["line"].notna().astype("int64")
