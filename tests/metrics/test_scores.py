from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.engine.quantities import REASONS
from pipeline.rules.scores import ScoreRule
from tests.engines import Engine, engine, policy_with

WEIGHTS: list[dict[str, Any]] = [
    {
        "metric": "otif_orders",
        "breakdown": "basis=first_promised",
        "weight": 0.4,
        "zero_at": 0.0,
        "full_at": 1.0,
    },
    {"metric": "sla_attainment", "weight": 0.3, "zero_at": 0.0, "full_at": 1.0},
    {"metric": "csat", "weight": 0.3, "zero_at": 0.0, "full_at": 1.0},
]


def scored(weights: list[dict[str, Any]] | None = None, **tables: Any) -> Engine:
    """A delivers half on time, keeps every clock and pleases half; B has answers only."""
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}, {"account_id": "B", "name": "b"}],
        "orders": [
            {"order_id": f"O{at}", "account_id": "A", "ordered_on": "2026-09-01", "first_promised_on": "2026-09-10",
             "delivered_on": on}
            for at, on in enumerate(("2026-09-10", "2026-09-11"))
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": 10, "cost_amount": 4, "quantity": 1,
             "delivered_quantity": 1}
            for at in range(2)
        ],
        "cases": [
            {"case_id": "C", "account_id": "A", "opened_at": "2026-09-01T00:00+08:00",
             "first_reply_at": "2026-09-01T01:00+08:00", "resolved_at": "2026-09-01T02:00+08:00"}
        ],
        "surveys": [
            {"survey_id": f"S{at}", "account_id": account, "kind": "csat", "answered_on": "2026-09-05", "score": score}
            for at, (account, score) in enumerate((("A", 5), ("A", 1), ("B", 5)))
        ],
        **tables,
    }  # fmt: skip
    rule = ScoreRule(name="service", weights=weights or WEIGHTS, valid_from=date(2000, 1, 1))  # type: ignore[arg-type]
    return engine(rows, policy=policy_with(score=[rule]))


def test_a_score_weighs_what_its_measures_reached() -> None:
    assert scored().value("service_score", "account:A") == pytest.approx(0.4 * 0.5 + 0.3 * 1.0 + 0.3 * 0.5)


def test_below_the_coverage_there_is_no_score() -> None:
    measure = scored().measure("service_score", "account", "month")

    assert REASONS[measure.value.reasons[1]] == "low_coverage"
    assert measure.coverage is not None
    assert measure.coverage.floats[1] == pytest.approx(0.3)


def test_a_missing_measure_widens_what_the_score_could_be() -> None:
    found = scored(
        surveys=[
            {"survey_id": "S", "account_id": "B", "kind": "csat", "answered_on": "2026-09-05", "score": 5}
        ]
    )
    measure = found.measure("service_score", "account", "month")

    assert measure.value.floats[0] == pytest.approx(0.5 / 0.7)
    assert measure.low is not None
    assert measure.high is not None
    assert (measure.low.floats[0], measure.high.floats[0]) == (pytest.approx(0.5), pytest.approx(0.8))


def test_policy_decides_what_is_weighed() -> None:
    margin = [{"metric": "gross_margin", "weight": 1.0, "zero_at": 0.0, "full_at": 0.8}]

    assert scored(margin).value("service_score", "account:A") == pytest.approx(0.75)


def test_more_than_the_full_point_earns_no_more_and_less_than_zero_no_less() -> None:
    best = [{"metric": "sla_attainment", "weight": 1.0, "zero_at": 0.2, "full_at": 0.9}]
    worst = [{"metric": "csat", "weight": 1.0, "zero_at": 0.6, "full_at": 0.9}]

    assert scored(best).value("service_score", "account:A") == 1.0
    assert scored(worst).value("service_score", "account:A") == 0.0
