"""Scorecard plans written by hand, and the score they give for figures by hand."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.engine.examples import worked
from pipeline.engine.quantities import Measure
from pipeline.metrics import METRICS, Example
from pipeline.rules.scorecard import ScorecardRule

METRIC_OF = ("gross_margin", "csat", "turnover_days", "forecast_accuracy", "cadence_compliance")
"""Measures for plans by hand: shares, and one of which less is better."""


def measure(metric: str, weight: float, perspective: str = "finance", **more: Any) -> dict[str, Any]:
    """One line of a plan."""
    return {"perspective": perspective, "metric": metric, "weight": weight, **more}


def plan(*measures: dict[str, Any], valid_from: date = date(2000, 1, 1), **more: Any) -> ScorecardRule:
    """A plan of these measures."""
    return ScorecardRule.model_validate(
        {"name": "plan", "measures": list(measures), "valid_from": valid_from, **more}
    )


def told(
    name: str,
    rule: ScorecardRule,
    values: dict[str, float | None],
    targets: dict[str, float | None],
    chosen: str = "",
) -> Measure:
    """What a metric of the scorecard says of one subject with these figures and targets."""
    given = {
        "rule": {"scorecard": rule.model_dump(mode="json")},
        "chosen(measure)": chosen,
        **values,
        **{f"target({each})": target for each, target in targets.items()},
    }
    return worked(METRICS.get(name), Example(given))


def value_of(measure: Measure) -> float | None:
    """The one figure; None where it is not known."""
    return float(measure.value.floats[0]) if measure.value.known[0] else None
