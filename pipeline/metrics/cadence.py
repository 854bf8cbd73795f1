"""Cadence: whether customers were met as often as the service plan promised."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import CUSTOMERS, EVERYONE, Example, metric
from pipeline.words import Words

_PLAN: dict[str, Any] = {
    "audience": "internal",
    "subjects": CUSTOMERS,
    "windows": ("month", "quarter", "half", "ytd", "year"),
    "breakdowns": ("", "line"),
}


@metric(
    **_PLAN,
    unit="share",
    better="higher",
    trend="month",
    label=Words("服务节奏达成率", "cadence compliance"),
    example=(
        Example({"touchpoints_kept": 7, "touchpoints_due": 8}, 0.875),
        Example({"touchpoints_kept": 0, "touchpoints_due": 0}, reason="not_positive"),
    ),
)
def cadence_compliance(f: Any) -> Measure:
    """The share of touchpoints promised by the service plan that were held in their window, by line of the plan.

    服务计划承诺的触达中在规定窗口内完成的比例，按计划条目划分。

    Edge: a touchpoint falls on the last day of its window; held soon after it is late, not kept; called off counts as missed unless it was held in time after all; one activity keeps one window. | 触达计入其窗口的最后一日；稍后补做为延迟，不算按时；取消且未在窗口内补做视为未触达；一次活动只满足一个窗口。

    Source: house definition (policy/service_plan.toml); earliest-deadline-first matching (Jackson 1955)
    """
    return ratio(f.touchpoints_kept, f.touchpoints_due, n=f.touchpoints_due)


@metric(
    **_PLAN,
    unit="count",
    better="lower",
    label=Words("延迟触达次数", "touchpoints held late"),
    example=Example({"touchpoints_made_up": 2}, 2),
)
def touchpoints_late(f: Any) -> Quantity:
    """How many touchpoints were held after their window, within the days of grace.

    窗口结束后、宽限期内补做的触达次数。

    Formula: touchpoints held late | 延迟触达次数

    Edge: they fall on the last day of their window, not on the day they were held. | 计入其窗口的最后一日，而非补做当日。

    Source: house definition (policy/service_plan.toml)
    """
    return f.touchpoints_made_up


@metric(
    **_PLAN,
    unit="count",
    better="lower",
    label=Words("未触达次数", "touchpoints missed"),
    example=Example({"touchpoints_not_held": 1}, 1),
)
def touchpoints_missed(f: Any) -> Quantity:
    """How many touchpoints were not held at all, or called off and not made up for.

    完全未做，或取消且未补做的触达次数。

    Formula: touchpoints not held | 未触达次数

    Edge: windows before the first activity of the export are left out. | 活动记录开始之前的窗口不计。

    Source: house definition (policy/service_plan.toml)
    """
    return f.touchpoints_not_held


@metric(
    **_PLAN,
    unit="count",
    better="none",
    label=Words("待触达次数", "touchpoints still to be held"),
    example=Example({"touchpoints_open": 3}, 3),
)
def touchpoints_to_come(f: Any) -> Quantity:
    """How many touchpoints are due in a window that is running on the last day and have not been held yet.

    期末窗口仍在进行、尚未完成的触达次数。

    Formula: touchpoints still to be held | 待触达次数

    Edge: the table of touchpoints has the day by which each is due. | 每次触达的最晚日期见触达明细表。

    Source: house definition (policy/service_plan.toml)
    """
    return f.touchpoints_open


@metric(
    audience="internal",
    subjects=EVERYONE,
    windows=("month", "quarter", "ytd", "year"),
    breakdowns=("", "kind"),
    unit="count",
    better="none",
    label=Words("客户活动次数", "activities held"),
    example=Example({"activities_held": 14}, 14),
)
def activities(f: Any) -> Quantity:
    """How many visits, reviews, trainings and other activities were held.

    拜访、评审、培训等活动的次数。

    Formula: activities held | 活动次数

    Edge: planned and cancelled ones do not count. | 计划中与已取消的不计。

    Source: usual practice
    """
    return f.activities_held
