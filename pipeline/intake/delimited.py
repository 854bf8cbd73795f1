"""Delimited text: CSV, TSV and their kin, with the physical line each record starts on. Pure.

Most exports have one record a line and are parsed at once by Arrow. Where records span lines, lines are blank, rows
are ragged or quotes do not pair, each record is read by itself, and what is no record is kept apart.
"""

from __future__ import annotations

import csv
import io
import itertools
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.csv

from pipeline.errors import SourceError
from pipeline.intake.detection import delimiters_of
from pipeline.intake.grid import Broken, Grid, grid_of_rows, header_names, names_by_place
from pipeline.intake.headers import header_row
from pipeline.intake.limits import CELL_BYTES, require_size, too_long
from pipeline.intake.mapping import FileRule

_SAMPLE = 1 << 18
_SEARCHED = 40
"""Records among which a header is looked for."""

_BLOCK = 1 << 23
_SEPARATOR_LINE = re.compile(rb'"?sep=([!-~\t])"?\r?\n')
"""How Excel names the delimiter: on a line above the header, which it does not show."""


@dataclass(frozen=True)
class _Head:
    """The header's names, the delimiter, and where the records begin: byte and physical line."""

    names: tuple[str, ...]
    delimiter: str
    offset: int
    line: int


@dataclass(frozen=True)
class _Record:
    """The cells of a record, the 1-based line it starts on and the lines it spans; why it is none, where it is none."""

    line: int
    span: int
    cells: list[str]
    fault: str = ""


def read_delimited(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> Grid:
    """The grid of a delimited text in UTF-8.

    Raises SourceError KB-1118 where quoting never ends or the header lies beyond the file, KB-1130 where the delimiter
    cannot be told, KB-1132 where the file is beyond what an export is, KB-1135 where it has no header.
    """
    csv.field_size_limit(CELL_BYTES)
    named = _SEPARATOR_LINE.match(data)
    if named and rule.delimiter == "auto":
        rule = rule.model_copy(update={"delimiter": named[1].decode()})
    text = data[named.end() :] if named else data
    head = _head(text, rule, wanted, source)
    body = text[head.offset :].rstrip(b"\r\n")
    lines = body.count(b"\n") + 1
    require_size(len(head.names), lines, source)
    if not body or not head.names:
        return grid_of_rows(head.names, [], [])
    below = replace(head, line=head.line + 1) if named else head
    return _at_once(body, below, lines) or _record_by_record(body, below, source)


##### Header and delimiter #############################################################################################


def _head(data: bytes, rule: FileRule, wanted: Collection[str], source: str) -> _Head:
    sample = _lines(data[:_SAMPLE].decode(errors="ignore"))
    whole = sample if len(data) <= _SAMPLE else sample[:-1]
    delimiter = _delimiter(whole, wanted, source) if rule.delimiter == "auto" else rule.delimiter
    records = list(itertools.islice(_records(whole, delimiter), _SEARCHED + _header_line(rule)))
    if not records:
        return _Head((), delimiter, 0, 1)
    if rule.header == 0:
        _require_end(records[0], f"{source}, line {records[0].line}")
        return _Head(names_by_place(_width(records)), delimiter, 0, 1)
    first = _first_header_record(records, rule, wanted, source)
    count = 2 if isinstance(rule.header, tuple) else 1
    header = records[first : first + count]
    for record in header:
        _require_end(record, f"{source}, line {record.line}")
    end = header[-1].line + header[-1].span - 1
    offset = len("".join(whole[:end]).encode())
    return _Head(header_names([record.cells for record in header]), delimiter, offset, end + 1)


def _delimiter(lines: list[str], wanted: Collection[str], source: str) -> str:
    found = delimiters_of("".join(lines[: _SEARCHED * 5]), wanted)
    if len(found) == 1:
        return found[0]
    raise SourceError(
        where=source,
        what="its delimiter cannot be told: more than one mark parts its rows evenly",
        nearest=" ".join(map(repr, found)),
        fix=f'is it {" or ".join(map(repr, found))}? say so in the mapping: delimiter = "…"',
        code="KB-1130",
    )


def _first_header_record(records: list[_Record], rule: FileRule, wanted: Collection[str], source: str) -> int:
    if rule.header == "auto":
        place = header_row([record.cells for record in records], wanted, source)
        return place - 1
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


def _width(records: list[_Record]) -> int:
    """How many cells most of the records have; of two that are as common the larger."""
    widths = Counter(len(record.cells) for record in records if not record.fault)
    return max(widths, key=lambda each: (widths[each], each), default=0)


def _header_line(rule: FileRule) -> int:
    if rule.header == "auto":
        return 1
    return rule.header[0] if isinstance(rule.header, tuple) else rule.header


##### Records ##########################################################################################################


def _lines(text: str) -> list[str]:
    """Physical lines with their ends: LF, CR LF or CR, and no other character."""
    return io.StringIO(text, newline="").readlines()


def _records(lines: list[str], delimiter: str) -> Iterator[_Record]:
    """Each record that is not blank; one whose quotes do not fit has a fault and its text as it came."""
    reader = csv.reader(lines, delimiter=delimiter, strict=True, skipinitialspace=delimiter != " ")
    before = 0
    while True:
        cells: list[str] = []
        fault = ""
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            fault = str(error)
        span = reader.line_num - before
        if cells or fault:
            raw = ["".join(lines[before : before + span]).rstrip("\r\n")] if fault else cells
            yield _Record(before + 1, span, raw, fault)
        before = reader.line_num


def _at_once(body: bytes, head: _Head, lines: int) -> Grid | None:
    """The whole body by Arrow, or None where a record is not exactly one line or its quotes do not pair."""
    has_quotes = b'"' in body
    if _has_lone_returns(body) or (has_quotes and not _quotes_pair(body, head.delimiter)):
        return None
    names = [str(at) for at in range(len(head.names))]
    try:
        table = pyarrow.csv.read_csv(
            pa.py_buffer(body),
            read_options=pyarrow.csv.ReadOptions(column_names=names, block_size=_BLOCK, use_threads=False),
            parse_options=pyarrow.csv.ParseOptions(delimiter=head.delimiter, newlines_in_values=has_quotes),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.large_string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged, or a record longer than a block: read record by record instead
        return None
    if table.num_rows != lines:
        return None
    columns = tuple(column.combine_chunks() for column in table.columns)
    return Grid(head.names, columns, np.arange(head.line, head.line + table.num_rows, dtype=np.int64))


def _has_lone_returns(body: bytes) -> bool:
    """Whether a CR stands without its LF: then lines are not what Arrow takes for lines."""
    return b"\r" in body and body.count(b"\r") != body.count(b"\r\n")


def _quotes_pair(body: bytes, delimiter: str) -> bool:
    """Whether every quoted cell begins at a cell's begin and ends at its end; Arrow would guess at any other.

    Of the quotes of such a text the first, third, … stand after a delimiter, a line's end or another quote, the
    second, fourth, … before one.
    """
    if len(delimiter.encode()) > 1:
        return False
    text = np.frombuffer(body, np.uint8)
    quotes = np.flatnonzero(text == ord('"'))
    if len(quotes) % 2:
        return False
    borders = np.zeros(256, np.bool_)
    borders[[ord(delimiter), ord("\n"), ord("\r"), ord('"')]] = True
    before, after = quotes[0::2] - 1, quotes[1::2] + 1
    inside_left, inside_right = before[before >= 0], after[after < len(text)]
    return bool(borders[text[inside_left]].all() and borders[text[inside_right]].all())


def _record_by_record(body: bytes, head: _Head, source: str) -> Grid:
    records = list(_records(_lines(body.decode()), head.delimiter))
    for record in records:
        _require_end(record, f"{source}, line {head.line + record.line - 1}")
    good = [record for record in records if not record.fault]
    grid = grid_of_rows(
        head.names, [record.cells for record in good], [head.line + record.line - 1 for record in good]
    )
    faulty = [
        Broken(
            head.line + record.line - 1, "a quote inside a quoted cell is not doubled", tuple(record.cells)
        )
        for record in records
        if record.fault
    ]
    return replace(grid, broken=tuple(sorted((*grid.broken, *faulty), key=lambda row: row.line)))


def _require_end(record: _Record, where: str) -> None:
    if "field larger" in record.fault:
        raise too_long(where)
    if "unexpected end" in record.fault:
        raise SourceError(
            where=where,
            what="a quoted cell that begins here never ends",
            fix="export the file again, or close the quote",
            code="KB-1118",
        )
