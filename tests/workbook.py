"""A small XLSX written by hand, so that no library that writes workbooks is needed."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape


def write_workbook(path: Path) -> None:
    """Sheets: `old` (hidden), `销售` (title, header 编号 金额 日期 有效, a blank row, one row), `notes`."""
    cells = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>九月销售表</t></is></c></row>'
        '<row r="2"><c r="A2" t="inlineStr"><is><t>编号</t></is></c><c r="B2" t="inlineStr"><is><t>金额</t></is></c>'
        '<c r="C2" t="inlineStr"><is><t>日期</t></is></c><c r="D2" t="inlineStr"><is><t>有效</t></is></c></row>'
        '<row r="4"><c r="A4"><v>7</v></c><c r="B4"><v>125.43999999999998</v></c><c r="C4" s="1"><v>46268</v></c>'
        '<c r="D4" t="b"><v>1</v></c></row>'
    )
    main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    sheet = f"<worksheet {main}><sheetData>{{}}</sheetData></worksheet>"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/worksheets/sheet3.xml" ContentType="{kind}.worksheet+xml"/>'
        f'<Override PartName="/xl/styles.xml" ContentType="{kind}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{rel}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {main} xmlns:r="{rel}"><sheets>'
        '<sheet name="old" sheetId="1" state="hidden" r:id="r1"/><sheet name="销售" sheetId="2" r:id="r2"/>'
        '<sheet name="notes" sheetId="3" r:id="r3"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        + "".join(
            f'<Relationship Id="r{at}" Type="{rel}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at in (1, 2, 3)
        )
        + f'<Relationship Id="r4" Type="{rel}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {main}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="14"/></cellXfs>'
        "</styleSheet>",
        "xl/worksheets/sheet1.xml": sheet.format(""),
        "xl/worksheets/sheet2.xml": sheet.format(cells),
        "xl/worksheets/sheet3.xml": sheet.format(
            '<row r="1"><c r="A1" t="inlineStr"><is><t>only a note</t></is></c></row>'
        ),
    }
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)


##### Workbooks of any content, hostile ones too #######################################################################

_MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_REL = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_KIND = "application/vnd.openxmlformats-officedocument.spreadsheetml"


@dataclass(frozen=True)
class Sheet:
    """A sheet of an XLSX: its `rows` (or its cells as XML), merged ranges, and what stands before it."""

    name: str = "Sheet1"
    rows: Sequence[Sequence[object]] = ()
    xml: str = ""
    merged: Sequence[str] = ()
    state: str = "visible"
    prolog: str = ""


def xlsx(*sheets: Sheet, settings: str = "") -> bytes:
    """The bytes of an XLSX; numbers are numbers, every other cell is a text; a missing cell is None."""
    numbered = list(enumerate(sheets, 1))
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/xl/workbook.xml" ContentType="{_KIND}.sheet.main+xml"/>'
        + "".join(
            f'<Override PartName="/xl/worksheets/sheet{at}.xml" ContentType="{_KIND}.worksheet+xml"/>'
            for at, _ in numbered
        )
        + f'<Override PartName="/xl/styles.xml" ContentType="{_KIND}.styles+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{_REL}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {_MAIN} xmlns:r="{_REL}">{settings}<sheets>'
        + "".join(
            f'<sheet name="{escape(each.name)}" sheetId="{at}" state="{each.state}" r:id="r{at}"/>'
            for at, each in numbered
        )
        + "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">'
        + "".join(
            f'<Relationship Id="r{at}" Type="{_REL}/worksheet" Target="worksheets/sheet{at}.xml"/>'
            for at, _ in numbered
        )
        + f'<Relationship Id="styles" Type="{_REL}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet {_MAIN}><cellXfs count="2"><xf numFmtId="0"/><xf numFmtId="22"/></cellXfs>'
        "</styleSheet>",
    }
    parts |= {f"xl/worksheets/sheet{at}.xml": _sheet_xml(each) for at, each in numbered}
    return packed(parts)


def _sheet_xml(sheet: Sheet) -> str:
    cells = sheet.xml or "".join(
        f'<row r="{line}">{"".join(_cell(line, at, cell) for at, cell in enumerate(row) if cell is not None)}</row>'
        for line, row in enumerate(sheet.rows, 1)
    )
    ranges = "".join(f'<mergeCell ref="{each}"/>' for each in sheet.merged)
    merged = f'<mergeCells count="{len(sheet.merged)}">{ranges}</mergeCells>' if ranges else ""
    return f"{sheet.prolog}<worksheet {_MAIN}><sheetData>{cells}</sheetData>{merged}</worksheet>"


def _cell(line: int, at: int, cell: object) -> str:
    place = f"{chr(ord('A') + at)}{line}"
    if isinstance(cell, int | float):
        return f'<c r="{place}"><v>{cell}</v></c>'
    return f'<c r="{place}" t="inlineStr"><is><t>{escape(str(cell))}</t></is></c>'


def ods(table: str) -> bytes:
    """The bytes of an ODS whose only sheet has these rows as XML."""
    spaces = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "calcext")
    )
    content = (
        f"<office:document-content{spaces}><office:body><office:spreadsheet>"
        f'<table:table table:name="s">{table}</table:table>'
        "</office:spreadsheet></office:body></office:document-content>"
    )
    kind = "application/vnd.oasis.opendocument.spreadsheet"
    entry = f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{kind}"/>'
    manifest = 'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"'
    return packed(
        {
            "mimetype": kind,
            "content.xml": content,
            "META-INF/manifest.xml": f"<manifest:manifest {manifest}>{entry}</manifest:manifest>",
        }
    )


def packed(parts: Mapping[str, str | bytes]) -> bytes:
    """A zip of these members."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()
