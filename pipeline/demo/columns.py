"""Columns of the demo's tables as Arrow arrays: money, days, moments, words and ids made of whole numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import compute

from pipeline.demo.calendar import NEVER
from pipeline.demo.chance import Flags, Integers

Columns = Mapping[str, Any]
"""Arrow arrays of equal length by canonical column; a column that is not there is written empty."""

Rows = Iterable[Mapping[str, str]]
"""Rows of texts by canonical column; a column that is not there is written empty."""


def texts_of(columns: Columns) -> dict[str, Any]:
    """The columns as texts, as a canonical CSV shows them; what is empty stays empty."""
    return {name: values.cast(pa.string()) for name, values in columns.items()}


def columns_of(rows: Sequence[Mapping[str, str]]) -> Columns:
    """Rows of texts as columns; an empty text is empty."""
    names = dict.fromkeys(name for row in rows for name in row)
    return {name: pa.array([row.get(name) or None for row in rows], pa.string()) for name in names}


def decimals(hundredths: Integers) -> Any:  # pyarrow ships no types
    """Whole hundredths as decimal numbers with two places, without passing through a float."""
    words = np.stack([hundredths, hundredths >> 63], axis=1).astype("<i8")
    return pa.Array.from_buffers(pa.decimal128(18, 2), hundredths.size, [None, pa.py_buffer(words.tobytes())])


def days(numbers: Integers) -> Any:
    """Day numbers as dates; NEVER is empty."""
    return pa.array(numbers.astype(np.int32), mask=numbers == NEVER).cast(pa.date32())


def moments(minutes: Integers, unknown: int) -> Any:
    """Minutes of the time at +08:00 as ISO texts with that offset; `unknown` is empty."""
    shown = np.where(minutes == unknown, 0, minutes).astype("datetime64[m]").astype("datetime64[s]")
    texts = np.char.add(np.datetime_as_string(shown), "+08:00")
    return pa.array(texts.tolist(), pa.string(), mask=minutes == unknown)


def chosen(names: Iterable[str], index: Integers, known: Flags | None = None) -> Any:
    """The name at each index; an empty name is written empty."""
    codes = index if known is None else np.where(known, index, 0)
    found = taken(pa.array([name or None for name in names], pa.string()), codes)
    return found if known is None else compute.if_else(pa.array(known), found, None)


def flags(values: Flags, known: Flags | None = None) -> Any:
    """true and false; empty where they are not known."""
    return pa.array(values, mask=None if known is None else ~known)


def numbers(values: Integers, known: Flags | None = None) -> Any:
    """Whole numbers; empty where they are not known."""
    return pa.array(values, mask=None if known is None else ~known)


def labels(prefix: str, year: int, sequence: Integers, digits: int) -> Any:
    """Ids such as SO-26-04417."""
    padded = compute.utf8_lpad(pa.array(sequence).cast(pa.string()), digits, "0")
    return joined(f"{prefix}-{year % 100:02d}-", padded)


def joined(*parts: Any) -> Any:
    """Texts one after the other, row by row."""
    return compute.binary_join_element_wise(*parts, "")


def taken(values: Any, index: Integers) -> Any:
    """The value at each index."""
    return values.take(pa.array(index))
