"""A slice as paper can bear it: what people wrote in names and texts, in the brand's characters and of a bounded length.

A name may hold signs that turn the direction of reading, pictures, a script that no typeface of the brand has, or ten
thousand letters. None of that may break a page or cost the client the report: it is cut, with a mark.
"""

from __future__ import annotations

import unicodedata
from dataclasses import fields, is_dataclass, replace
from typing import Any

import pandas as pd

from pipeline.press.excerpts import MARK, readable
from pipeline.press.slices import Slice, Subject
from pipeline.press.svg import Ink

_LONGEST_NAME = 80
"""Columns of a name, as a terminal counts them: a Han character has two."""
_LONGEST_TEXT = 400
"""Columns of any other text. Sections cut what is printed shorter to their own room."""
_NAMES = ("name", "name_en", "owner_name", "team_name", "lead_name")
_WIDE = frozenset("WF")


def printable(subject: Slice, ink: Ink) -> Slice:
    """The slice with every name and text as the brand's typefaces can show it; ids stay as they are."""
    return replace(
        subject,
        subject=_subject(subject.subject, ink),
        tables={name: _table(rows, ink) for name, rows in subject.tables.items()},
        members=tuple(printable(each, ink) for each in subject.members),
    )


def shown(value: Any, ink: Ink) -> Any:
    """What a document is told besides its slice (decisions, a ledger, lines of a plan), cleaned in the same way."""
    if isinstance(value, str):
        return _text(value, ink)
    if isinstance(value, tuple):
        return tuple(shown(each, ink) for each in value) if type(value) is tuple else value
    if isinstance(value, dict):
        return {key: shown(each, ink) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{each.name: shown(getattr(value, each.name), ink) for each in fields(value)})
    return value


def _subject(subject: Subject, ink: Ink) -> Subject:
    shown = {name: cut(readable(getattr(subject, name), ink), _LONGEST_NAME) for name in _NAMES}
    return replace(subject, **shown)


def _table(rows: pd.DataFrame, ink: Ink) -> pd.DataFrame:
    shown = rows.copy()
    for name in rows.columns:
        if not name.endswith("_id") and _holds_text(rows[name]):
            texts = [_text(each, ink) for each in rows[name]]
            shown[name] = pd.Series(texts, index=rows.index, dtype=rows[name].dtype)
    return shown


def _holds_text(column: pd.Series) -> bool:
    return bool(pd.api.types.is_string_dtype(column) or pd.api.types.is_object_dtype(column))


def _text(value: object, ink: Ink) -> object:
    if not isinstance(value, str) or (value.isascii() and value.isprintable() and len(value) < 25):
        return value
    return cut(readable(value, ink), _LONGEST_TEXT)


def cut(text: str, columns: int) -> str:
    """The beginning of a text that is so many columns wide, with a mark where something is left out."""
    if 2 * len(text) <= columns:
        return text
    room = columns
    for at, character in enumerate(text):
        room -= 2 if unicodedata.east_asian_width(character) in _WIDE else 1
        if room < 0:
            return text[: max(at - 1, 0)].rstrip() + MARK
    return text
