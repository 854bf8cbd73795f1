"""Writing the demo's tables: canonical headers, UTF-8, LF; large tables in columns, small ones row by row.

Rows come from the other modules under canonical names; only this module knows what a file looks like.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

import numpy as np
import pyarrow as pa
from pyarrow import compute
from pyarrow import csv as arrow_csv

from pipeline.demo.calendar import NEVER
from pipeline.demo.chance import Flags, Integers
from pipeline.schema import TABLES

Columns = Mapping[str, Any]
"""Arrow arrays of equal length by canonical column; a column that is not there is written empty."""


class Exports:
    """The open export files of one folder, one a table; use as a context manager."""

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

    def append_rows(self, table: str, rows: Iterable[Mapping[str, str]]) -> None:
        """Add rows of texts to a table."""
        stream = self._stream(table)
        for row in rows:
            stream.write(_csv_line(row, TABLES[table].column_names))

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


def decimals(hundredths: Integers) -> Any:  # pyarrow ships no types
    """Whole hundredths as decimal numbers with two places, without passing through a float."""
    words = np.stack([hundredths, hundredths >> 63], axis=1).astype("<i8")
    return pa.Array.from_buffers(pa.decimal128(18, 2), hundredths.size, [None, pa.py_buffer(words.tobytes())])


def days(numbers: Integers) -> Any:
    """Day numbers as dates; NEVER is empty."""
    return pa.array(numbers.astype(np.int32), mask=numbers == NEVER).cast(pa.date32())


def moments(minutes: Integers, unknown: int) -> Any:
    """Minutes of the time at +08:00 as ISO texts with that offset; `unknown` is empty."""
    shown = np.where(minutes == unknown, 0, minutes).astype("datetime64[m]").astype("datetime64[s]")
    texts = np.char.add(np.datetime_as_string(shown), "+08:00")
    return pa.array(texts.tolist(), pa.string(), mask=minutes == unknown)


def chosen(names: Iterable[str], index: Integers, known: Flags | None = None) -> Any:
    """The name at each index; an empty name is written empty."""
    codes = index if known is None else np.where(known, index, 0)
    found = taken(pa.array([name or None for name in names], pa.string()), codes)
    return found if known is None else compute.if_else(pa.array(known), found, None)


def flags(values: Flags, known: Flags | None = None) -> Any:
    """true and false; empty where they are not known."""
    return pa.array(values, mask=None if known is None else ~known)


def numbers(values: Integers, known: Flags | None = None) -> Any:
    """Whole numbers; empty where they are not known."""
    return pa.array(values, mask=None if known is None else ~known)


def labels(prefix: str, year: int, sequence: Integers, digits: int) -> Any:
    """Ids such as SO-26-04417."""
    padded = compute.utf8_lpad(pa.array(sequence).cast(pa.string()), digits, "0")
    return joined(f"{prefix}-{year % 100:02d}-", padded)


def joined(*parts: Any) -> Any:
    """Texts one after the other, row by row."""
    return compute.binary_join_element_wise(*parts, "")


def taken(values: Any, index: Integers) -> Any:
    """The value at each index."""
    return values.take(pa.array(index))
