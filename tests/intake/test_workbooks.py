from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any

import pytest

from pipeline.errors import SourceError
from pipeline.intake import sheets
from pipeline.intake.grid import Grid
from pipeline.intake.mapping import FileRule
from pipeline.intake.sheets import messages, text_of
from pipeline.intake.workbooks import read_workbook, sheet_names
from tests.workbook import Sheet, ods, xlsx

HEADER = ("id", "name", "amount")


def _read(data: bytes, wanted: Any = (), **rule: Any) -> Grid:
    given = FileRule.model_validate({"path": "a.xlsx", "format": "xlsx", **rule})
    return read_workbook(data, given, wanted, "a.xlsx")


def _cells(grid: Grid) -> list[list[str]]:
    return [list(row) for row in zip(*(column.to_pylist() for column in grid.columns), strict=True)]


def _refused(data: bytes, code: str, **rule: Any) -> SourceError:
    with pytest.raises(SourceError) as error:
        _read(data, **rule)
    assert error.value.code == code
    assert error.value.fix
    return error.value


##### Sheets ###########################################################################################################


def test_the_first_shown_sheet_with_a_cell_is_read_and_the_others_are_listed() -> None:
    data = xlsx(
        Sheet("old", [HEADER, ("9", "x", 1)], state="hidden"),
        Sheet("empty"),
        Sheet("销售", [HEADER, ("1", "甲", 2.5)]),
        Sheet("notes", [("only a note",)]),
        Sheet("deep", [("never shown",)], state="veryHidden"),
    )
    grid = _read(data)

    assert _cells(grid) == [["1", "甲", "2.5"]]
    assert (grid.left_out, grid.hidden) == (("empty", "notes"), ("old", "deep"))
    assert sheet_names(data, "a.xlsx") == (("empty", "销售", "notes"), ("old", "deep"))


def test_months_on_sheets_of_their_own_are_asked_about() -> None:
    data = xlsx(
        Sheet("Jan", [HEADER, ("1", "a", 1)]), Sheet("Feb", [HEADER, ("2", "b", 2)]), Sheet("Mar", [HEADER])
    )

    error = _refused(data, "KB-1131")
    assert (error.where, error.nearest) == ("a.xlsx[Jan]", "Feb")
    assert _cells(_read(data, sheet="Feb")) == [["2", "b", "2"]]


def test_a_hidden_sheet_is_read_where_it_is_named() -> None:
    data = xlsx(Sheet("a", [HEADER]), Sheet("b", [HEADER, ("1", "x", 1)], state="hidden"))

    assert _cells(_read(data, sheet="b")) == [["1", "x", "1"]]
    assert _refused(data, "KB-1110", sheet="c").nearest == "a, b"


def test_a_workbook_with_macros_is_read_as_any_other() -> None:
    assert _cells(_read(xlsx(Sheet("s", [HEADER, ("1", "x", 1)])), format="xlsm")) == [["1", "x", "1"]]


def test_titles_and_two_header_rows_are_left_above_the_table() -> None:
    rows = [
        ("Sales of March",),
        (None, None),
        ("client", None, "sales"),
        ("id", "name", "net", "gross"),
        ("1", "a", 5, 6),
    ]
    grid = _read(xlsx(Sheet(rows=rows)), header=[3, 4])

    assert grid.header == ("client / id", "client / name", "sales / net", "sales / gross")
    assert (_cells(grid), grid.lines.tolist()) == ([["1", "a", "5", "6"]], [5])
    assert _read(xlsx(Sheet(rows=rows)), {"id", "net"}, header="auto").header == (
        "id",
        "name",
        "net",
        "gross",
    )


def test_a_header_beyond_the_sheet_is_said() -> None:
    _refused(xlsx(Sheet(rows=[HEADER])), "KB-1118", header=9)
    _refused(xlsx(Sheet(rows=[HEADER])), "KB-1118", header=[1, 2])
    assert _read(xlsx(Sheet()), header=9).header == ()


def test_rows_wider_than_the_header_are_kept_apart() -> None:
    grid = _read(xlsx(Sheet(rows=[("a", "b"), (1, 2), (1, 2, 3), (4,)])))

    assert (_cells(grid), [row.line for row in grid.broken]) == ([["1", "2"], ["4", ""]], [3])


##### Cells ############################################################################################################


def test_a_merged_text_stands_in_each_of_its_rows_and_a_merged_number_once() -> None:
    rows = [
        ("Report", None, None),
        HEADER,
        ("A", "x", 10),
        (None, "y", None),
        (None, "z", 30),
        ("B", "x", 1),
        (None, None, None),
    ]
    grid = _read(xlsx(Sheet(rows=rows, merged=["A1:C1", "A3:A5", "C3:C4", "A6:A7", "B6:C6"])), header=2)

    assert _cells(grid)[:4] == [["A", "x", "10"], ["A", "y", ""], ["A", "z", "30"], ["B", "x", "1"]]
    assert not any(
        cell for row in _cells(grid)[4:] for cell in row
    )  # a row without a cell of its own stays blank
    assert (grid.merged, grid.merged_numbers) == (2, (3,))


def test_merged_cells_keep_their_place_where_columns_at_the_left_are_empty() -> None:
    rows = [(), (None, None, "client", "amount"), (None, None, "A", 1), (None, None, None, 2)]
    grid = _read(xlsx(Sheet(rows=rows, merged=["C3:C4", "A1:A2"])), header=2)

    assert (grid.header, _cells(grid)) == (("client", "amount"), [["A", "1"], ["A", "2"]])
    by_place = _read(xlsx(Sheet(rows=rows[2:], merged=["C1:C2"])), header=0)
    assert by_place.header == ("column 1", "column 2", "column 3", "column 4")
    assert _cells(by_place) == [["", "", "A", "1"], ["", "", "A", "2"]]


def test_a_header_merged_over_its_two_rows_is_named_once() -> None:
    rows = [("客户", "销售", None), (None, "数量", "金额"), ("C1", 2, 5)]
    grid = _read(xlsx(Sheet(rows=rows, merged=["A1:A2", "B1:C1"])), header=[1, 2])

    assert grid.header == ("客户", "销售 / 数量", "销售 / 金额")


def test_names_merged_down_to_the_header_are_its_names() -> None:
    rows = [("Region", "Share", "Change"), (None, None, "to last", "to base"), (None, "(%)"), ("A", 1, 2, 3)]
    grid = _read(xlsx(Sheet(rows=rows, merged=["A1:A3", "B1:B2", "C1:D1", "C2:C3", "D2:D3"])), header=3)

    assert (grid.header, grid.lines.tolist()) == (("Region", "(%)", "to last", "to base"), [4])


def test_an_error_is_a_text_and_no_empty_cell() -> None:
    xml = (
        '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c><c r="B1" t="inlineStr"><is><t>b</t></is></c></row>'
        '<row r="2"><c r="A2" t="e"><v>#N/A</v></c><c r="B2" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'
        '<row r="3"><c r="A3"><f>1+1</f><v>2</v></c><c r="B3" t="str"><f>""</f><v></v></c></row>'
    )

    assert _cells(_read(xlsx(Sheet(xml=xml)))) == [["#N/A", "#DIV/0!"], ["2", ""]]


@pytest.mark.parametrize(
    "cell", ["<f>1+1</f>", "<f>1+1</f><v></v>", "<f>1+1</f><v/>", '<f t="shared" si="0"/>']
)
def test_a_formula_without_its_result_is_refused(cell: str) -> None:
    xml = (
        f'<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="2"><c r="A2">{cell}</c></row>'
    )

    assert _refused(xlsx(Sheet("s", xml=xml)), "KB-1133").where == "a.xlsx[s], row 2"


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (datetime(2026, 9, 3, 9, 12, 57, 999_600), "2026-09-03 09:12:58"),  # noqa: DTZ001  # a cell knows no zone
        (time(9, 12, 57, 999_600), "09:12:58"),
        (time(23, 59, 59, 900_000), "24:00:00"),
        (timedelta(hours=25, milliseconds=400), "25:00:00"),
        ("PT27H17M54S", "27:17:54"),
        ("PTA", "PTA"),
    ],
)
def test_a_time_is_rounded_to_the_second_that_the_sheet_shows(cell: Any, text: str) -> None:
    assert text_of(cell) == text


def test_days_are_counted_from_the_workbooks_own_epoch() -> None:
    cell = '<row r="1"><c r="A1" t="inlineStr"><is><t>day</t></is></c></row><row r="2"><c r="A2" s="1"><v>1000</v></c></row>'

    assert _cells(_read(xlsx(Sheet(xml=cell), settings='<workbookPr date1904="1"/>'))) == [["1906-09-27"]]
    assert _cells(_read(xlsx(Sheet(xml=cell)))) == [["1902-09-26"]]


##### Hostile ones #####################################################################################################

FAR = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>2</v></c></row>'
ENTITIES = (
    "<!DOCTYPE x ["
    '<!ENTITY a "ha">'
    + "".join(f'<!ENTITY {chr(98 + at)} "{f"&{chr(97 + at)};" * 10}">' for at in range(9))
    + "]>"
)
TEXT = '<row r="1"><c r="A1" t="inlineStr"><is><t>{}</t></is></c></row>'
REPEATED = (
    '<table:table-row table:number-rows-repeated="1048576">'
    '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/></table:table-row>'
)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (xlsx(Sheet(xml=FAR)), "KB-1132"),
        (ods(REPEATED), "KB-1107"),
        (xlsx(Sheet(xml=TEXT.format("&j;"), prolog=ENTITIES)), "KB-1107"),
        (
            xlsx(
                Sheet(xml=TEXT.format("&x;"), prolog='<!DOCTYPE x [<!ENTITY x SYSTEM "file:///etc/passwd">]>')
            ),
            "KB-1107",
        ),
        (b"no workbook", "KB-1107"),
        (b"", "KB-1107"),
    ],
    ids=["far cell", "repeated cells", "entities", "outside entity", "text", "nothing"],
)
def test_a_hostile_workbook_ends_the_program_that_opens_it_and_not_this_one(data: bytes, code: str) -> None:
    _refused(data, code)


def test_memory_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "MEMORY", 256 << 20)
    assert _cells(_read(xlsx(Sheet(rows=[HEADER, (1, 2, 3)])))) == [["1", "2", "3"]]
    tall = '<row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="Z1048576"><v>2</v></c></row>'

    assert "memory" in _refused(xlsx(Sheet(xml=tall)), "KB-1132").what


def test_too_many_columns_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.intake.limits.COLUMNS", 2)

    assert "3 columns" in _refused(xlsx(Sheet(rows=[HEADER])), "KB-1132").what


def test_what_the_program_says_is_plain() -> None:
    told = list(messages(xlsx(Sheet("s", [("a",), (1,)])), "", with_heads=True))

    assert told == [("sheets", ["s"], [], "s"), ("about", [], [], {}, 0), ("rows", [["a"], ["1"]])]
