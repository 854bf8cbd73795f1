"""Facts about how recently customers bought."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_RECENCY: dict[str, Any] = {"table": "recencies", "on": "from_on", "until": "until_on"}


@stock(**_RECENCY, unit="days", label=Words("距最近采购天数", "days since the last order"))
def days_since_order(rows: pd.DataFrame) -> pd.Series:
    """How many days ago the customer last bought."""
    return rows["days"]


@stock(**_RECENCY, unit="count", label=Words("曾采购客户数", "customers that ever bought"))
def ever_bought(rows: pd.DataFrame) -> pd.Series:
    """One for a customer that had bought by then."""
    return rows["days"].notna().astype("int64")
