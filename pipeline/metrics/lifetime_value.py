"""Lifetime value: what customers are worth over the years they can be expected to stay, as a range of scenarios."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.metrics.voice import wilson
from pipeline.words import Words

_SCENARIOS = ("low", "base", "high")
_PORTFOLIO: dict[str, Any] = {"audience": "internal", "subjects": ("portfolio",), "windows": ("t12m",)}
_FEW = {"customers_kept": 3, "customers_at_start": 4}
_MANY = {"customers_kept": 90, "customers_at_start": 100}
_SALES = {"sales_with_cost": 700, "cost_of_sales": 500, "net_sales": 700, "sales_rows": 9}
_GROSS = {
    "lifetime_value": {
        "margin": "gross_profit",
        "own_retention_from": 25,
        "low": {"retention": 0.7, "discount": 0.12, "margin_factor": 0.9},
        "base": {"retention": 0.8, "discount": 0.1, "margin_factor": 1.0},
        "high": {"retention": 0.9, "discount": 0.08, "margin_factor": 1.1},
    }
}


@metric(
    **_PORTFOLIO,
    unit="share",
    better="higher",
    label=Words("估值所用保留率", "retention behind lifetime value"),
    example=(
        Example(_FEW, 0.8, low=0.7, high=0.9),
        Example(_MANY, 0.9, low=0.8256, high=0.9448, tolerance=1e-4),
    ),
)
def lifetime_retention(f: Any) -> Measure:
    """Which share of customers is expected to stay each year: the portfolio's own where it has customers enough, else the scenarios'.

    预计每年留存的客户比例：客户数足够时取自身历史，否则取政策情景。

    Formula: customers kept ÷ customers active a year ago, low and high by its 95 % interval; below policy's number the retention of each scenario | 留存客户数 ÷ 一年前活跃客户数，上下限取 95% 区间；客户数不足政策下限时取各情景的保留率

    Edge: n is how many customers were active a year ago. | n 为一年前的活跃客户数。

    Source: house definition (policy/lifetime_value.toml); interval by E. B. Wilson, JASA 22 (1927)
    """
    return _three(f, {name: each.retention for name, each in _outlook(f).items()})


@metric(
    **_PORTFOLIO,
    unit="text",
    better="none",
    label=Words("保留率来源", "where the retention comes from"),
    example=(Example(_FEW, text=("scenario",)), Example(_MANY, text=("own_history",))),
)
def lifetime_basis(f: Any) -> Measure:
    """Whether lifetime values rest on the portfolio's own retention or on that of the scenarios.

    客户终身价值依据自身历史保留率还是政策情景保留率。

    Formula: own history from policy's number of customers a year ago on, else scenario | 一年前活跃客户数达到政策下限为自身历史，否则为情景

    Edge: n is how many customers were active a year ago. | n 为一年前的活跃客户数。

    Source: house definition (policy/lifetime_value.toml)
    """
    kept, begun = _history(f)
    del kept
    name = "own_history" if _is_enough(f, begun) else "scenario"
    value = Quantity.of(np.zeros(len(f.customers_kept)))
    return Measure(value, n=_same(f, begun), text=[name] * len(value))


@metric(
    **_PORTFOLIO,
    unit="ratio",
    better="higher",
    label=Words("终身价值倍数", "lifetime multiple"),
    example=(
        Example(_FEW, 2.6667, low=1.6667, high=5.0, tolerance=1e-4),
        Example(_MANY, 4.5, low=2.8041, high=6.9864, tolerance=1e-3),
    ),
)
def lifetime_multiple(f: Any) -> Measure:
    """How many years' margin a customer is worth at its expected retention, discounted.

    按预计保留率折现后，客户价值相当于多少年的利润。

    Formula: r ÷ (1 + i − r), with retention r and discount i of each scenario | r ÷（1 + i − r），r 为各情景保留率，i 为折现率

    Edge: a customer that stays for certain is worth 1 ÷ i. | 必定留存的客户为 1 ÷ i。

    Source: S. Gupta & D. R. Lehmann, "Customers as Assets", JIM 17 (2003)
    """
    return _three(f, {name: each.multiple for name, each in _outlook(f).items()})


@metric(
    audience="internal",
    subjects=("customer", "portfolio"),
    windows=("t12m",),
    unit="money",
    better="higher",
    label=Words("客户终身价值", "customer lifetime value"),
    example=(
        Example({**_FEW, **_SALES, "serving_cost": 100}, 266.6667, low=150, high=550, tolerance=1e-4),
        Example({**_FEW, **_SALES, "serving_cost": 300}, -266.6667, low=-550, high=-150, tolerance=1e-4),
        Example({**_FEW, **_SALES, "rule": _GROSS}, 533.3333, low=300, high=1100, tolerance=1e-4),
        Example({**_FEW, **_SALES, "sales_rows": 0, "serving_cost": 100}, reason="no_data"),
    ),
)
def lifetime_value(f: Any) -> Measure:
    """What a customer is worth over the years it can be expected to stay: never one point, always with its low and its high.

    客户在预计留存年限内的价值，始终以低、高区间给出，不作单点估计。

    Formula: contribution of twelve months × margin factor × r ÷ (1 + i − r) in the base scenario; low and high are the least and the most of the three | 十二个月贡献 × 利润系数 × r ÷（1 + i − r），取基准情景；上下限为三种情景的最小与最大值

    Edge: policy may take gross profit where no effort is recorded; a margin below zero makes the value negative; who bought nothing in twelve months has none; coverage says how much of sales had a cost. | 没有工时记录时政策可改用毛利；利润为负则价值为负；十二个月无采购的没有数值；覆盖率为有成本的销售占比。

    Source: S. Gupta & D. R. Lehmann, "Customers as Assets", JIM 17 (2003)
    """
    margin = _margin(f).where(f.sales_rows > 0, "no_data")
    values = np.stack([margin.floats * each.factor * each.multiple for each in _outlook(f).values()])
    return Measure(
        Quantity(values[_SCENARIOS.index("base")], 1, margin.reasons),
        numerator=margin,
        n=_same(f, _history(f)[1]),
        low=Quantity(values.min(axis=0), 1, margin.reasons),
        high=Quantity(values.max(axis=0), 1, margin.reasons),
        coverage=ratio(f.sales_with_cost, f.net_sales).value,
    )


@dataclass(frozen=True)
class Outlook:
    """One scenario: the share of customers that stays, the discount, and what becomes of the margin."""

    retention: float
    discount: float
    factor: float

    @property
    def multiple(self) -> float:
        """m · r ÷ (1 + i − r) for a margin of 1: the years' margins that are still to come, discounted."""
        return self.retention / (1 + self.discount - self.retention)


def _margin(f: Any) -> Quantity:
    gross: Quantity = f.sales_with_cost - f.cost_of_sales
    return gross if f.rule("lifetime_value").margin == "gross_profit" else gross - f.serving_cost


def _outlook(f: Any) -> dict[str, Outlook]:
    """The three scenarios, each with the retention that counts."""
    rule = f.rule("lifetime_value")
    given = {name: getattr(rule, name) for name in _SCENARIOS}
    kept, begun = _history(f)
    if _is_enough(f, begun):
        low, high = (float(each.floats[0]) for each in wilson(_one(kept), _one(begun)))
        retention = {"low": low, "base": kept / begun, "high": high}
    else:
        retention = {name: each.retention for name, each in given.items()}
    return {name: Outlook(retention[name], each.discount, each.margin_factor) for name, each in given.items()}


def _history(f: Any) -> tuple[int, int]:
    """How many customers were kept of how many a year ago, in the whole portfolio; of none where that is not known."""
    kept, begun = f.customers_kept, f.customers_at_start
    known = kept.known & begun.known
    return int(kept.floats[known].sum()), int(begun.floats[known].sum())


def _is_enough(f: Any, begun: int) -> bool:
    return begun >= int(f.rule("lifetime_value").own_retention_from)


def _one(count: int) -> Quantity:
    return Quantity.of(np.array([count], dtype=np.int64))


def _same(f: Any, number: float) -> Quantity:
    return Quantity.of(np.full(len(f.customers_kept), number))


def _three(f: Any, numbers: dict[str, float]) -> Measure:
    """The base scenario with the others as low and high, the same for every subject."""
    return Measure(
        _same(f, numbers["base"]),
        n=_same(f, _history(f)[1]),
        low=_same(f, numbers["low"]),
        high=_same(f, numbers["high"]),
    )
