"""Rescues: how many, at what cost, and what was kept."""

from __future__ import annotations

import pytest

from tests.derived.test_warnings import ordered, steady
from tests.engines import Engine, engine

RESCUES: list[dict[str, object]] = [
    {"account_id": "A1", "opened_on": "2026-07-03", "closed_on": "2026-08-20", "risk": "competitor", "outcome": "Kept",
     "cost_amount": 10_000, "revenue_at_stake_amount": 900_000},
    {"account_id": "A1", "opened_on": "2026-05-03", "closed_on": "2026-07-20", "risk": "usage", "outcome": "lost",
     "cost_amount": 4_000, "revenue_at_stake_amount": 300_000},
    {"account_id": "A2", "opened_on": "2026-08-03", "risk": "usage", "outcome": "open", "revenue_at_stake_amount": 50_000},
    {"account_id": "A2", "opened_on": "2026-09-03", "closed_on": "2026-10-03", "risk": "usage", "outcome": "kept",
     "cost_amount": 500, "revenue_at_stake_amount": 70_000},
]  # fmt: skip


@pytest.fixture(scope="module")
def company() -> Engine:
    rows = [{"intervention_id": f"R{number}", **row} for number, row in enumerate(RESCUES)]
    accounts: list[dict[str, object]] = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b"}]
    return engine({**ordered(steady()), "accounts": accounts, "interventions": rows})


@pytest.mark.parametrize(
    ("metric", "window", "value"),
    [
        ("interventions_begun", "quarter", 3),
        ("interventions_begun", "month", 1),
        ("interventions_open", "month", 2),  # what ended in October is not over yet
        ("intervention_cost", "quarter", 10_500),
        ("intervention_success", "quarter", 0.5),
        ("revenue_protected", "quarter", 900_000),
    ],
)
def test_a_figure_of_all_rescues(metric: str, window: str, value: float, company: Engine) -> None:
    assert company.value(metric, "portfolio:all", window) == pytest.approx(value)


def test_rescues_are_told_by_their_risk(company: Engine) -> None:
    made = company.measure("interventions_begun", "portfolio", "quarter", ("risk", "usage"))

    assert made.value.floats[0] == 2


def test_success_has_its_interval_and_its_number(company: Engine) -> None:
    made = company.measure("intervention_success", "portfolio", "quarter")

    assert made.n is not None
    assert made.low is not None
    assert made.high is not None
    assert made.n.floats[0] == 2
    assert 0 < made.low.floats[0] < 0.5 < made.high.floats[0] < 1


def test_where_no_rescue_has_ended_there_is_no_success_to_tell(company: Engine) -> None:
    assert company.value("intervention_success", "account:A2", "quarter") is None
