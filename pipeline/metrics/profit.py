"""Profit."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words


@metric(
    label=Words("毛利率", "gross margin"),
    unit="share",
    better="higher",
    audience="internal",
    subjects=(*EVERYONE, "product"),
    trend="month",
    example=(
        Example({"sales_with_cost": 200, "cost_of_sales": 150, "net_sales": 200}, 0.25),
        Example({"sales_with_cost": 0, "cost_of_sales": 0, "net_sales": 0}, None, reason="not_positive"),
    ),
)
def gross_margin(f: Any) -> Measure:
    """The share of sales left after the cost of what was sold.

    销售额减去销售成本后剩余部分占销售额的比例。

    Formula: (sales with known cost − cost of sales) ÷ sales with known cost | （已知成本的销售额 − 销售成本）÷ 已知成本的销售额

    Edge: rows without a cost are left out on both sides; coverage says how much of sales had one. | 没有成本的行在分子分母中都不计；覆盖率表示有成本的销售额占比。

    Source: IAS 1.103 (function of expense); usual practice
    """
    made: Measure = ratio(f.sales_with_cost - f.cost_of_sales, f.sales_with_cost)
    costed = (f.sales_with_cost > 0) | ~(f.net_sales > 0)
    return replace(
        made,
        value=made.value.where(costed, "input_missing"),
        coverage=ratio(f.sales_with_cost, f.net_sales).value,
    )
