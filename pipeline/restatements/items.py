"""The lines of a fact in two runs, held against each other by the canonical row that they are about.

What each item brought more or less adds up to the difference of the fact exactly.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.exact import Integers
from pipeline.engine.statements import statements
from pipeline.evidence.basis import Access, Basis
from pipeline.evidence.rows import brought_by_rows, owners_of
from pipeline.facts import Fact
from pipeline.restatements.sources import Sources

_Words = npt.NDArray[Any]


@dataclass(frozen=True)
class Run:
    """One of two runs: its facts, loaded, and of which canonical rows the rows of its fact tables were made."""

    basis: Basis
    sources: Sources


@dataclass(frozen=True)
class Item:
    """An item as a whole, whosever it is: how much in its own currency, how much in the one asked for, of whom."""

    raw: int
    rows: int
    whole: int
    accounts: frozenset[str]
    """More than one where a row is about many, as the market of an industry is."""
    currency: str

    def is_same_row_as(self, other: Item | None) -> bool:
        """Whether it is as it was, but for the rate and for whose it is."""
        return other is not None and (self.raw, self.rows, self.accounts, self.currency) == (
            other.raw, other.rows, other.accounts, other.currency
        )  # fmt: skip


@dataclass(frozen=True)
class Differing:
    """An item that brought a subject more or less than before, in the fact's units; the item in both runs."""

    subject: str
    item: str
    difference: int
    was: Item | None
    now: Item | None


@dataclass(frozen=True)
class Lines:
    """Every line that was added up: whose it is (None: nobody's of the kind), its item, and what it brought."""

    subject: _Words
    row: Integers
    item: _Words
    amount: Integers
    whole: Integers
    raw: Integers
    account: _Words
    currency: _Words
    is_sample: bool = False


def lines_of(run: Run, fact: Fact, access: Access, kind: str, currency: str) -> Lines:
    """The lines of a fact in a window, of all subjects of a kind."""
    if fact.table not in run.basis.tables:
        nothing, none = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=object)
        return Lines(none, nothing, none, nothing, nothing, nothing, none, none)
    if fact.kind == "stated":
        return _stated(run, fact, access, kind)
    brought = brought_by_rows(run.basis, fact, access, currency)
    accounts = np.array(run.basis.people.directory.accounts, dtype=object)[brought.lines.account]
    owners = owners_of(run.basis.people, kind, brought.lines)
    items = run.sources.items(fact.table)[brought.row]
    return Lines(
        owners, brought.row, items, brought.amount, brought.whole, brought.lines.amount, accounts,
        brought.lines.currency, fact.kind == "sample",
    )  # fmt: skip


def _stated(run: Run, fact: Fact, access: Access, kind: str) -> Lines:
    said = statements(fact, run.basis.tables[fact.table], run.basis.setting)
    at = np.flatnonzero(
        said.inside(fact, access.from_on, access.until_on, access.breakdown) & (said.kind == kind)
    )
    none = np.full(at.size, "", dtype=object)
    value = said.value[at]
    return Lines(said.subject[at], at, run.sources.items(fact.table)[at], value, value, value, none, none)


def differing(was: Lines, now: Lines) -> list[Differing]:
    """The items that brought a subject something else, or in another number of lines; by subject, then item."""
    subject, subjects = pd.factorize(np.concatenate([was.subject, now.subject]))
    item, items = pd.factorize(np.concatenate([was.item, now.item]))
    sign = np.repeat([-1, 1], [was.row.size, now.row.size])
    counted = np.flatnonzero((subject >= 0) & np.concatenate([_counted(was), _counted(now)]))
    keys, at = np.unique(subject[counted] * max(len(items), 1) + item[counted], return_inverse=True)
    amounts, lines = np.zeros(keys.size, dtype=np.int64), np.zeros(keys.size, dtype=np.int64)
    np.add.at(amounts, at, (sign * np.concatenate([was.amount, now.amount]))[counted])
    np.add.at(lines, at, sign[counted])
    left = np.flatnonzero((amounts != 0) | (lines != 0))
    pairs = [divmod(int(keys[each]), len(items)) for each in left]
    wanted = {items[place] for _, place in pairs}
    before, after = _whole(was, wanted), _whole(now, wanted)
    made = [
        Differing(
            subjects[who], items[place], int(amounts[each]), before.get(items[place]), after.get(items[place])
        )
        for each, (who, place) in zip(left, pairs, strict=True)
    ]
    return sorted(made, key=lambda each: (each.subject, each.item))


def _counted(lines: Lines) -> npt.NDArray[np.bool_]:
    """Which lines count: all; of a sample one for each row and subject, as a value is one whoever shares it."""
    if not lines.is_sample:
        return np.ones(lines.row.size, dtype=bool)
    return ~pd.DataFrame({"subject": lines.subject, "row": lines.row}).duplicated().to_numpy()


def _whole(lines: Lines, wanted: set[str]) -> dict[str, Item]:
    """The items that are wanted, each row of theirs counted once."""
    made: dict[str, Item] = {}
    seen: set[int] = set()
    for at in np.flatnonzero(pd.Index(lines.item).isin(wanted)):
        if (row := int(lines.row[at])) in seen:
            continue
        seen.add(row)
        name, raw, whole = str(lines.item[at]), int(lines.raw[at]), int(lines.whole[at])
        known = made.get(name)
        mine = frozenset({str(lines.account[at])})
        made[name] = (
            Item(raw, 1, whole, mine, str(lines.currency[at]))
            if known is None
            else Item(
                known.raw + raw, known.rows + 1, known.whole + whole, known.accounts | mine, known.currency
            )
        )
    return made
