"""Health: measures of a relationship brought to one scale and weighed, with what alone is enough to call it ill."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.engine.quantities import Measure, Quantity
from pipeline.metrics import Example, metric
from pipeline.words import Words

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]


def _measures(policy: Any, until_on: date) -> tuple[str, ...]:
    """The measures that policy weighs, by metric."""
    rule = policy.find("health", until_on - timedelta(days=1))
    return tuple(each.metric for each in rule.weights) if rule else ()


def _vetoes(policy: Any, until_on: date) -> tuple[str, ...]:
    """The measures that alone can make the score 0, by metric."""
    rule = policy.find("health", until_on - timedelta(days=1))
    return tuple(each.metric for each in rule.vetoes) if rule else ()


_THREE: dict[str, Any] = {
    "coverage_floor": 0.6,
    "weights": [
        {"metric": "sla_attainment", "breakdown": "", "window": "", "weight": 0.5, "zero_at": 0.8, "full_at": 1.0},
        {"metric": "csat", "breakdown": "", "window": "", "weight": 0.3, "zero_at": 0.5, "full_at": 1.0},
        {"metric": "overdue_share", "breakdown": "", "window": "", "weight": 0.2, "zero_at": 0.5, "full_at": 0.0},
    ],
    "vetoes": [],
}  # fmt: skip
_VETO = {"metric": "overdue_share", "breakdown": "", "window": "", "above": 0.8, "below": None}
_RULE = {"health": _THREE}
_RULE_WITH_VETO = {"health": {**_THREE, "vetoes": [_VETO]}}
_CUSTOMER: dict[str, Any] = {
    "audience": "internal",
    "subjects": ("customer",),
    "windows": ("month", "quarter", "half", "year"),
    "kind": "composite",
}


@metric(
    **_CUSTOMER,
    unit="score",
    better="higher",
    breakdowns=("", "measure"),
    parts=_measures,
    label=Words("健康度", "health"),
    example=(
        Example(
            {"rule": _RULE, "sla_attainment": 0.9, "csat": 0.75, "overdue_share": 0.1},
            0.56, low=0.56, high=0.56,
        ),
        Example(
            {"rule": _RULE, "sla_attainment": 0.9, "csat": 0.75, "overdue_share": None},
            0.5, low=0.4, high=0.6,
        ),
        Example(
            {"rule": _RULE, "sla_attainment": 0.9, "csat": None, "overdue_share": None},
            None, reason="low_coverage",
        ),
        Example(
            {"rule": _RULE_WITH_VETO, "sla_attainment": 1.0, "csat": 1.0, "overdue_share": 0.9},
            0, low=0, high=0,
        ),
        Example(
            {"rule": _RULE_WITH_VETO, "sla_attainment": 1.0, "csat": 1.0, "overdue_share": None},
            1, low=0, high=1,
        ),
        Example(
            {"rule": _RULE, "chosen(measure)": "csat", "sla_attainment": 0.9, "csat": 0.75, "overdue_share": 0.1},
            0.5,
        ),
    ),
)  # fmt: skip
def health(m: Any) -> Measure:
    """How well a relationship is, from 0 to 1: the measures that exist, weighed by policy; by measure, what each earns.

    客户关系的健康程度（0–1）：对现有指标换算后按政策加权；按指标划分时为各指标的得分。

    Formula: Σ weight × (value − zero point) ÷ (full point − zero point), each between 0 and 1, over the measures that exist ÷ their weights; 0 where a veto holds | Σ 权重 ×（数值 − 零分点）÷（满分点 − 零分点），每项限于0–1，再除以现有指标的权重之和；触发否决项时为0

    Edge: below the policy's coverage there is no score; low and high are what the missing measures could make of it; a veto is not limited by a weight, and one whose measure is missing could hold. | 覆盖率低于政策下限时不给分；上下限为缺失指标取最差与最好时的得分；否决项不受权重限制，指标缺失的否决项在下限中视为触发。

    Source: weighted additive scoring with non-compensatory vetoes (Roy, ELECTRE, 1968); bounds by worst and best imputation (Horowitz & Manski 1998)
    """
    rule = m.rule_or_none("health")
    if rule is None:
        return Measure(Quantity.unknown(m.size, "no_data"))
    if chosen := m.chosen("measure"):
        return _component(m, rule, chosen)
    weights = _column([each.weight for each in rule.weights])
    points = [_points(_measured(m, each).value, each) for each in rule.weights]
    held, possible = _vetoed(m, rule.vetoes, len(points[0]))
    return _score(weights, points, rule.coverage_floor, (held, possible))


@metric(
    **_CUSTOMER,
    unit="count",
    better="lower",
    breakdowns=("", "measure"),
    parts=_vetoes,
    label=Words("健康度否决项数", "vetoes on health"),
    example=(
        Example({"rule": _RULE_WITH_VETO, "overdue_share": 0.9}, 1),
        Example({"rule": _RULE_WITH_VETO, "overdue_share": 0.8}, 0),
        Example({"rule": _RULE_WITH_VETO, "overdue_share": None}, None, reason="no_data"),
    ),
)
def health_vetoes(m: Any) -> Measure:
    """How many of the policy's vetoes hold: measures that alone make the health 0.

    触发的健康度否决项数：单项即可使健康度为0。

    Formula: vetoes whose measure is beyond its limit | 超出限值的否决项数

    Edge: where no veto's measure is known there is no figure; exactly at the limit it does not hold. | 所有否决项指标均缺失则不计算；恰在限值上不触发。

    Source: house definition
    """
    chosen = m.chosen("measure")
    rule = m.rule_or_none("health")
    asked = [each for each in rule.vetoes if chosen in ("", each.metric)] if rule else []
    found = [(_measured(m, each).value, each) for each in asked]
    if not found:  # policy has no veto
        return Measure(Quantity.unknown(m.size, "no_data"))
    known = np.any([value.known for value, _ in found], axis=0)
    count = np.sum([_beyond(value, veto) for value, veto in found], axis=0).astype(np.int64)
    return Measure(Quantity.of(count).where(known, "no_data"))


@dataclass(frozen=True)
class _Points:
    """What a measure earns of each subject, from 0 to 1, and where it is known."""

    earned: Floats
    known: Flags

    def __len__(self) -> int:
        return self.earned.size


def _measured(m: Any, asked: Any) -> Measure:
    view = m.over(asked.window) if asked.window else m
    found: Measure = view.measure(asked.metric, asked.breakdown)
    return found


def _points(value: Quantity, asked: Any) -> _Points:
    reached = (value.floats - asked.zero_at) / (asked.full_at - asked.zero_at)
    return _Points(np.where(value.known, np.clip(reached, 0, 1), 0.0), value.known)


def _component(m: Any, rule: Any, name: str) -> Measure:
    """What one measure earns; `numerator` is its value, `coverage` its share of the weights."""
    total = sum(each.weight for each in rule.weights)
    asked = next((each for each in rule.weights if each.metric == name), None)
    if asked is None:  # an earlier rule weighed other measures
        return Measure(Quantity.unknown(m.size, "no_data"))
    value = _measured(m, asked).value
    points = _points(value, asked)
    share = Quantity.of(np.full(len(points), asked.weight / total))
    return Measure(Quantity(points.earned, 1, value.reasons), numerator=value, coverage=share)


def _score(weights: Floats, points: list[_Points], floor: float, vetoes: tuple[Flags, Flags]) -> Measure:
    """The weighed score with its interval; `vetoes`: where one holds, and where one could."""
    held, possible = vetoes
    total = float(weights.sum())
    earned = np.sum([weight * each.earned for weight, each in zip(weights, points, strict=True)], axis=0)
    present = np.sum([weight * each.known for weight, each in zip(weights, points, strict=True)], axis=0)
    missing = np.sum([weight * ~each.known for weight, each in zip(weights, points, strict=True)], axis=0)
    value = np.divide(earned, present, out=np.zeros_like(earned), where=present > 0)
    low, high = earned / total, np.minimum((earned + missing) / total, 1.0)
    enough = present / total >= floor - 1e-9
    return Measure(
        Quantity.of(np.where(held, 0.0, value)).where(enough, "low_coverage"),
        low=Quantity.of(np.where(held | possible, 0.0, low)).where(enough, "low_coverage"),
        high=Quantity.of(np.where(held, 0.0, high)).where(enough, "low_coverage"),
        coverage=Quantity.of(present / total),
    )


def _vetoed(m: Any, vetoes: Any, count: int) -> tuple[Flags, Flags]:
    """Where a veto holds, and where one could, as its measure is not known."""
    held, possible = np.zeros(count, dtype=np.bool_), np.zeros(count, dtype=np.bool_)
    for veto in vetoes:
        value = _measured(m, veto).value
        held = held | _beyond(value, veto)
        possible = possible | ~value.known
    return held, possible


def _beyond(value: Quantity, veto: Any) -> Flags:
    """Where a measure is known and beyond the limit of a veto."""
    floats = value.floats
    passed = floats > veto.above if veto.above is not None else floats < veto.below
    return np.asarray(value.known & passed)


def _column(numbers: list[float]) -> Floats:
    return np.array(numbers, dtype=np.float64)
