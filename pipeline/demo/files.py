"""Writing the demo's tables as they are called here: canonical headers, UTF-8, LF, one CSV a table.

Rows come from the other modules under canonical names; only this module and `systems` know what a file looks like.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Protocol, Self

import pyarrow as pa
from pyarrow import csv as arrow_csv

from pipeline.demo.columns import Columns, Rows
from pipeline.schema import TABLES


class Exports(Protocol):
    """Where the demo's rows go: a folder of export files, open while it is a context."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def append(self, table: str, columns: Columns) -> None:
        """Add many rows to a table."""

    def append_rows(self, table: str, rows: Rows) -> None:
        """Add rows of texts to a table."""

    def append_late(self, table: str, rows: Rows) -> None:
        """Add rows of texts that were entered after their month was closed."""


class CanonicalExports:
    """The open files of one folder, one a table; use as a context manager."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._open: dict[str, BinaryIO] = {}

    def __enter__(self) -> Self:
        self._folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for stream in self._open.values():
            stream.close()

    def append(self, table: str, columns: Columns) -> None:
        """Add many rows to a table; ArrowInvalid where a text would need quotes."""
        names = TABLES[table].column_names
        assert set(columns) <= set(names), f"{table}: {set(columns) - set(names)}"
        count = len(next(iter(columns.values())))
        arrays = [columns[name] if name in columns else pa.nulls(count, pa.string()) for name in names]
        options = arrow_csv.WriteOptions(include_header=False, quoting_style="none")
        arrow_csv.write_csv(pa.table(arrays, names=list(names)), self._stream(table), options)

    def append_rows(self, table: str, rows: Rows) -> None:
        """Add rows of texts to a table."""
        stream = self._stream(table)
        for row in rows:
            stream.write(_csv_line(row, TABLES[table].column_names))

    append_late = append_rows

    def _stream(self, table: str) -> BinaryIO:
        if table not in self._open:
            stream = (self._folder / f"{table}.csv").open("wb")
            self._open[table] = stream
            stream.write((",".join(TABLES[table].column_names) + "\n").encode())
        return self._open[table]


class _Line:
    """What a csv writer wrote last."""

    text = ""

    def write(self, text: str) -> int:
        self.text = text
        return len(text)


def _csv_line(row: Mapping[str, str], names: tuple[str, ...]) -> bytes:
    line = _Line()
    csv.DictWriter(line, names, restval="", lineterminator="\n").writerow(row)
    return line.text.encode()
