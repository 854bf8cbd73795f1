"""Needs: whether somebody of ours looks after each need of a customer, until when, and how many are overdue."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_NEED: dict[str, Any] = {
    "audience": "internal",
    "subjects": EVERYONE,
    "breakdowns": ("", "kind"),
}
_OPEN: dict[str, Any] = {**_NEED, "windows": ("month", "quarter", "half", "year")}


@metric(
    **_NEED,
    windows=("month", "quarter", "half", "ytd", "year", "t12m"),
    unit="count",
    better="none",
    label=Words("新提出的需求数", "needs raised"),
    example=Example({"needs_noted": 3}, 3),
)
def needs_raised(f: Any) -> Quantity:
    """How many needs customers raised in the window.

    期内客户提出的需求数。

    Formula: needs raised | 新提出的需求数

    Edge: a need of which no day is noted falls on the as-of date. | 未注明提出日期的计入截止日。

    Source: house definition
    """
    return f.needs_noted


@metric(
    **_OPEN,
    unit="count",
    better="none",
    label=Words("未满足需求数", "needs open"),
    example=Example({"needs_unmet": 4}, 4),
)
def needs_open(f: Any) -> Quantity:
    """How many needs are neither met nor dropped on the as-of date, overdue ones included.

    截至截止日尚未满足也未撤销的需求数，含已逾期的。

    Formula: needs open | 未满足需求数

    Edge: it is not known when a need was met, so there is no figure for earlier windows. | 无法得知需求何时满足，因此没有更早窗口的数值。

    Source: house definition
    """
    return f.needs_unmet


@metric(
    **_OPEN,
    unit="share",
    better="higher",
    label=Words("需求有负责人比例", "needs with an owner, share"),
    example=(
        Example({"needs_owned": 3, "needs_unmet": 4}, 0.75),
        Example({"needs_owned": 0, "needs_unmet": 0}, reason="not_positive"),
    ),
)
def needs_owned_share(f: Any) -> Measure:
    """The share of open needs that somebody of ours looks after.

    未满足需求中已有我方负责人的比例。

    Edge: an owner who has left us does not count. | 负责人已离职的视为无人负责。

    Source: house definition
    """
    return ratio(f.needs_owned, f.needs_unmet, n=f.needs_unmet)


@metric(
    **_OPEN,
    unit="share",
    better="higher",
    label=Words("需求落实比例", "needs with owner, date and state, share"),
    example=Example({"needs_planned": 2, "needs_unmet": 4}, 0.5),
)
def needs_planned_share(f: Any) -> Measure:
    """The share of open needs with an owner of ours, a due date and a state.

    未满足需求中负责人、到期日与状态齐全的比例。

    Edge: nothing open gives no figure. | 没有未满足的需求则不计算。

    Source: house definition
    """
    return ratio(f.needs_planned, f.needs_unmet, n=f.needs_unmet)


@metric(
    **_OPEN,
    unit="share",
    better="lower",
    label=Words("需求逾期率", "open needs overdue, share"),
    example=Example({"needs_late": 1, "needs_unmet": 4}, 0.25),
)
def needs_overdue_share(f: Any) -> Measure:
    """The share of open needs whose due date has passed.

    未满足需求中已过到期日的比例。

    Edge: a need without a due date is never overdue; the share with owner, date and state tells of it. | 没有到期日的需求不算逾期，由“需求落实比例”反映。

    Source: house definition
    """
    return ratio(f.needs_late, f.needs_unmet, n=f.needs_unmet)
