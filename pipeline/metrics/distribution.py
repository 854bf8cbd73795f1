"""Distribution: how unequal customers are, and how much hangs on the largest."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Members
from pipeline.metrics import GROUPS, Example, metric
from pipeline.words import Words

_SPREAD: dict[str, Any] = {
    "audience": "internal",
    "subjects": GROUPS,
    "windows": ("quarter", "year", "t12m"),
}
_FIVE = {"customers.net_sales": [50, 30, 10, 5, 5]}


def _ranked(members: Members) -> tuple[Any, Any, Any]:
    """Owners, amounts (largest first within each owner) and the place of each from 1 on."""
    order = np.lexsort((-members.quantity.floats, members.owners))
    owners = members.owners[order]
    counts = members.counts()
    starts = np.cumsum(counts) - counts
    return owners, members.quantity.floats[order], np.arange(owners.size) - starts[owners] + 1


def _share_of_top(members: Members, top: int) -> Any:
    owners, amounts, place = _ranked(members)
    chosen = np.bincount(owners[place <= top], weights=amounts[place <= top], minlength=members.count)
    totals = members.totals()
    return np.divide(chosen, totals, out=np.zeros(members.count), where=totals > 0)


@metric(
    **_SPREAD,
    unit="index",
    better="lower",
    label=Words("基尼系数", "Gini coefficient of customers"),
    example=(
        Example({"customers.net_sales": [10, 10, 10, 10]}, 0),
        Example(_FIVE, 0.46),
    ),
)
def customer_gini(f: Any) -> Measure:
    """How unequal customers are in sales: 0 where all are equal, close to 1 where one has nearly everything.

    客户销售额的不均等程度：全部相等为0，几乎集中于一户时接近1。

    Formula: Σ (2i − n − 1) · xᵢ ÷ (n · Σ xᵢ), customers by rising sales | Σ (2i − n − 1)·xᵢ ÷ (n·Σ xᵢ)，按销售额升序

    Edge: groups are rolled up first; totals of zero or less are left out; n is how many customers are in it. | 集团先合并；销售额不大于零的不计入；n 为计入的客户数。

    Source: C. Gini (1912); A. Sen, On Economic Inequality (1973)
    """
    members = f.customers.net_sales.positive()
    owners, amounts, place = _ranked(members)
    counts, totals = members.counts(), members.totals()
    weights = (counts[owners] + 1 - 2 * place) * amounts
    scale = counts * totals
    value = np.divide(
        np.bincount(owners, weights=weights, minlength=members.count),
        scale,
        out=np.zeros(members.count),
        where=scale > 0,
    )
    return members.figure(value)


@metric(
    **_SPREAD,
    unit="count",
    better="lower",
    label=Words("高占比客户数", "customers above the concentration limit"),
    example=Example(_FIVE, 3),
)
def concentrated_customers(f: Any) -> Measure:
    """How many customers bring at least the share of sales from which policy speaks of concentration.

    销售占比达到政策集中度界限的客户数。

    Formula: number of customers with net sales ÷ net sales of all ≥ limit | 客户净销售额 ÷ 合计净销售额 ≥ 界限的客户数

    Edge: the built-in limit is 10 %; groups are rolled up first; totals of zero or less are left out. | 默认界限为10%；集团先合并；销售额不大于零的不计入。

    Source: ASC 280-10-50-42 (major customers)
    """
    members = f.customers.net_sales.positive()
    totals = members.totals()[members.owners]
    large = members.quantity.floats >= f.rule("concentration").customer_pct * totals
    value = np.bincount(members.owners[large], minlength=members.count).astype(np.float64)
    return members.figure(value)


@metric(
    **_SPREAD,
    unit="ratio",
    better="higher",
    label=Words("等效客户数", "effective number of customers"),
    example=Example({"customers.net_sales": [10, 10, 10, 10, -3]}, 4),
)
def effective_customers(f: Any) -> Measure:
    """As many equal customers would be as concentrated: the reciprocal of the concentration index.

    集中度相当于多少个同样大的客户：集中度指数（HHI）的倒数。

    Formula: 1 ÷ Σ (customer's net sales ÷ net sales)² | 1 ÷ Σ（客户净销售额 ÷ 净销售额）²

    Edge: groups are rolled up first; totals of zero or less are left out. | 集团先合并；销售额不大于零的不计入。

    Source: M. A. Adelman, "Comment on the H Concentration Measure as a Numbers-Equivalent", REStat 51 (1969)
    """
    members = f.customers.net_sales.positive()
    squares = np.bincount(members.owners, weights=members.quantity.floats**2, minlength=members.count)
    value = np.divide(members.totals() ** 2, squares, out=np.zeros(members.count), where=squares > 0)
    return members.figure(value)


@metric(
    **_SPREAD,
    unit="share",
    better="lower",
    trend="t12m",
    label=Words("第一大客户占比", "share of the largest customer"),
    example=Example(_FIVE, 0.5),
)
def top_customer_share(f: Any) -> Measure:
    """The share of the largest customer in net sales.

    最大客户的销售占比。

    Formula: net sales of the largest customer ÷ net sales of customers with sales above zero | 最大客户净销售额 ÷ 销售额为正的客户净销售额合计

    Edge: groups are rolled up first. | 集团先合并。

    Source: usual practice
    """
    members = f.customers.net_sales.positive()
    return members.figure(_share_of_top(members, 1))


@metric(
    **_SPREAD,
    unit="share",
    better="lower",
    trend="t12m",
    label=Words("前五大客户占比", "share of the five largest customers"),
    example=Example({"customers.net_sales": [50, 20, 10, 10, 5, 5]}, 0.95),
)
def top_5_share(f: Any) -> Measure:
    """The share of the five largest customers in net sales.

    前五大客户的销售占比。

    Formula: net sales of the five largest ÷ net sales of customers with sales above zero | 前五大客户净销售额 ÷ 销售额为正的客户净销售额合计

    Edge: with five customers or fewer it is 100 %, see n. | 客户不超过五户时为100%，参见 n。

    Source: 中国证监会《公开发行证券的公司信息披露内容与格式准则第2号》 (top five customers)
    """
    members = f.customers.net_sales.positive()
    return members.figure(_share_of_top(members, 5))


@metric(
    **_SPREAD,
    unit="share",
    better="lower",
    label=Words("前十大客户占比", "share of the ten largest customers"),
    example=Example({"customers.net_sales": [20, 10, 10, 10, 10, 10, 10, 5, 5, 5, 5]}, 0.95),
)
def top_10_share(f: Any) -> Measure:
    """The share of the ten largest customers in net sales.

    前十大客户的销售占比。

    Formula: net sales of the ten largest ÷ net sales of customers with sales above zero | 前十大客户净销售额 ÷ 销售额为正的客户净销售额合计

    Edge: with ten customers or fewer it is 100 %, see n. | 客户不超过十户时为100%，参见 n。

    Source: usual practice
    """
    members = f.customers.net_sales.positive()
    return members.figure(_share_of_top(members, 10))
