"""What the cells of a column look like: days, numbers, yes or no, a few words, each one different. Pure.

Judged on distinct cells with the casts that a run uses, so that what is said here holds there.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass

import pandas as pd

from pipeline.intake.casting import Rule, cast
from pipeline.intake.numbers import Marks

_LOOKED_AT = 3000
"""Distinct cells that are tried."""

_FEW = 12
"""Up to so many distinct cells are a list of words."""

_FORMATS = (
    "iso",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%Y/%m/%d",
    "%Y%m%d",
    "%Y.%m.%d",
    "%Y年%m月%d日",
    "%Y年%m月",
    "%Y-%m",
    "%Y/%m",
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%Y",
    "%m-%d-%Y",
    "%d/%m/%y",
    "%m/%d/%y",
    "%d-%b-%y",
    "%d-%b-%Y",
    "%d %b %Y",
    "%b %d, %Y",
    "%B %d, %Y",
    "%d %B %Y",
    "%A, %B %d, %Y",
    "%Y/%m/%d %H:%M",
    "%Y/%m/%d %H:%M:%S",
    "%d/%m/%Y %H:%M",
    "%m/%d/%Y %H:%M",
    "%d/%m/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M:%S",
    "%d.%m.%Y %H:%M",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %I:%M %p",
)
_MARKS = (
    Marks(),
    Marks(".", ","),
    Marks(",", "."),
    Marks(",", " "),
    Marks(".", " "),
    Marks(",", ""),
    Marks(".", "'"),
)
_MIRRORED = {"%d/%m": "%m/%d", "%m/%d": "%d/%m", "%d-%m": "%m-%d", "%m-%d": "%d-%m"}


@dataclass(frozen=True)
class Profile:
    """What the cells of one column look like; `dates` and `marks` are how days and numbers in it are written."""

    header: str
    filled: float
    """Share of rows with a cell."""
    distinct: int
    is_unique: bool
    """Whether each cell differs, of at least two."""
    dates: str | None = None
    is_ambiguous: bool = False
    """Whether day and month could change places."""
    marks: Marks | None = None
    has_decimals: bool = False
    is_yes_no: bool = False
    words: tuple[str, ...] = ()
    """All distinct cells, where they are few."""
    empty: tuple[str, ...] = ()
    """Cells that say that there is nothing, without which the others are days or numbers."""


def profile(cells: pd.Series[str], nothing: Collection[str]) -> Profile:
    """The profile of a column; `nothing` are words (in lower case) that may stand for an empty cell."""
    present = cells.dropna()
    distinct = pd.Series(present.unique(), dtype="str")
    void = tuple(sorted(text for text in distinct.tolist() if text.lower() in nothing))
    said = distinct[~distinct.isin(list(void))].head(_LOOKED_AT).reset_index(drop=True)
    dates, marks = _dates(said), _marks(said)
    found = Profile(
        header=str(cells.name),
        filled=len(present) / len(cells) if len(cells) else 0.0,
        distinct=len(distinct),
        is_unique=len(distinct) == len(present) > 1,
        words=tuple(sorted(distinct.tolist())) if len(distinct) <= _FEW else (),
        is_yes_no=0 < len(said) <= 2 and not cast(said, Rule("boolean")).failed.any(),
        empty=void if dates or marks else (),
    )
    if dates and not (marks and _is_plain_count(said)):
        return Profile(**{**vars(found), "dates": dates, "is_ambiguous": _is_ambiguous(said, dates)})
    return Profile(
        **{**vars(found), "marks": marks, "has_decimals": bool(said.str.contains(r"[.,]\d{1,2}$").any())}
    )


def _dates(said: pd.Series[str]) -> str | None:
    """The first format that reads every cell."""
    if said.empty or not said.str.contains(r"\d").all():
        return None
    return next((each for each in _FORMATS if not cast(said, Rule("date", (each,))).failed.any()), None)


def _is_plain_count(said: pd.Series[str]) -> bool:
    """Whether the digits could as well be a count: 20260903 is a day, 123456 is not."""
    return bool(said.str.fullmatch(r"\d+").all()) and not bool(said.str.fullmatch(r"(19|20)\d{6}").all())


def _is_ambiguous(said: pd.Series[str], dates: str) -> bool:
    other = next((dates.replace(form, _MIRRORED[form]) for form in _MIRRORED if dates.startswith(form)), None)
    return other is not None and not cast(said, Rule("date", (other,))).failed.any()


def _marks(said: pd.Series[str]) -> Marks | None:
    """The first way of writing numbers that reads every cell."""
    if said.empty or not said.str.contains(r"\d").all():
        return None
    return next((each for each in _MARKS if not cast(said, Rule("exact", marks=each)).failed.any()), None)


def looks_like_currency(column: Profile) -> bool:
    """Whether the cells are currency codes."""
    return bool(column.words) and all(
        re.fullmatch(r"[A-Z]{3}|RMB|人民币|美元|欧元", word) for word in column.words
    )


def looks_like_email(column: Profile, cells: pd.Series[str]) -> bool:
    """Whether most cells hold an address."""
    present = cells.dropna().head(200)
    return len(present) > 0 and float(present.str.contains("@").mean()) > 0.5 and column.dates is None
