"""Sums of facts: contributions of rows, credited to accounts and managers, added up along the edges of months.

An *edge* is a day on which a window can begin or end. A flow is kept as its running sum up to each edge, so the sum
of a window is one difference; a stock as its level at the end of the day before each edge. All in int64.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.coded_rows import FAR, CodedRows
from pipeline.engine.exact import Integers, guard_overflow, split
from pipeline.engine.fx import Rates
from pipeline.engine.ownership import NOBODY, Ownership
from pipeline.engine.posts import Posts
from pipeline.engine.quantities import reason_code
from pipeline.errors import DataError
from pipeline.facts import Fact
from pipeline.periods import add_months, month_start
from pipeline.schema import SCALE

_EPOCH = date(1970, 1, 1)
_SHORTEST_MONTH = 28


def day_number(day: date) -> int:
    """Days since 1970."""
    return (day - _EPOCH).days


@dataclass(frozen=True)
class Edges:
    """The days on which windows begin or end, ascending; the last one is the day after the as-of date."""

    days: npt.NDArray[np.int64]

    def at(self, day: date) -> int | None:
        """The position of an edge, or None where no window begins or ends on that day."""
        number = day_number(day)
        at = int(np.searchsorted(self.days, number))
        return at if at < self.days.size and self.days[at] == number else None

    @property
    def first(self) -> date:
        return _EPOCH + timedelta(days=int(self.days[0]))

    @property
    def last(self) -> date:
        return _EPOCH + timedelta(days=int(self.days[-1]))


def edges_between(first: date, until_on: date) -> Edges:
    """Month starts from the first day of data, and `until_on` with its month-wise shifts back (unfinished months).

    A shift of a shift may have been cut short by a February or a month of 30 days, so those days are edges too.
    """
    days = {until_on}
    day = month_start(first)
    while day < until_on:
        days.add(day)
        day = add_months(day, 1)
    cut_short = range(min(until_on.day, _SHORTEST_MONTH), until_on.day + 1)
    back = 1
    while (day := add_months(until_on, -back)) >= month_start(first):
        days |= {day.replace(day=each) for each in cut_short if each <= day.day}
        back += 1
    return Edges(np.array(sorted(day_number(each) for each in days), dtype=np.int64))


@dataclass(frozen=True)
class Directory:
    """Who is who, as codes: an id's code is its rank, so it is the same in every run."""

    accounts: tuple[str, ...]
    managers: tuple[str, ...]
    products: tuple[str, ...]
    currencies: npt.NDArray[Any]
    """The currency of each account's customer."""
    posts: Posts

    def account_codes(self, ids: pd.Series) -> Integers:
        return pd.Index(self.accounts).get_indexer(pd.Index(ids)).astype(np.int64)

    def manager_codes(self, ids: pd.Series | None, count: int) -> Integers:
        if ids is None:
            return np.full(count, NOBODY, dtype=np.int64)
        return pd.Index(self.managers).get_indexer(pd.Index(ids)).astype(np.int64)


@dataclass(frozen=True)
class Contributions:
    """What each row gives to a fact: one line for each row and credited manager. Money is still in its currency.

    `row` is the position in the fact's table; `post` the manager in his team of the day; `amount` the whole row's, of
    which the line's manager has a share by `weight`; `day` and `until` are days since 1970; `known` is False where the row's value is missing.
    """

    row: Integers
    account: Integers
    post: Integers
    product: npt.NDArray[Any]
    currency: npt.NDArray[Any]
    day: Integers
    until: Integers
    amount: Integers
    known: npt.NDArray[np.bool_]
    weight: Integers

    def take(self, keep: Any) -> Contributions:
        """The lines of a mask or of positions."""
        return Contributions(*(getattr(self, name)[keep] for name in self.__dataclass_fields__))


@dataclass(frozen=True)
class Setting:
    """What the sums depend on besides the rows."""

    directory: Directory
    ownership: Ownership
    flow_rates: Rates
    closing_rates: Rates
    currency: str
    edges: Edges


def contributions(fact: Fact, rows: pd.DataFrame, setting: Setting) -> Contributions:
    """The lines of a fact with a value other than zero; rows after the last edge are left out.

    Flows are credited to the managers who served the account on the row's day. A stock's credit depends on the day
    it is read, so its lines carry the row's own manager as `post` until then (`credited`).
    """
    return lines_of(fact, CodedRows(rows, setting))


def lines_of(fact: Fact, coded: CodedRows) -> Contributions:
    """The `contributions` of rows that may be coded for other facts too."""
    measured = fact.measure(coded.rows)
    day = coded.days(fact.on)
    value = measured.to_numpy(dtype=np.int64, na_value=0) * (SCALE if fact.is_shared_count else 1)
    missing = measured.isna().to_numpy()
    counts = ~missing if fact.kind == "sample" else (value != 0) | missing
    row, post, weight = _credited_rows(fact, coded, counts & (day < coded.setting.edges.days[-1]))
    account = coded.account[row]
    _require_accounts(fact, account)
    product = coded.product_id if fact.has_product else coded.nothing
    money = fact.unit == "money" and "currency" in coded.rows.columns
    currency = coded.currency if money else coded.nothing
    until = coded.days(fact.until)[row] if fact.until else np.full(row.size, FAR, dtype=np.int64)
    return Contributions(
        row, account, post, product[row], currency[row], day[row], until, value[row], ~missing[row], weight
    )


def _credited_rows(
    fact: Fact, coded: CodedRows, keep: npt.NDArray[np.bool_]
) -> tuple[Integers, Integers, Integers]:
    """Row, post and weight of each line of the rows that are kept."""
    if fact.kind == "stock":
        row = np.flatnonzero(keep)
        return row, coded.manager[row], np.ones(row.size, dtype=np.int64)
    credit = coded.credits(fact.on)
    mine = keep[credit.row]
    return credit.row[mine], credit.post[mine], credit.weight[mine]


def _require_accounts(fact: Fact, account: Integers) -> None:
    if (account < 0).any():
        raise DataError(
            where=fact.table,
            what="a row names an account that is not in accounts",
            fix="keep the built-in expectation on account_id, which quarantines such rows",
            code="KB-1293",
        )


def credited(lines: Contributions, days: Integers, setting: Setting) -> tuple[Contributions, Integers]:
    """A line for each owner of the account on a day, in his post of that day, and which of the lines it came from.

    `post` of the lines given is the row's own manager; he is credited where nobody is assigned.
    """
    source, manager, weight = setting.ownership.credits(lines.account, days, lines.post)
    post = setting.directory.posts.at(manager, days[source])
    return replace(lines.take(source), post=post, weight=weight), source


def shares(amounts: Integers, weights: Integers, groups: Integers) -> Integers:
    """Most rows have one owner; only the others are split."""
    counts = np.bincount(groups) if groups.size else groups
    shared = counts[groups] > 1 if groups.size else groups.astype(bool)
    made = amounts.copy()
    if shared.any():
        _, local = np.unique(groups[shared], return_inverse=True)
        made[shared] = split(amounts[shared], weights[shared], local.astype(np.int64))
    return made


def in_currency(
    lines: Contributions, target: npt.NDArray[Any], days: Integers, rates: Rates
) -> tuple[Integers, npt.NDArray[np.int8]]:
    """The amounts in each line's target currency at each line's day, and a reason where that is not known."""
    amounts = lines.amount.copy()
    reasons = np.where(lines.known, 0, reason_code("input_missing")).astype(np.int8)
    foreign = np.flatnonzero((lines.currency != target) & (lines.currency != ""))
    if not foreign.size:
        return amounts, reasons
    pairs = pd.Series(lines.currency[foreign].astype(str)) + ">" + pd.Series(target[foreign].astype(str))
    for pair, where in pairs.groupby(pairs).groups.items():
        at = foreign[np.asarray(where)]
        source, _, to = str(pair).partition(">")
        amounts[at], absent = rates.converted(lines.amount[at], source, to, days[at])
        reasons[at] = np.where(absent, reason_code("no_rate"), reasons[at])
    return amounts, reasons


def flow_amounts(
    lines: Contributions, target: npt.NDArray[Any], rates: Rates
) -> tuple[Integers, npt.NDArray[np.int8]]:
    """Each line's share of its row: converted whole, then split, so that who serves an account changes nothing of it."""
    amounts, reasons = in_currency(lines, target, lines.day, rates)
    return shares(amounts, lines.weight, lines.row), reasons


@dataclass(frozen=True)
class Cube:
    """A fact (of one breakdown value) along the edges: a row for each cell of account and post.

    `values[c, e]`: running sum of a flow before edge e, or level of a stock at edge e. `gaps` likewise counts the
    lines whose value is not known, with `reason` why; None where every value is.
    """

    account: Integers
    post: Integers
    values: npt.NDArray[np.int64]
    gaps: npt.NDArray[np.int64] | None = None
    reason: int = 0


def first_edge(cube: Cube) -> int:
    """The position of the first edge at which there is anything, known or not; past the last where there is nothing."""
    there = (cube.values != 0).any(axis=0)
    if cube.gaps is not None:
        there |= (cube.gaps != 0).any(axis=0)
    return int(there.argmax()) if there.any() else there.size


@dataclass(frozen=True)
class Entries:
    """What the lines of a fact enter in a cube: `line` is the position among the lines, `account` and `post` the cell.

    A flow enters in the segment of its day, and runs on from there (`is_running`); a stock at each edge at which it
    holds.
    """

    line: Integers
    account: Integers
    post: Integers
    segment: Integers
    amount: Integers
    reasons: npt.NDArray[np.int8]
    is_running: bool

    def take(self, keep: npt.NDArray[np.bool_]) -> Entries:
        """The entries of a mask."""
        names = ("line", "account", "post", "segment", "amount", "reasons")
        return replace(self, **{name: getattr(self, name)[keep] for name in names})

    def in_cells(self, account: Integers) -> Entries:
        """The same in cells of something else than accounts, whoever served them."""
        return replace(self, account=account, post=np.full(account.size, NOBODY, dtype=np.int64))


def entries(fact: Fact, lines: Contributions, setting: Setting, target: npt.NDArray[Any]) -> Entries:
    """The entries of a flow or stock in the target currency of each line."""
    if fact.kind == "stock":
        line, account, post, edge, amount, why = _levels(lines, setting, target)
        return Entries(line, account, post, edge, amount, why, is_running=False)
    amounts, reasons = flow_amounts(lines, target, setting.flow_rates)
    return _running(lines.account, lines.post, lines.day, amounts, reasons, setting.edges)


def _running(
    account: Integers,
    post: Integers,
    day: Integers,
    amounts: Integers,
    reasons: npt.NDArray[np.int8],
    edges: Edges,
) -> Entries:
    guard_overflow(amounts, "fact sums")
    segment = np.searchsorted(edges.days, day, side="right")
    return Entries(np.arange(day.size), account, post, segment, amounts, reasons, is_running=True)


def flow_cube(
    account: Integers,
    post: Integers,
    day: Integers,
    amounts: Integers,
    reasons: npt.NDArray[np.int8],
    edges: Edges,
) -> Cube:
    """Running sums along the edges of amounts that fall on days."""
    made = _running(account, post, day, amounts, reasons, edges)
    return cube_of(made, edges)


def cube_of(made: Entries, edges: Edges) -> Cube:
    """The entries added up."""
    return cubes_of(made, np.zeros(made.line.size, dtype=np.int64), 1, edges)[0]


def cubes_of(made: Entries, group: Integers, groups: int, edges: Edges) -> list[Cube]:
    """A cube for each group 0 … groups-1 of the entries, added up in one go."""
    among, (account, post), cell = _cells(group, made.account, made.post)
    shape = (account.size, edges.days.size)
    values = _along(made, cell, made.amount, shape)
    unknown = made.reasons != 0
    gaps = reason = None
    if unknown.any():
        missing = made.take(unknown)
        gaps = _along(missing, cell[unknown], np.ones(missing.line.size, dtype=np.int64), shape)
        reason = np.zeros(groups, dtype=np.int64)
        np.maximum.at(reason, group[unknown], missing.reasons.astype(np.int64))
    bounds = np.searchsorted(among, np.arange(groups + 1)).tolist()
    spans = [slice(first, last) for first, last in pairwise(bounds)]
    if gaps is None or reason is None:
        return [Cube(account[span], post[span], values[span]) for span in spans]
    return [
        Cube(account[span], post[span], values[span], gaps[span] if why else None, why)
        for span, why in zip(spans, reason.tolist(), strict=True)
    ]


def _along(made: Entries, cell: Integers, amounts: Integers, shape: tuple[int, ...]) -> Integers:
    """Σ amounts of each cell at each edge, of a flow before it. Segment e holds the days in [edge e-1, edge e)."""
    cells, edges = shape
    sums = np.zeros(cells * (edges + 1), dtype=np.int64)
    np.add.at(sums, cell * (edges + 1) + made.segment, amounts)
    at_edges = sums.reshape(cells, edges + 1)[:, :edges]
    along: Integers = np.cumsum(at_edges, axis=1) if made.is_running else np.ascontiguousarray(at_edges)
    return along


def _cells(
    group: Integers, account: Integers, post: Integers
) -> tuple[Integers, tuple[Integers, Integers], Integers]:
    """The cells that occur, by group, account and post; and the cell of each entry."""
    posts = int(post.max(initial=NOBODY)) + 2
    accounts = int(account.max(initial=0)) + 1
    keys = (group * accounts + account) * posts + (post + 1)
    cell, unique = pd.factorize(keys, sort=True)
    among, rest = np.divmod(unique, accounts * posts)
    return among, (rest // posts, rest % posts - 1), cell.astype(np.int64)


def _levels(lines: Contributions, setting: Setting, target: npt.NDArray[Any]) -> tuple[Any, ...]:
    """Each line at each edge before which it holds, for its owners of the day before: (line, account, post, edge, amount, reason)."""
    edges = setting.edges.days
    first = np.searchsorted(edges, lines.day, side="right")  # the first edge after the day it begins on
    counts = np.maximum(np.searchsorted(edges, lines.until, side="right") - first, 0)
    line = np.repeat(np.arange(lines.row.size), counts)
    edge = np.repeat(first, counts) + np.arange(line.size) - np.repeat(np.cumsum(counts) - counts, counts)
    held, days = lines.take(line), edges[edge] - 1
    amount, reasons = in_currency(held, target[line], days, setting.closing_rates)
    _guard_levels(amount, edge, edges.size)
    owned, source = credited(held, days, setting)
    return (
        line[source],
        owned.account,
        owned.post,
        edge[source],
        shares(amount[source], owned.weight, source),
        reasons[source],
    )


def _guard_levels(amount: Integers, edge: Integers, edges: int) -> None:
    """No edge's sum leaves 64 bits; levels of different edges are never added."""
    sizes = np.bincount(edge, weights=np.abs(amount.astype(np.float64)), minlength=edges)
    guard_overflow(amount[edge == sizes.argmax()], "fact sums")


def merged(cubes: list[Cube]) -> Cube:
    """The cubes of several parts as one; a cell that stands in several is added up."""
    account = np.concatenate([cube.account for cube in cubes])
    post = np.concatenate([cube.post for cube in cubes])
    _, (accounts, posts), inverse = _cells(np.zeros_like(account), account, post)
    rows = np.concatenate([cube.values for cube in cubes])
    guard_overflow(np.abs(rows).max(axis=1), "fact sums")
    values = np.zeros((accounts.size, rows.shape[1]), dtype=np.int64)
    np.add.at(values, inverse, rows)
    if all(cube.gaps is None for cube in cubes):
        return Cube(accounts, posts, values)
    gaps = np.zeros_like(values)
    parts = [cube.gaps if cube.gaps is not None else np.zeros_like(cube.values) for cube in cubes]
    np.add.at(gaps, inverse, np.concatenate(parts))
    return Cube(accounts, posts, values, gaps, max(cube.reason for cube in cubes))


@dataclass(frozen=True)
class SampleRows:
    """The row values of a sample fact, with what is needed to give them to subjects and windows.

    A row with several owners stands once for each; `row`, its position in the part, then tells that it is one row,
    and is -1 where a row stands only once.
    """

    account: Integers
    post: Integers
    day: Integers
    value: Integers
    row: Integers


def sample_rows(lines: Contributions) -> SampleRows:
    """The lines of a sample fact."""
    counts = np.bincount(lines.row)[lines.row] if lines.row.size else lines.row
    return SampleRows(lines.account, lines.post, lines.day, lines.amount, np.where(counts > 1, lines.row, -1))
