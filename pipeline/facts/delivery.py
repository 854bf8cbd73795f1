"""Facts about deliveries; each order stands once for each of three dates, so a basis must be named."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_ORDERS = {"table": "deliveries", "on": "due_on", "unit": "count", "only_by": ("basis",)}
_JUDGED = {**_ORDERS, "table": "delivery_lines"}
_LINES = {**_JUDGED, "has_product": True}


@flow(**_ORDERS, label=Words("到期订单数", "orders due"))  # type: ignore[arg-type]  # one declaration for several
def orders_due(rows: pd.DataFrame) -> pd.Series:
    """One for each order that fell due and was not cancelled."""
    return rows["is_due"].astype("int64")


@flow(**_ORDERS, label=Words("可判定足量的到期订单数", "orders due of which it is known what came"))  # type: ignore[arg-type]
def orders_quantified(rows: pd.DataFrame) -> pd.Series:
    """One for each due order of whose every line the export says how much came."""
    return (rows["is_due"] & rows["is_quantified"]).astype("int64")


@flow(**_ORDERS, label=Words("准时足量订单数", "orders on time in full"))  # type: ignore[arg-type]
def orders_met(rows: pd.DataFrame) -> pd.Series:
    """One for each due order with every line on time and in full."""
    return (rows["is_due"] & rows["is_quantified"] & rows["is_met"]).astype("int64")


@flow(**_ORDERS, label=Words("准时订单数", "orders on time"))  # type: ignore[arg-type]
def orders_on_time(rows: pd.DataFrame) -> pd.Series:
    """One for each due order with every line on time."""
    return (rows["is_due"] & rows["is_on_time"]).astype("int64")


@flow(**_ORDERS, label=Words("足量订单数", "orders in full"))  # type: ignore[arg-type]
def orders_in_full(rows: pd.DataFrame) -> pd.Series:
    """One for each due order with every line in full."""
    return (rows["is_due"] & rows["is_quantified"] & rows["is_in_full"]).astype("int64")


@flow(**_ORDERS, label=Words("取消订单数", "orders cancelled"))  # type: ignore[arg-type]
def orders_cancelled(rows: pd.DataFrame) -> pd.Series:
    """One for each order that was cancelled; left out of the rates, and counted."""
    return rows["is_cancelled"].astype("int64")


@flow(**_LINES, label=Words("到期订单行数", "order lines due"))  # type: ignore[arg-type]
def lines_due(rows: pd.DataFrame) -> pd.Series:
    """One for each order line that fell due."""
    return rows["is_due"].astype("int64")


@flow(**_LINES, label=Words("可判定足量的到期订单行数", "order lines due of which it is known what came"))  # type: ignore[arg-type]
def lines_quantified(rows: pd.DataFrame) -> pd.Series:
    """One for each due line of which the export says how much came."""
    return (rows["is_due"] & rows["is_quantified"]).astype("int64")


@flow(**_JUDGED, label=Words("准时订单行数", "order lines on time"))  # type: ignore[arg-type]
def lines_on_time(rows: pd.DataFrame) -> pd.Series:
    """One for each due line that came on time."""
    return (rows["is_due"] & rows["is_on_time"]).astype("int64")


@flow(**_JUDGED, label=Words("足量到期订单行数", "order lines in full"))  # type: ignore[arg-type]
def lines_in_full(rows: pd.DataFrame) -> pd.Series:
    """One for each due line that came in full."""
    return (rows["is_due"] & rows["is_quantified"] & rows["is_in_full"]).astype("int64")


@flow(**_LINES, label=Words("准时足量订单行数", "order lines on time in full"))  # type: ignore[arg-type]
def lines_met(rows: pd.DataFrame) -> pd.Series:
    """One for each due line on time and in full."""
    return (rows["is_due"] & rows["is_quantified"] & rows["is_met"]).astype("int64")
