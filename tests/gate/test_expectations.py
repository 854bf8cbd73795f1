from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import DataError
from pipeline.gate.expectations import (
    load_suite,
    require_kept,
    require_known_files,
    require_understood,
    suite_path,
)
from pipeline.resources import built_in

Change = Callable[[dict[str, Any]], object]


def refusal(folder: Path, table: str, change: Change) -> DataError:
    """How a built-in suite with one change is refused."""
    suite = json.loads(built_in("expectations", f"{table}.json").read_text(encoding="utf-8"))
    change(suite)
    path = folder / f"{table}.json"
    path.write_text(json.dumps(suite), encoding="utf-8")
    with pytest.raises(DataError) as refused:
        load_suite(path, table)
    assert refused.value.exit_code == 12
    return refused.value


def meta(suite: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = suite["expectations"][0]["meta"]
    return found


def without(column: str) -> Change:
    def change(suite: dict[str, Any]) -> None:
        suite["expectations"] = [
            each for each in suite["expectations"] if each["kwargs"].get("column") != column
        ]

    return change


@pytest.mark.parametrize(
    ("change", "says", "closest"),
    [
        (lambda suite: suite.update(name="invoices"), "must begin with", None),
        (lambda suite: suite["meta"].update(schema=2), "must begin with", None),
        (lambda suite: suite.update(expectation=[]), "unknown key 'expectation'", "expectations"),
        (lambda suite: suite["expectations"][0].pop("kwargs"), "'kwargs' is missing", None),
        (lambda suite: suite["expectations"][0].update(severity="critical"), "unknown key 'severity'", None),
        (lambda suite: suite["expectations"][0].update(meta="critical"), "must be an object", None),
        (lambda suite: suite["expectations"].append("known"), "must be an object", None),
        (lambda suite: suite["expectations"][0].update(kwargs="known"), "must be an object", None),
        (lambda suite: meta(suite).pop("why"), "'why' is missing", None),
        (lambda suite: meta(suite).update(why=" "), "says no why", None),
        (lambda suite: meta(suite).update(wy="…"), "unknown key 'wy'", "why"),
        (lambda suite: meta(suite).update(severity="fatal"), "'fatal' is not one of critical", None),
        (lambda suite: meta(suite).update(scope="rows"), "'rows' is not one of run", "row"),
        (lambda suite: meta(suite).update(section="service"), "may name a section only where", None),
        (
            lambda suite: meta(suite).update(scope="section", section="servce"),
            "there is no section 'servce'",
            "service",
        ),
        (lambda suite: meta(suite).update(name="Not NULL"), "must claim a truth", None),
        (lambda suite: suite["expectations"].append(suite["expectations"][0]), "two expectations", None),
    ],
    ids=[
        "another table",
        "another schema",
        "key of the suite",
        "no kwargs",
        "key of an entry",
        "meta is text",
        "entry is text",
        "kwargs is text",
        "no why",
        "empty why",
        "key of meta",
        "severity",
        "scope",
        "section of another scope",
        "section that no document has",
        "name",
        "name twice",
    ],
)
def test_a_suite_that_says_what_nobody_reads_is_refused(
    tmp_path: Path, change: Change, says: str, closest: str | None
) -> None:
    refused = refusal(tmp_path, "orders", change)

    assert refused.code == "KB-1201"
    assert "orders.json" in refused.where
    assert says in refused.what
    assert refused.nearest == closest


@pytest.mark.parametrize("content", ["{", "[]", "\ufeff{}"])
def test_a_file_that_is_no_suite_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "orders.json"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(DataError) as refused:
        load_suite(path, "orders")

    assert refused.value.code == "KB-1201"


def test_an_expectation_about_a_column_that_is_not_there_is_refused(tmp_path: Path) -> None:
    refused = refusal(
        tmp_path, "orders", lambda suite: suite["expectations"][0]["kwargs"].update(column="order")
    )

    assert (refused.code, refused.nearest) == ("KB-1203", "order_id")


@pytest.mark.parametrize(
    ("table", "column", "of"),
    [
        ("orders", "order_id", "the key order_id is unique"),
        ("order_lines", "line_no__unique_within__order_id", "the key order_id, line_no is unique"),
        ("orders", "account_id__known", "account_id is known"),
    ],
)
def test_a_suite_that_would_let_in_rows_unseen_is_refused(
    tmp_path: Path, table: str, column: str, of: str
) -> None:
    refused = refusal(tmp_path, table, without(column))

    assert refused.code == "KB-1204"
    assert of in refused.what


def test_the_workspace_is_asked_before_the_installation(tmp_path: Path) -> None:
    assert suite_path(tmp_path, "orders") == built_in("expectations", "orders.json")

    own = tmp_path / "expectations" / "orders.json"
    own.parent.mkdir()
    own.touch()

    assert suite_path(tmp_path, "orders") == own


def test_a_table_without_a_suite_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refused:
        suite_path(tmp_path, "ordrs")

    assert (refused.value.code, refused.value.nearest) == ("KB-1204", "orders")


def test_a_suite_of_the_workspace_that_belongs_to_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "expectations").mkdir()
    (tmp_path / "expectations" / "orders.json").touch()
    require_known_files(tmp_path)
    (tmp_path / "expectations" / "order.json").touch()

    with pytest.raises(DataError) as refused:
        require_known_files(tmp_path)

    assert (refused.value.code, refused.value.nearest) == ("KB-1204", "orders")


def test_a_type_that_does_not_exist_is_refused_with_the_nearest() -> None:
    suite = load_suite(built_in("expectations", "orders.json"), "orders")

    with pytest.raises(DataError) as refused:
        require_understood(suite, ["expect_column_values_to_not_be_nul"])

    assert (refused.value.code, refused.value.nearest) == ("KB-1202", "expect_column_values_to_not_be_nul")


def test_an_expectation_that_was_dropped_is_noticed() -> None:
    suite = load_suite(built_in("expectations", "orders.json"), "orders")
    require_kept(suite, len(suite.expectations))

    with pytest.raises(DataError) as refused:
        require_kept(suite, len(suite.expectations) - 1)

    assert refused.value.code == "KB-1202"
