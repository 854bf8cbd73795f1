"""Facts about first deliveries: whether the first order of a new relationship came on time, or early."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_FIRST: dict[str, Any] = {"table": "first_deliveries", "on": "due_on", "unit": "count", "history": "register"}


@flow(**_FIRST, label=Words("到期首单数", "first orders due"))
def first_orders_due(rows: pd.DataFrame) -> pd.Series:
    """One for each first order whose promised day has come."""
    return rows["is_due"].astype("int64")


@flow(**_FIRST, label=Words("准时首单数", "first orders on time"))
def first_orders_on_time(rows: pd.DataFrame) -> pd.Series:
    """One for each first order that came on the day promised first, or before."""
    return (rows["is_due"] & rows["is_on_time"]).astype("int64")


@flow(**_FIRST, label=Words("提前首单数", "first orders early"))
def first_orders_early(rows: pd.DataFrame) -> pd.Series:
    """One for each first order that came at least a day before."""
    return (rows["is_due"] & rows["is_early"]).astype("int64")
