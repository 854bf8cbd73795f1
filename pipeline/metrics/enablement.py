"""Enablement: whether customers were given what the service plan promises to give."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import CUSTOMERS, Example, metric
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
    label=Words("增值服务兑现率", "enablement given, share"),
    example=(
        Example({"enablement_kept": 3, "enablement_due": 4}, 0.75),
        Example({"enablement_kept": 0, "enablement_due": 0}, reason="not_positive"),
    ),
)
def enablement_compliance(f: Any) -> Measure:
    """The share of insight issues, trainings and other benefits due by the service plan that were given in their window.

    服务计划承诺的行业洞察、培训等增值服务中在规定窗口内提供的比例。

    Edge: given soon after its window is late, not kept; one thing given keeps one window; windows before the first benefit of the export are left out. | 窗口结束后补上的为延迟，不算兑现；一次服务只满足一个窗口；记录开始之前的窗口不计。

    Source: house definition (policy/service_plan.toml)
    """
    return ratio(f.enablement_kept, f.enablement_due, n=f.enablement_due)


@metric(
    **_PLAN,
    unit="count",
    better="lower",
    label=Words("未提供的增值服务次数", "enablement missed"),
    example=Example({"enablement_not_given": 2}, 2),
)
def enablement_missed(f: Any) -> Quantity:
    """How many things that the service plan promises were not given, not even late.

    服务计划承诺而未提供（也未补上）的增值服务次数。

    Formula: benefits not given | 未提供次数

    Edge: a thing falls on the last day of its window. | 计入其窗口的最后一日。

    Source: house definition (policy/service_plan.toml)
    """
    return f.enablement_not_given


@metric(
    **_PLAN,
    unit="count",
    better="none",
    label=Words("待提供的增值服务次数", "enablement still to be given"),
    example=Example({"enablement_open": 1}, 1),
)
def enablement_to_come(f: Any) -> Quantity:
    """How many things are due in a window that is running on the last day and have not been given yet.

    期末窗口仍在进行、尚未提供的增值服务次数。

    Formula: benefits still to be given | 待提供次数

    Edge: the table of enablement has the day by which each is due. | 每次服务的最晚日期见增值服务明细表。

    Source: house definition (policy/service_plan.toml)
    """
    return f.enablement_open
