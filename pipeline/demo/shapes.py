"""What a shape is in which a system exports a table: a file, its headers, and how its cells are written."""

from __future__ import annotations

from dataclasses import dataclass

from pipeline.demo.shown import Show, as_it_is
from pipeline.demo.workbook import CellKind


@dataclass(frozen=True)
class Cell:
    """A canonical column under the header of another system."""

    column: str
    header: str
    show: Show = as_it_is
    kind: CellKind = "text"


@dataclass(frozen=True)
class Delimited:
    """A CSV file; `late` is the file for rows entered after their month was closed."""

    path: str
    cells: tuple[Cell, ...]
    encoding: str = "utf-8-sig"
    line_end: str = "\n"
    is_quoted: bool = True
    late: str = ""


@dataclass(frozen=True)
class Sheet:
    """A workbook with one sheet."""

    path: str
    name: str
    title: str
    cells: tuple[Cell, ...]


Shape = Delimited | Sheet
