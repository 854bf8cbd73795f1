"""Metrics with memory, played month by month from the first of data: each month sees what the one before decided."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from pipeline.periods import Window, add_months, window_ending

if TYPE_CHECKING:
    from pipeline.engine.evaluate import Evaluator
    from pipeline.engine.quantities import Measure
    from pipeline.metrics import Metric


@dataclass(frozen=True)
class Played:
    """One month: what was remembered before it, what the metric said, what it remembers."""

    window: Window
    before: Any
    measure: Measure
    after: Any


def played(metric: Metric, evaluator: Evaluator, kind: str, name: str, until_on: date) -> Iterator[Played]:
    """The months up to `until_on`, in windows of that name."""
    state = None
    day = evaluator.edges.first
    while day < until_on:
        day = min(add_months(day, 1), until_on)
        window = window_ending(name, day, evaluator.fiscal_start)
        if window is not None:
            before = state
            measure, state = metric.measure(evaluator.facts(kind, window), before)
            yield Played(window, before, measure, state)
