"""Quarantine as files: the rows that may not be used as they came, with file, line and reason, for people to set right.

A row that could be read stands in its canonical columns. One that could not stands there as far as the mapping says
which header means which column, each cell as it came, and whole in `_cells`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.gate import quality
from pipeline.gate.findings import Judgement
from pipeline.gate.spreadsheets import as_csv
from pipeline.intake.mapping_files import load_mapping
from pipeline.schema import RATE_SCALE, SCALE, TABLES, Kind

_SCALES: dict[Kind, int] = {"exact": SCALE, "rate": RATE_SCALE}
CELLS = "_cells"
TRACE = ("_source", "_line", "_reason")
Headers = Mapping[str, Mapping[str, tuple[str, ...]]]
"""By table and canonical column, the headers that it is read from, in order."""


def columns_of(table: str) -> tuple[str, ...]:
    """The columns of a table's quarantine file."""
    return (*TABLES[table].column_names, CELLS, *TRACE)


def headers_of(mappings: Iterable[str], workspace: Path) -> dict[str, dict[str, tuple[str, ...]]]:
    """The headers that the mappings read each canonical column from; without columns a header is the column's name."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for name in mappings:
        for table, rule in load_mapping(name, workspace).tables.items():
            own = found.setdefault(table, {})
            for column in TABLES[table].column_names if rule.columns is None else rule.columns:
                read = (column,) if rule.columns is None else rule.columns[column].headers
                own[column] = (*own.get(column, ()), *read)
    return found


def quarantine_csv(
    table: str, run: Path, judgements: Iterable[Judgement], rejects: pd.DataFrame, headers: Headers
) -> str:
    """The file of one table: rows that broke something critical and rows that could not be read, as they stood."""
    lines = [*_judged(table, run, judgements), *_rejected(table, rejects, headers.get(table, {}))]
    return as_csv(sorted(lines, key=lambda line: (line["_source"], line["_line"] or 0)), columns_of(table))


def _judged(table: str, run: Path, judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    reasons = {
        position: why for each in judgements if each.table == table for position, why in each.reasons.items()
    }
    if not reasons:
        return []
    rows = quality.stored_at(run, table, np.array(list(reasons), dtype=np.int64))
    cells = {column.name: _printed(column.kind, rows[column.name]) for column in TABLES[table].columns}
    traced = zip(rows["_source"], rows["_line"], reasons.values(), strict=True)
    return [
        {
            **{name: texts[place] for name, texts in cells.items()},
            "_source": source,
            "_line": _line(line),
            "_reason": " | ".join(why),
        }
        for place, (source, line, why) in enumerate(traced)
    ]


def _rejected(
    table: str, rejects: pd.DataFrame, headers: Mapping[str, tuple[str, ...]]
) -> list[dict[str, Any]]:
    return [
        {
            **as_it_came(json.loads(row["cells"]), headers),
            CELLS: row["cells"],
            "_source": row["_source"],
            "_line": _line(row["_line"]),
            "_reason": f"{row['column']}: {row['_reason']}",
        }
        for row in rejects[rejects["table"].eq(table)].to_dict("records")
    ]


def as_it_came(cells: Mapping[str, Any], headers: Mapping[str, tuple[str, ...]]) -> dict[str, str]:
    """The cells of a row under the canonical columns that are read from them."""
    found = {
        name: next((cells[each] for each in given if cells.get(each)), "") for name, given in headers.items()
    }
    return {name: str(cell) for name, cell in found.items() if cell}


def _line(number: Any) -> int | None:  # pandas has no name for an integer or nothing
    """The line of a row; a row made of several has none."""
    return None if pd.isna(number) else int(number)


def _printed(kind: Kind, values: pd.Series[Any]) -> list[object]:
    return [None if pd.isna(value) else _cell(kind, value) for value in values]


def _cell(kind: Kind, value: Any) -> object:  # a cell is of any kind
    """Numbers as numbers, which no spreadsheet runs; everything else as text."""
    if kind in _SCALES:
        return Decimal(int(value)) / _SCALES[kind]
    if kind == "integer":
        return int(value)
    if kind == "date":
        return str(value.date())
    if kind == "timestamp":
        return str(value.isoformat())
    return str(value) if kind == "text" else str(value).lower()
