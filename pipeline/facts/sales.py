"""Facts about sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd


@flow(
    table="sales",
    on="sold_on",
    unit="money",
    label=Words("净销售额", "net sales"),
    by=("unit", "kind"),
    has_product=True,
)
def net_sales(rows: pd.DataFrame) -> pd.Series:
    """What was sold, without tax; returns and credit notes are negative."""
    return rows["net_amount"]


@flow(
    table="sales",
    on="sold_on",
    unit="money",
    label=Words("已知成本的销售额", "sales with known cost"),
    has_product=True,
)
def sales_with_cost(rows: pd.DataFrame) -> pd.Series:
    """Sales of the rows whose cost is known."""
    return rows["net_amount"].where(rows["cost_amount"].notna(), 0)


@flow(table="sales", on="sold_on", unit="money", label=Words("销售成本", "cost of sales"), has_product=True)
def cost_of_sales(rows: pd.DataFrame) -> pd.Series:
    """The cost of what was sold, where it is known."""
    return rows["cost_amount"].fillna(0)


@flow(
    table="sales",
    on="sold_on",
    unit="quantity",
    label=Words("销售数量", "quantity sold"),
    only_by=("unit",),
    has_product=True,
)
def quantity_sold(rows: pd.DataFrame) -> pd.Series:
    """Quantities; units of measure are never added together."""
    return rows["quantity"].fillna(0)


@flow(table="sales", on="sold_on", unit="count", label=Words("销售笔数", "sales rows"), has_product=True)
def sales_rows(rows: pd.DataFrame) -> pd.Series:
    """One for each row with a sale above zero; a return does not make a customer active."""
    return (rows["net_amount"] > 0).fillna(False).astype("int64")
