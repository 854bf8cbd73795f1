"""Which canonical table the rows of an export are, and which header each of its columns is. Pure.

Headers propose (`vocabulary`), cells confirm or speak against it (`profiles`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import pandas as pd

from pipeline.intake.profiles import Profile, looks_like_currency, looks_like_email, profile
from pipeline.intake.reading import Raw
from pipeline.intake.vocabulary import By, Meaning, Vocabulary, words_of
from pipeline.schema import TABLES, Kind, Table

WRITTEN = 0.45
"""Confidence from which a line is written; what is less sure, down to `HINTED`, is a comment."""

HINTED = 0.3
_LEAST = 1.8
"""Points below which a file is no table that we know."""

REPEATING = 0.7
"""How well cells that repeat fit the key of a table that is the whole sheet."""

_FITS, _MAY_FIT, _UNLIKELY, _AGAINST = 1.0, 0.7, 0.3, 0.1
_NAMED_SO = 2.0
_PER_REQUIRED, _PER_KEY, _NOT_UNIQUE, _NO_ACCOUNT = 1.0, 1.0, 2.0, 0.7


@dataclass(frozen=True)
class Sheet:
    """One export, or one sheet of a workbook: its rows, and how the mapping is to find and read it."""

    entry: str
    path: str
    raw: Raw
    format: str = "csv"
    sheet: str = ""
    header: int | str = 1


@dataclass(frozen=True)
class Line:
    """One canonical column and the header proposed for it; `why` says what speaks for it."""

    column: str
    header: str
    confidence: float
    why: str
    profile: Profile
    by: By = "id"
    is_one_of_several: bool = False
    """Whether rows of the same key say different things, of which one must be taken."""
    with_headers: tuple[str, ...] = ()
    """Further headers that are the column together with `header`."""


@dataclass(frozen=True)
class DraftTable:
    """A canonical table proposed from a sheet; `hints` are lines too unsure to be written.

    `is_within` says that it is a second table of the sheet, one row for each key.
    """

    table: str
    entry: str
    points: float
    lines: tuple[Line, ...]
    hints: tuple[Line, ...]
    is_within: bool = False
    only_where: str = ""
    """The header without whose cell a row of the sheet is no row of this table."""

    def line(self, column: str) -> Line | None:
        return next((each for each in self.lines if each.column == column), None)


def profiles_of(raw: Raw, words: Vocabulary) -> dict[str, Profile]:
    """Each header's profile; headers that stand twice are left out, as a mapping cannot name them."""
    return {
        header: profile(raw.cells[header], words.words["empty"])
        for header in raw.headers
        if header not in raw.repeated
    }


##### The table of a sheet ############################################################################################


def best_table(sheet: Sheet, profiles: Mapping[str, Profile], words: Vocabulary) -> DraftTable | None:
    """The table that the sheet's rows most likely are."""
    proposals = [proposal(sheet, table, profiles, words) for table in TABLES.values()]
    best = max(proposals, key=lambda each: each.points)
    return best if best.points >= _LEAST else None


def proposal(sheet: Sheet, table: Table, profiles: Mapping[str, Profile], words: Vocabulary) -> DraftTable:
    """What the sheet would be as a table, with the points that speak for it."""
    lines = _with_key(table, _lines(sheet.raw, table, profiles, words))
    written = tuple(each for each in lines if each.confidence >= WRITTEN)
    hints = tuple(each for each in lines if HINTED <= each.confidence < WRITTEN)
    named = words.names_table(table.name, f"{sheet.path.rsplit('.', 1)[0]} {sheet.sheet}")
    points = _points(table, written, sheet.raw) + (_NAMED_SO if named else 0.0)
    return DraftTable(table.name, sheet.entry, points, written, hints)


def _with_key(table: Table, lines: Sequence[Line]) -> list[Line]:
    """The lines; where a table that knows names has no id, its names are its ids."""
    key, *others = table.key
    name = next((each for each in lines if each.column == "name"), None)
    if others or name is None or any(each.column == key for each in lines):
        return list(lines)
    return [replace(name, column=key, why=f"{name.why}; there is no id"), *lines]


def _points(table: Table, lines: Sequence[Line], raw: Raw) -> float:
    """How much speaks for a table: its lines, less what it must have and has not."""
    given = {each.column: each for each in lines}
    points = sum(each.confidence for each in lines)
    points -= _PER_KEY * sum(1 for column in table.key if column not in given)
    points -= _PER_REQUIRED * sum(
        1 for each in table.columns if each.required and each.name not in (*table.key, *given)
    )
    points -= _PER_REQUIRED if table.dated is not None and table.dated not in given else 0.0
    if "account_id" in table.column_names and "account_id" not in given:
        points -= _NO_ACCOUNT
    if all(column in given for column in table.key) and not _is_key(
        raw, [given[each].header for each in table.key]
    ):
        points -= _NOT_UNIQUE
    return points


def _is_key(raw: Raw, headers: Sequence[str]) -> bool:
    """Whether the cells of these headers differ in (nearly) every row: repeated exports of a row are common."""
    distinct = len(raw.cells[list(headers)].drop_duplicates())
    return distinct >= 0.95 * len(raw.cells)


def _lines(raw: Raw, table: Table, profiles: Mapping[str, Profile], words: Vocabulary) -> list[Line]:
    """Each column with the header that most likely is it: the surest pair first, no header and no column twice."""
    pairs = [
        _line(table, each, meaning, raw.cells[header])
        for header, each in profiles.items()
        for meaning in words.meanings(table.name, header)
    ]
    taken: dict[str, Line] = {}
    headers: set[str] = set()
    for each in sorted(pairs, key=lambda line: -line.confidence):
        if each.column not in taken and each.header not in headers and each.confidence >= HINTED:
            taken[each.column] = each
            headers.add(each.header)
    return [taken[name] for name in table.column_names if name in taken]


def _line(table: Table, column: Profile, meaning: Meaning, cells: pd.Series[str]) -> Line:
    fit, why = _fit(table, meaning, column, cells)
    return Line(
        column=meaning.column,
        header=column.header,
        confidence=round(0.98 * meaning.strength * fit, 2),
        why=f"{meaning.how}; {why}",
        profile=column,
        by=meaning.by,
    )


##### Whether cells are what a column holds ###########################################################################


def _fit(table: Table, meaning: Meaning, column: Profile, cells: pd.Series[str]) -> tuple[float, str]:
    """How well the cells fit a column, 0 to 1, and in words."""
    declared = table.column(meaning.column)
    if not column.distinct:
        return _MAY_FIT, "no cell is filled"
    if declared.kind != "text":
        return _fit_of_kind(declared.kind, column)
    if declared.allowed:
        known = {words_of(word) for word in declared.allowed} & {words_of(word) for word in column.words}
        return (_FITS, "words that it knows") if known else (_UNLIKELY, "words that it does not know")
    if meaning.column in table.key and len(table.key) == 1:
        return (_FITS, "each cell differs") if column.is_unique else (REPEATING, "cells repeat")
    return _fit_of_text(meaning.column, column, cells)


def _fit_of_kind(kind: Kind, column: Profile) -> tuple[float, str]:
    if kind in ("date", "timestamp"):
        if column.dates is None:
            return _AGAINST, "not days"
        unsure = ", day and month could change places" if column.is_ambiguous else ""
        return (_MAY_FIT if column.is_ambiguous else _FITS), f"days as {column.dates}{unsure}"
    if kind == "boolean":
        if column.is_yes_no:
            return _FITS, "yes or no"
        return (_UNLIKELY, "two words") if column.distinct <= 2 else (_AGAINST, "neither yes nor no")
    if column.marks is None:
        return _AGAINST, "not numbers"
    if kind == "integer" and column.has_decimals:
        return _UNLIKELY, "numbers with decimals"
    return _FITS, "numbers"


def _fit_of_text(name: str, column: Profile, cells: pd.Series[str]) -> tuple[float, str]:
    if name in ("currency", "to_currency"):
        return (_FITS, "currency codes") if looks_like_currency(column) else (_UNLIKELY, "not currency codes")
    if name == "email":
        return (_FITS, "addresses") if looks_like_email(column, cells) else (_UNLIKELY, "not addresses")
    if column.dates is not None and not name.endswith("_id"):
        return _AGAINST, "days"
    if name.endswith("_id"):
        return (
            (_UNLIKELY, "numbers with decimals") if column.has_decimals and column.marks else (_FITS, "ids")
        )
    if column.marks is not None and name not in ("level", "brand"):
        return _UNLIKELY, "numbers"
    return _FITS, "words"
