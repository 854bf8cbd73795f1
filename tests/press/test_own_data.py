"""The client's own data as CSV: safe in a spreadsheet, the same bytes each time, nothing of anybody else."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press import own_data
from pipeline.press.figures import Figure
from pipeline.press.own_data import Sheet, exact, number, safe, sheets
from pipeline.press.printing import Printed
from tests import portraits
from tests.dealings import contract, invoice, statement
from tests.portraits import QUARTER


def words(text: str) -> str:
    return text


def read(sheet: Sheet) -> list[list[str]]:
    """The rows as a spreadsheet reads them."""
    return list(csv.reader(io.StringIO(sheet.content.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "  =1", "\u3000=1", "＝1", "\x00=1"]
)
def test_what_a_spreadsheet_takes_for_a_formula_becomes_text(text: str) -> None:
    assert safe(text).startswith("'")


@given(st.text())
def test_no_text_at_all_begins_like_a_formula(text: str) -> None:
    cell = safe(text)

    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert "\n" not in cell


@given(
    st.lists(
        st.tuples(
            st.text(alphabet=st.characters(codec="utf-8")), st.text(alphabet=st.characters(codec="utf-8"))
        )
    )
)
def test_a_cell_is_read_back_as_it_was_written(rows: list[tuple[str, str]]) -> None:
    cells = tuple((safe(a), safe(b)) for a, b in rows)

    assert read(Sheet("x", ("a", "b"), cells))[1:] == [list(each) for each in cells]


def test_a_plain_name_stays_as_it_is() -> None:
    assert safe('远澜, 零售 "A"') == '远澜, 零售 "A"'
    assert safe(None) == ""


@pytest.mark.parametrize(
    ("value", "expected"),
    [(-12_345_600, "-1234.56"), (0, "0"), (10_000, "1"), (None, ""), (10**16, "1000000000000")],
)
def test_numbers_are_written_in_full_and_keep_their_sign(value: int | None, expected: str) -> None:
    assert number(value) == expected


def test_no_exponent_is_written() -> None:
    assert exact(1e22) == "1" + "0" * 22
    assert exact(1e-7) == "0.0000001"


def test_invoices_of_the_window_and_those_still_open_are_told() -> None:
    subject = statement(
        [contract("HT-1", "2026-01-01", None)],
        [invoice("IV-OLD", "2026-05-01", "2026-06-01", 100.0), invoice("IV-NEW", "2026-08-01", None, -50.0)],
    )
    found = own_data.invoices(subject, QUARTER, words)

    assert [(row[0], row[7], row[8]) for row in found.rows] == [
        ("IV-OLD", "100", "100"),
        ("IV-NEW", "-50", "-50"),
    ]


def test_orders_and_deadlines_of_the_window_are_told() -> None:
    made = {each.name: each for each in sheets(portraits.rich(), QUARTER, (), words)}

    assert {row[0] for row in made["orders"].rows} >= {"SO-000"}
    assert all(row[6] in ("yes", "no", "") for row in made["orders"].rows)
    assert made["cases"].rows


def test_a_figure_of_text_with_a_sign_is_a_number_and_a_name_is_not() -> None:
    figures = [
        Figure("F1", "F1", Printed("+4.5", "%", "+4.5%"), 0.045, "=HYPERLINK(1)"),
        Figure("F2", "F2", Printed("-x", "", "-x"), None, "名称"),
    ]
    rows = own_data.printed(figures, words).rows

    assert rows[0][1:4] == ("'=HYPERLINK(1)", "+4.5%", "0.045")
    assert rows[1][2:4] == ("'-x", "")


def test_the_same_slice_gives_the_same_bytes_with_a_mark_for_spreadsheets() -> None:
    first, second = (
        [each.content for each in sheets(portraits.rich(), QUARTER, (), words)] for _ in range(2)
    )

    assert first == second
    assert all(each.startswith(b"\xef\xbb\xbf") and each.endswith(b"\r\n") for each in first)


def test_without_rows_there_is_no_file() -> None:
    assert sheets(portraits.Slice(portraits.customer(), (), {}), QUARTER, (), words) == ()
