"""Stage 3: facts and readings. Parts of the customers are independent; what they add up to is put together here."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import store
from pipeline.catalogue import facts_used
from pipeline.context import Context
from pipeline.engine import roster, scorecard_plan
from pipeline.engine.actuals import actuals
from pipeline.engine.cube import Edges, Setting
from pipeline.engine.evaluate import Evaluator, Sums
from pipeline.engine.figures import figures
from pipeline.engine.last_wave import asked_figures, last_tables, last_wave
from pipeline.engine.parts import (
    OWN,
    REPORTING,
    Batch,
    Job,
    PartSums,
    Reference,
    batches,
    combined,
    edges_of,
    fact_path,
    fact_tables,
    first_days,
    later_tables,
    part_sums,
    part_tables,
    reference,
    second_wave,
    setting_of,
    stated,
    together,
)
from pipeline.engine.reading_rows import SCHEMA, Block, block, table_of
from pipeline.engine.readings import Series, Target, evaluated, measurable, targets
from pipeline.engine.standings import standings
from pipeline.facts import FACTS
from pipeline.fan_out import map_items
from pipeline.gate import quality
from pipeline.gate.reconciliation import Rules, reconcile
from pipeline.kept_rules import keep_rules
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Period
from pipeline.resources import code_hash
from pipeline.schema import NO_ACCOUNT, TABLES

STAGE = store.STAGES["compute"]


def compute(context: Context) -> None:
    """Write `facts/` and `readings.parquet`; nothing where the run has them for the same tables and policy."""
    scorecard_plan.require_sound(context.policy)
    key = stage_key(context)
    if store.is_current(context.run, STAGE, key):
        context.log.event("compute", "unchanged")
        return
    began = monotonic()
    reads = {"quality": store.fingerprint(context.run, store.STAGES["validate"])}
    with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
        rows = _write(context, folder)
        _reconcile(context, folder)
    context.log.event("compute", "done", rows=rows, seconds=monotonic() - began)


def _reconcile(context: Context, folder: Path) -> None:
    """Nothing is left behind where a total does not close: DataError KB-1240."""

    def accepted(table: str, columns: Collection[str]) -> pd.DataFrame | None:
        there = (context.run / "tables" / f"{table}.parquet").is_file()
        return quality.accepted(context.run, table, list(columns)) if there else None

    rules = Rules(
        context.settings.sales.basis, context.settings.company.currency, context.policy.all("currency")
    )
    reconcile(folder, rules, accepted)


def stage_key(context: Context) -> str:
    """The hash of all that the readings depend on."""
    return store.sha256_of(
        {
            "quality": store.fingerprint(context.run, store.STAGES["validate"]),
            "tables": store.fingerprint(context.run, store.STAGES["ingest"]),
            "settings": context.settings.model_dump(mode="json"),
            "policy": context.policy.as_json(),
            "until_on": context.period.until_on.isoformat(),
            "kambook": code_hash(),
        }
    )


def _write(context: Context, folder: Path) -> int:
    job = job_of(context, folder / "facts")
    shared = reference(job.run, job.tables, job.settings, job.policy, job.until_on)
    (folder / "facts").mkdir()
    parts, starts, edges = _added_up(job, context)
    sums = combined(parts, starts)
    del parts  # as large as what they were put together to
    if later := second_wave(job):
        metrics = sorted({name for each in later for name in each.after})
        first = evaluator_of(sums[REPORTING], edges, shared, context)
        known = _Known(edges, standings(first, metrics), starts, actuals(first, _plans(job)))
        sums = together(sums, _added_later(job, context, known))
    if last_wave(job):
        sums = together(sums, _added_last(job, context, shared, edges, sums))
    _write_roster(shared, context, folder / "facts")
    keep_rules(folder / "facts" / "rules.json", context.period, context.settings, context.policy)
    evaluators = {name: evaluator_of(each, edges, shared, context) for name, each in sums.items()}
    aims = targets(shared.tables.get("targets"), context.policy)
    _write_remarks(context, aims, folder / "facts")
    rows = 0
    with pq.ParquetWriter(folder / "readings.parquet", SCHEMA, **_WRITING) as writer:
        for table in _gathered(readings(evaluators, context, aims, shared)):
            writer.write_table(table)
            rows += table.num_rows
    return rows


_KEYS = [field.name for field in SCHEMA if not pa.types.is_floating(field.type)]
_WRITING: dict[str, Any] = {"compression": "zstd", "use_dictionary": _KEYS, "write_statistics": _KEYS}
"""Figures are hardly ever the same twice, and nobody seeks rows by them."""
_GROUP_ROWS = 100_000
"""Readings are written in groups of at least so many rows: small ones take longer to write, and to read, than to make."""


def _gathered(tables: Iterator[pa.Table]) -> Iterator[pa.Table]:
    """The same rows in fewer tables."""
    held: list[pa.Table] = []
    for table in tables:
        held.append(table)
        if sum(each.num_rows for each in held) >= _GROUP_ROWS:
            yield pa.concat_tables(held).unify_dictionaries()
            held = []
    if held:
        yield pa.concat_tables(held).unify_dictionaries()


def _plans(job: Job) -> pd.DataFrame | None:
    """The objectives of account plans, where the exports brought any."""
    return quality.accepted(job.run, "plans") if "plans" in job.tables else None


def _write_remarks(context: Context, aims: list[Target], folder: Path) -> None:
    """What there is to remark on the scorecard plan: for the log, and for the page of whom it judges."""
    period = context.period
    rule = context.policy.find("scorecard", period.as_of)
    found = scorecard_plan.remarks(rule, aims, period.as_of, period.fiscal_start) if rule else ()
    store.write_json(folder / scorecard_plan.FILE, scorecard_plan.as_json(found))
    for each in found:
        context.log.event("compute", f"scorecard plan: {each.kind}", "warning", rows=len(each.names))


def job_of(context: Context, facts_folder: Path) -> Job:
    """What the run's tables are and by which rules they are read."""
    present = tuple(name for name in TABLES if (context.run / "tables" / f"{name}.parquet").is_file())
    return Job(context.run, facts_folder, present, context.settings, context.policy, context.period.until_on)


def _added_up(job: Job, context: Context) -> tuple[list[PartSums], dict[str, Any], Any]:
    """Every part's tables are made and written, then measured; the edges need the first day of all of them."""
    parts = batches(job)
    jobs = context.jobs if rows_of(job) >= _WORTH_WORKERS else 1
    starts: dict[str, Any] = {}
    with context.log.progress("compute", 2 * len(parts)) as bar:
        for found in _each(_make_facts, parts, jobs, (job, None)):
            for name, day in found.items():
                starts[name] = min(day, starts.get(name, day))
            bar.advance()
        starts = stated(starts, context.settings)
        edges = edges_of(starts, job.until_on)
        sums = []
        for part in _each(_add_up, parts, jobs, (job, edges)):
            sums.append(part)
            bar.advance()
    return sums, starts, edges


@dataclass(frozen=True)
class _Known:
    """What the first wave leaves to the second."""

    edges: Edges
    standings: pd.DataFrame
    starts: dict[str, date]
    actuals: pd.DataFrame


def _added_later(job: Job, context: Context, known: _Known) -> dict[str, Sums]:
    """The second wave: tables for which a customer's class must be known, made, written and measured."""
    parts = batches(job)
    jobs = context.jobs if rows_of(job) >= _WORTH_WORKERS else 1
    starts, sums = dict(known.starts), []
    for found, part in _each(_make_later, parts, jobs, (job, known.edges, known)):
        for name, day in stated(found, context.settings).items():
            starts[name] = min(day, starts.get(name, day))
        sums.append(part)
    return combined(sums, starts)


def _added_last(
    job: Job, context: Context, shared: Reference, edges: Edges, sums: dict[str, Sums]
) -> dict[str, Sums]:
    """The last wave: tables made once, of the rows of all customers and of what metrics say; they lie in part 0."""
    known = figures(evaluator_of(sums[REPORTING], edges, shared, context), asked_figures(job))
    tables = fact_tables(last_tables(job, shared, known, edges.first))
    _write_facts(tables, job.facts_folder, range(1))
    starts = dict(sums[REPORTING].starts) | stated(first_days(tables), context.settings)
    return combined([part_sums(tables, setting_of(shared, context.settings, edges))], starts)


_WORTH_WORKERS = 200_000
"""Rows from which starting worker processes takes less time than it saves."""


def rows_of(job: Job) -> int:
    """How many rows the run's tables have."""
    return sum(pq.read_metadata(job.run / "tables" / f"{name}.parquet").num_rows for name in job.tables)


def _each(
    work: Callable[[Batch], Any],
    parts: list[Batch],
    jobs: int,
    given: tuple[Job, Edges | None] | tuple[Job, Edges, _Known],
) -> Iterator[Any]:
    """What the work makes of each part; the first error ends the stage, as a part cannot be left out of a sum."""
    for outcome in map_items(work, parts, jobs, initializer=_begin, initargs=given):
        if outcome.error is not None:
            raise outcome.error
        yield outcome.result


class _Worker:
    """What a worker keeps between parts: the tables that are the same for all, and what sums depend on."""

    job: Job
    shared: Reference
    setting: Setting | None
    known: _Known | None


def _begin(job: Job, edges: Edges | None, known: _Known | None = None) -> None:
    _Worker.job = job
    _Worker.known = known
    _Worker.shared = reference(job.run, job.tables, job.settings, job.policy, job.until_on)
    _Worker.setting = setting_of(_Worker.shared, job.settings, edges) if edges is not None else None


def _make_facts(batch: Batch) -> dict[str, date]:
    """Make and write the fact tables of a batch; the first day of each."""
    tables = fact_tables(part_tables(_Worker.job, batch, _Worker.shared))
    _write_facts(tables, _Worker.job.facts_folder, batch)
    return first_days(tables)


def _add_up(batch: Batch) -> PartSums:
    assert _Worker.setting is not None
    return part_sums(read_facts(_Worker.job.facts_folder, batch), _Worker.setting)


def _make_later(batch: Batch) -> tuple[dict[str, date], PartSums]:
    """Make, write and measure the tables of the second wave of a batch; the first day of each."""
    known, setting = _Worker.known, _Worker.setting
    assert known is not None
    assert setting is not None
    beside = {"standings": known.standings, "actuals": known.actuals}
    tables = fact_tables(later_tables(_Worker.job, batch, _Worker.shared, beside, known.starts))
    _write_facts(tables, _Worker.job.facts_folder, batch)
    return first_days(tables), part_sums(tables, setting)


def _write_facts(tables: dict[str, pd.DataFrame], folder: Path, batch: Batch) -> None:
    """One file a table and batch; the first always, so that a table without rows keeps its columns."""
    for name, rows in tables.items():
        if len(rows) or 0 in batch:
            path = fact_path(folder, name, batch)
            path.parent.mkdir(parents=True, exist_ok=True)
            rows.to_parquet(path, index=False, compression="zstd")


def read_facts(folder: Path, batch: Batch) -> dict[str, pd.DataFrame]:
    """The fact tables of a batch."""
    made = {}
    for name in sorted({fact.table for fact in FACTS.all().values() if fact.table}):
        path = fact_path(folder, name, batch)
        if path.is_file():
            made[name] = pd.read_parquet(path)
    return made


def evaluator_of(sums: Any, edges: Any, shared: Reference, context: Context) -> Evaluator:
    """What metrics look facts up in."""
    people = shared.people
    return Evaluator(
        sums, edges, people.directory, people.ownership, context.policy, people.subjects, people.customer_of,
        people.top_account, context.settings.company.fiscal_year_start,
        tuple(targets(shared.tables.get("targets"), context.policy)),
    )  # fmt: skip


def readings(
    evaluators: dict[str, Evaluator], context: Context, aims: list[Target], shared: Reference
) -> Iterator[pa.Table]:
    """The readings of one metric after another, in the reporting currency and in the customers' own."""
    reporting, own = evaluators[REPORTING], evaluators[OWN]
    foreign = _own_currencies(shared, context.settings.company.currency)
    for metric in METRICS.all().values():
        if not measurable(metric, reporting):
            continue
        mine = [each for each in aims if each.metric == metric.name]
        told = [] if metric.unit == "money" else mine  # targets of money are in the reporting currency
        currency = context.settings.company.currency if uses_money(metric) else ""
        for kind in sorted(metric.subjects):
            found = _told(metric, kind, reporting, context.period, mine, currency)
            if has_own_currency(metric) and kind in foreign:
                beside = _told(metric, kind, own, context.period, told, *foreign[kind])
                found = heapq.merge(found, beside, key=_place)
            for blocks in _in_tables(found):
                yield table_of(blocks)
            reporting.forget()
            own.forget()


def _told(
    metric: Metric, kind: str, evaluator: Evaluator, period: Period, aims: list[Target], *whose: Any
) -> Iterator[Block]:
    """What is told of a metric, by window and last day; `whose`: the currencies, and a mask of the subjects."""
    for series in sorted(evaluated(metric, evaluator, period, (kind,)), key=_place_of):
        if (made := block(series, evaluator, aims, *whose)) is not None:
            yield made


def _place_of(series: Series) -> tuple[str, date]:
    return series.window.name, series.window.until_on


def _place(made: Block) -> tuple[str, date]:
    return _place_of(made.series)


def _in_tables(blocks: Iterator[Block]) -> Iterator[list[Block]]:
    """The blocks in lots of so many rows that a table of them fits memory; those of a window's last day stay together."""
    held: list[Block] = []
    for _, of_window in groupby(blocks, key=_place):
        held += of_window
        if sum(each.at.size for each in held) >= _GROUP_ROWS:
            yield held
            held = []
    if held:
        yield held


def _own_currencies(shared: Reference, reporting: str) -> dict[str, tuple[Any, Any]]:
    """For accounts and customers: the currency of each, and a mask of those with another than the reporting one."""
    people = shared.people
    of_account = people.directory.currencies
    pairs = (("account", of_account), ("customer", of_account[people.top_account]))
    masks = {
        kind: (found, (found != reporting) & _is_someone(people.subjects[kind].ids)) for kind, found in pairs
    }
    return {kind: (found, mask) for kind, (found, mask) in masks.items() if mask.any()}


def _is_someone(ids: tuple[str, ...]) -> Any:
    return np.array([each != NO_ACCOUNT for each in ids], dtype=bool)


def uses_money(metric: Metric) -> bool:
    """Whether a metric is made of money, so that its figure depends on the currency."""
    return any(FACTS.get(name).unit == "money" for name in facts_used(metric))


def has_own_currency(metric: Metric) -> bool:
    """Whether a figure is also told in the customer's currency; a class compares customers, so it is not."""
    return uses_money(metric) and metric.kind == "ratio" and metric.unit != "text"


def _write_roster(shared: Reference, context: Context, folder: Path) -> None:
    """Who the documents are about, and who serves whom."""
    people, tables = shared.people, shared.tables
    made = {
        "accounts": roster.accounts(people),
        "customers": roster.customers(people, tables, context.period.as_of),
        "managers": roster.managers(people, tables),
        "holdings": roster.holdings(people),
    }
    for name, rows in made.items():
        rows.to_parquet(folder / f"{name}.parquet", index=False, compression="zstd")
