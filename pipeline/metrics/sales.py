"""Sales: how much, of what, and how it changed."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words


@metric(
    label=Words("净销售额", "net sales"),
    unit="money",
    better="higher",
    audience="client",
    subjects=(*EVERYONE, "product"),
    trend="month",
    example=Example({"net_sales": 1200.5}, 1200.5),
)
def net_sales(f: Any) -> Quantity:
    """What was sold in the window, without tax, less returns and credit notes.

    期内销售额，不含税，已减退货与贷项。

    Formula: net sales | 净销售额

    Edge: a return or credit note counts in its own period, not in that of the sale. | 退货与贷项计入其发生的期间，而不是原销售的期间。

    Source: IFRS 15.47, IFRS 15.B20-B27 (returns)
    """
    return f.net_sales


@metric(
    label=Words("销售量", "volume"),
    unit="quantity",
    better="higher",
    audience="client",
    subjects=(*EVERYONE, "product"),
    breakdowns=("unit",),
    trend="month",
    example=Example({"quantity_sold": 12}, 12),
)
def volume(f: Any) -> Quantity:
    """How many were sold, for each unit of measure by itself.

    按计量单位分别统计的销售数量。

    Formula: quantity sold | 销售数量

    Edge: units are never added together; returns count as negative. | 不同计量单位不相加；退货计为负数。

    Source: house definition
    """
    return f.quantity_sold


@metric(
    label=Words("销售额同比", "sales growth on the year before"),
    unit="share",
    better="higher",
    audience="client",
    subjects=(*EVERYONE, "product"),
    trend="month",
    example=(
        Example({"net_sales": 110, "year_ago.net_sales": 100}, 0.1),
        Example({"net_sales": 110, "year_ago.net_sales": 0}, None, reason="not_positive"),
    ),
)
def sales_growth(f: Any) -> Measure:
    """The change of net sales against the same window a year earlier.

    净销售额与上年同期相比的变化率。

    Edge: with nothing (or less) sold a year earlier there is no rate, only the absolute change; the Lunar New Year moves January and February, which the year to date of February compares together. | 上年同期为零或负时不计算变化率，只列绝对变化；一、二月受春节影响，应看截至二月的年初至今合并同比。

    Source: usual practice; 国家统计局《统计上增长速度的计算》
    """
    return ratio(f.net_sales - f.year_ago.net_sales, f.year_ago.net_sales)


@metric(
    label=Words("销售额环比", "sales growth on the period before"),
    unit="share",
    better="higher",
    audience="internal",
    subjects=(*EVERYONE, "product"),
    windows=("month", "quarter", "half", "year"),
    example=Example({"net_sales": 90, "before.net_sales": 120}, -0.25),
)
def sales_growth_on_period(f: Any) -> Measure:
    """The change of net sales against the window just before.

    净销售额与上一期相比的变化率。

    Edge: seasons and the Lunar New Year move this figure; read it beside the change on the year before. | 受季节与春节影响，应与同比一起阅读。

    Source: usual practice
    """
    return ratio(f.net_sales - f.before.net_sales, f.before.net_sales)
