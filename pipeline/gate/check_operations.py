"""What a column made for a check can say of a row: one pure function for each operation.

Each takes the column's name in parts, the table's rows and their surroundings, and returns a Series aligned with the
rows: booleans without gaps (true where in order, or where there is nothing to judge) or `Int64` with gaps.
"""

from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.gate import amount_checks, date_checks, reference_checks
from pipeline.gate.checks import CheckColumn, Operation, Surroundings, boolean
from pipeline.schema import TABLES, Kind


def allowed(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is one of those the schema allows."""
    values = rows[check.column]
    return boolean(values.isna() | values.isin(TABLES[check.table].column(check.column).allowed))


def present_or(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value or one of the others is there."""
    return boolean(rows[[check.column, *check.arguments]].notna().any(axis=1))


def present_with(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is there where the other one is."""
    (other,) = check.arguments
    return boolean(rows[check.column].notna() | rows[other].isna())


def present_where(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is there where the other column, a boolean, is true."""
    (other,) = check.arguments
    return boolean(rows[check.column].notna() | ~rows[other].fillna(value=False))


_DATES: tuple[Kind, ...] = ("date", "timestamp")
_NUMBERS: tuple[Kind, ...] = ("exact", "integer", "rate")
_ANY: tuple[Kind, ...] = ("text", "date", "timestamp", "exact", "rate", "integer", "boolean")

OPERATIONS: dict[str, Operation] = {
    "known": Operation(reference_checks.known, ("text",), "reference", reference_checks.of_parent),
    "known_subject": Operation(
        reference_checks.known_subject, ("text",), "column", reference_checks.of_subjects
    ),
    "allowed": Operation(allowed, ("text",), "allowed"),
    "plausible": Operation(date_checks.plausible, _DATES),
    "iso_4217": Operation(amount_checks.iso_4217, ("text",)),
    "convertible": Operation(
        amount_checks.convertible, ("text",), "", lambda _: {"fx": ("currency", "to_currency")}
    ),
    "acyclic": Operation(reference_checks.acyclic, ("text",), "reference"),
    "days_after": Operation(date_checks.days_after, _DATES, "column"),
    "seconds_after": Operation(date_checks.seconds_after, _DATES, "column"),
    "unique_within": Operation(reference_checks.unique_within, _ANY, "columns"),
    "count_in": Operation(reference_checks.count_in, ("text",), "table", reference_checks.of_child),
    "less": Operation(amount_checks.less, _NUMBERS, "columns"),
    "total_beyond": Operation(
        amount_checks.total_beyond, _NUMBERS, "parent column", amount_checks.of_total, ("currency",)
    ),
    "beyond_lines": Operation(
        amount_checks.beyond_lines,
        _NUMBERS,
        "column",
        lambda _: {"order_lines": ("order_id", "net_amount", "currency")},
        ("currency",),
    ),
    "negative_only_with": Operation(amount_checks.negative_only_with, _NUMBERS, "column"),
    "present_or": Operation(present_or, _ANY, "columns"),
    "present_with": Operation(present_with, _ANY, "column"),
    "present_where": Operation(present_where, _ANY, "column"),
    "whole_within": Operation(amount_checks.whole_within, ("exact",), "columns", also=("from_on", "to_on")),
}
