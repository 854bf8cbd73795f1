"""Facts about pay: what a draft is made of. Each line is its manager's, and no customer's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow, stock
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_LINES: dict[str, Any] = {"table": "pay_lines", "on": "falls_on", "history": "beside"}


def _of_part(rows: pd.DataFrame, *parts: str) -> pd.Series:
    return rows["amount"].where(rows["part"].isin(parts), 0)


@flow(**_LINES, unit="money", label=Words("基本年薪", "base salary"))
def base_salary_amount(rows: pd.DataFrame) -> pd.Series:
    """A twelfth of the yearly base for each month, by days where a month is cut."""
    return _of_part(rows, "base_salary")


@flow(**_LINES, unit="money", label=Words("奖金", "bonus"))
def bonus_amount(rows: pd.DataFrame) -> pd.Series:
    """The bonus year to date less what was given before."""
    return _of_part(rows, "bonus")


@flow(**_LINES, unit="money", label=Words("提成", "commission"))
def commission_amount(rows: pd.DataFrame) -> pd.Series:
    """Commission of the period to date less what was paid before, clawbacks apart."""
    return _of_part(rows, "commission")


@flow(**_LINES, unit="money", label=Words("提成追回", "clawback"))
def clawback_amount(rows: pd.DataFrame) -> pd.Series:
    """Commission taken back (negative), and given back where a late payer paid after all."""
    return _of_part(rows, "clawback")


@flow(**_LINES, unit="count", label=Words("归属股权份数", "equity units vested"))
def vested_units(rows: pd.DataFrame) -> pd.Series:
    """The units of grants that vested."""
    return rows["units"].where(rows["part"] == "vesting", 0)


@flow(**_LINES, unit="money", label=Words("归属股权价值", "worth of equity vested"))
def vested_amount(rows: pd.DataFrame) -> pd.Series:
    """Units vested at the worth of a unit on the day of the grant."""
    return _of_part(rows, "vesting")


@flow(**_LINES, unit="count", label=Words("计薪月数", "months paid"))
def paid_months(rows: pd.DataFrame) -> pd.Series:
    """The months for which a draft exists; a manager without a mode of pay has none."""
    return (rows["part"] == "base_salary").astype("Int64")


@stock(
    table="pay_lines",
    on="falls_on",
    until="until_on",
    unit="count",
    label=Words("待计奖金", "bonuses waiting"),
)
def bonuses_waiting(rows: pd.DataFrame) -> pd.Series:
    """Months whose bonus waits for a measure that could not be told."""
    return (rows["gate"] == "not_measured").astype("Int64")
