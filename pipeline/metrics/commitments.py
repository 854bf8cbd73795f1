"""Commitments: whether either side kept its promises to the other."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_PROMISE: dict[str, Any] = {
    "audience": "client",
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "ytd", "year"),
    "breakdowns": ("", "side"),
}


@metric(
    **_PROMISE,
    unit="share",
    better="higher",
    label=Words("承诺兑现率", "commitments kept, share"),
    example=(
        Example({"promises_kept": 6, "promises_due": 8}, 0.75),
        Example({"promises_kept": 0, "promises_due": 0}, reason="not_positive"),
    ),
)
def commitments_kept_share(f: Any) -> Measure:
    """The share of commitments that fell due in the window and were done by their day, for each side.

    期内到期的承诺中按时兑现的比例，双方分别统计。

    Edge: late, overdue and dropped ones count as not kept; only commitments that both sides see. | 延迟、逾期与撤销均不算兑现；仅统计双方可见的承诺。

    Source: house definition
    """
    return ratio(f.promises_kept, f.promises_due, n=f.promises_due)


@metric(
    **_PROMISE,
    unit="count",
    better="higher",
    label=Words("按时兑现承诺数", "commitments kept"),
    example=Example({"promises_kept": 6}, 6),
)
def commitments_kept(f: Any) -> Quantity:
    """How many commitments due in the window were done by their day.

    期内到期并按时兑现的承诺数。

    Formula: commitments kept | 按时兑现承诺数

    Edge: done on the day itself is in time; only commitments that both sides see. | 到期当日完成为按时；仅统计双方可见的承诺。

    Source: house definition
    """
    return f.promises_kept


@metric(
    **_PROMISE,
    unit="count",
    better="lower",
    label=Words("逾期承诺数", "commitments late"),
    example=Example({"promises_late": 1}, 1),
)
def commitments_late(f: Any) -> Quantity:
    """How many commitments due in the window were done after their day, or are still not done.

    期内到期而延迟完成或仍未完成的承诺数。

    Formula: commitments late | 逾期承诺数

    Edge: dropped ones are not late; only commitments that both sides see. | 撤销的不算逾期；仅统计双方可见的承诺。

    Source: house definition
    """
    return f.promises_late


@metric(
    **_PROMISE,
    unit="count",
    better="lower",
    label=Words("撤销承诺数", "commitments dropped"),
    example=Example({"promises_dropped": 1}, 1),
)
def commitments_dropped(f: Any) -> Quantity:
    """How many commitments due in the window were dropped.

    期内到期而撤销的承诺数。

    Formula: commitments dropped | 撤销承诺数

    Edge: one dropped before its day falls on that day all the same. | 提前撤销的仍计入其到期日。

    Source: house definition
    """
    return f.promises_dropped


@metric(
    **{**_PROMISE, "windows": ("month", "quarter", "half", "year")},
    unit="count",
    better="none",
    label=Words("未完成承诺数", "commitments open"),
    example=Example({"promises_open": 4}, 4),
)
def commitments_open(f: Any) -> Quantity:
    """How many commitments are neither done nor dropped on the as-of date, overdue ones included.

    截至截止日尚未完成也未撤销的承诺数，含已逾期的。

    Formula: commitments open | 未完成承诺数

    Edge: it is not known since when a commitment exists, so there is no figure for earlier windows. | 无法得知承诺何时作出，因此没有更早窗口的数值。

    Source: house definition
    """
    return f.promises_open


@metric(
    **{**_PROMISE, "windows": ("month", "quarter", "half", "year")},
    unit="share",
    better="lower",
    label=Words("承诺逾期率", "open commitments overdue, share"),
    example=(
        Example({"promises_overdue": 1, "promises_open": 4}, 0.25),
        Example({"promises_overdue": 0, "promises_open": 0}, reason="not_positive"),
    ),
)
def commitments_overdue_share(f: Any) -> Measure:
    """The share of the commitments still open on the as-of date whose day has passed, for each side.

    截至截止日仍未完成的承诺中已过到期日的比例，双方分别统计。

    Edge: nothing open gives no figure. | 没有未完成的承诺则不计算。

    Source: house definition
    """
    return ratio(f.promises_overdue, f.promises_open, n=f.promises_open)
