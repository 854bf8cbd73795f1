"""The command line: thin over the stages. Heavy modules are imported by the command that needs them."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

import pipeline
from pipeline.brand_commands import brand_group
from pipeline.errors import KambookError, UsageError
from pipeline.resources import built_in
from pipeline.source_commands import sources
from pipeline.store import os_errors

if TYPE_CHECKING:
    from pipeline.context import Context

_Command = Callable[..., Any]


class Environment:
    """What the edge of the program hands in: today's date, where the user's data lies, and its variables."""

    def __init__(
        self, today: date, data_home: Path, here: Path, variables: Mapping[str, str] | None = None
    ) -> None:
        self.today = today
        self.data_home = data_home
        self.here = here
        self.variables = variables or {}

    @property
    def fonts(self) -> Path:
        from pipeline.fonts import font_folder

        return font_folder(self.data_home)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(pipeline.__version__, prog_name="kambook")
def cli() -> None:
    """Turn CRM exports into customer value reports and scorecards, every month, every figure traceable."""


def run_options(command: _Command) -> _Command:
    """The options that every command over a run shares."""
    options = (
        click.option(
            "-w",
            "--workspace",
            type=click.Path(path_type=Path),
            help="The company's folder; default: the demo.",
        ),
        click.option(
            "--exports", type=click.Path(path_type=Path), help="Read the exports from another folder."
        ),
        click.option(
            "--raw", help="Repeat a run from the exports and rules it kept: its period, or its folder."
        ),
        click.option(
            "-p", "--period", help="2026-09, 2026Q3, 2026H1 or 2026; default: the last month that ended."
        ),
        click.option(
            "--as-of", type=click.DateTime(["%Y-%m-%d"]), help="An unfinished month, up to this day."
        ),
        click.option("-o", "--output", type=click.Path(path_type=Path), help="Where runs/ and state/ go."),
        click.option(
            "--jobs", type=click.IntRange(1), default=2, show_default=True, help="Worker processes."
        ),
        click.option("--quiet", is_flag=True, help="Say nothing but errors."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@cli.command()
@run_options
@click.option("--only", multiple=True, help="account:ID or customer:ID; documents of these only.")
@click.option("--from", "start", type=click.Choice(["ingest", "validate", "compute", "render", "deliver"]),
              default="ingest", help="Begin at this stage.")  # fmt: skip
@click.pass_obj
def run(environment: Environment, /, start: str, only: tuple[str, ...], **options: Any) -> None:
    """Make the month: all stages; what has not changed is not done again."""
    from pipeline.run import STAGES
    from pipeline.run import run as run_stages

    context = _context(environment, only=only, **options)
    _require_ready(environment, context)
    code = run_stages(context, STAGES[STAGES.index(start) :])
    _say_result(context, code)
    sys.exit(code)


@cli.command()
@run_options
@click.option(
    "--requarantine",
    type=click.Path(path_type=Path),
    help="Take repaired files of quality/quarantine/ in as corrections first.",
)
@click.option("--who", default="", help="With --requarantine: who set the rows right.")
@click.option("--reason", default="", help="With --requarantine: why.")
@click.pass_obj
def ingest(
    environment: Environment, /, requarantine: Path | None, who: str, reason: str, **options: Any
) -> None:
    """Read the exports into canonical tables; raw copies are kept."""
    from pipeline.run import run as run_stages

    context = _context(environment, **options)
    if requarantine is not None:
        from pipeline.gate.repair import requarantine as take_in

        context.log.say(
            f"{take_in(context.workspace, context.run, requarantine, who, reason)} rows set right in corrections.toml"
        )
    sys.exit(run_stages(context, ("ingest",)))


def _stage_command(name: str, text: str) -> click.Command:
    @run_options
    @click.pass_obj
    def command(environment: Environment, /, **options: Any) -> None:
        from pipeline.run import run as run_stages

        sys.exit(run_stages(_context(environment, **options), (name,)))

    return click.command(name, help=text)(command)


for _name, _text in (
    ("validate", "Check the tables; put bad rows in quarantine, withhold what they touch."),
    ("compute", "Work out facts and readings."),
    ("render", "Make the documents that changed."),
    ("deliver", "List what would be delivered (dry run)."),
):
    cli.add_command(_stage_command(_name, _text))


@cli.command()
@click.argument("reference")
@run_options
@click.option("--rows", is_flag=True, help="Show the source rows, with file and line.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def explain(environment: Environment, /, reference: str, rows: bool, as_json: bool, **options: Any) -> None:
    """Explain a figure: METRIC/SUBJECT_KIND:ID/WINDOW[/PERIOD], or DOCUMENT#FIGURE from a document's sidecar."""
    from pipeline.explain import explained, printed

    found = explained(_context(environment, **options), reference, with_rows=rows)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1) if as_json else printed(found))


@cli.command()
@click.argument("first")
@click.argument("second")
@click.option(
    "-w", "--workspace", type=click.Path(path_type=Path), help="The company's folder; default: the demo."
)
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Where runs/ lies.")
@click.option("--subject", multiple=True, help="KIND:ID, as account:A-0001; figures of these only.")
@click.option("--metric", multiple=True, help="Figures of these metrics only.")
@click.option("--all", "with_small", is_flag=True, help="What is below policy's thresholds, too.")
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def diff(
    environment: Environment,
    /,
    first: str,
    second: str,
    workspace: Path | None,
    output: Path | None,
    subject: tuple[str, ...],
    metric: tuple[str, ...],
    with_small: bool,
    as_json: bool,
) -> None:
    """Say what the run SECOND tells otherwise than FIRST, and by what; each is a period or the folder of a run."""
    from rich.console import Console

    from pipeline.kept_rules import run_named
    from pipeline.restatements import report
    from pipeline.restatements.runs import Asked, comparison, finished

    _, below = _folders(environment, workspace, output)
    runs = [finished(run_named(name, below / "runs")) for name in (first, second)]
    found = comparison(runs[0], runs[1], Asked(subject, metric, with_small))
    if as_json:
        click.echo(json.dumps(report.as_json(found), ensure_ascii=False, indent=1))
    else:
        report.print_to(Console(), found)


@cli.command()
@click.option("--json", "as_json", is_flag=True, help="The catalogue for machines.")
@click.option("--write", is_flag=True, help="Write METRICS.md anew.")
@click.option("--check", is_flag=True, help="Fail where METRICS.md is out of date.")
def metrics(as_json: bool, write: bool, check: bool) -> None:
    """List the metrics, with definition, formula and source."""
    from pipeline import catalogue

    path = Path("METRICS.md")
    if as_json:
        click.echo(json.dumps(catalogue.as_json(), ensure_ascii=False, indent=1))
    elif write:
        path.write_text(catalogue.as_markdown(), encoding="utf-8")
    elif check:
        if not path.is_file() or path.read_text(encoding="utf-8") != catalogue.as_markdown():
            raise UsageError(where="METRICS.md", what="is out of date", fix="make docs", code="KB-0205")
    else:
        for entry in catalogue.catalogue().values():
            click.echo(f"{entry.metric.name:<26} {entry.unit:<9} {entry.label('zh')}  {entry.label('en')}")


cli.add_command(sources)
cli.add_command(brand_group)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
def init(folder: Path) -> None:
    """Make a workspace with commented settings and the built-in policy."""
    from pipeline.workspace import next_steps, write_workspace

    for path in write_workspace(folder):
        click.echo(path.relative_to(folder))
    click.echo(next_steps(folder), err=True)


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--seed", type=int, default=20260930, show_default=True, help="Another number: another company."
)
@click.option(
    "--accounts", type=click.IntRange(10), default=60, show_default=True, help="How many clients it has."
)
@click.option(
    "--months", type=click.IntRange(13), default=36, show_default=True, help="How far back it goes."
)
@click.option("--lines", type=click.IntRange(1), default=None, help="About so many order lines.")
def demo(folder: Path, seed: int, accounts: int, months: int, lines: int | None) -> None:
    """Write the demo company's workspace; the same seed gives the same bytes."""
    from pipeline.demo import write_demo

    write_demo(folder, seed=seed, accounts=accounts, months=months, lines=lines)


@cli.command()
@click.pass_obj
def fonts(environment: Environment) -> None:
    """Fetch the documents' fonts into the user's data folder; nothing where they are there."""
    import os

    from pipeline.fonts import fetch, font_folder, installed

    folder = font_folder(environment.data_home)
    if not installed(folder):
        fetch(folder, dict(os.environ))


@cli.command()
@run_options
@click.pass_obj
def doctor(environment: Environment, /, **options: Any) -> None:
    """Check what a run needs, each with its fix."""
    from pipeline import plan_check
    from pipeline.doctor import checks, require

    workspace, output = _folders(environment, options["workspace"], options["output"])
    found = checks(
        font_folder=environment.fonts, workspace=workspace, output=output, variables=environment.variables
    )
    found += plan_check.checks(workspace, environment.today)
    for check in found:
        mark = "ok  " if check.ok else ("FAIL" if check.fatal else "warn")
        click.echo(f"{mark}  {check.name}: {check.found}" + ("" if check.ok else f"\n      fix: {check.fix}"))
    require(found)


def _folders(environment: Environment, workspace: Path | None, output: Path | None) -> tuple[Path, Path]:
    """The workspace and where its runs go: below it, for the demo below the current folder."""
    return workspace or built_in("data", "demo"), output or workspace or environment.here


def _context(
    environment: Environment,
    *,
    workspace: Path | None,
    exports: Path | None,
    raw: str | None,
    period: str | None,
    as_of: datetime | None,
    output: Path | None,
    jobs: int,
    quiet: bool,
    only: tuple[str, ...] = (),
) -> Context:
    from pipeline.run import context_of

    place, below = _folders(environment, workspace, output)
    return context_of(
        workspace=place,
        output=below,
        exports=exports,
        raw=raw,
        period=period,
        as_of=as_of.date() if as_of else None,
        today=environment.today,
        fonts=environment.fonts,
        jobs=jobs,
        variables=environment.variables,
        only=tuple(_identity(each) for each in only),
        quiet=quiet,
    )


def _identity(subject: str) -> str:
    """The ID of `account:ID` or `customer:ID`."""
    kind, _, identity = subject.partition(":")
    if kind not in ("account", "customer") or not identity:
        raise UsageError(
            where="--only",
            what=f"{subject!r} names no client",
            nearest="account:ID or customer:ID",
            fix="kambook run --only account:A-0001",
            code="KB-0206",
        )
    return identity


def _require_ready(environment: Environment, context: Context) -> None:
    """A run starts with what is fatal: without the fonts or a shared library every document would fail or crawl."""
    from pipeline.doctor import checks, require
    from pipeline.press.foreseen import require_possible

    require(
        checks(
            font_folder=environment.fonts,
            workspace=context.workspace,
            output=context.run.parent.parent,
            variables=environment.variables,
        )
    )
    require_possible(context.workspace, context.settings.documents, context.policy, context.period)


def _say_result(context: Context, code: int) -> None:
    from pipeline.store import read_json

    manifest = read_json(context.run / "manifest.json")
    states = [document["state"] for document in manifest["documents"]]
    context.log.say(
        f"{context.period.name}: {states.count('made')} made, {states.count('unchanged')} unchanged, "
        f"{len(manifest['withheld'])} withheld, {len(manifest['failed'])} failed"
    )
    for entry in (*manifest["withheld"], *manifest["failed"]):
        what = entry.get("reason") or entry.get("error")
        section = f" [{entry['section']}]" if entry.get("section") else ""
        context.log.say(f"  {entry['subject_kind']} {entry['subject_id']}{section}: {what}")
    context.log.say(f"index: {context.run / 'index.html'}")
    del code


def main(environment: Environment, arguments: list[str]) -> int:
    """Run the command line; the exit code. Errors a person can act on are printed without a traceback."""
    try:
        with os_errors(environment.here):
            cli.main(arguments, prog_name="kambook", obj=environment, standalone_mode=False)
    except KambookError as error:
        click.echo(str(error), err=True)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return 130
    except SystemExit as stop:
        return int(stop.code or 0)
    return 0
