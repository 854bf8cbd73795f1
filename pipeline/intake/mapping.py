"""A mapping: how one source's exports become canonical tables; TOML, checked when loaded, both ways.

Looked up by name: `sources/<name>.toml` of the workspace, then the built-in ones. Canonical names that the schema does
not know and required columns that nothing fills are errors before any export is opened.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, ValidationError, model_validator

from pipeline.errors import SourceError, nearest
from pipeline.resources import built_in
from pipeline.schema import TABLES
from pipeline.settings import Model, ZoneName, read_toml

NULL = "null"
"""In `values`, what makes a cell empty."""

ANY = "*"
"""In `values`, every cell that is not listed; as a value, the cell as it came."""

_NAME = re.compile(r"[A-Za-z0-9_-]+")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


def _only_words(value: object) -> object:
    """Keep TOML's booleans and numbers in `values` as the text that the plain casts read."""
    if not isinstance(value, dict):
        return value
    return {key: _plain_text(entry) for key, entry in value.items()}


def _plain_text(value: object) -> object:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, int | float) else value


def _plausible_date(text: str) -> str:
    if text in ("iso", "excel") or "%" in text:
        return text
    message = "is neither 'iso', 'excel' nor a format such as %Y-%m-%d"
    raise ValueError(message)


Header = Annotated[str, Field(min_length=1)]
DateFormats = Annotated[
    tuple[Annotated[str, AfterValidator(_plausible_date)], ...],
    BeforeValidator(_as_list),
    Field(min_length=1),
]


class Number(Model):
    """How numbers are written; `scale` is multiplied on (万元: 10000)."""

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ",", ".", " ", "'"] = ""
    scale: Annotated[float, Field(gt=0)] = 1

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            message = "decimal and thousands are the same mark"
            raise ValueError(message)
        return self


class Where(Model):
    """Which rows belong to the table: those whose `column` holds one of the listed texts."""

    column: Header
    in_: tuple[str, ...] = Field(alias="in", min_length=1)


class ColumnRule(Model):
    """Where one canonical column comes from, and how its cells are written."""

    from_: Header | None = Field(None, alias="from")
    first_of: tuple[Header, ...] = ()
    value: Annotated[str | None, BeforeValidator(_plain_text)] = None
    key_of: str | None = None
    date: DateFormats | None = None
    number: Number | None = None
    values: Annotated[dict[str, str] | None, BeforeValidator(_only_words)] = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is not None) + bool(self.first_of) + (self.value is not None) != 1:
            message = "needs exactly one of from, first_of and value"
            raise ValueError(message)
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers it reads; the first one that has a cell wins."""
        return self.first_of or ((self.from_,) if self.from_ else ())


def _as_rule(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


class TableRule(Model):
    """How one canonical table is filled: from one file entry, or by one `select` over the raw files.

    Without `columns` the headers are the canonical names themselves.
    """

    from_: str | None = Field(None, alias="from")
    sql: str | None = None
    key: Annotated[tuple[str, ...], BeforeValidator(_as_list)] = ()
    newest_by: Header | None = None
    where: Where | None = None
    columns: dict[str, Annotated[ColumnRule, BeforeValidator(_as_rule)]] | None = None

    @model_validator(mode="after")
    def _from_or_sql(self) -> Self:
        if (self.from_ is None) == (self.sql is None):
            message = "needs either from or sql"
            raise ValueError(message)
        if self.sql and (self.newest_by or self.where or self.columns):
            message = (
                "sql says itself which rows and columns it gives: no newest_by, where or columns beside it"
            )
            raise ValueError(message)
        return self


class FileRule(Model):
    """One kind of export file: where it lies and how it is written."""

    path: Annotated[tuple[str, ...], BeforeValidator(_as_list), Field(min_length=1)]
    format: Literal["csv", "xlsx", "xls", "ods", "json", "jsonl", "parquet"] = "csv"
    encoding: str = "auto"
    delimiter: Annotated[str, Field(pattern=r"^(auto|[^\r\n\"])$")] = "auto"
    sheet: str = ""
    header: Annotated[int, Field(ge=1)] | tuple[int, int] | Literal["auto"] = 1
    skip_last: Annotated[int, Field(ge=0)] = 0
    empty: tuple[str, ...] = ("",)
    ignore: tuple[str, ...] = ()
    complete: bool = False
    optional: bool = False

    @model_validator(mode="after")
    def _header_rows_follow(self) -> Self:
        if isinstance(self.header, tuple) and not (1 <= self.header[0] == self.header[1] - 1):
            message = "two header rows are two rows that follow each other, such as [1, 2]"
            raise ValueError(message)
        return self


class Rules(Model):
    """The content of a mapping file."""

    schema_: Literal[1] = Field(alias="schema")
    time_zone: ZoneName | None = None
    files: dict[str, FileRule] = Field(min_length=1)
    tables: dict[str, TableRule] = Field(min_length=1)


class Mapping(Rules):
    """A mapping with its name and the file it was read from. Without `time_zone` the company's zone holds."""

    name: str
    path: Path

    def wanted_headers(self, entry: str) -> frozenset[str]:
        """Every header that the tables read from this file entry name."""
        rules = [rule for rule in self.tables.values() if rule.from_ == entry]
        return frozenset(header for rule in rules for header in headers_of(rule))

    def tables_of(self, entry: str) -> tuple[str, ...]:
        """The tables that read this file entry, in the order of the mapping."""
        return tuple(name for name, rule in self.tables.items() if _reads(rule, entry))

    def in_sql(self, entry: str) -> bool:
        """Whether any table selects from this file entry."""
        return any(rule.sql and _reads(rule, entry) for rule in self.tables.values())


def headers_of(rule: TableRule) -> tuple[str, ...]:
    """The headers that a table's rule names, in its order."""
    named = [header for column in (rule.columns or {}).values() for header in column.headers]
    named += [rule.newest_by] if rule.newest_by else []
    named += [rule.where.column] if rule.where else []
    return tuple(dict.fromkeys(named))


def _reads(rule: TableRule, entry: str) -> bool:
    if rule.sql is None:
        return rule.from_ == entry
    return re.search(rf"(?<![\w]){re.escape(entry)}(?![\w])", rule.sql) is not None


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
    for entry in rules.files:
        if not any(_reads(rule, entry) for rule in rules.tables.values()):
            raise SourceError(
                where=f"{where}: files.{entry}",
                what="no table reads it",
                fix="write a table that is from it, or remove the entry",
                code="KB-1102",
            )


def _check_columns(name: str, rule: TableRule, at: str) -> None:
    table = TABLES[name]
    for column in rule.key:
        _must_be_known(column, table.column_names, f"{at}.key", f"column of {name}")
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


def grammar() -> dict[str, Any]:
    """The grammar of a mapping as JSON schema, for editors."""
    return Rules.model_json_schema(by_alias=True)
