"""What a check column is made from: the parts of its name, the rows and what surrounds them, and an operation."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.schema import Kind


@dataclass(frozen=True)
class CheckColumn:
    """The parts of a check column's name, and the table it is made on."""

    table: str
    column: str
    operation: str
    arguments: tuple[str, ...]


@dataclass(frozen=True)
class Surroundings:
    """What a row is judged against besides itself.

    `tables` holds the accepted rows of the tables judged before and all rows of those judged later, at least with
    the columns that were asked for; a table that is absent from the export is absent here.
    """

    as_of: date
    currency: str
    tables: Mapping[str, pd.DataFrame]


Made = Callable[[CheckColumn, pd.DataFrame, Surroundings], "pd.Series[Any]"]
Needs = Callable[[CheckColumn], dict[str, tuple[str, ...]]]


@dataclass(frozen=True)
class Operation:
    """How a check column is made, of which kinds of column, with which arguments.

    `needs` are the columns of other tables that it reads, `also` those of its own besides what its name says.
    """

    make: Made
    kinds: tuple[Kind, ...]
    takes: str = ""
    needs: Needs = lambda _: {}
    also: tuple[str, ...] = ()


def all_true(rows: pd.DataFrame) -> pd.Series[Any]:
    """Every row in order."""
    return pd.Series(np.ones(len(rows), dtype=np.bool_), index=rows.index)


def boolean(values: pd.Series[Any]) -> pd.Series[Any]:
    """The values without room for gaps."""
    return values.astype("bool")


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - date(1970, 1, 1)).days


def days_since_1970(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Days since 1970 (UTC for timestamps), missing where there is none."""
    return (seconds_since_1970(moments) // 86_400).astype("Int64")


def seconds_since_1970(moments: pd.Series[Any]) -> pd.Series[Any]:
    """Seconds since 1970 (UTC), missing where there is none."""
    seconds = moments.to_numpy(dtype="datetime64[s]", na_value=np.datetime64("NaT")).astype(np.int64)
    return pd.Series(seconds, index=moments.index).astype("Int64").mask(moments.isna().to_numpy(), pd.NA)
