"""Contribution: what is left of the gross profit after the effort that an account takes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "audience": "internal",
    "windows": ("month", "quarter", "half", "ytd", "year", "t12m"),
}


@metric(
    **_SHARED,
    unit="money",
    better="lower",
    label=Words("服务成本", "cost to serve"),
    breakdowns=("", "activity"),
    trend="month",
    example=Example({"serving_cost": 42_000}, 42_000),
)
def cost_to_serve(f: Any) -> Quantity:
    """What the effort spent on accounts cost: hours times rate, by activity.

    服务客户所花工时的成本，按活动划分。

    Formula: Σ hours × rate | Σ 工时 × 费率

    Edge: hours without a rate make the figure unknown. | 缺少费率的工时使该数值无法计算。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    return f.serving_cost


@metric(
    **_SHARED,
    unit="hours",
    better="none",
    label=Words("服务工时", "hours of service"),
    example=Example({"serving_hours": 160}, 160),
)
def service_hours(f: Any) -> Quantity:
    """How many hours were spent on accounts.

    服务客户所花的工时。

    Formula: Σ hours | Σ 工时

    Edge: effort is recorded by month, so a window holds whole months; before the first record there is no figure. | 工时按月记录，窗口按整月计；首次记录之前不计算。

    Source: usual practice
    """
    return f.serving_hours


@metric(
    **_SHARED,
    unit="share",
    better="lower",
    label=Words("服务成本率", "cost to serve, share of sales"),
    example=Example({"serving_cost": 42_000, "net_sales": 700_000}, 0.06),
)
def cost_to_serve_share(f: Any) -> Measure:
    """The cost to serve as a share of net sales.

    服务成本占净销售额的比例。

    Edge: effort without sales gives no figure. | 有投入而无销售则不计算。

    Source: usual practice
    """
    return ratio(f.serving_cost, f.net_sales)


@metric(
    **_SHARED,
    unit="money",
    better="higher",
    label=Words("服务成本后贡献", "contribution after cost to serve"),
    trend="month",
    example=Example(
        {"sales_with_cost": 700_000, "cost_of_sales": 490_000, "serving_cost": 42_000, "net_sales": 700_000},
        168_000,
    ),
)
def contribution(f: Any) -> Measure:
    """Gross profit less the cost to serve.

    毛利减去服务成本后的余额。

    Formula: sales with known cost − cost of sales − cost to serve | 已知成本的销售额 − 销售成本 − 服务成本

    Edge: sales without a cost are left out of the profit, and coverage says how much of sales had one; without records of effort there is no figure. | 没有成本的销售不计入毛利，由覆盖率反映；没有工时记录则不计算。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    value = f.sales_with_cost - f.cost_of_sales - f.serving_cost
    return Measure(value, coverage=ratio(f.sales_with_cost, f.net_sales).value)


@metric(
    **_SHARED,
    unit="share",
    better="higher",
    label=Words("贡献率", "contribution margin after cost to serve"),
    example=Example(
        {"sales_with_cost": 700_000, "cost_of_sales": 490_000, "serving_cost": 42_000, "net_sales": 700_000},
        0.24,
    ),
)
def contribution_margin(f: Any) -> Measure:
    """The share of sales left after the cost of what was sold and the cost to serve.

    销售额减去销售成本与服务成本后剩余部分的比例。

    Formula: (sales with known cost − cost of sales − cost to serve) ÷ sales with known cost | （已知成本的销售额 − 销售成本 − 服务成本）÷ 已知成本的销售额

    Edge: as for the contribution; no sales give no figure. | 与服务成本后贡献相同；没有销售则不计算。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    left = f.sales_with_cost - f.cost_of_sales - f.serving_cost
    made: Measure = ratio(left, f.sales_with_cost)
    return replace(made, coverage=ratio(f.sales_with_cost, f.net_sales).value)
