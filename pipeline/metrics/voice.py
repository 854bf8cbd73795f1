"""What customers say."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words

_Z = 1.959963984540054
"""The standard normal quantile of a two-sided 95 % interval."""


def wilson(hits: Quantity, answers: Quantity) -> tuple[Quantity, Quantity]:
    """The 95 % interval of a share. Source: E. B. Wilson, JASA 22 (1927), 209-212."""
    n = np.where(answers.floats > 0, answers.floats, 1)
    share = hits.floats / n
    centre = share + _Z**2 / (2 * n)
    spread = _Z * np.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    low, high = ((centre + sign * spread) / (1 + _Z**2 / n) for sign in (-1, 1))
    known = answers.floats > 0
    return (Quantity(np.clip(each, 0, 1), 1, answers.reasons).where(known, "no_data") for each in (low, high))  # type: ignore[return-value]


@metric(
    label=Words("满意度", "customer satisfaction"),
    unit="share",
    better="higher",
    audience="client",
    trend="month",
    example=(
        Example({"csat_satisfied": 13, "csat_answers": 15}, 13 / 15, low=0.621, high=0.963, tolerance=0.0005),
        Example({"csat_satisfied": 4, "csat_answers": 4}, 1.0, low=0.510, high=1.0, tolerance=0.0005),
        Example({"csat_satisfied": 960, "csat_answers": 1200}, 0.8, low=0.776, high=0.822, tolerance=0.0005),
    ),
)
def csat(f: Any) -> Measure:
    """The share of answers of four or five on a scale of five, with its 95 % interval.

    五分制中四分和五分的回答所占比例，附95%置信区间。

    Formula: satisfied answers ÷ satisfaction answers | 满意回答数 ÷ 满意度回答数

    Edge: other scales are never mixed in; no answers give no figure. | 其他分制不混入；没有回答则不计算。

    Source: top-two-box; interval by E. B. Wilson, JASA 22 (1927)
    """
    low, high = wilson(f.csat_satisfied, f.csat_answers)
    made: Measure = ratio(f.csat_satisfied, f.csat_answers, n=f.csat_answers)
    return replace(made, low=low, high=high)
