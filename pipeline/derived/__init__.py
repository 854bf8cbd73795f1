"""Derived tables: what must be decided before anything can be added. One pure function each, found by name.

A derived table is made for one part of the customers at a time. Every row carries account_id, customer_id, the
date it falls on, and `_from`: the source rows it was made of, as `table:row` separated by spaces. A table about the
company as a whole (`once`) carries subject_kind and subject_id instead. One that needs to know a customer's class
(`after`) is made in a second wave, when the facts of the first have been added up; one that needs the rows of all
customers at once, or what metrics say of managers (`last`), after everything else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from pipeline.plugins import Registry

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.policy import Policy
    from pipeline.settings import Settings


@dataclass(frozen=True)
class Inputs:
    """What a derived table is made of: prepared tables of one part, policy, settings and the cut-off."""

    tables: Mapping[str, pd.DataFrame]
    policy: Policy
    settings: Settings
    until_on: date
    """The day after the as-of date: nothing that happened on or after it is known."""
    standings: pd.DataFrame | None = None
    """Second wave: what each customer was, and from when on (`pipeline/engine/standings.py`)."""
    starts: Mapping[str, date] = field(default_factory=dict)
    """Second wave: the first day on which each fact table has a row, over all customers."""
    actuals: pd.DataFrame | None = None
    """Second wave: what the metric of each plan's objective says of its account (`pipeline/engine/actuals.py`)."""
    figures: pd.DataFrame | None = None
    """Last wave: what metrics said of managers, month by month (`pipeline/engine/figures.py`)."""
    since: date | None = None
    """Last wave: the first day of the months that are added up."""
    _made: dict[str, pd.DataFrame] = field(default_factory=dict, repr=False, compare=False)

    def has(self, *names: str) -> bool:
        """Whether the exports brought every one of these tables."""
        return all(name in self.tables for name in names)

    def made(self, name: str) -> pd.DataFrame:
        """Another derived table of the same customers, made once however many ask for it."""
        if name not in self._made:
            self._made[name] = DERIVED.get(name).make(self)
        return self._made[name]


Asked = Callable[["Policy"], "tuple[tuple[str, str], ...]"]


@dataclass(frozen=True)
class Derived:
    """A derived table: its name, the canonical tables it needs, and the function that makes it.

    `once`: it is about the company as a whole. `after`: the metrics by which customers are told apart in it. `last`: it
    is made once, when all else has been added up, of the tables that it `gathers` from all parts and the canonical ones
    that it `reads` where they are there; `figures` names the metrics (and breakdowns) of managers that it reads.
    """

    name: str
    needs: tuple[str, ...]
    make: Callable[[Inputs], pd.DataFrame]
    once: bool = False
    after: tuple[str, ...] = ()
    last: bool = False
    gathers: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()
    figures: Asked | None = None


DERIVED: Registry[Derived] = Registry("derived table", "pipeline.derived")
Maker = Callable[[Inputs], "pd.DataFrame"]


def derived(
    *needs: str,
    once: bool = False,
    after: tuple[str, ...] = (),
    last: bool = False,
    gathers: tuple[str, ...] = (),
    reads: tuple[str, ...] = (),
    figures: Asked | None = None,
) -> Callable[[Maker], Maker]:
    """Declare a derived table that is made where the exports brought every table in `needs`."""

    def register(make: Maker) -> Maker:
        name = str(getattr(make, "__name__", ""))
        DERIVED.add(name, Derived(name, needs, make, once, after, last, gathers, reads, figures))
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


def by_rule(inputs: Inputs, rule: str, term: str, days: pd.Series) -> pd.Series:
    """A term of the policy's rule in force on each row's day, as a float; empty where the rule leaves it open."""
    terms = {day: getattr(inputs.policy.at(rule, day.date()), term) for day in days.dropna().unique()}
    return days.map(terms).astype("Float64")


def sources(table: str, rows: pd.DataFrame) -> pd.Series[str]:
    """The `_from` of rows that were made of one row of a canonical table each."""
    return (table + ":") + rows["_row"].astype("str")
