"""A raw file as a grid of texts: what every format is read into before anything is understood. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

Lines = NDArray[np.int64]


@dataclass(frozen=True)
class Broken:
    """A row that has not the cells its header promises; kept as it came."""

    line: int
    reason: str
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Grid:
    """Rows of text cells below a header: one Arrow text array a column, one line number a row."""

    header: tuple[str, ...]
    columns: tuple[pa.Array, ...]
    lines: Lines
    broken: tuple[Broken, ...] = ()
    left_out: tuple[str, ...] = ()
    """Other sheets of the workbook that are shown."""
    hidden: tuple[str, ...] = ()
    """Sheets that are not shown."""
    merged: int = 0
    """Cells merged over several rows, whose text stands in each of them."""
    merged_numbers: tuple[int, ...] = ()
    """The first rows of merged cells that hold a number, which stands only there."""
    totals: tuple[int, ...] = ()
    """Rows of totals at the end, left out."""


def grid_of_rows(
    header: Sequence[str],
    rows: Sequence[Sequence[str | None]],
    lines: Sequence[int],
) -> Grid:
    """A grid from rows; those with another number of cells than the header are broken.

    Empty cells after the last header count as absent.
    """
    width = len(header)
    trimmed = [_fitted(row, width) for row in rows]
    kept = [at for at, row in enumerate(trimmed) if len(row) == width]
    broken = tuple(
        Broken(line, f"{len(row)} cells where the header has {width}", tuple(cell or "" for cell in row))
        for line, row in zip(lines, trimmed, strict=True)
        if len(row) != width
    )
    columns = tuple(
        pa.array([trimmed[at][column] for at in kept], pa.large_string()) for column in range(width)
    )
    return Grid(tuple(header), columns, np.array([lines[at] for at in kept], np.int64), broken)


def end_to_end(parts: Sequence[Grid]) -> Grid:
    """Grids below one header as one, in order."""
    columns = zip(*(part.columns for part in parts), strict=True)
    return Grid(
        parts[0].header,
        tuple(pa.concat_arrays(column) for column in columns),
        np.concatenate([part.lines for part in parts]),
        tuple(row for part in parts for row in part.broken),
    )


def _fitted(row: Sequence[str | None], width: int) -> Sequence[str | None]:
    """A row without empty cells after the last header; one without any cell is as wide as the header."""
    if len(row) == width or any(cell and cell.strip() for cell in row[width:]):
        return row
    return (
        row[:width]
        if len(row) > width
        else row
        if any(cell and cell.strip() for cell in row)
        else [""] * width
    )


def header_names(rows: Sequence[Sequence[str]]) -> tuple[str, ...]:
    """One name a column from one header row, or from two: `group / name`, a group reaching to the next one.

    Blanks within a name are one space, a column without a name is `(column N)`, unnamed ones at the end fall away.
    """
    tidy = [[_tidy(cell) for cell in row] for row in rows]
    names = tidy[0] if len(tidy) == 1 else _joined(tidy[0], tidy[1])
    while names and not names[-1]:
        names = names[:-1]
    return tuple(name or f"(column {at})" for at, name in enumerate(names, 1))


def names_by_place(width: int) -> tuple[str, ...]:
    """The names of the columns of a table without header: `column 1`, `column 2` …, from the left."""
    return tuple(f"column {at}" for at in range(1, width + 1))


def _tidy(cell: str) -> str:
    return re.sub(r"\s+", " ", cell.replace("\ufeff", "")).strip()


def _joined(groups: list[str], names: list[str]) -> list[str]:
    width = max(len(groups), len(names))
    groups, names = groups + [""] * (width - len(groups)), names + [""] * (width - len(names))
    carried: list[str] = []
    for group in groups:
        carried.append(group or (carried[-1] if carried else ""))
    return [
        " / ".join(dict.fromkeys(part for part in pair if part)) if pair[1] else groups[at]
        for at, pair in enumerate(zip(carried, names, strict=True))
    ]


def repeated(header: Sequence[str]) -> frozenset[str]:
    """The names that stand more than once in a header."""
    return frozenset(name for name, count in Counter(header).items() if count > 1)


def numbered(header: Sequence[str]) -> tuple[str, ...]:
    """The header with `(2)`, `(3)` after a name that came before, so that each names one column."""
    seen: Counter[str] = Counter()
    names = []
    for name in header:
        seen[name] += 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(names)
