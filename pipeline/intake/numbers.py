"""Numbers as people write them: marks, signs, brackets, per cent, 万 and 亿, currencies; exact, never guessed. Pure.

A cell that is written in another way than the mapping says is no number. Nothing is rounded but once, half-up (away
from zero), at the last decimal that the kind keeps.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal, localcontext
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from pipeline.intake.currency_signs import SIGNS


@dataclass(frozen=True)
class Marks:
    """How numbers are written: decimal mark, mark between thousands, and what they are multiplied by."""

    decimal: str = "."
    thousands: str = ""
    scale: Decimal = Decimal(1)


PLAIN_MARKS = Marks()
"""As programs write them: 1234.5."""


@dataclass(frozen=True)
class Written:
    """A number read from a cell, and the sign of a currency that stood beside it."""

    value: Decimal
    currency: str = ""


MAGNITUDES = {
    "千": 1_000,
    "万": 10_000,
    "萬": 10_000,
    "百万": 1_000_000,
    "百萬": 1_000_000,
    "千万": 10_000_000,
    "千萬": 10_000_000,
    "亿": 100_000_000,
    "億": 100_000_000,
}
_WORDS = "|".join(sorted(MAGNITUDES, key=len, reverse=True))
_SIGNS = "|".join(re.escape(sign) for sign in sorted(SIGNS, key=len, reverse=True))
_SHAPE = re.compile(
    rf"(?P<open>\()?(?P<first>[+-])?\s*(?P<before>{_SIGNS})?\s*(?P<second>[+-])?(?P<inner>\()?\s*"
    rf"(?P<digits>[0-9.,' ]*[0-9.,])(?P<exponent>[eE][+-]?[0-9]{{1,2}})?\s*(?P<word>{_WORDS})?\s*"
    rf"(?P<after>{_SIGNS})?\s*(?P<percent>%)?\s*(?P<close>\))?(?P<last>[+-])?"
)
_LONGEST = 64
"""Characters beyond which a cell is no number."""

PLAIN_BYTES = b"0123456789.-"
"""Of which numbers are made as programs write them; with these alone a cell holds no currency's sign either."""

_PLAIN = r"^-?[0-9]{{1,{whole}}}(\.[0-9]{{1,{places}}})?$"
_INT64 = 2**63 - 1
_SAME = str.maketrans({"\u2212": "-", "\u2019": "'"})
"""The minus sign and the apostrophe of typesetters, which Unicode does not take for the plain ones."""


def fixed(cells: pd.Series[str], marks: Marks, scale: int) -> pd.Series[Any]:
    """Texts, none of them missing → Int64 in units of 1/scale, missing where there is no number that fits.

    Plain ones are cast at once, the others one by one as decimals.
    """
    if marks != PLAIN_MARKS:
        return _one_by_one(cells, lambda cell: _units(cell, marks, scale))
    places = len(str(scale)) - 1
    text = text_array(cells)
    found = _at_once(text, places)
    if found is not None:
        return pd.Series(found, index=cells.index, dtype="Int64")
    plain = pc.match_substring_regex(text, _PLAIN.format(whole=18 - places, places=places))
    is_plain = plain.to_numpy(zero_copy_only=False)
    values = pd.Series(pd.NA, index=cells.index, dtype="Int64")
    values[is_plain] = _as_int64(pc.cast(text.filter(plain), pa.decimal128(18, places)))
    values[~is_plain] = _one_by_one(cells[~is_plain], lambda cell: _units(cell, marks, scale))
    return values


def _at_once(cells: pa.Array, places: int) -> NDArray[np.int64] | None:
    """Numbers of digits, point and minus alone, all cast by Arrow; None where one is another, too long or none."""
    if not holds_only(cells, PLAIN_BYTES):
        return None
    try:
        return _as_int64(pc.cast(cells, pa.decimal128(18, places)))
    except pa.ArrowInvalid:
        return None


def text_array(cells: pd.Series[str]) -> pa.Array:
    """The cells as one Arrow array (large_string), not copied where they are one already."""
    array = pa.array(cells, pa.large_string())
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def holds_only(cells: pa.Array, allowed: bytes) -> bool:
    """Whether the texts (large_string) are made of these bytes alone; not, too, where others lie in their buffer."""
    data = cells.buffers()[2]
    return data is None or not memoryview(data).tobytes().translate(None, allowed)


def whole(cells: pd.Series[str], marks: Marks) -> pd.Series[Any]:
    """Texts, none of them missing → Int64, missing where there is no whole number."""
    return _one_by_one(cells, lambda cell: _whole(cell, marks))


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
    found = written(cell, marks)
    if found is None:
        return None
    with localcontext(prec=120):
        units = (found.value * scale).quantize(Decimal(1), ROUND_HALF_UP)
    return int(units) if abs(units) <= _INT64 else None


def _whole(cell: str, marks: Marks) -> int | None:
    if cell.isascii() and cell.isdigit() and len(cell) <= 18 and marks.scale == 1:
        return int(cell)
    found = written(cell, marks)
    if found is None or found.currency or "%" in unicodedata.normalize("NFKC", cell):
        return None
    number = found.value
    return int(number) if number == number.to_integral_value() and abs(number) <= _INT64 else None


def written(cell: str, marks: Marks) -> Written | None:
    """The number that a cell is, the mapping's scale multiplied on; None where it is none.

    A sign stands before or (as ERPs write it) after, brackets mean negative. A cell that says its own scale (`%`, 万)
    is none where the mapping says one too: which of them is meant cannot be known.
    """
    text = unicodedata.normalize("NFKC", cell).translate(_SAME).strip()
    shape = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    sign = _sign(shape) if shape else None
    if shape is None or sign is None or not _is_one_unit(shape, marks):
        return None
    digits = _unsigned(shape["digits"].strip(), shape["exponent"] or "", marks)
    if digits is None:
        return None
    own = Decimal(MAGNITUDES.get(shape["word"], 1)) / (100 if shape["percent"] else 1)
    with localcontext(prec=120):
        return Written(sign * digits * own * marks.scale, shape["before"] or shape["after"] or "")


def _sign(shape: re.Match[str]) -> int | None:
    """1 or −1; None where a bracket is open or two things say the sign."""
    opened, closed = [name for name in ("open", "inner") if shape[name]], bool(shape["close"])
    said = [shape[name] for name in ("first", "second", "last") if shape[name]] + ["-"] * len(opened)
    if len(said) > 1 or bool(opened) != closed:
        return None
    return -1 if said == ["-"] else 1


def _is_one_unit(shape: re.Match[str], marks: Marks) -> bool:
    """Whether at most one of currency before and after, and of per cent, 万, exponent and the mapping's scale is there."""
    currencies = [shape[name] for name in ("before", "after") if shape[name]]
    scales = [shape[name] for name in ("percent", "word", "exponent") if shape[name]]
    own = [each for each in (shape["percent"], shape["word"]) if each]
    return (
        len(currencies) <= 1
        and len(scales) <= 1
        and not (own and marks.scale != 1)
        and not (shape["percent"] and currencies)
    )


def _unsigned(digits: str, exponent: str, marks: Marks) -> Decimal | None:
    thousands, decimal = re.escape(marks.thousands), re.escape(marks.decimal)
    grouped = rf"|[0-9]{{1,3}}(?:{thousands}[0-9]{{3}})+" if marks.thousands else ""
    if len(digits) > 40 or not re.fullmatch(
        rf"(?:(?:[0-9]+{grouped})(?:{decimal}[0-9]*)?|{decimal}[0-9]+)", digits
    ):
        return None
    plain = digits.replace(marks.thousands, "") if marks.thousands else digits
    return Decimal(plain.replace(marks.decimal, ".") + exponent)
