"""Delivery: on time, in full."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {
    "unit": "share",
    "better": "higher",
    "audience": "client",
    "breakdowns": ("basis",),
    "trend": "month",
}


def _quantified(known: Quantity, due: Quantity) -> Quantity:
    """What can be judged of what was due; not known where something was due and nothing of it can be."""
    return known.where((known > 0) | ~(due > 0), "input_missing")


@metric(
    **_SHARED,
    label=Words("准时足量率（订单）", "on time in full, orders"),
    example=(
        Example({"orders_met": 19, "orders_quantified": 20, "orders_due": 20}, 0.95),
        Example({"orders_met": 0, "orders_quantified": 0, "orders_due": 0}, None, reason="not_positive"),
        Example({"orders_met": 0, "orders_quantified": 0, "orders_due": 9}, None, reason="input_missing"),
    ),
)
def otif_orders(f: Any) -> Measure:
    """The share of orders that fell due with every line delivered on time and in full.

    到期订单中每一行都准时且足量交付的比例。

    Formula: orders on time in full ÷ orders due of which it is known what came | 准时足量订单数 ÷ 可判定足量的到期订单数

    Edge: not delivered by the cut-off is a miss; cancelled orders are left out and counted apart; where the export does not say how much came there is no figure. | 截止日未交付计为未达成；取消的订单不计入，另行列出；未记录交付数量则不计算。

    Source: McKinsey & Trading Partner Alliance, "Defining 'on-time, in-full' in the consumer sector" (2019)
    """
    return ratio(f.orders_met, _quantified(f.orders_quantified, f.orders_due), n=f.orders_quantified)


@metric(
    **_SHARED,
    subjects=(*EVERYONE, "product"),
    label=Words("准时足量率（订单行）", "on time in full, order lines"),
    example=Example({"lines_met": 45, "lines_quantified": 50, "lines_due": 50}, 0.9),
)
def otif_lines(f: Any) -> Measure:
    """The share of order lines that fell due and were delivered on time and in full.

    到期订单行中准时且足量交付的比例。

    Formula: lines on time in full ÷ lines due of which it is known what came | 准时足量订单行数 ÷ 可判定足量的到期订单行数

    Edge: a line without a date of its own takes the order's. | 没有自己日期的订单行取订单日期。

    Source: McKinsey & Trading Partner Alliance, "Defining 'on-time, in-full' in the consumer sector" (2019)
    """
    return ratio(f.lines_met, _quantified(f.lines_quantified, f.lines_due), n=f.lines_quantified)


@metric(
    **_SHARED,
    label=Words("准时率（订单）", "orders on time"),
    example=Example({"orders_on_time": 18, "orders_due": 20}, 0.9),
)
def on_time_orders(f: Any) -> Measure:
    """The share of orders that fell due with every line delivered on time.

    到期订单中每一行都准时交付的比例。

    Edge: short deliveries count as on time here. | 短交在此仍计为准时。

    Source: usual practice
    """
    return ratio(f.orders_on_time, f.orders_due, n=f.orders_due)


@metric(
    **_SHARED,
    label=Words("足量率（订单）", "orders in full"),
    example=Example({"orders_in_full": 20, "orders_quantified": 20, "orders_due": 20}, 1.0),
)
def in_full_orders(f: Any) -> Measure:
    """The share of orders that fell due with every line delivered in full.

    到期订单中每一行都足量交付的比例。

    Formula: orders in full ÷ orders due of which it is known what came | 足量订单数 ÷ 可判定足量的到期订单数

    Edge: late deliveries count as in full here. | 迟交在此仍计为足量。

    Source: usual practice
    """
    return ratio(f.orders_in_full, _quantified(f.orders_quantified, f.orders_due), n=f.orders_quantified)


@metric(
    **_SHARED,
    label=Words("准时率（订单行）", "order lines on time"),
    example=Example({"lines_on_time": 47, "lines_due": 50}, 0.94),
)
def on_time_lines(f: Any) -> Measure:
    """The share of order lines that fell due and were delivered on time.

    到期订单行中准时交付的比例。

    Edge: short deliveries count as on time here; a line without a date of its own takes the order's. | 短交在此仍计为准时；没有自己日期的订单行取订单日期。

    Source: usual practice
    """
    return ratio(f.lines_on_time, f.lines_due, n=f.lines_due)


@metric(
    **_SHARED,
    label=Words("足量率（订单行）", "order lines in full"),
    example=(
        Example({"lines_in_full": 48, "lines_quantified": 50, "lines_due": 50}, 0.96),
        Example({"lines_in_full": 0, "lines_quantified": 0, "lines_due": 9}, None, reason="input_missing"),
    ),
)
def in_full_lines(f: Any) -> Measure:
    """The share of order lines that fell due and were delivered in full.

    到期订单行中足量交付的比例。

    Formula: lines in full ÷ lines due of which it is known what came | 足量到期订单行数 ÷ 可判定足量的到期订单行数

    Edge: late deliveries count as in full here; where the export does not say how much came there is no figure. | 迟交在此仍计为足量；未记录交付数量则不计算。

    Source: usual practice
    """
    return ratio(f.lines_in_full, _quantified(f.lines_quantified, f.lines_due), n=f.lines_quantified)


@metric(
    **{**_SHARED, "unit": "count", "better": "lower", "trend": None},
    label=Words("取消订单数", "orders cancelled"),
    example=Example({"orders_cancelled": 2}, 2),
)
def orders_cancelled(f: Any) -> Quantity:
    """How many orders that would have fallen due were cancelled; the rates of delivery leave them out.

    应到期而被取消的订单数；各项交付比率均不计入。

    Formula: orders cancelled | 取消订单数

    Edge: a cancelled order falls into the window of the date on which it would have been due. | 取消的订单计入其原应到期的期间。

    Source: house definition
    """
    return f.orders_cancelled
