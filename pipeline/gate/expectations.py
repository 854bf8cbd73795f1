"""Suites of expectations: one JSON file a table, read, checked and compared with what is understood of it.

A suite is a Great Expectations suite (`name`, `meta`, `expectations`), each entry of which holds `type`, `kwargs` and
`meta`. Our part is `meta`: `name`, the truth it claims as a sentence; `why`, for the reader, what a row that breaks it
means, in English with its translations in the catalogues; `severity`; `scope`, what is touched when it does not hold. Where that is a section, it is every one that reads
the table, unless `section` names the only one. Whatever a suite says that nobody would read is an error, never dropped:
unknown keys, columns, sections and types of expectation, and a table's key or references about which it says nothing.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from pipeline import resources
from pipeline.errors import DataError, SettingsError, nearest
from pipeline.gate.check_columns import JOINT, check_column, require_column
from pipeline.gate.checks import CheckColumn
from pipeline.schema import TABLES, Table
from pipeline.sections import SECTIONS

SUITE_SCHEMA = 1
Gettext = Callable[[str], str]
Severity = Literal["critical", "warning", "info"]
Scope = Literal["run", "account", "section", "row"]
SEVERITIES: tuple[Severity, ...] = get_args(Severity)
SCOPES: tuple[Scope, ...] = get_args(Scope)
_UNIQUE = "expect_column_values_to_be_unique"
_SENTENCE = re.compile(r"^[a-z0-9]+(_[a-z0-9]+)+$")


@dataclass(frozen=True)
class Expectation:
    """One truth that a suite claims of its table."""

    table: str
    type: str
    kwargs: Mapping[str, Any]
    name: str
    why: str
    severity: Severity
    scope: Scope
    section: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads, canonical or made for it."""
        single = [self.kwargs[key] for key in ("column", "column_A", "column_B") if key in self.kwargs]
        return (*single, *self.kwargs.get("column_list", ()), *self.kwargs.get("column_set", ()))

    @property
    def configuration(self) -> dict[str, Any]:
        """What Great Expectations is told; results come back in another order and are told apart by the name."""
        return {"type": self.type, "kwargs": dict(self.kwargs), "meta": {"name": self.name}}


@dataclass(frozen=True)
class Suite:
    """The expectations of one table, in the order of the file."""

    table: str
    expectations: tuple[Expectation, ...]

    def in_words_of(self, gettext: Gettext) -> Suite:
        """The same claims with their reasons in a language; a reason that it does not know stays as it stands."""
        return Suite(self.table, tuple(replace(each, why=gettext(each.why)) for each in self.expectations))

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that is read, sorted."""
        return tuple(sorted({column for each in self.expectations for column in each.columns}))

    @property
    def guards_sections(self) -> bool:
        """Whether a row of this table that breaks something critical costs its account the sections that read it."""
        return any(each.severity == "critical" and each.scope == "section" for each in self.expectations)

    @property
    def check_columns(self) -> tuple[CheckColumn, ...]:
        """The columns that must be made."""
        return tuple(check_column(self.table, column) for column in self.columns if JOINT in column)


def suite_path(workspace: Path, table: str) -> Path:
    """The workspace's suite of a table where it has one, else the built-in one. DataError KB-1204: neither."""
    try:
        return resources.looked_up(workspace, "expectations", f"{table}.json")
    except SettingsError as error:
        raise DataError(
            where=f"expectations/{table}.json",
            what="there is no suite for the table, so nothing is known of its quality",
            nearest=nearest(table, TABLES),
            fix="write one, at least with the key and the references of the table",
            code="KB-1204",
        ) from error


def require_known_files(workspace: Path) -> None:
    """Raise DataError KB-1204 where the workspace has a suite that belongs to no table: nobody would read it."""
    for path in sorted((workspace / "expectations").glob("*.json")):
        if path.stem not in TABLES:
            raise DataError(
                where=f"expectations/{path.name}",
                what="there is no table of this name",
                nearest=nearest(path.stem, TABLES),
                fix="rename the file",
                code="KB-1204",
            )


def load_suite(path: Path, table: str) -> Suite:
    """The suite of a table from its file. DataError KB-1201, KB-1203, KB-1204 where it is not right."""
    content = _read(path)
    _require_keys(path.name, content, {"name", "meta", "expectations"})
    if content["name"] != table or content["meta"] != {"schema": SUITE_SCHEMA}:
        raise _wrong(path.name, f'must begin with "name": "{table}" and "meta": {{"schema": {SUITE_SCHEMA}}}')
    suite = Suite(table, tuple(_expectation(path.name, table, entry) for entry in content["expectations"]))
    _require_single_names(path.name, suite)
    for column in suite.columns:
        require_column(table, column)
    _require_claims(path.name, suite)
    return suite


def require_understood(suite: Suite, known_types: Iterable[str]) -> None:
    """Raise DataError KB-1202 where the suite names a type of expectation that does not exist.

    Great Expectations drops such an entry, says so in its log only, and lets the suite pass.
    """
    types = set(known_types)
    for expectation in suite.expectations:
        if expectation.type not in types:
            raise DataError(
                where=f"expectations/{suite.table}.json: {expectation.name}",
                what=f"there is no expectation of the type {expectation.type!r}",
                nearest=nearest(expectation.type, types),
                fix="correct the type",
                code="KB-1202",
            )


def require_kept(suite: Suite, kept: int) -> None:
    """Raise DataError KB-1202 where fewer expectations were taken over than the suite has."""
    if kept != len(suite.expectations):
        raise DataError(
            where=f"expectations/{suite.table}.json",
            what=f"has {len(suite.expectations)} expectations, of which {kept} are understood",
            fix="correct the entries that Great Expectations names in its log",
            code="KB-1202",
        )


def _read(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise _wrong(path.name, f"is not JSON: {error}") from error
    if not isinstance(content, dict):
        raise _wrong(path.name, "is not a suite")
    return content


def _expectation(file: str, table: str, entry: Mapping[str, Any]) -> Expectation:
    _require_keys(file, entry, {"type", "kwargs", "meta"})
    meta = entry["meta"]
    _require_keys(f"{file}: {entry['type']}", meta, {"name", "why", "severity", "scope"}, {"section"})
    place = f"{file}: {meta['name']}"
    if not isinstance(entry["kwargs"], dict):
        raise _wrong(place, "kwargs must be an object")
    _require_one_of(place, "severity", meta["severity"], SEVERITIES)
    _require_one_of(place, "scope", meta["scope"], SCOPES)
    if not _SENTENCE.match(meta["name"]):
        raise _wrong(place, "its name must claim a truth, in words joined by underscores")
    _require_section(place, meta["scope"], meta.get("section"))
    if not meta["why"].strip():
        raise _wrong(place, "says no why")
    return Expectation(table=table, type=entry["type"], kwargs=entry["kwargs"], **meta)


def _require_keys(
    place: str, given: object, required: AbstractSet[str], optional: AbstractSet[str] = frozenset()
) -> None:
    if not isinstance(given, Mapping):
        raise _wrong(place, "must be an object")
    unknown, missing = sorted(set(given) - required - optional), sorted(required - set(given))
    if unknown:
        raise _wrong(place, f"unknown key {unknown[0]!r}", nearest(unknown[0], required | optional))
    if missing:
        raise _wrong(place, f"the key {missing[0]!r} is missing")


def _require_one_of(place: str, key: str, value: object, known: tuple[str, ...]) -> None:
    if value not in known:
        raise _wrong(place, f"{key} {value!r} is not one of {', '.join(known)}", nearest(str(value), known))


def _require_section(place: str, scope: str, section: object) -> None:
    """A section that no document has would be withheld to no effect, while the figures go out."""
    if section is None:
        return
    if scope != "section":
        raise _wrong(place, "may name a section only where its scope is section")
    if section not in SECTIONS.all():
        raise _wrong(place, f"there is no section {section!r}", nearest(str(section), SECTIONS.all()))


def _require_single_names(file: str, suite: Suite) -> None:
    names = [expectation.name for expectation in suite.expectations]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise _wrong(f"{file}: {twice[0]}", "two expectations have this name")


def _require_claims(file: str, suite: Suite) -> None:
    """A suite that replaces the built-in one may say more or less, but nothing is let in unseen."""
    declared = TABLES[suite.table]
    if not any(_claims_unique_key(each, declared) for each in suite.expectations):
        raise _says_nothing(file, f"whether the key {', '.join(declared.key)} is unique")
    for column in declared.parents:
        if f"{column}{JOINT}known" not in suite.columns:
            raise _says_nothing(file, f"whether {column} is known (column {column}{JOINT}known)")


def _claims_unique_key(expectation: Expectation, declared: Table) -> bool:
    column = str(expectation.kwargs.get("column", ""))
    if len(declared.key) == 1:
        return expectation.type == _UNIQUE and column == declared.key[0]
    if JOINT not in column:
        return False
    check = check_column(declared.name, column)
    return check.operation == "unique_within" and {check.column, *check.arguments} == set(declared.key)


def _says_nothing(file: str, of: str) -> DataError:
    return DataError(
        where=f"expectations/{file}",
        what=f"says nothing of {of}",
        fix="add an expectation; the built-in suite has one to copy",
        code="KB-1204",
    )


def _wrong(place: str, what: str, closest: str | None = None) -> DataError:
    return DataError(
        where=f"expectations/{place}", what=what, nearest=closest, fix="correct the suite", code="KB-1201"
    )
