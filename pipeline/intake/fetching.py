"""What the databases of a run's mappings answer, each answer one Parquet file that goes to `raw/` like any export.

A database is asked in every run, as nothing else tells whether it has changed; the stage is skipped where the answer
has the same bytes. Where the drop folder is the `raw/` of an earlier run, what that run kept is read instead, and no
database is asked: so a run can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from time import monotonic

from pipeline.errors import SourceError
from pipeline.intake.addresses import Keeping, address
from pipeline.intake.database_keys import SQL
from pipeline.intake.databases import Question, written_result
from pipeline.intake.dropfolder import RESULTS, Export
from pipeline.intake.mapping import Mapping as SourceMapping
from pipeline.log import Log
from pipeline.store import read_json, sha256_of_file


@dataclass(frozen=True)
class Asking:
    """Where the addresses are kept, and the day after the last one of the period, which a query may ask for."""

    workspace: Path
    variables: Mapping[str, str] = field(repr=False)
    until_on: date


@dataclass(frozen=True)
class Result:
    """The answer to the query of one entry: a file below `folder`, and the hash of what was asked."""

    mapping: str
    entry: str
    folder: Path
    question: str
    rows: int

    @property
    def export(self) -> Export:
        """The file as an export, by which rows name it."""
        return Export(f"{RESULTS}/{self.mapping}.{self.entry}.parquet")


def results(
    mappings: Sequence[SourceMapping], asking: Asking, exports: Path, folder: Path, log: Log
) -> tuple[Result, ...]:
    """The results of every entry of a database, written below `folder`, or as the run kept them whose `raw/` is read.

    Raises SourceError of `addresses` and `databases`, and KB-1149 where the `raw/` does not hold such a result.
    """
    kept = exports / "inputs.json"
    if kept.is_file():
        said = {each.get("path"): each for each in read_json(kept)}
        return tuple(_kept(*each, asking, exports, said, log) for each in _entries(mappings))
    return tuple(_logged(*each, asking, folder, log) for each in _entries(mappings))


def fetched(mapping: SourceMapping, entry: str, asking: Asking, folder: Path) -> Result:
    """What the entry's database answers. Raises SourceError of `addresses` and `databases`."""
    question, rule = question_of(mapping, entry, asking.until_on), mapping.files[entry]
    kept = Keeping(rule.url_variable, rule.url_file)
    found = Result(mapping.name, entry, folder, question.sha256, 0)
    text = address(kept, asking.variables, asking.workspace, question.where)
    rows = written_result(text, question, folder / found.export.path)
    return Result(mapping.name, entry, folder, question.sha256, rows)


def question_of(mapping: SourceMapping, entry: str, until_on: date) -> Question:
    """What an entry asks."""
    rule = mapping.files[entry]
    return Question(_where(mapping, entry), rule.query, until_on, rule.time_limit)


def is_database(mapping: SourceMapping, entry: str) -> bool:
    """Whether the entry's rows are the result of a query."""
    return mapping.files[entry].format == SQL


def not_asked(mapping: SourceMapping, entry: str) -> SourceError:
    """The error KB-1150 of a command that reads exports only."""
    return SourceError(
        where=_where(mapping, entry),
        what="is a database, and this command reads files only",
        fix=f"name the result that a run kept: runs/…/raw/{RESULTS}/{mapping.name}.{entry}.parquet",
        code="KB-1150",
    )


def _entries(mappings: Sequence[SourceMapping]) -> Iterator[tuple[SourceMapping, str]]:
    return ((each, entry) for each in mappings for entry in each.files if is_database(each, entry))


def _where(mapping: SourceMapping, entry: str) -> str:
    return f"sources/{mapping.name}.toml: files.{entry}"


def _logged(mapping: SourceMapping, entry: str, asking: Asking, folder: Path, log: Log) -> Result:
    began = monotonic()
    found = fetched(mapping, entry, asking, folder)
    log.event("ingest", f"asked {mapping.name}.{entry}", rows=found.rows, seconds=monotonic() - began)
    return found


def _kept(
    mapping: SourceMapping,
    entry: str,
    asking: Asking,
    raw: Path,
    said: Mapping[str, Mapping[str, object]],
    log: Log,
) -> Result:
    """The result that a run kept, proven to be of this query and to have the bytes it had."""
    question = question_of(mapping, entry, asking.until_on)
    found = Result(mapping.name, entry, raw, question.sha256, 0)
    entry_of = said.get(found.export.path, {})
    path = raw / found.export.path
    fault = (
        "holds no result of this database"
        if not entry_of or not path.is_file()
        else "holds the result of another query, or of another period"
        if entry_of.get("query_sha256") != question.sha256
        else "holds a result whose bytes are no longer those that came"
        if entry_of.get("sha256") != sha256_of_file(path)
        else ""
    )
    if fault:
        raise SourceError(
            where=question.where,
            what=f"the drop folder is the raw/ of a run (it has an inputs.json), and {fault}",
            fix="read the run's own raw/ with its own mapping and period, or ask the database: another --exports DIR",
            code="KB-1149",
        )
    log.say(f"{mapping.name}.{entry}: the result that raw/ holds; the database is not asked")
    return found
