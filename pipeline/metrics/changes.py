"""Requirement changes: whether both sides confirmed what was asked for, and what it did to cost and dates."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_CHANGE: dict[str, Any] = {
    "audience": "client",
    "subjects": EVERYONE,
    "windows": ("month", "quarter", "half", "ytd", "year"),
}
_OPEN: dict[str, Any] = {**_CHANGE, "windows": ("month", "quarter", "half", "year")}


@metric(
    **_CHANGE,
    unit="count",
    better="none",
    label=Words("提出的变更数", "changes asked for"),
    example=Example({"changes_proposed": 3}, 3),
)
def changes_asked(f: Any) -> Quantity:
    """How many requirement changes were asked for in the window.

    期内提出的需求变更数。

    Formula: changes asked for | 提出的变更数

    Edge: changes dropped later count; those without a day are left out. | 之后取消的变更仍计入；没有提出日期的不计。

    Source: house definition
    """
    return f.changes_proposed


@metric(
    **_CHANGE,
    unit="share",
    better="higher",
    label=Words("变更双方确认率", "changes confirmed by both sides, share"),
    example=(
        Example({"changes_agreed": 2, "changes_proposed": 3}, 2 / 3),
        Example({"changes_agreed": 0, "changes_proposed": 0}, reason="not_positive"),
    ),
)
def changes_confirmed_share(f: Any) -> Measure:
    """The share of the requirement changes asked for in the window that both sides have confirmed in writing.

    期内提出的需求变更中双方均已书面确认的比例。

    Edge: confirmed after the as-of date does not count yet; a change that was dropped unconfirmed counts as not confirmed. | 截止日之后的确认不计；未经确认而取消的变更算作未确认。

    Source: house definition
    """
    return ratio(f.changes_agreed, f.changes_proposed, n=f.changes_proposed)


@metric(
    **_CHANGE,
    unit="count",
    better="none",
    label=Words("已交付的变更数", "changes delivered"),
    example=Example({"changes_done": 2}, 2),
)
def changes_delivered(f: Any) -> Quantity:
    """How many requirement changes were delivered in the window, whenever they were asked for.

    期内交付的需求变更数，不论何时提出。

    Formula: changes delivered | 已交付的变更数

    Edge: what was delivered after the as-of date is not known yet. | 截止日之后交付的尚不可知。

    Source: house definition
    """
    return f.changes_done


@metric(
    **_CHANGE,
    unit="money",
    better="none",
    label=Words("变更费用", "cost of changes"),
    example=(
        Example({"changes_charge": 64_000, "changes_priced": 1, "changes_done": 2}, 64_000),
        Example({"changes_charge": 0, "changes_priced": 0, "changes_done": 1}, reason="input_missing"),
        Example({"changes_charge": 0, "changes_priced": 0, "changes_done": 0}, reason="no_data"),
    ),
)
def change_cost(f: Any) -> Measure:
    """What the requirement changes delivered in the window cost.

    期内交付的需求变更的费用合计。

    Formula: Σ cost of the changes delivered | Σ 已交付变更的费用

    Edge: changes without a stated cost are left out, and coverage says how many have one; none delivered gives no figure. | 未说明费用的变更不计，由覆盖率反映；没有交付变更则不计算。

    Source: house definition
    """
    some = f.changes_charge.where(f.changes_done.floats > 0, "no_data")
    known = (f.changes_priced > 0) | ~(f.changes_done > 0)
    return Measure(
        some.where(known, "input_missing"),
        n=f.changes_done,
        coverage=ratio(f.changes_priced, f.changes_done).value,
    )


@metric(
    **_CHANGE,
    unit="days",
    better="lower",
    label=Words("变更平均延期", "days added by a change, mean"),
    example=(
        Example({"changes_delay": 9, "changes_timed": 2}, 4.5),
        Example({"changes_delay": 0, "changes_timed": 0}, reason="not_positive"),
    ),
)
def change_delay(f: Any) -> Measure:
    """How many days a requirement change delivered in the window added to the schedule, on average.

    期内交付的需求变更平均使工期延长的天数。

    Edge: changes without stated days are left out. | 未说明工期影响的变更不计。

    Source: house definition
    """
    return ratio(f.changes_delay, f.changes_timed, n=f.changes_timed)


@metric(
    **_OPEN,
    unit="count",
    better="none",
    label=Words("未完成的变更数", "changes open"),
    example=Example({"changes_waiting": 3}, 3),
)
def changes_open(f: Any) -> Quantity:
    """How many requirement changes are neither delivered nor dropped on the as-of date.

    截至截止日既未交付也未取消的需求变更数。

    Formula: changes open | 未完成的变更数

    Edge: since when a dropped change was no longer open is not recorded, so there is no figure for earlier windows. | 取消的变更何时终止没有记录，因此没有更早窗口的数值。

    Source: house definition
    """
    return f.changes_waiting


@metric(
    **_OPEN,
    unit="share",
    better="lower",
    label=Words("变更未确认率", "open changes not confirmed, share"),
    example=(
        Example({"changes_doubtful": 3, "changes_waiting": 4}, 0.75),
        Example({"changes_doubtful": 0, "changes_waiting": 0}, reason="not_positive"),
    ),
)
def changes_unconfirmed_share(f: Any) -> Measure:
    """The share of the open requirement changes that one side or both have not confirmed in writing.

    未完成的需求变更中尚未经双方书面确认的比例。

    Edge: nothing open gives no figure. | 没有未完成的变更则不计算。

    Source: house definition
    """
    return ratio(f.changes_doubtful, f.changes_waiting, n=f.changes_waiting)
