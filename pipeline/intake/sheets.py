"""A workbook opened in a program of its own, which may use only so much memory and time.

A workbook says itself how large it is: two cells in opposite corners are a sheet of 17 thousand million, and the reader
takes the room for it. What is too much ends this program and not ours. It reads the workbook from its standard input
and writes marshalled tuples of plain values; it imports nothing but the reader, the standard library and what finds
the faults that the reader does not tell (`cell_faults`).
"""

from __future__ import annotations

import datetime as dt
import io
import itertools
import marshal
import re
import resource
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any, BinaryIO

import python_calamine

from pipeline.intake.cell_faults import faults

MEMORY = 2 << 30
"""Bytes; a sheet of a million rows and a dozen columns needs about half of it."""

SECONDS = 600
"""Of computing, not of waiting."""

HEAD = 40
"""Rows of a sheet that are looked at to see what it is."""

NO_WORKBOOK, PROTECTED = 11, 12
"""Exit codes: it is none that can be read; it is protected by a password. Any other is a lack of memory or time."""

_SPAN = re.compile(r"PT(\d+)H(\d+)M(\d+)S")
"""Hours beyond 24 in an ODS, which the reader leaves as they are written."""

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
"""The part that holds an encrypted XLSX."""

_BATCH = 4096
Cell = int | float | str | bool | dt.time | dt.date | dt.datetime | dt.timedelta
Place = tuple[int, int]
_ROOM = dt.timedelta(microseconds=500_000)


def messages(data: bytes, sheet: str, *, with_heads: bool) -> Iterator[tuple[Any, ...]]:
    """What there is to say of a workbook; `sheet` names the one to read, "" the first visible one that has a cell.

    * ("sheets", shown, hidden, chosen): names; the last message where there is no such sheet
    * ("about", unsaved, merged, heads, left): rows with a formula whose result was not saved; cells that span rows as
      (first row, last row, column, text or None for a number), rows counted from 1; the other sheets' first rows; how
      many columns at the left are empty: they are left out, and columns are counted behind them
    * ("rows", rows): texts, from the sheet's first row on
    """
    book = python_calamine.load_workbook(io.BytesIO(data))
    shown, hidden = _names(book)
    chosen = sheet or _first_filled(book, shown) or (shown[0] if shown else "")
    yield "sheets", shown, hidden, chosen
    if chosen not in book.sheet_names:
        return
    opened = book.get_sheet_by_name(chosen)
    errors, unsaved = faults(data, chosen, book.sheet_names.index(chosen))
    heads = {name: _head(book.get_sheet_by_name(name)) for name in shown if name != chosen and with_heads}
    left = _left(opened)
    yield "about", unsaved, _merged(opened), heads, left
    rows = _rows(opened)
    while batch := list(itertools.islice(rows, _BATCH)):
        yield "rows", [_texts(row, _shifted(errors.get(at, {}), left)) for at, row in batch]


def _names(book: python_calamine.CalamineWorkbook) -> tuple[list[str], list[str]]:
    visible, kind = python_calamine.SheetVisibleEnum.Visible, python_calamine.SheetTypeEnum.WorkSheet
    sheets = [sheet for sheet in book.sheets_metadata if sheet.typ == kind]
    shown = [sheet.name for sheet in sheets if sheet.visible == visible]
    return shown, [sheet.name for sheet in sheets if sheet.visible != visible]


def _first_filled(book: python_calamine.CalamineWorkbook, names: list[str]) -> str | None:
    return next((name for name in names if book.get_sheet_by_name(name).end is not None), None)


def _head(sheet: python_calamine.CalamineSheet) -> list[list[str]]:
    rows = itertools.islice(_rows(sheet), HEAD)
    return [_texts(row, {}) for _, row in rows]


def _left(sheet: python_calamine.CalamineSheet) -> int:
    """The empty columns at the left, which the reader leaves out of every row."""
    return sheet.start[1] if sheet.start else 0


def _shifted(errors: dict[int, str], left: int) -> dict[int, str]:
    return {column - left: error for column, error in errors.items()}


def _rows(sheet: python_calamine.CalamineSheet) -> Iterator[tuple[int, list[Cell]]]:
    """Every row from the sheet's first on, with its number counted from 0; empty cells at its end fall away."""
    for at, row in enumerate(sheet.iter_rows()):
        end = len(row)
        while end and row[end - 1] == "":
            end -= 1
        yield at, row[:end]


def _merged(sheet: python_calamine.CalamineSheet) -> list[tuple[int, int, int, str | None]]:
    left = _left(sheet)
    merged = sheet.merged_cell_ranges or []
    spans = [
        ((top, column - left), last) for (top, column), last in merged if last[0] > top and column >= left
    ]
    tops = {first for first, _ in spans}
    corners: dict[Place, Cell] = {}
    for at, row in _rows(sheet) if tops else ():
        corners |= {(at, column): row[column] for line, column in tops if line == at and column < len(row)}
    return [(first[0] + 1, last[0] + 1, first[1], _word(corners.get(first))) for first, last in spans]


def _texts(row: list[Cell], errors: dict[int, str]) -> list[str]:
    texts = [text_of(cell) for cell in row]
    texts += [""] * (max(errors, default=-1) + 1 - len(texts))
    return [errors.get(column, text) for column, text in enumerate(texts)] if errors else texts


def _word(cell: Cell | None) -> str | None:
    return cell if isinstance(cell, str) and cell else None


def text_of(cell: Cell) -> str:
    """A cell as a person sees it: whole numbers without a point, 15 significant digits, dates in ISO, whole seconds."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, int):
        return str(cell)
    if isinstance(cell, float):
        return format(Decimal(format(cell, ".15g")), "f")
    if isinstance(cell, dt.datetime):
        return (cell + _ROOM).isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, dt.timedelta):
        return _clock(round(cell.total_seconds()))
    if isinstance(cell, dt.time):
        return _clock(round(cell.hour * 3600 + cell.minute * 60 + cell.second + cell.microsecond / 1e6))
    if isinstance(cell, dt.date):
        return cell.isoformat()
    span = _SPAN.fullmatch(cell) if cell.startswith("PT") else None
    return _clock(3600 * int(span[1]) + 60 * int(span[2]) + int(span[3])) if span else cell


def _clock(seconds: int) -> str:
    """Hours, minutes and seconds; hours may pass 24."""
    minutes, seconds = divmod(seconds, 60)
    return f"{minutes // 60:02}:{minutes % 60:02}:{seconds:02}"


##### The program ######################################################################################################


def main(arguments: Sequence[str], data: BinaryIO, out: BinaryIO) -> int:
    """Write the messages about the workbook in `data`; the exit code.

    The arguments are the sheet, "heads" where the other sheets' are wanted, and the bytes of memory it may use.
    """
    sheet, heads, memory = arguments
    resource.setrlimit(resource.RLIMIT_AS, (int(memory), int(memory)))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    raw = data.read()
    try:
        told = messages(raw, sheet, with_heads=heads == "heads")
        out.writelines(marshal.dumps(message) for message in told)
    except MemoryError:
        raise
    except python_calamine.PasswordError:
        return PROTECTED
    except BaseException:  # noqa: BLE001  # whatever a damaged workbook makes the reader do, a panic too
        return PROTECTED if _ENCRYPTED in raw else NO_WORKBOOK
    out.write(marshal.dumps(("end",)))
    return 0
