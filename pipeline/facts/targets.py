"""Facts about sales targets: what a subject should sell, spread over the days of each target."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stated
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_TARGETS: dict[str, Any] = {"table": "sales_targets", "on": "falls_on"}


@stated(**_TARGETS, unit="money", label=Words("销售目标", "sales target"))
def sales_target_amount(rows: pd.DataFrame) -> pd.Series:
    """The piece of a target that falls into the window, by days."""
    return rows["amount"]


@stated(**_TARGETS, unit="count", label=Words("有目标天数", "days with a target"))
def sales_target_days(rows: pd.DataFrame) -> pd.Series:
    """The days of the window for which there is a target."""
    return rows["days"]
