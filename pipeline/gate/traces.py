"""Whose row it is and where it came from: file, line and account of a table's rows, also where a parent knows it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipeline.schema import NO_ACCOUNT, TABLES

THROUGH = {"order_lines": "order_id", "payments": "invoice_id", "outcome_values": "outcome_id"}
"""Tables whose rows take their account from a parent, with the column that refers to it."""
_OF_ACCOUNTS = ("account", "customer")
"""Kinds of subject that name an account."""


def parent_of(table: str) -> str | None:
    """The table that knows the account of this table's rows, where that is another one than `accounts`."""
    return TABLES[table].parents[THROUGH[table]] if table in THROUGH else None


def trace_columns(table: str) -> list[str]:
    """The columns that `trace` reads."""
    wanted = ("account_id", "subject_kind", "subject_id", THROUGH.get(table))
    return ["_source", "_line", *(name for name in TABLES[table].column_names if name in wanted)]


def trace(table: str, rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """`_source`, `_line` and `account_id` of the rows; the account is missing where it cannot be told.

    `tables` holds all rows of `parent_of(table)`, also those in quarantine.
    """
    return rows[["_source", "_line"]].assign(account_id=_accounts(table, rows, tables))


def _accounts(table: str, rows: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.Series[Any]:
    nobody = pd.Series(pd.NA, index=rows.index, dtype="str")
    own = rows["account_id"] if "account_id" in rows.columns else nobody
    if "subject_kind" in rows.columns:
        own = rows["subject_id"].where(rows["subject_kind"].isin(_OF_ACCOUNTS))
    parent = parent_of(table)
    if parent is None or parent not in tables:
        return own
    key = TABLES[parent].key[0]
    accounts = tables[parent].drop_duplicates(key).set_index(key)["account_id"]
    theirs = rows[THROUGH[table]].map(accounts).astype("str")
    return own.mask(own.eq(NO_ACCOUNT)).fillna(theirs).fillna(own)
