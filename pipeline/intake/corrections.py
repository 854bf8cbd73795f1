"""Known errors of a source, set right by a line in `corrections.toml` with a reason and what is expected there.

A correction is a statement about a row as it is exported. When the source has been set right, what it expects no
longer holds and the run stops, so that no correction outlives its error.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, ValidationError, model_validator

from pipeline.errors import DataError, SourceError, nearest
from pipeline.intake.casting import Mask, Rule, cast
from pipeline.schema import TABLES
from pipeline.settings import Model, read_toml

FILE = "corrections.toml"


def _as_texts(value: object) -> object:
    if not isinstance(value, dict):
        return value
    return {key: _as_text(entry) for key, entry in value.items()}


def _as_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) else value


Cells = Annotated[dict[str, str], BeforeValidator(_as_texts)]


class Correction(Model):
    """One correction: the rows that `match`, what is `expect`ed in them, and what to `set`, or to `drop` them.

    Columns are canonical; an empty text means an empty cell.
    """

    table: str
    match: Annotated[Cells, Field(min_length=1)]
    expect: Annotated[Cells, Field(min_length=1)]
    set: Cells = Field(default_factory=dict)
    drop: bool = False
    reason: Annotated[str, Field(min_length=1)]
    who: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _sets_or_drops(self) -> Self:
        if bool(self.set) == self.drop:
            message = "needs either set or drop = true"
            raise ValueError(message)
        return self


class _File(Model):
    schema_: Literal[1] = Field(alias="schema")
    correction: tuple[Correction, ...] = ()


def load_corrections(workspace: Path) -> tuple[Correction, ...]:
    """The workspace's corrections, none where it has no file. SourceError KB-1117 names the line's fault."""
    path = workspace / FILE
    if not path.is_file():
        return ()
    try:
        found = _File.model_validate(read_toml(path)).correction
    except ValidationError as error:
        raise _explained(error) from error
    for at, correction in enumerate(found, 1):
        _check(correction, f"correction {at}")
    return found


def _explained(error: ValidationError) -> SourceError:
    """One fault of the file with the key's path: an unknown key, with the nearest that exists, before others."""
    faults = error.errors()
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    path = [str(part) for part in first["loc"]]
    if first["type"] != "extra_forbidden":
        return _wrong(
            ".".join(path), first["msg"].removeprefix("Value error, "), "correct the value, or add it"
        )
    known = list(Correction.model_fields) if len(path) > 1 else ["schema", "correction"]
    close = nearest(path[-1], known) or ", ".join(known)
    return _wrong(".".join(path), "unknown key", "correct or remove the key", close)


def _check(correction: Correction, where: str) -> None:
    """Tables and columns exist, and what is set can be held by its column."""
    if correction.table not in TABLES:
        close = nearest(correction.table, TABLES)
        raise _wrong(where, f"{correction.table!r} is no table of the schema", "correct the name", close)
    table = TABLES[correction.table]
    for column in (*correction.match, *correction.expect, *correction.set):
        if column not in table.column_names:
            close = nearest(column, table.column_names)
            raise _wrong(where, f"{column!r} is no column of {table.name}", "correct the name", close)
    for column, text in correction.set.items():
        kind = table.column(column).kind
        if text and cast(pd.Series([text], dtype="str"), Rule(kind)).failed.any():
            raise _wrong(
                f"{where}.set.{column}", f"does not fit {column}, which is of the kind {kind}", "correct it"
            )


def _wrong(where: str, what: str, fix: str, close: str | None = None) -> SourceError:
    return SourceError(where=f"{FILE}: {where}", what=what, nearest=close, fix=fix, code="KB-1117")


def holding(
    correction: Correction,
    texts: Mapping[str, pd.Series[str]],
    values: Mapping[str, pd.Series[Any]],
    lines: pd.Series[Any],
    zone: str,
) -> Mask:
    """The rows that a correction is about; a cell is compared as it came and as it was cast.

    Raises DataError KB-1231 where a row matches but does not hold what is expected of it.
    """
    matching = _all_equal(correction, correction.match, texts, values, len(lines), zone)
    expected = _all_equal(correction, correction.expect, texts, values, len(lines), zone)
    if (matching & ~expected).any():
        line = lines[matching & ~expected].iloc[0]
        raise stale(correction, f"line {line} of its export does not hold what the correction expects there")
    return matching


def stale(correction: Correction, what: str) -> DataError:
    """The error of a correction whose row has changed or gone."""
    return DataError(
        where=f"{FILE}: {correction.table}, {', '.join(correction.match)} ({correction.reason})",
        what=what,
        fix="if the source has been set right, remove the correction; else correct expect or match",
        code="KB-1231",
    )


def unmet(corrected: Sequence[tuple[Correction, int]]) -> tuple[Correction, ...]:
    """The corrections that met no row in any export."""
    met = {id(correction): 0 for correction, _ in corrected}
    for correction, rows in corrected:
        met[id(correction)] += rows
    return tuple({id(c): c for c, _ in corrected if not met[id(c)]}.values())


def _all_equal(
    correction: Correction,
    wanted: Mapping[str, str],
    texts: Mapping[str, pd.Series[str]],
    values: Mapping[str, pd.Series[Any]],
    rows: int,
    zone: str,
) -> Mask:
    equal = np.ones(rows, np.bool_)
    for column, text in wanted.items():
        rule = Rule(TABLES[correction.table].column(column).kind, zone=zone)
        found = (
            _equal(text, texts[column], values[column], rule) if column in texts else np.full(rows, not text)
        )
        equal = equal & found
    return equal


def _equal(text: str, cells: pd.Series[str], values: pd.Series[Any], rule: Rule) -> Mask:
    if not text:
        return cells.isna().to_numpy(dtype=np.bool_)
    as_it_came = (cells == text).to_numpy(dtype=np.bool_)
    value = cast(pd.Series([text], dtype="str"), rule)
    if value.failed.any():
        return as_it_came
    as_cast: Mask = (values == value.values.iloc[0]).fillna(value=False).to_numpy(dtype=np.bool_)
    return as_it_came | as_cast
