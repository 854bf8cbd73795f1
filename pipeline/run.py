"""A run: the five stages in order, and the folders they work in."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from time import monotonic

from pipeline import store
from pipeline.context import Context
from pipeline.errors import EXIT_OK, EXIT_PARTLY, KambookError, UsageError
from pipeline.kept_rules import kept_reading, kept_rules, run_named
from pipeline.log import Log
from pipeline.periods import Period, month_before, parse_period, up_to
from pipeline.policy import load_policy
from pipeline.settings import load_settings

STAGES = ("ingest", "validate", "compute", "render", "deliver")


def context_of(
    *,
    workspace: Path,
    output: Path,
    exports: Path | None,
    period: str | None,
    as_of: date | None,
    today: date,
    fonts: Path,
    jobs: int,
    only: tuple[str, ...] = (),
    variables: Mapping[str, str] | None = None,
    quiet: bool = False,
    raw: str | None = None,
) -> Context:
    """What the stages are given; reads settings and policy. `today` gives way to the settings' own, where set.

    `raw` names a run to repeat, by its period or its folder: from the exports that it kept, by its settings, policy,
    mappings, aliases and corrections.
    """
    if raw is not None:
        _require_alone(exports)
        return _repeated(
            run_named(raw, output / "runs"), workspace, output, period, fonts, jobs, only, quiet=quiet
        )
    settings = load_settings(workspace)
    chosen = chosen_period(period, as_of, settings.today or today, settings.company.fiscal_year_start)
    run = output / "runs" / chosen.name
    return Context(
        workspace=workspace,
        run=run,
        exports=exports or workspace / settings.sources.exports,
        settings=settings,
        policy=load_policy(workspace),
        period=chosen,
        fonts=fonts,
        log=Log(run / "log.jsonl", quiet),
        jobs=jobs,
        variables=variables or {},
        only=only,
    )


def _require_alone(exports: Path | None) -> None:
    if exports is not None:
        raise UsageError(
            where="--raw and --exports",
            what="exclude each other",
            fix="--raw reads the exports that the run kept",
            code="KB-0202",
        )


def _repeated(
    earlier: Path,
    workspace: Path,
    output: Path,
    period: str | None,
    fonts: Path,
    jobs: int,
    only: tuple[str, ...],
    *,
    quiet: bool,
) -> Context:
    """A run over what an earlier one kept, of its period unless another is named."""
    rules = kept_rules(earlier)
    settings = rules.settings
    chosen = parse_period(period, settings.company.fiscal_year_start) if period else rules.period
    run = output / "runs" / chosen.name
    return Context(
        workspace=workspace, run=run, exports=earlier / "raw", settings=settings, policy=rules.policy, period=chosen,
        fonts=fonts, log=Log(run / "log.jsonl", quiet), jobs=jobs, only=only, kept=kept_reading(earlier),
    )  # fmt: skip


def chosen_period(period: str | None, as_of: date | None, today: date, fiscal_start: int) -> Period:
    """The period asked for, else the unfinished month up to `as_of`, else the last month that ended before today.

    UsageError KB-0202 where both are asked for.
    """
    if period and as_of:
        raise UsageError(
            where="--period and --as-of",
            what="exclude each other",
            fix="leave one out; --as-of makes an unfinished month",
            code="KB-0202",
        )
    if period:
        return parse_period(period, fiscal_start)
    return up_to(as_of, fiscal_start) if as_of else month_before(today, fiscal_start)


def run(context: Context, stages: tuple[str, ...] = STAGES) -> int:
    """The stages in order, alone on the run's folder; the exit code of a run that finished."""
    with store.locked(context.run), store.os_errors(context.run):
        store.recover(context.run)
        timings = {name: _timed(stage(name), context) for name in stages}
        return finished(context, timings)


def stage(name: str) -> Callable[[Context], None]:
    """The function of a stage; its module is imported only when it is needed."""
    found: Callable[[Context], None] = getattr(importlib.import_module(f"pipeline.{name}"), name)
    return found


def _timed(work: Callable[[Context], None], context: Context) -> float:
    began, name = monotonic(), work.__name__
    context.log.event(name, "started")
    try:
        work(context)
    except KambookError as error:
        context.log.event(name, "stopped", "error", code=error.code, seconds=monotonic() - began)
        raise
    seconds = monotonic() - began
    context.log.event(name, "finished", seconds=seconds)
    context.log.say(f"{name:<9} {seconds:6.1f} s")
    return round(seconds, 3)


def finished(context: Context, timings: dict[str, float]) -> int:
    """Complete the manifest with the timings of this run's stages; 3 where something was withheld or failed.

    Stages before the documents leave the manifest alone: it speaks of documents made earlier.
    """
    path = context.run / "manifest.json"
    if not {"render", "deliver"} & set(timings) or not path.is_file():
        return EXIT_OK
    manifest = store.read_json(path)
    manifest["timings"] = {**manifest.get("timings", {}), **timings}
    store.write_json(path, manifest)
    return EXIT_PARTLY if manifest["withheld"] or manifest["failed"] else EXIT_OK
