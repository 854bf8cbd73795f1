"""A drafted mapping: accepted by the reader as it is, right where headers and cells tell, and honest about the rest."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError, UsageError
from pipeline.intake.draft_text import draft_text, key, quoted
from pipeline.intake.drafting import Draft, drafted
from pipeline.intake.given_files import given_exports, sheets_of
from pipeline.intake.mapping_check import checked
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.vocabulary import vocabulary
from tests.workbook import write_workbook

Make = Callable[[Mapping[str, str]], Draft]
INVOICES = (
    "invoiceNumber,customerID,InvoiceDate,DueDate,InvoiceAmount,Disputed,SettledDate,Colour\n"
    "001,C1,1/31/2026,2/28/2026,100,No,2/15/2026,red\n"
    "002,C1,3/15/2026,4/15/2026,200,Yes,,blue\n"
    "003,C2,3/16/2026,4/16/2026,300,No,4/30/2026,red\n"
)
INVOICE_LINES = (
    "Invoice number,Line number,Customer,Invoice date,Amount\n"
    "I1,1,Acme,2026-01-02,5\nI1,2,Acme,2026-01-02,7\nI2,1,Bolt,2026-01-03,9\n"
)


@pytest.fixture
def make(tmp_path: Path) -> Make:
    def made(files: Mapping[str, str]) -> Draft:
        for name, text in files.items():
            (tmp_path / name).write_text(text, encoding="utf-8")
        given = given_exports([tmp_path / name for name in files])
        return drafted(sheets_of(given, "auto"), vocabulary())

    return made


def columns(draft: Draft, table: str) -> dict[str, str]:
    (found,) = [each for each in draft.tables if each.table == table]
    return {line.column: line.header for line in found.lines}


def read_back(draft: Draft, folder: Path) -> dict[str, object]:
    """The draft's TOML, which the reader must take as it is."""
    text = draft_text(draft, vocabulary())
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "draft.toml").write_text(text, encoding="utf-8")
    load_mapping("draft", folder)
    return tomllib.loads(text)


def test_an_unknown_export_becomes_invoices_their_customers_and_payments(make: Make, tmp_path: Path) -> None:
    draft = make({"receivables.csv": INVOICES})

    assert columns(draft, "invoices") == {
        "invoice_id": "invoiceNumber",
        "account_id": "customerID",
        "issued_on": "InvoiceDate",
        "due_on": "DueDate",
        "net_amount": "InvoiceAmount",
        "is_disputed": "Disputed",
    }
    assert columns(draft, "accounts") == {"account_id": "customerID", "name": "customerID"}
    assert columns(draft, "payments")["paid_on"] == "SettledDate"
    assert set(read_back(draft, tmp_path)["tables"]) == {"invoices", "accounts", "payments"}  # type: ignore[call-overload]


def test_a_draft_reads_the_exports_it_was_made_from_without_a_fault(make: Make, tmp_path: Path) -> None:
    read_back(make({"receivables.csv": INVOICES}), tmp_path)
    given = given_exports([tmp_path / "receivables.csv"])
    found = checked(load_mapping("draft", tmp_path), given, "UTC")

    assert (found.stops, found.sets_aside) == (False, False)
    assert {each.table: each.rows for each in found.selects} == {"payments": 2}


def test_each_line_says_how_sure_it_is_and_why_and_what_is_left_out_is_listed(make: Make) -> None:
    text = draft_text(make({"receivables.csv": INVOICES}), vocabulary())

    assert 'due_on = { from = "DueDate", date = "%m/%d/%Y" }   # 98 %: header; days as %m/%d/%Y' in text
    assert '# not mapped: "Colour"' in text
    lines = [line for line in text.splitlines() if re.match(r"(?!from|sql)[a-z_]+ = [{\"]", line)]
    assert len(lines) > 5
    assert [line for line in lines if not re.search(r"   # \d+ %: ", line)] == []


def test_references_hold_ids_or_names_as_the_cells_say(make: Make, tmp_path: Path) -> None:
    clients = "Client ID,Client name\n7,Acme\n8,Bolt\n9,Cord\n"
    draft = make(
        {
            "clients.csv": clients,
            "deals.csv": "Deal ID,Client,Stage,Amount,Close date\nD1,Acme,Won,5,2026-01-01\nD2,Bolt,Lost,6,2026-02-01\n",
            "tickets.csv": "Ticket ID,Client ID,Created at,Closed at\nT1,7,2026-01-01,2026-01-02\nT2,9,2026-01-01,2026-01-03\n",
        }
    )
    tables = read_back(draft, tmp_path)["tables"]
    deals = tables["opportunities"]["columns"]  # type: ignore[index]

    assert deals["account_id"] == {"from": "Client", "key_of": "accounts"}
    assert tables["cases"]["columns"]["account_id"] == "Client ID"  # type: ignore[index]
    assert deals["is_won"] == {"from": "Stage", "values": {"Won": True, "Lost": False, "*": "null"}}


def test_chinese_headers_marks_and_days(make: Make, tmp_path: Path) -> None:
    draft = make(
        {
            "客户.csv": "客户编号,客户名称,所属行业\nK1,甲公司,食品\nK2,乙公司,医药\n",
            "合同.csv": "合同编号,客户名称,合同金额（元）,合同开始时间,合同到期时间,备注\n"
            'H1,甲公司,"1,234.50",2026年1月5日,2026年12月31日,a\nH2,乙公司,"2,000.00",2026年2月5日,2026年12月31日,b\n',
        }
    )
    contracts = read_back(draft, tmp_path)["tables"]["contracts"]["columns"]  # type: ignore[index]

    assert columns(draft, "accounts") == {
        "account_id": "客户编号",
        "name": "客户名称",
        "industry": "所属行业",
    }
    assert contracts["annual_amount"] == {
        "from": "合同金额（元）",
        "number": {"decimal": ".", "thousands": ","},
    }
    assert contracts["starts_on"] == {"from": "合同开始时间", "date": "%Y年%m月%d日"}
    assert contracts["account_id"] == {"from": "客户名称", "key_of": "accounts"}


def test_words_for_nothing_are_empty_cells(make: Make, tmp_path: Path) -> None:
    text = "Order ID,Customer ID,Order date,Ship date\n1,A,2026-01-01,NULL\n2,B,2026-01-02,2026-01-05\n"

    assert read_back(make({"orders.csv": text}), tmp_path)["files"]["orders"]["empty"] == ["", "NULL"]  # type: ignore[index]


def test_rows_without_a_customer_make_no_customer(make: Make, tmp_path: Path) -> None:
    text = "Order ID,Customer ID,Order date\n1,A,2026-01-01\n2,,2026-01-02\n3,A,2026-01-02\n"
    tables = read_back(make({"orders.csv": text}), tmp_path)["tables"]

    assert 'where "Customer ID" is not null' in tables["accounts"]["sql"]  # type: ignore[index]


def test_a_column_that_is_no_part_of_a_second_table_is_left_out_of_it(make: Make) -> None:
    rows = "".join(
        f"L{at},O{at // 2},P{at % 3},Thing {at % 3},{at},10,2026-01-01,C{at // 2}\n" for at in range(12)
    )
    draft = make(
        {
            "lines.csv": "Line No,Order ID,Product ID,Product name,Qty,Line total,Order date,Customer ID\n"
            + rows
        }
    )

    assert columns(draft, "order_lines")["order_id"] == "Order ID"
    assert columns(draft, "products") == {"product_id": "Product ID", "name": "Product name"}
    assert columns(draft, "orders") == {
        "order_id": "Order ID",
        "account_id": "Customer ID",
        "ordered_on": "Order date",
    }


def test_months_of_one_export_are_one_entry(make: Make, tmp_path: Path) -> None:
    one, two = (
        "Order ID,Customer ID,Order date\n1,A,2026-01-01\n",
        "Order ID,Customer ID,Order date\n2,B,2026-02-01\n",
    )
    files = read_back(make({"orders_2026-01.csv": one, "orders_2026-02.csv": two}), tmp_path)["files"]

    assert files == {"orders": {"path": ["orders*.csv"]}}


def test_sheets_of_a_workbook_are_entries_and_a_title_row_is_stepped_over(tmp_path: Path) -> None:
    write_workbook(tmp_path / "book.xlsx")
    sheets = sheets_of(given_exports([tmp_path / "book.xlsx"]), "auto")

    assert (sheets[0].sheet, sheets[0].header) == ("销售", "auto")
    assert {sheet.sheet for sheet in sheets} == {"销售", "notes"}
    assert sheets[0].raw.headers[0] == "编号"


def test_a_file_that_is_no_table_is_told_and_left_out(make: Make) -> None:
    draft = make(
        {"orders.csv": "Order ID,Customer ID,Order date\n1,A,2026-01-01\n", "x.csv": "foo,bar\n1,2\n"}
    )

    assert [sheet.path for sheet in draft.unknown] == ["x.csv"]
    assert '# x.csv: no table that kambook knows. Headers: "foo", "bar"' in draft_text(draft, vocabulary())


def test_a_file_without_header_is_proposed_by_the_places_of_its_columns(make: Make, tmp_path: Path) -> None:
    draft = make({"orders.csv": "O1,C1,2026-01-05,yes,\nO2,C2,2026-01-06,no,\nO3,C2,2026-01-06,no,\n"})
    text = draft_text(draft, vocabulary())
    proposed = "\n".join(line.removeprefix("# ") for line in text.partition("each is.\n")[2].splitlines())
    edited = re.sub("tables\\.…", "tables.orders", proposed)

    assert (draft.tables, [sheet.header for sheet in draft.unknown]) == ((), [0])
    assert '# … = "column 1"   # words, each differs' in text
    assert '# … = "column 3"   # days as iso, 2 different' in text
    assert '# … = "column 4"   # yes or no, 2 different' in text
    assert '"column 5"   # no cell is filled' in text
    assert "C1" not in text
    for column in ("order_id", "account_id", "ordered_on", "status", "kind"):
        edited = edited.replace("…", column, 1)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text(f"schema = 1\n{edited}\n", encoding="utf-8")
    found = checked(load_mapping("own", tmp_path), given_exports([tmp_path / "orders.csv"]), "UTC")
    assert (found.stops, found.sets_aside) == (False, False)


def test_what_is_required_and_not_found_is_said(make: Make, tmp_path: Path) -> None:
    draft = make({"order lines.csv": "Order ID,Product ID,Qty,Unit price\n1,A,2,3\n1,B,2,3\n"})

    read_back(draft, tmp_path)
    assert 'line_no = { value = "" }   # 0 %: required, and no header was found' in draft_text(
        draft, vocabulary()
    )


def test_a_name_that_tells_no_format_and_a_path_that_is_not_there_stop(tmp_path: Path) -> None:
    (tmp_path / "deals.doc").write_text("x")
    with pytest.raises(SourceError) as no_format:
        sheets_of(given_exports([tmp_path / "deals.doc"]), "auto")
    with pytest.raises(UsageError) as not_there:
        given_exports([tmp_path / "deals.csv"])

    assert (no_format.value.code, not_there.value.code) == ("KB-1120", "KB-0223")


@pytest.mark.parametrize(
    ("name", "text", "column", "headers"),
    [
        (
            "contacts.csv",
            "Company,Contact name,Email\nAcme,Ann,a@x.com\nBolt,Ann,b@x.com\nAcme,Bo,c@x.com\n",
            "contact_id",
            ["Company", "Contact name"],
        ),
        (
            "payments.csv",
            "Invoice number,Payment date,Paid amount\nI1,2026-01-05,5\nI1,2026-02-05,7\nI2,2026-01-05,9\n",
            "payment_id",
            ["Invoice number", "Payment date"],
        ),
        (
            "invoices.csv",
            INVOICE_LINES,
            "invoice_id",
            ["Invoice number", "Line number"],
        ),
        (
            "activities.csv",
            "Customer,Owner,Activity date,Seq\nA,M,2026-01-02,1\nA,M,2026-01-02,2\nA,N,2026-01-02,1\nB,M,2026-01-02,1\n",
            "activity_id",
            ["Customer", "Owner", "Seq"],
        ),
    ],
)
def test_where_no_column_is_an_id_several_are_one_together(
    make: Make, tmp_path: Path, name: str, text: str, column: str, headers: list[str]
) -> None:
    draft = make({name: text})
    tables = read_back(draft, tmp_path)["tables"]
    table = name.removesuffix(".csv")

    assert tables[table]["columns"][column] == {"all_of": headers}  # type: ignore[index]
    rows = len(text.splitlines()) - 1
    sure = {2: "56 %", 3: "45 %"}[len(headers)]
    assert f"# {sure}: no column alone is an id; together they differ in each of {rows} rows" in draft_text(
        draft, vocabulary()
    )
    found = checked(load_mapping("draft", tmp_path), given_exports([tmp_path / name]), "UTC")
    assert not found.stops


def test_more_rows_make_an_id_of_two_columns_surer(make: Make) -> None:
    rows = "".join(f"I{at // 2},2026-01-{at % 2 + 1:02},{at}.50\n" for at in range(30))
    (table,) = (
        each for each in make({"payments.csv": "Invoice number,Payment date,Paid amount\n" + rows}).tables
    )

    assert table.lines[0].confidence == 0.8
    assert (table.lines[0].header, table.lines[0].with_headers) == ("Invoice number", ("Payment date",))


def test_rows_that_others_name_by_one_column_keep_it(make: Make) -> None:
    draft = make(
        {
            "invoices.csv": INVOICE_LINES,
            "payments.csv": "Payment number,Invoice number,Payment date,Paid amount\nP1,I1,2026-01-05,5\nP2,I2,2026-02-05,7\n",
        }
    )

    assert columns(draft, "invoices")["invoice_id"] == "Invoice number"
    assert not any(line.with_headers for table in draft.tables for line in table.lines)


def test_columns_that_do_not_tell_rows_apart_are_no_id(make: Make) -> None:
    rows = "I1,2026-01-05,5\n" * 4
    draft = make({"payments.csv": "Invoice number,Payment date,Paid amount\n" + rows})

    assert "payment_id" not in columns(draft, "payments")


@given(st.text(min_size=1, max_size=20))
def test_any_text_stands_in_toml_as_it_is(text: str) -> None:
    assert tomllib.loads(f"{key(text)} = {quoted(text)}") == {text: text}


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(
    st.lists(
        st.sampled_from(
            [
                "Customer ID",
                "客户名称",
                "Order ID",
                "Order date",
                "Amount",
                "Qty",
                "Status",
                'A "b"',
                "x\\y",
                "Ticket ID",
            ]
        ),
        min_size=1,
        max_size=6,
        unique=True,
    ),
    st.lists(
        st.lists(st.sampled_from(["", "1", "2026-01-01", "NULL", "abc", "1,5"]), min_size=6, max_size=6),
        max_size=5,
    ),
)
def test_whatever_is_drafted_is_accepted(
    make: Make, tmp_path: Path, headers: list[str], rows: list[list[str]]
) -> None:
    def line(cells: list[str]) -> str:
        return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)

    text = "\n".join([line(headers), *(line(row[: len(headers)]) for row in rows)]) + "\n"
    draft = make({"export.csv": text})
    if draft.tables:
        read_back(draft, tmp_path)
