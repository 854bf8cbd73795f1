from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.derived.projects import _part
from tests.engines import Engine, derived_table, engine

Row = dict[str, object]
ACCOUNTS: list[Row] = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b"}]
PROJECT: Row = {
    "project_id": "J1",
    "account_id": "A1",
    "kind": "platform",
    "starts_on": "2026-03-01",
    "revenue_amount": 1_000,
    "share_pct": "0.3",
    "status": "running",
}
CONTRACT: Row = {
    "contract_id": "K1", "account_id": "A1", "starts_on": "2026-01-01", "ends_on": "2026-12-31",
    "annual_amount": 1, "revenue_share_pct": "0.1",
}  # fmt: skip


def told(contracts: list[Row] | None = None, **cells: object) -> Row:
    rows: dict[str, list[Row]] = {"accounts": ACCOUNTS, "projects": [{**PROJECT, **cells}]}
    found = derived_table("joint_projects", {**rows, **({"contracts": contracts} if contracts else {})})
    return dict(found.iloc[0])


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({}, "running"),
        ({"status": "Done"}, "done"),
        ({"status": "cancelled"}, "dropped"),
        ({"starts_on": "2026-10-01"}, "planned"),
        ({"status": None}, "running"),
        ({"status": None, "ends_on": "2026-09-30"}, "done"),
        ({"status": None, "ends_on": "2026-10-01"}, "running"),
    ],
)
def test_a_project_is_planned_running_done_or_dropped(cells: Row, state: str) -> None:
    assert told(**cells)["state"] == state


@pytest.mark.parametrize(
    ("contract", "share"),
    [
        (None, 3_000),
        ({}, 1_000),
        ({"ends_on": "2026-02-28"}, 3_000),
        ({"ends_on": "2026-03-01"}, 1_000),
        ({"starts_on": "2026-03-02"}, 3_000),
        ({"account_id": "A2"}, 3_000),
        ({"status": "draft"}, 3_000),
        ({"revenue_share_pct": None}, 3_000),
    ],
    ids=[
        "none",
        "in force",
        "over",
        "its last day",
        "not begun",
        "another account",
        "a draft",
        "says nothing",
    ],
)
def test_the_contract_in_force_when_it_began_says_the_share_else_the_project(
    contract: Row | None, share: int
) -> None:
    row = told([{**CONTRACT, **contract}] if contract is not None else None)

    assert row["shared_pct"] == share
    assert row["our_amount"] == share * 1_000
    assert str(row["_from"]).startswith("projects:")
    assert ("contracts:" in str(row["_from"])) == (share == 1_000)


def test_of_two_contracts_in_force_the_later_one_holds() -> None:
    later = {**CONTRACT, "contract_id": "K2", "starts_on": "2026-02-01", "revenue_share_pct": "0.2"}

    assert told([later, CONTRACT])["shared_pct"] == 2_000


def made(*projects: Row) -> Engine:
    orders: dict[str, list[Row]] = {
        "orders": [{"order_id": "O", "account_id": "A1", "ordered_on": "2025-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    rows = [{**PROJECT, "project_id": f"J{at}", **each} for at, each in enumerate(projects)]
    return engine({"accounts": ACCOUNTS, "projects": rows, **orders})


def test_a_statement_of_revenue_names_what_is_shared_and_what_is_ours() -> None:
    found = made(
        {}, {"share_pct": None, "revenue_amount": 500}, {"status": "dropped"}, {"revenue_amount": None}
    )

    assert found.value("joint_projects", "customer:A1") == 3
    assert found.value("project_revenue", "customer:A1") == 1_500
    assert found.value("project_share", "customer:A1") == 300
    assert found.value("project_share_rate", "customer:A1") == pytest.approx(0.3)
    assert found.value("project_share_rate", "account:A2") is None


def test_projects_are_told_by_kind_and_by_state() -> None:
    found = made({}, {"kind": "paper", "status": "done", "ends_on": "2026-09-05"}, {"status": "done"})

    for breakdown, count in ((("kind", "platform"), 2), (("kind", "paper"), 1), (("state", "done"), 2)):
        assert found.measure("joint_projects", "customer", "month", breakdown).value.floats[0] == count
    assert found.value("projects_finished", "customer:A1", "month") == 1


def test_the_past_of_a_state_is_not_known() -> None:
    found = made({})
    facts = found.evaluator.facts("customer", found.window("month")).before

    assert not facts.projects_known.known.any()
    assert facts.projects_ended.known.all()


@given(st.integers(-(10**12), 10**12), st.integers(0, 10_000))
def test_a_share_is_the_nearest_ten_thousandth(amount: int, share: int) -> None:
    made_ = int(_part(pd.Series([amount], dtype="Int64"), pd.Series([share], dtype="Int64")).iloc[0])

    assert abs(made_ * 10_000 - amount * share) * 2 <= 10_000
