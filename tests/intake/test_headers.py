"""Where the header is, and that a row of data is never taken for one."""

from __future__ import annotations

import pytest

from pipeline.errors import SourceError
from pipeline.intake.headers import header_row


def test_the_header_is_where_the_mapped_headers_are() -> None:
    rows = [["2026年9月销售表", "", ""], ["编号", "", ""], ["编号", "客户", "金额"], ["1", "甲", "5"]]

    assert header_row(rows, {"编号", "客户", "金额"}, "a.csv") == 3


def test_without_known_headers_it_is_the_first_full_row_of_words() -> None:
    rows = [
        ["Sales report", "", ""],
        ["1", "2", "3"],
        ["id", "name", "amount"],
        ["1", "a", "5"],
        ["2", "b", "6"],
    ]

    assert header_row(rows, (), "a.csv") == 3
    assert header_row([], (), "a.csv") == 1


WITHOUT = {
    "ids, days and amounts": [
        ["C001", "2026-01-05", "1,234.50"],
        ["C002", "2026-01-06", "20.00"],
        ["C003", "2026-01-07", ""],
    ],
    "days of several lengths": [["Acme", "1/31/2026"], ["Bolt", "12/1/2026"], ["Cord", "3/3/2026"]],
    "months in letters": [["Acme", "1-Mar-26"], ["Bolt", "12-April-26"]],
    "addresses": [["Ann", "ann@acme.com"], ["Bo", "bo@bolt.com"]],
    "words that come again": [["north", "won"], ["south", "lost"], ["north", "lost"], ["north", "new"]],
    "Chinese": [["衡川公司", "2026年3月1日", "2.5"], ["华东机械", "2026年3月2日", "11.5"]],
    "numbers throughout": [["1", "2", "3"], ["4", "5", "6"]],
    "below a title": [["Sales of March", ""], ["C001", "12.5"], ["C002", "7.25"]],
    "a row without number": [["C001", "12.5"], ["C002", "7.25"], ["C003", "-"], ["C004", "1.5"]],
    "a word for nothing": [["C001", "12.5"], *[["C002", "7.25"]] * 9, ["C003", "N/A"], ["C004", "1.5"]],
    "one column": [["foo"], ["foo"], ["bar"], ["foo"]],
}


@pytest.mark.parametrize("rows", WITHOUT.values(), ids=list(WITHOUT))
def test_a_first_row_of_data_is_asked_about_and_not_eaten(rows: list[list[str]]) -> None:
    with pytest.raises(SourceError, match="header = 0") as error:
        header_row(rows, (), "a.csv")

    assert error.value.code == "KB-1135"
    assert error.value.where.startswith("a.csv, row ")


WITH = {
    "words over numbers": [["id", "amount"], ["1", "5"], ["2", "6"]],
    "years over numbers": [["region", "2001", "2002"], ["north", "5", "6"], ["south", "2001", "7"]],
    "months over numbers": [["client", "1", "2"], ["A", "5", "1"], ["B", "1", "4"]],
    "days over numbers": [["client", "2026-01", "2026-02"], ["A", "5", "1"], ["B", "1", "4"]],
    "words over words": [["name", "city"], ["Acme", "Bern"], ["Bolt", "Bonn"]],
    "numbered words": [["Address 1", "Address 2"], ["Main Street 5", "Floor 2"], ["Hill Road 9", ""]],
    "years alone": [["2001", "2002"], ["5", "6"]],
    "nothing below": [["C001", "2026-01-05"]],
    "rows that repeat the header": [["name", "city"], ["Acme", "Bern"], ["name", "city"], ["Bolt", "Bonn"]],
    "empty cells below": [["name", "note"], ["Acme", ""], ["Bolt", ""]],
    "kinds that are mixed": [["code", "1.5"], ["x", "7"], ["9", "a"], ["b", "c"]],
}


@pytest.mark.parametrize("rows", WITH.values(), ids=list(WITH))
def test_a_header_is_taken_where_the_rows_do_not_speak_against_it(rows: list[list[str]]) -> None:
    assert header_row(rows, (), "a.csv") == 1


def test_mapped_headers_are_headers_whatever_they_look_like() -> None:
    assert header_row([["C001", "2.5"], ["C002", "3.5"]], {"C001"}, "a.csv") == 1
