"""The runs that are compared, read from their folders: readings, tables, facts, and the rules they were made by."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from pipeline import store
from pipeline.context import Context
from pipeline.derived import DERIVED
from pipeline.errors import UsageError, nearest
from pipeline.evidence.basis import basis, needed, under_policy
from pipeline.facts import FACTS
from pipeline.gate.quality import quarantined, stored
from pipeline.kept_rules import KeptRules, differing, kept_rules
from pipeline.log import Log
from pipeline.metrics import METRICS
from pipeline.restatements.causes import Pair
from pipeline.restatements.comparison import Restated, restated
from pipeline.restatements.differences import READ, compared, is_material, limits, moved, one_sided
from pipeline.restatements.items import Run
from pipeline.restatements.row_changes import Changes, Load, Side
from pipeline.restatements.sources import Sources
from pipeline.schema import TABLES


@dataclass(frozen=True)
class Asked:
    """Which figures are wanted: of these subjects (`kind:id`) and metrics, or of all; the small ones too."""

    subjects: tuple[str, ...] = ()
    metrics: tuple[str, ...] = ()
    with_small: bool = False

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """The rows that are wanted."""
        chosen = np.ones(len(rows), dtype=bool)
        if self.subjects:
            chosen &= (rows["subject_kind"] + ":" + rows["subject_id"]).isin(self.subjects).to_numpy()
        if self.metrics:
            chosen &= rows["metric"].isin(self.metrics).to_numpy()
        kept: pd.DataFrame = rows[chosen].reset_index(drop=True)
        return kept


@dataclass(frozen=True)
class Finished:
    """A finished run: its folder, its rules, and its readings."""

    run: Path
    rules: KeptRules
    readings: pd.DataFrame


@dataclass(frozen=True)
class Comparison:
    """What two runs tell differently."""

    was: Finished
    now: Finished
    restated: tuple[Restated, ...]
    small: int
    """How many figures differ by less than policy calls material."""
    moved: pd.DataFrame
    """What the new period brought, as `differences.moved`; empty where both runs are of one period."""
    small_moves: int
    policy: tuple[str, ...] = field(default=())
    """The kinds of rule that the runs were made by differently."""
    tables: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    """How many rows of each table came, went or changed, whether or not a figure stands on them."""


def finished(run: Path) -> Finished:
    """A run that was computed. UsageError KB-0203 where it was not, KB-0226 where it does not say by which rules."""
    store.fingerprint(run, store.STAGES["compute"])
    return Finished(run, kept_rules(run), pd.read_parquet(run / "readings.parquet", columns=READ))


def comparison(was: Finished, now: Finished, asked: Asked) -> Comparison:
    """What the second run tells differently from the first.

    UsageError KB-0228 where they cannot be compared, KB-0229 where a metric or subject that is asked for is in neither.
    """
    _require_comparable(was, now)
    _require_known(was, now, asked)
    borders = limits(now.rules.policy, now.rules.period.as_of)
    found = asked.of(pd.concat([each(was.readings, now.readings) for each in (compared, one_sided)]))
    newer = asked.of(moved(was.readings, now.readings))
    material, moves = is_material(found, borders), is_material(newer, borders)
    told = found if asked.with_small else found[material].reset_index(drop=True)
    changes = Changes(_tables(was.run), _tables(now.run))
    return Comparison(
        was, now, tuple(restated(_pair(was, now, changes, told), told)) if len(told) else (), int((~material).sum()),
        newer if asked.with_small else newer[moves].reset_index(drop=True), int((~moves).sum()),
        tuple(differing(was.rules.policy, now.rules.policy)), _counted(changes),
    )  # fmt: skip


def _require_comparable(was: Finished, now: Finished) -> None:
    one, other = (each.rules.settings.company for each in (was, now))
    for name in ("name", "currency", "fiscal_year_start"):
        if getattr(one, name) != getattr(other, name):
            raise UsageError(
                where=f"{was.run} and {now.run}",
                what=f"cannot be compared: company.{name} is another",
                fix="compare two runs of one company in one currency",
                code="KB-0228",
            )


def _require_known(was: Finished, now: Finished, asked: Asked) -> None:
    for name in asked.metrics:
        _require(name, METRICS.all(), "is no metric")
    if asked.subjects:
        both = [each.readings[["subject_kind", "subject_id"]].drop_duplicates() for each in (was, now)]
        known = {f"{kind}:{name}" for rows in both for kind, name in rows.itertuples(index=False)}
        for name in asked.subjects:
            _require(name, known, "is no subject of either run")


def _require(name: str, known: Collection[str], what: str) -> None:
    if name not in known:
        raise UsageError(
            where=name,
            what=what,
            nearest=nearest(name, known),
            fix="kambook metrics lists metrics; a subject is KIND:ID as in readings.parquet",
            code="KB-0229",
        )


def _counted(changes: Changes) -> dict[str, dict[str, int]]:
    counted = {table: Counter(each.kind for each in changes.of_table(table).values()) for table in TABLES}
    return {table: dict(counts) for table, counts in counted.items() if counts}


def _pair(was: Finished, now: Finished, changes: Changes, told: pd.DataFrame) -> Pair:
    runs = [_loaded(each, _facts_behind(set(told["metric"]))) for each in (was, now)]
    has_other_policy = bool(differing(was.rules.policy, now.rules.policy))
    return Pair(
        runs[0], runs[1], changes,
        under_policy(runs[0].basis, now.rules.policy) if has_other_policy else None,
        was.rules.program != now.rules.program,
    )  # fmt: skip


def _facts_behind(metrics: set[str]) -> frozenset[str]:
    """The facts of these metrics, and of those by which the tables of the second wave tell customers apart."""
    names = {name for metric in metrics for name in needed(METRICS.get(metric))}
    tables = [DERIVED.find(FACTS.get(name).table) for name in names]
    after = {metric for table in tables if table is not None for metric in table.after}
    return frozenset(names | {name for metric in after for name in needed(METRICS.get(metric))})


def _loaded(found: Finished, names: frozenset[str]) -> Run:
    rules = found.rules
    context = Context(
        workspace=found.run, run=found.run, exports=found.run / "raw", settings=rules.settings, policy=rules.policy,
        period=rules.period, fonts=found.run, log=Log(found.run / "log.jsonl", quiet=True), jobs=1,
    )  # fmt: skip
    facts = basis(context, names)

    def rows(table: str) -> pd.DataFrame | None:
        return stored(found.run, table) if _is_there(found.run, table) else None

    return Run(facts, Sources(facts.tables, rows))


def _tables(run: Path) -> Load:
    def side(table: str) -> Side | None:
        if not _is_there(run, table):
            return None
        rows, bad = stored(run, table), quarantined(run, table)
        return Side(rows.drop(index=rows.index[bad]), frozenset(rows["_row"].iloc[bad]))

    return side


def _is_there(run: Path, table: str) -> bool:
    return (run / "tables" / f"{table}.parquet").is_file()
