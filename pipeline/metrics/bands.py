"""Revenue bands: how much a customer buys a year, apart from its class."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import GROUPS, Example, metric
from pipeline.words import Words

BELOW = "below"
"""The text of a customer that is in no band."""


@metric(
    label=Words("收入分级", "revenue band"),
    unit="text",
    better="none",
    audience="internal",
    subjects=("customer",),
    windows=("month", "quarter", "t12m"),
    example=Example(
        {"trailing(12).net_sales": [7_000_000, 5_000_000, 1_200_000, 600_000, 20_000]},
        text=("strategic", "strategic", "key", "base", "below"),
    ),
)
def revenue_band(f: Any) -> Measure:
    """The band of a customer by its sales of twelve months: strategic, key, base, or below them.

    按十二个月销售额划分的收入等级：战略、重点、基础，或低于基础。

    Formula: the highest band whose amount is reached | 达到其金额的最高等级

    Edge: groups are rolled up; numerator is the sales, low and high the borders of the band; the bands in force on the window's last day count. | 集团合并计算；分子为销售额，上下限为该等级的边界；按期末有效的分级标准。

    Source: house definition (policy/bands.toml)
    """
    sales = f.trailing(12).net_sales
    bands = sorted(f.rule("band").bands, key=lambda band: band.from_amount)
    borders = np.array([band.from_amount for band in bands])
    place = np.searchsorted(borders, sales.floats, side="right")
    names = [BELOW, *(band.name for band in bands)]
    texts = [names[at] if known else None for at, known in zip(place, sales.known, strict=True)]
    low, high = np.r_[np.nan, borders][place], np.r_[borders, np.nan][place]
    return Measure(
        Quantity(place.astype(np.float64), 1, sales.reasons),
        numerator=sales,
        low=_border(low, sales),
        high=_border(high, sales),
        text=texts,
    )


def _border(amounts: Any, sales: Quantity) -> Quantity:
    """A border where there is one."""
    known = ~np.isnan(amounts)
    return Quantity(np.where(known, amounts, 0), 1, sales.reasons).where(known, "no_data")


@metric(
    label=Words("各收入等级客户数", "customers by revenue band"),
    unit="count",
    better="none",
    audience="internal",
    subjects=GROUPS,
    windows=("month", "quarter", "half", "year"),
    breakdowns=("", "band"),
    example=(
        Example({"customers_in_band": 9}, 9),
        Example({"customers_in_band": 2, "chosen(band)": "key"}, 2),
    ),
)
def customers_by_band(f: Any) -> Quantity:
    """How many customers with sales in twelve months are in each revenue band on the window's last day.

    期末各收入等级中（十二个月内有销售）的客户数。

    Formula: customers in the band | 该等级的客户数

    Edge: customers without sales are in none. | 无销售的客户不计入。

    Source: house definition (policy/bands.toml)
    """
    return f.customers_in_band
