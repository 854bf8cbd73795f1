"""Exports of one kind that follow each other: which is the later one, by the date in its name. Pure.

`orders_2026-08.csv` and `orders_2026-09.csv` are of one series, `orders_*.csv`. A name without a date, or another
name, says nothing of an order, and then nothing is decided by it.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import pandas as pd

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import Export

_YEAR, _MONTH, _DAY = (
    r"(?P<year>20\d\d|19\d\d)",
    r"(?P<month>1[0-2]|0?[1-9])",
    r"(?P<day>3[01]|[12]\d|0?[1-9])",
)
_DATES = tuple(
    re.compile(rf"(?<!\d){pattern}(?!\d)")
    for pattern in (
        rf"{_YEAR}(?P<mark>[-_.]){_MONTH}(?P=mark){_DAY}",
        rf"{_YEAR}年{_MONTH}月{_DAY}日",
        r"(?P<year>20\d\d|19\d\d)(?P<month>1[0-2]|0[1-9])(?P<day>3[01]|[12]\d|0[1-9])",
        rf"{_YEAR}[-_.年]{_MONTH}月?",
        r"(?P<year>20\d\d|19\d\d)(?P<month>1[0-2]|0[1-9])",
        rf"{_YEAR}[-_.年]?[Qq](?P<quarter>[1-4])",
        rf"{_YEAR}年?",
    )
)
_NUMBER = re.compile(r"(\d+)")


@dataclass(frozen=True, order=True)
class Snapshot:
    """An export of a series, and the last day that its name says it reaches."""

    series: str
    until_on: date


def snapshot_of(source: str) -> Snapshot | None:
    """What a source's name says, folders, archive and sheet included; None where it names no date or several."""
    for pattern in _DATES:
        found = list(pattern.finditer(source))
        if len({match.group() for match in found}) > 1:
            return None
        if found:
            until_on = _last_day(found[0].groupdict())
            return Snapshot(pattern.sub("*", source), until_on) if until_on else None
    return None


def _last_day(parts: dict[str, str | None]) -> date | None:
    year, quarter = int(parts["year"] or 0), int(parts.get("quarter") or 4)
    month = int(parts.get("month") or 3 * quarter)
    last = calendar.monthrange(year, month)[1]
    day = int(parts.get("day") or last)
    return date(year, month, day) if day <= last else None


def snapshots(sources: pd.Series[str]) -> pd.DataFrame:
    """Of each row's source the `series` (text) and the day it reaches, `until_on` (datetime64); missing where none."""
    codes, distinct = pd.factorize(sources)
    found = [snapshot_of(str(source)) for source in distinct]
    series = pd.Series([*(each.series if each else None for each in found), None], dtype="str")
    days = pd.Series([*(each.until_on if each else None for each in found), None], dtype="datetime64[s]")
    return pd.DataFrame(
        {
            "series": series.take(codes).set_axis(sources.index),  # code -1 takes the last
            "until_on": days.take(codes).set_axis(sources.index),
        }
    )


def previous_ends(placed: pd.DataFrame) -> pd.Series[Any]:
    """Of each row's snapshot the day that the one before it in its series reaches; missing for the first."""
    ends = placed.drop_duplicates().dropna().sort_values(["series", "until_on"])
    ends = ends.assign(before=ends.groupby("series")["until_on"].shift())
    before = placed.merge(ends, how="left", on=["series", "until_on"])["before"]
    return before.set_axis(placed.index).astype("datetime64[s]")


def in_time_order(exports: Sequence[Export], entry: str) -> tuple[Export, ...]:
    """Exports that each hold all that exists, oldest first: by the dates, else by the numbers in their names.

    Raises SourceError KB-1134 where neither tells.
    """
    dated = {export: snapshot_of(export.source) for export in exports}
    days = [each.until_on for each in dated.values() if each is not None]
    if len(exports) < 2 or len(set(days)) == len(exports):
        return tuple(sorted(exports, key=lambda export: getattr(dated[export], "until_on", date.min)))
    if len({_NUMBER.sub("*", export.source) for export in exports}) == 1:
        return tuple(sorted(exports, key=lambda export: _numbers(export.source)))
    raise SourceError(
        where=entry,
        what=f"{len(exports)} complete exports, and their names do not tell which is the newest",
        nearest=", ".join(_sources(exports)),
        fix="put the date into their names (orders_2026-09-30.csv), or leave only the newest in the drop folder",
        code="KB-1134",
    )


def _numbers(name: str) -> list[int]:
    return [int(number) for number in _NUMBER.findall(name)]


def _sources(exports: Iterable[Export]) -> list[str]:
    return sorted(export.source for export in exports)
