"""Facts about what customers could buy and do not, and who buys which product."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stated
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_GAP: dict[str, Any] = {"table": "whitespace", "on": "as_of_on", "has_product": True}
_SEGMENT: dict[str, Any] = {"table": "product_segments", "on": "as_of_on", "by": ("industry", "band")}


@flow(**_GAP, unit="money", label=Words("产品空白", "whitespace"))
def product_gap(rows: pd.DataFrame) -> pd.Series:
    """Potential less current of each product; a product that is only suggested has none."""
    return rows["whitespace_amount"].fillna(0)


@flow(**_GAP, unit="money", label=Words("按填报潜力推算的产品空白", "whitespace from stated potential"))
def product_gap_stated(rows: pd.DataFrame) -> pd.Series:
    """The whitespace of customers that state what they could spend."""
    return rows["whitespace_amount"].fillna(0).where(rows["size_source"] == "stated", 0)


@flow(**_GAP, unit="count", label=Words("推算笔数", "pairs judged by peers"))
def judged_by_peers(rows: pd.DataFrame) -> pd.Series:
    """One for each row that rests on peers; a customer without any cannot be judged."""
    return rows["whitespace_amount"].notna().astype("int64")


@flow(**_GAP, unit="count", label=Words("建议产品数", "products suggested"))
def suggestions(rows: pd.DataFrame) -> pd.Series:
    """One for each product that is suggested to a customer."""
    return rows["place"].notna().astype("int64")


@stated(**_SEGMENT, unit="count", label=Words("购买该产品的客户数", "customers that buy the product"))
def product_buyers(rows: pd.DataFrame) -> pd.Series:
    """How many customers of an industry and band bought the product in the active months."""
    return rows["buyers_count"]


@stated(**_SEGMENT, unit="count", label=Words("可购买客户数", "customers that could buy the product"))
def product_audience(rows: pd.DataFrame) -> pd.Series:
    """How many customers of an industry and band bought anything in the active months."""
    return rows["customers_count"]
