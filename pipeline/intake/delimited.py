"""Delimited text: CSV, TSV and their kin, with the physical line each record starts on. Pure.

Most exports have one record a line and are parsed at once by Arrow. Where records span lines, lines are blank or rows
are ragged, each record is read by itself.
"""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Collection, Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.csv

from pipeline.errors import SourceError
from pipeline.intake.detection import delimiter_of, header_row
from pipeline.intake.grid import Grid, grid_of_rows, header_names
from pipeline.intake.mapping import FileRule

_SAMPLE = 1 << 18
_SEARCHED = 40
"""Records among which a header is looked for."""

_BLOCK = 1 << 23
_LONGEST_CELL = 1 << 24


@dataclass(frozen=True)
class _Head:
    """The header's names, the delimiter, and where the records begin: byte and physical line."""

    names: tuple[str, ...]
    delimiter: str
    offset: int
    line: int


def read_delimited(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    """The grid of a delimited text in UTF-8.

    Raises SourceError KB-1118 where quoting never ends or the header lies beyond the file.
    """
    csv.field_size_limit(_LONGEST_CELL)
    head = _head(data, rule, wanted, source)
    body = data[head.offset :].rstrip(b"\r\n")
    if not body or not head.names:
        return grid_of_rows(head.names, [], [])
    return _at_once(body, head) or _record_by_record(body, head, source)


def _head(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> _Head:
    sample = _lines(data[:_SAMPLE].decode(errors="ignore"))
    whole = sample if len(data) <= _SAMPLE else sample[:-1]
    delimiter = delimiter_of("".join(whole[: _SEARCHED * 5])) if rule.delimiter == "auto" else rule.delimiter
    records = list(itertools.islice(_records(whole, delimiter), _SEARCHED + _header_line(rule)))
    if not records:
        return _Head((), delimiter, 0, 1)
    first = _first_header_record(records, rule, wanted, source)
    count = 2 if isinstance(rule.header, tuple) else 1
    header = records[first : first + count]
    end = header[-1].line + header[-1].span - 1
    offset = len("".join(whole[:end]).encode())
    return _Head(header_names([record.cells for record in header]), delimiter, offset, end + 1)


@dataclass(frozen=True)
class _Record:
    line: int
    span: int
    cells: list[str]


def _records(lines: list[str], delimiter: str) -> Iterator[_Record]:
    """Each record that is not blank, with the 1-based line it starts on and the lines it spans."""
    reader = csv.reader(lines, delimiter=delimiter)
    before = 0
    for cells in reader:
        if cells:
            yield _Record(before + 1, reader.line_num - before, cells)
        before = reader.line_num


def _first_header_record(records: list[_Record], rule: FileRule, wanted: Collection[str], source: str) -> int:
    if rule.header == "auto":
        return header_row([record.cells for record in records], wanted) - 1
    line = _header_line(rule)
    found = next((at for at, record in enumerate(records) if record.line >= line), None)
    if found is None:
        raise SourceError(
            where=source,
            what=f"the header is said to be on line {line}, but the file ends before",
            fix='correct header in the mapping, or say header = "auto"',
            code="KB-1118",
        )
    return found


def _header_line(rule: FileRule) -> int:
    if rule.header == "auto":
        return 1
    return rule.header[0] if isinstance(rule.header, tuple) else rule.header


def _lines(text: str) -> list[str]:
    """Physical lines with their ends: LF, CR LF or CR, and no other character."""
    return io.StringIO(text, newline="").readlines()


def _at_once(body: bytes, head: _Head) -> Grid | None:
    """The whole body by Arrow, or None where a record is not exactly one line."""
    last = body[body.rfind(b"\n") + 1 :]
    if body.count(b"\r") != body.count(b"\r\n") or last.count(b'"') % 2:
        return None
    names = [str(at) for at in range(len(head.names))]
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(body),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=head.delimiter, newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged, or a record longer than a block: read record by record instead
        return None
    if table.num_rows != body.count(b"\n") + 1:
        return None
    columns = tuple(column.combine_chunks() for column in table.columns)
    return Grid(head.names, columns, np.arange(head.line, head.line + table.num_rows, dtype=np.int64))


def _record_by_record(body: bytes, head: _Head, source: str) -> Grid:
    lines = _lines(body.decode())
    records: list[_Record] = []
    try:
        records.extend(_records(lines, head.delimiter))
    except csv.Error as error:
        after = records[-1].line + records[-1].span if records else 1
        raise _never_ends(source, head.line + after - 1) from error
    if records and _is_open(lines[records[-1].line - 1 :], head.delimiter):
        raise _never_ends(source, head.line + records[-1].line - 1)
    starts = [head.line + record.line - 1 for record in records]
    return grid_of_rows(head.names, [record.cells for record in records], starts)


def _is_open(record: list[str], delimiter: str) -> bool:
    """Whether a quote was opened and never closed: the file was cut, or a quote is missing."""
    try:
        list(csv.reader(record, delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _never_ends(source: str, line: int) -> SourceError:
    return SourceError(
        where=f"{source}, line {line}",
        what="a quoted cell that begins here never ends",
        fix="export the file again, or close the quote",
        code="KB-1118",
    )
