"""What happened at each account month by month, as rows of numbers that can be judged. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.watch.statistics import Codes, Floats


@dataclass(frozen=True)
class Months:
    """Series × months, NaN where nothing is known; months are counted from 1970-01."""

    keys: tuple[tuple[str, ...], ...]
    """What each series is of: the account first."""
    first: int
    values: Floats

    @property
    def numbers(self) -> Codes:
        return self.first + np.arange(self.values.shape[1], dtype=np.int64)

    @property
    def seasons(self) -> Codes:
        """The calendar month of each point, 0 for January."""
        return self.numbers % 12


def month_numbers(days: pd.Series) -> Codes:
    """The month of each day, counted from 1970-01."""
    found: Codes = days.to_numpy().astype("datetime64[M]").astype(np.int64)
    return found


def whole_until(until_on: date) -> int:
    """The first month that is not over on the day before `until_on`."""
    return (until_on.year - 1970) * 12 + until_on.month - 1


def first_day(month: int) -> np.datetime64:
    """The first day of a month counted from 1970-01."""
    found: np.datetime64 = np.datetime64(month, "M").astype("datetime64[s]")
    return found


def last_day(month: int) -> np.datetime64:
    """The last day of a month counted from 1970-01: that on which all of it is known."""
    return first_day(month + 1) - np.timedelta64(1, "D")


def monthly(rows: pd.DataFrame, keys: Sequence[str], month: Codes, value: Any, until: int) -> Months:
    """The sums of each series and month; NaN where it has no row. Months from `until` on are left out."""
    kept = month < until
    rows, month = rows[kept], month[kept]
    amount = np.asarray(value, dtype=np.float64)[kept]
    groups = rows.groupby(list(keys), sort=True)
    named = rows[list(keys)].drop_duplicates().sort_values(list(keys))
    names = tuple(tuple(str(each) for each in row) for row in named.itertuples(index=False))
    first = int(month.min()) if month.size else until
    width, series = until - first, groups.ngroup().to_numpy()
    at = series * width + month - first
    count = np.bincount(at, minlength=len(names) * width)
    total = np.bincount(at, weights=amount, minlength=len(names) * width)
    values = np.where(count > 0, total, np.nan).reshape(len(names), width)
    return Months(names, first, values)


def from_the_first(months: Months) -> Months:
    """Nothing in a month is nothing, from the month after a series' first one on; the first may not be whole."""
    begun = (~np.isnan(months.values)).cumsum(axis=1)
    begun = np.concatenate([np.zeros((len(begun), 1), dtype=begun.dtype), begun[:, :-1]], axis=1)
    values = np.where(begun > 0, np.nan_to_num(months.values), np.nan)
    return Months(months.keys, months.first, values)


def together(months: Months, count: int, joined: Sequence[int]) -> Months:
    """The sum of each month and those before it, `count` in all; NaN where one is not known.

    Also where a span holds a part only of the calendar months `joined` (1 for January), between which a feast moves:
    such a span cannot be compared with that of another year.
    """
    if not months.values.shape[1]:
        return months
    padded = np.concatenate([np.full((len(months.values), count - 1), np.nan), months.values], axis=1)
    sums = np.lib.stride_tricks.sliding_window_view(padded, count, axis=1).sum(axis=2)
    held = np.array([_held(month, count, joined) for month in months.numbers.tolist()], dtype=np.int64)
    partly = (held > 0) & (held < len(joined))
    return Months(months.keys, months.first, np.where(partly, np.nan, sums))


def _held(month: int, count: int, joined: Sequence[int]) -> int:
    """How many of the joined calendar months a span that ends with a month holds."""
    return sum((month - before) % 12 + 1 in joined for before in range(count))


def feasts_joined(months: Months, joined: Sequence[int]) -> Months:
    """The last of the joined calendar months stands for all of them, as their mean; the others are not judged."""
    values = months.values.copy()
    for at in np.flatnonzero(np.isin(months.seasons + 1, list(joined))).tolist():
        if months.seasons[at] + 1 == joined[-1] and at + 1 >= len(joined):
            values[:, at] = months.values[:, at - len(joined) + 1 : at + 1].mean(axis=1)
        else:
            values[:, at] = np.nan
    return Months(months.keys, months.first, values)
