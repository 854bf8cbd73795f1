"""A small XLSX written by hand, so that no library that writes workbooks is needed."""

from __future__ import annotations

import zipfile
from pathlib import Path


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
