"""Derived tables: what must be decided before anything can be added. One pure function each, found by name.

A derived table is made for one part of the customers at a time. Every row carries account_id, customer_id, the
date it falls on, and `_from`: the source rows it was made of, as `table:row` separated by spaces.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.plugins import Registry

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.settings import Policy, Settings


@dataclass(frozen=True)
class Inputs:
    """What a derived table is made of: prepared tables of one part, policy, settings and the cut-off."""

    tables: Mapping[str, pd.DataFrame]
    policy: Policy
    settings: Settings
    until_on: date
    """The day after the as-of date: nothing that happened on or after it is known."""

    def has(self, *names: str) -> bool:
        """Whether the exports brought every one of these tables."""
        return all(name in self.tables for name in names)


@dataclass(frozen=True)
class Derived:
    """A derived table: its name, the canonical tables it needs, and the function that makes it."""

    name: str
    needs: tuple[str, ...]
    make: Callable[[Inputs], pd.DataFrame]


DERIVED: Registry[Derived] = Registry("derived table", "pipeline.derived")
Maker = Callable[[Inputs], "pd.DataFrame"]


def derived(*needs: str) -> Callable[[Maker], Maker]:
    """Declare a derived table that is made where the exports brought every table in `needs`."""

    def register(make: Maker) -> Maker:
        name = str(getattr(make, "__name__", ""))
        DERIVED.add(name, Derived(name, needs, make))
        return make

    return register


def joined(texts: pd.Series[str], first: npt.NDArray[np.bool_]) -> list[str]:
    """The texts of each group as one, separated by spaces. Rows lie group by group; `first` marks where one begins."""
    values = texts.to_numpy(dtype=object)
    bounds = [*np.flatnonzero(first).tolist(), len(values)]
    return [
        values[begin] if end - begin == 1 else " ".join(values[begin:end]) for begin, end in pairwise(bounds)
    ]


def begins(*keys: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Where a group begins in rows that are sorted by these keys."""
    if not len(keys[0]):
        return np.zeros(0, dtype=np.bool_)
    changed = np.zeros(len(keys[0]), dtype=np.bool_)
    changed[0] = True
    for key in keys:
        changed[1:] |= key[1:] != key[:-1]
    return changed


def sources(table: str, rows: pd.DataFrame) -> pd.Series[str]:
    """The `_from` of rows that were made of one row of a canonical table each."""
    return (table + ":") + rows["_row"].astype("str")
