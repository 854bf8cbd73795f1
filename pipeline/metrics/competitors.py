"""Competitors at our accounts."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity, median
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_INTERNAL: dict[str, Any] = {"audience": "internal", "subjects": EVERYONE}


@metric(
    **_INTERNAL,
    label=Words("竞争对手动向", "competitors seen"),
    unit="count",
    better="none",
    breakdowns=("", "kind", "competitor"),
    example=Example({"rivals_seen": 3}, 3),
)
def competitor_sightings(f: Any) -> Quantity:
    """How many times a competitor was seen in the window: a visit, a quote, an offer, a win.

    期内发现竞争对手动向的次数：拜访、询价、正式报价、赢单。

    Formula: competitor sightings | 竞争对手动向数

    Edge: what nobody wrote down is not seen. | 没有记录的动向不计。

    Source: house definition
    """
    return f.rivals_seen


@metric(
    **_INTERNAL,
    label=Words("竞争对手价差中位数", "price gap of competitors, median"),
    unit="share",
    better="higher",
    example=(
        Example({"price_gaps": [-0.12, -0.08, -0.03]}, -0.08),
        Example({"price_gaps": []}, reason="no_data"),
    ),
)
def competitor_price_gap(f: Any) -> Measure:
    """By how much the middle one of the competitors' prices seen in the window differed from ours.

    期内所见竞争对手价格与我方价格之差的中位数。

    Formula: median of (their price − ours) ÷ ours | （对方价格 − 我方价格）÷ 我方价格 的中位数

    Edge: sightings without a price are not in it. | 没有价格的动向不计入。

    Source: house definition
    """
    return median(f.price_gaps)
