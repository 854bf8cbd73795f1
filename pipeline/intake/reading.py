"""Reading an export: any format becomes text cells under headers, with the line each row starts on.

Nothing is interpreted here: `NA`, leading zeros and `1.10` stay what they are. Blanks around a cell are cut off, and
cells that the mapping calls empty become missing.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import SourceError
from pipeline.intake import detection
from pipeline.intake.database_keys import SQL
from pipeline.intake.delimited import read_delimited
from pipeline.intake.dropfolder import Export, check_workbook, content
from pipeline.intake.grid import Broken, Grid, Lines, numbered, repeated
from pipeline.intake.kinds import require_kind
from pipeline.intake.limits import require_short_cells
from pipeline.intake.mapping import FileRule
from pipeline.intake.records import read_json, read_json_lines, read_parquet
from pipeline.intake.totals import without_totals
from pipeline.intake.workbooks import read_workbook


@dataclass(frozen=True)
class Raw:
    """One export as read: `cells` has a text column a header, `lines` the line or sheet row of each row."""

    source: str
    cells: pd.DataFrame
    lines: Lines
    broken: tuple[Broken, ...] = ()
    repeated: frozenset[str] = frozenset()
    """Headers that stand more than once; the later ones carry a number."""
    blank: int = 0
    """Rows without any cell, left out."""
    left_out: tuple[str, ...] = ()
    """Other sheets of the workbook that are shown."""
    hidden: tuple[str, ...] = ()
    """Sheets of the workbook that are not shown."""
    merged: int = 0
    """Cells merged over several rows, whose text stands in each of them."""
    merged_numbers: tuple[int, ...] = ()
    """The first rows of merged cells that hold a number, which stands only there."""
    totals: tuple[int, ...] = ()
    """Rows of totals at the end, left out."""

    @property
    def rows(self) -> int:
        """How many rows the export holds, broken ones too."""
        return len(self.lines) + len(self.broken)

    @property
    def headers(self) -> tuple[str, ...]:
        return tuple(self.cells.columns)


def _delimited(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    return read_delimited(decoded(data, rule.encoding, source), rule, wanted, source)


def _json(data: bytes, rule: FileRule, _: Collection[str], source: str) -> Grid:
    return read_json(decoded(data, rule.encoding, source), source)


def _json_lines(data: bytes, rule: FileRule, _: Collection[str], source: str) -> Grid:
    return read_json_lines(decoded(data, rule.encoding, source), source)


def _parquet(data: bytes, _: FileRule, __: Collection[str], source: str) -> Grid:
    return read_parquet(data, source)


def _workbook(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    check_workbook(data, Export(source))
    return read_workbook(data, rule, wanted, source)


FORMATS: dict[str, Callable[[bytes, FileRule, Collection[str], str], Grid]] = {
    "csv": _delimited,
    "xlsx": _workbook,
    "xlsm": _workbook,
    "xls": _workbook,
    "ods": _workbook,
    "json": _json,
    "jsonl": _json_lines,
    "parquet": _parquet,
    "sql": _parquet,
}


def read(folder: Path, export: Export, rule: FileRule, wanted: Collection[str] = ()) -> Raw:
    """One export below `folder`, read as the mapping's file entry says; `wanted` helps to find the header.

    Raises SourceError KB-1107 (cannot be decoded or opened), KB-1108 (encoding cannot be told), KB-1109 (unsafe
    archive), KB-1110 (no such sheet), KB-1118 (structure is broken), KB-1130 (delimiter cannot be told), KB-1131 (sheet
    cannot be told), KB-1132 (beyond what an export is), KB-1133 (formulas without results), KB-1135 (no header).
    """
    data = content(folder, export)
    if data:
        require_kind(data, rule.format, export.source)
    grid = FORMATS[rule.format](data, rule, wanted, export.source) if data else _EMPTY
    source = f"{export.source}[{rule.sheet}]" if rule.sheet else export.source
    require_short_cells(grid.columns, source)
    kept = grid if rule.format == SQL else without_totals(_without_last(grid, rule.skip_last))
    return _tidied(kept, source, rule.empty)


_EMPTY = Grid((), (), np.array([], np.int64))


def decoded(data: bytes, encoding: str, source: str) -> bytes:
    """A text's bytes in UTF-8, without a byte order mark. SourceError KB-1107 or KB-1108."""
    if encoding == "auto":
        found = detection.encoding_of(data)
        if found.name is None:
            raise _cut_off(data, source) or _question(source, found)
        data, encoding = data[found.mark :], found.name
    if encoding == "utf-8" and data.isascii() and b"\0" not in data:
        return data
    try:
        text = data.decode(encoding)
    except LookupError as error:
        raise _cannot_decode(source, f"is to be read as {encoding!r}, which is no encoding") from error
    except UnicodeDecodeError as error:
        if error.end == len(data) and error.reason in _ENDS_EARLY:
            raise _ends_within(source, encoding) from error
        line = data.count(b"\n", 0, error.start) + 1
        raise _cannot_decode(f"{source}, line {line}", f"holds bytes that are not {encoding}") from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise _cannot_decode(f"{source}, line {line}", "holds a character 0: damaged, or no text at all")
    return (
        data
        if encoding == "utf-8" and not text.startswith("\ufeff")
        else text.removeprefix("\ufeff").encode()
    )


_ENDS_EARLY = ("unexpected end of data", "incomplete multibyte sequence", "truncated data")
"""What Python says of bytes that begin a character and do not end it."""

_LONGEST_CHARACTER = 4


def _cut_off(data: bytes, source: str) -> SourceError | None:
    """The error of a text whose encoding can be told but for its last bytes, which are a part of a character."""
    for count in range(1, _LONGEST_CHARACTER):
        name = detection.encoding_of(data[:-count]).name
        if name in detection.OF_SEVERAL_BYTES:
            return _ends_within(source, name)
    return None


def _ends_within(source: str, encoding: str) -> SourceError:
    return SourceError(
        where=source,
        what=f"ends in the middle of a character ({encoding}): it was cut off",
        fix="export or copy it again; a part of its rows is missing",
        code="KB-1107",
    )


def _cannot_decode(where: str, what: str) -> SourceError:
    return SourceError(
        where=where,
        what=what,
        fix="name the encoding in the mapping (utf-8, gb18030, big5hkscs, cp1252), or export again",
        code="KB-1107",
    )


def _question(source: str, found: detection.Encoding) -> SourceError:
    return SourceError(
        where=source,
        what="its encoding cannot be told from its characters",
        nearest=", ".join(found.candidates) or None,
        fix=f'is it {" or ".join(found.candidates[:2]) or "gb18030"}? say so in the mapping: encoding = "…"',
        code="KB-1108",
    )


def _without_last(grid: Grid, count: int) -> Grid:
    """Leave out the last rows (totals, notes), broken ones included."""
    if not count:
        return grid
    all_lines = sorted([*grid.lines.tolist(), *(row.line for row in grid.broken)])
    until = all_lines[-count] if count <= len(all_lines) else 0
    kept = int(np.searchsorted(grid.lines, until))
    return replace(
        grid,
        columns=tuple(column[:kept] for column in grid.columns),
        lines=grid.lines[:kept],
        broken=tuple(row for row in grid.broken if row.line < until),
    )


def _tidied(grid: Grid, source: str, empty: Collection[str]) -> Raw:
    columns = [_with_missing(column, empty) for column in grid.columns]
    blank = _all_missing(columns, len(grid.lines))
    if blank.any():
        columns = [column.filter(pa.array(~blank)) for column in columns]
    cells = pd.DataFrame(
        {at: pd.Series(column.to_pandas(), dtype="str") for at, column in enumerate(columns)},
        index=pd.RangeIndex(len(grid.lines) - int(blank.sum())),
    )
    return Raw(
        source=source,
        cells=cells.set_axis(pd.Index(numbered(grid.header), dtype="str"), axis="columns"),
        lines=grid.lines[~blank],
        broken=grid.broken,
        repeated=repeated(grid.header),
        blank=int(blank.sum()),
        left_out=grid.left_out,
        hidden=grid.hidden,
        merged=grid.merged,
        merged_numbers=grid.merged_numbers,
        totals=grid.totals,
    )


def _with_missing(column: pa.Array, empty: Collection[str]) -> pa.Array:
    text = pc.utf8_trim_whitespace(column)
    missing = pc.is_in(text, value_set=pa.array(sorted({"", *empty}), text.type))
    return pc.if_else(missing, pa.scalar(None, text.type), text)


def _all_missing(columns: list[pa.Array], rows: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    missing = np.ones(rows, np.bool_)
    for column in columns:
        missing &= column.is_null().to_numpy(zero_copy_only=False)
    return missing
