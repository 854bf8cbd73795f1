"""Deals: what was won, and how often."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, median, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {"audience": "internal", "trend": "month"}
_WITH_PRODUCT = (*EVERYONE, "product")


@metric(
    **_SHARED,
    label=Words("赢单金额", "value won"),
    unit="money",
    better="higher",
    subjects=_WITH_PRODUCT,
    breakdowns=("", "kind"),
    example=Example({"won_amount": 5000}, 5000),
)
def won_value(f: Any) -> Any:
    """The value of deals won, by the day they were closed.

    按结单日统计的赢单金额。

    Formula: value won | 赢单金额

    Edge: a deal without an amount adds nothing; each is converted at the rate of its closing day. | 没有金额的商机不增加数值；按结单日汇率折算。

    Source: usual practice
    """
    return f.won_amount


@metric(
    **_SHARED,
    label=Words("赢单数", "deals won"),
    unit="count",
    better="higher",
    subjects=_WITH_PRODUCT,
    example=Example({"deals_won": 7}, 7),
)
def won_count(f: Any) -> Any:
    """How many deals were won.

    赢单的数量。

    Formula: deals won | 赢单数

    Edge: a deal without a closing date is in no window. | 没有结单日期的商机不计入任何期间。

    Source: usual practice
    """
    return f.deals_won


@metric(
    **_SHARED,
    label=Words("输单数", "deals lost"),
    unit="count",
    better="lower",
    subjects=_WITH_PRODUCT,
    example=Example({"deals_lost": 3}, 3),
)
def lost_count(f: Any) -> Any:
    """How many deals were closed without being won.

    结单而未赢的数量。

    Formula: deals lost | 输单数

    Edge: deals that are still open are not lost. | 未结单的不算输单。

    Source: usual practice
    """
    return f.deals_lost


@metric(
    **_SHARED,
    label=Words("赢单率", "win rate"),
    unit="share",
    better="higher",
    subjects=_WITH_PRODUCT,
    example=Example({"deals_won": 4238, "deals_lost": 2473}, 0.6315005215, tolerance=1e-9),
)
def win_rate(f: Any) -> Measure:
    """The share of closed deals that were won.

    已结单中赢单的比例。

    Edge: open deals do not count. | 未结单的不计。

    Source: usual practice
    """
    return ratio(f.deals_won, f.deals_won + f.deals_lost, n=f.deals_won + f.deals_lost)


@metric(
    **_SHARED,
    label=Words("成交周期", "sales cycle"),
    unit="days",
    better="lower",
    example=Example({"days_to_close": [30, 40, 90]}, 40),
)
def sales_cycle(f: Any) -> Measure:
    """The days from opening to closing within which half of the deals won were won.

    一半赢单从立项到成交所用的天数。

    Formula: median of the days to close of deals won | 赢单成交天数的中位数

    Edge: of an even number the mean of the middle two; deals lost are left out. | 偶数个时取中间两个的平均；输单不计。

    Source: usual practice
    """
    return median(f.days_to_close)
