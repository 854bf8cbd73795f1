"""Prospects: what is in the pipeline now, and deals by kind of business."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_NOW: dict[str, Any] = {
    "better": "higher",
    "audience": "internal",
    "windows": ("month", "quarter"),
    "breakdowns": ("", "stage", "kind"),
}
_CLOSED: dict[str, Any] = {
    "audience": "internal",
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
    "breakdowns": ("kind",),
}


@metric(
    **_NOW,
    unit="money",
    label=Words("在途商机金额", "open pipeline value"),
    example=(
        Example({"open_deals_amount": 900, "deals_open": 4, "deals_open_valued": 3}, 900),
        Example({"open_deals_amount": 0, "deals_open": 4, "deals_open_valued": 0}, reason="input_missing"),
    ),
)
def open_pipeline_value(f: Any) -> Measure:
    """The amounts of the deals that are open on the as-of date, by stage and by kind.

    截至截止日仍在途的商机金额，按阶段与业务类型划分。

    Formula: value of open deals | 在途商机金额

    Edge: deals without an amount are left out, and coverage says how many have one; only today's stage is known, so there is no trend. | 无金额的商机不计入，覆盖率为有金额的占比；阶段只有当前状态，因此没有趋势。

    Source: usual practice
    """
    known = (f.deals_open_valued > 0) | ~(f.deals_open > 0)
    value = f.open_deals_amount.where(known, "input_missing")
    return Measure(value, n=f.deals_open, coverage=ratio(f.deals_open_valued, f.deals_open).value)


@metric(
    **_NOW,
    unit="count",
    label=Words("在途商机数", "open deals"),
    example=Example({"deals_open": 4}, 4),
)
def open_deals_count(f: Any) -> Quantity:
    """How many deals are open on the as-of date, by stage and by kind.

    截至截止日仍在途的商机数，按阶段与业务类型划分。

    Formula: open deals | 在途商机数

    Edge: a deal with an outcome but no closing date counts as closed. | 有结果但无结单日的商机视为已结单。

    Source: usual practice
    """
    return f.deals_open


@metric(
    **_CLOSED,
    unit="count",
    better="higher",
    label=Words("分类赢单数", "deals won by kind"),
    example=Example({"deals_won": 3}, 3),
)
def won_count_by_kind(f: Any) -> Quantity:
    """How many deals were won, by kind: new, cross-sell, up-sell, renewal.

    按业务类型（新签、交叉销售、增购、续约）统计的赢单数。

    Formula: deals won of the kind | 该类型的赢单数

    Edge: a deal without a kind is in the whole and in no kind. | 没有类型的商机只计入总数。

    Source: usual practice
    """
    return f.deals_won


@metric(
    **_CLOSED,
    unit="share",
    better="higher",
    label=Words("分类赢单率", "win rate by kind"),
    example=Example({"deals_won": 3, "deals_lost": 1}, 0.75),
)
def win_rate_by_kind(f: Any) -> Measure:
    """The share of closed deals that were won, by kind.

    按业务类型统计的已结单中赢单的比例。

    Edge: open deals do not count; with few deals the figure moves in large steps. | 未结单的不计；商机很少时数值跳动大。

    Source: usual practice
    """
    return ratio(f.deals_won, f.deals_won + f.deals_lost, n=f.deals_won + f.deals_lost)
