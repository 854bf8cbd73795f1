"""A finished run, loaded so that figures can be told again and every look-up is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date

import numpy as np
import pandas as pd

from pipeline import store
from pipeline.catalogue import facts_of_words, facts_used
from pipeline.compute import evaluator_of, job_of, read_facts
from pipeline.context import Context
from pipeline.engine.cells import Cells
from pipeline.engine.cube import (
    Contributions,
    Setting,
    contributions,
)
from pipeline.engine.evaluate import WHOLE, Breakdown, Evaluator
from pipeline.engine.exact import Integers
from pipeline.engine.parts import (
    PARTS,
    Reference,
    combined,
    edges_of,
    first_days,
    part_sums,
    reference,
    stated,
)
from pipeline.engine.parts import setting_of as setting_for
from pipeline.engine.quantities import Members, Quantity, Samples
from pipeline.engine.replays import Played
from pipeline.engine.subjects import People
from pipeline.facts import FACTS, Fact
from pipeline.metrics import Metric
from pipeline.periods import Window
from pipeline.policy import Policy

_MOST_KEPT = 8


@dataclass(frozen=True)
class Access:
    """One look-up that a metric made: a fact in a window, or a stock at the end of the day before `until_on`."""

    fact: str
    from_on: date | None
    until_on: date
    breakdown: Breakdown = WHOLE
    members: str = ""


@dataclass
class Noting(Evaluator):
    """An evaluator that notes every look-up, so that an explanation lists exactly what was read."""

    asked: list[Access] = field(default_factory=list)

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        begins = None if fact.until else window.from_on
        self._note(Access(fact.name, begins, window.until_on, breakdown))
        return Evaluator.value(self, fact, kind, window, breakdown)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        self._note(Access(fact.name, None, until_on, breakdown))
        return Evaluator.level(self, fact, kind, until_on, breakdown)

    def cells(self, fact: Fact, window: Window) -> Cells:
        self._note(Access(fact.name, window.from_on, window.until_on))
        return Evaluator.cells(self, fact, window)

    def last_played(self, metric: Metric, kind: str, until_on: date) -> Played | None:
        """Of all the months that are played only the look-ups of the last are noted."""
        kept = list(self.asked)
        found = Evaluator.last_played(self, metric, kind, until_on)
        self.asked[:] = kept
        if found is not None:
            metric.measure(self.facts(kind, found.window), found.before)
        return found

    def members(self, fact: Fact, member: str, kind: str, window: Window) -> Members:
        self._note(Access(fact.name, window.from_on, window.until_on, WHOLE, member))
        return Evaluator.members(self, fact, member, kind, window)

    def _note(self, access: Access) -> None:
        if access not in self.asked:
            self.asked.append(access)


@dataclass(frozen=True)
class Basis:
    """A run's facts, loaded to explain figures of one metric."""

    context: Context
    shared: Reference
    tables: dict[str, pd.DataFrame]
    setting: Setting
    evaluators: Mapping[str, Noting]
    _contributions: dict[tuple[str, Breakdown], tuple[Contributions, Integers]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def people(self) -> People:
        return self.shared.people

    def contributions(self, fact: Fact, breakdown: Breakdown) -> tuple[Contributions, Integers]:
        """The lines of a fact, and the position in its table of each row of the breakdown; the last few are kept."""
        key = (fact.name, breakdown)
        if key not in self._contributions:
            while len(self._contributions) >= _MOST_KEPT:
                del self._contributions[next(iter(self._contributions))]
            rows = in_breakdown(self.tables[fact.table], breakdown)
            places = rows.index.to_numpy(dtype=np.int64)
            self._contributions[key] = contributions(fact, rows, self.setting), places
        return self._contributions[key]


def basis(context: Context, names: frozenset[str]) -> Basis:
    """The fact tables of a finished run, and the sums of the facts that are named."""
    store.fingerprint(context.run, store.STAGES["compute"])
    folder = context.run / "facts"
    job = job_of(context, folder)
    shared = reference(job.run, job.tables, job.settings, job.policy, job.until_on)
    parts = [read_facts(folder, range(part, part + 1)) for part in range(PARTS)]
    starts: dict[str, date] = {}
    for part in parts:
        for name, day in first_days(part).items():
            starts[name] = min(day, starts.get(name, day))
    starts = stated(starts, context.settings)
    edges = edges_of(starts, job.until_on)
    setting = setting_for(shared, context.settings, edges)
    sums = combined([part_sums(part, setting, names) for part in parts], starts)
    evaluators = {name: noting(evaluator_of(each, edges, shared, context)) for name, each in sums.items()}
    needed = {FACTS.get(name).table for name in names} - {""}
    tables = {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in sorted(needed)
        if any(name in part for part in parts)
    }
    return Basis(context, shared, tables, setting, evaluators)


def noting(evaluator: Evaluator) -> Noting:
    """The same evaluator, over the same sums, that notes what is looked up."""
    names = [name for name in Evaluator.__dataclass_fields__ if not name.startswith("_")]
    return Noting(**{name: getattr(evaluator, name) for name in names})


def under_policy(found: Basis, policy: Policy) -> dict[str, Noting]:
    """The evaluators over the same sums that judge by another policy."""
    return {name: replace(noting(each), policy=policy) for name, each in found.evaluators.items()}


def needed(metric: Metric) -> frozenset[str]:
    """The facts that a metric may read; which metrics a composite weighs, policy decides."""
    if metric.kind == "composite":
        return frozenset(FACTS.all())
    used = facts_used(metric)
    return frozenset(used).union(*(facts_of_words(name) for name in used))


def in_breakdown(rows: pd.DataFrame, breakdown: Breakdown) -> pd.DataFrame:
    """The rows of one value of a breakdown, or all."""
    return rows if breakdown == WHOLE else rows[rows[breakdown[0]] == breakdown[1]]
