"""Resources against value: which class or band takes the hours and the cost, and which brings sales and contribution."""

from __future__ import annotations

from typing import Any, get_args

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, ratio, reason_code
from pipeline.metrics import GROUPS, Example, metric
from pipeline.rules.customers import BandName, ClassName
from pipeline.words import Words

_BY_STANDING: dict[str, Any] = {
    "audience": "internal",
    "subjects": GROUPS,
    "windows": ("quarter", "half", "year", "t12m"),
    "breakdowns": ("class", "band"),
}
_CLASSES: tuple[str, ...] = get_args(ClassName)
_BANDS: tuple[str, ...] = (*get_args(BandName), "below")
_GIVEN = {
    "standing_hours": 30, "standings_hours": 100, "standing_cost": 400, "standings_cost": 1000,
    "standing_sales": 2000, "standings_sales": 10_000, "standing_contribution": 500, "standings_contribution": 5000,
}  # fmt: skip


@metric(
    **_BY_STANDING,
    unit="hours",
    better="none",
    label=Words("各类客户服务工时", "hours of service by class and band"),
    example=Example({"standing_hours": 30}, 30),
)
def resource_hours(f: Any) -> Quantity:
    """How many hours were spent on the customers of a class or revenue band.

    投入某类或某收入等级客户的服务工时。

    Formula: Σ hours of the customers that are in it on the window's last day | 期末属于该类的客户的工时之和

    Edge: hours of the whole window go to where the customer is on its last day; a customer in no class or band is in none of them. | 整个期间的工时都计入客户期末所属的类别；无类别或等级的客户不计入任何一类。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.standing_hours


@metric(
    **_BY_STANDING,
    unit="money",
    better="none",
    label=Words("各类客户服务成本", "cost to serve by class and band"),
    example=Example({"standing_cost": 400}, 400),
)
def resource_cost(f: Any) -> Quantity:
    """What it cost to serve the customers of a class or revenue band.

    服务某类或某收入等级客户的成本。

    Formula: Σ cost to serve of the customers that are in it on the window's last day | 期末属于该类的客户的服务成本之和

    Edge: not known where hours have no rate; the whole window goes to where the customer is on its last day. | 有工时没有费率时不计算；整个期间都计入客户期末所属的类别。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.standing_cost


@metric(
    **_BY_STANDING,
    unit="money",
    better="none",
    label=Words("各类客户销售额", "sales by class and band"),
    example=Example({"standing_sales": 2000}, 2000),
)
def resource_sales(f: Any) -> Quantity:
    """What the customers of a class or revenue band bought.

    某类或某收入等级客户的净销售额。

    Formula: Σ net sales of the customers that are in it on the window's last day | 期末属于该类的客户的净销售额之和

    Edge: a customer that changed class in the window counts whole in the last one; sales without a customer are in none. | 期内调整过类别的客户全部计入期末类别；没有客户的销售不计入任何一类。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.standing_sales


@metric(
    **_BY_STANDING,
    unit="money",
    better="none",
    label=Words("各类客户贡献", "contribution by class and band"),
    example=Example({"standing_contribution": 500}, 500),
)
def resource_contribution(f: Any) -> Quantity:
    """What the customers of a class or revenue band leave after the cost to serve.

    某类或某收入等级客户扣除服务成本后的贡献。

    Formula: Σ contribution of the customers that are in it on the window's last day | 期末属于该类的客户的贡献之和

    Edge: may be below zero; sales of unknown cost are left out, and where hours have no rate it is not known. | 可为负数；成本未知的销售不计入，有工时没有费率时不计算。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.standing_contribution


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("工时占比", "share of hours"),
    example=Example(_GIVEN, 0.3),
)
def hours_share(f: Any) -> Measure:
    """The share of the hours of service that goes to a class or revenue band.

    某类或某收入等级客户占用的服务工时比例。

    Edge: shares add up to 1 over the classes, and over the bands; customers in none are left out on both sides. | 各分类之和为 1，各等级之和亦然；无分类的客户两边都不计入。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return ratio(f.standing_hours, f.standings_hours)


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("服务成本占比", "share of cost to serve"),
    example=Example(_GIVEN, 0.4),
)
def cost_share(f: Any) -> Measure:
    """The share of the cost to serve that goes to a class or revenue band.

    某类或某收入等级客户占用的服务成本比例。

    Edge: as for the share of hours. | 与工时占比相同。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return ratio(f.standing_cost, f.standings_cost)


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("销售占比", "share of sales"),
    example=Example(_GIVEN, 0.2),
)
def sales_share(f: Any) -> Measure:
    """The share of net sales that comes from a class or revenue band.

    某类或某收入等级客户的净销售额占比。

    Edge: as for the share of hours. | 与工时占比相同。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return ratio(f.standing_sales, f.standings_sales)


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("贡献占比", "share of contribution"),
    example=Example(_GIVEN, 0.1),
)
def contribution_share(f: Any) -> Measure:
    """The share of the contribution after cost to serve that comes from a class or revenue band.

    某类或某收入等级客户的服务成本后贡献占比。

    Edge: as for the share of hours; a class that loses money has a share below zero. | 与工时占比相同；亏损的分类占比为负。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return ratio(f.standing_contribution, f.standings_contribution)


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("工时占比减销售占比", "hours above sales"),
    example=Example(_GIVEN, 0.1),
)
def hours_above_sales(f: Any) -> Measure:
    """By how many points the share of hours of a class or band lies above its share of sales.

    某类或某等级的工时占比高出销售占比的百分点。

    Formula: share of hours − share of sales | 工时占比 − 销售占比

    Edge: below zero where it gets less than it brings; the differences add up to zero. | 为负表示投入少于产出；各项之和为零。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _gap(ratio(f.standing_hours, f.standings_hours), ratio(f.standing_sales, f.standings_sales))


@metric(
    **_BY_STANDING,
    unit="share",
    better="none",
    label=Words("成本占比减贡献占比", "cost above contribution"),
    example=Example(_GIVEN, 0.3),
)
def cost_above_contribution(f: Any) -> Measure:
    """By how many points the share of cost to serve of a class or band lies above its share of contribution.

    某类或某等级的服务成本占比高出贡献占比的百分点。

    Formula: share of cost to serve − share of contribution | 服务成本占比 − 贡献占比

    Edge: below zero where it costs less than it brings; the differences add up to zero. | 为负表示成本少于贡献；各项之和为零。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    cost = ratio(f.standing_cost, f.standings_cost)
    return _gap(cost, ratio(f.standing_contribution, f.standings_contribution))


def _gap(taken: Measure, brought: Measure) -> Measure:
    return Measure(taken.value - brought.value, numerator=taken.value, denominator=brought.value)


_WIDEST: dict[str, Any] = {
    **{name: each for name, each in _BY_STANDING.items() if name != "breakdowns"},
    "unit": "text",
    "better": "none",
    "kind": "composite",
}


@metric(
    **_WIDEST,
    label=Words("投入产出差距最大的分类", "class where cost and contribution differ most"),
    example=Example(
        {
            "cost_above_contribution[class=core_value]": -0.3,
            "cost_above_contribution[class=high_potential]": 0.1,
            "cost_above_contribution[class=maintain]": 0.2,
            "cost_above_contribution[class=to_optimise]": 0.0,
            "cost_above_contribution[class=not_classed]": None,
        },
        text=("core_value",),
    ),
)
def widest_class(m: Any) -> Measure:
    """The class whose share of cost to serve differs most from its share of contribution, either way.

    服务成本占比与贡献占比相差最大的分类，不论方向。

    Formula: the class with the largest |share of cost to serve − share of contribution| | |服务成本占比 − 贡献占比| 最大的分类

    Edge: numerator is the difference; of equal ones the first in the order of the classes. | 分子为该差距；相等时取分类顺序在前者。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _widest(m, "class", _CLASSES)


@metric(
    **_WIDEST,
    label=Words("投入产出差距最大的收入等级", "band where cost and contribution differ most"),
    example=Example(
        {
            "cost_above_contribution[band=strategic]": 0.1,
            "cost_above_contribution[band=key]": -0.1,
            "cost_above_contribution[band=base]": 0.0,
            "cost_above_contribution[band=below]": 0.0,
        },
        text=("strategic",),
    ),
)
def widest_band(m: Any) -> Measure:
    """The revenue band whose share of cost to serve differs most from its share of contribution, either way.

    服务成本占比与贡献占比相差最大的收入等级，不论方向。

    Formula: the band with the largest |share of cost to serve − share of contribution| | |服务成本占比 − 贡献占比| 最大的收入等级

    Edge: numerator is the difference; of equal ones the first in the order of the bands. | 分子为该差距；相等时取等级顺序在前者。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _widest(m, "band", _BANDS)


def _widest(m: Any, name: str, values: tuple[str, ...]) -> Measure:
    """Which value of a breakdown has the largest difference; no text where none of them is known."""
    gaps = [m.measure("cost_above_contribution", f"{name}={each}").value for each in values]
    known = np.stack([gap.known for gap in gaps])
    sizes = np.where(known, np.abs(np.stack([gap.floats for gap in gaps])), -1.0)
    at = sizes.argmax(axis=0)
    found = np.asarray(known.any(axis=0))
    chosen = np.stack([gap.floats for gap in gaps])[at, np.arange(at.size)]
    reasons = np.where(found, 0, reason_code("no_data")).astype(np.int8)
    gap = Quantity(chosen, 1, reasons)
    return Measure(
        gap,
        numerator=gap,
        text=[
            values[each] if is_known else None
            for each, is_known in zip(at.tolist(), found.tolist(), strict=True)
        ],
    )
