"""What metrics see: `f`, the facts of every subject of one kind in one window, with its views of other windows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt

from pipeline.cube import Cube, Directory, Edges, SampleRows, day_number
from pipeline.errors import SettingsError, nearest
from pipeline.exact import Integers
from pipeline.facts import FACTS, RESERVED, Fact
from pipeline.metrics import METRICS, Metric
from pipeline.ownership import Ownership
from pipeline.periods import Window, add_months, months_between, shifted, trailing
from pipeline.quantities import Measure, Members, Quantity, Samples, reason_code
from pipeline.settings import Policy

Breakdown = tuple[str, str]
WHOLE: Breakdown = ("", "")
_YEAR = 12
_NOBODY = -1


@dataclass(frozen=True)
class Subjects:
    """The subjects of one kind: their ids, and which of them each account, manager or product belongs to (-1: none)."""

    kind: str
    ids: tuple[str, ...]
    of_account: Integers | None = None
    of_manager: Integers | None = None
    of_product: Integers | None = None

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class Sums:
    """All that was added up of one run, in one currency: cubes by fact and breakdown, by product, and samples."""

    cubes: Mapping[tuple[str, Breakdown], Cube]
    products: Mapping[str, Cube]
    samples: Mapping[tuple[str, Breakdown], SampleRows]
    starts: Mapping[str, date]
    """The first month for which each fact's table has rows: windows before it are short of history."""


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
    _summed: dict[Any, Any] = field(default_factory=dict)
    _measured: dict[Any, Any] = field(default_factory=dict)

    def facts(self, kind: str, window: Window, breakdown: Breakdown = WHOLE) -> Facts:
        """The facts of every subject of a kind in a window."""
        return Facts(self, kind, window, breakdown)

    def measure(self, metric: Metric, kind: str, window: Window, breakdown: Breakdown = WHOLE) -> Measure:
        """What a metric says of every subject of a kind, worked out once."""
        key = (metric.name, kind, window.from_on, window.until_on, breakdown)
        if key not in self._measured:
            view: Any = self.facts(kind, window, breakdown)
            if metric.kind == "composite":
                view = Composite(self, kind, window)
            made = metric.measure(view)
            self._measured[key] = made if isinstance(made, Measure) else Measure(made)
        found: Measure = self._measured[key]
        return found

    def forget(self) -> None:
        """Drop what was worked out for the last metric; sums are kept."""
        self._measured.clear()

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        """A fact of every subject in a window."""
        if fact.kind == "sample":
            return self._samples(fact, kind, window, breakdown)
        if fact.kind == "account":
            return self._account_fact(fact, kind, window)
        if fact.kind == "stock":
            return self.level(fact, kind, window.until_on, breakdown)
        return self._difference(fact, kind, window, breakdown)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        """A stock at the end of the day before `until_on`."""
        values, gaps, reason = self._of_kind(fact, kind, breakdown)
        at = self.edges.at(until_on)
        if at is None or until_on <= self._start(fact):
            return Quantity.unknown(values.shape[0], "short_history")
        return _quantity(values[:, at], None if gaps is None else gaps[:, at], reason, fact.scale)

    def _difference(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity:
        values, gaps, reason = self._of_kind(fact, kind, breakdown)
        low, high = self.edges.at(window.from_on), self.edges.at(window.until_on)
        if low is None or high is None or window.from_on < self._start(fact):
            return Quantity.unknown(values.shape[0], "short_history")
        missing = None if gaps is None else gaps[:, high] - gaps[:, low]
        return _quantity(values[:, high] - values[:, low], missing, reason, fact.scale)

    def _start(self, fact: Fact) -> date:
        return self.sums.starts.get(fact.table, self.edges.last)

    def _of_kind(self, fact: Fact, kind: str, breakdown: Breakdown) -> tuple[Any, Any, int]:
        """The fact's cube added up over the cells of each subject: (values, gaps, reason), subjects × edges."""
        key = (fact.name, kind, breakdown)
        if key not in self._summed:
            subjects = self.subjects[kind]
            cube = self._cube(fact, kind, breakdown)
            if cube is None:
                self._summed[key] = (np.zeros((len(subjects), self.edges.days.size), np.int64), None, 0)
            else:
                owners = _owners(subjects, cube.account, cube.manager)
                gaps = None if cube.gaps is None else _rows_added(owners, cube.gaps, len(subjects))
                self._summed[key] = (_rows_added(owners, cube.values, len(subjects)), gaps, cube.reason)
        found: tuple[Any, Any, int] = self._summed[key]
        return found

    def _cube(self, fact: Fact, kind: str, breakdown: Breakdown) -> Cube | None:
        if kind == "product":
            return self.sums.products.get(fact.name)
        return self.sums.cubes.get((fact.name, breakdown))

    def _samples(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Samples:
        rows = self.sums.samples.get((fact.name, breakdown))
        count = len(self.subjects[kind])
        short = window.from_on < self._start(fact)
        empty = np.zeros(0, dtype=np.int64)
        if rows is None or short:
            return Samples(empty, empty, count, fact.scale, short)
        inside = (rows.day >= day_number(window.from_on)) & (rows.day < day_number(window.until_on))
        owners = _owners(self.subjects[kind], rows.account[inside], rows.manager[inside])
        return Samples(rows.value[inside][owners >= 0], owners[owners >= 0], count, fact.scale)

    def _account_fact(self, fact: Fact, kind: str, window: Window) -> Quantity:
        """The fact of each member, added up over the members of each subject."""
        members: Quantity = fact.measure(self.facts(fact.member, window))
        if kind == fact.member:
            return members
        owners = self.member_owners(fact.member, kind, window)
        inside = owners >= 0
        count = len(self.subjects[kind])
        sums = np.zeros(count, dtype=np.int64)
        np.add.at(sums, owners[inside & members.known], members.values[inside & members.known])
        reasons = np.zeros(count, dtype=np.int8)
        unknown = inside & ~members.known
        np.maximum.at(reasons, owners[unknown], members.reasons[unknown])
        return Quantity(sums, members.scale, reasons)

    def member_owners(self, member: str, kind: str, window: Window) -> Integers:
        """The subject of each member: by the account's attributes, or by its owner on the window's first day."""
        subjects = self.subjects[kind]
        accounts = self.top_account if member == "customer" else np.arange(len(self.directory.accounts))
        if subjects.of_account is not None:
            return subjects.of_account[accounts]
        if subjects.of_manager is None:
            message = f"{kind} has no members"
            raise ValueError(message)
        owner = self.ownership.main_owner(accounts, day_number(window.from_on))
        return np.where(owner == _NOBODY, -1, subjects.of_manager[np.maximum(owner, 0)])

    def members(self, fact: Fact, member: str, kind: str, window: Window) -> Members:
        """A fact of every account or customer of each subject; what is credited to a manager is the manager's part."""
        subjects = self.subjects[kind]
        cube = self.sums.cubes.get((fact.name, WHOLE))
        short = window.from_on < self._start(fact)
        empty = np.zeros(0, dtype=np.int64)
        low, high = self.edges.at(window.from_on), self.edges.at(window.until_on)
        if cube is None or short or low is None or high is None:
            return Members(Quantity(empty, fact.scale, empty.astype(np.int8)), empty, len(subjects), short)
        owners = _owners(subjects, cube.account, cube.manager)
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


def _owners(subjects: Subjects, account: Integers, manager: Integers) -> Integers:
    if subjects.of_account is not None:
        return subjects.of_account[account]
    if subjects.of_manager is not None:
        if not subjects.of_manager.size:
            return np.full(manager.size, -1, dtype=np.int64)
        return np.where(manager == _NOBODY, -1, subjects.of_manager[np.maximum(manager, 0)])
    if subjects.of_product is not None:
        return subjects.of_product[account]
    message = f"{subjects.kind} has no members"
    raise ValueError(message)


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
    known = FACTS.all()
    if name not in known:
        raise SettingsError(
            where=f"f.{name}",
            what="there is no such fact or view",
            nearest=nearest(name, [*known, *RESERVED]),
            fix="see CONTRIBUTING, 'A fact'",
            code="KB-1024",
        )
    return known[name]


@dataclass(frozen=True)
class Facts:
    """`f`: attribute access gives a fact of every subject in the window; views give the same for other windows."""

    _evaluator: Evaluator
    _kind: str
    _window: Window
    _breakdown: Breakdown = WHOLE

    def __getattr__(self, name: str) -> Any:
        fact = fact_named(name)
        _check_breakdown(fact, self._breakdown)
        return self._evaluator.value(fact, self._kind, self._window, self._breakdown)

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
    def start_of_history(self) -> Facts:
        """All that is known before the window; short of history where that is less than a year."""
        first = self._evaluator.edges.first
        enough = add_months(first, _YEAR) <= self._window.from_on
        return self._at(Window("history", "history", first if enough else date.min, self._window.from_on))

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


def _month_ends(window: Window) -> list[date]:
    ends, day = [window.from_on], window.from_on
    while (day := add_months(day, 1)) < window.until_on:
        ends.append(day)
    return [*ends, window.until_on]


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
class Composite:
    """What a composite metric sees: other metrics of the same subjects and window."""

    _evaluator: Evaluator
    _kind: str
    _window: Window

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
    return Measure(Quantity(np.zeros(count), 1, np.full(count, reason_code("short_history"), dtype=np.int8)))
