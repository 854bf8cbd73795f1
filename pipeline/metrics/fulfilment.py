"""Fulfilment: perfect orders, and how much of what was ordered came."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pipeline.engine.quantities import Measure, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "unit": "share",
    "better": "higher",
    "audience": "client",
    "windows": ("month", "quarter", "half", "ytd", "year"),
}


@metric(
    **_SHARED,
    label=Words("完美订单率", "perfect orders"),
    breakdowns=("basis",),
    example=(
        Example({"orders_perfect": 17, "orders_judged": 20, "orders_marked": 19, "orders_due": 20}, 0.85),
        Example(
            {"orders_perfect": 0, "orders_judged": 1, "orders_marked": 0, "orders_due": 9},
            None,
            reason="input_missing",
        ),
    ),
)
def perfect_order(f: Any) -> Measure:
    """The share of orders that fell due on time, in full, with right documents and undamaged, all of it true.

    到期订单中每一行都准时、足量、单证正确且无货损的比例。

    Formula: perfect orders ÷ orders judged, counted order by order, never as a product of rates | 完美订单数 ÷ 可判定订单数（逐单判定，不将各比率相乘）

    Edge: without records of documents and damage there is no figure; coverage is the share of due orders that could be judged. | 没有单证与货损记录则不计算；覆盖率为可判定订单占到期订单的比例。

    Source: ASCM SCOR Digital Standard, RL.1.1 "Perfect order fulfillment"
    """
    known = (f.orders_marked > 0) | ~(f.orders_due > 0)
    judged = f.orders_judged.where(known, "input_missing")
    made: Measure = ratio(f.orders_perfect, judged, n=f.orders_judged)
    return replace(made, coverage=ratio(f.orders_judged, f.orders_due).value)


@metric(
    **_SHARED,
    subjects=(*EVERYONE, "product"),
    trend="month",
    label=Words("行满足率", "line fill"),
    example=Example({"lines_filled": 45, "lines_measured": 50, "lines_to_fill": 50}, 0.9),
)
def line_fill(f: Any) -> Measure:
    """The share of order lines that fell due of which all that was ordered came by the cut-off.

    到期订单行中截至截止日已足量交付的比例。

    Formula: order lines filled ÷ order lines measured | 足量订单行数 ÷ 可判定足量的订单行数

    Edge: a late delivery counts as filled here; lines of unknown quantity are left out, and coverage says how many. | 迟交在此仍计为足量；数量不明的行不计入，由覆盖率反映。

    Source: APICS Dictionary, "fill rate" (line fill)
    """
    made: Measure = ratio(f.lines_filled, f.lines_measured, n=f.lines_measured)
    return replace(made, coverage=ratio(f.lines_measured, f.lines_to_fill).value)


@metric(
    **_SHARED,
    label=Words("量满足率", "volume fill"),
    breakdowns=("unit",),
    example=Example({"quantity_filled": 970, "quantity_due": 1000}, 0.97),
)
def volume_fill(f: Any) -> Measure:
    """The share of the quantity that fell due which came by the cut-off, for each unit of measure by itself.

    到期数量中截至截止日已交付的比例，按计量单位分别统计。

    Edge: of a line never more counts than was ordered; units are never added together. | 每行最多计到订购数量；不同计量单位不相加。

    Source: APICS Dictionary, "fill rate" (unit fill)
    """
    return ratio(f.quantity_filled, f.quantity_due)


@metric(
    **_SHARED,
    trend="month",
    label=Words("订单准确率", "order accuracy"),
    example=Example({"lines_right": 198, "lines_checked": 200, "lines_delivered": 250}, 0.99),
)
def order_accuracy(f: Any) -> Measure:
    """The share of delivered order lines that were the right thing.

    已交付订单行中交付无误的比例。

    Formula: order lines right ÷ order lines checked | 无误订单行数 ÷ 已核对订单行数

    Edge: only lines of which the export says so count; coverage is their share of the lines delivered. | 仅统计有核对记录的行；覆盖率为其占已交付行的比例。

    Source: ASCM SCOR Digital Standard, RL.2.1 and RL.3.33 "Delivery item accuracy"
    """
    made: Measure = ratio(f.lines_right, f.lines_checked, n=f.lines_checked)
    return replace(made, coverage=ratio(f.lines_checked, f.lines_delivered).value)
