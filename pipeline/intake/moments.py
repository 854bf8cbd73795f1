"""Days and times as exports write them: ISO, Excel's serial numbers, and any strptime format; zones; 24:00. Pure.

A text that strptime takes for a date although it does not say it for certain is none: digits without separators that
are too few (`2026123`), a weekday that the date is not.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?)?\s?(?P<offset>Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?"
)
_EXCEL_EPOCH = np.datetime64("1899-12-30", "s")
_EXCEL_FIRST = 61
"""1 March 1900: before it Excel counts a day that never was."""

_EXCEL_LAST = 2_958_466
_DAY_SECONDS = 86_400
_MIDNIGHT = r"(?<![\d:])24:00(?P<rest>(?::00)?)(?![\d:])"
"""The end of a day, as ISO 8601 and time tables write it."""

_HALVES = {"上午": "AM", "下午": "PM", "凌晨": "AM", "早上": "AM", "晚上": "PM"}
_SAFELY_WIDE = re.compile(r"%[YmdHMSjy]%[YmdHMSjy]")
"""Directives of digits that touch: where one has a digit too few, the others take it from their neighbours."""


@dataclass(frozen=True)
class Moments:
    """Distinct texts read as times: naive seconds, and for those that carried an offset, UTC seconds.

    `ends_day` marks naive ones that were written as 24:00 of the day before.
    """

    naive: pd.Series[Any]
    aware: pd.Series[Any]
    ends_day: pd.Series[Any]


def days(cells: pd.Series[str], formats: Sequence[str], zone: str) -> pd.Series[Any]:
    """Midnights without zone: the day that is written; of a text with an offset the day in `zone`."""
    found = _moments(cells, formats)
    local = found.aware.dt.tz_convert(zone).dt.tz_localize(None)
    written = found.naive - pd.to_timedelta(found.ends_day.astype("int64"), unit="s")
    return written.fillna(local).dt.normalize().astype("datetime64[s]")


def instants(cells: pd.Series[str], formats: Sequence[str], zone: str) -> pd.Series[Any]:
    """UTC seconds; naive times are in `zone`, of an hour that comes twice the first, an hour that is skipped is none."""
    found = _moments(cells, formats)
    first = np.ones(len(cells), np.bool_)
    placed = found.naive.dt.tz_localize(zone, ambiguous=first, nonexistent="NaT").dt.tz_convert("UTC")
    instants_: pd.Series[Any] = placed.fillna(found.aware).astype("datetime64[s, UTC]")
    return instants_


def _moments(cells: pd.Series[str], formats: Sequence[str]) -> Moments:
    """Each format in turn on the cells that the ones before could not read."""
    plain = cells.str.normalize("NFKC")
    started = plain.str.replace(_MIDNIGHT, r"00:00\g<rest>", regex=True)
    at_midnight = (started != plain).fillna(value=False).astype("bool")
    found = _nothing(cells.index)
    for format_ in formats:
        left = found.naive.isna() & found.aware.isna()
        read = _READERS.get(format_, _by_format)(started[left], unicodedata.normalize("NFKC", format_))
        found = Moments(found.naive.fillna(read.naive), found.aware.fillna(read.aware), found.ends_day)
    day = pd.to_timedelta(at_midnight.astype("int64"), unit="D")
    return Moments(found.naive + day, found.aware + day, at_midnight)


def _nothing(index: Any) -> Moments:
    naive = pd.Series(pd.NaT, index=index, dtype="datetime64[s]")
    return Moments(naive, naive.dt.tz_localize("UTC"), pd.Series(data=False, index=index, dtype="bool"))


def _naive(found: pd.Series[Any]) -> Moments:
    nothing = _nothing(found.index)
    return Moments(found.astype("datetime64[s]"), nothing.aware, nothing.ends_day)


def _aware(found: pd.Series[Any]) -> Moments:
    nothing = _nothing(found.index)
    return Moments(nothing.naive, found.astype("datetime64[s, UTC]"), nothing.ends_day)


def _by_format(cells: pd.Series[str], format_: str) -> Moments:
    texts = _with_halves(cells) if "%p" in format_ else cells
    if "%z" in format_:
        return _aware(pd.to_datetime(texts, format=format_, errors="coerce", utc=True))
    found = pd.to_datetime(texts, format=format_, errors="coerce")
    if _SAFELY_WIDE.search(format_):
        found = found.where(found.dt.strftime(format_) == texts)
    if "%A" in format_ or "%a" in format_:
        found = found.where(_names_its_weekday(texts, found))
    return _naive(found)


def _with_halves(cells: pd.Series[str]) -> pd.Series[str]:
    """Chinese halves of a day as strptime knows them."""
    for chinese, english in _HALVES.items():
        cells = cells.str.replace(chinese, english, regex=False)
    return cells


def _names_its_weekday(cells: pd.Series[str], found: pd.Series[Any]) -> NDArray[np.bool_]:
    names = found.dt.day_name().str[:3].str.lower().fillna("")
    named = [bool(name) and name in cell.lower() for name, cell in zip(names, cells, strict=True)]
    return np.array(named, np.bool_)


def _iso(cells: pd.Series[str], _: str) -> Moments:
    parts = cells.str.extract(rf"^(?:{_ISO.pattern})$")
    text = parts["day"] + "T" + parts["clock"].fillna("00:00")
    text = text.where(parts["clock"].isna() | (parts["clock"].str.len() > 5), text + ":00")
    text = text.where(parts["clock"].notna(), text + ":00")
    offset = parts["offset"].str.replace("Z|UTC|GMT", "+00", regex=True).str.replace(":", "", regex=False)
    offset = offset.where(offset.isna() | (offset.str.len() > 3), offset + "00")
    is_aware = offset.notna()
    naive = pd.to_datetime(text.mask(is_aware), format="%Y-%m-%dT%H:%M:%S", errors="coerce")
    aware = pd.to_datetime(
        (text + offset).where(is_aware), format="%Y-%m-%dT%H:%M:%S%z", errors="coerce", utc=True
    )
    nothing = _nothing(cells.index)
    return Moments(naive.astype("datetime64[s]"), aware.astype("datetime64[s, UTC]"), nothing.ends_day)


def _excel(cells: pd.Series[str], _: str) -> Moments:
    numbers = cells.where(cells.str.fullmatch(r"\d{1,7}(\.\d+)?"))
    serials = pd.to_numeric(numbers, errors="coerce").astype("float64")
    serials = serials.where(serials.between(_EXCEL_FIRST, _EXCEL_LAST, inclusive="left"))
    return _naive(_EXCEL_EPOCH + pd.to_timedelta((serials * _DAY_SECONDS).round(), unit="s"))


_READERS: dict[str, Callable[[pd.Series[str], str], Moments]] = {"iso": _iso, "excel": _excel}
