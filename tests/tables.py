"""Canonical tables written by hand, as ingest leaves them: short rows in, every column and type out.

A row names only the cells that matter, in the units a person writes: `{"net_amount": 12.5}` is 12.50 and is held as
125000 ten-thousandths, `{"ordered_on": "2026-09-01"}` a date, `{"opened_at": "2026-09-01T08:00+08:00"}` a timestamp
(UTC where it has no zone). Exact cells are best written as text or integers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import store
from pipeline.intake import canonical
from pipeline.intake.rejects import REJECT_COLUMNS, rejects_table
from pipeline.schema import NO_ACCOUNT, PANDAS_DTYPE, RATE_SCALE, SCALE, TABLES, TRACE_COLUMNS, Kind


def frame(
    table: str, rows: Sequence[Mapping[str, object]], *, source: str | None = None, first_line: int = 2
) -> pd.DataFrame:
    """A canonical table: all its columns with their types, the trace columns, and the part of rows without a customer.

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
    made["_row"] = canonical.row_hashes(table, made)
    return made.assign(_part=canonical.parts_of(table, {table: made}, {}))


def tables(given: Mapping[str, Sequence[Mapping[str, object]]]) -> dict[str, pd.DataFrame]:
    """Several tables from rows, in parts by customer and sorted, as ingest writes them."""
    return parted({name: frame(name, rows) for name, rows in given.items()})


def parted(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables with `_part` by the ultimate customer and rows in the order in which they are stored."""
    customers = canonical.customers_of(frames["accounts"]) if "accounts" in frames else {}
    return {
        name: canonical.in_order(name, rows.assign(_part=canonical.parts_of(name, frames, customers)))
        for name, rows in frames.items()
    }


def write_tables(
    run: Path,
    frames: Mapping[str, pd.DataFrame],
    *,
    rejects: Sequence[Mapping[str, Any]] = (),
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
            canonical.write_table(folder / "tables" / f"{name}.parquet", content)
        _rejects(rejects).to_parquet(folder / "tables" / "rejects.parquet", index=False)
        said = {
            "schema": 1,
            "notes": [dict(note) for note in notes],
            "rows": {name: len(content) for name, content in ready.items()},
            "sources": {name: sorted(set(content["_source"])) for name, content in ready.items()},
        }
        store.write_json(folder / "tables" / "ingest.json", said)
        store.write_json(folder / "raw" / "inputs.json", [])


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


def _rejects(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    return rejects_table(*([row.get(name) for row in rows] for name in REJECT_COLUMNS))
