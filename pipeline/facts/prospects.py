"""Facts about deals that are still open."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_OPEN: dict[str, Any] = {"table": "open_deals", "on": "from_on", "until": "until_on", "by": ("stage", "kind")}


@stock(**_OPEN, unit="money", label=Words("在途商机金额", "value of open deals"))
def open_deals_amount(rows: pd.DataFrame) -> pd.Series:
    """The amount of each open deal that has one."""
    return rows["amount"].fillna(0)


@stock(**_OPEN, unit="count", label=Words("在途商机数", "open deals"))
def deals_open(rows: pd.DataFrame) -> pd.Series:
    """One for each open deal."""
    return rows["opportunity_id"].notna().astype("int64")


@stock(**_OPEN, unit="count", label=Words("已估值在途商机数", "open deals with an amount"))
def deals_open_valued(rows: pd.DataFrame) -> pd.Series:
    """One for each open deal that has an amount."""
    return rows["amount"].notna().astype("int64")
