"""Whether rows name each other rightly: parents that are there, chains that end, keys that stand once. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.gate.checks import CheckColumn, Surroundings, all_true, boolean
from pipeline.schema import NO_ACCOUNT, TABLES

SUBJECT_TABLES = {
    "account": "accounts",
    "customer": "accounts",
    "manager": "managers",
    "team": "teams",
    "product": "products",
}
"""Kinds of subject that are rows of a table; the others (region, industry, portfolio) are words."""


def known(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the value refers to an accepted row of the parent.

    "~" and missing do, and so does any value where the export has no such table.
    """
    parent = TABLES[check.table].parents[check.column]
    tables = {**around.tables, check.table: rows}
    if parent not in tables:
        return all_true(rows)
    keys = tables[parent][TABLES[parent].key[0]]
    values = rows[check.column]
    without = values.eq(NO_ACCOUNT).fillna(value=False) if check.column == "account_id" else False
    return boolean(values.isna() | values.isin(keys) | without)


def known_subject(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the value is a row of the table that the kind in the other column speaks of."""
    (kind_column,) = check.arguments
    fine = all_true(rows)
    for kind, table in SUBJECT_TABLES.items():
        if table in around.tables:
            keys = around.tables[table][TABLES[table].key[0]]
            fine &= ~rows[kind_column].eq(kind).fillna(value=False) | rows[check.column].isin(keys)
    return boolean(fine)


def acyclic(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the chain of parents ends: it never comes back to a row that it has passed."""
    key = pd.Index(rows[TABLES[check.table].key[0]])
    first = pd.Index(key.unique())
    at = np.where(rows[check.column].isna(), -1, first.get_indexer(pd.Index(rows[check.column])))
    above = np.full(len(first) + 1, -1)  # the last place is where chains end
    above[first.get_indexer(key)] = at
    for _doubling in range(len(first).bit_length() + 1):  # each round doubles the length of the steps
        above = np.where(above >= 0, above[above], -1)
    return boolean(pd.Series(above[first.get_indexer(key)] < 0, index=rows.index))


def unique_within(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether no other row has the same value and the same other columns; two missing values are the same."""
    return boolean(~rows.duplicated([check.column, *check.arguments], keep=False))


def count_in(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """How many rows of the other table refer to this row; missing where the export has no such table."""
    (child,) = check.arguments
    if child not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    counts = around.tables[child][check.column].value_counts()
    return rows[check.column].map(counts).fillna(0).astype("Int64")


def of_parent(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    """What `known` reads of other tables."""
    parent = TABLES[check.table].parents[check.column]
    return {} if parent == check.table else {parent: (TABLES[parent].key[0],)}


def of_subjects(_: CheckColumn) -> dict[str, tuple[str, ...]]:
    """What `known_subject` reads of other tables."""
    return {table: (TABLES[table].key[0],) for table in sorted(set(SUBJECT_TABLES.values()))}


def of_child(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    """What `count_in` reads of other tables."""
    return {check.arguments[0]: (check.column,)}
