"""Movements: which customers changed class or band in the window, from what, and over which border."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import GROUPS, Example, metric
from pipeline.metrics.bands import BELOW
from pipeline.metrics.classes import CLASSES
from pipeline.words import Words

_BANDS = ("strategic", "key", "base", BELOW)
_ONE: dict[str, Any] = {
    "audience": "internal",
    "subjects": ("customer",),
    "windows": ("month", "quarter", "half", "year"),
    "unit": "text",
    "better": "none",
}
_MANY: dict[str, Any] = {**_ONE, "subjects": GROUPS, "unit": "count", "breakdowns": ("", "move")}
_ROWS = {
    "trailing(12).sales_rows": [9, 9, 9, 0, 9],
    "at_start.trailing(12).sales_rows": [9, 9, 0, 9, 9],
}
_CLASS_EXAMPLE = {
    **_ROWS,
    "text(customer_class)": ["core_value", "maintain", "maintain", "not_classed", "maintain"],
    "at_start.text(customer_class)": ["maintain", "high_potential", "not_classed", "maintain", "maintain"],
}
_BAND_EXAMPLE = {
    **_ROWS,
    "text(revenue_band)": ["key", "base", "base", "below", "below"],
    "at_start.text(revenue_band)": ["base", "key", "below", "base", "below"],
}


def _said(texts: Sequence[str | None]) -> Measure:
    """A measure of words; what is not known has no text."""
    known = np.array([each is not None for each in texts], dtype=bool)
    return Measure(Quantity.of(np.zeros(len(texts))).where(known, "no_data"), text=list(texts))


def _moves(f: Any, metric: str, order: tuple[str, ...]) -> list[str | None]:
    """up, down, new, left or same for each customer; nothing where it bought neither before nor now."""
    months = f.rule("active").months
    before, now = f.at_start.trailing(months).sales_rows, f.trailing(months).sales_rows
    pairs = zip(f.at_start.text(metric), f.text(metric), before > 0, now > 0, strict=True)
    sure = before.known & now.known
    return [_move(pair, order) if known else None for pair, known in zip(pairs, sure, strict=True)]


def _move(pair: tuple[str | None, str | None, Any, Any], order: tuple[str, ...]) -> str | None:
    was, is_, bought, buys = pair
    if not bought or not buys:
        return "new" if buys else "left" if bought else None
    if was is None or is_ is None:
        return None
    step = order.index(was) - order.index(is_)
    return "same" if step == 0 else "up" if step > 0 else "down"


@metric(
    **_ONE,
    label=Words("期初客户分类", "customer class before"),
    example=Example(
        _CLASS_EXAMPLE, text=("maintain", "high_potential", "not_classed", "maintain", "maintain")
    ),
)
def class_before(f: Any) -> Measure:
    """The class that a customer had when the window began.

    期初的客户分类。

    Formula: customer class on the day before the window | 窗口开始前一日的客户分类

    Edge: judged by the rules in force on that day. | 按当日有效的规则判定。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _said(f.at_start.text("customer_class"))


@metric(
    **_ONE,
    label=Words("分类变动", "movement of class"),
    example=Example(_CLASS_EXAMPLE, text=("up", "down", "new", "left", "same")),
)
def class_move(f: Any) -> Measure:
    """Whether a customer rose or fell in class in the window, came or left, or stayed the same.

    期内客户分类上升、下降、新增、流失或不变。

    Formula: from core value over high potential, maintain and to optimise down to not classed | 顺序为核心价值、高潜力、维持型、待优化、未分类

    Edge: new and left go by sales in the months that policy calls active; who bought neither before nor now has none. | 新增与流失以政策规定的活跃月数内有无销售为准；前后均无销售的不计。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _said(_moves(f, "customer_class", CLASSES))


@metric(
    **_ONE,
    label=Words("分类变动原因", "border crossed by the class"),
    example=Example(
        {
            **_CLASS_EXAMPLE,
            "remembered(customer_class)": {"band": [2, 1, 0, 0, 1], "stable": [1, 1, 1, 1, 1]},
            "at_start.remembered(customer_class)": {"band": [1, 1, 0, 1, 1], "stable": [1, 1, 1, 1, 1]},
        },
        text=("value", "potential", None, None, None),
    ),
)
def class_border(f: Any) -> Measure:
    """Over which border a customer went that changed class: value, outlook, potential, pain point.

    分类发生变化的客户越过的边界：价值、稳定性、潜力、痛点。

    Formula: value where the band of sales changed, outlook where steadiness made or ended core value, else potential, or the pain point of a customer of low value | 销售额档位变化为价值；稳定性使其进入或离开核心价值为稳定性；否则为潜力，低价值客户为痛点

    Edge: several are joined with a plus sign; customers whose class did not change have none. | 多个原因以加号连接；分类未变的没有。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    moves = _moves(f, "customer_class", CLASSES)
    classes = list(zip(f.at_start.text("customer_class"), f.text("customer_class"), strict=True))
    before, now = f.at_start.remembered("customer_class"), f.remembered("customer_class")
    if before is None or now is None:
        return _said([None] * len(moves))
    value = np.asarray(before.band) != np.asarray(now.band)
    outlook = np.asarray(before.stable) != np.asarray(now.stable)
    return _said(
        [
            _border(pair, bool(value[at]), bool(outlook[at])) if moves[at] in ("up", "down") else None
            for at, pair in enumerate(classes)
        ]
    )


def _border(classes: tuple[str | None, str | None], value: bool, outlook: bool) -> str:  # noqa: FBT001  # what changed
    crossed = ["value"] * value + ["outlook"] * (outlook and "core_value" in classes)
    if not crossed:
        low = {"to_optimise", "not_classed"}
        crossed = ["pain_point" if set(classes) <= low else "potential"]
    return "+".join(crossed)


@metric(
    **_ONE,
    label=Words("期初收入等级", "revenue band before"),
    example=Example(_BAND_EXAMPLE, text=("base", "key", "below", "base", "below")),
)
def band_before(f: Any) -> Measure:
    """The revenue band that a customer had when the window began.

    期初的收入等级。

    Formula: revenue band on the day before the window | 窗口开始前一日的收入等级

    Edge: judged by the bands in force on that day. | 按当日有效的分级标准判定。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _said(f.at_start.text("revenue_band"))


@metric(
    **_ONE,
    label=Words("收入等级变动", "movement of revenue band"),
    example=Example(_BAND_EXAMPLE, text=("up", "down", "new", "left", "same")),
)
def band_move(f: Any) -> Measure:
    """Whether a customer rose or fell in revenue band in the window, came or left, or stayed the same.

    期内客户收入等级上升、下降、新增、流失或不变。

    Formula: from strategic over key and base down to below | 顺序为战略、重点、基础、低于基础

    Edge: each end is judged by the bands in force on its day. | 期初与期末分别按当日有效的分级标准判定。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return _said(_moves(f, "revenue_band", _BANDS))


@metric(
    **_MANY,
    label=Words("分类变动客户数", "customers that changed class"),
    example=(
        Example({"customers_moving_class": 4}, 4),
        Example({"customers_moving_class": 1, "chosen(move)": "up"}, 1),
    ),
)
def class_movements(f: Any) -> Quantity:
    """How many customers rose or fell in class, came or left in the window; those that stayed stand apart.

    期内分类上升、下降、新增、流失的客户数，不变的另列。

    Formula: customers with that movement | 该变动类型的客户数

    Edge: the whole leaves out those that stayed the same. | 合计不含不变的客户。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.customers_moving_class


@metric(
    **_MANY,
    label=Words("收入等级变动客户数", "customers that changed revenue band"),
    example=(
        Example({"customers_moving_band": 3}, 3),
        Example({"customers_moving_band": 2, "chosen(move)": "down"}, 2),
    ),
)
def band_movements(f: Any) -> Quantity:
    """How many customers rose or fell in revenue band, came or left in the window; those that stayed stand apart.

    期内收入等级上升、下降、新增、流失的客户数，不变的另列。

    Formula: customers with that movement | 该变动类型的客户数

    Edge: the whole leaves out those that stayed the same. | 合计不含不变的客户。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.customers_moving_band


@metric(
    **{**_MANY, "breakdowns": ("", "class")},
    label=Words("各类客户数", "customers by class"),
    example=(
        Example({"customers_in_class": 9}, 9),
        Example({"customers_in_class": 1, "chosen(class)": "core_value"}, 1),
    ),
)
def customers_by_class(f: Any) -> Quantity:
    """How many customers with sales in the months that policy calls active are in each class at the end.

    期末各分类中的活跃客户数。

    Formula: customers of the class | 该分类的客户数

    Edge: a manager is credited with the customers owned on the window's first day, by share. | 客户经理按期初所负责的客户及其份额计。

    Source: house definition (policy/customers.toml and policy/bands.toml)
    """
    return f.customers_in_class
