"""Canonical tables in the form that the stages share: accounts, parts, row hashes, an order that no input changes.

Rows are sorted by part, key, then every other column, so shuffled exports give the same tables; only `_line` tells
where a row stood. Each part is one Parquet row group.
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pipeline.gate.traces import THROUGH, parent_of
from pipeline.intake.mapped import NEWEST
from pipeline.schema import NO_ACCOUNT, TABLES

PARTS = 16
_SAMPLE = 4096
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
    codes, accounts = pd.factorize(accounts_of(table, tables))
    of_customers = {customer: part_of(customer) for customer in set(customers.values())}
    parts = [of_customers[customers[each]] if each in customers else nobody for each in accounts]
    return pd.Series(np.array([*parts, nobody], np.int8)[codes], index=rows.index)  # code -1 takes the last


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
    codes, references = pd.factorize(rows[THROUGH[table]])
    theirs = known.reindex([*references, None]).take(codes).set_axis(rows.index)  # code -1 takes the last
    return own.mask(own == NO_ACCOUNT, theirs)


def row_hashes(table: str, rows: pd.DataFrame) -> pd.Series[Any]:
    """`_row`: 16 hex digits of table and key, so that it survives next month's export; of all cells without a key."""
    declared = TABLES[table]
    has_key = rows[list(declared.key)].notna().any(axis="columns").to_numpy(dtype=np.bool_)
    hashes = np.zeros(len(rows), np.uint64)
    for chosen, columns in ((has_key, declared.key), (~has_key, declared.column_names)):
        if chosen.any():
            hashes[chosen] = _hashes(table, rows.loc[chosen, list(columns)])
    return _hex_digits(hashes).set_axis(rows.index)


def _hashes(table: str, rows: pd.DataFrame) -> NDArray[np.uint64]:
    """pandas' 64-bit hash of the cells of each row, keyed by the table's name, so that tables do not share hashes."""
    texts = [pc.fill_null(pc.cast(pa.array(rows[name]), pa.large_string()), "") for name in rows.columns]
    mark = pa.scalar("\x1f", pa.large_string())
    joined = pc.binary_join_element_wise(*texts, mark) if len(texts) > 1 else texts[0]
    key = hashlib.sha256(table.encode()).hexdigest()[:16]
    cells = joined.to_numpy(zero_copy_only=False)
    return np.asarray(pd.util.hash_array(cells, hash_key=key, categorize=False), np.uint64)


def _hex_digits(numbers: NDArray[np.uint64]) -> pd.Series[str]:
    """Each number as 16 digits, numbered from 0."""
    digits = numbers.astype(">u8").tobytes().hex().encode()
    ends = np.arange(len(numbers) + 1, dtype=np.int64) * 16
    texts = pa.LargeStringArray.from_buffers(len(numbers), pa.py_buffer(ends), pa.py_buffer(digits))
    return pd.Series(texts.to_pandas(), dtype="str")


def in_order(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    """The rows by part and key; where keys are shared or missing, by every other column, `_row`, then origin."""
    declared = TABLES[table]
    order = _order(rows, declared.key)
    if _has_ties(rows[["_part", *declared.key]], order):
        others = [name for name in declared.column_names if name not in declared.key]
        order = _order(rows, [*declared.key, *others, "_row", "_source", "_line"])
    columns = [*declared.column_names, "_source", "_line", "_row", "_part"]
    return rows[columns].take(order).reset_index(drop=True)


def _order(rows: pd.DataFrame, by: Sequence[str]) -> NDArray[np.int64]:
    """The places of the rows by part, and within each part by these columns, what is missing last."""
    parts = rows["_part"].to_numpy()
    places = np.argsort(parts, kind="stable")
    starts = np.searchsorted(parts[places], np.arange(PARTS + 1))
    keys = pa.Table.from_pandas(rows[list(by)], preserve_index=False).take(pa.array(places))
    sort_keys = [(name, "ascending", "at_end") for name in by]
    orders = [
        first + pc.sort_indices(keys.slice(first, last - first), sort_keys=sort_keys).to_numpy()
        for first, last in itertools.pairwise(starts.tolist())
        if last > first
    ]
    return np.asarray(places[np.concatenate([*orders, places[:0]]).astype(np.int64)])


def _has_ties(rows: pd.DataFrame, order: NDArray[np.int64]) -> bool:
    """Whether two rows that follow each other in this order are equal, or both lack what they are ordered by."""
    tied = np.ones(max(len(order) - 1, 0), np.bool_)
    for name in rows.columns:
        cells = pa.array(rows[name].array.take(order))
        same = pc.fill_null(pc.equal(cells[1:], cells[:-1]), False)
        missing = pc.and_(pc.is_null(cells[1:]), pc.is_null(cells[:-1]))
        tied &= pc.or_(same, missing).to_numpy(zero_copy_only=False)
    return bool(tied.any())


def write_table(path: Path, rows: pd.DataFrame) -> None:
    """A sorted table as Parquet, one row group for each part that has rows."""
    table = pa.Table.from_pandas(rows, preserve_index=False)
    starts = np.searchsorted(rows["_part"].to_numpy(), np.arange(PARTS + 1))
    with pq.ParquetWriter(path, table.schema, compression="lz4", use_dictionary=_repetitive(table)) as writer:
        for first, last in itertools.pairwise(starts):
            if last > first:
                writer.write_table(table.slice(first, last - first), row_group_size=int(last - first))


def _repetitive(table: pa.Table) -> list[str]:
    """The columns in whose first rows values repeat: for the others a dictionary costs time and room."""
    first = table.slice(0, _SAMPLE)
    return [
        name
        for name, column in zip(first.column_names, first.columns, strict=True)
        if 2 * pc.count_distinct(column, mode="all").as_py() <= len(first)
    ]
