"""Errors and formulas without result are said in every kind of workbook; the reader of values gives both as nothing."""

from __future__ import annotations

import contextlib
import io
import struct
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import python_calamine
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import Export
from pipeline.intake.grid import Grid
from pipeline.intake.mapped import cast_texts, texts_of
from pipeline.intake.mapping import FileRule, TableRule
from pipeline.intake.reading import read
from pipeline.intake.workbooks import read_workbook
from pipeline.intake.xls_records import ERRORS, xls_faults
from tests.old_workbook import Formula, xls
from tests.workbook import Sheet, ods, xlsx

Rows = Sequence[Sequence[object]]
ROWS: Rows = [
    ("id", "amount", "name"),
    ("1", "#N/A", "a"),
    ("2", "#DIV/0!", "#REF!"),
    ("3", "#VALUE!", "c"),
    ("4", Formula("#NAME?"), Formula("")),
    ("5", Formula(2.5), Formula("d")),
]
CELLS = [
    ["1", "#N/A", "a"],
    ["2", "#DIV/0!", "#REF!"],
    ["3", "#VALUE!", "c"],
    ["4", "#NAME?", ""],
    ["5", "2.5", "d"],
]


def _xlsx_cell(place: str, cell: object) -> str:
    formula, result = ("<f>1+1</f>", cell.result) if isinstance(cell, Formula) else ("", cell)
    if result in ERRORS.values():
        return f'<c r="{place}" t="e">{formula}<v>{result}</v></c>'
    if isinstance(result, float):
        return f'<c r="{place}">{formula}<v>{result}</v></c>'
    return f'<c r="{place}" t="str">{formula}<v>{result}</v></c>'


def _as_xlsx(rows: Rows) -> bytes:
    lines = enumerate(rows, 1)
    return xlsx(
        Sheet(
            "s",
            xml="".join(
                f'<row r="{line}">'
                + "".join(
                    _xlsx_cell(f"{'ABC'[at]}{line}", cell) for at, cell in enumerate(row) if cell is not None
                )
                + "</row>"
                for line, row in lines
            ),
        )
    )


def _ods_cell(cell: object) -> str:
    """As LibreOffice writes it: an error is an empty text that is shown otherwise."""
    if cell is None:
        return "<table:table-cell/>"
    formula, result = (' table:formula="of:=1+1"', cell.result) if isinstance(cell, Formula) else ("", cell)
    if result in ERRORS.values():
        kind = 'office:value-type="string" office:string-value="" calcext:value-type="error"'
        called = formula or ' table:formula="of:=NA()"'
        return f"<table:table-cell{called} {kind}><text:p>{result}</text:p></table:table-cell>"
    if isinstance(result, float):
        return f'<table:table-cell{formula} office:value-type="float" office:value="{result}"/>'
    return (
        f'<table:table-cell{formula} office:value-type="string"><text:p>{result}</text:p></table:table-cell>'
    )


def _as_ods(rows: Rows) -> bytes:
    return ods("".join(f"<table:table-row>{''.join(map(_ods_cell, row))}</table:table-row>" for row in rows))


def _as_xls(rows: Rows) -> bytes:
    return xls({"notes": [("#N/A",)], "s": rows})


def _as_large_xls(rows: Rows) -> bytes:
    return xls({"notes": [("#N/A",)], "s": rows}, large=True)


KINDS: dict[str, tuple[str, Callable[[Rows], bytes]]] = {
    "xlsx": ("xlsx", _as_xlsx),
    "xlsm": ("xlsm", _as_xlsx),
    "ods": ("ods", _as_ods),
    "xls": ("xls", _as_xls),
    "large xls": ("xls", _as_large_xls),
}


def _read(data: bytes, **rule: Any) -> Grid:
    return read_workbook(data, FileRule.model_validate({"path": "a", "sheet": "s", **rule}), (), "a")


def _cells(grid: Grid) -> list[list[str]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in grid.columns), strict=True)]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_is_a_text_with_its_line_in_every_kind_of_workbook(kind: str) -> None:
    format_, made = KINDS[kind]
    grid = _read(made(ROWS), format=format_)

    assert _cells(grid) == CELLS
    assert grid.lines.tolist() == [2, 3, 4, 5, 6]


@pytest.mark.parametrize("kind", KINDS)
def test_an_error_keeps_its_place_where_rows_and_columns_are_empty(kind: str) -> None:
    format_, made = KINDS[kind]
    rows = [(), (), (None, "a", "b"), (), (None, "x", "#N/A"), (None, "#REF!", "y"), (None, "#REF!")]
    grid = _read(made(rows), format=format_, header=3)

    assert (grid.header, grid.lines.tolist()) == (("a", "b"), [4, 5, 6, 7])
    assert _cells(grid)[1:] == [["x", "#N/A"], ["#REF!", "y"], ["#REF!", ""]]
    assert _cells(_read(made([("#N/A", 1.5), ("#N/A",)]), format=format_, header=0)) == [
        ["#N/A", "1.5"],
        ["#N/A", ""],
    ]


@pytest.mark.parametrize("kind", KINDS)
def test_a_row_with_an_error_is_set_aside_with_its_line(kind: str, tmp_path: Path) -> None:
    format_, made = KINDS[kind]
    (tmp_path / "a").write_bytes(made(ROWS))
    raw = read(tmp_path, Export("a"), FileRule(path=("a",), sheet="s", format=format_))
    rule = TableRule.model_validate({"from": "a", "columns": {"account_id": "id", "name": "name"}})
    part = cast_texts(texts_of(raw, "accounts", rule, "UTC"))

    assert part.rows["account_id"].tolist() == ["1", "3", "4", "5"]
    assert part.rejects["_line"].tolist() == [3]
    assert "an error of a spreadsheet" in part.rejects["_reason"][0]


@pytest.mark.parametrize("kind", KINDS)
def test_the_reader_of_values_alone_would_say_nothing(kind: str) -> None:
    """Where this fails the reader tells errors itself, and `cell_faults` can go."""
    book = python_calamine.load_workbook(io.BytesIO(KINDS[kind][1](ROWS)))

    assert list(book.get_sheet_by_name("s").iter_rows())[1][1] == ""


UNSAVED = {
    "xlsx": ("xlsx", xlsx(Sheet("s", xml='<row r="1"><c r="A1"><v>1</v></c></row><row r="2"><c r="A2"><f>1+1</f></c></row>'))),
    "ods": (
        "ods",
        ods('<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
            '<table:table-row><table:table-cell table:formula="of:=1+1"/></table:table-row>'),
    ),
    "xls": ("xls", xls({"s": [("id",), (Formula(""),), (Formula(""),)]})),
}  # fmt: skip


@pytest.mark.parametrize("kind", UNSAVED)
def test_a_formula_without_result_is_refused_in_every_kind_of_workbook(kind: str) -> None:
    format_, data = UNSAVED[kind]
    with pytest.raises(SourceError) as error:
        _read(data, format=format_)

    assert (error.value.code, error.value.where) == ("KB-1133", "a[s], row 2")


def test_an_error_of_an_ods_is_known_by_what_is_shown() -> None:
    """Older programs write a number 0 that is shown as an error; a text that looks like one is one."""
    cells = (
        '<table:table-cell table:formula="of:=1/0" office:value-type="float" office:value="0"><text:p>Err:502</text:p></table:table-cell>',
        '<table:table-cell office:value-type="float" office:value="0"><text:p>#N/A</text:p></table:table-cell>',
        '<table:table-cell office:value-type="string"><text:p>#5 of 7</text:p></table:table-cell>',
        '<table:table-cell table:number-columns-repeated="2" office:value-type="string" calcext:value-type="error"/>',
        '<table:table-cell office:value-type="float" office:value="7"/>',
    )
    head = "".join(
        f'<table:table-cell office:value-type="string"><text:p>{name}</text:p></table:table-cell>'
        for name in "abcdef"
    )
    table = (
        f"<table:table-header-rows><table:table-row>{head}</table:table-row></table:table-header-rows>"
        f'<table:table-row table:number-rows-repeated="2">{"".join(cells)}</table:table-row>'
    )

    assert (
        _cells(_read(ods(table), format="ods"))
        == [["Err:502", "#N/A", "#5 of 7", "#ERROR", "#ERROR", "7"]] * 2
    )


@given(
    st.lists(st.tuples(st.integers(0, 4096), st.binary(min_size=1, max_size=4)), max_size=6),
    st.integers(0, 3),
)
def test_any_bytes_of_an_xls_are_gone_through_once_or_refused(
    edits: list[tuple[int, bytes]], place: int
) -> None:
    data = bytearray(_as_xls(ROWS))
    for at, put in edits:
        data[at : at + len(put)] = put
    with contextlib.suppress(ValueError, IndexError, StopIteration, RuntimeError, struct.error):
        errors, unsaved = xls_faults(bytes(data), place)
        assert all(0 <= row < 1 << 16 for row in errors)
        assert len(unsaved) <= len(data) // 4


TITLED: Rows = [
    ("Sales of March",),
    (),
    ("client", None, "sales"),
    ("id", "name", "net"),
    ("1", "a", 5.5),
    ("2", "b", 6.5),
]


@pytest.mark.parametrize("kind", KINDS)
def test_title_rows_and_two_header_rows_in_every_kind_of_workbook(kind: str) -> None:
    format_, made = KINDS[kind]
    grid = _read(made(TITLED), format=format_, header=[3, 4])

    assert grid.header == ("client / id", "client / name", "sales / net")
    assert (_cells(grid), grid.lines.tolist()) == ([["1", "a", "5.5"], ["2", "b", "6.5"]], [5, 6])
    found = read_workbook(
        made(TITLED), FileRule(path=("a",), sheet="s", format=format_, header="auto"), {"id", "net"}, "a"
    )
    assert found.header == ("id", "name", "net")


def test_a_damaged_table_of_sectors_ends_in_a_refusal() -> None:
    data = bytearray(_as_large_xls(ROWS))
    at = 512 + 4 * 3
    data[at : at + 4] = (3).to_bytes(4, "little")  # the stream's first sector follows itself

    with pytest.raises(SourceError, match=r"KB-11(07|32)"):
        _read(bytes(data), format="xls")
