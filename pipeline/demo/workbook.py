"""Workbooks (XLSX) with nothing in them but what was asked for: the same rows give the same parts, whenever written.

Office programs put clock, user and machine into their files; here every entry bears one fixed moment. A sheet is
written row by row, so its size does not matter. Layout after ECMA-376 (Office Open XML), part 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self
from xml.sax.saxutils import escape
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from pipeline.errors import UsageError

CellKind = Literal["text", "number", "day"]

MOST_ROWS = 1_048_576
"""Rows of a sheet, as every office program counts them."""

_FIRST_MOMENT = (1980, 1, 1, 0, 0, 0)
_EPOCH = date(1899, 12, 30)
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?")
_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_SPREADSHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_CONTENT = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_DEFAULTS = (
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_CONTENT}.sheet.main+xml"/>'
    f'<Override PartName="/xl/styles.xml" ContentType="{_CONTENT}.styles+xml"/>'
)
_BOLD, _DAY = 1, 2
"""Positions among the cell formats of `_STYLES`."""

_STYLES = (
    f'<styleSheet xmlns="{_SPREADSHEET}"><numFmts count="1"><numFmt numFmtId="164"'
    ' formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts>'
    '<fonts count="2"><font><sz val="11"/><name val="宋体"/></font><font><b/><sz val="11"/><name val="宋体"/></font></fonts>'
    '<fills count="1"><fill><patternFill patternType="none"/></fill></fills>'
    '<borders count="1"><border><left/><right/><top/><bottom/><diagonal/></border></borders>'
    '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/></cellStyleXfs>'
    '<cellXfs count="3"><xf numFmtId="0" fontId="0" fillId="0" borderId="0" xfId="0"/>'
    '<xf numFmtId="0" fontId="1" fillId="0" borderId="0" xfId="0" applyFont="1"/>'
    '<xf numFmtId="164" fontId="0" fillId="0" borderId="0" xfId="0" applyNumberFormat="1"/></cellXfs></styleSheet>'
)


@dataclass(frozen=True)
class Heading:
    """What stands above a sheet's rows: a title over the sheet, and a header and a kind for each column."""

    title: str
    headers: tuple[str, ...]
    kinds: tuple[CellKind, ...]


class Workbook:
    """One workbook that is being written, sheet after sheet; use as a context manager."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._archive = ZipFile(path, "w", ZIP_DEFLATED)
        self._sheets: list[str] = []
        self._kinds: tuple[CellKind, ...] = ()
        self._stream: IO[bytes] | None = None
        self._rows = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def begin(self, name: str, heading: Heading) -> None:
        """Start a sheet; the one before it is finished."""
        self._end_sheet()
        self._sheets.append(name)
        self._kinds, self._rows = heading.kinds, 0
        self._stream = self._archive.open(_entry(f"xl/worksheets/sheet{len(self._sheets)}.xml"), "w")
        self._write(f'{_XML}<worksheet xmlns="{_SPREADSHEET}"><sheetData>')
        self._add([_text_cell(heading.title, _BOLD)])
        self._add([_text_cell(header, _BOLD) for header in heading.headers])

    def add(self, rows: Iterable[Sequence[str | None]]) -> None:
        """Add rows of texts to the sheet, each cell as its column's kind where it is one, else as the text it is.

        UsageError KB-0211 where the sheet is full.
        """
        for row in rows:
            self._add([_cell(text, kind) for text, kind in zip(row, self._kinds, strict=True)])

    def close(self) -> None:
        """Finish the file."""
        self._end_sheet()
        for path, content in _parts(self._sheets):
            self._archive.writestr(_entry(path), _XML + content)
        self._archive.close()

    def _add(self, cells: Sequence[str]) -> None:
        if self._rows == MOST_ROWS:
            raise UsageError(
                where=self._path.name,
                what=f"a sheet holds {MOST_ROWS} rows, and there are more",
                fix="fewer --accounts or --months",
                code="KB-0211",
            )
        self._rows += 1
        self._write(f"<row>{''.join(cells)}</row>")

    def _end_sheet(self) -> None:
        if self._stream is not None:
            self._write("</sheetData></worksheet>")
            self._stream.close()
            self._stream = None

    def _write(self, text: str) -> None:
        assert self._stream is not None, "rows are added to a sheet that has begun"
        self._stream.write(text.encode())


def _entry(path: str) -> ZipInfo:
    """An entry that says nothing of when and where it was written."""
    entry = ZipInfo(path, _FIRST_MOMENT)
    entry.compress_type = ZIP_DEFLATED
    entry.create_system = 3
    entry.external_attr = 0o644 << 16
    return entry


def _cell(text: str | None, kind: CellKind) -> str:
    if not text:
        return "<c/>"
    if kind == "number" and _NUMBER.fullmatch(text):
        return f"<c><v>{text}</v></c>"
    if kind == "day" and (serial := _serial(text)) is not None:
        return f'<c s="{_DAY}"><v>{serial}</v></c>'
    return _text_cell(text)


def _text_cell(text: str, style: int = 0) -> str:
    styled = f' s="{style}"' if style else ""
    return f'<c t="inlineStr"{styled}><is><t>{escape(text)}</t></is></c>'


def _serial(text: str) -> int | None:
    """Days since 1899-12-30 of a day in ISO form; None where there is no such day."""
    try:
        return (date.fromisoformat(text) - _EPOCH).days
    except ValueError:
        return None


def _parts(sheets: Sequence[str]) -> list[tuple[str, str]]:
    """The parts of a workbook beside its sheets."""
    numbers = range(1, len(sheets) + 1)
    listed = "".join(
        f'<sheet name="{escape(name)}" sheetId="{n}" r:id="rId{n}"/>'
        for n, name in zip(numbers, sheets, strict=True)
    )
    overrides = "".join(
        f'<Override PartName="/xl/worksheets/sheet{n}.xml" ContentType="{_CONTENT}.worksheet+xml"/>'
        for n in numbers
    )
    related = "".join(_relation(n, "worksheet", f"worksheets/sheet{n}.xml") for n in numbers)
    styles = _relation(len(sheets) + 1, "styles", "styles.xml")
    return [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{_PACKAGE}/content-types">{_DEFAULTS}{overrides}</Types>',
        ),
        ("_rels/.rels", _relations(_relation(1, "officeDocument", "xl/workbook.xml"))),
        (
            "xl/workbook.xml",
            f'<workbook xmlns="{_SPREADSHEET}" xmlns:r="{_OFFICE}"><sheets>{listed}</sheets></workbook>',
        ),
        ("xl/_rels/workbook.xml.rels", _relations(related + styles)),
        ("xl/styles.xml", _STYLES),
    ]


def _relations(relations: str) -> str:
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{relations}</Relationships>'


def _relation(number: int, kind: str, target: str) -> str:
    return f'<Relationship Id="rId{number}" Type="{_OFFICE}/{kind}" Target="{target}"/>'
