"""Stage two: what may be used. Suites judge the tables; bad rows go to quarantine, accounts and sections are withheld."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pandas as pd

from pipeline import store
from pipeline.context import Context
from pipeline.errors import DataError
from pipeline.gate import deletions, earlier_runs, fixes, quality, run_stops
from pipeline.gate.customer_limits import over_limit
from pipeline.gate.drift import Drift, distrusted_everywhere, drifts, findings_of
from pipeline.gate.expectations import Suite, load_suite, require_known_files, suite_path
from pipeline.gate.findings import (
    CANNOT_BE_READ,
    Distrust,
    Finding,
    costs_of,
    counts,
    distrusted_once,
    in_order,
    rejected,
    together,
)
from pipeline.gate.judging import Judged, every, present, rejects_with_accounts, table_file
from pipeline.gate.new_headers import headers_of as unmapped_headers
from pipeline.gate.new_headers import judged_notes
from pipeline.gate.profiles import Kept, Profile, kept, profile_of
from pipeline.gate.quality_report import Report, write_report
from pipeline.gate.quarantine import Headers, headers_of
from pipeline.gate.readers import sections_on
from pipeline.intake.corrections import FILE as CORRECTIONS
from pipeline.intake.corrections import load_corrections
from pipeline.pages import ingredients, language_of
from pipeline.press.languages import catalogue
from pipeline.resources import code_hash

_STAGE = store.STAGES["validate"]
_INGEST = store.STAGES["ingest"]


def validate(context: Context) -> None:
    """Write `quality/` unless it is current. DataError KB-12xx where the run must stop.

    Where the data stops the run, what was found is left in `quality/` all the same, but without `done.json`: it can
    be read, and no later stage takes it for finished.
    """
    require_known_files(context.workspace)
    paths = {table: suite_path(context.workspace, table) for table in present(context.run)}
    before = earlier_runs.before(context.run, context.period.as_of)
    reads = _reads(context, paths, before)
    key = _key(context, reads)
    if store.is_current(context.run, _STAGE, key):
        context.log.event(_STAGE.name, "unchanged")
        return
    gettext = catalogue(language_of(context.settings.documents)).ugettext
    suites = {table: load_suite(path, table).in_words_of(gettext) for table, path in paths.items()}
    report = _report(context, suites, before)
    try:
        _require_usable(context, report)
    except DataError as error:
        _leave(context.run, report, error)
        raise
    with store.writing(context.run, _STAGE, key=key, reads=reads) as folder:
        write_report(folder / "quality", context.run, report)
    _log(context, report)


def _judged(context: Context, suites: Mapping[str, Suite], rejects: pd.DataFrame) -> Iterator[Judged]:
    with context.log.progress(_STAGE.name, len(suites)) as bar:
        started = time.monotonic()
        for judged in every(context, suites, rejects):
            seconds, started = time.monotonic() - started, time.monotonic()
            rows = len(judged.judgement.reasons)
            context.log.event(_STAGE.name, f"judged {judged.judgement.table}", rows=rows, seconds=seconds)
            bar.advance()
            yield judged


@dataclass(frozen=True)
class _Found:
    """What was found out beside what the suites say: of rows that could not be read, of accounts, of whole tables."""

    findings: tuple[Finding, ...]
    distrusted: tuple[Distrust, ...]
    profiles: tuple[Profile, ...]


def _report(context: Context, suites: Mapping[str, Suite], before: Sequence[earlier_runs.Earlier]) -> Report:
    said = store.read_json(context.run / "tables" / "ingest.json")
    rejects = rejects_with_accounts(context.run)
    judged = tuple(_judged(context, suites, rejects))
    judgements = tuple(each.judgement for each in judged)
    beside = _beside(context, suites, judged, rejects, [each.said for each in before])
    headers = headers_of(context.settings.sources.mappings, context.reading)
    deleted = tuple(_deleted(context, before, headers))
    gettext = catalogue(language_of(context.settings.documents)).ugettext
    findings = [
        *beside.findings,
        *(finding for each in judgements for finding in each.findings),
        *judged_notes(said["notes"], [each.said for each in before], gettext),
        *deletions.findings_of(deleted, context.settings.quality.deleted_limit_pct, gettext),
    ]
    distrusted = distrusted_once(
        [*beside.distrusted, *(entry for each in judgements for entry in each.distrusted)]
    )
    reads = partial(sections_on, basis=context.settings.sales.basis)
    withheld = [entry for each in judgements for entry in each.withheld]
    report = Report(
        judgements=judgements,
        findings=tuple(in_order(findings)),
        withheld=tuple(together([*withheld, *costs_of(distrusted, reads)])),
        rejects=rejects,
        rows=said["rows"],
        company=context.settings.company.name,
        period=context.period.name,
        as_of=context.period.as_of,
        distrusted=tuple(distrusted),
        corrections=tuple(each.model_dump() for each in load_corrections(context.reading)),
        headers=headers,
        deleted=deleted,
        currency=context.settings.company.currency,
        language=language_of(context.settings.documents),
    )
    return _with_lists(context, report, judged, beside.profiles, [each.said for each in before])


def _beside(
    context: Context,
    suites: Mapping[str, Suite],
    judged: Sequence[Judged],
    rejects: pd.DataFrame,
    before: Sequence[Kept],
) -> _Found:
    gettext = catalogue(language_of(context.settings.documents)).ugettext
    guarded = {table for table, suite in suites.items() if suite.guards_sections}
    findings, distrusted = rejected(rejects, guarded, gettext(CANNOT_BE_READ))
    limit = context.settings.quality.customer_limit_pct
    accounts = quality.stored(context.run, "accounts", ["account_id"])["account_id"].dropna().unique()
    for each in judged:
        for entry, finding in over_limit(each.judgement.table, each.shares, limit, gettext):
            findings.append(finding)
            distrusted.append(entry)
    profiles = tuple(
        profile_of(table_file(context.run, table), table, context.period.as_of) for table in suites
    )
    drifted = _drifted(context, profiles, before)
    return _Found(
        findings=(*findings, *findings_of(drifted, gettext)),
        distrusted=(*distrusted, *distrusted_everywhere(drifted, sorted(accounts))),
        profiles=profiles,
    )


def _deleted(
    context: Context, before: Sequence[earlier_runs.Earlier], headers: Headers
) -> Iterator[deletions.Deleted]:
    """What complete exports no longer hold of what the last run of an earlier month had."""
    if before and deletions.has_tables(before[-1].run):
        period = before[-1].said["period"]
        tables = store.read_json(context.run / "tables" / "ingest.json").get("complete", [])
        yield from deletions.deleted_since(context.run, before[-1].run, period, tables, headers)


def _drifted(context: Context, profiles: Sequence[Profile], before: Sequence[Kept]) -> list[Drift]:
    last = before[-1]["rows"] if before else {}
    days = context.settings.freshness.days
    return [
        drift
        for profile in profiles
        for drift in drifts(profile, context.period.as_of, days, last.get(profile.table))
    ]


def _with_lists(
    context: Context,
    report: Report,
    judged: Sequence[Judged],
    profiles: Sequence[Profile],
    before: Sequence[Kept],
) -> Report:
    """The report with what to fix first, and what was found in the months before."""
    unread = fixes.unread(report.rejects, catalogue(report.language).ugettext(CANNOT_BE_READ))
    found = fixes.together([*(each.records for each in judged), unread])
    records = fixes.owned(found, *_people(context), report.currency, report.as_of)
    unmapped = unmapped_headers(store.read_json(context.run / "tables" / "ingest.json")["notes"])
    found_now = {str(severity): rows for severity, rows in counts(report.findings).items()}
    kept_out, offered = (sum(each.values()) for each in (report.unusable(), report.offered()))
    now = kept(report.period, report.as_of, profiles, found_now, kept_out, unmapped, offered)
    costs = Counter(rule for entry in report.withheld for rule in entry.reason.split("; "))
    return replace(
        report,
        records=records,
        fix_first=tuple(fixes.fix_first(records, costs)),
        trend=(*before, now),
    )


def _people(context: Context) -> tuple[pd.DataFrame, pd.DataFrame | None, pd.DataFrame | None]:
    """Accounts with their owners, the managers' names, and the rates."""
    run = context.run
    accounts = quality.stored(run, "accounts", ["account_id", "owner_id", "currency"])
    managers = (
        quality.stored(run, "managers", ["manager_id", "name"])
        if table_file(run, "managers").exists()
        else None
    )
    fx = quality.stored(run, "fx") if table_file(run, "fx").exists() else None
    return accounts, managers, fx


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
    kept_rows = sales.drop(index=list(judged[run_stops.SALES_DAY[basis][0]].reasons))
    newest = run_stops.newest_sale(kept_rows, basis, context.period.as_of)
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


def _reads(
    context: Context, suites: Mapping[str, Path], before: Sequence[earlier_runs.Earlier]
) -> dict[str, str]:
    files = {f"expectations/{table}.json": path for table, path in suites.items()}
    if (own := context.reading / CORRECTIONS).is_file():
        files[CORRECTIONS] = own
    earlier = {f"runs/{each.path.parent.parent.name}/quality/profile.json": each.sha256 for each in before}
    return {
        "tables": store.fingerprint(context.run, _INGEST),
        **{name: store.sha256_of_file(path) for name, path in files.items()},
        **earlier,
        **{
            f"runs/{each.run.name}/tables": deletions.read_before(each.run)
            for each in before[-1:]
            if deletions.has_tables(each.run)
        },
    }


def _key(context: Context, reads: Mapping[str, str]) -> str:
    settings = context.settings
    decides = (settings.sales, settings.freshness, settings.quality, settings.company, settings.sources)
    return store.sha256_of(
        {
            "reads": dict(reads),
            "settings": [part.model_dump(mode="json") for part in decides],
            "until_on": str(context.period.until_on),
            "page": ingredients(language_of(settings.documents)),
            "kambook": code_hash(),
        }
    )


def _log(context: Context, report: Report) -> None:
    for severity, found in counts(report.findings).items():
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
