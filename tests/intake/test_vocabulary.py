"""Headers of other people's exports, and the canonical columns that they mean."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.characters import simplified
from pipeline.intake.vocabulary import FILE, vocabulary, words_of
from pipeline.schema import TABLES
from pipeline.settings import read_toml


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ("customerID", "customer id"),
        ("Deal_Stage", "deal stage"),
        ("PO / SO #", "po so"),
        ("客户 ID", "客户id"),
        ("客戶名稱", "客户名称"),
        ("销售额（万元）", "销售额"),
        ("ＤｕｅＤａｔｅ", "due date"),
        ("(元)", "元"),
    ],
)
def test_a_header_is_its_words(header: str, words: str) -> None:
    assert words_of(header) == words


@pytest.mark.parametrize(
    ("table", "header", "column", "by"),
    [
        ("accounts", "Company", "name", "id"),
        ("accounts", "客户编号", "account_id", "id"),
        ("accounts", "所属行业", "industry", "id"),
        ("invoices", "Customer", "account_id", "name"),
        ("invoices", "客户名称", "account_id", "name"),
        ("invoices", "Account_Exe_ID", "manager_id", "id"),
        ("invoices", "date of invoice", "issued_on", "id"),
        ("invoices", "Inv Date", "issued_on", "id"),
        ("invoices", "Due Date (local)", "due_on", "id"),
        ("opportunities", "Amuont", "amount", "id"),
        ("opportunities", "预计成交日期", "expected_on", "id"),
        ("order_lines", "Product Card Id", "product_id", "id"),
        ("payments", "回款金额", "amount", "id"),
        ("cases", "主工单编号", "case_id", "id"),
    ],
)
def test_a_header_means_the_column_a_person_would_take(table: str, header: str, column: str, by: str) -> None:
    surest = vocabulary().meanings(table, header)[0]

    assert (surest.column, surest.by) == (column, by)


@pytest.mark.parametrize(
    ("table", "header", "column"),
    [
        ("payments", "Payment_date_predict", "paid_on"),
        ("accounts", "employees", "owner_id"),
        ("accounts", "Customer State", "status"),
        ("accounts", "客户", "parent_id"),
        ("invoices", "invoice_number", "order_id"),
    ],
)
def test_a_header_that_only_looks_like_a_column_does_not_mean_it(
    table: str, header: str, column: str
) -> None:
    assert column not in {each.column for each in vocabulary().meanings(table, header)}


def test_several_words_say_more_than_one_and_the_own_name_most() -> None:
    def strength(header: str) -> float:
        return vocabulary().meanings("invoices", header)[0].strength

    assert strength("invoice_id") > strength("Invoice Number") > strength("Date")


@pytest.mark.parametrize("table", TABLES)
def test_a_canonical_name_means_its_own_column(table: str) -> None:
    for column in TABLES[table].column_names:
        assert vocabulary().meanings(table, column)[0].column == column


@pytest.mark.parametrize(
    ("name", "table"),
    [("Opportunities 2026", "opportunities"), ("销售订单_202609", "orders"), ("accounts", "accounts")],
)
def test_a_file_is_named_after_its_table(name: str, table: str) -> None:
    assert vocabulary().names_table(table, name)


def test_a_word_within_a_word_names_no_table() -> None:
    assert not vocabulary().names_table("orders", "recorder")


def test_the_file_names_tables_and_columns_of_the_schema_only() -> None:
    file = read_toml(FILE)

    assert set(file["nouns"]) <= set(TABLES)
    known = {name for table in TABLES.values() for name in table.column_names}
    assert set(file["columns"]["any"]) <= known
    for table, columns in file["columns"].items():
        assert table == "any" or set(columns) <= set(TABLES[table].column_names)


def test_no_alias_stands_twice_for_a_column() -> None:
    for columns in read_toml(FILE)["columns"].values():
        for aliases in columns.values():
            texts = [words_of(alias) for alias in aliases]
            assert sorted(set(texts)) == sorted(texts)


@given(st.text(max_size=40))
def test_any_text_may_be_a_header(text: str) -> None:
    assert all(0 < each.strength <= 1.01 for each in vocabulary().meanings("invoices", text))


@given(st.text())
def test_simplified_twice_is_simplified_once(text: str) -> None:
    assert simplified(simplified(text)) == simplified(text)
