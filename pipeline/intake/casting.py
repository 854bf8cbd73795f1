"""Casts of text cells to the exact types of the schema. Pure, one column at a time.

A cell that cannot be cast is marked as failed with one reason for the column; it never becomes a silent null; neither
does a spreadsheet's error, which is no text. Where
cells repeat work is done on distinct ones, so a column of a million rows costs little more than its distinct values.

* exact: int64 ten-thousandths; more decimals than four are rounded half-up (away from zero) at the fourth.
* rate: int64 hundred-millionths, rounded half-up at the eighth decimal.
* date: midnight without zone; of a timestamp with an offset the day in the mapping's zone.
* timestamp: UTC seconds; naive ones are in the mapping's zone, of a repeated hour (end of summer time) the first;
  an hour that the zone skips cannot be cast; a date alone is its midnight.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from pipeline.intake.currency_signs import contradicted
from pipeline.intake.moments import days, instants
from pipeline.intake.numbers import PLAIN_BYTES, PLAIN_MARKS, Marks, fixed, holds_only, text_array, whole
from pipeline.schema import PANDAS_DTYPE, RATE_SCALE, SCALE, Kind

Mask = NDArray[np.bool_]
_SAMPLE = 4096
SPREADSHEET_ERRORS = (
    "#N/A #REF! #DIV/0! #VALUE! #NAME? #NUM! #NULL! #ERROR #GETTING_DATA #SPILL! #CALC! #FIELD!".split()
)


@dataclass(frozen=True)
class Rule:
    """How the cells of one column are written: the kind they become, date formats, number marks, time zone.

    `formats` are tried in order; each is `iso`, `excel` (days since 1899-12-30) or a strptime format.
    """

    kind: Kind
    formats: tuple[str, ...] = ("iso",)
    marks: Marks = PLAIN_MARKS
    zone: str = "UTC"


@dataclass(frozen=True)
class Cast:
    """A column of the kind's dtype; where `failed`, its cell had a text that is not of the kind (value missing)."""

    values: pd.Series[Any]
    failed: Mask
    reason: str


def cast(cells: pd.Series[str], rule: Rule) -> Cast:
    """Cast text cells (dtype `str`, NA where empty) to the kind of the rule; the index stays."""
    if rule.kind == "text":
        return _text(cells)
    values = _each(cells, rule) if _rarely_repeat(cells) else _distinct(cells, rule)
    failed = (values.isna() & cells.notna()).to_numpy(dtype=np.bool_)
    return Cast(values, failed, _reason(rule) if failed.any() else "")


def _text(cells: pd.Series[str]) -> Cast:
    """Texts as they are; an error of a spreadsheet says that there should be another."""
    failed = cells.isin(SPREADSHEET_ERRORS).to_numpy(dtype=np.bool_)
    if not failed.any():
        return Cast(cells, failed, "")
    return Cast(
        cells.mask(pd.Series(failed, index=cells.index)), failed, "an error of a spreadsheet (#N/A, #REF! …)"
    )


def _rarely_repeat(cells: pd.Series[str]) -> bool:
    """Whether of cells from all over the column more than half are different, so that telling them apart is no gain."""
    some = cells.iloc[:: max(len(cells) // _SAMPLE, 1)]
    return 2 * some.nunique() > len(some)


def _each(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    """Every given cell cast by itself."""
    given = cells.dropna()
    values = typed(_CASTS[rule.kind](given, rule), rule.kind)
    return values if len(given) == len(cells) else values.reindex(cells.index)


def _distinct(cells: pd.Series[str], rule: Rule) -> pd.Series[Any]:
    """Every different cell cast once."""
    codes, distinct = pd.factorize(cells)
    casted = typed(_CASTS[rule.kind](pd.Series(distinct, dtype="str"), rule), rule.kind)
    padded = pd.concat([casted, missing_values(rule.kind, [0])], ignore_index=True)
    return padded.take(codes).set_axis(cells.index)  # code -1 takes the last


def checked_currency(casted: Cast, cells: pd.Series[str], currencies: pd.Series[str] | None) -> Cast:
    """The cast of a column of amounts, failed too where a sign (¥, $) contradicts the row's currency."""
    if holds_only(text_array(cells), PLAIN_BYTES):
        return casted
    wrong = contradicted(cells, currencies) & ~casted.failed
    if not wrong.any():
        return casted
    reason = "its currency sign is not that of the row, or unlike the others"
    both = f"{casted.reason}, or {reason}" if casted.reason else reason
    values = casted.values.mask(pd.Series(wrong, index=casted.values.index))
    return Cast(values, casted.failed | wrong, both)


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


_YES = frozenset("true t yes y 1 1.0 是 有 真 √ ✓ ✔ ☑".split())
_NO = frozenset("false f no n 0 0.0 否 无 無 假 × ✗ ✘ ☐".split())


def _boolean(cells: pd.Series[str], _: Rule) -> pd.Series[Any]:
    return pd.Series([_yes_or_no(cell) for cell in cells.tolist()], index=cells.index, dtype="boolean")


def _yes_or_no(cell: str) -> bool | None:
    word = unicodedata.normalize("NFKC", cell).strip().lower()
    return True if word in _YES else False if word in _NO else None


_CASTS: dict[Kind, Callable[[pd.Series[str], Rule], pd.Series[Any]]] = {
    "text": lambda cells, _: cells,
    "date": lambda cells, rule: days(cells, rule.formats, rule.zone),
    "timestamp": lambda cells, rule: instants(cells, rule.formats, rule.zone),
    "exact": lambda cells, rule: fixed(cells, rule.marks, SCALE),
    "rate": lambda cells, rule: fixed(cells, rule.marks, RATE_SCALE),
    "integer": lambda cells, rule: whole(cells, rule.marks),
    "boolean": _boolean,
}
