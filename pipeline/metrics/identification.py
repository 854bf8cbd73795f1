"""Identification: what makes a key account, each component by itself and weighed together."""

from __future__ import annotations

from typing import Any

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import Example, metric
from pipeline.metrics.scores import weighed
from pipeline.words import Words

_CUSTOMER: dict[str, Any] = {"audience": "internal", "subjects": ("customer",), "windows": ("t12m",)}
_MONTHS = 12
_RULE = {
    "identification": {
        "coverage_floor": 0.6,
        "weights": [
            {"metric": "purchase_frequency", "breakdown": "", "weight": 0.2, "zero_at": 0, "full_at": 4},
            {"metric": "net_sales", "breakdown": "", "weight": 0.2, "zero_at": 0, "full_at": 5_000_000},
            {"metric": "gross_margin", "breakdown": "", "weight": 0.2, "zero_at": 0.05, "full_at": 0.35},
            {"metric": "years_as_customer", "breakdown": "", "weight": 0.4, "zero_at": 0, "full_at": 5},
        ],
    }
}


@metric(
    **_CUSTOMER,
    unit="ratio",
    better="higher",
    label=Words("采购频次（次/月）", "purchases a month"),
    example=Example({"trailing(12).purchases": 30}, 2.5),
)
def purchase_frequency(f: Any) -> Quantity:
    """On how many days a month a customer bought something, over twelve months.

    十二个月内平均每月有采购的天数。

    Formula: purchases of twelve months ÷ 12 | 十二个月采购次数 ÷ 12

    Edge: a day counts once for each account of a group; returns do not count. | 集团的每个账户每天只计一次；退货不计。

    Source: house definition (policy/identification.toml)
    """
    return f.trailing(_MONTHS).purchases * (1 / _MONTHS)


@metric(
    **_CUSTOMER,
    unit="share",
    better="higher",
    label=Words("采购连续性", "share of months with a purchase"),
    example=Example({"months_with_purchase": 9}, 0.75),
)
def purchase_regularity(f: Any) -> Quantity:
    """The share of the last twelve months in which a customer bought something.

    最近十二个月中有采购的月份所占比例。

    Formula: months with a purchase ÷ 12 | 有采购的月数 ÷ 12

    Edge: a customer for less than a year has months without a purchase. | 合作不足一年的客户会有无采购的月份。

    Source: house definition (policy/identification.toml)
    """
    return f.months_with_purchase * (1 / _MONTHS)


@metric(
    **_CUSTOMER,
    unit="score",
    better="higher",
    kind="composite",
    label=Words("大客户识别得分", "key account score"),
    example=(
        Example(
            {
                "rule": _RULE,
                "purchase_frequency": 2,
                "net_sales": 2_500_000,
                "gross_margin": 0.2,
                "years_as_customer": 5,
            },
            0.7,
        ),
        Example(
            {
                "rule": _RULE,
                "purchase_frequency": 2,
                "net_sales": 2_500_000,
                "gross_margin": None,
                "years_as_customer": None,
            },
            None,
            reason="low_coverage",
        ),
    ),
)
def identification_score(m: Any) -> Measure:
    """How much speaks for a key account: frequency, volume, margin and loyalty, on a scale from 0 to 1 weighed by policy.

    综合采购频次、规模、毛利与忠诚度，换算到0–1后按政策加权的大客户识别得分。

    Formula: Σ weight × (value − zero point) ÷ (full point − zero point), over the measures that exist ÷ their weights | Σ 权重 ×（数值 − 零分点）÷（满分点 − 零分点），再除以现有指标的权重之和

    Edge: each component is a metric of its own; below the policy's coverage there is no score, and low and high show what the missing ones could do. | 每个组成部分都是独立指标；覆盖率低于政策下限时不给分，上下限表示缺失项可能造成的影响。

    Source: house definition (policy/identification.toml); weighted additive scoring
    """
    return weighed(m, m.rule("identification"))
