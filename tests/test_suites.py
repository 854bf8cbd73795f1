"""Every expectation of every built-in suite: it holds for rows in order, and a row that trips it is named."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.gate.checks import Surroundings
from pipeline.gate.expectations import Suite, load_suite
from pipeline.gate.judging import judge_table
from pipeline.resources import built_in
from pipeline.schema import TABLES
from tests.tables import frame

TRIPS = Path(__file__).parent / "expectations"
ANY_ROWS = "_rows"


def claims() -> Iterator[tuple[str, str]]:
    """(table, name) of every expectation there is."""
    for path in sorted(built_in("expectations").glob("*.json")):
        for entry in json.loads(path.read_text(encoding="utf-8"))["expectations"]:
            yield path.stem, entry["meta"]["name"]


@cache
def good() -> dict[str, list[dict[str, Any]]]:
    return read(TRIPS / "good.toml")


@cache
def suite_of(table: str) -> Suite:
    return load_suite(built_in("expectations", f"{table}.json"), table)


def read(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def good_rows(table: str) -> pd.DataFrame:
    return frame(table, good()[table])


def rows(table: str, change: dict[str, Any] | None = None) -> pd.DataFrame:
    """The good rows of a table, the last one changed; an empty text empties a cell."""
    *others, last = good()[table]
    changed = {name: None if cell == "" else cell for name, cell in {**last, **(change or {})}.items()}
    return frame(table, [*others, changed])


@cache
def around(table: str) -> Surroundings:
    others = {name: good_rows(name) for name in TABLES if name != table}
    return Surroundings(date(2026, 9, 30), "CNY", others)


def broken(suite: Suite, given: pd.DataFrame) -> dict[str, int]:
    """How many rows break which expectation."""
    surroundings = around(suite.table)
    judgement = judge_table(suite.table, given, suite, surroundings, surroundings.tables)
    counts: dict[str, int] = {}
    for finding in judgement.findings:
        counts[finding["expectation"]] = counts.get(finding["expectation"], 0) + finding["rows"]
    return counts


def test_there_is_a_suite_for_every_table() -> None:
    assert {path.stem for path in built_in("expectations").glob("*.json")} == set(TABLES)


@pytest.mark.parametrize("table", TABLES)
def test_every_expectation_holds_for_rows_in_order(table: str) -> None:
    assert broken(suite_of(table), rows(table)) == {}


@pytest.mark.parametrize(("table", "name"), list(claims()))
def test_a_row_trips_the_expectation(table: str, name: str) -> None:
    trips = read(TRIPS / f"{table}.toml")
    assert name in trips, f"add a row that trips it to tests/expectations/{table}.toml"
    change = dict(trips[name])
    expected = change.pop(ANY_ROWS, 1)
    whole = suite_of(table)
    alone = Suite(table, tuple(each for each in whole.expectations if each.name == name))

    assert broken(alone, rows(table, change)) == {name: expected}


@pytest.mark.parametrize("table", TABLES)
def test_no_trip_is_left_over(table: str) -> None:
    names = {each.name for each in suite_of(table).expectations}

    assert set(read(TRIPS / f"{table}.toml")) == names
