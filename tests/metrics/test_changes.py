from __future__ import annotations

from datetime import date

import pytest

from pipeline.evidence.counts import facts_of
from tests.engines import derived_table
from tests.promisers import AGREED, CHANGE, Row, company

ACCOUNTS: list[Row] = [{"account_id": "A-1", "name": "a", "currency": "CNY"}]
DELIVERED: Row = {**AGREED, "delivered_on": "2026-09-02"}


def changes(*rows: Row, as_of: date | None = None) -> list[dict[str, object]]:
    tables = {
        "accounts": ACCOUNTS,
        "change_requests": [{"change_id": f"C{at}", **CHANGE, **row} for at, row in enumerate(rows)],
    }
    made = derived_table("requirement_changes", tables, **({"as_of": as_of} if as_of else {}))
    return made.to_dict("records")


@pytest.mark.parametrize(
    ("cells", "state", "is_confirmed"),
    [
        ({}, "open", False),
        ({"confirmed_by_us_on": "2026-08-05"}, "open", False),
        ({"confirmed_by_client_on": "2026-08-05"}, "open", False),
        (AGREED, "open", True),
        (DELIVERED, "delivered", True),
        ({"delivered_on": "2026-09-02"}, "delivered", False),
        ({"status": "Cancelled"}, "dropped", False),
        ({**DELIVERED, "status": "dropped"}, "delivered", True),
        ({**AGREED, "confirmed_by_client_on": "2026-10-01"}, "open", False),
        ({**AGREED, "delivered_on": "2026-10-01"}, "open", True),
    ],
)
def test_a_change_is_open_delivered_or_dropped_and_confirmed_by_both_or_not(
    cells: Row, state: str, is_confirmed: bool
) -> None:
    (found,) = changes(cells)

    assert (found["state"], found["is_confirmed"]) == (state, is_confirmed)


def test_what_is_asked_for_after_the_cut_off_is_not_known() -> None:
    assert changes({"asked_on": "2026-10-01"}) == []
    assert changes({"asked_on": "2026-09-09"}, as_of=date(2026, 9, 8)) == []


def test_changes_are_counted_by_when_they_were_asked_for_and_delivered() -> None:
    early: Row = {"asked_on": "2026-02-01"}
    found = company(changes=[{}, AGREED, {**early, **DELIVERED}, {**early}, {"status": "dropped"}])

    expected = {
        "changes_asked": 3,
        "changes_confirmed_share": 1 / 3,
        "changes_delivered": 1,
        "change_cost": 21_000,
        "change_delay": 4,
        "changes_open": 3,
        "changes_unconfirmed_share": 2 / 3,
    }
    assert {name: found.value(name, "customer:A-1", "quarter") for name in expected} == pytest.approx(
        expected
    )


def test_a_cost_that_is_not_stated_is_left_out_and_said() -> None:
    bare: Row = {**DELIVERED, "cost_amount": None, "delay_days": None}
    found = company(changes=[DELIVERED, bare])
    measure = found.measure("change_cost", "customer", "quarter")

    assert measure.coverage is not None
    assert measure.coverage.floats[found.position("customer:A-1")] == 0.5
    assert found.value("change_delay", "customer:A-1", "quarter") == 4
    assert company(changes=[bare]).value("change_cost", "customer:A-1", "quarter") is None


def test_nobody_who_asked_for_nothing_has_a_share() -> None:
    found = company(changes=[{}])

    assert found.value("changes_confirmed_share", "customer:A-2", "quarter") is None
    assert found.value("changes_asked", "customer:A-2", "quarter") == 0


def test_a_sidecar_counts_the_changes_behind_a_figure() -> None:
    found = company(changes=[{}, AGREED])
    facts = facts_of("changes_confirmed_share", found.window("quarter"), "", found.facts)

    assert {each["name"]: each["rows"] for each in facts} == {"changes_agreed": 1, "changes_proposed": 2}
