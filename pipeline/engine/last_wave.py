"""The last wave: derived tables that are made once, of the rows of all customers, when all else has been added up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pandas as pd

from pipeline.derived import DERIVED, Derived, Inputs
from pipeline.engine.parts import Job, Reference, batches, fact_path
from pipeline.engine.prepare import prepared
from pipeline.gate.quality import accepted


def last_wave(job: Job) -> list[Derived]:
    """The derived tables of the last wave whose canonical tables the exports brought."""
    there = set(job.tables)
    return [each for each in DERIVED.all().values() if each.last and there.issuperset(each.needs)]


def asked_figures(job: Job) -> tuple[tuple[str, str], ...]:
    """The metrics and breakdowns of managers that the last wave reads, by policy."""
    asked = [each.figures(job.policy) for each in last_wave(job) if each.figures is not None]
    return tuple(sorted({pair for pairs in asked for pair in pairs}))


def last_tables(job: Job, shared: Reference, figures: pd.DataFrame, since: date) -> dict[str, pd.DataFrame]:
    """The tables of the last wave, from whole canonical tables and what the first wave wrote of each part."""
    wave = last_wave(job)
    asked = {name for each in wave for name in (*each.needs, *each.reads) if name in job.tables}
    whole = {name: accepted(job.run, name) for name in sorted(asked - set(shared.tables))}
    tables = prepared({**shared.tables, **whole}, job.settings.company.currency)
    gathered = {name: _gathered(job, name) for each in wave for name in each.gathers}
    inputs = Inputs(
        tables, job.policy, job.settings, job.until_on, figures=figures, since=since, _made=gathered
    )
    return {each.name: inputs.made(each.name) for each in wave}


def _gathered(job: Job, name: str) -> pd.DataFrame:
    """The rows of a derived table of all parts, in the order of the parts."""
    paths = [fact_path(job.facts_folder, name, batch) for batch in batches(job)]
    rows: Sequence[pd.DataFrame] = [pd.read_parquet(path) for path in paths if path.is_file()]
    return pd.concat(rows, ignore_index=True)
