"""Facts about budgets: what was planned to be sold, spent and paid, spread over the days of each month."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import stated
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_BUDGETS: dict[str, Any] = {"table": "budget_pieces", "on": "falls_on"}


def _amount(rows: pd.DataFrame, kind: str) -> pd.Series:
    return rows["amount"].where(rows["kind"] == kind, 0)


def _days(rows: pd.DataFrame, kind: str) -> pd.Series:
    return rows["days"].where(rows["kind"] == kind, 0)


@stated(**_BUDGETS, unit="money", label=Words("销售预算", "sales budget"))
def sales_budget_amount(rows: pd.DataFrame) -> pd.Series:
    """The piece of a sales budget that falls into the window, by days."""
    return _amount(rows, "sales")


@stated(**_BUDGETS, unit="count", label=Words("有销售预算的天数", "days with a sales budget"))
def sales_budget_days(rows: pd.DataFrame) -> pd.Series:
    """The days of the window for which there is a sales budget."""
    return _days(rows, "sales")


@stated(**_BUDGETS, unit="money", label=Words("成本预算", "cost budget"))
def cost_budget_amount(rows: pd.DataFrame) -> pd.Series:
    """The piece of a cost budget that falls into the window, by days."""
    return _amount(rows, "cost")


@stated(**_BUDGETS, unit="count", label=Words("有成本预算的天数", "days with a cost budget"))
def cost_budget_days(rows: pd.DataFrame) -> pd.Series:
    """The days of the window for which there is a cost budget."""
    return _days(rows, "cost")


@stated(**_BUDGETS, unit="money", label=Words("薪酬预算", "pay budget"))
def pay_budget_amount(rows: pd.DataFrame) -> pd.Series:
    """The piece of a pay budget that falls into the window, by days."""
    return _amount(rows, "pay")


@stated(**_BUDGETS, unit="count", label=Words("有薪酬预算的天数", "days with a pay budget"))
def pay_budget_days(rows: pd.DataFrame) -> pd.Series:
    """The days of the window for which there is a pay budget."""
    return _days(rows, "pay")
