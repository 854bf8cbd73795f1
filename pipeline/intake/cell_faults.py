"""What the reader of a workbook's values leaves out: errors (`#N/A`) and formulas whose results were not saved. Pure.

The reader gives both as empty cells. Imports nothing but the standard library: it runs inside `sheets`.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from xml.etree import ElementTree as ET

from pipeline.intake.xls_records import MAGIC, Errors, xls_faults

_CELL = re.compile(rb"<(?:\w+:)?c\b([^>]*[^/>])>(.*?)</(?:\w+:)?c>", re.DOTALL)
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_VALUE = re.compile(rb"<(?:\w+:)?v>([^<]*)</")
_FORMULA = re.compile(rb"<(?:\w+:)?f[\s/>]")
_TEXT = re.compile(rb'\bt="str"')
_ERROR = re.compile(rb'\bt="e"')
_SHOWN = re.compile(r"#(?:N/A|NAME\?|(?:NULL|DIV/0|VALUE|REF|NUM|SPILL|CALC|FIELD)!)|Err:\d{3}")
"""Errors as they are shown; those of LibreOffice have numbers."""

_NO_NAME = "#ERROR"
Faults = tuple[Errors, list[int]]
"""Errors by row and column from 0; rows from 1 with a formula whose result was not saved."""


def faults(data: bytes, sheet: str, place: int) -> Faults:
    """The faults of a sheet by its name and its position among all sheets, in any kind of workbook.

    Raises what the standard library raises where the workbook is damaged.
    """
    if data.startswith(MAGIC):
        return xls_faults(data, place)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {name.replace("\\", "/").lower(): name for name in archive.namelist()}
        if "xl/workbook.xml" in parts:
            return _in_xlsx(archive.read(parts[_part_of_sheet(archive, parts, sheet)]))
        return _in_ods(archive.read(parts["content.xml"]), sheet)


##### XLSX #############################################################################################################


def _part_of_sheet(archive: zipfile.ZipFile, parts: dict[str, str], sheet: str) -> str:
    """The part that holds a sheet, in small letters."""
    # Entities cannot blow up: expat counts what they expand to, and this program's memory is limited.
    sheets = ET.fromstring(archive.read(parts["xl/workbook.xml"])).findall(".//{*}sheet")  # noqa: S314
    links = ET.fromstring(archive.read(parts["xl/_rels/workbook.xml.rels"]))  # noqa: S314
    wanted = next(_link(each) for each in sheets if each.get("name") == sheet)
    target = next(each.get("Target", "") for each in links if each.get("Id") == wanted)
    return (target.removeprefix("/") if target.startswith("/") else f"xl/{target}").lower()


def _link(sheet: ET.Element) -> str | None:
    return next((value for name, value in sheet.attrib.items() if name.endswith("}id")), None)


def _in_xlsx(xml: bytes) -> Faults:
    if not (_ERROR.search(xml) or _FORMULA.search(xml)):
        return {}, []
    errors: Errors = {}
    unsaved: list[int] = []
    for found in _CELL.finditer(xml):
        attributes, inner = found.groups()
        reference, value = _REFERENCE.search(attributes), _VALUE.search(inner)
        if reference is None:
            continue
        row, column = int(reference[2]) - 1, _column(reference[1])
        if _ERROR.search(attributes):
            errors.setdefault(row, {})[column] = (value[1] if value else b"").decode() or _NO_NAME
        elif _FORMULA.search(inner) and not _is_saved(attributes, value):
            unsaved.append(row + 1)
    return errors, unsaved


def _is_saved(attributes: bytes, value: re.Match[bytes] | None) -> bool:
    """Whether a formula's result is there; that of a text may be empty."""
    return value is not None and (value[1] != b"" or _TEXT.search(attributes) is not None)


def _column(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number - 1


##### ODS ##############################################################################################################


def _in_ods(xml: bytes, sheet: str) -> Faults:
    if b"formula=" not in xml and b'value-type="error"' not in xml and not _SHOWN.search(xml.decode()):
        return {}, []
    errors: Errors = {}
    unsaved: list[int] = []
    row = 0
    for element in _rows_of(xml, sheet):
        again = _repeated(element, "rows")
        found, lacks = _in_row(element)
        errors |= dict.fromkeys(range(row, row + again), found) if found else {}
        unsaved += range(row + 1, row + 1 + again) if lacks else ()
        row += again
    return errors, unsaved


def _rows_of(xml: bytes, sheet: str) -> Iterator[ET.Element]:
    """The rows of a sheet, one after another, so that not all of them are held."""
    is_inside = False
    for event, element in ET.iterparse(io.BytesIO(xml), ("start", "end")):  # noqa: S314  # as above
        if _name(element) == "table" and event == "start":
            is_inside = _attribute(element, "name") == sheet
        elif _name(element) == "table-row" and event == "end":
            if is_inside:
                yield element
            element.clear()


def _in_row(row: ET.Element) -> tuple[dict[int, str], bool]:
    """Errors by column, and whether a formula has no result."""
    errors: dict[int, str] = {}
    lacks = False
    column = 0
    for cell in row:
        again = _repeated(cell, "columns")
        shown = "".join(text for each in cell if _name(each) == "p" for text in each.itertext())
        if _attribute(cell, "value-type", "error") or _SHOWN.fullmatch(shown.strip()):
            errors |= dict.fromkeys(range(column, column + again), shown.strip() or _NO_NAME)
        elif _attribute(cell, "formula") and not _attribute(cell, "value-type"):
            lacks = True
        column += again
    return errors, lacks


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: ET.Element, name: str, value: str | None = None) -> str | None:
    """An attribute in any name space, of several the one with that value."""
    found = [given for key, given in element.attrib.items() if key.rpartition("}")[2] == name]
    return next((each for each in found if value in (None, each)), None)


def _repeated(element: ET.Element, what: str) -> int:
    return int(_attribute(element, f"number-{what}-repeated") or 1)
