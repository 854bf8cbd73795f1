"""Feedback: recommendation, satisfaction on other scales, and how many of those asked answered."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import Example, metric
from pipeline.metrics.voice import wilson
from pipeline.words import Words

_Z = 1.96
_WINDOWS = ("month", "quarter", "half", "ytd", "year", "t12m")


@metric(
    label=Words("净推荐值（NPS）", "net promoter score (NPS)"),
    unit="score",
    better="higher",
    audience="client",
    windows=_WINDOWS,
    trend="month",
    example=(
        Example(
            {"promoters": 15, "detractors": 5, "nps_answers": 30}, 33.33, low=6.66, high=60.0, tolerance=0.05
        ),
        Example({"promoters": 3, "detractors": 1, "nps_answers": 4}, reason="too_few"),
    ),
)
def nps(f: Any) -> Measure:
    """The share of answers of 9–10 less the share of answers of 0–6, in points from −100 to 100, with its 95 % interval.

    9–10分的比例减去0–6分的比例，以分表示（−100至100），附95%置信区间。

    Formula: 100 × (promoters − detractors) ÷ answers; interval ± 1.96 · √((p + d − (p − d)²) ÷ n) | 100 ×（推荐者 − 贬损者）÷ 回答数；区间 ± 1.96 · √((p + d − (p − d)²) ÷ n)

    Edge: with fewer answers than policy asks for there is no score, the answers are listed instead; other scales are never mixed in. | 回答数少于政策规定时不计分，改为逐条列出；其他分制不混入。

    Source: F. F. Reichheld, "The One Number You Need to Grow", HBR 81 (2003)
    """
    answers = f.nps_answers
    n = np.where(answers.floats > 0, answers.floats, 1)
    p, d = f.promoters.floats / n, f.detractors.floats / n
    half = 100 * _Z * np.sqrt((p + d - (p - d) ** 2) / n)
    enough = answers.floats >= f.rule("survey").fewest_answers
    value, low, high = (
        Quantity(np.clip(100 * (p - d) + side * half, -100, 100), 1, answers.reasons).where(enough, "too_few")
        for side in (0, -1, 1)
    )
    return Measure(value, n=answers, low=low, high=high)


@metric(
    label=Words("满意度（其他分制）", "customer satisfaction on other scales"),
    unit="share",
    better="higher",
    audience="client",
    windows=_WINDOWS,
    breakdowns=("scale",),
    example=Example({"scale_satisfied": 9, "scale_answers": 12}, 0.75),
)
def csat_other_scales(f: Any) -> Measure:
    """The share of answers at four fifths of their scale or above, for each scale other than five by itself.

    五分制以外的每一分制中，达到满分五分之四及以上的回答所占比例。

    Formula: satisfied answers ÷ answers on the scale | 该分制满意回答数 ÷ 该分制回答数

    Edge: 8 of 10 and 80 of 100 count as 4 of 5 does, but the scales are never added together. | 十分制的8分、百分制的80分等同五分制的4分，但各分制不相加。

    Source: top-two-box; interval by E. B. Wilson, JASA 22 (1927)
    """
    low, high = wilson(f.scale_satisfied, f.scale_answers)
    made: Measure = ratio(f.scale_satisfied, f.scale_answers, n=f.scale_answers)
    return replace(made, low=low, high=high)


@metric(
    label=Words("问卷回收率", "survey response rate"),
    unit="share",
    better="higher",
    audience="client",
    windows=_WINDOWS,
    breakdowns=("", "kind"),
    example=Example({"surveys_answered": 13, "surveys_asked": 40}, 0.325),
)
def response_rate(f: Any) -> Measure:
    """The share of surveys sent in the window that were answered.

    期内发出的问卷中已回收的比例。

    Edge: answers count up to the cut-off, so what was sent last may still be answered; surveys without the day they were sent are left out. | 回答计至截止日，最近发出的可能仍会回收；没有发出日期的问卷不计入。

    Source: AAPOR, Standard Definitions (response rate 1)
    """
    return ratio(f.surveys_answered, f.surveys_asked, n=f.surveys_asked)
