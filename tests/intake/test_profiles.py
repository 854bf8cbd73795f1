"""What cells of a column look like, judged with the casts that a run uses."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.numbers import Marks
from pipeline.intake.profiles import Profile, profile

NOTHING = {"null", "n/a"}


def of(*cells: str | None) -> Profile:
    return profile(pd.Series(cells, dtype="str", name="column"), NOTHING)


@pytest.mark.parametrize(
    ("cells", "format_"),
    [
        (("2026-09-03", "2026-12-31"), "iso"),
        (("2026-09-03 7:05", "2026-09-04 17:05"), "%Y-%m-%d %H:%M"),
        (("2026/9/3", "2026/12/31"), "%Y/%m/%d"),
        (("20260903", "20261231"), "%Y%m%d"),
        (("2026年9月3日",), "%Y年%m月%d日"),
        (("31/12/2026", "01/02/2026"), "%d/%m/%Y"),
        (("12/31/2026", "01/02/2026"), "%m/%d/%Y"),
        (("02-Jun-06", "14-Nov-06"), "%d-%b-%y"),
        (("Friday, March 4, 2022",), "%A, %B %d, %Y"),
    ],
)
def test_days_are_known_by_their_format(cells: tuple[str, ...], format_: str) -> None:
    assert of(*cells).dates == format_


def test_days_whose_day_and_month_could_change_places_are_said_to_be_unsure() -> None:
    assert of("01/02/2026", "03/04/2026").is_ambiguous
    assert not of("01/02/2026", "13/04/2026").is_ambiguous


@pytest.mark.parametrize(
    ("cells", "marks"),
    [
        (("10", "2.5"), Marks()),
        (("1,234.50", "7"), Marks(".", ",")),
        (("1.234,50", "7,5"), Marks(",", ".")),
        (("1 234,50",), Marks(",", " ")),
    ],
)
def test_numbers_are_known_by_their_marks(cells: tuple[str, ...], marks: Marks) -> None:
    assert (of(*cells).marks, of(*cells).dates) == (marks, None)


def test_digits_that_are_no_day_are_a_count() -> None:
    assert of("123456", "20000101").dates is None
    assert of("123456", "20000101").marks == Marks()


def test_words_for_nothing_are_set_apart_where_the_rest_is_numbers_or_days() -> None:
    assert of("10", "NULL", "N/A").empty == ("N/A", "NULL")
    assert of("ten", "NULL").empty == ()


def test_yes_and_no_few_words_and_cells_that_differ() -> None:
    assert of("Yes", "No", "Yes").is_yes_no
    assert not of("Won", "Lost").is_yes_no
    assert of("b", "a", "b").words == ("a", "b")
    assert (of("a", "b").is_unique, of("a", "a").is_unique, of("a").is_unique) == (True, False, False)


def test_a_column_without_cells_looks_like_nothing() -> None:
    nothing = of(None, None)

    assert (nothing.filled, nothing.distinct, nothing.dates, nothing.marks) == (0.0, 0, None, None)
    assert not nothing.is_yes_no


@given(st.lists(st.dates(dt.date(1950, 1, 1), dt.date(2090, 12, 31)), min_size=1, max_size=30))
def test_any_days_written_in_iso_are_days(days: list[dt.date]) -> None:
    assert of(*(day.isoformat() for day in days)).dates == "iso"


@given(st.lists(st.text(max_size=20), max_size=20))
def test_any_cells_have_a_profile(cells: list[str]) -> None:
    found = of(*(cell or None for cell in cells))

    assert 0 <= found.filled <= 1
    assert not (found.dates and found.marks)
