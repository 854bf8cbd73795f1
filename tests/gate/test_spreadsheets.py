from __future__ import annotations

import csv
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gate.spreadsheets import MARK, as_csv, defused, read_csv, restored

STARTS = ["=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "＝", "＋", "－", "＠"]
texts = st.text(st.sampled_from(["=", "+", "'", " ", "\u3000", "a", "户", '"', ",", "\n", "-"]), max_size=6)


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("before", ["", " ", "\u3000", "'"])
def test_a_cell_that_a_spreadsheet_would_run_is_defused(before: str, start: str) -> None:
    assert defused(f"{before}{start}1") == f"'{before}{start}1"


def test_other_cells_stay_as_they_are() -> None:
    assert [defused(text) for text in ("A-1", "", "1=1", "客户", "'s")] == ["A-1", "", "1=1", "客户", "'s"]


@given(texts)
def test_a_cell_that_was_defused_comes_back_as_it_was(text: str) -> None:
    assert restored(defused(text)) == text


@given(texts)
def test_no_cell_of_text_begins_a_formula(text: str) -> None:
    assert not defused(text).lstrip(" \u3000").startswith(tuple(STARTS))


@given(st.lists(texts, min_size=1, max_size=4))
def test_a_file_comes_back_as_it_was_written(cells: list[str]) -> None:
    written = as_csv([{"cell": cell} for cell in cells], ("cell",))

    assert [row["cell"] for row in read_csv(written)] == cells


def test_numbers_are_left_to_the_spreadsheet_and_what_is_missing_is_empty() -> None:
    text = as_csv([{"amount": -12.5, "name": None, "note": "=1"}], ("amount", "name", "note"))

    assert text.startswith(MARK)
    assert next(iter(csv.DictReader(StringIO(text.removeprefix(MARK))))) == {
        "amount": "-12.5",
        "name": "",
        "note": "'=1",
    }
