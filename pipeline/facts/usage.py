"""Facts about the use of products: how much, by how many, and against what is usual for the account."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_MONTH: dict[str, Any] = {"table": "usage_months", "on": "month_on", "history": "beside"}
_ANY: dict[str, Any] = {**_MONTH, "by": ("module", "measure")}


@flow(**_MONTH, unit="quantity", only_by=("measure", "module"), label=Words("使用量", "use"))
def used_quantity(rows: pd.DataFrame) -> pd.Series:
    """How much was used in a month; not known in a month without a feed."""
    return rows["quantity"]


@flow(**_ANY, unit="quantity", label=Words("席位月数", "seat-months"))
def seat_months(rows: pd.DataFrame) -> pd.Series:
    """The seats of each month, where those in use are told, too; not known in a month without a feed."""
    counted = rows["seats"].where(rows["active_seats"].notna(), 0).where(rows["seats"].notna(), 0)
    return counted.where(rows["is_fed"]).astype("Int64")


@flow(**_ANY, unit="quantity", label=Words("活跃席位月数", "active seat-months"))
def active_seat_months(rows: pd.DataFrame) -> pd.Series:
    """The seats of them that were in use."""
    counted = rows["active_seats"].where(rows["seats"].notna(), 0).where(rows["active_seats"].notna(), 0)
    return counted.where(rows["is_fed"]).astype("Int64")


@flow(**_ANY, unit="share", label=Words("使用水平合计", "levels of use"))
def usage_levels(rows: pd.DataFrame) -> pd.Series:
    """The use of a month over what is usual; 0 where that is too young to be known, unknown without a feed."""
    return rows["level_share"].fillna(0).where(rows["is_fed"]).astype("Int64")


@flow(**_ANY, unit="count", label=Words("可比月数", "months that compare"))
def usage_compared(rows: pd.DataFrame) -> pd.Series:
    """One for each product's month that can be held against what is usual; unknown without a feed."""
    return rows["level_share"].notna().astype("Int64").where(rows["is_fed"])


@flow(**_ANY, unit="count", label=Words("应有数据的月数", "months expected"))
def usage_expected(rows: pd.DataFrame) -> pd.Series:
    """One for each product's month since the feed began."""
    return rows["is_fed"].notna().astype("int64")


@flow(**_ANY, unit="count", label=Words("有数据的月数", "months with a feed"))
def usage_fed(rows: pd.DataFrame) -> pd.Series:
    """One for each of them of which the feed told."""
    return rows["is_fed"].astype("int64")
