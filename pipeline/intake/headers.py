"""Which row of an export holds its headers, and whether any does. Pure.

The mapped headers say it where they stand. Where none of them does, a header is a row of words above cells of another
kind; a first row that is like the rows below it is data, and which columns they are only a person can say.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence

from pipeline.errors import SourceError

Rows = Sequence[Sequence[str]]

NO_HEADER = "KB-1135"
"""The code of the question; whoever asks for a proposal is given the places of the columns instead."""

_SAME_KIND = 0.8
"""Share of a column's cells that must be of one kind to say that the column is of it."""

_PLAIN_NUMBERS = range(2101)
"""Whole numbers that head columns, too: years, months, places in a list."""

_NUMBER = re.compile(r"[-+(]?[¥$€£]?[-+]?\d[\d.,' ]*(?:[eE][-+]?\d+)?\s?%?\)?")
_OFTEN = 2
"""How often a word must come again below itself to be one of its column."""

_YEAR = re.compile(r"(?:19|20)\d\d")
_MONTH = re.compile(r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*", re.IGNORECASE)
_WEEKDAY = re.compile(r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*day", re.IGNORECASE)


def header_row(rows: Rows, wanted: Collection[str], source: str) -> int:
    """The 1-based row that holds the header: the first with most of the wanted headers.

    Where none holds any of them, the first row that is as wide as most rows are; where that holds a number, a later one
    of words above cells of another kind. SourceError KB-1135 where it is clearly data.
    """
    cells = [{cell.strip() for cell in row} for row in rows]
    hits = [len(row & set(wanted)) for row in cells]
    if hits and max(hits) > 0:
        return hits.index(max(hits)) + 1
    full = _full_rows(rows)
    if not full:
        return 1
    first, *others = full
    if not any(map(_is_number, rows[first - 1])):
        others = []
    chosen = next((at for at in others if _is_header(rows, at)), first)
    if chosen == first and _is_data(rows, first):
        raise _no_header(source, first)
    return chosen


def _full_rows(rows: Rows) -> list[int]:
    """The rows, from 1, that are as wide as most rows are."""
    filled = [sum(1 for cell in row if cell.strip()) for row in rows]
    widths = Counter(count for count in filled if count)
    width = max(widths, key=lambda each: (widths[each], each), default=0)
    return [at for at, count in enumerate(filled, 1) if width and count >= width]


def _no_header(source: str, row: int) -> SourceError:
    return SourceError(
        where=f"{source}, row {row}",
        what="has no header: this row is of the same kind as those below it",
        fix="say header = 0 in the mapping and name the columns by their place (column 1, column 2 …); "
        "or say which row the header is",
        code=NO_HEADER,
    )


##### Data or header ###################################################################################################


def _is_data(rows: Rows, at: int) -> bool:
    """Whether a row is clearly none of headers: a cell is one of its column's, and none heads another kind of cells."""
    columns = _columns(rows, at)
    is_one = any(_is_one_of(cell, below) for cell, below in columns) or _is_of_numbers(columns)
    return is_one and not any(_is_above(cell, below) for cell, below in columns)


def _is_header(rows: Rows, at: int) -> bool:
    """Whether a row is clearly of headers: no number, a cell of another kind than those below, and none of their kind."""
    columns = _columns(rows, at)
    if any(_is_number(cell) for cell, _ in columns):
        return False
    heads = any(_is_above(cell, below) for cell, below in columns)
    return heads and not any(_is_one_of(cell, below) for cell, below in columns)


def _columns(rows: Rows, at: int) -> list[tuple[str, list[str]]]:
    """Each cell of a row with the filled cells below it; of several columns, rows that repeat it do not count."""
    row = list(rows[at - 1])
    others = [other for other in rows[at:] if list(other) != row or len(row) == 1]
    return [
        (cell, [each[column].strip() for each in others if column < len(each) and each[column].strip()])
        for column, cell in enumerate(row)
    ]


def _is_one_of(cell: str, below: Sequence[str]) -> bool:
    kind = _kind(cell)
    if kind == "word":
        return below.count(cell.strip()) >= _OFTEN
    return bool(kind) and not _is_plain_number(cell) and _kind_of(below) == kind


def _is_above(cell: str, below: Sequence[str]) -> bool:
    kind, common = _kind(cell), _kind_of(below)
    return bool(kind and common) and common not in (kind, "word") and cell.strip() not in below


def _is_of_numbers(columns: Sequence[tuple[str, Sequence[str]]]) -> bool:
    """Whether a row and what is below it are numbers throughout, and the row's are no years."""
    given = [(cell.strip(), below) for cell, below in columns if cell.strip()]
    return len(given) > 1 and all(
        _kind(cell) == _kind_of(below) == "number" and not _YEAR.fullmatch(cell) for cell, below in given
    )


def _kind_of(cells: Sequence[str]) -> str:
    """The kind of nearly all of these cells; empty where there are none, or several kinds."""
    kinds = Counter(_kind(cell) for cell in cells)
    kind, count = next(iter(kinds.most_common(1)), ("", 0))
    return kind if count >= _SAME_KIND * len(cells) else ""


def _kind(cell: str) -> str:
    """What a cell is: `number`, `word`, an `address`, or, of a text with digits, its pattern (`C9`, `9-9-9`).

    Empty where there is neither letter nor digit.
    """
    text = cell.strip()
    if _is_number(text) or not re.search(r"\w", text):
        return "number" if text and _is_number(text) else ""
    if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", text):
        return "address"
    if not re.search(r"\d", text):
        return "word"
    return re.sub(r"\d+", "9", _MONTH.sub("month", _WEEKDAY.sub("weekday", text)))


def _is_number(cell: str) -> bool:
    return _NUMBER.fullmatch(cell.strip()) is not None


def _is_plain_number(cell: str) -> bool:
    text = cell.strip()
    return text.isascii() and text.isdigit() and len(text) <= 4 and int(text) in _PLAIN_NUMBERS
