"""Facts about perfect orders, and how much of what was ordered came."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_ORDERS: dict[str, Any] = {"table": "perfect_orders", "on": "due_on", "unit": "count", "only_by": ("basis",)}
_LINES: dict[str, Any] = {"table": "filled_lines", "on": "due_on", "unit": "count"}
_FILL: dict[str, Any] = {**_LINES, "has_product": True}
_QUANTITIES: dict[str, Any] = {
    "table": "filled_lines",
    "on": "due_on",
    "unit": "quantity",
    "only_by": ("unit",),
}


@flow(**_ORDERS, label=Words("可判定订单数", "orders judged"))
def orders_judged(rows: pd.DataFrame) -> pd.Series:
    """One for each due order that never came, or of which is known how documents and goods were."""
    return rows["is_judged"].astype("int64")


@flow(**_ORDERS, label=Words("有单证与货损记录的订单数", "orders with marks"))
def orders_marked(rows: pd.DataFrame) -> pd.Series:
    """One for each due order of which is known how documents and goods were."""
    return rows["is_marked"].astype("int64")


@flow(**_ORDERS, label=Words("完美订单数", "perfect orders"))
def orders_perfect(rows: pd.DataFrame) -> pd.Series:
    """One for each due order with every line on time and in full, documents right and goods undamaged."""
    return rows["is_perfect"].astype("int64")


@flow(**_FILL, label=Words("可判定足量的订单行数", "order lines measured"))
def lines_measured(rows: pd.DataFrame) -> pd.Series:
    """One for each due line of which is known how much was ordered and how much came."""
    return (rows["is_due"] & rows["is_measured"]).astype("int64")


@flow(**_FILL, label=Words("足量订单行数", "order lines filled"))
def lines_filled(rows: pd.DataFrame) -> pd.Series:
    """One for each due line of which all that was ordered came by the cut-off."""
    return (rows["is_due"] & rows["is_measured"] & rows["is_filled"]).astype("int64")


@flow(**_FILL, label=Words("应交订单行数", "order lines to be filled"))
def lines_to_fill(rows: pd.DataFrame) -> pd.Series:
    """One for each due line, measured or not."""
    return rows["is_due"].astype("int64")


@flow(**_QUANTITIES, label=Words("应交数量", "quantity due"))
def quantity_due(rows: pd.DataFrame) -> pd.Series:
    """What was ordered on the due lines that can be measured; units are never added together."""
    return rows["quantity"].where(rows["is_due"] & rows["is_measured"], 0)


@flow(**_QUANTITIES, label=Words("足量数量", "quantity filled"))
def quantity_filled(rows: pd.DataFrame) -> pd.Series:
    """What came of it by the cut-off, never more than was ordered."""
    return rows["filled"].where(rows["is_due"] & rows["is_measured"], 0)


@flow(**_LINES, label=Words("已交订单行数", "order lines delivered"))
def lines_delivered(rows: pd.DataFrame) -> pd.Series:
    """One for each due line of which something came."""
    return (rows["is_due"] & rows["delivered_on"].notna()).astype("int64")


@flow(**_LINES, label=Words("已核对订单行数", "order lines checked"))
def lines_checked(rows: pd.DataFrame) -> pd.Series:
    """One for each delivered line of which is known whether it was the right thing."""
    return (rows["is_due"] & rows["is_correct"].notna()).astype("int64")


@flow(**_LINES, label=Words("无误订单行数", "order lines right"))
def lines_right(rows: pd.DataFrame) -> pd.Series:
    """One for each delivered line that was the right thing."""
    return (rows["is_due"] & rows["is_correct"].fillna(False)).astype("int64")
