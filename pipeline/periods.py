"""Periods and windows: closed-open spans of days, by calendar or fiscal year. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from pipeline.errors import UsageError

WindowName = Literal["month", "qtd", "quarter", "half", "ytd", "year", "t12m"]
WINDOWS: tuple[WindowName, ...] = ("month", "qtd", "quarter", "half", "ytd", "year", "t12m")
_MONTHS = {"month": 1, "quarter": 3, "half": 6, "year": 12, "t12m": 12}


@dataclass(frozen=True)
class Window:
    """A span of days [from_on, until_on) with the name of its kind and its printed period."""

    name: str
    period: str
    from_on: date
    until_on: date

    @property
    def days(self) -> int:
        return (self.until_on - self.from_on).days

    @property
    def last_on(self) -> date:
        """The last day that belongs to the window; a rule or rate of a window is the one of this day."""
        return self.until_on - timedelta(days=1)


def add_months(day: date, months: int) -> date:
    """The same day of another month, or that month's last day where it is shorter."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    last = (date(year + (month == 11), (month + 1) % 12 + 1, 1) - timedelta(days=1)).day
    return date(year, month + 1, min(day.day, last))


def month_start(day: date) -> date:
    """The first day of the day's month."""
    return day.replace(day=1)


@dataclass(frozen=True)
class Period:
    """What a run is for: its name (`2026-09`, `2026Q3`, `2026H1`, `2026`) and the first day after it.

    `until_on` is the day after the as-of date; `fiscal_start` the month (1-12) in which the year begins.
    """

    name: str
    until_on: date
    fiscal_start: int = 1

    @property
    def as_of(self) -> date:
        return self.until_on - timedelta(days=1)

    def windows(self) -> tuple[Window, ...]:
        """Every window that ends on the as-of date, smallest first."""
        return tuple(w for name in WINDOWS if (w := window_ending(name, self.until_on, self.fiscal_start)))


def year_start(day: date, fiscal_start: int) -> date:
    """The first day of the fiscal year that holds `day`."""
    first = date(day.year, fiscal_start, 1)
    return first if first <= day else date(day.year - 1, fiscal_start, 1)


def fiscal_year(day: date, fiscal_start: int) -> int:
    """The number of the fiscal year: the calendar year in which it ends."""
    begins = year_start(day, fiscal_start)
    return begins.year if fiscal_start == 1 else begins.year + 1


def window_ending(name: str, until_on: date, fiscal_start: int = 1) -> Window | None:
    """The window `name` that ends just before `until_on`, or None where none ends there.

    A month, qtd, ytd and t12m end on any day (up to date); a quarter, half and year only on their last.
    """
    last = until_on - timedelta(days=1)
    begins = year_start(last, fiscal_start)
    into = (last.year - begins.year) * 12 + last.month - begins.month  # months since the year began, 0-11
    whole = until_on.day == 1
    if name == "month":
        first = month_start(last)
    elif name == "qtd":
        first = add_months(begins, into // 3 * 3)
    elif name == "ytd":
        first = begins
    elif name == "t12m":
        first = add_months(until_on, -12)
    elif name in _MONTHS and whole and (into + 1) % _MONTHS[name] == 0:
        first = add_months(begins, into + 1 - _MONTHS[name])
    else:
        return None
    return Window(name, _label(name, first, until_on, fiscal_start), first, until_on)


def _label(name: str, first: date, until_on: date, fiscal_start: int) -> str:
    last = until_on - timedelta(days=1)
    year = fiscal_year(last, fiscal_start)
    prefix = str(year) if fiscal_start == 1 else f"FY{year}"
    into = (first.year - year_start(last, fiscal_start).year) * 12 + first.month - fiscal_start
    if name == "month":
        whole = until_on.day == 1
        return f"{last:%Y-%m}" if whole else f"{last:%Y-%m-%d}"
    if name in ("quarter", "qtd"):
        label = f"{prefix}Q{into // 3 + 1}"
        return label if name == "quarter" else f"{label}-to-{last:%Y-%m-%d}"
    if name == "half":
        return f"{prefix}H{into // 6 + 1}"
    if name == "year":
        return prefix
    return f"{name}-{last:%Y-%m}" if until_on.day == 1 else f"{name}-{last:%Y-%m-%d}"


def shifted(window: Window, months: int, fiscal_start: int = 1) -> Window:
    """The same span of days `months` later (negative: earlier). Month ends stay month ends."""
    first, until = add_months(window.from_on, months), add_months(window.until_on, months)
    return Window(window.name, _label(window.name, first, until, fiscal_start), first, until)


def trailing(window: Window, months: int) -> Window:
    """The `months` months that end with the window."""
    first = add_months(window.until_on, -months)
    return Window(
        f"trailing-{months}", f"trailing-{months}-{window.last_on:%Y-%m-%d}", first, window.until_on
    )


_STEPS = {"month": 1, "qtd": 3, "quarter": 3, "half": 6, "ytd": 12, "year": 12, "t12m": 12}


def months_between(window: Window) -> int:
    """How many months back the window of the same kind before this one lies: a quarter to date, the quarter before."""
    if window.name in _STEPS:
        return _STEPS[window.name]
    first, until = window.from_on, window.until_on
    months = (until.year - first.year) * 12 + until.month - first.month + (1 if until.day > first.day else 0)
    return max(1, months)


_PERIOD = re.compile(r"^(?P<year>(?:19|2\d)\d{2})(?:-(?P<month>\d{2})|Q(?P<quarter>[1-4])|H(?P<half>[12]))?$")


def parse_period(text: str, fiscal_start: int = 1) -> Period:
    """The period `2026-09`, `2026Q3`, `2026H1` or `2026`. UsageError KB-0201 where it is none of these."""
    found = _PERIOD.match(text)
    if not found or (found["month"] and not 1 <= int(found["month"]) <= 12):
        raise UsageError(
            where="--period",
            what=f"{text!r} is not a period",
            nearest="2026-09, 2026Q3, 2026H1 or 2026",
            fix="kambook run -p 2026-09",
            code="KB-0201",
        )
    year = int(found["year"])
    if found["month"]:
        return Period(text, add_months(date(year, int(found["month"]), 1), 1), fiscal_start)
    begins = date(year if fiscal_start == 1 else year - 1, fiscal_start, 1)
    months = (
        3 * int(found["quarter"]) if found["quarter"] else 6 * int(found["half"]) if found["half"] else 12
    )
    return Period(text, add_months(begins, months), fiscal_start)


def month_before(today: date, fiscal_start: int = 1) -> Period:
    """The last month that ended before `today`."""
    until = month_start(today)
    return Period(f"{until - timedelta(days=1):%Y-%m}", until, fiscal_start)


def up_to(as_of: date, fiscal_start: int = 1) -> Period:
    """The unfinished month up to and including `as_of`. UsageError KB-0201 for a year that no export is of."""
    if not 1900 <= as_of.year < 3000:
        raise UsageError(
            where="--as-of",
            what=f"{as_of} is not a day of business",
            fix="--as-of 2026-09-22",
            code="KB-0201",
        )
    return Period(f"{as_of:%Y-%m-%d}", as_of + timedelta(days=1), fiscal_start)
