"""Rows below the table that are no records: totals that reports print at the end. Pure.

A row is one if its first cell is a word for a total, and nothing else but numbers stands beside it, so that a customer
of that name stays a customer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa

from pipeline.intake.grid import Grid

_WORD = re.compile(
    r"(?:(?:grand|overall|report)\s*)?(?:sub-?)?totals?|sum|count|合\s*计|总\s*计|小\s*计|共\s*计|總\s*計|合\s*計|小\s*計"
    r"|(?:gesamt)?summe|gesamt|total\s+g[eé]n[eé]ral|total\s+general|suma",
    re.IGNORECASE,
)
_COUNTED = re.compile(r"\s*(?:[（(][^（）()]*[）)])?\s*[:：]?\s*$")
_NUMBER = re.compile(r"[-+(（]?\s*[^\w\s]{0,3}\s*[\d.,'\s]*\d\s*(?:%|元|万元|万|亿|亿元)?\s*[)）]?")
_AT_MOST = 3
"""Rows of totals at an end: by currency, grand total, count."""


def without_totals(grid: Grid) -> Grid:
    """The grid without the totals at its end; their lines are in `totals`."""
    if not grid.header:
        return grid
    ends = sorted([*_ends(grid), *((row.line, row.cells) for row in grid.broken)])
    found: list[int] = []
    for line, cells in reversed(ends):
        if not any(cell and cell.strip() for cell in cells):
            continue
        if len(found) == _AT_MOST or not _is_total(cells):
            break
        found.append(line)
    return _without(grid, found)


def _ends(grid: Grid) -> list[tuple[int, Sequence[str]]]:
    """The last rows, as many as could matter where some are blank."""
    first = max(0, len(grid.lines) - 2 * _AT_MOST - 2)
    columns = [column[first:].to_pylist() for column in grid.columns]
    rows = zip(*columns, strict=True) if columns else ()
    return [(int(line), cells) for line, cells in zip(grid.lines[first:], rows, strict=False)]


def _is_total(cells: Sequence[str | None]) -> bool:
    filled = [cell.strip() for cell in cells if cell and cell.strip()]
    word = _COUNTED.sub("", filled[0])
    return bool(_WORD.fullmatch(word)) and all(_NUMBER.fullmatch(cell) for cell in filled[1:])


def _without(grid: Grid, lines: Sequence[int]) -> Grid:
    if not lines:
        return grid
    kept = ~np.isin(grid.lines, lines)
    return replace(
        grid,
        columns=tuple(column.filter(pa.array(kept)) for column in grid.columns),
        lines=grid.lines[kept],
        broken=tuple(row for row in grid.broken if row.line not in lines),
        totals=tuple(sorted(lines)),
    )
