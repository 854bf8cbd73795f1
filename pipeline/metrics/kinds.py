"""Sales by kind of business: new, cross-sell, up-sell, renewal."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Quantity
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words


@metric(
    label=Words("分类净销售额", "net sales by kind"),
    unit="money",
    better="higher",
    audience="internal",
    subjects=EVERYONE,
    breakdowns=("kind",),
    trend="month",
    example=Example({"net_sales": 827_822}, 827_822),
)
def sales_by_kind(f: Any) -> Quantity:
    """Net sales of one kind of business: new, cross-sell, up-sell or renewal.

    按业务类型（新签、交叉销售、增购、续约）分别统计的净销售额。

    Formula: net sales of the kind | 该类型的净销售额

    Edge: a sale without a kind counts in net sales only, so the kinds may add up to less. | 未注明类型的销售只计入净销售额，故各类型之和可能小于总额。

    Source: house definition
    """
    return f.net_sales
