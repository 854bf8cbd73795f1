"""The rows that a fact was added up from, and what each of them brought, exactly."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.cube import (
    Contributions,
    Setting,
    credited,
    day_number,
    in_currency,
    shares,
)
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import NOBODY
from pipeline.engine.statements import statements
from pipeline.engine.subjects import People
from pipeline.evidence.basis import Access, Basis
from pipeline.facts import Fact


def evidence(
    found: Basis, fact: Fact, access: Access, kind: str, subject: str, currency: str = ""
) -> pd.DataFrame:
    """The lines that were added up: `row` (position in the fact's table), `amount` (exact), and the table's columns.

    The amounts add up to the fact in its scale, in the reporting currency, or in `currency` where that is given.
    """
    if fact.kind == "stated":
        return _stated(found, fact, access, kind, subject)
    rows = found.tables[fact.table]
    brought = brought_by_rows(found, fact, access, currency)
    mine = np.flatnonzero(owners_of(found.people, kind, brought.lines) == subject)
    made = rows.iloc[brought.row[mine]].reset_index(drop=True)
    return _once(made.assign(row=brought.row[mine], amount=brought.amount[mine]), fact)


@dataclass(frozen=True)
class Brought:
    """The lines of a fact in a window, whosever they are: what each row brought, and to whom.

    `row` is the position in the fact's table, `whole` what the row brought in the currency asked for, `amount` the
    part of it that is the line's owner's; of both what is not known is 0. `lines.amount` is still in the row's own.
    """

    lines: Contributions
    row: Integers
    whole: Integers
    amount: Integers


def brought_by_rows(found: Basis, fact: Fact, access: Access, currency: str = "") -> Brought:
    """Every line of a flow, stock, cell or sample in a window, in the reporting currency or in `currency`."""
    lines, rows = found.contributions(fact, access.breakdown)
    target = np.full(lines.row.size, currency or found.setting.currency, dtype=object)
    if fact.kind == "stock":
        lines, whole, amount = _held(lines, found.setting, target, access.until_on)
    else:
        low, high = day_number(access.from_on or date.min), day_number(access.until_on)
        inside = (lines.day >= low) & (lines.day < high)
        lines, target = lines.take(inside), target[inside]
        whole = amount = lines.amount
        if fact.kind != "sample":
            whole, _ = in_currency(lines, target, lines.day, found.setting.flow_rates)
            amount = shares(whole, lines.weight, lines.row)
    return Brought(lines, rows[lines.row], whole, amount)


def owners_of(people: People, kind: str, lines: Contributions) -> npt.NDArray[Any]:
    """The id of the subject of a kind that each line belongs to; None where it belongs to none."""
    subjects = people.subjects[kind]
    if subjects.of_account is not None:
        at = subjects.of_account[lines.account]
    elif subjects.of_product is not None:
        at = pd.Index(subjects.ids).get_indexer(pd.Index(lines.product)).astype(np.int64)
    else:
        posts = np.append(np.asarray(subjects.of_post), NOBODY)
        at = posts[lines.post]  # a post of -1 is nobody's
    ids: npt.NDArray[Any] = np.array([*subjects.ids, None], dtype=object)
    return ids[at]


def _once(lines: pd.DataFrame, fact: Fact) -> pd.DataFrame:
    """Each row once, with the shares of all its owners; of a sample it is one value whoever shares it."""
    rows: pd.DataFrame = lines.drop_duplicates("row", ignore_index=True)
    if fact.kind == "sample" or len(rows) == len(lines):
        return rows
    return rows.assign(amount=lines.groupby("row")["amount"].sum().reindex(rows["row"]).to_numpy())


def _stated(found: Basis, fact: Fact, access: Access, kind: str, subject: str) -> pd.DataFrame:
    """The rows in which a figure is stated of the subject itself."""
    rows = found.tables[fact.table]
    said = statements(fact, rows, found.setting)
    inside = said.inside(fact, access.from_on, access.until_on, access.breakdown)
    at = np.flatnonzero(inside & (said.kind == kind) & (said.subject == subject))
    made: pd.DataFrame = rows.iloc[at].reset_index(drop=True)
    return made.assign(row=at, amount=said.value[at])


def _held(
    lines: Contributions, setting: Setting, target: Any, until_on: date
) -> tuple[Contributions, Integers, Integers]:
    """The lines of a stock that hold at the end of the day before: with each row's whole amount, and its owner's part."""
    edge = day_number(until_on)
    holds = (lines.day < edge) & (lines.until >= edge)
    held = lines.take(holds)
    days = np.full(held.row.size, edge - 1, dtype=np.int64)
    amount, _ = in_currency(held, target[holds], days, setting.closing_rates)
    owned, source = credited(held, days, setting)
    return owned, amount[source], shares(amount[source], owned.weight, source)
