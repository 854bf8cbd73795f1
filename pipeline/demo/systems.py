"""Writing the demo's tables in the shapes of the company's own systems; what none of them keeps stays canonical."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import pyarrow as pa
from pyarrow import compute

from pipeline.demo.columns import Columns, Rows, columns_of, texts_of
from pipeline.demo.crm import CRM
from pipeline.demo.erp import ERP
from pipeline.demo.files import CanonicalExports
from pipeline.demo.office import OFFICE
from pipeline.demo.shapes import Cell, Delimited, Shape, Sheet
from pipeline.demo.shown import Show
from pipeline.demo.target_sheets import PATH as TARGETS
from pipeline.demo.target_sheets import pages
from pipeline.demo.workbook import Heading, Workbook

SHAPES: dict[str, tuple[Shape, ...]] = {**CRM, **ERP, **OFFICE}
"""By canonical table; one that is not named here is exported as it is called here."""

_AT_ONCE = 50_000
"""Rows of texts that become columns at once."""


class SystemExports:
    """The open export files of one folder; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._plain = CanonicalExports(folder)
        self._files: dict[str, BinaryIO] = {}
        self._books: dict[str, Workbook] = {}

    def __enter__(self) -> Self:
        self._plain.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._files.values():
            stream.close()
        for book in self._books.values():
            book.close()
        self._plain.__exit__(kind, error, trace)

    def append(self, table: str, columns: Columns) -> None:
        """Add many rows to a table."""
        if table not in SHAPES:
            self._plain.append(table, columns)
            return
        self._add(table, texts_of(columns))

    def append_rows(self, table: str, rows: Rows) -> None:
        """Add rows of texts to a table."""
        if table == "targets":
            self._add_targets(rows)
        elif table not in SHAPES:
            self._plain.append_rows(table, rows)
        else:
            for columns in _chunks(rows):
                self._add(table, columns)

    def append_late(self, table: str, rows: Rows) -> None:
        """Add rows of texts that were entered late: the system exports them into a file of their own."""
        for shape in SHAPES[table]:
            assert isinstance(shape, Delimited), f"{table} has no file for what is entered late"
            self._add_delimited(shape, shape.late, columns_of(list(rows)))

    def _add(self, table: str, columns: Mapping[str, Any]) -> None:
        for shape in SHAPES[table]:
            if isinstance(shape, Delimited):
                self._add_delimited(shape, shape.path, columns)
            else:
                self._add_to_sheet(shape, columns)

    def _add_delimited(self, shape: Delimited, path: str, columns: Mapping[str, Any]) -> None:
        if path not in self._files:
            self._files[path] = self._made(path).open("wb")
            header = [_quoted(cell.header, shape) for cell in shape.cells]
            self._files[path].write((",".join(header) + shape.line_end).encode(shape.encoding))
        shown = [_shown(columns, cell, _quoting(cell.show, shape)) for cell in shape.cells]
        empty = '""' if shape.is_quoted else ""
        lines = compute.binary_join_element_wise(*(compute.fill_null(each, empty) for each in shown), ",")
        text = "".join(f"{line}{shape.line_end}" for line in lines.to_pylist())
        self._files[path].write(text.encode(shape.encoding.removesuffix("-sig")))

    def _add_to_sheet(self, shape: Sheet, columns: Mapping[str, Any]) -> None:
        if shape.path not in self._books:
            heading = Heading(
                shape.title,
                tuple(cell.header for cell in shape.cells),
                tuple(cell.kind for cell in shape.cells),
            )
            self._books[shape.path] = Workbook(self._made(shape.path))
            self._books[shape.path].begin(shape.name, heading)
        shown = [_shown(columns, cell, cell.show).to_pylist() for cell in shape.cells]
        self._books[shape.path].add(zip(*shown, strict=True))

    def _add_targets(self, rows: Rows) -> None:
        with Workbook(self._made(TARGETS)) as book:
            for page in pages(rows):
                book.begin(page.name, page.heading)
                book.add(page.rows)

    def _made(self, path: str) -> Path:
        (self._folder / path).parent.mkdir(parents=True, exist_ok=True)
        return self._folder / path


def _chunks(rows: Rows) -> Iterator[Mapping[str, Any]]:
    left = iter(rows)
    while chunk := list(islice(left, _AT_ONCE)):
        yield columns_of(chunk)


def _shown(columns: Mapping[str, Any], cell: Cell, show: Show) -> Any:  # pyarrow ships no types
    """A column's texts as the system writes them; each distinct text is shown once."""
    values = columns.get(cell.column)
    if values is None:
        count = len(next(iter(columns.values())))
        return pa.nulls(count, pa.string())
    encoded = values.dictionary_encode()
    words = pa.array([show(text) for text in encoded.dictionary.to_pylist()], pa.string())
    return words.take(encoded.indices)


def _quoting(show: Show, shape: Delimited) -> Show:
    return lambda text: _quoted(show(text), shape)


def _quoted(text: str, shape: Delimited) -> str:
    """A cell with quotes around it, where the system puts them around all or the text needs them."""
    if shape.is_quoted or any(mark in text for mark in ',"\n\r'):
        return '"' + text.replace('"', '""') + '"'
    return text
