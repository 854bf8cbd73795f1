"""What a complete export no longer holds: the keys that the run before had, by table. Pure but for the reading.

Only of a table whose every file is `complete = true`, as ingest says, does a key that is gone mean that the record was
deleted. A row that came and could not be read is still there: its key is looked for among the cells as they came.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import store
from pipeline.gate import quality
from pipeline.gate.expectations import Gettext, Severity
from pipeline.gate.findings import EXAMPLES, Example, Finding
from pipeline.gate.fixes import keys_of
from pipeline.gate.quarantine import Headers, as_it_came
from pipeline.schema import TABLES

TRUTH = "keys_stay_in_complete_exports"
COLUMNS = ("table", "key", "_source", "_line")
_INGEST = store.STAGES["ingest"]


@dataclass(frozen=True)
class Deleted:
    """The records of a table that are gone since a run of an earlier period; `rows` has COLUMNS, one for each key.

    `_source` and `_line` say where the earlier run had read it. `before` is how many records there were.
    """

    table: str
    since: str
    before: int
    rows: pd.DataFrame

    @property
    def share(self) -> float:
        return len(self.rows) / self.before


def has_tables(run: Path) -> bool:
    """Whether an earlier run still has what it read; `kambook clean` may have taken it away."""
    return store.done(run, _INGEST) is not None


def read_before(run: Path) -> str:
    """The hash of the tables of an earlier run, which what is said here depends on."""
    return store.sha256_of((store.done(run, _INGEST) or {}).get("wrote"))


def deleted_since(
    run: Path, earlier: Path, since: str, tables: Iterable[str], headers: Headers
) -> Iterator[Deleted]:
    """What is gone of each table, read from the tables of both runs."""
    rejects = pd.read_parquet(run / "tables" / "rejects.parquet")
    for table in tables:
        if (earlier / "tables" / f"{table}.parquet").is_file():
            before = _keyed(earlier, table)
            there = {*_keyed(run, table)["key"], *_unread(table, rejects, headers.get(table, {}))}
            found = Deleted(table, since, before["key"].nunique(), gone(before, there))
            if len(found.rows):
                yield found


def gone(before: pd.DataFrame, there: Collection[str]) -> pd.DataFrame:
    """The rows of COLUMNS whose key is not there any more, one for each key, in the order of the keys."""
    left = before[~before["key"].isin(list(there))].drop_duplicates("key")
    return left.sort_values("key", kind="stable").reset_index(drop=True)[list(COLUMNS)]


def _keyed(run: Path, table: str) -> pd.DataFrame:
    if not (run / "tables" / f"{table}.parquet").is_file():
        return pd.DataFrame(columns=list(COLUMNS))
    rows = quality.stored(run, table, [*TABLES[table].key, "_source", "_line"])
    named = rows[rows[list(TABLES[table].key)].notna().any(axis="columns")]
    return named.assign(table=table, key=keys_of(table, named))[list(COLUMNS)]


def _unread(table: str, rejects: pd.DataFrame, headers: Mapping[str, tuple[str, ...]]) -> set[str]:
    """The keys of rows that came and could not be read, as they stood."""
    own = rejects.loc[rejects["table"].eq(table), "cells"]
    came = [as_it_came(json.loads(cells), headers) for cells in own]
    return {" / ".join(cells.get(name, "–") for name in TABLES[table].key) for cells in came}


def findings_of(found: Sequence[Deleted], limit: float, gettext: Gettext) -> list[Finding]:
    """One finding for each table: for information, or a warning where more than the share `limit` is gone."""
    return [_finding(each, limit, gettext) for each in found]


def _finding(found: Deleted, limit: float, gettext: Gettext) -> Finding:
    severity: Severity = "warning" if found.share > limit else "info"
    text = gettext(
        "{rows} of {before} records of the run {since} are no longer in the complete export and count as deleted."
    )
    why = text.format(rows=len(found.rows), before=found.before, since=found.since)
    if severity == "warning":
        beyond = gettext("That is more than {limit}; please check whether the export was cut short.")
        why = joined(why, beyond.format(limit=f"{limit:.0%}"))
    return Finding(
        table=found.table, expectation=TRUTH, severity=severity, scope="run", subject_id=None, section=None,
        why=why, rows=len(found.rows), examples=_examples(found.rows),
    )  # fmt: skip


def joined(first: str, second: str) -> str:
    """Two sentences one after the other; after a Chinese full stop comes no space."""
    return f"{first}{second}" if first.endswith("。") else f"{first} {second}"


def _examples(rows: pd.DataFrame) -> list[Example]:
    first = rows.head(EXAMPLES)
    return [
        Example(source=str(source), line=None if pd.isna(line) else int(line))
        for source, line in zip(first["_source"], first["_line"], strict=True)
    ]


def listed(found: Iterable[Deleted]) -> list[dict[str, Any]]:
    """Every deleted record as a line of `quality/deleted.csv`."""
    lines = [line for each in found for line in each.rows.to_dict("records")]
    return [
        {str(name): None if name == "_line" and pd.isna(cell) else cell for name, cell in line.items()}
        for line in lines
    ]
