"""What a run knows of its tables' quality, for the stages after it: rows that may be used, and what is withheld."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import store
from pipeline.errors import UsageError
from pipeline.gate.findings import Distrust, Positions, Withheld
from pipeline.schema import PANDAS_DTYPE, TABLES


def accepted(run: Path, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table without its rows in quarantine, in the order in which it is stored; all columns, or those named.

    Raises UsageError KB-0203 where the run was not validated since its tables were written.
    """
    _require_validated(run)
    rows = stored(run, table, columns)
    return rows.drop(index=rows.index[quarantined(run, table)]).reset_index(drop=True)


def quarantined(run: Path, table: str) -> Positions:
    """The positions in `tables/<table>.parquet` of the rows in quarantine, ascending."""
    entries = pd.read_parquet(run / "quality" / "quarantined.parquet")
    return entries.loc[entries["table"].eq(table), "position"].to_numpy(dtype=np.int64)


def withheld(run: Path) -> list[Withheld]:
    """The accounts and sections about which nothing may be printed."""
    return [Withheld(**entry) for entry in store.read_json(run / "quality" / "withheld.json")]


def distrusted(run: Path) -> list[Distrust]:
    """The tables of which an account's rows cannot be trusted; `gate.readers` says which figures rest on them."""
    return [Distrust(**entry) for entry in store.read_json(run / "quality" / "distrusted.json")]


def findings(run: Path) -> list[dict[str, Any]]:
    """What was found, worst first: `quality/findings.json`."""
    found: list[dict[str, Any]] = store.read_json(run / "quality" / "findings.json")
    return found


def stored(run: Path, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table as ingest left it, with the types of the schema (Parquet keeps no seconds, only milliseconds)."""
    named = None if columns is None else list(dict.fromkeys(columns))
    return _typed(table, pd.read_parquet(run / "tables" / f"{table}.parquet", columns=named))


def stored_at(
    run: Path, table: str, positions: Positions, columns: Sequence[str] | None = None
) -> pd.DataFrame:
    """As `stored`, but only the rows at these ascending positions, numbered by them; read part by part."""
    file = pq.ParquetFile(run / "tables" / f"{table}.parquet")
    starts = np.cumsum([0, *(file.metadata.row_group(at).num_rows for at in range(file.num_row_groups))])
    named = None if columns is None else list(dict.fromkeys(columns))
    found = [
        file.schema_arrow.empty_table() if named is None else file.schema_arrow.empty_table().select(named)
    ]
    for part, (first, last) in enumerate(itertools.pairwise(np.searchsorted(positions, starts))):
        if last > first:
            found.append(
                file.read_row_group(part, named).take(pa.array(positions[first:last] - starts[part]))
            )
    return _typed(table, pa.concat_tables(found).to_pandas()).set_axis(pd.Index(positions), axis="index")


def _typed(table: str, rows: pd.DataFrame) -> pd.DataFrame:
    dtypes = {
        each.name: PANDAS_DTYPE[each.kind] for each in TABLES[table].columns if each.name in rows.columns
    }
    return rows.astype(dtypes)


def as_json(entries: Iterable[Withheld | Distrust]) -> list[dict[str, Any]]:
    """What `quality/withheld.json` and `quality/distrusted.json` hold."""
    return [asdict(entry) for entry in entries]


def _require_validated(run: Path) -> None:
    said = store.done(run, store.STAGES["validate"])
    if said is None or said["read"].get("tables") != store.fingerprint(run, store.STAGES["ingest"]):
        raise UsageError(
            where=f"{run.name}/quality",
            what="the tables were not validated since they were written",
            fix="kambook validate (or kambook run) first",
            code="KB-0203",
        )
