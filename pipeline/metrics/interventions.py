"""Rescues: what was offered to customers at risk, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.metrics.voice import wilson
from pipeline.words import Words

_INTERNAL: dict[str, Any] = {"audience": "internal", "subjects": EVERYONE, "breakdowns": ("", "risk")}
_NOW: dict[str, Any] = {**_INTERNAL, "windows": ("month", "quarter", "half", "year")}


@metric(
    **_INTERNAL,
    label=Words("启动的挽留次数", "rescues begun"),
    unit="count",
    better="none",
    example=Example({"rescues_begun": 2}, 2),
)
def interventions_begun(f: Any) -> Quantity:
    """How many times something was offered in the window to keep a customer at risk.

    期内针对风险客户启动的挽留次数。

    Formula: rescues begun | 启动的挽留次数

    Edge: each counts in the window in which it began, whatever came of it; two for one customer are two. | 计入启动当期，不论结果；同一客户两次挽留计为两次。

    Source: house definition
    """
    return f.rescues_begun


@metric(
    **_NOW,
    label=Words("进行中的挽留数", "rescues under way"),
    unit="count",
    better="none",
    example=Example({"rescues_running": 3}, 3),
)
def interventions_open(f: Any) -> Quantity:
    """How many rescues are under way on the last day of the window.

    期末仍在进行的挽留数。

    Formula: rescues under way | 进行中的挽留数

    Edge: one without a closing day is still under way, however long ago it began. | 未填写结束日期的视为仍在进行，不论启动多久。

    Source: house definition
    """
    return f.rescues_running


@metric(
    **_INTERNAL,
    label=Words("挽留成功率", "customers kept, share"),
    unit="share",
    better="higher",
    example=(
        Example({"rescues_kept": 3, "rescues_lost": 1}, 0.75, low=0.301, high=0.954, tolerance=0.0005),
        Example({"rescues_kept": 0, "rescues_lost": 0}, reason="not_positive"),
    ),
)
def intervention_success(f: Any) -> Measure:
    """The share of rescues that ended in the window with the customer kept, with its 95 % interval.

    期内结束的挽留中保住客户的比例，附95%置信区间。

    Formula: customers kept ÷ (customers kept + customers lost after a rescue) | 保住的客户数 ÷（保住的客户数 + 流失的客户数）

    Edge: rescues under way are left out; whether a customer would have stayed anyway nobody knows. | 进行中的不计；客户是否本来就会留下无从得知。

    Source: house definition; interval by E. B. Wilson, JASA 22 (1927)
    """
    ended = f.rescues_kept + f.rescues_lost
    low, high = wilson(f.rescues_kept, ended)
    made: Measure = ratio(f.rescues_kept, ended, n=ended)
    return replace(made, low=low, high=high)


@metric(
    **_INTERNAL,
    label=Words("挽留投入", "cost of rescues"),
    unit="money",
    better="none",
    example=Example({"rescue_cost": 86_000}, 86_000),
)
def intervention_cost(f: Any) -> Quantity:
    """What was spent on rescues that began in the window.

    期内启动的挽留所花费的金额。

    Formula: cost of rescues | 挽留投入

    Edge: rescues without a stated cost add nothing. | 未说明费用的挽留不计。

    Source: house definition
    """
    return f.rescue_cost


@metric(
    **_INTERNAL,
    label=Words("保住的业务金额", "revenue protected"),
    unit="money",
    better="higher",
    example=Example({"kept_sales": 7_600_000}, 7_600_000),
)
def revenue_protected(f: Any) -> Quantity:
    """What was at stake of the customers that were kept by rescues which ended in the window.

    期内结束且保住客户的挽留中，当初面临风险的业务金额。

    Formula: business kept | 保住的业务金额

    Edge: a claim of what was at stake, not of what would have been lost. | 这是当初面临风险的金额，不等于本会损失的金额。

    Source: house definition
    """
    return f.kept_sales
