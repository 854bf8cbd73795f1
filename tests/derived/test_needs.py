from __future__ import annotations

import pytest

from tests.engines import Engine, derived_table, engine

Row = dict[str, object]
ACCOUNTS: list[Row] = [{"account_id": "A1", "name": "a"}]
MANAGERS: list[Row] = [
    {"manager_id": "M1", "name": "one"},
    {"manager_id": "M2", "name": "two", "left_on": "2026-09-30"},
    {"manager_id": "M3", "name": "three", "left_on": "2026-10-01"},
]
NEED: Row = {
    "need_id": "N1",
    "account_id": "A1",
    "kind": "business",
    "raised_on": "2026-08-01",
    "owner_id": "M1",
    "due_on": "2026-12-01",
    "status": "open",
}


def made(*needs: Row) -> Engine:
    rows = [{**NEED, "need_id": f"N{at}", **each} for at, each in enumerate(needs)]
    orders: dict[str, list[Row]] = {
        "orders": [{"order_id": "O", "account_id": "A1", "ordered_on": "2025-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    return engine({"accounts": ACCOUNTS, "managers": MANAGERS, "needs": rows, **orders})


def table(**cells: object) -> Row:
    rows = {"accounts": ACCOUNTS, "managers": MANAGERS, "needs": [{**NEED, **cells}]}
    found = derived_table("customer_needs", rows)
    assert len(found) == 1
    return dict(found.iloc[0])


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, "open"),
        ({"status": "In_Progress"}, "open"),
        ({"status": "DONE", "due_on": "2026-01-01"}, "met"),
        ({"status": "dropped"}, "dropped"),
        ({"due_on": "2026-09-30"}, "overdue"),
        ({"due_on": "2026-10-01"}, "open"),
        ({"status": None}, "unknown"),
        ({"status": None, "due_on": "2026-01-01"}, "overdue"),
    ],
)
def test_a_need_is_met_dropped_overdue_open_or_unknown(cells: Row, state: str) -> None:
    assert table(**cells)["state"] == state


@pytest.mark.parametrize(("owner", "owned"), [("M1", True), ("M2", False), ("M3", True), (None, False)])
def test_an_owner_must_be_named_and_still_with_us(owner: str | None, owned: bool) -> None:
    assert table(owner_id=owner)["is_owned"] == owned


@pytest.mark.parametrize("gap", ["owner_id", "due_on", "status"])
def test_a_plan_has_an_owner_a_date_and_a_state(gap: str) -> None:
    assert table()["is_planned"]
    assert not table(**{gap: None})["is_planned"]


def test_a_need_raised_after_the_as_of_date_is_not_known_yet() -> None:
    found = derived_table(
        "customer_needs", {"accounts": ACCOUNTS, "needs": [{**NEED, "raised_on": "2026-10-01"}]}
    )

    assert found.empty


def test_shares_are_of_what_is_open_and_met_needs_are_left_out() -> None:
    found = made({}, {"owner_id": None}, {"due_on": "2026-03-01"}, {"status": "done", "owner_id": None})

    assert found.value("needs_open", "customer:A1") == 3
    assert found.value("needs_owned_share", "customer:A1") == pytest.approx(2 / 3)
    assert found.value("needs_planned_share", "customer:A1") == pytest.approx(2 / 3)
    assert found.value("needs_overdue_share", "customer:A1") == pytest.approx(1 / 3)
    assert found.value("needs_raised", "customer:A1", "quarter") == 4


def test_with_nothing_open_there_is_no_share() -> None:
    assert made({"status": "done"}).value("needs_owned_share", "customer:A1") is None


def test_the_past_of_what_is_open_is_not_known() -> None:
    found = made({})
    fact = found.evaluator.facts("customer", found.window("month")).before.needs_unmet

    assert not fact.known.any()
