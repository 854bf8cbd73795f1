"""Forecasts: how far off, in which direction, better than a naïve one or not."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_SHARED: dict[str, Any] = {"audience": "internal", "windows": ("month", "quarter", "ytd", "year", "t12m")}
_MONTHS = 12
_TWO_CELLS = {
    "forecast_error": 100,
    "forecast_actual": 200,
    "forecast_deviation": 0,
    "forecast_cells": 2,
    "forecast_made": 2,
}
"""A: actual 100, forecast 150; B: actual 100, forecast 50."""


@metric(
    **_SHARED,
    unit="share",
    better="lower",
    trend="month",
    label=Words("加权绝对百分比误差（WAPE）", "weighted absolute percentage error (WAPE)"),
    example=(
        Example(_TWO_CELLS, 0.5),
        Example({**_TWO_CELLS, "forecast_actual": 0}, reason="not_positive"),
    ),
)
def wape(f: Any) -> Measure:
    """How far forecasts were off, as a share of what was sold; errors are taken cell by cell and never cancel out.

    预测误差占实际销售额的比例；误差逐单元（客户×产品×月）取绝对值后相加，互不抵消。

    Formula: Σ |actual − forecast| ÷ Σ |actual| | Σ |实际 − 预测| ÷ Σ |实际|

    Edge: only forecasts frozen at the agreed lag count; a missing forecast is an error of 100 %, and coverage is the share of cells with one; accounts never forecast are left out; forecast and sales are compared in the currency of the forecast. | 只计按约定提前期冻结的预测；缺预测记为100%误差，覆盖率为有预测单元的比例；从未预测的客户不计入；按预测所用币种比较。

    Source: S. Kolassa & W. Schütz, "Advantages of the MAD/Mean ratio over the MAPE", Foresight 6 (2007)
    """
    made: Measure = ratio(f.forecast_error, f.forecast_actual, n=f.forecast_cells)
    return replace(made, coverage=_made(f))


def _made(f: Any) -> Quantity:
    """The share of cells for which a forecast was made in time."""
    found: Quantity = ratio(f.forecast_made, f.forecast_cells).value
    return found


@metric(
    **_SHARED,
    unit="share",
    better="higher",
    trend="month",
    label=Words("预测准确率", "forecast accuracy"),
    example=(
        Example(_TWO_CELLS, 0.5),
        Example({**_TWO_CELLS, "forecast_error": 500}, 0),
    ),
)
def forecast_accuracy(f: Any) -> Measure:
    """One less the weighted error, never below zero.

    1减去加权绝对百分比误差，不低于零。

    Formula: max(0, 1 − Σ |actual − forecast| ÷ Σ |actual|) | max(0, 1 − Σ |实际 − 预测| ÷ Σ |实际|)

    Edge: as for the weighted error; nothing sold gives no figure. | 与 WAPE 相同；没有实际销售则不计算。

    Source: usual practice
    """
    error = ratio(f.forecast_error, f.forecast_actual).value
    accuracy = Quantity(np.maximum(0, 1 - error.floats), 1, error.reasons)
    return Measure(accuracy, n=f.forecast_cells, coverage=_made(f))


@metric(
    **_SHARED,
    unit="share",
    better="none",
    trend="month",
    label=Words("预测偏差", "forecast bias"),
    example=(
        Example(_TWO_CELLS, 0),
        Example({**_TWO_CELLS, "forecast_deviation": 12}, 0.06),
    ),
)
def forecast_bias(f: Any) -> Measure:
    """How much too high forecasts were on the whole, as a share of what was sold; too low is negative.

    预测总体偏高的比例，偏低为负。

    Formula: Σ (forecast − actual) ÷ Σ |actual| | Σ（预测 − 实际）÷ Σ |实际|

    Edge: errors cancel out here, so a bias of zero does not mean a good forecast. | 误差在此相互抵消，偏差为零不代表预测准确。

    Source: usual practice
    """
    return ratio(f.forecast_deviation, f.forecast_actual, n=f.forecast_cells)


@metric(
    **_SHARED,
    unit="ratio",
    better="higher",
    label=Words("预测技巧得分", "forecast skill"),
    example=(
        Example({"forecast_error": 60, "naive_error": 80, "year_ago.net_sales": 10}, 0.25),
        Example({"forecast_error": 60, "naive_error": 80}, reason="short_history"),
    ),
)
def forecast_skill(f: Any) -> Measure:
    """By how much forecasts beat the sale of the same month a year earlier: 1 is perfect, 0 no better, below 0 worse.

    预测优于「取上年同月实际」这一朴素预测的程度：1为完美，0为不优于，负数为更差。

    Formula: 1 − Σ |actual − forecast| ÷ Σ |actual − sale of the same month a year earlier| | 1 − Σ |实际 − 预测| ÷ Σ |实际 − 上年同月实际|

    Edge: without history of the year before there is no figure. | 没有上年历史则不计算。

    Source: A. H. Murphy, "Skill scores based on the mean square error", MWR 116 (1988), here with absolute errors
    """
    naive = f.naive_error.where(f.year_ago.net_sales.known, "short_history")
    share = ratio(f.forecast_error, naive).value
    return Measure(Quantity(1 - share.floats, 1, share.reasons), f.forecast_error, naive)


@metric(
    audience="internal",
    windows=("month", "quarter", "year"),
    unit="ratio",
    better="none",
    label=Words("预测跟踪信号", "forecast tracking signal"),
    example=(
        Example(
            {
                "trailing(1).forecast_deviation": 10, "trailing(1).forecast_cells": 1,
                **{f"trailing(1).back({n}).forecast_deviation": 10 for n in range(1, 6)},
                **{f"trailing(1).back({n}).forecast_cells": 1 for n in range(1, 6)},
            },
            6,
        ),
        Example(
            {"trailing(1).forecast_deviation": 10, "trailing(1).forecast_cells": 1}, reason="too_few"
        ),
    ),
)  # fmt: skip
def tracking_signal(f: Any) -> Measure:
    """Whether forecasts keep missing in one direction: beyond ±4 they do.

    预测是否持续偏向一侧：超过 ±4即说明存在系统性偏差。

    Formula: Σ (forecast − actual) ÷ mean of |forecast − actual| over the months, of the last twelve | 最近十二个月 Σ（预测 − 实际）÷ 各月 |预测 − 实际| 的平均值

    Edge: months with a forecast only, from the policy's number of months on; forecasts without any error give no figure. | 只计有预测的月份，达到政策规定月数才计算；毫无误差时不计算。

    Source: R. G. Brown, Smoothing, Forecasting and Prediction of Discrete Time Series (1963)
    """
    months = [f.trailing(1).back(n) for n in range(_MONTHS)]
    cells = [month.forecast_cells.or_zero().values > 0 for month in months]
    errors = [month.forecast_deviation.or_zero().floats for month in months]
    count = np.sum(cells, axis=0)
    total = np.sum(np.where(cells, errors, 0), axis=0)
    size = np.sum(np.where(cells, np.abs(errors), 0), axis=0)
    enough = count >= f.rule("forecast").fewest_periods
    signal = np.divide(total * count, size, out=np.zeros_like(total), where=size > 0)
    known = Quantity.of(signal).where(enough, "too_few").where((size > 0) | ~enough, "not_positive")
    return Measure(known, n=Quantity.of(count.astype(np.int64)))
