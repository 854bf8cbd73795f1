"""Weighted scores: several metrics brought to one scale, with what the missing ones could do."""

from __future__ import annotations

from typing import Any

import numpy as np

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import EVERYONE, Example, metric
from pipeline.words import Words

_THREE = {
    "score": {
        "coverage_floor": 0.6,
        "weights": [
            {
                "metric": "otif_orders",
                "breakdown": "basis=first_promised",
                "weight": 0.4,
                "zero_at": 0.8,
                "full_at": 1.0,
            },
            {"metric": "sla_attainment", "breakdown": "", "weight": 0.3, "zero_at": 0.8, "full_at": 1.0},
            {"metric": "csat", "breakdown": "", "weight": 0.3, "zero_at": 0.5, "full_at": 1.0},
        ],
    }
}


@metric(
    label=Words("服务综合得分", "service score"),
    unit="score",
    better="higher",
    audience="internal",
    subjects=EVERYONE,
    windows=("month", "quarter", "half", "year"),
    kind="composite",
    example=(
        Example(
            {"rule": _THREE, "otif_orders[basis=first_promised]": 0.9, "sla_attainment": 1.0, "csat": 0.75},
            0.65, low=0.65, high=0.65,
        ),
        Example(
            {"rule": _THREE, "otif_orders[basis=first_promised]": 0.9, "sla_attainment": 1.0, "csat": None},
            0.5 / 0.7, low=0.5, high=0.8,
        ),
        Example(
            {"rule": _THREE, "otif_orders[basis=first_promised]": 0.9, "sla_attainment": None, "csat": None},
            None, reason="low_coverage",
        ),
    ),
)  # fmt: skip
def service_score(m: Any) -> Measure:
    """Delivery, service and satisfaction brought to one scale from 0 to 1 and weighed by policy.

    将交付、服务与满意度换算到0–1后按政策权重加权。

    Formula: Σ weight × (value − zero point) ÷ (full point − zero point), over the measures that exist ÷ their weights | Σ 权重 ×（数值 − 零分点）÷（满分点 − 零分点），再除以现有指标的权重之和

    Edge: below the policy's coverage there is no score; low and high show what the missing measures could do. | 覆盖率低于政策下限时不给分；上下限表示缺失指标可能造成的影响。

    Source: weighted additive scoring; Kaplan & Norton, HBR 70 (1992)
    """
    return weighed(m, m.rule("score"))


def weighed(m: Any, rule: Any) -> Measure:
    """The score of a rule: its measures weighed, with what the missing ones could do and the share that exists."""
    parts = [(weight, _points(m.measure(weight.metric, weight.breakdown), weight)) for weight in rule.weights]
    total = sum(weight.weight for weight in rule.weights)
    earned = sum(np.where(points.known, weight.weight * points.floats, 0) for weight, points in parts)
    present = sum(np.where(points.known, weight.weight, 0.0) for weight, points in parts)
    covered = np.asarray(present) / total
    enough = covered >= rule.coverage_floor
    value = np.divide(earned, present, out=np.zeros_like(covered), where=np.asarray(present) > 0)
    score = Quantity.of(value).where(enough, "low_coverage")
    low = Quantity.of(np.asarray(earned) / total).where(enough, "low_coverage")
    high = Quantity.of((np.asarray(earned) + total - present) / total).where(enough, "low_coverage")
    return Measure(score, low=low, high=high, coverage=Quantity.of(covered))


def _points(measure: Measure, weight: Any) -> Quantity:
    """The measure on a scale from 0 to 1, by the policy's zero and full points."""
    reached = (measure.value.floats - weight.zero_at) / (weight.full_at - weight.zero_at)
    return Quantity(np.clip(reached, 0, 1), 1, measure.value.reasons)
