"""Markets and wallets: our part of an industry, and of what a customer spends."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_MARKET: dict[str, Any] = {
    "audience": "internal",
    "subjects": ("industry", "portfolio"),
    "windows": ("t12m", "year"),
}
_WALLET: dict[str, Any] = {"audience": "internal", "windows": ("month", "quarter", "t12m")}


@metric(
    **_MARKET,
    unit="share",
    better="higher",
    trend="year",
    label=Words("市场份额", "market share"),
    example=(
        Example({"sales_in_known_market": 24, "market_size": 1200, "net_sales": 24}, 0.02),
        Example({"sales_in_known_market": 24, "market_size": 0, "net_sales": 24}, reason="not_positive"),
    ),
)
def market_share(f: Any) -> Measure:
    """Our sales in an industry against the size of its market.

    我方在某行业的销售额占该行业市场规模的比例。

    Formula: sales in known markets ÷ size of the market | 市场已知的销售额 ÷ 市场规模

    Edge: the latest year known by the window's end counts, see the age of the figures; industries without a market figure are left out, and coverage says how much of our sales was in known markets. | 取窗口期末已知的最近年度数据，参见数据年数；没有市场数据的行业不计入，覆盖率为市场已知部分的销售占比。

    Source: usual practice; P. W. Farris et al., Marketing Metrics, ch. 2
    """
    made: Measure = ratio(f.sales_in_known_market, f.market_size)
    return replace(made, coverage=ratio(f.sales_in_known_market, f.net_sales).value)


@metric(
    **_MARKET,
    unit="money",
    better="none",
    trend="year",
    label=Words("市场规模", "size of the market"),
    example=Example({"market_size": 1200}, 1200),
)
def market_volume(f: Any) -> Quantity:
    """What an industry spends a year with firms like us, by the latest year known.

    某行业一年的市场规模，取最近已知年度。

    Formula: Σ market by region of the latest year known | Σ 各地区最近已知年度的市场规模

    Edge: converted at the rate of the window's last day. | 按期末汇率折算。

    Source: as stated in the market table
    """
    return f.market_size


@metric(
    **_MARKET,
    unit="ratio",
    better="lower",
    label=Words("市场数据年数", "age of the market figures, years"),
    example=Example({"market_age_total": 4, "market_figures": 2}, 2),
)
def market_data_age(f: Any) -> Measure:
    """How many years older than the window the figures of the market are, on the mean.

    市场数据平均比窗口期早多少年。

    Edge: zero for figures of the window's own year. | 数据为窗口当年时为零。

    Source: house definition
    """
    return ratio(f.market_age_total, f.market_figures)


@metric(
    **_WALLET,
    unit="share",
    better="higher",
    trend="t12m",
    subjects=EVERYONE,
    label=Words("钱包份额", "share of wallet"),
    example=(
        Example({"sales_with_potential": 300, "potential": 1200, "trailing(12).net_sales": 400}, 0.25),
        Example(
            {"sales_with_potential": 0, "potential": 0, "trailing(12).net_sales": 400}, reason="not_positive"
        ),
    ),
)
def share_of_wallet(f: Any) -> Measure:
    """Our sales of twelve months against what the accounts could spend a year with firms like us.

    十二个月销售额占客户同类年支出的比例。

    Formula: twelve months' sales with known potential ÷ potential a year | 潜力已知的十二个月销售额 ÷ 潜在年采购额

    Edge: accounts of unknown potential are left out on both sides, and coverage says how much of sales is in it; the potential is as stated today. | 潜力未知的客户两边都不计入，由覆盖率反映；潜力为当前填报值。

    Source: usual practice; P. W. Farris et al., Marketing Metrics, ch. 2
    """
    made: Measure = ratio(f.sales_with_potential, f.potential)
    return replace(made, coverage=ratio(f.sales_with_potential, f.trailing(12).net_sales).value)


@metric(
    **_WALLET,
    unit="share",
    better="higher",
    subjects=("account",),
    label=Words("钱包份额（按排名推算）", "share of wallet, by rank"),
    example=(
        Example({"potential_known": 0, "rank_share": 0.5}, 0.50),
        Example({"potential_known": 0, "rank_share": 0.3333}, 0.33, tolerance=0.005),
        Example({"potential_known": 0, "rank_share": 0.1667}, 0.17, tolerance=0.005),
        Example({"potential_known": 1, "rank_share": 0.5}, reason="no_data"),
        Example({"potential_known": 0, "rank_share": 0}, reason="input_missing"),
    ),
)
def share_of_wallet_by_rank(f: Any) -> Quantity:
    """Where it is not known what an account could spend: the share that our rank among its suppliers suggests.

    客户潜力未知时，按我方在其行业供应商中的排名推算的钱包份额。

    Formula: (1 − rank ÷ (n + 1)) × 2 ÷ n, with n suppliers | （1 − 排名 ÷（n + 1））× 2 ÷ n，n 为供应商数

    Edge: an estimate from our rank in the industry, never mixed with known wallets; none where the potential is known or no rank is stated. | 按行业排名估算，不与已知钱包份额混用；潜力已知或没有排名时不推算。

    Source: T. Keiningham et al., "Customer Loyalty Isn't Enough. Grow Your Share of Wallet", HBR 89 (2011)
    """
    unknown = ~(f.potential_known.or_zero().values > 0)
    share = f.rank_share.where(f.rank_share.values > 0, "input_missing")
    return share.where(unknown, "no_data")


@metric(
    **_WALLET,
    unit="count",
    better="lower",
    subjects=("account",),
    label=Words("排名数据年数", "age of the rank, years"),
    example=Example({"rank_age": 1, "rank_share": 0.5}, 1),
)
def rank_data_age(f: Any) -> Quantity:
    """How many years older than the window the rank is from which a wallet was estimated.

    用于推算钱包份额的排名数据比窗口期早多少年。

    Formula: year of the window − year of the rank | 窗口所在年 − 排名所属年度

    Edge: no rank, no age. | 没有排名则没有年数。

    Source: house definition
    """
    return f.rank_age.where(f.rank_share.values > 0, "no_data")
