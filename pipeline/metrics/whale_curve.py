"""The whale curve: profit added up over customers from the most to the least profitable, how high it rises and falls."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.engine.quantities import Measure, Quantity, ratio
from pipeline.metrics import GROUPS, Example, metric
from pipeline.words import Words

_CURVE: dict[str, Any] = {
    "audience": "internal",
    "subjects": GROUPS,
    "windows": ("quarter", "half", "year", "t12m"),
}
_SOURCE = {"contribution_gained": 180, "customer_contribution": 100}


@metric(
    **_CURVE,
    unit="share",
    better="lower",
    label=Words("鲸鱼曲线峰值", "peak of the whale curve"),
    example=(
        Example(_SOURCE, 1.8),
        Example({"contribution_gained": 20, "customer_contribution": -5}, reason="not_positive"),
    ),
)
def whale_peak(f: Any) -> Measure:
    """How high the profit of the profitable customers rises above the profit that is left in the end.

    盈利客户累计贡献的峰值相当于最终贡献的比例。

    Formula: Σ contributions above zero ÷ Σ contributions | 正贡献之和 ÷ 全部贡献之和

    Edge: 100 % where no customer loses money; groups are rolled up first; where all together lose money there is no figure. | 没有亏损客户时为 100%；集团先合并；合计亏损则不计算。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    return ratio(f.contribution_gained, f.customer_contribution)


@metric(
    **_CURVE,
    unit="share",
    better="higher",
    label=Words("盈利客户占比", "customers up to the peak"),
    example=Example({"profitable_customers": 4, "contributing_customers": 10}, 0.4),
)
def whale_peak_customers(f: Any) -> Measure:
    """The share of customers, from the most profitable on, with which the whale curve reaches its peak.

    鲸鱼曲线到达峰值时的客户占比，即盈利客户所占比例。

    Formula: customers with a contribution above zero ÷ customers with sales or effort | 贡献为正的客户数 ÷ 有销售或投入的客户数

    Edge: groups are rolled up first; a customer that leaves nothing stands behind the peak. | 集团先合并；贡献为零的客户在峰值之后。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    return ratio(f.profitable_customers, f.contributing_customers, n=f.contributing_customers)


@metric(
    **_CURVE,
    unit="money",
    better="lower",
    label=Words("亏损客户消耗的贡献", "contribution lost behind the peak"),
    example=Example(_SOURCE, 80),
)
def whale_loss(f: Any) -> Quantity:
    """What customers that cost more than they bring take away again.

    亏损客户抵消掉的贡献。

    Formula: Σ contributions above zero − Σ contributions | 正贡献之和 − 全部贡献之和

    Edge: groups are rolled up first; zero where no customer loses money. | 集团先合并；没有亏损客户时为零。

    Source: R. S. Kaplan & V. G. Narayanan, "Measuring and Managing Customer Profitability", JCM 15 (2001)
    """
    return f.contribution_gained - f.customer_contribution


def whale_curve(contributions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The points of the curve for a chart: the share of customers and of the contribution, from (0, 0) to (1, 1).

    Customers stand from the largest contribution to the smallest. ValueError where they leave nothing together.
    """
    total = contributions.sum()
    if not total > 0:
        message = "there is no curve without a contribution above zero"
        raise ValueError(message)
    risen = np.cumsum(np.sort(contributions)[::-1]) / total
    places = np.arange(1, contributions.size + 1) / contributions.size
    return np.vstack([np.zeros((1, 2)), np.column_stack([places, risen])])
