"""The canonical tables hold together: names say kinds, keys and parents exist, money has a currency."""

from __future__ import annotations

from graphlib import TopologicalSorter

import pandas as pd
import pytest

from pipeline.schema import NO_ACCOUNT, PANDAS_DTYPE, SALES_TABLES, SCALE, TABLES, Table

EVERY_TABLE = pytest.mark.parametrize("table", TABLES.values(), ids=TABLES)
EVERY_COLUMN = [(table.name, column) for table in TABLES.values() for column in table.columns]
GRAMMAR = {
    "_id": "text",
    "_on": "date",
    "_at": "timestamp",
    "_amount": "exact",
    "_pct": "exact",
    "_hours": "exact",
    "_count": "integer",
}
OTHERWISE = {"contracts.service_hours"}
"""Opening hours (`09:00-18:00`), not a number of hours."""


@EVERY_TABLE
def test_the_end_of_a_name_says_its_kind(table: Table) -> None:
    said = {
        f"{table.name}.{column.name}": (column.kind, kind)
        for column in table.columns
        for end, kind in GRAMMAR.items()
        if column.name.endswith(end)
    }

    assert {name for name, (kind, promised) in said.items() if kind != promised} <= OTHERWISE


@EVERY_TABLE
def test_the_beginning_of_a_name_says_that_it_is_a_yes_or_no(table: Table) -> None:
    flags = [column for column in table.columns if column.name.startswith(("is_", "has_"))]

    assert {column.kind for column in flags} <= {"boolean"}


def test_the_same_name_is_the_same_kind_everywhere() -> None:
    kinds: dict[str, set[str]] = {}
    for table, column in EVERY_COLUMN:
        if f"{table}.{column.name}" not in {*OTHERWISE, "managers.level"}:  # a grade, P4
            kinds.setdefault(column.name, set()).add(column.kind)

    assert {name: found for name, found in kinds.items() if len(found) > 1} == {}


@EVERY_TABLE
def test_no_column_is_declared_twice(table: Table) -> None:
    assert len(set(table.column_names)) == len(table.column_names)
    assert not {name for name in table.column_names if name.startswith("_")}  # kept for the trace


@EVERY_TABLE
def test_a_key_is_made_of_required_columns(table: Table) -> None:
    assert table.key
    assert all(table.column(name).required for name in table.key)


@EVERY_TABLE
def test_a_parent_is_a_table_with_one_key_of_the_same_kind(table: Table) -> None:
    for column, parent in table.parents.items():
        assert len(TABLES[parent].key) == 1
        assert table.column(column).kind == TABLES[parent].column(TABLES[parent].key[0]).kind


@EVERY_TABLE
def test_a_key_of_another_table_is_declared_as_such(table: Table) -> None:
    keys = {
        other.key[0]: name for name, other in TABLES.items() if len(other.key) == 1 and name != table.name
    }
    named = {name: keys[name] for name in table.column_names if name in keys}

    assert named.items() <= table.parents.items()


def test_parents_lead_in_no_circle() -> None:
    before = {name: {*table.parents.values()} - {name} for name, table in TABLES.items()}

    assert len(list(TopologicalSorter(before).static_order())) == len(TABLES)


@EVERY_TABLE
def test_a_dated_table_names_one_of_its_days(table: Table) -> None:
    if table.dated is not None:
        assert table.column(table.dated).kind in ("date", "timestamp")


@EVERY_TABLE
def test_money_has_a_currency_beside_it(table: Table) -> None:
    money = [name for name in table.column_names if name.endswith("_amount") or name == "amount"]

    assert not money or "currency" in table.column_names


@EVERY_TABLE
def test_choices_are_text_and_differ(table: Table) -> None:
    for column in table.columns:
        if column.allowed:
            assert column.kind == "text"
            assert len(set(column.allowed)) == len(column.allowed)


def test_every_kind_can_be_held_and_can_be_missing() -> None:
    assert {column.kind for _, column in EVERY_COLUMN} <= set(PANDAS_DTYPE)
    for dtype in PANDAS_DTYPE.values():
        assert pd.Series([None], dtype=dtype).isna().all()


def test_exact_values_hold_the_money_of_any_company() -> None:
    largest = 10**13  # ten million million, in any currency

    assert pd.Series([largest * SCALE], dtype=PANDAS_DTYPE["exact"])[0] // SCALE == largest


def test_sales_are_tables_with_a_day_and_an_account() -> None:
    for name in SALES_TABLES:
        assert TABLES[name].dated is not None
        assert TABLES[name].parents["account_id"] == "accounts"


def test_a_column_is_found_by_its_name_and_no_other() -> None:
    assert TABLES["orders"].column("ordered_on").kind == "date"
    with pytest.raises(KeyError, match="ordered_at"):
        TABLES["orders"].column("ordered_at")


def test_no_account_is_no_id_that_an_export_would_use() -> None:
    assert NO_ACCOUNT == "~"
