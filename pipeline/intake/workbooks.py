"""XLSX, XLSM, XLS or ODS as a grid of texts, with the sheet's own row numbers.

The workbook is opened by a program of its own (`sheets`), which may fail without harm; its messages become a grid here.
"""

from __future__ import annotations

import contextlib
import itertools
import marshal
import subprocess
import sys
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from pipeline.errors import SourceError, nearest
from pipeline.intake import sheets
from pipeline.intake.grid import Grid, end_to_end, grid_of_rows, header_names, names_by_place
from pipeline.intake.headers import header_row
from pipeline.intake.limits import require_size
from pipeline.intake.mapping import FileRule

Rows = Sequence[Sequence[str]]
Span = tuple[int, int, int, str | None]
"""Cells merged over rows: the first, the last (from 1), the column (from 0), its text or None for a number."""


def read_workbook(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    """The sheet that the entry names, else the first visible one that has a cell; the others are listed.

    A text in a cell that is merged over several rows stands in each of them; a number stands once, not to count twice.

    Raises SourceError KB-1107 (not a readable workbook), KB-1110 (no such sheet), KB-1118 (the header lies beyond the
    sheet), KB-1131 (several sheets of one kind, none named), KB-1132 (needs more memory or time than a real one),
    KB-1133 (formulas without results) and KB-1135 (no header).
    """
    told = _told(data, rule.sheet, source)
    _, shown, hidden, chosen = next(told)
    if chosen not in (*shown, *hidden):
        raise _no_sheet(rule.sheet, [*shown, *hidden], source)
    _, unsaved, merged, heads, left = next(told)
    _require_saved(unsaved, f"{source}[{chosen}]")
    batches: Iterator[Rows] = (rows for _, rows in told)
    if rule.header == 0:
        batches, merged = _from_column_a(batches, merged, left)
    first = next(batches, [])
    at, count = _header(first, rule, wanted, source)
    names = _named(first, merged, at, count)
    require_size(len(names), 1, f"{source}[{chosen}]")
    _require_one_of_its_kind(names, heads, rule, wanted, f"{source}[{chosen}]")
    grid = _body(names, itertools.chain([first[at - 1 + count :]], batches), at + count)
    others = tuple(name for name in shown if name != chosen)
    return replace(_filled_down(grid, merged, at + count), left_out=others, hidden=tuple(hidden))


def _from_column_a(
    batches: Iterator[Rows], merged: Sequence[Span], left: int
) -> tuple[Iterator[Rows], list[Span]]:
    """With the empty columns at the left: where places are names, a column that is empty this month counts as well."""
    wide = ([[*[""] * left, *row] if row else row for row in rows] for rows in batches)
    return wide, [(top, last, column + left, text) for top, last, column, text in merged]


def sheet_names(data: bytes, source: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of a workbook's sheets, shown and hidden. SourceError KB-1107 or KB-1132."""
    told = _told(data, "", source)
    _, shown, hidden, _ = next(told)
    told.close()
    return tuple(shown), tuple(hidden)


def _body(names: tuple[str, ...], batches: Iterable[Rows], line: int) -> Grid:
    parts = []
    for rows in batches:
        lines = range(line, line + len(rows))
        parts.append(grid_of_rows(names, [_padded(row, len(names)) for row in rows], lines))
        line += len(rows)
    return end_to_end(parts)


def _padded(row: Sequence[str], width: int) -> Sequence[str]:
    """A sheet is a rectangle: cells that were never filled are empty, not missing."""
    return [*row, *[""] * (width - len(row))]


def _header(rows: Rows, rule: FileRule, wanted: Collection[str], source: str) -> tuple[int, int]:
    """The 1-based header row and how many rows it takes."""
    if rule.header == "auto":
        return header_row(rows[: sheets.HEAD], wanted, source), 1
    if rule.header == 0:
        return 1, 0
    first, count = (rule.header[0], 2) if isinstance(rule.header, tuple) else (rule.header, 1)
    if rows and first + count - 1 > len(rows):
        raise SourceError(
            where=source,
            what=f"the header is said to be in row {first}, but the sheet ends before",
            fix='correct header in the mapping, or say header = "auto"',
            code="KB-1118",
        )
    return first, count


def _named(rows: Rows, merged: Sequence[Span], at: int, count: int) -> tuple[str, ...]:
    """The names of the columns below a header of `count` rows; without header by place, as wide as the widest row."""
    if not count:
        return names_by_place(max(map(len, rows), default=0))
    return header_names(_with_merged(rows[at - 1 : at - 1 + count], merged, at)) if rows else ()


def _require_saved(rows: Sequence[int], where: str) -> None:
    if rows:
        raise SourceError(
            where=f"{where}, row {rows[0]}",
            what=f"{len(rows)} cells are formulas whose results were not saved",
            fix="open the workbook in an office program and save it, or export values",
            code="KB-1133",
        )


def _require_one_of_its_kind(
    names: tuple[str, ...], heads: Mapping[str, Rows], rule: FileRule, wanted: Collection[str], where: str
) -> None:
    """Months on sheets of their own must not become the first month: ask which one is meant."""
    alike = [sheet for sheet, rows in heads.items() if names and names == _names(rows, rule, wanted)]
    if alike:
        raise SourceError(
            where=where,
            what="is not the only sheet with this header, and the mapping names none",
            nearest=", ".join(alike),
            fix='name it in the mapping: sheet = "…"; each sheet that is wanted needs a files entry',
            code="KB-1131",
        )


def _names(rows: Rows, rule: FileRule, wanted: Collection[str]) -> tuple[str, ...]:
    with contextlib.suppress(SourceError):
        at, count = _header(rows, rule, wanted, "")
        return _named(rows, (), at, count) if len(rows) > at - 1 + count else ()
    return ()


def _no_sheet(sheet: str, names: Sequence[str], source: str) -> SourceError:
    return SourceError(
        where=source,
        what=f"has no sheet {sheet!r}" if sheet else "has no sheet that is shown",
        nearest=nearest(sheet, names) or ", ".join(names) or None,
        fix="correct sheet in the mapping",
        code="KB-1110",
    )


##### Merged cells #####################################################################################################


def _with_merged(header: Rows, merged: Sequence[Span], at: int) -> Rows:
    """Header rows with the names that are merged down to them from rows above."""
    filled = [list(row) for row in header]
    for top, last, column, text in merged:
        for line in range(max(top, at), min(last, at + len(header) - 1) + 1):
            row = filled[line - at]
            row += [""] * (column + 1 - len(row))
            row[column] = row[column] or text or ""
    return filled


def _filled_down(grid: Grid, merged: Sequence[Span], first: int) -> Grid:
    """The grid with texts of merged cells in each of their rows that holds anything; what was met is counted."""
    spans = [span for span in merged if span[0] >= first and span[2] < len(grid.header)]
    texts = [
        (line, column, text) for top, last, column, text in spans if text for line in range(top + 1, last + 1)
    ]
    filled = _rows_with_cells(grid)
    columns = list(grid.columns)
    for column in {column for _, column, _ in texts}:
        cells = columns[column].to_pylist()
        for line, _, text in (each for each in texts if each[1] == column):
            at = int(np.searchsorted(grid.lines, line))
            if at < len(cells) and grid.lines[at] == line and filled[at] and not cells[at]:
                cells[at] = text
        columns[column] = pa.array(cells, pa.large_string())
    numbers = tuple(top for top, _, _, text in spans if text is None)
    return replace(grid, columns=tuple(columns), merged=len(spans) - len(numbers), merged_numbers=numbers)


def _rows_with_cells(grid: Grid) -> np.ndarray[Any, np.dtype[np.bool_]]:
    filled = np.zeros(len(grid.lines), np.bool_)
    for column in grid.columns:
        filled |= pa.compute.not_equal(column, "").to_numpy(zero_copy_only=False)
    return filled


##### The program that opens it ########################################################################################


_PROGRAM = f"""\
import sys
sys.path.insert(0, {str(Path(sheets.__file__).parents[2])!r})
from pipeline.intake.sheets import main
sys.exit(main(sys.argv[1:], sys.stdin.buffer, sys.stdout.buffer))
"""


def _told(data: bytes, sheet: str, source: str) -> Generator[tuple[Any, ...]]:
    """The messages of `sheets` about a workbook; raises where the program ends before its last one."""
    arguments = [sheet, "" if sheet else "heads", str(sheets.MEMORY)]
    with subprocess.Popen(
        [sys.executable, "-I", "-c", _PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as program:
        assert program.stdin is not None
        assert program.stdout is not None
        with contextlib.suppress(BrokenPipeError):  # it ended before it had read all: its exit code says why
            program.stdin.write(data)
            program.stdin.close()
        with contextlib.suppress(EOFError):
            while (message := marshal.load(program.stdout))[0] != "end":  # noqa: S302  # written by our own program
                yield message
            return
    raise _not_opened(program.returncode, source)


def _not_opened(exit_code: int, source: str) -> SourceError:
    if exit_code in _SAID:
        what, fix = _SAID[exit_code]
        return SourceError(where=source, what=what, fix=fix, code="KB-1107")
    return SourceError(
        where=source,
        what=f"needs more than {sheets.MEMORY >> 30} GB of memory or {sheets.SECONDS // 60} minutes to open",
        fix="delete what lies far outside the table, or export it as CSV",
        code="KB-1132",
    )


_SAID = {
    sheets.NO_WORKBOOK: (
        "is not a workbook that can be read: damaged, protected by a password, or not written by an office program",
        "open it in an office program and save it without a password; check format in the mapping",
    ),
    sheets.PROTECTED: ("is protected by a password", "open it and save it without a password"),
}
