"""Workbooks: one sheet of XLSX, XLS or ODS as a grid of texts, with the sheet's own row numbers. Pure."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Sequence
from decimal import Decimal

import python_calamine

from pipeline.errors import SourceError, nearest
from pipeline.intake.detection import header_row
from pipeline.intake.grid import Grid, grid_of_rows, header_names
from pipeline.intake.mapping import FileRule

_SEARCHED = 40
"""Rows among which a header is looked for."""

Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta


def read_workbook(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    """The sheet that the entry names, else the first visible one; the other visible sheets are listed.

    Raises SourceError KB-1107 (not a readable workbook), KB-1110 (no such sheet).
    """
    try:
        book = python_calamine.load_workbook(io.BytesIO(data))
        visible = _visible_sheets(book)
        name = _sheet_name(rule, book.sheet_names, visible, source)
        cells = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (python_calamine.CalamineError, python_calamine.PasswordError) as error:
        raise SourceError(
            where=source,
            what="is not a workbook that can be read (damaged, or protected by a password)",
            fix="open it, save it without a password, and check format in the mapping",
            code="KB-1107",
        ) from error
    rows = [[text_of(cell) for cell in row] for row in cells]
    return _grid(rows, rule, wanted, [sheet for sheet in visible if sheet != name])


def _visible_sheets(book: python_calamine.CalamineWorkbook) -> list[str]:
    shown = python_calamine.SheetVisibleEnum.Visible
    kind = python_calamine.SheetTypeEnum.WorkSheet
    return [sheet.name for sheet in book.sheets_metadata if sheet.visible == shown and sheet.typ == kind]


def _sheet_name(rule: FileRule, names: Sequence[str], visible: Sequence[str], source: str) -> str:
    if not rule.sheet and visible:
        return visible[0]
    if rule.sheet in names:
        return rule.sheet
    raise SourceError(
        where=source,
        what=f"has no sheet {rule.sheet!r}",
        nearest=nearest(rule.sheet, names) or ", ".join(names),
        fix="correct sheet in the mapping",
        code="KB-1110",
    )


def _grid(rows: list[list[str]], rule: FileRule, wanted: Collection[str], left_out: list[str]) -> Grid:
    first, count = _header(rows, rule, wanted)
    names = header_names(rows[first - 1 : first - 1 + count]) if rows else ()
    body = range(first + count, len(rows) + 1)
    return grid_of_rows(names, [_padded(rows[at - 1], len(names)) for at in body], list(body), left_out)


def _padded(row: list[str], width: int) -> list[str]:
    """A sheet is a rectangle: cells that were never filled are empty, not missing."""
    return row + [""] * (width - len(row))


def _header(rows: list[list[str]], rule: FileRule, wanted: Collection[str]) -> tuple[int, int]:
    """The 1-based header row and how many rows it takes."""
    if rule.header == "auto":
        return header_row(rows[:_SEARCHED], wanted), 1
    return (rule.header[0], 2) if isinstance(rule.header, tuple) else (rule.header, 1)


def text_of(cell: Cell) -> str:
    """A cell as a person sees it: whole numbers without a point, 15 significant digits, dates in ISO."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, dt.datetime):
        return cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.timedelta):
        return _clock(cell)
    if isinstance(cell, dt.date | dt.time):
        return cell.isoformat()
    return cell


def _clock(span: dt.timedelta) -> str:
    """Hours, minutes and seconds; hours may pass 24."""
    minutes, seconds = divmod(round(span.total_seconds()), 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"
