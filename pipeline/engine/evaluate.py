"""What metrics see: `f`, the facts of every subject of one kind in one window, with its views of other windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import count, takewhile
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from pipeline.engine.cells import CellCube, Cells, between, no_cells
from pipeline.engine.cube import Cube, Directory, Edges, SampleRows, day_number, shares
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import NOBODY, Ownership
from pipeline.engine.quantities import Measure, Members, Quantity, Samples, in_scale, reason_code
from pipeline.engine.recent_sums import RecentSums, Sum
from pipeline.engine.replays import Played, played
from pipeline.engine.statements import Statements, of_subjects
from pipeline.errors import SettingsError, nearest
from pipeline.facts import FACTS, RESERVED, Fact
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Window, add_months, months_between, shifted, trailing, window_ending
from pipeline.policy import Policy
from pipeline.schema import NO_ACCOUNT, SCALE

Breakdown = tuple[str, str]
_Made = TypeVar("_Made")
WHOLE: Breakdown = ("", "")
_YEAR = 12
_SUMS_KEPT = 200_000_000
"""Bytes of sums by subject that are kept from one metric to the next: many metrics ask for the same facts."""


@dataclass(frozen=True)
class Subjects:
    """The subjects of one kind: their ids, and which of them each account, post or product belongs to (-1: none)."""

    kind: str
    ids: tuple[str, ...]
    of_account: Integers | None = None
    of_post: Integers | None = None
    of_product: Integers | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Sums:
    """All that was added up of one run, in one currency: cubes by fact and breakdown, by product, and samples."""

    cubes: Mapping[tuple[str, Breakdown], Cube]
    products: Mapping[tuple[str, Breakdown], Cube]
    samples: Mapping[tuple[str, Breakdown], SampleRows]
    starts: Mapping[str, date]
    """The first month for which each fact's table has rows: windows before it are short of history."""
    cells: Mapping[str, CellCube] = field(default_factory=dict)
    statements: Mapping[str, Statements] = field(default_factory=dict)


@dataclass
class Evaluator:
    """Facts of subjects in windows, looked up in the sums; remembers what it added up for a kind of subject."""

    sums: Sums
    edges: Edges
    directory: Directory
    ownership: Ownership
    policy: Policy
    subjects: Mapping[str, Subjects]
    customer_of: Integers
    top_account: Integers
    """The customer of each account as a position among the customers, and each customer's top account."""
    fiscal_start: int = 1
    aims: tuple[Any, ...] = ()
    """What metrics should reach (`pipeline.engine.readings.Target`), for composites that hold them against it."""
    _summed: RecentSums = field(default_factory=RecentSums)
    _measured: dict[Any, Any] = field(default_factory=dict)
    _played: dict[Any, list[Played]] = field(default_factory=dict)

    def facts(self, kind: str, window: Window, breakdown: Breakdown = WHOLE) -> Facts:
        """The facts of every subject of a kind in a window."""
        return Facts(self, kind, window, breakdown)

    def measure(self, metric: Metric, kind: str, window: Window, breakdown: Breakdown = WHOLE) -> Measure:
        """What a metric says of every subject of a kind, worked out once."""
        key = (metric.name, kind, window.from_on, window.until_on, breakdown)
        if key not in self._measured:
            view: Any = self.facts(kind, window, breakdown)
            if metric.kind == "replayed":
                return self.standing(metric, kind, window.until_on)
            if metric.kind == "composite":
                view = Composite(self, kind, window, breakdown)
            made = metric.measure(view)
            self._measured[key] = made if isinstance(made, Measure) else Measure(made)
        found: Measure = self._measured[key]
        return found

    def standing(self, metric: Metric, kind: str, until_on: date) -> Measure:
        """What a metric with memory last said before `until_on`."""
        found = self.last_played(metric, kind, until_on)
        return found.measure if found else short_history(len(self.subjects[kind]))

    def last_played(self, metric: Metric, kind: str, until_on: date) -> Played | None:
        """The last month before `until_on` of a metric with memory; all months are played once, then kept."""
        key = (metric.name, kind)
        if key not in self._played:
            self._played[key] = list(played(metric, self, kind, metric.windows[0], self.edges.last))
        known = [each for each in self._played[key] if each.window.until_on <= until_on]
        return known[-1] if known else None

    def once(self, key: tuple[Any, ...], make: Callable[[], _Made]) -> _Made:
        """What was made of the last metric under this key, made only once."""
        if key not in self._measured:
            self._measured[key] = make()
        found: _Made = self._measured[key]
        return found

    def forget(self) -> None:
        """Drop what was worked out for the last metric, and of the sums those that were not asked for the longest time.

        What had to be played from the start is kept.
        """
        self._measured.clear()
        self._summed.trim(_SUMS_KEPT)

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        """A fact of every subject in a window."""
        if fact.kind == "sample":
            return self._samples(fact, kind, window, breakdown)
        if fact.kind == "account":
            return self._account_fact(fact, kind, window, breakdown)
        if fact.kind == "stated":
            return self._stated(fact, kind, window, breakdown)
        if fact.kind == "stock":
            return self.level(fact, kind, window.until_on, breakdown)
        return self._difference(fact, kind, window, breakdown)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        """A stock at the end of the day before `until_on`."""
        values, gaps, reason = self._of_kind(fact, kind, breakdown)
        at = self.edges.at(until_on)
        if at is None or until_on <= self.start(fact):
            return Quantity.unknown(values.shape[0], "short_history")
        return _quantity(values[:, at], None if gaps is None else gaps[:, at], reason, fact.scale)

    def _difference(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity:
        values, gaps, reason = self._of_kind(fact, kind, breakdown)
        low, high = self.edges.at(window.from_on), self.edges.at(window.until_on)
        if low is None or high is None or window.from_on < self.start(fact):
            return Quantity.unknown(values.shape[0], "short_history")
        missing = None if gaps is None else gaps[:, high] - gaps[:, low]
        return _quantity(values[:, high] - values[:, low], missing, reason, fact.scale)

    def start(self, fact: Fact) -> date:
        """The first month in which the fact's table has rows; the end of the run where it has none."""
        return self.sums.starts.get(fact.table, self.edges.last)

    def _of_kind(self, fact: Fact, kind: str, breakdown: Breakdown) -> Sum:
        """The fact's cube added up over the cells of each subject: (values, gaps, reason), subjects × edges."""
        key = (fact.name, kind, breakdown)
        return self._summed.get(key, lambda: self._added_up(fact, kind, breakdown))

    def _added_up(self, fact: Fact, kind: str, breakdown: Breakdown) -> Sum:
        subjects = self.subjects[kind]
        cube = self._cube(fact, kind, breakdown)
        if cube is None:
            return np.zeros((len(subjects), self.edges.days.size), np.int64), None, 0
        owners = _owners(subjects, cube.account, cube.post)
        gaps = None if cube.gaps is None else _rows_added(owners, cube.gaps, len(subjects))
        return _rows_added(owners, cube.values, len(subjects)), gaps, cube.reason

    def _cube(self, fact: Fact, kind: str, breakdown: Breakdown) -> Cube | None:
        if kind == "product":
            return self.sums.products.get((fact.name, breakdown))
        return self.sums.cubes.get((fact.name, breakdown))

    def _samples(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Samples:
        rows = self.sums.samples.get((fact.name, breakdown))
        count = len(self.subjects[kind])
        short = window.from_on < self.start(fact)
        empty = np.zeros(0, dtype=np.int64)
        if rows is None or short:
            return Samples(empty, empty, count, fact.scale, short)
        inside = (rows.day >= day_number(window.from_on)) & (rows.day < day_number(window.until_on))
        account, row = rows.account[inside], rows.row[inside]
        owners = _owners(self.subjects[kind], account, rows.post[inside])
        keep = (owners >= 0) & _once(owners, account, row)
        return Samples(rows.value[inside][keep], owners[keep], count, fact.scale)

    def _stated(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity:
        found, span = self.sums.statements.get(fact.name), (window.from_on, window.until_on)
        return of_subjects(found, fact, kind, self.subjects[kind].ids, span, breakdown)

    def cells(self, fact: Fact, window: Window) -> Cells:
        """A fact of every cell of every account."""
        count = len(self.directory.accounts)
        cube = self.sums.cells.get(fact.name)
        if window.from_on < self.start(fact):
            return no_cells(count, fact.scale, short=True)
        if cube is None:
            return no_cells(count, fact.scale)
        return between(cube, self.edges, window.from_on, window.until_on, fact.scale, count)

    def _members_of(self, fact: Fact, window: Window, breakdown: Breakdown) -> Quantity:
        """An account fact of each member, worked out once for all kinds of subjects."""
        key = ("members", fact.name, fact.member, window.from_on, window.until_on, breakdown)
        if key not in self._measured:
            view = replace(self.facts(fact.member, window), _chosen=breakdown)
            self._measured[key] = fact.measure(view)
        found: Quantity = self._measured[key]
        return found

    def _account_fact(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity:
        """The fact of each member, added up over the members of each subject."""
        if kind == fact.member:
            return self._members_of(fact, window, breakdown)
        held = self.member_shares(fact, kind, window, breakdown)
        count = len(self.subjects[kind])
        known = held.quantity.known
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, held.owner[known], held.quantity.values[known])
        reasons = np.zeros(count, dtype=np.int8)
        np.maximum.at(reasons, held.owner[~known], held.quantity.reasons[~known])
        return Quantity(sums, held.quantity.scale, reasons)

    def member_shares(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> MemberShares:
        """What of each member belongs to which subject: by the account's attributes, else to its owners by share.

        Those who own it on the window's first day have it for the whole window. Shares add up to the member exactly;
        what stays with nobody of the kind is left out.
        """
        subjects = self.subjects[kind]
        accounts = self.top_account if fact.member == "customer" else np.arange(len(self.directory.accounts))
        named = np.array(self.directory.accounts, dtype=object)[accounts] != NO_ACCOUNT
        someone = named | (
            fact.unit == "money"
        )  # nobody is no account that is counted, but its money is there
        if kind == fact.member:
            own = np.arange(accounts.size, dtype=np.int64)
            return _held(self._members_of(fact, window, breakdown), own, own)
        if subjects.of_account is not None:
            owner = np.where(someone, subjects.of_account[accounts], NOBODY)
            return _held(self._members_of(fact, window, breakdown), np.arange(accounts.size), owner)
        if subjects.of_post is None:
            message = f"{kind} has no members"
            raise ValueError(message)
        days = np.full(accounts.size, day_number(window.from_on), dtype=np.int64)
        member, manager, weight = self.ownership.credits(accounts, days, np.full(accounts.size, NOBODY))
        owner = _owners(subjects, accounts[member], self.directory.posts.at(manager, days[member]))
        parts = [
            _shared(self._members_of(fact, window, each), member, weight) for each in _whole(fact, breakdown)
        ]
        return _held(_added(parts), member, np.where(someone[member], owner, NOBODY))

    def members(self, fact: Fact, member: str, kind: str, window: Window) -> Members:
        """A fact of every account or customer of each subject; what is credited to a manager is the manager's part."""
        subjects = self.subjects[kind]
        cube = self.sums.cubes.get((fact.name, WHOLE))
        short = window.from_on < self.start(fact)
        empty = np.zeros(0, dtype=np.int64)
        low, high = self.edges.at(window.from_on), self.edges.at(window.until_on)
        if cube is None or short or low is None or high is None:
            return Members(Quantity(empty, fact.scale, empty.astype(np.int8)), empty, len(subjects), short)
        owners = _owners(subjects, cube.account, cube.post)
        mine = self.customer_of[cube.account] if member == "customer" else cube.account
        keep = (owners >= 0) & (mine >= 0)
        pairs, inverse = np.unique(np.stack([owners[keep], mine[keep]]), axis=1, return_inverse=True)
        inverse = inverse.reshape(-1)
        values = np.zeros(pairs.shape[1], dtype=np.int64)
        np.add.at(values, inverse, (cube.values[:, high] - cube.values[:, low])[keep])
        reasons = np.zeros(values.size, dtype=np.int8)
        if cube.gaps is not None:
            np.maximum.at(
                reasons, inverse, np.where((cube.gaps[:, high] > cube.gaps[:, low])[keep], cube.reason, 0)
            )
        return Members(Quantity(values, fact.scale, reasons), pairs[0], len(subjects))


@dataclass(frozen=True)
class MemberShares:
    """Lines of a member and a subject, by their positions, with what of the member's fact is the subject's."""

    member: Integers
    owner: Integers
    quantity: Quantity


def _held(quantity: Quantity, member: Integers, owner: Integers) -> MemberShares:
    """The lines that have an owner."""
    keep = owner >= 0
    kept = Quantity(quantity.values[keep], quantity.scale, quantity.reasons[keep])
    return MemberShares(member[keep], owner[keep], kept)


def _whole(fact: Fact, breakdown: Breakdown) -> list[Breakdown]:
    """What is shared by itself: the values of a breakdown that the whole is the sum of, else what was asked for."""
    if breakdown != WHOLE or not fact.is_sum_of_values:
        return [breakdown]
    return [(name, value) for name, values in fact.values.items() for value in values]


def _shared(members: Quantity, member: Integers, weight: Integers) -> Quantity:
    """Each owner's share of each member; of a count in ten-thousandths."""
    fine = in_scale(members, max(members.scale, SCALE))
    return Quantity(shares(fine.values[member], weight, member), fine.scale, fine.reasons[member])


def _added(parts: list[Quantity]) -> Quantity:
    total = parts[0]
    for part in parts[1:]:
        total = total + part
    return total


def _owners(subjects: Subjects, account: Integers, post: Integers) -> Integers:
    if subjects.of_account is not None:
        return subjects.of_account[account]
    if subjects.of_post is not None:
        if not subjects.of_post.size:
            return np.full(post.size, -1, dtype=np.int64)
        return np.where(post == NOBODY, -1, subjects.of_post[np.maximum(post, 0)])
    if subjects.of_product is not None:
        return subjects.of_product[account]
    message = f"{subjects.kind} has no members"
    raise ValueError(message)


def _once(owners: Integers, account: Integers, row: Integers) -> npt.NDArray[np.bool_]:
    """Which lines to keep so that a row of several owners counts once for whoever stands above more than one of them."""
    keep = np.ones(owners.size, dtype=bool)
    shared = np.flatnonzero(row >= 0)
    order = shared[np.lexsort((owners[shared], row[shared], account[shared]))]
    before, after = order[:-1], order[1:]
    again = (
        (owners[before] == owners[after]) & (row[before] == row[after]) & (account[before] == account[after])
    )
    keep[after[again]] = False
    return keep


def _rows_added(owners: Integers, values: npt.NDArray[np.int64], count: int) -> npt.NDArray[np.int64]:
    """The rows of `values` added up by owner, exactly; rows without an owner are left out."""
    made = np.zeros((count, values.shape[1]), dtype=np.int64)
    order = np.argsort(owners, kind="stable")
    order = order[np.searchsorted(owners[order], 0) :]
    if order.size:
        ordered = owners[order]
        starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
        made[ordered[starts]] = np.add.reduceat(values[order], starts, axis=0)
    return made


def _quantity(values: Any, gaps: Any, reason: int, scale: int) -> Quantity:
    reasons = (
        np.zeros(values.size, dtype=np.int8)
        if gaps is None
        else np.where(gaps > 0, reason, 0).astype(np.int8)
    )
    return Quantity(values, scale, reasons)


def fact_named(name: str) -> Fact:
    """The fact of that name, for metrics: AttributeError for private names, else SettingsError with the nearest."""
    if name.startswith("_"):
        raise AttributeError(name)
    found = FACTS.find(name)
    if found is None:
        raise SettingsError(
            where=f"f.{name}",
            what="there is no such fact or view",
            nearest=nearest(name, [*FACTS.all(), *RESERVED]),
            fix="see CONTRIBUTING, 'A fact'",
            code="KB-1024",
        )
    return found


@dataclass(frozen=True)
class Facts:
    """`f`: attribute access gives a fact of every subject in the window; views give the same for other windows."""

    _evaluator: Evaluator
    _kind: str
    _window: Window
    _breakdown: Breakdown = WHOLE
    _chosen: Breakdown = WHOLE

    def __getattr__(self, name: str) -> Any:
        fact = fact_named(name)
        _check_breakdown(fact, self._breakdown)
        return self._evaluator.value(fact, self._kind, self._window, self._breakdown)

    def chosen(self, name: str) -> str:
        """The value asked for of a breakdown of account facts; empty for the whole."""
        return next((value for asked, value in (self._chosen, self._breakdown) if asked == name), "")

    def text(self, metric: str) -> Sequence[str | None]:
        """What a metric of words says of every subject, as of the window's last day."""
        found = self._evaluator.measure(METRICS.get(metric), self._kind, self._window)
        return found.text if found.text is not None else [None] * len(found.value)

    def once(self, name: str, make: Callable[[], _Made]) -> _Made:
        """What account facts of the same window have in common, worked out once."""
        window = self._window
        key = ("once", name, self._kind, window.from_on, window.until_on)
        return self._evaluator.once(key, make)

    def remembered(self, metric: str) -> Any:
        """What a metric with memory remembers at the window's end; None before its first month."""
        found = self._evaluator.last_played(METRICS.get(metric), self._kind, self._window.until_on)
        return found.after if found else None

    def _at(self, window: Window) -> Facts:
        return replace(self, _window=window)

    @property
    def before(self) -> Facts:
        """The window of the same kind just before."""
        return self.back(months_between(self._window))

    @property
    def year_ago(self) -> Facts:
        """The same window a year earlier."""
        return self.back(_YEAR)

    def back(self, months: int) -> Facts:
        """The same window some months earlier."""
        return self._at(shifted(self._window, -months, self._evaluator.fiscal_start)) if months else self

    def trailing(self, months: int) -> Facts:
        """The months that end with the window."""
        return self._at(trailing(self._window, months))

    @property
    def at_start(self) -> Facts:
        """The moment at which the window begins; take `.trailing(n)` of it."""
        return self._at(Window("start", "start", self._window.from_on, self._window.from_on))

    @property
    def start_of_history(self) -> _History:
        """All that is known before the window; short of history where that is less than a year."""
        return _History(self)

    @property
    def opening(self) -> _Levels:
        """Stocks as they were when the window began."""
        return _Levels(self, lambda window: [window.from_on])

    @property
    def mean(self) -> _Levels:
        """The mean of a stock at the window's opening and at each of its month ends."""
        return _Levels(self, _month_ends)

    @property
    def customers(self) -> _MemberFacts:
        """A fact of every customer of each subject."""
        return _MemberFacts(self, "customer")

    @property
    def accounts(self) -> _MemberFacts:
        """A fact of every account of each subject."""
        return _MemberFacts(self, "account")

    @property
    def cells(self) -> _CellFacts:
        """In an account fact: a cell fact of every cell of every account."""
        return _CellFacts(self)

    @property
    def days(self) -> int:
        return self._window.days

    def rule(self, name: str) -> Any:
        """The policy's rule in force on the window's last day."""
        return self._evaluator.policy.at(name, self._window.last_on)


def _check_breakdown(fact: Fact, breakdown: Breakdown) -> None:
    if fact.only_by and breakdown[0] not in fact.only_by:
        raise SettingsError(
            where=f"fact {fact.name}",
            what="cannot be added over " + ", ".join(fact.only_by),
            fix=f"give the metric breakdowns=({fact.only_by[0]!r},)",
            code="KB-1025",
        )
    if breakdown[0] and breakdown[0] not in fact.breakdowns:
        raise SettingsError(
            where=f"fact {fact.name}",
            what=f"cannot be broken down by {breakdown[0]}",
            nearest=nearest(breakdown[0], fact.breakdowns),
            fix="give the fact the column in by=, or the metric another breakdown",
            code="KB-1026",
        )


def _month_ends(window: Window) -> list[date]:
    """The opening, the month ends inside, and the end; of a window that begins within a month, cut by its last day."""
    first, until = window.from_on, window.until_on
    if first.day == 1:
        inside = list(takewhile(lambda day: day < until, (add_months(first, n) for n in count(1))))
    else:
        inside = list(takewhile(lambda day: day > first, (add_months(until, -n) for n in count(1))))[::-1]
    return [first, *inside, until]


@dataclass(frozen=True)
class _History:
    """Flows from the first month of their own table on until the window begins."""

    _facts: Facts

    def __getattr__(self, name: str) -> Quantity | Samples:
        fact, facts = fact_named(name), self._facts
        first, until = facts._evaluator.start(fact), facts._window.from_on
        enough = add_months(first, _YEAR) <= until
        window = Window("history", "history", first if enough else date.min, until)
        return facts._evaluator.value(fact, facts._kind, window, facts._breakdown)


@dataclass(frozen=True)
class _Levels:
    """A stock at several ends of day, added and divided by their number."""

    _facts: Facts
    _ends: Callable[[Window], list[date]]

    def __getattr__(self, name: str) -> Quantity:
        fact, facts = fact_named(name), self._facts
        levels = [
            facts._evaluator.level(fact, facts._kind, day, facts._breakdown)
            for day in self._ends(facts._window)
        ]
        total = levels[0]
        for level in levels[1:]:
            total = total + level
        return replace(total, scale=total.scale * len(levels)) if len(levels) > 1 else total


@dataclass(frozen=True)
class _MemberFacts:
    _facts: Facts
    _member: str

    def __getattr__(self, name: str) -> Members:
        facts = self._facts
        return facts._evaluator.members(fact_named(name), self._member, facts._kind, facts._window)


@dataclass(frozen=True)
class _CellFacts:
    _facts: Facts

    def __getattr__(self, name: str) -> Cells:
        facts = self._facts
        return facts._evaluator.cells(fact_named(name), facts._window)


@dataclass(frozen=True)
class Composite:
    """What a composite metric sees: other metrics of the same subjects and window."""

    _evaluator: Evaluator
    _kind: str
    _window: Window
    _breakdown: Breakdown = WHOLE

    def chosen(self, name: str) -> str:
        """The value asked for of a breakdown that the metric names itself (`parts`); empty for the whole."""
        return self._breakdown[1] if self._breakdown[0] == name else ""

    @property
    def size(self) -> int:
        """How many subjects there are."""
        return len(self._evaluator.subjects[self._kind])

    def rule_or_none(self, name: str) -> Any | None:
        """The policy's rule in force on the window's last day; None where there was none yet."""
        return self._evaluator.policy.find(name, self._window.last_on)

    def over(self, window: str) -> Composite:
        """The same subjects in the month, year or twelve months to date that end with the window."""
        found = window_ending(window, self._window.until_on, self._evaluator.fiscal_start)
        return replace(self, _window=found) if found else self

    def target(self, metric: str, breakdown: str = "", *, of_every: str = "") -> Quantity:
        """What another metric should reach for each subject; unknown where nothing is said.

        `of_every`: not that, but what is asked of all subjects of that kind alike.
        """
        from pipeline.engine.readings import goals

        aims = [each for each in self._evaluator.aims if not (of_every and each.subject_id)]
        ids = self._evaluator.subjects[self._kind].ids
        found = goals(METRICS.get(metric), breakdown, of_every or self._kind, self._window, ids, aims)
        return Quantity.of(np.nan_to_num(found)).where(~np.isnan(found), "no_data")

    def measure(self, metric: str, breakdown: str = "") -> Measure:
        """Another metric; unknown for all where it is not defined for this kind of subject."""
        found = METRICS.get(metric)
        if self._kind not in found.subjects:
            return Measure(Quantity.unknown(len(self._evaluator.subjects[self._kind]), "no_data"))
        name, _, value = breakdown.partition("=")
        return self._evaluator.measure(found, self._kind, self._window, (name, value))

    def rule(self, name: str) -> Any:
        """The policy's rule in force on the window's last day."""
        return self._evaluator.policy.at(name, self._window.last_on)


def short_history(count: int) -> Measure:
    """A measure that is known of nobody, for want of history."""
    unknown = Quantity(np.zeros(count), 1, np.full(count, reason_code("short_history"), dtype=np.int8))
    return Measure(unknown, text=[None] * count)
