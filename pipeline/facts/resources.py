"""Facts about where effort goes: hours, cost, sales and contribution of customers by their class and band."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from pipeline.engine.quantities import Quantity
from pipeline.facts import account_fact
from pipeline.facts.whale_curve import contribution_of
from pipeline.rules.customers import BandName, ClassName
from pipeline.words import Words

_STANDINGS = {"class": get_args(ClassName), "band": (*get_args(BandName), "below")}
_METRICS = {"class": "customer_class", "band": "revenue_band"}
_MONEY: dict[str, Any] = {"member": "customer", "unit": "money", "by": _STANDINGS}
_HOURS: dict[str, Any] = {"member": "customer", "unit": "hours", "by": _STANDINGS}


def _of_those_chosen(f: Any, amount: Quantity) -> Quantity:
    """The amount of customers of the class or band asked for, else of all; of another it is nothing, whatever it is."""
    for name, metric in _METRICS.items():
        if wanted := f.chosen(name):
            return _where(amount, np.array([each == wanted for each in f.text(metric)], dtype=bool))
    return amount


def _of_those_told(f: Any, amount: Quantity) -> Quantity:
    """The amount of customers that are in any class or band, whichever of them is asked for; else of all."""
    for name, metric in _METRICS.items():
        if f.chosen(name):
            return _where(amount, np.array([each is not None for each in f.text(metric)], dtype=bool))
    return amount


def _where(amount: Quantity, mine: Any) -> Quantity:
    """The amount where it is meant; elsewhere a known nothing."""
    return Quantity(
        np.where(mine, amount.values, 0), amount.scale, np.where(mine, amount.reasons, 0).astype(np.int8)
    )


@account_fact(**_HOURS, label=Words("分类服务工时", "hours of a class or band"))
def standing_hours(f: Any) -> Quantity:
    """Hours spent on customers of the class or band asked for."""
    return _of_those_chosen(f, f.serving_hours)


@account_fact(**_HOURS, label=Words("全部分类服务工时", "hours of all classes or bands"))
def standings_hours(f: Any) -> Quantity:
    """Hours spent on customers of any class or band, whichever is asked for."""
    return _of_those_told(f, f.serving_hours)


@account_fact(**_MONEY, label=Words("分类服务成本", "cost to serve of a class or band"))
def standing_cost(f: Any) -> Quantity:
    """Cost to serve customers of the class or band asked for."""
    return _of_those_chosen(f, f.serving_cost)


@account_fact(**_MONEY, label=Words("全部分类服务成本", "cost to serve of all classes or bands"))
def standings_cost(f: Any) -> Quantity:
    """Cost to serve customers of any class or band, whichever is asked for."""
    return _of_those_told(f, f.serving_cost)


@account_fact(**_MONEY, label=Words("分类销售额", "sales of a class or band"))
def standing_sales(f: Any) -> Quantity:
    """Sales to customers of the class or band asked for."""
    return _of_those_chosen(f, f.net_sales)


@account_fact(**_MONEY, label=Words("全部分类销售额", "sales of all classes or bands"))
def standings_sales(f: Any) -> Quantity:
    """Sales to customers of any class or band, whichever is asked for."""
    return _of_those_told(f, f.net_sales)


@account_fact(**_MONEY, label=Words("分类贡献", "contribution of a class or band"))
def standing_contribution(f: Any) -> Quantity:
    """What customers of the class or band asked for leave after the cost to serve."""
    return _of_those_chosen(f, contribution_of(f))


@account_fact(**_MONEY, label=Words("全部分类贡献", "contribution of all classes or bands"))
def standings_contribution(f: Any) -> Quantity:
    """What customers of any class or band leave after the cost to serve, whichever is asked for."""
    return _of_those_told(f, contribution_of(f))
