"""The demo's calendar: Chinese public holidays with their make-up workdays, months, working days. Pure.

Days are whole numbers since 1970-01-01, so that columns of them can be reckoned with.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.chance import Integers
from pipeline.periods import add_months, month_start

EPOCH = date(1970, 1, 1)
NEVER = 999_999
"""The day of what has not happened by the end of the export; later than every other day."""

# Announced each year by the General Office of the State Council: name, days off, make-up workdays (month, day).
_ANNOUNCED: dict[int, tuple[tuple[str, tuple[str, str], tuple[str, ...]], ...]] = {
    2023: (
        ("元旦", ("01-01", "01-02"), ()),
        ("春节", ("01-21", "01-27"), ("01-28", "01-29")),
        ("清明节", ("04-05", "04-05"), ()),
        ("劳动节", ("04-29", "05-03"), ("04-23", "05-06")),
        ("端午节", ("06-22", "06-24"), ("06-25",)),
        ("中秋节、国庆节", ("09-29", "10-06"), ("10-07", "10-08")),
    ),
    2024: (
        ("元旦", ("01-01", "01-01"), ()),
        ("春节", ("02-10", "02-17"), ("02-04", "02-18")),
        ("清明节", ("04-04", "04-06"), ("04-07",)),
        ("劳动节", ("05-01", "05-05"), ("04-28", "05-11")),
        ("端午节", ("06-10", "06-10"), ()),
        ("中秋节", ("09-15", "09-17"), ("09-14",)),
        ("国庆节", ("10-01", "10-07"), ("09-29", "10-12")),
    ),
    2025: (
        ("元旦", ("01-01", "01-01"), ()),
        ("春节", ("01-28", "02-04"), ("01-26", "02-08")),
        ("清明节", ("04-04", "04-06"), ()),
        ("劳动节", ("05-01", "05-05"), ("04-27",)),
        ("端午节", ("05-31", "06-02"), ()),
        ("国庆节、中秋节", ("10-01", "10-08"), ("09-28", "10-11")),
    ),
    2026: (
        ("元旦", ("01-01", "01-03"), ("01-04",)),
        ("春节", ("02-15", "02-23"), ("02-14", "02-28")),
        ("清明节", ("04-04", "04-06"), ()),
        ("劳动节", ("05-01", "05-05"), ("05-09",)),
        ("端午节", ("06-19", "06-21"), ()),
        ("中秋节", ("09-25", "09-27"), ()),
        ("国庆节", ("10-01", "10-07"), ("09-20", "10-10")),
    ),
}
_NEW_YEAR_MONTH = {2022: 2, 2023: 1, 2024: 2, 2025: 1, 2026: 2, 2027: 2, 2028: 1}
"""The month in which Lunar New Year falls."""


def day_number(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - EPOCH).days


def date_of(day: int) -> date:
    """The date of a day number."""
    return EPOCH + timedelta(days=day)


@dataclass(frozen=True)
class Holiday:
    """One day that is off, or a weekend day that is worked to make up for it."""

    day_on: date
    name: str
    is_workday: bool


def holidays() -> tuple[Holiday, ...]:
    """Every announced day, in order."""
    found = [
        holiday
        for year, entries in _ANNOUNCED.items()
        for name, (first, last), made_up in entries
        for holiday in _days_of(year, name, first, last, made_up)
    ]
    return tuple(sorted(found, key=lambda holiday: holiday.day_on))


def _days_of(year: int, name: str, first: str, last: str, made_up: tuple[str, ...]) -> list[Holiday]:
    begins, ends = (date.fromisoformat(f"{year}-{day}") for day in (first, last))
    off = [
        Holiday(begins + timedelta(days=n), name, is_workday=False) for n in range((ends - begins).days + 1)
    ]
    worked = [Holiday(date.fromisoformat(f"{year}-{day}"), f"{name}调休", is_workday=True) for day in made_up]
    return off + worked


@dataclass(frozen=True)
class Month:
    """One month of the export; `ago` is 0 for the last whole month, -1 for the unfinished one after it."""

    number: int
    first_on: int
    last_on: int
    ago: int

    @property
    def year(self) -> int:
        return self.number // 12

    @property
    def of_year(self) -> int:
        """1 to 12."""
        return self.number % 12 + 1


def last_whole_month(until: date) -> date:
    """The first day of the last month that is complete on `until`."""
    after = until + timedelta(days=1)
    return add_months(month_start(after), -1)


def months_until(until: date, count: int) -> tuple[Month, ...]:
    """The last `count` whole months before the end of the export, and the unfinished one where there is one."""
    last = last_whole_month(until)
    ends_whole = add_months(last, 1) > until
    ago = range(count - 1, -1 if ends_whole else -2, -1)
    return tuple(_month(add_months(last, -back), back, until) for back in ago)


def _month(first: date, ago: int, until: date) -> Month:
    last = min(add_months(first, 1) - timedelta(days=1), until)
    return Month(first.year * 12 + first.month - 1, day_number(first), day_number(last), ago)


def near_new_year(month: Month) -> int:
    """How far the month is from Lunar New Year's: 0 in it, 1 in the other of January and February, else 9."""
    if month.of_year > 2:
        return 9
    return 0 if _NEW_YEAR_MONTH.get(month.year, 2) == month.of_year else 1


@dataclass(frozen=True)
class Workdays:
    """Working days in China between two days, as look-up columns."""

    first: int
    following: Integers
    """For each day from `first` on, the first working day on or after it."""

    def on_or_after(self, days: Integers) -> Integers:
        """The first working day on or after each day."""
        return self.following[days - self.first]

    def within(self, first: int, last: int) -> Integers:
        """The working days from `first` to `last`, both included."""
        days: Integers = np.arange(first, last + 1, dtype=np.int64)
        worked: Integers = days[self.on_or_after(days) == days]
        return worked


def workdays_between(first: date, last: date) -> Workdays:
    """The working days of a span; weekdays where no holidays are announced."""
    days = np.arange(day_number(first), day_number(last) + 1, dtype=np.int64)
    worked = weekdays(days)
    for holiday in holidays():
        at = day_number(holiday.day_on) - int(days[0])
        if 0 <= at < days.size:
            worked[at] = holiday.is_workday
    candidates = np.where(worked, days, NEVER)
    return Workdays(int(days[0]), np.minimum.accumulate(candidates[::-1])[::-1])


def weekdays(days: Integers) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """True from Monday to Friday (1970-01-01 was a Thursday)."""
    return (days + 3) % 7 < 5
