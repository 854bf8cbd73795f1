"""Comments: whether something was done about what customers criticised."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, ratio
from pipeline.metrics import Example, metric
from pipeline.words import Words


@metric(
    label=Words("意见处理率", "critical comments acted on, share"),
    unit="share",
    better="higher",
    audience="client",
    windows=("month", "quarter", "half", "ytd", "year", "t12m"),
    example=(
        Example({"criticisms_acted_on": 3, "criticisms": 4}, 0.75),
        Example({"criticisms_acted_on": 0, "criticisms": 0}, reason="not_positive"),
    ),
)
def criticism_acted_share(f: Any) -> Measure:
    """The share of critical comments, given with answers of the window, on which an action was taken.

    期内随答卷提出的批评意见中已采取措施的比例。

    Edge: critical is an answer in the lower three fifths of its scale (3 of 5, 6 of 10); comments that may not be quoted count too. | 批评意见指处于该分制下五分之三（五分制3分、十分制6分）及以下的回答；未获同意引用的意见也计入。

    Source: house definition; the border is Reichheld's for detractors
    """
    return ratio(f.criticisms_acted_on, f.criticisms, n=f.criticisms)
