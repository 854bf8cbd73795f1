"""One part of the customers: its tables prepared, derived tables made, facts measured and added up."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow.parquet as pq

from pipeline.derived import DERIVED, Derived, Inputs
from pipeline.engine.cells import CellCube, behind_each_other, cell_cube
from pipeline.engine.coded_rows import CodedRows, Words
from pipeline.engine.cube import (
    Contributions,
    Cube,
    Edges,
    Entries,
    SampleRows,
    Setting,
    cube_of,
    cubes_of,
    edges_between,
    entries,
    lines_of,
    merged,
    sample_rows,
)
from pipeline.engine.evaluate import WHOLE, Breakdown, Sums
from pipeline.engine.fx import Rates, flow_rates, rates_of
from pipeline.engine.prepare import prepared
from pipeline.engine.statements import Statements, statements
from pipeline.engine.subjects import People, people
from pipeline.facts import FACTS, Fact
from pipeline.gate.quality import accepted, quarantined
from pipeline.metrics import METRICS
from pipeline.periods import month_start
from pipeline.policy import Policy
from pipeline.schema import PANDAS_DTYPE, TABLES
from pipeline.settings import Settings

PARTS = 16
REPORTING, OWN = "reporting", "own"
_REFERENCE = (
    "accounts",
    "managers",
    "teams",
    "team_members",
    "assignments",
    "products",
    "fx",
    "market",
    "holidays",
    "targets",
    "budgets",
    "competences",
)
"""Tables that every part needs whole: they are small."""
Key = tuple[str, Breakdown, str]
Batch = range
"""Parts that are worked on together, from the first to the one before `stop`."""


@dataclass(frozen=True)
class Job:
    """What a worker needs to work on parts: where the tables are, and the rules."""

    run: Path
    facts_folder: Path
    tables: tuple[str, ...]
    settings: Settings
    policy: Policy
    until_on: date


@dataclass(frozen=True)
class Reference:
    """What is the same for every part."""

    tables: dict[str, pd.DataFrame]
    people: People
    flow_rates: Rates
    closing_rates: Rates


@dataclass
class PartSums:
    """What one part adds to the run's sums."""

    cubes: dict[Key, Cube] = field(default_factory=dict)
    products: dict[tuple[str, Breakdown], Cube] = field(default_factory=dict)
    samples: dict[tuple[str, Breakdown], SampleRows] = field(default_factory=dict)
    cells: dict[tuple[str, str], CellCube] = field(default_factory=dict)
    statements: dict[str, Statements] = field(default_factory=dict)


def reference(
    run: Path, names: tuple[str, ...], settings: Settings, policy: Policy, until_on: date
) -> Reference:
    """The small tables of a run, its subjects and its rates."""
    tables = {name: accepted(run, name) for name in _REFERENCE if name in names}
    fx = tables.get("fx")
    policy.at("currency", until_on - timedelta(days=1))
    flows = flow_rates(fx, policy.all("currency"))
    return Reference(tables, people(tables, settings.company.currency), flows, rates_of(fx))


BATCH_ROWS = 100_000
"""Parts are worked on together up to about so many rows: enough to be worth the work on each table, and bounded."""


def batches(job: Job) -> list[Batch]:
    """The parts in their order, in batches by how many rows they have; the same for any number of workers."""
    rows = np.zeros(PARTS, dtype=np.int64)
    for name in job.tables:
        table = pq.read_table(job.run / "tables" / f"{name}.parquet", columns=["_part"])
        rows += np.bincount(table["_part"].to_numpy(), minlength=PARTS)
    made, first = [], 0
    for part in range(PARTS):
        if part + 1 == PARTS or rows[first : part + 2].sum() > BATCH_ROWS:
            made.append(range(first, part + 1))
            first = part + 1
    return [batch for batch in made if rows[batch.start : batch.stop].any() or batch.start == 0]


def part_tables(job: Job, batch: Batch, shared: Reference) -> dict[str, pd.DataFrame]:
    """Prepared and derived tables of a batch, by name. Reference tables other than accounts come whole."""
    own = {name: _rows_of(job.run, name, batch) for name in job.tables if name not in shared.tables}
    everyone = prepared({**shared.tables, **own}, job.settings.company.currency)
    mine = {**everyone, "accounts": _of(everyone["accounts"], batch)}
    inputs = Inputs(mine, job.policy, job.settings, job.until_on)
    first = [each for each in DERIVED.all().values() if not each.after and not each.last]
    chosen = [each for each in first if inputs.has(*each.needs)]
    made = {each.name: inputs.made(each.name) for each in chosen if not each.once}
    if 0 in batch:
        whole = replace(inputs, tables=everyone, _made={})
        made |= {each.name: each.make(whole) for each in chosen if each.once}
    return {**mine, **made}


def _of(rows: pd.DataFrame, batch: Batch) -> pd.DataFrame:
    return rows[rows["_part"].isin(batch)].reset_index(drop=True)


def second_wave(job: Job) -> list[Derived]:
    """The derived tables that wait for the facts of the first wave, where their tables are there."""
    named = set(job.tables) | set(DERIVED.all())
    return [each for each in DERIVED.all().values() if each.after and named.issuperset(each.needs)]


def later_tables(
    job: Job, batch: Batch, shared: Reference, beside: Mapping[str, pd.DataFrame], starts: Mapping[str, date]
) -> dict[str, pd.DataFrame]:
    """The derived tables of the second wave of a batch; of the first wave they see what was written.

    `beside`: the standings of customers and the actuals of plans, as the first wave tells them.
    """
    later = second_wave(job)
    needs = sorted({name for each in later for name in each.needs} - set(shared.tables))
    own = {name: _rows_of(job.run, name, batch) for name in needs if name in TABLES}
    mine = prepared({**shared.tables, **own}, job.settings.company.currency)
    written = {name: fact_path(job.facts_folder, name, batch) for name in needs if name not in TABLES}
    mine |= {name: pd.read_parquet(path) for name, path in written.items() if path.is_file()}
    mine["accounts"] = _of(mine["accounts"], batch)
    standings = beside["standings"]
    known = standings[standings["customer_id"].isin(mine["accounts"]["customer_id"])]
    inputs = Inputs(mine, job.policy, job.settings, job.until_on, known, starts, beside["actuals"])
    return {each.name: inputs.made(each.name) for each in later if inputs.has(*each.needs)}


def fact_path(folder: Path, name: str, batch: Batch) -> Path:
    """Where the rows of a fact table of a batch are written."""
    return folder / f"{name}.parquet" / f"part-{batch.start:02}.parquet"


def _rows_of(run: Path, name: str, batch: Batch) -> pd.DataFrame:
    """The accepted rows of a batch; only its row groups are read. Rows lie in the order of their parts."""
    path = run / "tables" / f"{name}.parquet"
    parts = pq.read_table(path, columns=["_part"])["_part"].to_numpy()
    first, last = np.searchsorted(parts, [batch.start, batch.stop])
    rows = pq.read_table(path, filters=[("_part", ">=", batch.start), ("_part", "<", batch.stop)]).to_pandas()
    bad = quarantined(run, name)
    bad = bad[(bad >= first) & (bad < last)] - first
    kinds = {column.name: PANDAS_DTYPE[column.kind] for column in TABLES[name].columns}
    kept: pd.DataFrame = rows.drop(index=rows.index[bad]).reset_index(drop=True).astype(kinds)
    return kept


def fact_tables(tables: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """The tables that facts are measured on, and those that the last wave gathers."""
    measured = {fact.table for fact in FACTS.all().values() if fact.table}
    names = sorted(measured.union(*(each.gathers for each in DERIVED.all().values())))
    return {name: tables[name].reset_index(drop=True) for name in names if name in tables}


def first_days(tables: Mapping[str, pd.DataFrame]) -> dict[str, date]:
    """The first day on which each fact table has a row."""
    found: dict[str, date] = {}
    for fact in FACTS.all().values():
        if fact.table in tables and fact.kind != "account":
            first = tables[fact.table][fact.on].min()
            if fact.history == "register":
                found[fact.table] = date.min
            elif pd.notna(first):
                found[fact.table] = min(first.date(), found.get(fact.table, first.date()))
    return found


def needed_breakdowns(fact: Fact) -> tuple[str, ...]:
    """The fact's breakdowns that some metric asks for."""
    asked = {name for metric in METRICS.all().values() for name in metric.breakdowns if name}
    return tuple(name for name in fact.breakdowns if name in asked)


def part_sums(
    tables: Mapping[str, pd.DataFrame], setting: Setting, names: frozenset[str] | None = None
) -> PartSums:
    """Every fact of one part (or those named), added up."""
    sums = PartSums()
    coded = {name: CodedRows(rows, setting) for name, rows in tables.items()}
    for fact in FACTS.all().values():
        if fact.kind == "account" or fact.table not in tables or not (names is None or fact.name in names):
            continue
        rows = coded[fact.table]
        if fact.kind == "stated":
            sums.statements[fact.name] = statements(fact, rows.rows, setting)
            continue
        lines = lines_of(fact, rows)
        if fact.kind == "sample":
            sums.samples[fact.name, WHOLE] = sample_rows(lines)
        elif fact.kind == "cell":
            for name, chosen, target in _denominations(fact, lines, setting):
                sums.cells[fact.name, name] = cell_cube(fact, rows.rows, chosen, target, setting)
        else:
            _add(sums, fact, rows, lines, setting)
    return sums


def _add(sums: PartSums, fact: Fact, rows: CodedRows, lines: Contributions, setting: Setting) -> None:
    """The cubes of a flow or stock: what a line amounts to is worked out once for the whole and all breakdowns."""
    for name, chosen, target in _denominations(fact, lines, setting):
        made = entries(fact, chosen, setting, target)
        sold = _by_product(fact, rows, chosen, made) if name == REPORTING else None
        if not fact.only_by:
            sums.cubes[fact.name, WHOLE, name] = cube_of(made, setting.edges)
            if sold is not None:
                sums.products[fact.name, WHOLE] = cube_of(sold, setting.edges)
        for column in needed_breakdowns(fact):
            for value, each in _broken_down(rows.words(column), chosen, made, setting.edges):
                sums.cubes[fact.name, (column, value), name] = each
            if sold is not None:
                for value, each in _broken_down(rows.words(column), chosen, sold, setting.edges):
                    sums.products[fact.name, (column, value)] = each


def _broken_down(
    words: Words, lines: Contributions, made: Entries, edges: Edges
) -> Iterator[tuple[str, Cube]]:
    """Each value of a breakdown that some line has, with its cube."""
    of_line = words.place[lines.row]
    occurs = np.bincount(of_line[of_line >= 0], minlength=len(words.names)) > 0
    values = np.flatnonzero(occurs).tolist()
    of_entry = of_line[made.line]
    chosen = made if (of_entry >= 0).all() else made.take(of_entry >= 0)
    group = (np.cumsum(occurs) - 1)[of_entry[of_entry >= 0]]
    cubes = cubes_of(chosen, group, len(values), edges)
    return zip((words.names[value] for value in values), cubes, strict=True)


def _denominations(
    fact: Fact, lines: Contributions, setting: Setting
) -> list[tuple[str, Contributions, Any]]:
    """The reporting currency for all lines; for money also the customer's own where that is another one."""
    reporting = np.broadcast_to(np.array(setting.currency, dtype=object), lines.row.size)
    made: list[tuple[str, Contributions, Any]] = [(REPORTING, lines, reporting)]
    if fact.unit == "money":
        own = setting.directory.currencies[lines.account]
        foreign = own != setting.currency
        if foreign.any():
            made.append((OWN, lines.take(foreign), own[foreign]))
    return made


def _by_product(fact: Fact, rows: CodedRows, lines: Contributions, made: Entries) -> Entries | None:
    """The entries of lines with a product, in cells of the products; None where the fact has none."""
    if not fact.has_product or not rows.setting.directory.products:
        return None
    product = rows.product[lines.row][made.line]
    return made.in_cells(product).take(product >= 0)


def combined(parts: list[PartSums], starts: Mapping[str, date]) -> dict[str, Sums]:
    """The sums of the whole run, in the reporting currency and in the customers' own."""
    gathered: dict[Key, list[Cube]] = {}
    products: dict[tuple[str, Breakdown], list[Cube]] = {}
    samples: dict[tuple[str, Breakdown], list[SampleRows]] = {}
    for part in parts:
        for key, each in part.cubes.items():
            gathered.setdefault(key, []).append(each)
        for product_key, each in part.products.items():
            products.setdefault(product_key, []).append(each)
        for sample_key, rows in part.samples.items():
            samples.setdefault(sample_key, []).append(rows)
    cubes = {key: merged(found) for key, found in gathered.items()}
    months = {name: month_start(day) for name, day in starts.items()}
    joined = {key: _joined(found) for key, found in samples.items()}
    by_product = {key: merged(found) for key, found in products.items()}
    said = {name: found for part in parts for name, found in part.statements.items()}
    cells = _cells(parts, REPORTING)
    return {
        REPORTING: Sums(_in(cubes, REPORTING), by_product, joined, months, cells, said),
        OWN: Sums(
            _in(cubes, REPORTING) | _in(cubes, OWN), {}, joined, months, cells | _cells(parts, OWN), said
        ),
    }


def together(first: Mapping[str, Sums], second: Mapping[str, Sums]) -> dict[str, Sums]:
    """The sums of both waves; the second knows where the history of every table begins."""
    return {
        name: Sums(
            {**each.cubes, **second[name].cubes},
            {**each.products, **second[name].products},
            {**each.samples, **second[name].samples},
            second[name].starts,
            {**each.cells, **second[name].cells},
            {**each.statements, **second[name].statements},
        )
        for name, each in first.items()
    }


def _cells(parts: list[PartSums], denomination: str) -> dict[str, CellCube]:
    """The cells of all parts. A part without foreign customers has none in their own currency, so theirs stand in."""
    named = [(part, name) for part in parts for name, each in part.cells if each == denomination]
    names = sorted({name for _, name in named})
    return {
        name: behind_each_other(
            [
                part.cells.get((name, denomination), part.cells[name, REPORTING])
                for part in parts
                if (name, REPORTING) in part.cells
            ]
        )
        for name in names
    }


def _in(cubes: Mapping[Key, Cube], denomination: str) -> dict[tuple[str, Breakdown], Cube]:
    return {
        (fact, breakdown): each for (fact, breakdown, name), each in cubes.items() if name == denomination
    }


def _joined(rows: list[SampleRows]) -> SampleRows:
    names = SampleRows.__dataclass_fields__
    return SampleRows(**{name: np.concatenate([getattr(each, name) for each in rows]) for name in names})


def setting_of(shared: Reference, settings: Settings, edges: Edges) -> Setting:
    """What sums depend on besides the rows."""
    return Setting(
        shared.people.directory, shared.people.ownership, shared.flow_rates, shared.closing_rates,
        settings.company.currency, edges,
    )  # fmt: skip


def stated(starts: Mapping[str, date], settings: Settings) -> dict[str, date]:
    """The first days of history; where the company says that its exports are complete from a day, not later than it."""
    since = settings.company.history_from
    return {name: min(day, since) if since else day for name, day in starts.items()}


def edges_of(starts: Mapping[str, date], until_on: date) -> Edges:
    """The edges from the first month of any flow; levels that always held do not lengthen history."""
    beside = {fact.table for fact in FACTS.all().values() if fact.kind == "stock" or fact.history != "feed"}
    flows = [day for table, day in starts.items() if table not in beside]
    return edges_between(min([*flows, until_on]), until_on)
