from __future__ import annotations

import codecs
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from zipfile import ZipFile

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.context import Context
from pipeline.demo import workbook as workbook_module
from pipeline.demo import write_canonical, write_demo
from pipeline.demo.shown import (
    compact_day,
    grouped,
    han_day,
    han_month,
    in_per_cent,
    in_ten_thousands,
    slashed_day,
    universal_moment,
    worded,
)
from pipeline.demo.systems import SHAPES
from pipeline.demo.workbook import Heading, Workbook
from pipeline.errors import UsageError
from pipeline.ingest import ingest
from pipeline.intake.mapping import FileRule
from pipeline.intake.workbooks import read_workbook
from pipeline.run import context_of
from pipeline.schema import TABLES
from tests.demo_rows import truth_of

Write = Callable[..., None]
_ORIGIN = ["_source", "_line"]


def ingested(write: Write, folder: Path) -> Context:
    """A demo of its own with every story of a whole company, read into tables."""
    write(folder, accounts=27, months=13)
    context = context_of(
        workspace=folder, output=folder, exports=None, period="2026-09", as_of=None,
        today=date(2026, 10, 8), fonts=folder, jobs=1, quiet=True,
    )  # fmt: skip
    ingest(context)
    return context


@pytest.fixture(scope="module")
def shaped(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return ingested(write_demo, tmp_path_factory.mktemp("shaped"))


@pytest.fixture(scope="module")
def canonical(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return ingested(write_canonical, tmp_path_factory.mktemp("canonical"))


# Both sides of the mappings


@pytest.mark.parametrize("table", sorted(TABLES))
def test_what_the_systems_export_is_read_as_the_same_rows(
    shaped: Context, canonical: Context, table: str
) -> None:
    first, second = (
        pd.read_parquet(context.run / "tables" / f"{table}.parquet").drop(columns=_ORIGIN)
        for context in (shaped, canonical)
    )

    pd.testing.assert_frame_equal(first, second)
    assert len(first)


def test_the_same_rows_cannot_be_read(shaped: Context, canonical: Context) -> None:
    first, second = (
        pd.read_parquet(context.run / "tables" / "rejects.parquet") for context in (shaped, canonical)
    )

    assert first["table"].tolist() == second["table"].tolist()
    assert first["column"].tolist() == second["column"].tolist()
    assert first["table"].tolist() == ["cases", "forecasts", "order_lines", "payments", "surveys", "usage"]


def test_nothing_of_the_exports_is_left_unread(shaped: Context) -> None:
    said = (shaped.run / "tables" / "ingest.json").read_text(encoding="utf-8")

    for expectation in ("files_are_mapped", "headers_are_mapped", "sheets_are_mapped", "sources_agree"):
        assert expectation not in said


def test_late_entries_come_in_files_of_their_own(shaped: Context) -> None:
    late = truth_of(shaped.workspace)["stories"]["late_return"]
    for table, column in (("orders", "order_id"), ("order_lines", "order_id")):
        rows = pd.read_parquet(shaped.run / "tables" / f"{table}.parquet")
        of_late = rows[rows["_source"].str.contains("补录")]

        assert of_late[column].tolist() == [late["order_id"]]


# The shapes


def test_files_are_written_as_their_systems_write_them(shaped: Context) -> None:
    account = (shaped.exports / "crm" / "Account.csv").read_bytes()
    invoices = (shaped.exports / "erp" / "销售发票.csv").read_bytes()

    assert account.startswith(codecs.BOM_UTF8 + b'"Account ID","Account Name"')
    assert b"Former Customer" in account
    assert invoices.decode("gb18030").startswith("发票号,客户编号,订单号,发票类型,币种,单据日期")
    assert invoices.count(b"\r\n") == invoices.count(b"\n")
    with pytest.raises(UnicodeDecodeError):
        invoices.decode("utf-8")
    assert any(line.count('"') == 6 for line in invoices.decode("gb18030").splitlines())


def test_sheets_have_a_title_above_their_header(shaped: Context) -> None:
    for name, title in (
        ("满意度调查", "客户满意度与推荐意愿调查答卷"),
        ("销售预测", "客户销售滚动预测（单位：万元）"),
    ):
        book = (shaped.exports / "office" / f"{name}.xlsx").read_bytes()
        grid = read_workbook(book, FileRule(path=("x",), format="xlsx"), (), name)

        assert grid.header[0] == title
        assert set(grid.header[1:]) <= {f"(column {at})" for at in range(2, 30)}


def test_every_shape_names_columns_of_its_table_once() -> None:
    for table, shapes in SHAPES.items():
        for shape in shapes:
            columns = [cell.column for cell in shape.cells]
            assert set(columns) <= set(TABLES[table].column_names)
            assert len(set(columns)) == len(columns)
            assert len({cell.header for cell in shape.cells}) == len(columns)


# Cells


@pytest.mark.parametrize(
    ("show", "text", "shown"),
    [
        (compact_day, "2026-09-03", "20260903"),
        (compact_day, "2026-02-30", "20260230"),
        (slashed_day, "2026-09-03", "2026/9/3"),
        (han_day, "2026-09-03", "2026年9月3日"),
        (han_day, "2026-02-30", "2026年2月30日"),
        (han_month, "2026-09-01", "2026年9月"),
        (universal_moment, "2026-09-03T01:40:00+08:00", "2026-09-02T17:40:00.000Z"),
        (grouped, "1234567.50", "1,234,567.50"),
        (grouped, "-86.00", "-86.00"),
        (grouped, "-0.50", "-0.50"),
        (grouped, "约20", "约20"),
        (in_ten_thousands, "1234500.00", "123.45"),
        (in_ten_thousands, "0.00", "0"),
        (in_ten_thousands, "待定", "待定"),
        (in_per_cent, "0.95", "95%"),
        (worded({"open": "未交货"}), "open", "未交货"),
        (worded({"open": "未交货"}), "else", "else"),
    ],
)
def test_cells_are_shown_as_other_programs_do(show: Callable[[str], str], text: str, shown: str) -> None:
    assert show(text) == shown


# Workbooks

_HEADING = Heading("标题 & <单位>", ("编号", "数", "日"), ("text", "number", "day"))


def written(path: Path, rows: list[tuple[str | None, ...]]) -> bytes:
    with Workbook(path) as book:
        book.begin("一", _HEADING)
        book.add(rows)
        book.begin("二", _HEADING)
    return path.read_bytes()


def test_a_workbook_is_read_as_it_was_written(tmp_path: Path) -> None:
    book = written(
        tmp_path / "a.xlsx",
        [("A & B", "12.5", "2026-09-03"), ("", "约12", "2026-02-30"), ("<c>", None, "2026-12-31")],
    )

    grid = read_workbook(book, FileRule(path=("a",), format="xlsx", header=2), (), "a")

    assert grid.header == ("编号", "数", "日")
    assert [column.to_pylist() for column in grid.columns] == [
        ["A & B", "", "<c>"],
        ["12.5", "约12", ""],
        ["2026-09-03", "2026-02-30", "2026-12-31"],
    ]
    assert grid.lines.tolist() == [3, 4, 5]
    assert grid.left_out == ("二",)


def test_the_same_rows_make_the_same_workbook_at_any_time(tmp_path: Path) -> None:
    rows: list[tuple[str | None, ...]] = [("甲", "1", "2026-09-03")] * 50

    assert written(tmp_path / "a.xlsx", rows) == written(tmp_path / "b.xlsx", rows)
    with ZipFile(tmp_path / "a.xlsx") as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert {entry.create_system for entry in archive.infolist()} == {3}


@given(
    st.lists(
        st.tuples(
            st.text(
                st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cn", "Co"))
            ),
            st.decimals(-(10**12), 10**12, places=4).map(lambda number: f"{number:f}"),
        ),
        min_size=1,
        max_size=6,
    )
)
def test_texts_and_numbers_survive_a_workbook(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, str]]
) -> None:
    path = tmp_path_factory.getbasetemp() / "survives.xlsx"
    with Workbook(path) as book:
        book.begin("s", Heading("t", ("a", "b"), ("text", "number")))
        book.add([("x" + text, number) for text, number in rows])
    grid = read_workbook(path.read_bytes(), FileRule(path=("a",), format="xlsx", header=2), (), "a")

    assert grid.columns[0].to_pylist() == ["x" + text for text, _ in rows]
    assert [Decimal(cell) for cell in grid.columns[1].to_pylist()] == [
        Decimal(format(float(number), ".15g")) for _, number in rows
    ]


def test_a_sheet_that_is_full_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workbook_module, "MOST_ROWS", 4)

    with pytest.raises(UsageError) as error:
        written(tmp_path / "a.xlsx", [("a", "1", "2026-09-03")] * 3)

    assert (error.value.code, error.value.where) == ("KB-0211", "a.xlsx")
