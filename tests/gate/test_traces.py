from __future__ import annotations

from collections.abc import Mapping, Sequence

from pipeline.gate.traces import THROUGH, parent_of, trace, trace_columns
from pipeline.schema import TABLES
from tests.tables import frame

INVOICES = {"invoices": frame("invoices", [{"invoice_id": "I1", "account_id": "A1"}])}


def accounts(table: str, rows: Sequence[Mapping[str, object]], others: object = None) -> list[str | None]:
    given = frame(table, rows)[trace_columns(table)]
    found = trace(table, given, others if isinstance(others, dict) else {})["account_id"]
    return [None if missing else str(value) for value, missing in zip(found, found.isna(), strict=True)]


def test_a_row_has_its_own_account() -> None:
    assert accounts("orders", [{"account_id": "A1"}, {}]) == ["A1", "~"]


def test_a_row_takes_its_account_from_the_parent_where_it_has_none() -> None:
    orders = {"orders": frame("orders", [{"order_id": "O1", "account_id": "A1"}])}
    payments = [{"invoice_id": "I1"}, {"invoice_id": "I404"}, {"invoice_id": "I1", "account_id": "A2"}]

    assert accounts("order_lines", [{"order_id": "O1"}, {"order_id": "O404"}], orders) == ["A1", None]
    assert accounts("payments", payments, INVOICES) == ["A1", "~", "A2"]


def test_a_goal_has_the_account_that_it_names() -> None:
    targets = [{"subject_kind": "account", "subject_id": "A1"}, {"subject_kind": "team", "subject_id": "T1"}]

    assert accounts("targets", targets) == ["A1", None]


def test_a_table_about_nobody_in_particular_has_no_account() -> None:
    assert accounts("fx", [{"currency": "EUR"}]) == [None]
    assert parent_of("fx") is None


def test_file_and_line_are_kept_and_so_is_the_position() -> None:
    rows = frame("orders", [{"order_id": "O1"}, {"order_id": "O2"}]).iloc[[1]]

    assert trace("orders", rows, {}).reset_index().to_dict("records") == [
        {"index": 1, "_source": "orders.csv", "_line": 3, "account_id": "~"}
    ]


def test_every_way_to_an_account_leads_through_a_table_that_has_one() -> None:
    for table in THROUGH:
        parent = parent_of(table)
        assert parent is not None
        assert "account_id" in TABLES[parent].column_names
