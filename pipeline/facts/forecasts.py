"""Facts about forecasts. Errors are taken cell by cell (account, product, month) and then added."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pipeline.facts import flow
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

_CELLS: dict[str, Any] = {"table": "frozen_forecasts", "on": "period_on", "history": "beside"}


@flow(**_CELLS, unit="money", label=Words("预测额", "forecast"))
def forecast_amount(rows: pd.DataFrame) -> pd.Series:
    """What was forecast, as frozen at the agreed lag; nothing where no forecast was made in time."""
    return rows["forecast"]


@flow(**_CELLS, unit="money", label=Words("实际额（绝对值）", "actual, absolute"))
def forecast_actual(rows: pd.DataFrame) -> pd.Series:
    """The size of what was sold in each cell; a month of more returns than sales counts by its size."""
    return rows["actual"].abs()


@flow(**_CELLS, unit="money", label=Words("预测绝对误差", "absolute error of the forecast"))
def forecast_error(rows: pd.DataFrame) -> pd.Series:
    """How far forecast and actual were apart in each cell."""
    return (rows["actual"] - rows["forecast"]).abs()


@flow(**_CELLS, unit="money", label=Words("预测偏差额", "forecast less actual"))
def forecast_deviation(rows: pd.DataFrame) -> pd.Series:
    """Forecast less actual of each cell; over-forecasts are positive."""
    return rows["forecast"] - rows["actual"]


@flow(
    **_CELLS,
    unit="money",
    label=Words("季节性朴素预测绝对误差", "absolute error of the seasonal naïve forecast"),
)
def naive_error(rows: pd.DataFrame) -> pd.Series:
    """How far the sale of the same month a year earlier and the actual were apart in each cell."""
    return (rows["actual"] - rows["naive"]).abs()


@flow(**_CELLS, unit="count", label=Words("预测单元数", "cells forecast"))
def forecast_cells(rows: pd.DataFrame) -> pd.Series:
    """One for each account, product and month that counts."""
    return rows["period_on"].notna().astype("int64")


@flow(**_CELLS, unit="count", label=Words("有预测单元数", "cells with a forecast"))
def forecast_made(rows: pd.DataFrame) -> pd.Series:
    """One for each cell for which a forecast was made in time."""
    return rows["has_forecast"].astype("int64")
