from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.engine.examples import ExampleMetrics
from pipeline.engine.quantities import REASONS, Measure, Quantity
from pipeline.metrics import METRICS
from pipeline.metrics.health import health, health_vetoes
from pipeline.rules.health import HealthMeasure, HealthRule, Veto
from tests.runs import computed, reading

NAMES = ("sla_attainment", "csat", "overdue_share", "usage_level")
SINCE = date(2000, 1, 1)


def measure(metric: str, weight: float = 1, zero_at: float = 0, full_at: float = 1) -> HealthMeasure:
    return HealthMeasure(metric=metric, weight=weight, zero_at=zero_at, full_at=full_at)


def rule(weights: tuple[HealthMeasure, ...], *vetoes: Veto, floor: float = 0.6) -> HealthRule:
    return HealthRule(weights=weights, vetoes=vetoes, coverage_floor=floor, valid_from=SINCE)


def seen(of: HealthRule, values: Mapping[str, float | None], chosen: str = "") -> Any:
    """What the composite sees of one customer."""
    facts = ExampleMetrics({**dict.fromkeys(NAMES), **values, "chosen(measure)": chosen})
    return SimpleNamespace(
        measure=facts.measure, chosen=facts.chosen, over=lambda _: facts, size=1, rule_or_none=lambda _: of
    )


def number(quantity: Quantity | None) -> float | None:
    assert quantity is not None
    return float(quantity.floats[0]) if quantity.known[0] else None


def interval(made: Measure) -> tuple[float | None, float | None, float | None]:
    return number(made.low), number(made.value), number(made.high)


EVEN = rule(tuple(measure(name) for name in NAMES))


def test_a_mean_of_what_exists_with_the_worst_and_the_best_of_what_does_not() -> None:
    made = health(seen(EVEN, {"sla_attainment": 1.0, "csat": 0.5, "overdue_share": 0.0}))

    assert interval(made) == (pytest.approx(0.375), pytest.approx(0.5), pytest.approx(0.625))
    assert number(made.coverage) == 0.75


@pytest.mark.parametrize(("weight", "known"), [(1.5, True), (1.4, False)])
def test_below_six_tenths_of_the_weights_there_is_no_score(weight: float, known: bool) -> None:
    weighed = rule((measure("csat", weight), measure("usage_level", 2.5 - weight)))
    made = health(seen(weighed, {"csat": 1.0}))

    assert (number(made.value) is not None) == known
    assert known or REASONS[made.value.reasons[0]] == "low_coverage"


def test_a_measure_of_which_less_is_better_falls() -> None:
    weighed = rule((measure("overdue_share", zero_at=0.5, full_at=0.0),))

    assert [number(health(seen(weighed, {"overdue_share": each})).value) for each in (0.0, 0.25, 0.5, 0.9)] == [
        1, 0.5, 0, 0,
    ]  # fmt: skip


LATE = Veto(metric="overdue_share", above=0.8)


@pytest.mark.parametrize(("share", "score"), [(0.8, 1.0), (0.81, 0.0)])
def test_a_veto_is_not_limited_by_a_weight(share: float, score: float) -> None:
    weighed = rule((measure("csat", 100),), LATE)
    made = health(seen(weighed, {"csat": 1.0, "overdue_share": share}))

    assert interval(made) == (score, score, score)
    assert number(health_vetoes(seen(weighed, {"overdue_share": share})).value) == 1 - score


def test_a_veto_whose_measure_is_missing_could_hold() -> None:
    made = health(seen(rule((measure("csat"),), LATE), {"csat": 0.9}))

    assert interval(made) == (0, 0.9, 0.9)


def test_a_veto_below_a_limit() -> None:
    weighed = rule((measure("csat"),), Veto(metric="usage_level", below=0.2))

    assert number(health(seen(weighed, {"csat": 0.9, "usage_level": 0.1})).value) == 0
    assert number(health(seen(weighed, {"csat": 0.9, "usage_level": 0.2})).value) == 0.9


def test_a_measure_tells_what_it_earns_its_value_and_its_share_of_the_weights() -> None:
    weighed = rule((measure("csat", 3, 0.5, 1.0), measure("usage_level", 1)))
    made = health(seen(weighed, {"csat": 0.75}, "csat"))

    assert (number(made.value), number(made.numerator), number(made.coverage)) == (0.5, 0.75, 0.75)
    assert number(health(seen(weighed, {}, "usage_level")).value) is None
    assert number(health(seen(weighed, {}, "sla_attainment")).value) is None


def test_without_a_rule_nothing_is_said() -> None:
    view = seen(EVEN, {"csat": 1.0})
    view.rule_or_none = lambda _: None

    assert number(health(view).value) is None
    assert number(health_vetoes(view).value) is None


POINTS = st.one_of(st.none(), st.floats(0, 1))
VALUES = st.fixed_dictionaries(dict.fromkeys(NAMES, POINTS))
WEIGHTS = st.lists(st.floats(0.01, 10), min_size=4, max_size=4)


@given(VALUES, WEIGHTS)
def test_the_score_lies_in_its_interval_and_between_its_parts(
    values: dict[str, float | None], weights: list[float]
) -> None:
    weighed = rule(tuple(measure(name, each) for name, each in zip(NAMES, weights, strict=True)), floor=0)
    low, score, high = interval(health(seen(weighed, values)))
    known = [each for each in values.values() if each is not None]

    assert score is not None
    assert low is not None
    assert high is not None
    assert -1e-9 <= low <= score + 1e-9
    assert score <= high + 1e-9 <= 1 + 2e-9
    if known:
        assert min(known) - 1e-9 <= score <= max(known) + 1e-9


@given(VALUES, WEIGHTS, st.sampled_from(NAMES), st.floats(0, 1))
def test_whatever_a_missing_measure_turns_out_to_be_the_score_stays_in_the_interval(
    values: dict[str, float | None], weights: list[float], name: str, told: float
) -> None:
    weighed = rule(
        tuple(measure(each, weight) for each, weight in zip(NAMES, weights, strict=True)), LATE, floor=0
    )
    low, _, high = interval(health(seen(weighed, {**values, name: None})))
    _, _, best = interval(health(seen(weighed, {**values, name: told})))
    worst, score, _ = interval(health(seen(weighed, {**values, name: told})))

    assert low is not None
    assert high is not None
    assert worst is not None
    assert best is not None
    assert low - 1e-9 <= worst
    assert best <= high + 1e-9
    if all(each is not None for key, each in values.items() if key != name):
        assert score is not None
        assert low - 1e-9 <= score <= high + 1e-9


@given(VALUES, WEIGHTS, st.floats(0.5, 4))
def test_only_the_proportion_of_weights_matters(
    values: dict[str, float | None], weights: list[float], times: float
) -> None:
    pairs = list(zip(NAMES, weights, strict=True))
    one, other = (rule(tuple(measure(name, each * by) for name, each in pairs)) for by in (1, times))
    first, second = (number(health(seen(each, values)).value) for each in (one, other))

    assert first == pytest.approx(second)


@pytest.mark.parametrize(
    "cells",
    [
        {"weights": ()},
        {"weights": (measure("csat"), measure("csat"))},
        {"weights": (measure("csat"),), "coverage_floor": 1.2},
    ],
)
def test_a_rule_must_make_sense(cells: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        HealthRule(**cells, valid_from=SINCE)


@pytest.mark.parametrize("cells", [{}, {"above": 1.0, "below": 0.0}])
def test_a_veto_has_one_side(cells: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Veto(metric="csat", **cells)


def test_a_measure_needs_a_distance() -> None:
    with pytest.raises(ValidationError):
        measure("csat", zero_at=1.0, full_at=1.0)


def test_every_measure_and_veto_of_the_built_in_policy_is_a_metric_of_customers() -> None:
    policy = ExampleMetrics({}).rule("health")
    for asked in (*policy.weights, *policy.vetoes):
        found = METRICS.get(asked.metric)
        assert "customer" in found.subjects
        assert not asked.window or asked.window in found.windows
        assert not asked.breakdown or asked.breakdown.partition("=")[0] in found.breakdowns
    assert sum(each.weight for each in policy.weights) == pytest.approx(1)
    better = {each.metric: each.full_at > each.zero_at for each in policy.weights}
    assert all(better[name] == (METRICS.get(name).better == "higher") for name in better)


def test_a_run_tells_the_health_of_a_customer_and_of_each_measure(tmp_path: Any) -> None:
    days = [f"{year}-{month:02}-05" for year in (2024, 2025, 2026) for month in range(1, 10)]
    table = computed(
        tmp_path,
        {
            "accounts": [{"account_id": "A1", "name": "a"}],
            "orders": [
                {"order_id": day, "account_id": "A1", "ordered_on": day, "first_promised_on": day, "delivered_on": day}
                for day in days
            ],
            "order_lines": [
                {"order_id": day, "line_no": 1, "net_amount": 100, "quantity": 1, "delivered_quantity": 1} for day in days
            ],
            "cases": [
                {"case_id": day, "account_id": "A1", "opened_at": f"{day}T09:00+08:00",
                 "first_reply_at": f"{day}T10:00+08:00", "resolved_at": f"{day}T11:00+08:00"}
                for day in days
            ],
            "surveys": [
                {"survey_id": day, "account_id": "A1", "kind": "csat", "answered_on": day, "score": 5, "scale_max": 5}
                for day in days
            ],
        },
    )  # fmt: skip
    whole = reading(table, "health", "customer:A1", "quarter")
    growth = reading(table, "health", "customer:A1", "quarter", breakdown="measure=sales_growth")

    assert whole["coverage"] == pytest.approx(0.6)
    assert growth["value"] == pytest.approx(0.75)
    assert whole["value"] == pytest.approx((3 * 0.15 + 0.15 * 0.75) / 0.6)
    assert whole["low"] == 0
    assert whole["audience"] == "internal"
    assert np.isnan(
        reading(table, "health", "customer:A1", "quarter", breakdown="measure=usage_level")["value"]
    )
