"""Facts about markets and wallets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact, stated, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_MARKET: dict[str, Any] = {"table": "market_sizes", "on": "from_on", "until": "until_on"}
_POSITION: dict[str, Any] = {"table": "market_positions", "on": "from_on", "until": "until_on"}


@stated(**_MARKET, unit="money", label=Words("市场规模", "size of the market"))
def market_size(rows: pd.DataFrame) -> pd.Series:
    """The market of the industry in the latest year that is known."""
    return rows["market_amount"]


@stated(**_MARKET, unit="count", label=Words("市场数据年数之和", "years of age of the market figures"))
def market_age_total(rows: pd.DataFrame) -> pd.Series:
    """How many years older than the window each figure of the market is, added up over them."""
    return rows["age_years"]


@stated(**_MARKET, unit="count", label=Words("市场数据条数", "figures of the market"))
def market_figures(rows: pd.DataFrame) -> pd.Series:
    """One for each figure that the size of the market is made of."""
    return rows["age_years"].notna().astype("int64")


@stock(**_POSITION, unit="count", label=Words("所在市场已知的账户数", "accounts whose market is known"))
def in_known_market(rows: pd.DataFrame) -> pd.Series:
    """One for an account in an industry whose market is known."""
    return rows["age_years"].notna().astype("int64")


@stock(**_POSITION, unit="share", label=Words("按排名推算的份额", "share suggested by our rank"))
def rank_share(rows: pd.DataFrame) -> pd.Series:
    """The share of an account's wallet that our rank among its industry's suppliers suggests."""
    return rows["rank_share"].fillna(0)


@stock(**_POSITION, unit="count", label=Words("排名数据年数", "years of age of the rank"))
def rank_age(rows: pd.DataFrame) -> pd.Series:
    """How many years older than the window the rank is."""
    return rows["age_years"].where(rows["rank_share"].notna(), 0)


@stock(
    table="account_levels",
    on="from_on",
    until="until_on",
    unit="count",
    label=Words("潜力已知的账户数", "accounts of known potential"),
)
def potential_known(rows: pd.DataFrame) -> pd.Series:
    """One for an account of which is known what it could spend."""
    return ((rows["level"] == "potential") & (rows["value"] > 0)).astype("int64")


@account_fact(member="account", unit="money", label=Words("市场已知的销售额", "sales in known markets"))
def sales_in_known_market(f: Any) -> Quantity:
    """An account's sales where the market of its industry is known."""
    known: Quantity = f.in_known_market.or_zero()
    return f.net_sales.where(known.values > 0)


@account_fact(
    member="account",
    unit="money",
    label=Words("潜力已知的十二个月销售额", "twelve months' sales with known potential"),
)
def sales_with_potential(f: Any) -> Quantity:
    """An account's sales of twelve months where it is known what it could spend."""
    known: Quantity = f.potential_known.or_zero()
    return f.trailing(12).net_sales.where(known.values > 0)
