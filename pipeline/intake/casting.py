"""Casts of text cells to the exact types of the schema. Pure, one column at a time.

A cell that cannot be cast is marked as failed with one reason for the column; it never becomes a silent null. Work is
done on distinct cells, so a column of half a million rows costs little more than its distinct values.

* exact: int64 ten-thousandths; more decimals than four are rounded half-up (away from zero) at the fourth.
* rate: int64 hundred-millionths, rounded half-up at the eighth decimal.
* date: midnight without zone; of a timestamp with an offset the day in the mapping's zone.
* timestamp: UTC seconds; naive ones are in the mapping's zone, of a repeated hour (end of summer time) the first;
  an hour that the zone skips cannot be cast; a date alone is its midnight.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.schema import PANDAS_DTYPE, RATE_SCALE, SCALE, Kind

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Marks:
    """How numbers are written: decimal mark, mark between thousands, and what they are multiplied by."""

    decimal: str = "."
    thousands: str = ""
    scale: Decimal = Decimal(1)


@dataclass(frozen=True)
class Rule:
    """How the cells of one column are written: the kind they become, date formats, number marks, time zone.

    `formats` are tried in order; each is `iso`, `excel` (days since 1899-12-30) or a strptime format.
    """

    kind: Kind
    formats: tuple[str, ...] = ("iso",)
    marks: Marks = Marks()
    zone: str = "UTC"


@dataclass(frozen=True)
class Cast:
    """A column of the kind's dtype; where `failed`, its cell had a text that is not of the kind (value missing)."""

    values: pd.Series[Any]
    failed: Mask
    reason: str


def cast(cells: pd.Series[str], rule: Rule) -> Cast:
    """Cast text cells (dtype `str`, NA where empty) to the kind of the rule; the index stays."""
    codes, distinct = pd.factorize(cells)
    missing = codes < 0
    casted = typed(_CASTS[rule.kind](pd.Series(distinct, dtype="str"), rule), rule.kind)
    padded = pd.concat(
        [casted, typed(pd.Series([None]), rule.kind)], ignore_index=True
    )  # code -1 takes the last
    values = padded.take(codes).set_axis(cells.index)
    failed = values.isna().to_numpy(dtype=np.bool_) & ~missing
    return Cast(values, failed, _reason(rule) if failed.any() else "")


def typed(values: pd.Series[Any], kind: Kind) -> pd.Series[Any]:
    """A column in the dtype that the schema gives its kind."""
    dtype: Any = PANDAS_DTYPE[kind]
    return values.astype(dtype)


def missing_values(kind: Kind, index: Any) -> pd.Series[Any]:  # whatever pandas takes as an index
    """A column of the kind's dtype in which every value is missing."""
    dtype: Any = PANDAS_DTYPE[kind]
    values: pd.Series[Any] = pd.Series(None, index=index, dtype=dtype)
    return values


def translate(cells: pd.Series[str], words: Mapping[str, str], otherwise: str, null: str) -> Cast:
    """Replace each cell by its word; cells without one fail, unless `words` holds `otherwise`.

    The word `otherwise` stands for the cell itself, the word `null` for an empty cell.
    """
    codes, distinct = pd.factorize(cells)
    texts = [str(text) for text in distinct]
    known = np.array([text in words or otherwise in words for text in texts], np.bool_)
    translated = [_word(text, words, otherwise, null) for text in texts]
    values = pd.Series([*translated, None], dtype="str").take(codes).set_axis(cells.index)
    failed = ~np.append(known, True)[codes]  # a cell that is empty needs no word
    return Cast(values, failed, "not among the values of the mapping" if failed.any() else "")


def _word(text: str, words: Mapping[str, str], otherwise: str, null: str) -> str | None:
    word = words.get(text, words.get(otherwise, null))
    if word == otherwise:
        return text
    return None if word == null else word


def _reason(rule: Rule) -> str:
    formats = " or ".join(rule.formats)
    return {
        "exact": "not a number",
        "rate": "not a number",
        "integer": "not a whole number",
        "boolean": "neither yes nor no",
        "date": f"not a date ({formats})",
        "timestamp": f"not a time ({formats}) in {rule.zone}",
        "text": "not text",
    }[rule.kind]


##### Numbers ##########################################################################################################

_PLAIN = r"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"
_INT64 = 2**63 - 1
_EXPONENT = re.compile(r"[eE]([+-]?\d{1,2})$")


def _exact(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    return _fixed(cells, rule.marks, SCALE)


def _rate(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    return _fixed(cells, rule.marks, RATE_SCALE)


def _fixed(cells: pd.Series[str], marks: Marks, scale: int) -> pd.Series[Any]:
    """Distinct texts → Int64 in units of 1/scale. Plain ones at once, the others one by one as decimals."""
    places = len(str(scale)) - 1
    text = pa.array(cells, pa.large_string())
    if marks != Marks():
        return _one_by_one(cells, lambda cell: _units(cell, marks, scale))
    plain = pc.match_substring_regex(text, _PLAIN.format(whole=18 - places, places=places))
    fast = _as_int64(pc.cast(text.filter(plain), pa.decimal128(18, places)))
    is_plain = plain.to_numpy(zero_copy_only=False)
    slow = _one_by_one(cells[~is_plain], lambda cell: _units(cell, marks, scale))
    values = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    values[is_plain] = fast
    values[~is_plain] = slow
    return values


def _as_int64(decimals: pa.Array) -> NDArray[np.int64]:
    """The unscaled integers of decimals with at most 18 digits: the low half of each 128-bit value."""
    if not len(decimals):
        return np.array([], np.int64)
    halves = np.frombuffer(decimals.buffers()[1], dtype="<i8")
    return halves[2 * decimals.offset :: 2][: len(decimals)]


def _one_by_one(cells: pd.Series[str], units: Callable[[str], int | None]) -> pd.Series[Any]:
    return pd.Series([units(cell) for cell in cells.tolist()], index=cells.index, dtype="Int64")


def _units(cell: str, marks: Marks, scale: int) -> int | None:
    """One number in units of 1/scale, rounded half-up; None where it is none or does not fit 64 bits."""
    number = _number(unicodedata.normalize("NFKC", cell).replace("\u2212", "-").strip(), marks)
    if number is None:
        return None
    with localcontext(prec=80):
        units = (number * marks.scale * scale).quantize(Decimal(1), ROUND_HALF_UP)
    return int(units) if abs(units) <= _INT64 else None


def _number(text: str, marks: Marks) -> Decimal | None:
    """The number a text is: with a sign before or (as ERPs write it) after, in brackets if negative, or in per cent."""
    if text.startswith("(") and text.endswith(")"):
        inner = _unsigned(text[1:-1].strip(), marks)
        return None if inner is None else -inner
    if text.endswith("%"):
        share = _number(text[:-1].strip(), marks)
        return None if share is None else share / 100
    sign = text[:1] if text[:1] in "+-" else text[-1:] if text[-1:] in "+-" else ""
    unsigned = _unsigned(text.removeprefix(sign) if text[:1] == sign else text.removesuffix(sign), marks)
    return -unsigned if unsigned is not None and sign == "-" else unsigned


def _unsigned(text: str, marks: Marks) -> Decimal | None:
    exponent = _EXPONENT.search(text)
    digits = text[: exponent.start()] if exponent else text
    thousands, decimal = re.escape(marks.thousands), re.escape(marks.decimal)
    grouped = rf"|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+" if marks.thousands else ""
    if len(digits) > 40 or not re.fullmatch(
        rf"(?:(?:[0-9]+{grouped})(?:{decimal}[0-9]*)?|{decimal}[0-9]+)", digits
    ):
        return None
    plain = digits.replace(marks.thousands, "") if marks.thousands else digits
    return Decimal(plain.replace(marks.decimal, ".") + (exponent.group() if exponent else ""))


def _integer(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    return _one_by_one(cells, lambda cell: _whole(cell, rule.marks))


def _whole(cell: str, marks: Marks) -> int | None:
    if cell.isascii() and cell.isdigit() and len(cell) <= 18 and marks.scale == 1:
        return int(cell)
    number = _number(unicodedata.normalize("NFKC", cell), marks)
    if number is None:
        return None
    number *= marks.scale
    return int(number) if number == number.to_integral_value() and abs(number) <= _INT64 else None


##### Days and times ###################################################################################################

_ISO = re.compile(
    r"(?P<day>\d{4}-\d{2}-\d{2})(?:[T ](?P<clock>\d{2}:\d{2}(?::\d{2})?)(?:[.,]\d+)?)?\s?(?P<offset>Z|[+-]\d{2}(?::?\d{2})?)?"
)
_EXCEL_EPOCH = np.datetime64("1899-12-30", "s")
_EXCEL_FIRST = 61
"""1 March 1900: before it Excel counts a day that never was."""

_EXCEL_LAST = 2_958_466
_DAY_SECONDS = 86_400


@dataclass(frozen=True)
class _Moments:
    """Distinct texts read as times: naive seconds, and for those that carried an offset, UTC seconds."""

    naive: pd.Series[Any]
    aware: pd.Series[Any]


def _date(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    moments = _moments(cells, rule)
    local = moments.aware.dt.tz_convert(rule.zone).dt.tz_localize(None)
    return typed(moments.naive.fillna(local).dt.normalize(), "date")


def _timestamp(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    moments = _moments(cells, rule)
    first = np.ones(len(cells), np.bool_)
    placed = moments.naive.dt.tz_localize(rule.zone, ambiguous=first, nonexistent="NaT").dt.tz_convert("UTC")
    return typed(placed.fillna(moments.aware), "timestamp")


def _moments(cells: pd.Series[str], rule: Rule) -> _Moments:
    """Each format in turn on the cells that the ones before could not read."""
    naive, aware = missing_values("date", cells.index), missing_values("timestamp", cells.index)
    for format_ in rule.formats:
        left = naive.isna() & aware.isna()
        read = _READERS.get(format_, _by_format)(cells[left], format_)
        naive = naive.fillna(read.naive)
        aware = aware.fillna(read.aware)
    return _Moments(naive, aware)


def _by_format(cells: pd.Series[str], format_: str) -> _Moments:
    if "%z" in format_:
        found = pd.to_datetime(cells, format=format_, errors="coerce", utc=True)
        return _Moments(missing_values("date", cells.index), typed(found, "timestamp"))
    found = pd.to_datetime(cells, format=format_, errors="coerce")
    return _Moments(typed(found, "date"), missing_values("timestamp", cells.index))


def _iso(cells: pd.Series[str], _: str) -> _Moments:
    parts = cells.str.extract(rf"^(?:{_ISO.pattern})$")
    text = parts["day"] + "T" + parts["clock"].fillna("00:00")
    text = text.where(parts["clock"].isna() | (parts["clock"].str.len() > 5), text + ":00")
    text = text.where(parts["clock"].notna(), text + ":00")
    offset = parts["offset"].str.replace("Z", "+00", regex=False).str.replace(":", "", regex=False)
    offset = offset.where(offset.isna() | (offset.str.len() > 3), offset + "00")
    is_aware = offset.notna()
    naive = pd.to_datetime(text.mask(is_aware), format="%Y-%m-%dT%H:%M:%S", errors="coerce")
    aware = pd.to_datetime(
        (text + offset).where(is_aware), format="%Y-%m-%dT%H:%M:%S%z", errors="coerce", utc=True
    )
    return _Moments(typed(naive, "date"), typed(aware, "timestamp"))


def _excel(cells: pd.Series[str], _: str) -> _Moments:
    days = pd.to_numeric(cells.where(cells.str.fullmatch(r"\d{1,7}(\.\d+)?")), errors="coerce").astype(
        "float64"
    )
    days = days.where(days.between(_EXCEL_FIRST, _EXCEL_LAST, inclusive="left"))
    seconds = (days * _DAY_SECONDS).round()
    naive = _EXCEL_EPOCH + pd.to_timedelta(seconds, unit="s")
    return _Moments(typed(naive, "date"), missing_values("timestamp", cells.index))


_READERS: dict[str, Callable[[pd.Series[str], str], _Moments]] = {"iso": _iso, "excel": _excel}


##### Words ############################################################################################################

_YES = frozenset("true t yes y 1 1.0 是 有 真".split())
_NO = frozenset("false f no n 0 0.0 否 无 無 假".split())


def _boolean(cells: pd.Series[str], _: Rule) -> pd.Series[Any]:
    return pd.Series(
        [_yes_or_no(cell.lower()) for cell in cells.tolist()], index=cells.index, dtype="boolean"
    )


def _yes_or_no(word: str) -> bool | None:
    return True if word in _YES else False if word in _NO else None


def _as_it_is(cells: pd.Series[str], _: Rule) -> pd.Series[Any]:
    return cells


_CASTS: dict[Kind, Callable[[pd.Series[str], Rule], pd.Series[Any]]] = {
    "text": _as_it_is,
    "date": _date,
    "timestamp": _timestamp,
    "exact": _exact,
    "rate": _rate,
    "integer": _integer,
    "boolean": _boolean,
}
