"""The records of an XLS: errors and formulas of a sheet, which the reader of its values does not tell. Pure.

An XLS is a small file system (OLE2: sectors chained by a table) with a stream of records (BIFF5 or BIFF8), each of a
type, a length and its data. Imports nothing but the standard library: it runs inside `sheets`.

Sources: Microsoft's [MS-CFB] 2.2-2.6 and [MS-XLS] 2.4.28 (BoundSheet8), 2.4.24 (BoolErr), 2.4.127 (Formula), 2.5.10 (BErr).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ERRORS = {
    0x00: "#NULL!",
    0x07: "#DIV/0!",
    0x0F: "#VALUE!",
    0x17: "#REF!",
    0x1D: "#NAME?",
    0x24: "#NUM!",
    0x2A: "#N/A",
    0x2B: "#GETTING_DATA",
}
_OTHER_ERROR = "#ERROR"
_BEGIN, _END, _SHEET, _BOOL_OR_ERROR, _FORMULAS = 0x0809, 0x000A, 0x0085, 0x0205, (0x0006, 0x0206, 0x0406)
_NO_NUMBER = b"\xff\xff"
_IS_ERROR, _IS_EMPTY = 2, 3
_LAST_SECTOR = 0xFFFFFFFA
_STREAM, _ROOT = 2, 5
Errors = dict[int, dict[int, str]]


def xls_faults(data: bytes, sheet: int) -> tuple[Errors, list[int]]:
    """Errors by row and column, and rows (from 1) with formulas without result, of the sheet of that position.

    A formula that gives an empty text is stored like one that was never computed: it counts as such only where all
    formulas of the sheet are so. ValueError or struct.error where the file is damaged.
    """
    errors: Errors = {}
    formulas: list[int] = []
    empty: list[int] = []
    for kind, record in _records_of_sheet(_workbook(data), sheet):
        if kind == _BOOL_OR_ERROR and record[7]:
            _note(errors, record, record[6])
        elif kind in _FORMULAS:
            formulas.append(struct.unpack_from("<H", record)[0] + 1)
            if record[12:14] == _NO_NUMBER and record[6] == _IS_ERROR:
                _note(errors, record, record[8])
            elif record[12:14] == _NO_NUMBER and record[6] == _IS_EMPTY:
                empty.append(formulas[-1])
    return errors, empty if len(empty) == len(formulas) else []


def _note(errors: Errors, record: bytes, code: int) -> None:
    """Add a cell's error to those that are being gathered."""
    row, column = struct.unpack_from("<HH", record)
    errors.setdefault(row, {})[column] = ERRORS.get(code, _OTHER_ERROR)


##### Records ##########################################################################################################


def _records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + length]
        at += 4 + length


def _records_of_sheet(stream: bytes, sheet: int) -> Iterator[tuple[int, bytes]]:
    """The records of a sheet, those of charts within it left out."""
    starts = [struct.unpack_from("<I", record)[0] for kind, record in _globals(stream) if kind == _SHEET]
    depth = 0
    for kind, record in _records(stream, starts[sheet]):
        depth += (kind == _BEGIN) - (kind == _END)
        if depth == 0:
            return
        if depth == 1:
            yield kind, record


def _globals(stream: bytes) -> Iterator[tuple[int, bytes]]:
    for kind, record in _records(stream, 0):
        if kind == _END:
            return
        yield kind, record


##### Streams ##########################################################################################################


@dataclass(frozen=True)
class _Sectors:
    """Sectors of one size with the table that chains them."""

    data: bytes
    size: int
    following: tuple[int, ...]

    def chained(self, start: int) -> bytes:
        """The sectors from one on to the last of its chain; ValueError where it has no end."""
        parts: list[bytes] = []
        while start < _LAST_SECTOR:
            if len(parts) > len(self.following):
                message = "a chain of sectors has no end"
                raise ValueError(message)
            parts.append(self.data[start * self.size : (start + 1) * self.size])
            start = self.following[start]
        return b"".join(parts)


def _workbook(data: bytes) -> bytes:
    """The stream of records."""
    sectors = _sectors(data)
    first_directory, _, least, first_small, _ = struct.unpack_from("<5I", data, 48)
    entries = [*_entries(sectors.chained(first_directory))]
    root = next(entry for entry in entries if entry[1] == _ROOT)
    _, _, start, size = next(
        entry for entry in entries if entry[1] == _STREAM and entry[0].lower() in ("workbook", "book")
    )
    if size >= least:
        return sectors.chained(start)[:size]
    small = _Sectors(sectors.chained(root[2]), 64, _integers(sectors.chained(first_small)))
    return small.chained(start)[:size]


def _sectors(data: bytes) -> _Sectors:
    """The sectors of the file; the places of the table that chains them stand in the header and, of large files, behind."""
    size = 1 << struct.unpack_from("<H", data, 30)[0]
    body = data[size:]
    places = list(struct.unpack_from("<109I", data, 76))
    further, count = struct.unpack_from("<II", data, 68)
    for _ in range(min(count, len(body) // size)):
        if further >= _LAST_SECTOR:
            break
        *more, further = _integers(body[further * size : (further + 1) * size])
        places += more
    table = b"".join(body[place * size : (place + 1) * size] for place in places if place < _LAST_SECTOR)
    return _Sectors(body, size, _integers(table))


def _entries(directory: bytes) -> Iterator[tuple[str, int, int, int]]:
    """Name, type, first sector and size of what the file holds."""
    for at in range(0, len(directory) - 127, 128):
        length, kind = struct.unpack_from("<HB", directory, at + 64)
        start, size = struct.unpack_from("<II", directory, at + 116)
        yield directory[at : at + max(length - 2, 0)].decode("utf-16-le", "replace"), kind, start, size


def _integers(data: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(data) // 4}I", data[: len(data) // 4 * 4])
