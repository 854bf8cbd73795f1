"""Stage two: what may be used. Suites judge the tables; bad rows go to quarantine, accounts and sections are withheld.

The only module that imports Great Expectations, and only inside functions: the import alone takes seconds.
"""

from __future__ import annotations

import re
import shutil
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline import store
from pipeline.context import Context
from pipeline.errors import DataError
from pipeline.gate import quality, run_stops
from pipeline.gate.check_columns import needed, own_columns, with_checks
from pipeline.gate.check_operations import Surroundings
from pipeline.gate.expectations import (
    Expectation,
    Suite,
    load_suite,
    require_kept,
    require_known_files,
    require_understood,
    suite_path,
)
from pipeline.gate.quality import Judgement, Outcome, Positions
from pipeline.gate.quality_report import Report, write_report
from pipeline.gate.traces import THROUGH, parent_of, trace, trace_columns
from pipeline.resources import built_in, code_hash
from pipeline.schema import NO_ACCOUNT, TABLES

_STAGE = store.STAGES["validate"]
_INGEST = store.STAGES["ingest"]


def validate(context: Context) -> None:
    """Write `quality/` unless it is current. DataError KB-12xx where the run must stop.

    Where the data stops the run, what was found is left in `quality/` all the same, but without `done.json`: it can
    be read, and no later stage takes it for finished.
    """
    require_known_files(context.workspace)
    paths = {table: suite_path(context.workspace, table) for table in present(context.run)}
    reads = _reads(context.run, paths)
    key = _key(context, reads)
    if store.is_current(context.run, _STAGE, key):
        return
    suites = {table: load_suite(path, table) for table, path in paths.items()}
    judgements = tuple(_judgements(context, suites))
    report = _report(context, judgements, suites)
    try:
        _require_usable(context, report)
    except DataError as error:
        _leave(context.run, report, error)
        raise
    with store.writing(context.run, _STAGE, key=key, reads=reads) as folder:
        write_report(folder / "quality", context.run, report)
    _log(context, report)


def present(run: Path) -> list[str]:
    """The tables of a run, parents before children, so that a child is judged by what is left of its parents."""
    found = {path.stem for path in (run / "tables").glob("*.parquet")} & set(TABLES)
    before = {name: {*TABLES[name].parents.values(), "fx"} - {name} for name in TABLES}
    return [name for name in TopologicalSorter(before | {"fx": set()}).static_order() if name in found]


def judge_table(
    table: str, rows: pd.DataFrame, suite: Suite, around: Surroundings, knowing: Mapping[str, pd.DataFrame]
) -> Judgement:
    """What follows for a table from its suite. `knowing` holds the table that knows the rows' account, if any.

    DataError KB-1202 where the suite is not understood, KB-1210 where an expectation cannot be evaluated.
    """
    checked = with_checks(rows, table, suite.columns, around)
    outcomes = evaluate(suite, checked)
    broken = [outcome.positions for outcome in outcomes if not outcome.holds]
    positions = np.unique(np.concatenate(broken)) if broken else np.zeros(0, dtype=np.int64)
    return quality.judged(table, outcomes, trace(table, rows.iloc[positions], knowing))


def evaluate(suite: Suite, content: pd.DataFrame) -> list[Outcome]:
    """What comes of each expectation of a suite on rows that are numbered from 0, in the suite's order."""
    results = {
        result.expectation_config.meta["name"]: result
        for result in _great_expectations(suite, content).results
    }
    return [_outcome(expectation, results.get(expectation.name)) for expectation in suite.expectations]


def _great_expectations(suite: Suite, content: pd.DataFrame) -> Any:  # it ships no types
    import great_expectations as gx
    from great_expectations.data_context.types.base import ProgressBarsConfig
    from great_expectations.expectations.registry import list_registered_expectation_implementations

    require_understood(suite, list_registered_expectation_implementations())
    context = gx.get_context(mode="ephemeral")
    context.config.analytics_enabled = False
    context.config.progress_bars = ProgressBarsConfig(globally=False)
    try:
        theirs = gx.ExpectationSuite(
            name=suite.table, expectations=[each.configuration for each in suite.expectations]
        )
    except ValueError as error:  # of pydantic: an argument that the expectation does not know, or a wrong one
        raise _not_understood(suite, error) from error
    require_kept(suite, len(theirs.expectations))
    definition = context.data_sources.add_pandas("tables").add_dataframe_asset(suite.table)
    batch = definition.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": content})
    # COMPLETE names every row by the frame's own unnamed index; asking for index columns takes a hundred times longer
    return batch.validate(theirs, result_format="COMPLETE")


def _outcome(expectation: Expectation, result: Any) -> Outcome:  # it ships no types
    """An expectation that crashed looks like one that failed, but for its empty result."""
    if result is None or not result.result:
        raise _cannot_be_evaluated(expectation, _kind_of_crash(result))
    if result.success:
        return Outcome(expectation, holds=True, positions=np.zeros(0, dtype=np.int64))
    rows = result.result.get("unexpected_index_list")
    if not rows and expectation.scope != "run":
        raise _cannot_be_evaluated(expectation, "it does not hold, but says of no row why")
    return Outcome(expectation, holds=False, positions=np.array(sorted(rows or []), dtype=np.int64))


def _kind_of_crash(result: Any) -> str:  # it ships no types
    """The class of the exception that came first; its text may quote a cell, so it is not repeated."""
    if result is None:
        return "it has no result"
    said = result.exception_info
    causes = [said] if "exception_traceback" in said else list(said.values())
    return ", ".join(sorted({_first_class(str(cause["exception_traceback"])) for cause in causes}))


def _first_class(traceback: str) -> str:
    """Of the exceptions that a traceback chains, the class of the first."""
    found = re.search(r"^(?:\w+\.)*(\w+)(?::|$)", traceback, re.MULTILINE)
    return found[1] if found else "unknown"


def _cannot_be_evaluated(expectation: Expectation, why: str) -> DataError:
    return DataError(
        where=f"expectations/{expectation.table}.json: {expectation.name}",
        what=f"cannot be evaluated: {why}",
        fix="correct its columns and arguments; a date is compared through __days_after__",
        code="KB-1210",
    )


def _not_understood(suite: Suite, error: ValueError) -> DataError:
    return DataError(
        where=f"expectations/{suite.table}.json",
        what=f"an expectation is not understood: {' '.join(str(error).split())}",
        fix="correct its kwargs",
        code="KB-1202",
    )


def _judgements(context: Context, suites: Mapping[str, Suite]) -> Iterator[Judgement]:
    """Each table judged in turn; only what that one needs is in memory."""
    dropped: dict[str, Positions] = {}
    with context.log.progress(_STAGE.name, len(suites)) as bar:
        for table, suite in suites.items():
            started = time.monotonic()
            judgement = _judged_table(context, suite, dropped)
            dropped[table] = np.array(list(judgement.reasons), dtype=np.int64)
            seconds = time.monotonic() - started
            context.log.event(_STAGE.name, f"judged {table}", rows=len(judgement.reasons), seconds=seconds)
            bar.advance()
            yield judgement


def _judged_table(context: Context, suite: Suite, dropped: Mapping[str, Positions]) -> Judgement:
    run, table = context.run, suite.table
    rows = quality.stored(run, table, [*own_columns(table, suite.columns), *trace_columns(table)])
    others = {
        name: _left(quality.stored(run, name, columns), dropped.get(name))
        for name, columns in needed(suite.check_columns).items()
        if _file(run, name).exists()
    }
    around = Surroundings(context.period.as_of, context.settings.company.currency, others)
    return judge_table(table, rows, suite, around, _knowing(run, table))


def _left(rows: pd.DataFrame, dropped: Positions | None) -> pd.DataFrame:
    return rows if dropped is None else rows.drop(index=rows.index[dropped])


def _knowing(run: Path, table: str) -> dict[str, pd.DataFrame]:
    parent = parent_of(table)
    if parent is None or not _file(run, parent).exists():
        return {}
    return {parent: quality.stored(run, parent, [*TABLES[parent].key, "account_id"])}


def _file(run: Path, table: str) -> Path:
    return run / "tables" / f"{table}.parquet"


def _report(context: Context, judgements: tuple[Judgement, ...], suites: Mapping[str, Suite]) -> Report:
    said = store.read_json(context.run / "tables" / "ingest.json")
    rejects = _whose(context.run, pd.read_parquet(_file(context.run, "rejects")))
    unread, costs = quality.rejected(rejects, {table: suite.sections for table, suite in suites.items()})
    found = [*unread, *(finding for judgement in judgements for finding in judgement.findings)]
    withheld = [*costs, *(entry for judgement in judgements for entry in judgement.withheld)]
    return Report(
        judgements=judgements,
        findings=tuple(quality.in_order([*found, *said["notes"]])),
        withheld=tuple(quality.together(withheld)),
        rejects=rejects,
        rows=said["rows"],
        company=context.settings.company.name,
        period=context.period.name,
        as_of=context.period.as_of,
    )


def _whose(run: Path, rejects: pd.DataFrame) -> pd.DataFrame:
    """The rejects with the account of each row, through its parent where the row itself does not name one."""
    made = rejects
    for table in sorted(set(rejects["table"]) & set(THROUGH)):
        parent = _knowing(run, table).get(str(parent_of(table)))
        if parent is not None:
            known = parent.drop_duplicates(TABLES[str(parent_of(table))].key[0])
            accounts = known.set_index(TABLES[str(parent_of(table))].key[0])["account_id"]
            own = made["table"].eq(table) & (made["account_id"].isna() | made["account_id"].eq(NO_ACCOUNT))
            made = made.assign(account_id=made["account_id"].mask(own, made["parent_key"].map(accounts)))
    return made


def _require_usable(context: Context, report: Report) -> None:
    """Raise DataError KB-1211 to KB-1214 where the run must stop."""
    settings, basis = context.settings, context.settings.sales.basis
    run_stops.require_rows(report.offered(), basis)
    run_stops.require_run(report.findings)
    for table, unusable in report.unusable().items():
        run_stops.require_within_limit(
            table, unusable, report.offered()[table], settings.quality.quarantine_limit_pct, report.findings
        )
    sales = quality.stored(context.run, run_stops.SALES_DAY[basis][0], run_stops.sales_columns(basis))
    judged = {judgement.table: judgement for judgement in report.judgements}
    kept = sales.drop(index=list(judged[run_stops.SALES_DAY[basis][0]].reasons))
    newest = run_stops.newest_sale(kept, basis, context.period.as_of)
    run_stops.require_fresh(newest, basis, context.period.as_of, settings.freshness.days)


def _leave(run: Path, report: Report, error: DataError) -> None:
    """Put what was found where a person looks for it, without saying that the stage has finished."""
    temporary = run / f".{_STAGE.name}.tmp"
    with store.os_errors(run):
        store.sweep(run, _STAGE)
        write_report(temporary / "quality", run, replace(report, stopped=str(error)))
        shutil.rmtree(run / "quality", ignore_errors=True)
        (temporary / "quality").rename(run / "quality")
        temporary.rmdir()


def _reads(run: Path, suites: Mapping[str, Path]) -> dict[str, str]:
    files = {f"expectations/{table}.json": store.sha256_of_file(path) for table, path in suites.items()}
    return {"tables": store.fingerprint(run, _INGEST), **files}


def _key(context: Context, reads: Mapping[str, str]) -> str:
    settings = context.settings
    decides = (settings.sales, settings.freshness, settings.quality, settings.company)
    return store.sha256_of(
        {
            "reads": dict(reads),
            "settings": [part.model_dump(mode="json") for part in decides],
            "until_on": str(context.period.until_on),
            "page": store.sha256_of_file(built_in("templates", "pages", "quality.html")),
            "kambook": code_hash(),
        }
    )


def _log(context: Context, report: Report) -> None:
    for severity, found in quality.counts(report.findings).items():
        context.log.event(_STAGE.name, f"{severity} findings", rows=found)
    for entry in report.withheld:
        context.log.event(
            _STAGE.name,
            "withheld" if entry.section is None else f"withheld {entry.section}",
            "warning",
            subject_kind=entry.subject_kind,
            subject_id=entry.subject_id,
            code=entry.code,
        )
