"""A small XLS (BIFF8) written by hand, so that no library that writes workbooks is needed."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.intake.xls_records import ERRORS, MAGIC

_CODES = {text: code for code, text in ERRORS.items()}
_NUMBER, _LABEL, _BOOL_OR_ERROR, _FORMULA, _STRING = 0x0203, 0x0204, 0x0205, 0x0006, 0x0207
_BEGIN, _END, _SHEET = 0x0809, 0x000A, 0x0085
_SECTOR = 512
_LAST, _FREE, _TABLE = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD


@dataclass(frozen=True)
class Formula:
    """A formula with the result that was saved: a number, an error such as `#N/A`, a text, "" or nothing."""

    result: float | str


def xls(sheets: Mapping[str, Sequence[Sequence[object]]], *, large: bool = False) -> bytes:
    """The bytes of an XLS; numbers are numbers, errors are errors, a missing cell is None, other cells are texts.

    `large` gives a stream that lies in sectors of the file and not in those for small streams.
    """
    bodies = [_begin(0x10) + b"".join(_rows(rows)) + _record(_END) for rows in sheets.values()]
    at = len(_begin(5)) + sum(len(_sheet(name, 0)) for name in sheets) + len(_record(_END))
    starts = [at + sum(map(len, bodies[:index])) for index in range(len(bodies))]
    heads = [_sheet(name, start) for name, start in zip(sheets, starts, strict=True)]
    stream = b"".join([_begin(5), *heads, _record(_END), *bodies])
    return _file(stream + bytes(4096 if large else 0))


def _rows(rows: Sequence[Sequence[object]]) -> list[bytes]:
    return [
        _cell(line, column, cell)
        for line, row in enumerate(rows)
        for column, cell in enumerate(row)
        if cell is not None
    ]


def _cell(line: int, column: int, cell: object) -> bytes:
    place = struct.pack("<3H", line, column, 0)
    if isinstance(cell, Formula):
        return _formula(place, cell.result)
    if isinstance(cell, int | float):
        return _record(_NUMBER, place + struct.pack("<d", cell))
    if cell in _CODES:
        return _record(_BOOL_OR_ERROR, place + bytes([_CODES[str(cell)], 1]))
    return _record(_LABEL, place + _text(str(cell)))


def _formula(place: bytes, result: float | str) -> bytes:
    if isinstance(result, str):
        kind, code = (2, _CODES[result]) if result in _CODES else (0 if result else 3, 0)
        value = bytes([kind, 0, code, 0, 0, 0, 0xFF, 0xFF])
    else:
        value = struct.pack("<d", result)
    one = b"\x03\x00\x1e\x01\x00"  # of three bytes: the number 1
    record = _record(_FORMULA, place + value + bytes(6) + one)
    is_text = isinstance(result, str) and result and result not in _CODES
    return record + (_record(_STRING, _text(str(result))) if is_text else b"")


def _text(text: str) -> bytes:
    return struct.pack("<HB", len(text), 1) + text.encode("utf-16-le")


def _begin(kind: int) -> bytes:
    return _record(_BEGIN, struct.pack("<4H2I", 0x0600, kind, 0, 1997, 0, 0x0600))


def _sheet(name: str, start: int) -> bytes:
    return _record(_SHEET, struct.pack("<I2B2B", start, 0, 0, len(name), 1) + name.encode("utf-16-le"))


def _record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


##### The file around the stream #######################################################################################


def _file(stream: bytes) -> bytes:
    """Sectors: the table, the directory, the table of small sectors, then the stream (in the root's, where it is small)."""
    is_small = len(stream) < 4096
    unit = 64 if is_small else _SECTOR
    body = stream + bytes(-len(stream) % _SECTOR)
    sectors, small = len(body) // _SECTOR, -(-len(stream) // unit)
    root = (3, len(body)) if is_small else (_LAST, 0)
    directory = _entry("Root Entry", 5, *root, child=1) + _entry(
        "Workbook", 2, 0 if is_small else 3, len(stream)
    )
    table = [_TABLE, _LAST, _LAST, *_chain(3, sectors)]
    small_table = _chain(0, small) if is_small else []
    return b"".join(
        [
            _header(),
            _sector_of(table),
            directory + bytes(_SECTOR - len(directory)),
            _sector_of(small_table),
            body,
        ]
    )


def _chain(first: int, count: int) -> list[int]:
    return [*range(first + 1, first + count), _LAST]


def _sector_of(numbers: list[int]) -> bytes:
    assert len(numbers) <= _SECTOR // 4
    return struct.pack("<128I", *numbers, *[_FREE] * (128 - len(numbers)))


def _header() -> bytes:
    head = MAGIC + bytes(16) + struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(10)
    return head + struct.pack("<8I", 1, 1, 0, 4096, 2, 1, _LAST, 0) + struct.pack("<109I", 0, *[_FREE] * 108)


def _entry(name: str, kind: int, start: int, size: int, *, child: int = _FREE) -> bytes:
    text = name.encode("utf-16-le") + b"\0\0"
    links = struct.pack("<HBB3I", len(text), kind, 1, _FREE, _FREE, child)
    return text.ljust(64, b"\0") + links + bytes(36) + struct.pack("<IQ", start, size)
