"""`kambook sources`: the mappings that read exports, tried, drafted and explained. Heavy modules wait for their command."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from pipeline.errors import EXIT_PARTLY, SourceError, UsageError
from pipeline.resources import built_in

if TYPE_CHECKING:
    from pipeline.cli import Environment
    from pipeline.intake.alias_suggestions import Named
    from pipeline.intake.fetching import Asking
    from pipeline.intake.given_files import Given
    from pipeline.intake.mapping import Mapping
    from pipeline.intake.mapping_check import CheckedMapping

_Command = Callable[..., Any]
_FILES = click.argument("files", nargs=-1, type=click.Path(path_type=Path), metavar="FILE…")
_WORKSPACE = click.option(
    "-w", "--workspace", type=click.Path(path_type=Path), help="The company's folder; default: the demo."
)


@click.group()
def sources() -> None:
    """The mappings that read exports."""


@sources.command("list")
@_WORKSPACE
def list_sources(workspace: Path | None) -> None:
    """List the mappings by name."""
    from pipeline.intake.mapping_files import names

    for name in names(_place(workspace)):
        click.echo(name)


@sources.command()
def schema() -> None:
    """Print the JSON Schema of a mapping, for editors."""
    from pipeline.intake.mapping_schema import mapping_schema

    click.echo(json.dumps(mapping_schema(), ensure_ascii=False, indent=1))


@sources.command()
@_FILES
@_WORKSPACE
@click.option(
    "-m", "--mapping", "chosen", multiple=True, help="A mapping by name; default: the workspace's own."
)
@click.option("--json", "as_json", is_flag=True, help="For machines.")
@click.pass_obj
def check(
    environment: Environment,
    /,
    *,
    files: tuple[Path, ...],
    workspace: Path | None,
    chosen: tuple[str, ...],
    as_json: bool,
) -> None:
    """Hold mappings against exports without a run: what is found, missing (with the nearest), left over or does not cast.

    The databases of a mapping are asked as for the last month that ended; a mapping of databases alone needs no FILE.
    Ends with 11 where a run would stop, with 3 where it would set rows aside.
    """
    from dataclasses import asdict

    from pipeline.intake.fetching import Asking
    from pipeline.intake.given_files import given_exports
    from pipeline.intake.mapping_check import checked, printed
    from pipeline.intake.mapping_files import load_mapping
    from pipeline.periods import month_before
    from pipeline.settings import load_settings

    place = _place(workspace)
    settings = load_settings(place)
    mappings = [load_mapping(name, place) for name in chosen or settings.sources.mappings]
    given = given_exports(files if _ask_databases(mappings) else _some(files))
    period = month_before(settings.today or environment.today, settings.company.fiscal_year_start)
    asking = Asking(place, environment.variables, period.until_on)
    with TemporaryDirectory() as folder:
        found = [
            checked(each, given, settings.company.time_zone, _answers(each, asking, Path(folder)))
            for each in mappings
        ]
    told = _told_once([each for each in found if each.files] or found)
    text = json.dumps([asdict(each) for each in told], ensure_ascii=False, indent=1)
    click.echo(text if as_json else "\n\n".join(printed(each) for each in told))
    if any(each.stops for each in told) or not any(each.files for each in told):
        sys.exit(SourceError.exit_code)
    sys.exit(EXIT_PARTLY if any(each.sets_aside for each in told) else 0)


@sources.command()
@_FILES
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write it here; default: on the screen."
)
@click.option("--encoding", default="auto", show_default=True, help="Of texts, where it cannot be told.")
def draft(*, files: tuple[Path, ...], output: Path | None, encoding: str) -> None:
    """Propose a mapping for exports that nobody mapped yet, for a person to correct; each line says how sure it is."""
    from pipeline.intake.draft_text import draft_text
    from pipeline.intake.drafting import drafted
    from pipeline.intake.given_files import given_exports, sheets_of
    from pipeline.intake.vocabulary import vocabulary

    found = drafted(sheets_of(given_exports(_some(files)), encoding), vocabulary())
    _written(draft_text(found, vocabulary()), output)
    if not found.tables:
        raise SourceError(
            where=", ".join(sheet.path for sheet in found.unknown),
            what="no file is a table that kambook knows",
            fix="write the mapping by hand; `kambook sources schema` says what it may hold",
            code="KB-1121",
        )


@sources.command()
@_FILES
@_WORKSPACE
@click.option("--id", "identity", help="The header of the customers' ids in FILE.")
@click.option("--name", help="The header of their names in FILE.")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="Write it here; default: on the screen."
)
def aliases(
    *,
    files: tuple[Path, ...],
    workspace: Path | None,
    identity: str | None,
    name: str | None,
    output: Path | None,
) -> None:
    """List customers that may be one under several names or numbers, as aliases for review; nothing is merged.

    Without FILE the accounts of the workspace's exports are compared, as its mappings read them.
    """
    from pipeline.intake.alias_suggestions import suggested, suggestions_text
    from pipeline.intake.aliases import load_aliases

    place = _place(workspace)
    found = _named_in_files(files, identity, name) if files else _named_in_workspace(place)
    known = load_aliases(place).get("accounts", {})
    _written(suggestions_text("accounts", suggested(found, known), found), output)


def _ask_databases(mappings: Sequence[Mapping]) -> bool:
    from pipeline.intake.fetching import is_database

    return any(is_database(each, entry) for each in mappings for entry in each.files)


def _answers(mapping: Mapping, asking: Asking, folder: Path) -> dict[str, Given | SourceError]:
    """What the mapping's databases answer, or why they do not."""
    from pipeline.intake.fetching import fetched, is_database
    from pipeline.intake.given_files import Given

    answers: dict[str, Given | SourceError] = {}
    for entry in mapping.files:
        if is_database(mapping, entry):
            try:
                answers[entry] = Given(folder, fetched(mapping, entry, asking, folder).export)
            except SourceError as error:
                answers[entry] = error
    return answers


def _told_once(found: Sequence[CheckedMapping]) -> list[CheckedMapping]:
    """The checks, with exports that no mapping means named once, at the end."""
    from dataclasses import replace

    nowhere = [source for source in found[0].not_meant if all(source in each.not_meant for each in found)]
    *others, last = found
    return [*(replace(each, not_meant=()) for each in others), replace(last, not_meant=tuple(nowhere))]


def _named_in_files(files: Sequence[Path], identity: str | None, name: str | None) -> tuple[Named, ...]:
    import pandas as pd

    from pipeline.intake.alias_suggestions import accounts_named
    from pipeline.intake.given_files import given_exports, sheets_of

    header, others = name or identity, identity or name
    if header is None or others is None:
        raise UsageError(
            where="--id and --name",
            what="say neither where the ids nor where the names stand",
            fix="kambook sources aliases FILE --id HEADER --name HEADER",
            code="KB-0224",
        )
    sheets = [
        sheet.raw
        for sheet in sheets_of(given_exports(files), "auto")
        if {header, others} <= set(sheet.raw.headers)
    ]
    if not sheets:
        raise UsageError(
            where=", ".join(path.name for path in files),
            what=f"no file has the headers {others!r} and {header!r}",
            fix="correct --id and --name",
            code="KB-0224",
        )
    rows = [pd.DataFrame({"id": raw.cells[others], "name": raw.cells[header]}) for raw in sheets]
    every = pd.concat(rows, ignore_index=True)
    return accounts_named(every["id"], every["name"])


def _named_in_workspace(place: Path) -> tuple[Named, ...]:
    """The accounts of every mapping, before any of them are made one."""
    import pandas as pd

    from pipeline.intake.alias_suggestions import accounts_named
    from pipeline.intake.dropfolder import exports_in
    from pipeline.intake.mapping_files import load_mapping
    from pipeline.intake.source import gathered, source_of
    from pipeline.settings import load_settings

    settings = load_settings(place)
    folder = place / settings.sources.exports
    exports = exports_in(folder)
    loaded = [load_mapping(each, place) for each in settings.sources.mappings]
    parts = [
        part.rows
        for mapping in loaded
        for part in gathered(
            source_of(mapping, settings.company.time_zone, exports), folder, (), _NoBar()
        ).parts
        if part.table == "accounts"
    ]
    rows = pd.concat(parts, ignore_index=True)
    return accounts_named(rows["account_id"], rows["name"])


class _NoBar:
    """A progress bar that nobody sees."""

    def advance(self, steps: int = 1) -> None:
        """Show nothing: standard output is for the suggestions."""


def _place(workspace: Path | None) -> Path:
    return workspace or built_in("data", "demo")


def _some(files: Sequence[Path]) -> Sequence[Path]:
    if not files:
        raise UsageError(
            where="FILE…", what="names no export", fix="name exports, or a folder of them", code="KB-0223"
        )
    return files


def _written(text: str, output: Path | None) -> None:
    if output is None:
        click.echo(text, nl=False)
    else:
        output.write_text(text, encoding="utf-8")
