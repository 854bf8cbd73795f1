"""Customers: who stayed, what they brought, how much hangs on few of them."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Members, ratio
from pipeline.metrics import CUSTOMERS, GROUPS, Example, metric
from pipeline.words import Words

_YEARLY: dict[str, Any] = {
    "audience": "internal",
    "windows": ("quarter", "half", "year", "t12m"),
    "trend": "t12m",
}


@metric(
    **_YEARLY,
    label=Words("客户保留率", "customer retention"),
    unit="share",
    better="higher",
    subjects=GROUPS,
    example=Example({"customers_kept": 1, "customers_at_start": 1}, 1.0),
)
def customer_retention(f: Any) -> Measure:
    """The share of customers active at the start that are still active at the end; groups count once.

    期初活跃客户中期末仍活跃的比例，集团按一个客户计。

    Edge: active means a sale in the months that policy names; new customers do not enter. | 活跃指政策规定月数内有销售；新客户不计入。

    Source: usual practice (logo retention by sets)
    """
    return ratio(f.customers_kept, f.customers_at_start, n=f.customers_at_start)


@metric(
    **_YEARLY,
    label=Words("账户保留率", "account retention"),
    unit="share",
    better="higher",
    subjects=GROUPS,
    example=Example({"accounts_kept": 1, "accounts_at_start": 2}, 0.5),
)
def account_retention(f: Any) -> Measure:
    """The share of accounts active at the start that are still active at the end.

    期初活跃账户中期末仍活跃的比例。

    Edge: a group that keeps one of two accounts is kept as a customer and half kept in accounts. | 集团保住两个账户中的一个时，客户保留率为100%，账户保留率为50%。

    Source: usual practice (logo retention by sets)
    """
    return ratio(f.accounts_kept, f.accounts_at_start, n=f.accounts_at_start)


@metric(
    **_YEARLY,
    label=Words("新客户获取率", "new customer rate"),
    unit="share",
    better="higher",
    subjects=GROUPS,
    example=Example({"customers_new": 40, "customers_at_start": 200}, 0.2),
)
def new_customer_rate(f: Any) -> Measure:
    """New customers against the customers active at the start.

    新客户数与期初活跃客户数之比。

    Edge: new is a first sale ever; without a year of history before the window there is no figure. | 新客户指首次成交；窗口之前不足一年历史则不计算。

    Source: usual practice
    """
    return ratio(f.customers_new, f.customers_at_start, n=f.customers_new)


@metric(
    label=Words("总收入留存率", "gross revenue retention"),
    unit="share",
    better="higher",
    audience="internal",
    subjects=CUSTOMERS,
    windows=("t12m",),
    trend="t12m",
    example=(
        Example({"cohort_kept": 140, "cohort_before": 200}, 0.7),
        Example({"cohort_kept": 9500, "cohort_before": 10000}, 0.95),
    ),
)
def gross_revenue_retention(f: Any) -> Measure:
    """What the customers of a year ago still bring, growth left out; never above 100 %.

    一年前的客户现在仍带来的收入比例，不计增长，不超过100%。

    Edge: contraction is taken customer by customer, so growth of one does not hide the loss of another. | 逐户取缩减额，一个客户的增长不掩盖另一个客户的流失。

    Source: SaaS Metrics Standards Board, "Gross Revenue Retention"
    """
    return ratio(f.cohort_kept, f.cohort_before)


@metric(
    label=Words("净收入留存率", "net revenue retention"),
    unit="share",
    better="higher",
    audience="internal",
    subjects=CUSTOMERS,
    windows=("t12m",),
    trend="t12m",
    example=(
        Example({"cohort_now": 190, "cohort_before": 200}, 0.95),
        Example({"cohort_now": 11000, "cohort_before": 10000}, 1.1),
    ),
)
def net_revenue_retention(f: Any) -> Measure:
    """What the customers of a year ago bring now, growth included, new customers left out.

    一年前的客户现在带来的收入比例，计增长，不计新客户。

    Edge: a closed cohort: those with sales in the twelve months a year ago. | 封闭群组：一年前十二个月内有销售的客户。

    Source: SaaS Metrics Standards Board, "Net Revenue Retention"
    """
    return ratio(f.cohort_now, f.cohort_before)


_SPREAD: dict[str, Any] = {
    "audience": "internal",
    "subjects": GROUPS,
    "windows": ("quarter", "half", "ytd", "year", "t12m"),
    "trend": "t12m",
}


@metric(
    **_SPREAD,
    label=Words("客户集中度（HHI）", "concentration of customers (HHI)"),
    unit="index",
    better="lower",
    example=Example({"customers.net_sales": [60, 20, 20, -5]}, 0.44),
)
def customer_concentration(f: Any) -> Measure:
    """The sum of the squared shares of customers in sales: 1 is one customer, 1/n is n equal ones.

    各客户销售占比的平方和：1表示只有一个客户，1/n 表示 n 个同样大的客户。

    Formula: sum of (customer's net sales ÷ net sales)² over customers with sales above zero | 销售额为正的各客户（客户净销售额 ÷ 净销售额）²之和

    Edge: groups are rolled up first; totals of zero or less are left out and counted. | 集团先合并；销售额不大于零的客户不计入并另列。

    Source: A. O. Hirschman, "The Paternity of an Index", AER 54 (1964)
    """
    members = f.customers.net_sales.positive()
    shares = _shares(members)
    value = np.bincount(members.owners, weights=shares**2, minlength=members.count)
    return members.figure(value)


@metric(
    **_SPREAD,
    label=Words("帕累托客户占比", "Pareto pair: share of customers"),
    unit="share",
    better="none",
    example=Example({"customers.net_sales": [50, 30, 10, 5, 5]}, 0.4),
)
def pareto_customers(f: Any) -> Measure:
    """Of the pair "the top x % of customers bring y % of sales": x, at the smallest x that brings at least 100 % − x.

    「前 x%的客户带来 y%的销售额」中的 x：取使 y 不小于100% − x 的最小 x。

    Formula: rank ÷ number of customers, customers by falling sales | 名次 ÷ 客户数（按销售额降序）

    Edge: it is this portfolio's own pair, never an assumed 80/20. | 这是本组合的实际数对，并非假定的80/20。

    Source: V. Pareto (1896); J. M. Juran, Quality Control Handbook (1951)
    """
    members = f.customers.net_sales.positive()
    return members.figure(_pareto(members)[0])


@metric(
    **_SPREAD,
    label=Words("帕累托销售占比", "Pareto pair: share of sales"),
    unit="share",
    better="none",
    example=Example({"customers.net_sales": [50, 30, 10, 5, 5]}, 0.8),
)
def pareto_sales(f: Any) -> Measure:
    """Of the pair "the top x % of customers bring y % of sales": y.

    「前 x%的客户带来 y%的销售额」中的 y。

    Formula: cumulative share of net sales at that rank | 该名次处的累计销售占比

    Edge: groups are rolled up first; totals of zero or less are left out. | 集团先合并；销售额不大于零的客户不计入。

    Source: V. Pareto (1896); J. M. Juran, Quality Control Handbook (1951)
    """
    members = f.customers.net_sales.positive()
    return members.figure(_pareto(members)[1])


def _shares(members: Members) -> Any:
    totals = members.totals()[members.owners]
    return np.divide(members.quantity.floats, totals, out=np.zeros_like(totals), where=totals > 0)


def _pareto(members: Members) -> tuple[Any, Any]:
    """The first point of each subject's curve where share of sales + share of customers reaches 1."""
    order = np.lexsort((-members.quantity.floats, members.owners))
    owners, shares = members.owners[order], _shares(members)[order]
    counts = members.counts()
    starts = np.cumsum(counts) - counts
    rank = np.arange(owners.size) - starts[owners] + 1 if owners.size else owners
    running = np.cumsum(shares)
    before = np.r_[0.0, running][starts]
    sales = running - before[owners] if owners.size else shares
    crowd = rank / counts[owners] if owners.size else shares
    reached = sales + crowd >= 1 - 1e-12
    people, money = np.zeros(members.count), np.zeros(members.count)
    first = np.flatnonzero(reached & ~_earlier(reached, owners))
    people[owners[first]], money[owners[first]] = crowd[first], sales[first]
    return people, money


def _earlier(flags: Any, owners: Any) -> Any:
    """Whether an earlier member of the same subject has the flag; a curve once above the line stays above it."""
    return np.r_[False, flags[:-1] & (owners[1:] == owners[:-1])] if flags.size else flags
