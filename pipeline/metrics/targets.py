"""Targets: what should have been sold, and how much of it was."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import GROUPS, Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "audience": "internal",
    "subjects": GROUPS,
    "windows": ("month", "qtd", "quarter", "half", "ytd", "year"),
    "better": "higher",
}


@metric(
    **_SHARED,
    unit="money",
    label=Words("销售目标", "sales target"),
    example=(
        Example({"sales_target_amount": 3_000_000, "sales_target_days": 91, "days": 91}, 3_000_000),
        Example(
            {"sales_target_amount": 1_000_000, "sales_target_days": 31, "days": 91}, reason="low_coverage"
        ),
    ),
)
def sales_target(f: Any) -> Measure:
    """What should be sold in the window: the subject's own target, else what those below it should sell.

    期内应达到的销售额：先取本级目标，没有则由下级目标汇总。

    Formula: Σ targets of net sales, by days | Σ 净销售额目标（按天分摊）

    Edge: a window not covered by targets day by day has none; the target of a manager who leads managers contains theirs (policy) and is never added to them; after a change of owner an account's target goes by days. | 未被目标逐日覆盖的窗口没有目标；主管目标已含下属目标（由政策规定），不重复相加；客户换人时其目标按天划分。

    Source: house definition
    """
    return _whole(f)


def _whole(f: Any) -> Measure:
    """The target where every day of the window has one."""
    days = f.sales_target_days
    covered = days.or_zero().floats / f.days
    value = f.sales_target_amount.where(days.values == f.days, "low_coverage")
    return Measure(value, coverage=Quantity.of(covered))


@metric(
    **_SHARED,
    unit="share",
    trend="month",
    label=Words("销售目标达成率", "sales target attainment"),
    example=(
        Example(
            {"net_sales": 2_700_000, "sales_target_amount": 3_000_000, "sales_target_days": 91, "days": 91},
            0.9,
        ),
        Example(
            {"net_sales": 2_700_000, "sales_target_amount": 1_000_000, "sales_target_days": 31, "days": 91},
            reason="low_coverage",
        ),
    ),
)
def sales_attainment(f: Any) -> Measure:
    """Net sales against the target in force on each day.

    净销售额与当日有效目标之比。

    Formula: net sales ÷ sales target | 净销售额 ÷ 销售目标

    Edge: a window not covered by targets day by day has no figure; an unfinished month is measured against the days gone by. | 未被目标逐日覆盖的窗口不计算；未结束的月份按已过天数的目标计。

    Source: usual practice
    """
    aim = _whole(f)
    return replace(ratio(f.net_sales, aim.value), coverage=aim.coverage)
