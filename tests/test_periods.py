from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import UsageError
from pipeline.periods import (
    WINDOWS,
    Period,
    Window,
    add_months,
    fiscal_year,
    month_before,
    months_between,
    parse_period,
    shifted,
    trailing,
    up_to,
    window_ending,
)

DAYS = st.dates(date(1971, 1, 1), date(2099, 12, 31))
FISCAL_STARTS = st.integers(1, 12)


def spans(period: Period) -> dict[str, tuple[str, date, date]]:
    return {each.name: (each.period, each.from_on, each.until_on) for each in period.windows()}


def test_a_month_that_ends_a_quarter_ends_these_windows() -> None:
    october = date(2026, 10, 1)

    assert spans(parse_period("2026-09")) == {
        "month": ("2026-09", date(2026, 9, 1), october),
        "qtd": ("2026Q3-to-2026-09-30", date(2026, 7, 1), october),
        "quarter": ("2026Q3", date(2026, 7, 1), october),
        "ytd": ("ytd-2026-09", date(2026, 1, 1), october),
        "t12m": ("t12m-2026-09", date(2025, 10, 1), october),
    }


def test_december_ends_every_window() -> None:
    assert tuple(spans(parse_period("2026-12"))) == WINDOWS
    assert spans(parse_period("2026-12"))["half"][:2] == ("2026H2", date(2026, 7, 1))
    assert spans(parse_period("2026-12"))["year"][:2] == ("2026", date(2026, 1, 1))


def test_an_unfinished_month_ends_no_quarter() -> None:
    found = spans(up_to(date(2026, 9, 22)))

    assert found == {
        "month": ("2026-09-22", date(2026, 9, 1), date(2026, 9, 23)),
        "qtd": ("2026Q3-to-2026-09-22", date(2026, 7, 1), date(2026, 9, 23)),
        "ytd": ("ytd-2026-09-22", date(2026, 1, 1), date(2026, 9, 23)),
        "t12m": ("t12m-2026-09-22", date(2025, 9, 23), date(2026, 9, 23)),
    }


def test_a_fiscal_year_is_named_by_the_year_in_which_it_ends() -> None:
    found = spans(parse_period("2026-03", 4))

    assert found["year"] == ("FY2026", date(2025, 4, 1), date(2026, 4, 1))
    assert found["quarter"] == ("FY2026Q4", date(2026, 1, 1), date(2026, 4, 1))
    assert found["half"] == ("FY2026H2", date(2025, 10, 1), date(2026, 4, 1))
    assert fiscal_year(date(2026, 4, 1), 4) == 2027


@pytest.mark.parametrize(
    ("text", "fiscal_start", "until_on"),
    [
        ("2026-09", 1, date(2026, 10, 1)),
        ("2026-12", 1, date(2027, 1, 1)),
        ("2026Q3", 1, date(2026, 10, 1)),
        ("2026H1", 1, date(2026, 7, 1)),
        ("2026", 1, date(2027, 1, 1)),
        ("2026", 4, date(2026, 4, 1)),
        ("2026Q3", 4, date(2026, 1, 1)),
    ],
)
def test_a_period_ends_before(text: str, fiscal_start: int, until_on: date) -> None:
    assert parse_period(text, fiscal_start).until_on == until_on


@pytest.mark.parametrize(
    "text", ["2026-13", "2026-00", "2026Q5", "2026H3", "26-09", "2026-9", "September", ""]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(UsageError) as refused:
        parse_period(text)

    assert refused.value.code == "KB-0201"
    assert refused.value.nearest


def test_the_month_before_today_is_the_last_one_that_ended() -> None:
    assert month_before(date(2026, 10, 1)).name == "2026-09"
    assert month_before(date(2026, 9, 30)).name == "2026-08"
    assert month_before(date(2027, 1, 15)).as_of == date(2026, 12, 31)


@pytest.mark.parametrize(
    ("day", "months", "other"),
    [
        (date(2026, 1, 31), 1, date(2026, 2, 28)),
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2026, 3, 31), -1, date(2026, 2, 28)),
        (date(2026, 12, 15), 1, date(2027, 1, 15)),
        (date(2026, 1, 15), -1, date(2025, 12, 15)),
        (date(2026, 5, 1), -17, date(2024, 12, 1)),
    ],
)
def test_months_are_added_to_a_day_or_to_the_last_of_the_month(day: date, months: int, other: date) -> None:
    assert add_months(day, months) == other


@given(DAYS, st.integers(-600, 600))
def test_so_many_months_later_is_that_many_months_later(day: date, months: int) -> None:
    later = add_months(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


@given(DAYS, FISCAL_STARTS)
def test_every_window_ends_on_the_as_of_date(as_of: date, fiscal_start: int) -> None:
    for window in up_to(as_of, fiscal_start).windows():
        assert window.last_on == as_of
        assert window.from_on <= as_of
        assert window.days == (window.until_on - window.from_on).days > 0


@given(DAYS, FISCAL_STARTS)
def test_to_date_windows_hold_the_whole_ones_that_end_with_them(as_of: date, fiscal_start: int) -> None:
    found = {window.name: window for window in up_to(as_of, fiscal_start).windows()}

    assert found["month"].from_on >= found["qtd"].from_on >= found["ytd"].from_on >= found["t12m"].from_on
    if "quarter" in found:
        assert found["quarter"].from_on == found["qtd"].from_on
    if "year" in found:
        assert found["year"].from_on == found["ytd"].from_on == found["t12m"].from_on


@given(st.integers(1990, 2090), st.integers(1, 12), FISCAL_STARTS, st.sampled_from(WINDOWS))
def test_whole_windows_lie_end_to_end(year: int, month: int, fiscal_start: int, name: str) -> None:
    window = window_ending(name, date(year, month, 1), fiscal_start)
    if window is None or name in ("qtd", "ytd", "t12m"):
        return

    before = shifted(window, -months_between(window), fiscal_start)

    assert before.until_on == window.from_on
    assert before == window_ending(name, window.from_on, fiscal_start)


@given(DAYS)
def test_the_twelve_months_before_twelve_months_are_a_year_earlier(as_of: date) -> None:
    window = window_ending("t12m", as_of + timedelta(days=1))

    assert window is not None
    assert months_between(window) == 12


@pytest.mark.parametrize(
    ("name", "as_of", "from_on", "until_on"),
    [
        ("month", date(2026, 9, 22), date(2026, 8, 1), date(2026, 8, 23)),
        ("qtd", date(2026, 9, 22), date(2026, 4, 1), date(2026, 6, 23)),
        ("month", date(2026, 3, 31), date(2026, 2, 1), date(2026, 3, 1)),
    ],
)
def test_the_window_before_has_the_same_part_of_its_month_or_quarter(
    name: str, as_of: date, from_on: date, until_on: date
) -> None:
    window = window_ending(name, as_of + timedelta(days=1))
    assert window is not None

    before = shifted(window, -months_between(window))

    assert (before.from_on, before.until_on) == (from_on, until_on)


def test_trailing_months_end_with_the_window() -> None:
    found = trailing(Window("month", "2026-09", date(2026, 9, 1), date(2026, 10, 1)), 3)

    assert (found.from_on, found.until_on) == (date(2026, 7, 1), date(2026, 10, 1))
    assert found.days == 92


@given(st.integers(1, 12), FISCAL_STARTS)
def test_the_windows_of_a_year_have_names_of_their_own(month: int, fiscal_start: int) -> None:
    periods = [window.period for window in parse_period(f"2026-{month:02}", fiscal_start).windows()]

    assert len(set(periods)) == len(periods)
