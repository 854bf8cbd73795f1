"""The engine over tables written by hand, without files: what facts add up to, and what they are made of.

`tests.runs.computed` goes the whole way through Parquet to `readings.parquet`; this is for tests that ask the engine
many times, or that look below the readings.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, cast

import pandas as pd

from pipeline.compute import evaluator_of
from pipeline.context import Context
from pipeline.derived import DERIVED, Inputs
from pipeline.engine.evaluate import WHOLE, Breakdown
from pipeline.engine.fx import flow_rates, rates_of
from pipeline.engine.parts import (
    REPORTING,
    Reference,
    combined,
    edges_of,
    fact_tables,
    first_days,
    part_sums,
    setting_of,
    stated,
)
from pipeline.engine.prepare import prepared
from pipeline.engine.quantities import Measure, Quantity, Samples
from pipeline.engine.subjects import people
from pipeline.evidence.basis import Access, Basis, Noting, noting
from pipeline.evidence.rows import evidence
from pipeline.facts import FACTS, Fact
from pipeline.metrics import METRICS
from pipeline.periods import Window, window_ending
from pipeline.policy import Policy
from tests.runs import context_for
from tests.tables import tables as canonical

Rows = Mapping[str, Sequence[Mapping[str, object]]]
Tables = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Engine:
    """Facts of a small company, added up; `tables` are the canonical ones that it was made of."""

    tables: dict[str, pd.DataFrame]
    basis: Basis

    @property
    def facts(self) -> dict[str, pd.DataFrame]:
        """The tables that facts are measured on."""
        return self.basis.tables

    @property
    def evaluator(self) -> Noting:
        return self.basis.evaluators[REPORTING]

    @property
    def context(self) -> Context:
        return self.basis.context

    def window(self, name: str) -> Window:
        """The window of that name which ends on the as-of date."""
        period = self.context.period
        found = window_ending(name, period.until_on, period.fiscal_start)
        assert found is not None, name
        return found

    def fact(self, name: str, kind: str, window: Window, breakdown: Breakdown = WHOLE) -> Quantity | Samples:
        """A fact of every subject of a kind."""
        return self.evaluator.value(FACTS.get(name), kind, window, breakdown)

    def amount(self, name: str, subject: str, window: Window, breakdown: Breakdown = WHOLE) -> int | None:
        """A flow or stock of one subject `kind:id`, in the fact's own units of 1/scale; None where it is unknown."""
        kind, _, _ = subject.partition(":")
        found = self.fact(name, kind, window, breakdown)
        assert isinstance(found, Quantity)
        at = self.position(subject)
        return int(found.values[at]) if found.known[at] else None

    def sample(self, name: str, subject: str, window: Window) -> list[int]:
        """The row values of a sample, ascending."""
        kind, _, _ = subject.partition(":")
        found = self.fact(name, kind, window)
        assert isinstance(found, Samples)
        return sorted(found.values[found.owners == self.position(subject)].tolist())

    def measure(self, metric: str, kind: str, window: str, breakdown: Breakdown = WHOLE) -> Measure:
        """A metric of every subject of a kind."""
        return self.evaluator.measure(METRICS.get(metric), kind, self.window(window), breakdown)

    def value(self, metric: str, subject: str, window: str = "month") -> float | None:
        """A metric of one subject `kind:id`; None where it is unknown."""
        measure = self.measure(metric, subject.partition(":")[0], window)
        at = self.position(subject)
        return float(measure.value.floats[at]) if measure.value.known[at] else None

    def evidence(self, name: str, subject: str, window: Window, breakdown: Breakdown = WHOLE) -> pd.DataFrame:
        """The rows that a fact was added up from."""
        fact = FACTS.get(name)
        begins = None if fact.kind == "stock" else window.from_on
        kind, _, identity = subject.partition(":")
        return evidence(self.basis, fact, Access(name, begins, window.until_on, breakdown), kind, identity)

    def position(self, subject: str) -> int:
        kind, _, identity = subject.partition(":")
        return self.evaluator.subjects[kind].ids.index(identity)

    def without_fact_rows(self, fact: Fact, rows: Sequence[int]) -> Engine:
        """The same engine with some rows of the fact's table left out and only that fact added up."""
        kept = self.facts[fact.table].drop(index=list(rows)).reset_index(drop=True)
        return _added_up({**self.facts, fact.table: kept}, self, frozenset({fact.name}))


def engine(rows: Rows | Tables, *, policy: Policy | None = None, **settings: Any) -> Engine:
    """The engine over rows by hand or canonical tables; `settings` as for `tests.runs.context_for`."""
    context = context_for(Path("run"), **settings)
    if policy is not None:
        context = replace(context, policy=policy)
    return engine_in(context, rows)


def engine_in(context: Context, rows: Rows | Tables) -> Engine:
    """The engine over rows by hand or canonical tables, in a context; all customers are one part.

    Tables that wait for the classes of customers are left out.
    """
    tables = _canonical(rows)
    currency = context.settings.company.currency
    shared = _reference(tables, context)
    mine = prepared(tables, currency)
    inputs = Inputs(mine, context.policy, context.settings, context.period.until_on)
    first_wave = [each for each in DERIVED.all().values() if not each.after and inputs.has(*each.needs)]
    made = {each.name: inputs.made(each.name) for each in first_wave}
    facts = fact_tables({**mine, **made})
    starts = stated(first_days(facts), context.settings)
    setting = setting_of(shared, context.settings, edges_of(starts, context.period.until_on))
    sums = combined([part_sums(facts, setting)], starts)
    evaluators = {
        name: noting(evaluator_of(each, setting.edges, shared, context)) for name, each in sums.items()
    }
    return Engine(tables, Basis(context, shared, facts, setting, evaluators))


def _canonical(rows: Rows | Tables) -> dict[str, pd.DataFrame]:
    if all(isinstance(each, pd.DataFrame) for each in rows.values()):
        return dict(cast("Tables", rows))
    return canonical(cast("Rows", rows))


def _reference(tables: Tables, context: Context) -> Reference:
    fx = tables.get("fx")
    flows = flow_rates(fx, context.policy.all("currency"))
    found = people(dict(tables), context.settings.company.currency)
    return Reference(dict(tables), found, flows, rates_of(fx))


def _added_up(facts: dict[str, pd.DataFrame], like: Engine, names: frozenset[str]) -> Engine:
    """Edges and the start of history stay as they were."""
    found = like.basis
    starts = like.evaluator.sums.starts
    sums = combined([part_sums(facts, found.setting, names)], starts)
    evaluators = {
        name: noting(evaluator_of(each, found.setting.edges, found.shared, found.context))
        for name, each in sums.items()
    }
    return Engine(like.tables, replace(found, tables=facts, evaluators=evaluators))


def sources_of(engine: Engine, fact: Fact, row: int) -> frozenset[str]:
    """The canonical rows, `table:row`, that a row of a fact's table was made of."""
    rows = engine.facts[fact.table]
    if "_from" in rows.columns:
        return frozenset(str(rows["_from"].iloc[row]).split())
    return frozenset({f"{fact.table}:{rows['_row'].iloc[row]}"})


def without(tables: Tables, gone: frozenset[str]) -> dict[str, pd.DataFrame]:
    """The canonical tables without the rows `table:row`."""
    made = {}
    for name, rows in tables.items():
        hit = (name + ":" + rows["_row"].astype("str")).isin(gone).to_numpy()
        made[name] = rows[~hit].reset_index(drop=True) if hit.any() else rows
    return made


def derived_table(
    name: str, rows: Rows | Tables, *, policy: Policy | None = None, **settings: Any
) -> pd.DataFrame:
    """One derived table of rows by hand, under the built-in policy or another."""
    context = context_for(Path("run"), **settings)
    mine = prepared(_canonical(rows), context.settings.company.currency)
    inputs = Inputs(mine, policy or context.policy, context.settings, context.period.until_on)
    return DERIVED.get(name).make(inputs)


def policy_with(**rules: Sequence[Any]) -> Policy:
    """The built-in policy with some kinds of rule replaced."""
    built_in = context_for(Path("run")).policy
    return Policy(
        {
            **{name: built_in.all(name) for name in built_in.as_json()},
            **{k: tuple(v) for k, v in rules.items()},
        }
    )
