"""The lines of the weighted scorecard: each measure of the plan with its value, its target and what it earns. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.engine.quantities import Quantity, aligned
from pipeline.metrics import METRICS

FULL = 100.0
Floats = npt.NDArray[np.float64]
_STEPS = {"share": 0.01, "ratio": 0.1, "index": 0.1, "days": 1.0, "hours": 1.0, "count": 1.0, "score": 1.0}
_OF_TARGET = 0.01
"""One step of an amount, whose size nobody knows beforehand: this share of its target."""


@dataclass(frozen=True)
class Line:
    """One measure of the plan for every subject: its value and target, and which part of its weight it earns."""

    rule: Any
    value: Quantity
    target: Quantity
    attained: Quantity
    earned: Floats
    """From 0 to the cap; 0 where nothing is known, to be masked by `known`."""

    @property
    def weight(self) -> float:
        return float(self.rule.weight)

    @property
    def known(self) -> npt.NDArray[np.bool_]:
        return self.attained.known

    @property
    def is_lower_better(self) -> bool:
        return METRICS.get(self.rule.metric).better == "lower"

    def one_step_better(self) -> Floats:
        """Which part of the weight would be earned with a value one step better."""
        step = -self.step if self.is_lower_better else self.step
        value = Quantity.of(self.value.floats + step)
        return _earned(_attained(value, self.target, lower=self.is_lower_better), self.rule)

    @property
    def step(self) -> Floats:
        """What one step is, in the measure's unit."""
        unit = METRICS.get(self.rule.metric).unit
        fixed = self.rule.step or _STEPS.get(unit)
        found: Floats = (
            _OF_TARGET * self.target.floats if fixed is None else np.full(len(self.value), float(fixed))
        )
        return found


def lines(m: Any) -> list[Line]:
    """Every measure of the plan in force; none before the company's first plan."""
    rule = m.rule_or_none("scorecard")
    return [_line(m, each) for each in rule.measures] if rule else []


def _line(m: Any, rule: Any) -> Line:
    seen = m.over(rule.window)
    value = seen.measure(rule.metric, rule.breakdown).value
    target = _target(seen, rule)
    attained = _attained(value, target, lower=METRICS.get(rule.metric).better == "lower")
    return Line(rule, value, target, attained, _earned(attained, rule))


def _target(seen: Any, rule: Any) -> Quantity:
    """The subject's own target, else what is asked of every manager alike, else the plan's."""
    found: Quantity = seen.target(rule.metric, rule.breakdown)
    shared = seen.target(rule.metric, rule.breakdown, of_every="manager")
    if METRICS.get(rule.metric).unit not in ("money", "count", "quantity"):
        found = _first(found, shared)
    return found if rule.target is None else _first(found, found.like(float(rule.target)))


def _first(one: Quantity, other: Quantity) -> Quantity:
    """The first where it is known, else the other."""
    mine, others = aligned(one, other)
    return Quantity(
        np.where(mine.known, mine.values, others.values),
        mine.scale,
        np.where(mine.known, mine.reasons, others.reasons).astype(np.int8),
    )


def _attained(value: Quantity, target: Quantity, *, lower: bool) -> Quantity:
    """Value over target, the other way round where less is better; nothing at all is then all that can be asked."""
    top, bottom = (target, value) if lower else (value, target)
    reached = np.divide(top.floats, bottom.floats, out=np.full(len(value), np.inf), where=bottom.floats > 0)
    reasons = np.where(value.known, target.reasons, value.reasons).astype(np.int8)
    capped = np.clip(
        reached, 0, 10
    )  # days overdue of 0 are infinitely better than 5; no page needs more than tenfold
    return Quantity(np.where(reasons == 0, capped, 0.0), 1, reasons).where(target.floats > 0, "not_positive")


def _earned(attained: Quantity, rule: Any) -> Floats:
    """0 at the floor, 1 at the target, a line between and beyond it up to the cap."""
    found: Floats = np.clip((attained.floats - rule.floor) / (1 - rule.floor), 0, rule.cap)
    return found


def total(parts: list[Line]) -> float:
    """The weights of all measures."""
    return sum(each.weight for each in parts)


def points(parts: list[Line]) -> Floats:
    """What each subject earns with the measures that are known."""
    return np.asarray(
        sum(np.where(each.known, each.weight * each.earned, 0.0) for each in parts), dtype=float
    )


def present(parts: list[Line]) -> Floats:
    """The weights of the measures that are known of each subject."""
    return np.asarray(sum(np.where(each.known, each.weight, 0.0) for each in parts), dtype=float)


def score(points: Floats, present: Floats) -> Floats:
    """Points over the weights that were measured, on a scale that ends at 100 whatever the caps."""
    reached = np.divide(points, present, out=np.zeros_like(points), where=present > 0)
    found: Floats = np.minimum(FULL * reached, FULL)
    return found
