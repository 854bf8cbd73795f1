"""Canonical tables in the form that the stages share: accounts, parts, row hashes, an order that no input changes.

Rows are sorted by part, key, then every other column, so shuffled exports give the same tables; only `_line` tells
where a row stood. Each part is one Parquet row group.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.gate.traces import THROUGH, parent_of
from pipeline.intake.mapped import NEWEST
from pipeline.intake.merging import key_codes
from pipeline.schema import NO_ACCOUNT, TABLES

PARTS = 16
Tables = Mapping[str, pd.DataFrame]


def finished(rows: Tables) -> dict[str, pd.DataFrame]:
    """Every table with `~` for empty accounts, `_row` and `_part`, sorted."""
    named = {name: with_accounts(name, each) for name, each in rows.items()}
    customers = customers_of(named["accounts"]) if "accounts" in named else {}
    return {
        name: in_order(
            name,
            each.drop(columns=NEWEST).assign(
                _row=row_hashes(name, each), _part=parts_of(name, named, customers)
            ),
        )
        for name, each in named.items()
    }


def with_accounts(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with `~` where no account is given; the accounts themselves are left as they are."""
    if table == "accounts" or "account_id" not in rows.columns:
        return rows
    return rows.assign(account_id=rows["account_id"].fillna(NO_ACCOUNT))


def customers_of(accounts: pd.DataFrame) -> dict[str, str]:
    """Account → its top parent among the accounts; accounts whose parents go round are customers of their own."""
    known = accounts.dropna(subset=["account_id"])
    parents = dict(zip(known["account_id"].tolist(), known["parent_id"].tolist(), strict=True))
    return {account: _top(account, parents) for account in parents}


def _top(account: str, parents: Mapping[str, Any]) -> str:
    above, seen = account, {account}
    while isinstance(parent := parents[above], str) and parent in parents:
        if parent in seen:
            return account
        above = parent
        seen.add(above)
    return above


def part_of(customer: str) -> int:
    """The part of a customer, 0–15: by a hash, so it never depends on who else there is."""
    return int(hashlib.sha256(customer.encode()).hexdigest()[:8], 16) % PARTS


def parts_of(table: str, tables: Tables, customers: Mapping[str, str]) -> pd.Series[Any]:
    """The part of each row: of its account's customer, of `~` where that is unknown, 0 where the table has none."""
    rows = tables[table]
    if table not in THROUGH and "account_id" not in rows.columns:
        return pd.Series(0, index=rows.index, dtype="int8")
    nobody = part_of(NO_ACCOUNT)
    parts = {account: part_of(customer) for account, customer in customers.items()}
    return accounts_of(table, tables).map(parts).fillna(nobody).astype("int8")


def accounts_of(table: str, tables: Tables) -> pd.Series[Any]:
    """The account of each row, its parent's where the row has none; missing where the parent is not known."""
    rows = tables[table]
    own = (
        rows["account_id"]
        if "account_id" in rows.columns
        else pd.Series(NO_ACCOUNT, index=rows.index, dtype="str")
    )
    parent = parent_of(table)
    if parent is None or parent not in tables:
        return own
    known = (
        tables[parent].drop_duplicates(TABLES[parent].key[0]).set_index(TABLES[parent].key[0])["account_id"]
    )
    return own.mask(own == NO_ACCOUNT, rows[THROUGH[table]].map(known))


def row_hashes(table: str, rows: pd.DataFrame) -> pd.Series[Any]:
    """`_row`: 16 hex digits of table and key, so that it survives next month's export; of all cells without a key."""
    declared = TABLES[table]
    has_key = key_codes(rows, declared.key) >= 0
    keyed = _hashes(table, rows.loc[has_key, list(declared.key)])
    keyless = _hashes(table, rows.loc[~has_key, list(declared.column_names)])
    hashes = np.full(len(rows), "", dtype=object)
    hashes[has_key], hashes[~has_key] = keyed, keyless
    return pd.Series(hashes, index=rows.index, dtype="str")


def _hashes(table: str, rows: pd.DataFrame) -> list[str]:
    texts = [pc.fill_null(pc.cast(pa.array(rows[name]), pa.large_string()), "") for name in rows.columns]
    mark = pa.scalar("\x1f", pa.large_string())
    joined = pc.binary_join_element_wise(pa.scalar(table, pa.large_string()), *texts, mark)
    return [hashlib.sha256(text.encode()).hexdigest()[:16] for text in joined.to_pylist()]


def in_order(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by part and key; where keys are shared or missing, by every other column, `_row`, then origin."""
    declared = TABLES[table]
    codes = key_codes(rows, declared.key)
    by = ["_part", *declared.key]
    if (codes < 0).any() or len(np.unique(codes)) < len(codes):
        others = [name for name in declared.column_names if name not in declared.key]
        by += [*others, "_row", "_source", "_line"]
    order = pc.sort_indices(
        pa.Table.from_pandas(rows[by], preserve_index=False),
        sort_keys=[(name, "ascending", "at_end") for name in by],
    )
    columns = [*declared.column_names, "_source", "_line", "_row", "_part"]
    return rows[columns].take(order.to_numpy()).reset_index(drop=True)


def write_table(path: Path, rows: pd.DataFrame) -> None:
    """A sorted table as Parquet, one row group for each part that has rows."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    starts = np.searchsorted(rows["_part"].to_numpy(), np.arange(PARTS + 1))
    with pq.ParquetWriter(path, table.schema) as writer:
        for first, last in itertools.pairwise(starts):
            if last > first:
                writer.write_table(table.slice(first, last - first), row_group_size=int(last - first))
