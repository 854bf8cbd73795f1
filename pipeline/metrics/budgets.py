"""Budget against actual: what was planned for the window, and what came of it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "subjects": ("manager", "team", "region", "portfolio"),
    "windows": ("month", "qtd", "quarter", "half", "ytd", "year"),
}
_QUARTER = {"days": 91}


def _whole(f: Any, amount: Quantity, days: Quantity) -> Measure:
    """The budget where every day of the window has one."""
    covered = days.or_zero().floats / f.days
    value = amount.where(days.values == f.days, "low_coverage")
    return Measure(value, coverage=Quantity.of(covered))


def _sales(f: Any) -> Measure:
    return _whole(f, f.sales_budget_amount, f.sales_budget_days)


def _cost(f: Any) -> Measure:
    return _whole(f, f.cost_budget_amount, f.cost_budget_days)


@metric(
    **_SHARED,
    audience="internal",
    unit="money",
    better="none",
    label=Words("销售预算", "sales budget"),
    example=(
        Example({"sales_budget_amount": 900_000, "sales_budget_days": 91, **_QUARTER}, 900_000),
        Example({"sales_budget_amount": 300_000, "sales_budget_days": 31, **_QUARTER}, reason="low_coverage"),
    ),
)
def sales_budget(f: Any) -> Measure:
    """What was budgeted to be sold in the window: the subject's own budget, else that of those below it.

    期内预算的销售额：先取本级预算，没有则由下级预算汇总。

    Formula: Σ budgets of sales, by days | Σ 销售预算（按天分摊）

    Edge: a window without a budget for every day has none; a lead's budget does not contain those of others; a region has only a budget of its own; after a change of owner or team budgets go by days. | 未被预算逐日覆盖的窗口没有预算；主管的预算不含下属预算；区域只取其自身的预算；客户换人或人员调组时预算按天划分。

    Source: house definition
    """
    return _sales(f)


@metric(
    **_SHARED,
    audience="internal",
    unit="money",
    better="higher",
    label=Words("销售预算差异", "sales against budget"),
    example=(
        Example(
            {"net_sales": 810_000, "sales_budget_amount": 900_000, "sales_budget_days": 91, **_QUARTER},
            -90_000,
        ),
        Example(
            {"net_sales": 810_000, "sales_budget_amount": 300_000, "sales_budget_days": 31, **_QUARTER},
            reason="low_coverage",
        ),
    ),
)
def sales_budget_variance(f: Any) -> Measure:
    """How much more was sold than budgeted; negative: less.

    实际销售额比预算多出的金额；负数为少于预算。

    Formula: net sales − sales budget | 净销售额 − 销售预算

    Edge: a window without a budget for every day has no figure. | 未被预算逐日覆盖的窗口不计算。

    Source: usual practice of budget control
    """
    budget = _sales(f)
    return replace(budget, value=f.net_sales - budget.value)


@metric(
    **_SHARED,
    audience="internal",
    unit="share",
    better="higher",
    trend="month",
    label=Words("销售预算完成率", "sales budget attainment"),
    example=(
        Example(
            {"net_sales": 810_000, "sales_budget_amount": 900_000, "sales_budget_days": 91, **_QUARTER}, 0.9
        ),
        Example(
            {"net_sales": 810_000, "sales_budget_amount": 300_000, "sales_budget_days": 31, **_QUARTER},
            reason="low_coverage",
        ),
    ),
)
def sales_budget_attainment(f: Any) -> Measure:
    """Net sales against what was budgeted.

    净销售额与销售预算之比。

    Formula: net sales ÷ sales budget | 净销售额 ÷ 销售预算

    Edge: a window without a budget for every day has no figure; an unfinished month is held against the days gone by. | 未被预算逐日覆盖的窗口不计算；未结束的月份按已过天数的预算计。

    Source: usual practice of budget control
    """
    budget = _sales(f)
    return replace(ratio(f.net_sales, budget.value), coverage=budget.coverage)


@metric(
    **_SHARED,
    audience="internal",
    unit="money",
    better="none",
    label=Words("成本预算", "cost budget"),
    example=Example({"cost_budget_amount": 600_000, "cost_budget_days": 91, **_QUARTER}, 600_000),
)
def cost_budget(f: Any) -> Measure:
    """What was budgeted for the cost of what is sold in the window.

    期内预算的销售成本。

    Formula: Σ budgets of cost, by days | Σ 成本预算（按天分摊）

    Edge: added up as sales budgets are; a window without a budget for every day has none. | 汇总方式与销售预算相同；未被预算逐日覆盖的窗口没有预算。

    Source: house definition
    """
    return _cost(f)


@metric(
    **_SHARED,
    audience="internal",
    unit="money",
    better="lower",
    label=Words("成本预算差异", "cost against budget"),
    example=(
        Example(
            {"cost_of_sales": 630_000, "cost_budget_amount": 600_000, "cost_budget_days": 91, **_QUARTER},
            30_000,
        ),
        Example(
            {"cost_of_sales": 630_000, "cost_budget_amount": 600_000, "cost_budget_days": 90, **_QUARTER},
            reason="low_coverage",
        ),
    ),
)
def cost_budget_variance(f: Any) -> Measure:
    """How much more the goods sold cost than budgeted; negative: less.

    实际销售成本超出预算的金额；负数为低于预算。

    Formula: cost of sales − cost budget | 销售成本 − 成本预算

    Edge: more sales cost more: read it beside sales against budget. The cost of serving is not in it. | 销售越多成本越高，应与销售预算差异一并阅读；不含服务成本。

    Source: usual practice of budget control
    """
    budget = _cost(f)
    return replace(budget, value=f.cost_of_sales - budget.value)


@metric(
    **_SHARED,
    audience="internal",
    unit="share",
    better="lower",
    trend="month",
    label=Words("成本预算使用率", "cost budget used"),
    example=Example(
        {"cost_of_sales": 630_000, "cost_budget_amount": 600_000, "cost_budget_days": 91, **_QUARTER}, 1.05
    ),
)
def cost_budget_used(f: Any) -> Measure:
    """The cost of what was sold against what was budgeted for it.

    销售成本与成本预算之比。

    Formula: cost of sales ÷ cost budget | 销售成本 ÷ 成本预算

    Edge: a window without a budget for every day has no figure. | 未被预算逐日覆盖的窗口不计算。

    Source: usual practice of budget control
    """
    budget = _cost(f)
    return replace(ratio(f.cost_of_sales, budget.value), coverage=budget.coverage)


@metric(
    **_SHARED,
    audience="restricted",
    unit="money",
    better="none",
    label=Words("薪酬预算", "pay budget"),
    example=(
        Example({"pay_budget_amount": 90_000, "pay_budget_days": 91, **_QUARTER}, 90_000),
        Example({"pay_budget_amount": 30_000, "pay_budget_days": 31, **_QUARTER}, reason="low_coverage"),
    ),
)
def pay_budget(f: Any) -> Measure:
    """What was budgeted for pay in the window.

    期内预算的薪酬。

    Formula: Σ budgets of pay, by days | Σ 薪酬预算（按天分摊）

    Edge: added up as sales budgets are; a window without a budget for every day has none. | 汇总方式与销售预算相同；未被预算逐日覆盖的窗口没有预算。

    Source: house definition
    """
    return _whole(f, f.pay_budget_amount, f.pay_budget_days)
