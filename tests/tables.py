"""Canonical tables written by hand, as ingest leaves them: short rows in, every column and type out.

A row names only the cells that matter, in the units a person writes: `{"net_amount": 12.5}` is 12.50 and is held as
125000 ten-thousandths, `{"ordered_on": "2026-09-01"}` a date, `{"opened_at": "2026-09-01T08:00+08:00"}` a timestamp
(UTC where it has no zone). Exact cells are best written as text or integers.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import store
from pipeline.schema import NO_ACCOUNT, PANDAS_DTYPE, RATE_SCALE, SCALE, TABLES, TRACE_COLUMNS, Kind

PARTS = 16
ROUTES: dict[str, tuple[str, str]] = {
    "order_lines": ("orders", "order_id"),
    "outcome_values": ("outcomes", "outcome_id"),
}
"""Tables without an account of their own: the parent that has it and the column that refers to it."""
REJECT_COLUMNS = ("table", "_source", "_line", "_reason", "column", "cells")


def frame(
    table: str, rows: Sequence[Mapping[str, object]], *, source: str | None = None, first_line: int = 2
) -> pd.DataFrame:
    """A canonical table: all its columns with their types, the trace columns, `_part` by the row's own account.

    Rows keep their order here. `_source` and `_line` may be given in a row; else they are `<table>.csv` and the
    line the row would have there. A column that the table does not have is a KeyError.
    """
    declared = TABLES[table]
    for row in rows:
        for name in set(row) - set(TRACE_COLUMNS):
            declared.column(name)
    columns = {
        column.name: pd.Series(
            [_cell(column.kind, row.get(column.name, _empty(table, column.name))) for row in rows],
            dtype=PANDAS_DTYPE[column.kind],
        )
        for column in declared.columns
    }
    made = pd.DataFrame(columns)
    made["_source"] = pd.Series([row.get("_source", source or f"{table}.csv") for row in rows], dtype="str")
    made["_line"] = pd.Series(
        [row.get("_line", first_line + place) for place, row in enumerate(rows)], dtype="Int64"
    )
    made["_row"] = pd.Series([_hash_of_row(table, row) for row in rows], dtype="str")
    made["_part"] = pd.Series([part_of(account) for account in _accounts(made)], dtype="int8")
    return made


def tables(given: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, pd.DataFrame]:
    """Several tables from rows, in parts by customer and sorted, as ingest writes them."""
    return parted({name: frame(name, rows) for name, rows in given.items()})


def parted(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with `_part` by the ultimate customer and rows in the order in which they are stored."""
    return {name: _sorted(name, _with_part(name, frames)) for name in frames}


def write_tables(
    run: Path,
    frames: Mapping[str, pd.DataFrame],
    *,
    rejects: Sequence[Mapping[str, object]] = (),
    notes: Sequence[Mapping[str, object]] = (),
    key: str = "by hand",
) -> None:
    """Write tables as the ingest stage does: Parquet by part, rejects, `ingest.json`, empty inputs, `done.json`.

    `rejects` are rows of REJECT_COLUMNS, `cells` a mapping.
    """
    ready = parted(frames)
    with store.writing(run, store.STAGES["ingest"], key=key, reads={}) as folder:
        (folder / "tables").mkdir()
        for name, content in ready.items():
            write_table(folder / "tables" / f"{name}.parquet", content)
        pq.write_table(_rejects(rejects), folder / "tables" / "rejects.parquet")
        said = {
            "schema": 1,
            "notes": [dict(note) for note in notes],
            "rows": {name: len(content) for name, content in ready.items()},
            "sources": {name: sorted(set(content["_source"])) for name, content in ready.items()},
        }
        store.write_json(folder / "tables" / "ingest.json", said)
        store.write_json(folder / "raw" / "inputs.json", [])


def write_table(path: Path, content: pd.DataFrame) -> None:
    """One table as Parquet, a row group for each part that has rows."""
    whole = pa.Table.from_pandas(content, preserve_index=False)
    with pq.ParquetWriter(path, whole.schema) as writer:
        for part in range(PARTS):
            rows = whole.filter(pa.array(content["_part"].eq(part).to_numpy()))
            if rows.num_rows:
                writer.write_table(rows)


def part_of(customer: Any) -> int:
    """The part of a customer: a hash, so that it never depends on who else there is."""
    text = NO_ACCOUNT if pd.isna(customer) else str(customer)
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % PARTS


def _empty(table: str, column: str) -> object:
    return NO_ACCOUNT if column == "account_id" and table != "accounts" else None


def _cell(kind: Kind, value: object) -> object:
    if value is None:
        return None
    if kind == "exact":
        return _scaled(value, SCALE)
    if kind == "rate":
        return _scaled(value, RATE_SCALE)
    if kind == "timestamp":
        moment = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        return pd.Timestamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC)).tz_convert("UTC")
    if kind == "date":
        return pd.Timestamp(str(value))
    return str(value) if kind == "text" else value


def _scaled(value: object, scale: int) -> int:
    exact = Decimal(str(value)) * scale
    if exact != int(exact):
        message = f"{value} cannot be held in units of 1/{scale}"
        raise ValueError(message)
    return int(exact)


def _hash_of_row(table: str, row: Mapping[str, object]) -> str:
    text = json.dumps([table, *(str(row.get(name)) for name in TABLES[table].key)])
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _accounts(content: pd.DataFrame) -> list[Any]:
    if "account_id" in content.columns:
        return list(content["account_id"])
    return [NO_ACCOUNT] * len(content)


def _with_part(name: str, frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    own = frames[name]
    if "account_id" not in own.columns and name not in ROUTES:
        return own.assign(_part=pd.Series(0, index=own.index, dtype="int8"))
    customers = _customers(frames)
    parts = [part_of(customers.get(str(account), account)) for account in _account_of_rows(name, frames)]
    return own.assign(_part=pd.Series(parts, index=own.index, dtype="int8"))


def _account_of_rows(name: str, frames: Mapping[str, pd.DataFrame]) -> list[Any]:
    own = frames[name]
    if name == "payments" and "invoices" in frames:
        through = _account_by_key(frames["invoices"], "invoice_id")
        return [
            through.get(str(row.invoice_id), NO_ACCOUNT) if row.account_id == NO_ACCOUNT else row.account_id
            for row in own.itertuples()
        ]
    if name not in ROUTES:
        return _accounts(own)
    parent, column = ROUTES[name]
    through = _account_by_key(frames[parent], column) if parent in frames else {}
    return [through.get(str(value), NO_ACCOUNT) for value in own[column]]


def _account_by_key(content: pd.DataFrame, column: str) -> dict[str, str]:
    return dict(zip(content[column].astype("str"), content["account_id"], strict=True))


def _customers(frames: Mapping[str, pd.DataFrame]) -> dict[str, str]:
    """Each account's top parent; a parent that leads back to the account ends the walk."""
    if "accounts" not in frames:
        return {}
    pairs = zip(frames["accounts"]["account_id"], frames["accounts"]["parent_id"], strict=True)
    parents = {str(account): str(parent) for account, parent in pairs if pd.notna(parent)}
    return {account: _top(account, parents) for account in frames["accounts"]["account_id"].astype("str")}


def _top(account: str, parents: Mapping[str, str]) -> str:
    seen = [account]
    while (above := parents.get(seen[-1])) is not None and above not in seen:
        seen.append(above)
    return seen[-1]


def _sorted(name: str, content: pd.DataFrame) -> pd.DataFrame:
    key = TABLES[name].key
    others = [column for column in TABLES[name].column_names if column not in key]
    return content.sort_values(["_part", *key, *others, "_row"], kind="stable", ignore_index=True)


def _rejects(rows: Sequence[Mapping[str, object]]) -> pa.Table:
    kinds = {"_line": pa.int64()}
    columns = {
        name: pa.array([_reject_cell(name, row) for row in rows], type=kinds.get(name, pa.string()))
        for name in REJECT_COLUMNS
    }
    return pa.table(columns)


def _reject_cell(name: str, row: Mapping[str, object]) -> object:
    return json.dumps(row[name], ensure_ascii=False) if name == "cells" else row[name]
