"""What a column made for a check can say of a row: one pure function for each operation.

Each takes the column's name in parts, the table's rows and their surroundings, and returns a Series aligned with the
rows: booleans without gaps (true where in order, or where there is nothing to judge) or `Int64` with gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.numbers import list_currencies

from pipeline.engine.exact import grouped_sums
from pipeline.periods import add_months
from pipeline.schema import NO_ACCOUNT, SCALE, TABLES, Kind

FIRST_PLAUSIBLE = date(1990, 1, 1)
PLAUSIBLE_MONTHS_AHEAD = 60
NOT_MONEY = frozenset({"XXX", "XTS"})
"""ISO 4217 codes for "no currency" and "test"."""
SUBJECT_TABLES = {
    "account": "accounts",
    "customer": "accounts",
    "manager": "managers",
    "team": "teams",
    "product": "products",
}
"""Kinds of subject that are rows of a table; the others (region, industry, portfolio) are words."""
_FOREVER = 4_000_000  # days since 1970, far past any export


@dataclass(frozen=True)
class CheckColumn:
    """The parts of a check column's name, and the table it is made on."""

    table: str
    column: str
    operation: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """What a row is judged against besides itself.

    `tables` holds the accepted rows of the tables judged before and all rows of those judged later, at least with
    the columns that were asked for; a table that is absent from the export is absent here.
    """

    as_of: date
    currency: str
    tables: Mapping[str, pd.DataFrame]


Made = Callable[[CheckColumn, pd.DataFrame, Surroundings], "pd.Series[Any]"]
Needs = Callable[[CheckColumn], dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Operation:
    """How a check column is made, of which kinds of column, with which arguments.

    `needs` are the columns of other tables that it reads, `also` those of its own besides what its name says.
    """

    make: Made
    kinds: tuple[Kind, ...]
    takes: str = ""
    needs: Needs = lambda _: {}
    also: tuple[str, ...] = ()


def known(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the value refers to an accepted row of the parent.

    "~" and missing do, and so does any value where the export has no such table.
    """
    parent = TABLES[check.table].parents[check.column]
    tables = {**around.tables, check.table: rows}
    if parent not in tables:
        return _all_true(rows)
    keys = tables[parent][TABLES[parent].key[0]]
    values = rows[check.column]
    without = values.eq(NO_ACCOUNT).fillna(value=False) if check.column == "account_id" else False
    return _boolean(values.isna() | values.isin(keys) | without)


def known_subject(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the value is a row of the table that the kind in the other column speaks of."""
    (kind_column,) = check.arguments
    fine = _all_true(rows)
    for kind, table in SUBJECT_TABLES.items():
        if table in around.tables:
            keys = around.tables[table][TABLES[table].key[0]]
            fine &= ~rows[kind_column].eq(kind).fillna(value=False) | rows[check.column].isin(keys)
    return _boolean(fine)


def allowed(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is one of those the schema allows."""
    values = rows[check.column]
    return _boolean(values.isna() | values.isin(TABLES[check.table].column(check.column).allowed))


def plausible(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the day lies between 1990 and five years after the as-of date."""
    days = _days(rows[check.column])
    last = _day(add_months(around.as_of, PLAUSIBLE_MONTHS_AHEAD))
    return _boolean(days.isna() | days.between(_day(FIRST_PLAUSIBLE), last))


def iso_4217(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is a currency code, present or past."""
    values = rows[check.column]
    return _boolean(values.isna() | values.isin(list_currencies() - NOT_MONEY))


def convertible(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether `fx` links the currency to the reporting currency: directly, the other way round or through a third."""
    values = rows[check.column]
    near = _linked(around.tables.get("fx"), {around.currency})
    return _boolean(values.isna() | values.isin(_linked(around.tables.get("fx"), near)))


def _linked(fx: pd.DataFrame | None, reached: set[str]) -> set[str]:
    if fx is None:
        return reached
    pairs = [(str(one), str(other)) for one, other in zip(fx["currency"], fx["to_currency"], strict=True)]
    return reached | {one for one, other in pairs if other in reached} | {b for a, b in pairs if a in reached}


def acyclic(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the chain of parents ends: it never comes back to a row that it has passed."""
    key = pd.Index(rows[TABLES[check.table].key[0]])
    first = pd.Index(key.unique())
    at = np.where(rows[check.column].isna(), -1, first.get_indexer(pd.Index(rows[check.column])))
    above = np.full(len(first) + 1, -1)  # the last place is where chains end
    above[first.get_indexer(key)] = at
    for _doubling in range(len(first).bit_length() + 1):  # each round doubles the length of the steps
        above = np.where(above >= 0, above[above], -1)
    return _boolean(pd.Series(above[first.get_indexer(key)] < 0, index=rows.index))


def days_after(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """How many days the date lies after the other one."""
    (other,) = check.arguments
    return _days(rows[check.column]) - _days(rows[other])


def seconds_after(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """How many seconds the moment lies after the other one."""
    (other,) = check.arguments
    return _seconds(rows[check.column]) - _seconds(rows[other])


def unique_within(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether no other row has the same value and the same other columns; two missing values are the same."""
    return _boolean(~rows.duplicated([check.column, *check.arguments], keep=False))


def count_in(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """How many rows of the other table refer to this row; missing where the export has no such table."""
    (child,) = check.arguments
    if child not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    counts = around.tables[child][check.column].value_counts()
    return rows[check.column].map(counts).fillna(0).astype("Int64")


def less(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """The value less the other columns."""
    rest = rows[check.column]
    for other in check.arguments:
        rest = rest - rows[other]
    return rest


def total_beyond(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """By how much the values of all rows with the same reference exceed the parent's column, without their signs.

    Missing where the parent is, or where its currency is another.
    """
    reference, column = check.arguments
    parent = TABLES[check.table].parents[reference]
    if parent not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    above = around.tables[parent].drop_duplicates(TABLES[parent].key[0]).set_index(TABLES[parent].key[0])
    totals = rows.groupby(rows[reference])[check.column].transform("sum").astype("Int64")
    limits = rows[reference].map(above[column]).astype("Int64")
    beyond: pd.Series[Any] = totals.abs() - limits.abs()
    currency = rows[reference].map(above["currency"])
    same = rows["currency"].isna() | currency.isna() | rows["currency"].eq(currency)
    return beyond.where(same.fillna(value=False), pd.NA)


def beyond_lines(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """By how much the values of all rows of an order in one currency exceed the net amounts of its lines, without their signs.

    Missing where the order has no lines, or where their currency is another.
    """
    (reference,) = check.arguments
    if "order_lines" not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    orders = around.tables["order_lines"].groupby("order_id")
    limits = rows[reference].map(orders["net_amount"].sum()).astype("Int64")
    currency = rows[reference].map(orders["currency"].first())
    groups = rows.groupby([reference, "currency"], dropna=False)
    totals = groups[check.column].transform("sum").astype("Int64")
    beyond: pd.Series[Any] = (totals.abs() - limits.abs()).mask(rows[reference].isna(), pd.NA)
    same = rows["currency"].isna() | currency.isna() | rows["currency"].eq(currency)
    return beyond.where(same.fillna(value=False), pd.NA)


def negative_only_with(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is negative only where the other one is not positive: a return gives no money in."""
    (other,) = check.arguments
    against = rows[check.column].lt(0).fillna(value=False) & rows[other].gt(0).fillna(value=False)
    return _boolean(~against)


def present_or(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value or one of the others is there."""
    return _boolean(rows[[check.column, *check.arguments]].notna().any(axis=1))


def present_with(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is there where the other one is."""
    (other,) = check.arguments
    return _boolean(rows[check.column].notna() | rows[other].isna())


def present_where(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is there where the other column, a boolean, is true."""
    (other,) = check.arguments
    return _boolean(rows[check.column].notna() | ~rows[other].fillna(value=False))


def whole_within(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether on each day of the row the shares of all rows with the same other columns make 1.

    A row holds from its `from_on` until the day before its `to_on`; a missing share is 1, and such a row is in order.
    """
    group = rows.groupby(list(check.arguments), dropna=False, sort=False).ngroup()
    first = _days(rows["from_on"]).fillna(0).to_numpy(dtype=np.int64)
    until = _days(rows["to_on"]).fillna(_FOREVER).to_numpy(dtype=np.int64)
    shares = rows[check.column].fillna(SCALE).to_numpy(dtype=np.int64)
    base = group.to_numpy(dtype=np.int64) * 2 * _FOREVER
    broken = _broken_days(base + first, base + np.maximum(first, until), shares)
    return _boolean(pd.Series(~broken, index=rows.index) | rows[check.column].isna())


def _broken_days(
    first: npt.NDArray[np.int64], until: npt.NDArray[np.int64], shares: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """For each span whether the shares of the spans over some day of it make another sum than SCALE.

    Between two bounds nothing changes, so the sum is taken at the bounds alone; how many of the stretches between
    them are broken up to a bound answers for any span.
    """
    bounds, places = np.unique(np.concatenate([first, until]), return_inverse=True)
    steps = grouped_sums(places.astype(np.int64), np.concatenate([shares, -shares]), len(bounds))
    broken = np.cumsum(steps) != SCALE
    so_far = np.concatenate([[0], np.cumsum(broken)])
    begin, end = places[: len(first)], places[len(first) :]
    return np.asarray((end > begin) & (so_far[end] > so_far[begin]))


def _all_true(rows: pd.DataFrame) -> pd.Series[Any]:
    return pd.Series(np.ones(len(rows), dtype=np.bool_), index=rows.index)


def _boolean(values: pd.Series[Any]) -> pd.Series[Any]:
    return values.astype("bool")


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days


def _days(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Days since 1970 (UTC for timestamps), missing where there is none."""
    return (_seconds(moments) // 86_400).astype("Int64")


def _seconds(moments: pd.Series[Any]) -> pd.Series[Any]:
    seconds = moments.to_numpy(dtype="datetime64[s]", na_value=np.datetime64("NaT")).astype(np.int64)
    return pd.Series(seconds, index=moments.index).astype("Int64").mask(moments.isna().to_numpy(), pd.NA)


def _of_parent(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    parent = TABLES[check.table].parents[check.column]
    return {} if parent == check.table else {parent: (TABLES[parent].key[0],)}


def _of_subjects(_: CheckColumn) -> dict[str, tuple[str, ...]]:
    return {table: (TABLES[table].key[0],) for table in sorted(set(SUBJECT_TABLES.values()))}


def _of_child(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    return {check.arguments[0]: (check.column,)}


def _of_total(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    reference, column = check.arguments
    parent = TABLES[check.table].parents[reference]
    return {parent: (TABLES[parent].key[0], column, "currency")}


_DATES: tuple[Kind, ...] = ("date", "timestamp")
_NUMBERS: tuple[Kind, ...] = ("exact", "integer", "rate")
_ANY: tuple[Kind, ...] = ("text", "date", "timestamp", "exact", "rate", "integer", "boolean")

OPERATIONS: dict[str, Operation] = {
    "known": Operation(known, ("text",), "reference", _of_parent),
    "known_subject": Operation(known_subject, ("text",), "column", _of_subjects),
    "allowed": Operation(allowed, ("text",), "allowed"),
    "plausible": Operation(plausible, _DATES),
    "iso_4217": Operation(iso_4217, ("text",)),
    "convertible": Operation(convertible, ("text",), "", lambda _: {"fx": ("currency", "to_currency")}),
    "acyclic": Operation(acyclic, ("text",), "reference"),
    "days_after": Operation(days_after, _DATES, "column"),
    "seconds_after": Operation(seconds_after, _DATES, "column"),
    "unique_within": Operation(unique_within, _ANY, "columns"),
    "count_in": Operation(count_in, ("text",), "table", _of_child),
    "less": Operation(less, _NUMBERS, "columns"),
    "total_beyond": Operation(total_beyond, _NUMBERS, "parent column", _of_total, ("currency",)),
    "beyond_lines": Operation(
        beyond_lines,
        _NUMBERS,
        "column",
        lambda _: {"order_lines": ("order_id", "net_amount", "currency")},
        ("currency",),
    ),
    "negative_only_with": Operation(negative_only_with, _NUMBERS, "column"),
    "present_or": Operation(present_or, _ANY, "columns"),
    "present_with": Operation(present_with, _ANY, "column"),
    "present_where": Operation(present_where, _ANY, "column"),
    "whole_within": Operation(whole_within, ("exact",), "columns", also=("from_on", "to_on")),
}
