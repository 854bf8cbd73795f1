"""The demo company's exports with one record spoilt for each expectation: how a cell is changed so that it is tripped."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from pipeline.gate.check_columns import JOINT, check_column
from pipeline.gate.checks import CheckColumn
from pipeline.gate.expectations import Expectation
from pipeline.schema import RATE_SCALE, SCALE, TABLES

Row = Mapping[str, str]
Spoil = Callable[[Expectation, CheckColumn, Row, Row], dict[str, str]]
NOWHERE, NO_MONEY, NO_RATE, TOO_EARLY, DAY = "X-404", "XXX", "ISK", "1900-01-01", "2026-08-03"
_UNITS = {"exact": SCALE, "rate": RATE_SCALE, "integer": 1}


def spoilt(claim: Expectation, row: Row, other: Row) -> dict[str, str]:
    """The cells of a row, as an export writes them, that trip an expectation; `other` is another row of the table.

    KeyError for an expectation of a kind that nothing is known of: it needs its mutation here.
    """
    column = str(claim.kwargs["column"])
    if JOINT in column:
        check = check_column(claim.table, column)
        return _OF_CHECKS[check.operation](claim, check, row, other)
    kind = claim.type.removeprefix("expect_column_values_to_")
    if kind == "not_be_null":
        return {column: ""}
    if kind == "be_unique":
        return {column: other[column]}
    if kind == "not_be_in_set":
        return {column: str(claim.kwargs["value_set"][0])}
    if kind == "be_in_set":
        return {column: "neither"}
    return {column: {"be_between": _outside}[kind](claim, column)}


def _outside(claim: Expectation, column: str) -> str:
    units = _UNITS[TABLES[claim.table].column(column).kind]
    least = claim.kwargs.get("min_value")
    beyond = least - units if least is not None else claim.kwargs["max_value"] + units
    return _number(beyond / units)


def _number(value: float) -> str:
    return f"{value:.8f}".rstrip("0").rstrip(".")


def _unknown(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return {check.column: NOWHERE}


def _unknown_subject(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return {check.column: NOWHERE, check.arguments[0]: "account"}


def _cell(text: str) -> Spoil:
    return lambda _, check, __, ___: {check.column: text}


def _own_parent(_: Expectation, check: CheckColumn, row: Row, __: Row) -> dict[str, str]:
    return {check.column: row[TABLES[check.table].key[0]]}


def _day_before(_: Expectation, check: CheckColumn, row: Row, __: Row) -> dict[str, str]:
    (later,) = check.arguments
    day = row[later] or DAY
    return {later: day, check.column: str(datetime.fromisoformat(day).date() - timedelta(days=1))}


def _minute_before(_: Expectation, check: CheckColumn, row: Row, __: Row) -> dict[str, str]:
    (later,) = check.arguments
    moment = row[later] or f"{DAY}T08:00:00+00:00"
    return {later: moment, check.column: (datetime.fromisoformat(moment) - timedelta(minutes=1)).isoformat()}


def _same_as_another(_: Expectation, check: CheckColumn, row: Row, other: Row) -> dict[str, str]:
    """The key of another row, but not all of it: rows that are the same in all cells are one row exported twice."""
    key = {name: other[name] for name in (check.column, *check.arguments)}
    beside = [name for name in TABLES[check.table].column_names if name not in key]
    if beside and all(row[name] == other[name] for name in beside):
        dates = [name for name in beside if TABLES[check.table].column(name).kind == "date"]
        return {**key, dates[0]: "2030-01-01"}
    return key


def _sum_apart(claim: Expectation, check: CheckColumn, row: Row, _: Row) -> dict[str, str]:
    rest = {name: row[name] or "1" for name in check.arguments}
    away = 1.0 if "max_value" in claim.kwargs else -1.0
    return {**rest, check.column: _number(sum(float(each) for each in rest.values()) + away)}


def _far_beyond(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return {check.column: "99999999"}


def _against_each_other(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return {check.column: "-1", check.arguments[0]: "1"}


def _none_of_them(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return dict.fromkeys((check.column, *check.arguments), "")


def _only_the_other(_: Expectation, check: CheckColumn, row: Row, __: Row) -> dict[str, str]:
    (other,) = check.arguments
    by_kind = {"date": DAY, "boolean": "true", "exact": "1"}
    return {check.column: "", other: row[other] or by_kind[TABLES[check.table].column(other).kind]}


def _where_true(_: Expectation, check: CheckColumn, __: Row, ___: Row) -> dict[str, str]:
    return {check.column: "", check.arguments[0]: "true"}


_OF_CHECKS: dict[str, Spoil] = {
    "known": _unknown,
    "known_subject": _unknown_subject,
    "allowed": _cell("neither"),
    "plausible": _cell(TOO_EARLY),
    "iso_4217": _cell(NO_MONEY),
    "convertible": _cell(NO_RATE),
    "acyclic": _own_parent,
    "days_after": _day_before,
    "seconds_after": _minute_before,
    "unique_within": _same_as_another,
    "count_in": _unknown,
    "less": _sum_apart,
    "total_beyond": _far_beyond,
    "beyond_lines": _far_beyond,
    "negative_only_with": _against_each_other,
    "present_or": _none_of_them,
    "present_with": _only_the_other,
    "present_where": _where_true,
    "whole_within": _cell("0.3"),
}
