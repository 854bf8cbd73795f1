"""Mapping files: found by name, read, and checked both ways before any export is opened.

Looked up as `sources/<name>.toml` of the workspace, then among the built-in ones. A canonical name that the schema
does not know and a required column that nothing fills are errors.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from pydantic import BaseModel, ValidationError

from pipeline.errors import SourceError, nearest
from pipeline.intake.database_keys import SQL
from pipeline.intake.mapping import ColumnRule, FileRule, Mapping, Number, Rules, TableRule, Where, reads
from pipeline.intake.selects import require_one_select
from pipeline.resources import built_in
from pipeline.schema import TABLES
from pipeline.settings import read_toml

_NAME = re.compile(r"[A-Za-z0-9_-]+")


def names(workspace: Path) -> tuple[str, ...]:
    """Every mapping that can be named in `sources.mappings`, built-in and the workspace's own."""
    files = [*built_in("sources").glob("*.toml"), *(workspace / "sources").glob("*.toml")]
    return tuple(sorted({path.stem for path in files}))


def load_mapping(name: str, workspace: Path) -> Mapping:
    """The mapping `name`, checked against the schema.

    Raises SourceError KB-1101 (no such mapping), KB-1102 (not the grammar), KB-1104 (names a canonical table or column
    that does not exist) and KB-1105 (a required column is not filled).
    """
    path = _path_of(name, workspace)
    where = f"sources/{path.name}"
    try:
        rules = Rules.model_validate(read_toml(path))
    except ValidationError as error:
        raise _explained(error, where) from error
    _check(rules, where)
    return Mapping.model_construct(**dict(rules), name=name, path=path)


def _path_of(name: str, workspace: Path) -> Path:
    for folder in (workspace / "sources", built_in("sources")):
        path = folder / f"{name}.toml"
        if _NAME.fullmatch(name) and path.is_file():
            return path
    raise SourceError(
        where=f"kambook.toml: sources.mappings {name!r}",
        what="there is no such mapping",
        nearest=nearest(name, names(workspace)) or ", ".join(names(workspace)),
        fix=f"correct the name, or write sources/{name}.toml in the workspace",
        code="KB-1101",
    )


def _explained(error: ValidationError, where: str) -> SourceError:
    """One fault of a mapping file with the key's path: an unknown key, with the nearest that exists, before others."""
    faults = error.errors()
    first = next((fault for fault in faults if fault["type"] == "extra_forbidden"), faults[0])
    path = [str(part) for part in first["loc"]]
    unknown = first["type"] == "extra_forbidden"
    known = _keys_of(_model_at(path[:-1]))
    what = "unknown key" if unknown else first["msg"].removeprefix("Value error, ")
    return SourceError(
        where=f"{where}: {'.'.join(path)}",
        what=what,
        nearest=nearest(path[-1], known) or ", ".join(known) if unknown else None,
        fix="correct or remove the key" if unknown else "correct the value",
        code="KB-1102",
    )


def _model_at(path: list[str]) -> type[BaseModel]:
    """The model that the keys at `path` of a mapping belong to."""
    parts: dict[str, type[BaseModel]] = {"number": Number, "where": Where, "columns": ColumnRule}
    sections: dict[str, type[BaseModel]] = {"files": FileRule, "tables": TableRule}
    inner = next((parts[part] for part in reversed(path[2:]) if part in parts), None)
    return inner or (sections.get(path[0], Rules) if path else Rules)


def _keys_of(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _check(rules: Rules, where: str) -> None:
    """Both ways: what the mapping names exists, and what the schema requires is filled."""
    for name, rule in rules.tables.items():
        at = f"{where}: tables.{name}"
        _must_be_known(name, TABLES, at, "table of the schema")
        if rule.from_ is not None:
            _must_be_known(rule.from_, rules.files, f"{at}.from", "entry of files")
        _check_columns(name, rule, at)
    for entry, file in rules.files.items():
        if file.format == SQL:
            _check_query(entry, file, f"{where}: files.{entry}")
        if not any(reads(rule, entry) for rule in rules.tables.values()):
            raise SourceError(
                where=f"{where}: files.{entry}",
                what="no table reads it",
                fix="write a table that is from it, or remove the entry",
                code="KB-1102",
            )


def _check_query(entry: str, rule: FileRule, at: str) -> None:
    if not _NAME.fullmatch(entry):
        raise SourceError(
            where=at,
            what="the name of a database's entry becomes that of a file",
            fix="name it with letters from a to z, digits, _ and -",
            code="KB-1102",
        )
    require_one_select(rule.query, f"{at}.query")


def _check_columns(name: str, rule: TableRule, at: str) -> None:
    table = TABLES[name]
    for column in rule.key:
        _must_be_known(column, table.column_names, f"{at}.key", f"column of {name}")
    for column, target in rule.key_of.items():
        _must_be_known(column, table.column_names, f"{at}.key_of", f"column of {name}")
        _must_be_known(target, TABLES, f"{at}.key_of.{column}", "table of the schema")
    if rule.columns is None:
        return
    for column, origin in rule.columns.items():
        _must_be_known(column, table.column_names, f"{at}.columns.{column}", f"column of {name}")
        if origin.key_of is not None:
            _must_be_known(origin.key_of, TABLES, f"{at}.columns.{column}.key_of", "table of the schema")
    must_be_filled(name, rule.columns, f"{at}.columns", rule.key)


def must_be_filled(table: str, given: Iterable[str], at: str, key: Iterable[str] = ()) -> None:
    """SourceError KB-1105 where a required column of the table (or of the mapping's own key) is not in `given`."""
    given = tuple(given)
    required = [column.name for column in TABLES[table].columns if column.required]
    missing = [column for column in dict.fromkeys((*required, *key)) if column not in given]
    if missing:
        raise SourceError(
            where=at,
            what=f"the required column{'s' if missing[1:] else ''} {', '.join(missing)} of {table} are not filled",
            nearest=nearest(missing[0], given),
            fix=f'{missing[0]} = "HEADER", or {missing[0]} = {{ value = "" }} where the source has none',
            code="KB-1105",
        )


def _must_be_known(name: str, known: Iterable[str], at: str, kind: str) -> None:
    known = tuple(known)
    if name not in known:
        raise SourceError(
            where=at,
            what=f"{name!r} is no {kind}",
            nearest=nearest(name, known) or ", ".join(known),
            fix="correct the name",
            code="KB-1104",
        )
