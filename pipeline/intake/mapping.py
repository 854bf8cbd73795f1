"""The language of a mapping: how one source's exports become canonical tables.

These models read a mapping file (`mapping_files`) and give its JSON Schema (`mapping_schema`), so the two cannot say
different things; the sentence below a key is its description there.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, model_validator

from pipeline.intake.database_keys import KEYS_BY_FORMAT, fault_of_keys
from pipeline.schema import TABLES
from pipeline.settings import Model, ZoneName

NULL = "null"
"""In `values`, what makes a cell empty."""

ANY = "*"
"""In `values`, every cell that is not listed; as a value, the cell as it came."""


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
OneOrMore = BeforeValidator(_as_list, json_schema_input_type=str | tuple[str, ...])
DateFormat = Annotated[
    str, AfterValidator(_plausible_date), Field(json_schema_extra={"pattern": "^(iso|excel)$|%"})
]
DateFormats = Annotated[
    tuple[DateFormat, ...],
    BeforeValidator(_as_list, json_schema_input_type=DateFormat | tuple[DateFormat, ...]),
    Field(min_length=1),
]
PlainText = str | bool | int | float
_ORIGINS = ("from", "first_of", "all_of", "value")
_SAID_BY_SQL = ("newest_by", "where", "columns")


class MappingPart(Model):
    """A part of a mapping; what stands below a key describes it."""

    model_config = ConfigDict(use_attribute_docstrings=True)


class Number(MappingPart):
    """How numbers are written."""

    decimal: Literal[".", ","] = "."
    """The mark before the decimals."""
    thousands: Literal["", ",", ".", " ", "'"] = ""
    """The mark between thousands; none where it is not said."""
    scale: Annotated[float, Field(gt=0)] = 1
    """What each number is multiplied by; 10000 where amounts are in 万元."""

    @model_validator(mode="after")
    def _marks_differ(self) -> Self:
        if self.decimal == self.thousands:
            message = "decimal and thousands are the same mark"
            raise ValueError(message)
        return self


class Where(MappingPart):
    """Which rows belong to the table."""

    column: Header
    """The header whose cells decide."""
    in_: tuple[str, ...] = Field(alias="in", min_length=1)
    """The texts of the rows that belong; "" is an empty cell."""


class ColumnRule(MappingPart):
    """Where one canonical column comes from, and how its cells are written: one of from, first_of, all_of and value."""

    model_config = ConfigDict(json_schema_extra={"oneOf": [{"required": [each]} for each in _ORIGINS]})

    from_: Header | None = Field(None, alias="from")
    """The header in the export."""
    first_of: Annotated[tuple[Header, ...], OneOrMore] = ()
    """Several headers; in each row the first that has a cell wins."""
    all_of: Annotated[tuple[Header, ...], OneOrMore] = ()
    """Several headers whose cells together are an id, with / between them; empty where one of them is."""
    value: Annotated[str | None, BeforeValidator(_plain_text, json_schema_input_type=PlainText | None)] = None
    """The same text for every row; "" leaves the column empty."""
    key_of: str | None = None
    """The canonical table whose rows the cells name: by alias, by id, or by name."""
    date: DateFormats | None = None
    """"iso", "excel" (serial days), a format such as "%d/%m/%Y", or several that are tried in order."""
    number: Number | None = None
    """How its numbers are written, where not as 1234.5."""
    values: Annotated[
        dict[str, str] | None,
        BeforeValidator(_only_words, json_schema_input_type=dict[str, PlainText] | None),
    ] = None
    """What each text means; "*" is every other text ("*" on the right: as it came, "null": empty)."""

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if (self.from_ is not None) + bool(self.first_of) + bool(self.all_of) + (self.value is not None) != 1:
            message = f"needs exactly one of {', '.join(_ORIGINS)}"
            raise ValueError(message)
        return self

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers it reads."""
        return self.first_of or self.all_of or ((self.from_,) if self.from_ else ())


def _as_rule(value: object) -> object:
    return {"from": value} if isinstance(value, str) else value


Column = Annotated[ColumnRule, BeforeValidator(_as_rule, json_schema_input_type=Header | ColumnRule)]


class TableRule(MappingPart):
    """How one canonical table is filled: from one file entry, or by one select over the raw files."""

    model_config = ConfigDict(
        json_schema_extra={
            "oneOf": [{"required": ["from"]}, {"required": ["sql"]}],
            "dependentSchemas": {
                "sql": {"properties": dict.fromkeys(_SAID_BY_SQL, False)},
                "from": {"properties": {"key_of": False}},
            },
        }
    )

    from_: str | None = Field(None, alias="from")
    """The entry of [files] whose rows they are."""
    sql: str | None = None
    """One DuckDB select over the raw files by their names in [files]; it returns _row or _from."""
    key: Annotated[tuple[str, ...], OneOrMore] = ()
    """The canonical columns that say which rows are versions of the same one, where not the table's own key."""
    newest_by: Header | None = None
    """The header by which the newest of several rows of a key is found."""
    where: Where | None = None
    """Which rows belong to the table, where not all do."""
    columns: dict[str, Column] | None = None
    """Canonical column = where it comes from; without it the headers are the canonical names themselves."""
    key_of: dict[str, str] = Field(default_factory=dict)
    """Columns of a select that name rows of a canonical table: by alias, by id, or by name."""

    @model_validator(mode="after")
    def _from_or_sql(self) -> Self:
        if (self.from_ is None) == (self.sql is None):
            message = "needs either from or sql"
            raise ValueError(message)
        if self.key_of and not self.sql:
            message = "key_of stands in the columns themselves where the table is not selected by sql"
            raise ValueError(message)
        if self.sql and any(getattr(self, name) for name in _SAID_BY_SQL):
            message = (
                f"sql says itself which rows and columns it gives: no {', '.join(_SAID_BY_SQL)} beside it"
            )
            raise ValueError(message)
        return self


_NAMED_BY_THEMSELVES = ("json", "jsonl", "parquet", "sql")
"""Formats that name each column."""

_HEADER_BY_FORMAT: dict[str, Any] = {
    "if": {"properties": {"format": {"enum": list(_NAMED_BY_THEMSELVES)}}, "required": ["format"]},
    "then": {"properties": {"header": {"not": {"const": 0}}}},
}


class FileRule(MappingPart):
    """One kind of export file: where it lies and how it is written."""

    model_config = ConfigDict(json_schema_extra={"allOf": [_HEADER_BY_FORMAT, KEYS_BY_FORMAT]})

    path: Annotated[tuple[str, ...], OneOrMore, Field(min_length=1)] = ()
    """Globs below the drop folder, also inside archives."""
    format: Literal["csv", "xlsx", "xlsm", "xls", "ods", "json", "jsonl", "parquet", "sql"] = "csv"
    """How the file is written; csv is any delimited text. sql: there is no file, a database is asked."""
    url_variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")] = ""
    """The environment variable that holds the database's SQLAlchemy URL; the URL itself stands in no mapping."""
    url_file: Annotated[str, Field(pattern=r"^[^:\r\n]+$")] = ""
    """Instead of it a file below the workspace that holds the URL and that only its owner may read (0600)."""
    query: Annotated[str, Field(min_length=1)] = ""
    """One SELECT; :until_on in it is the day after the period's last. Rows need no order."""
    time_limit: Annotated[int, Field(ge=1, le=86_400)] = 600
    """How many seconds the database may take."""
    encoding: str = "auto"
    """The encoding of a text, such as utf-8 or gb18030."""
    delimiter: Annotated[str, Field(pattern=r"^(auto|[^\r\n\"])$")] = "auto"
    """The mark between cells of a delimited text."""
    sheet: str = ""
    """The sheet of a workbook; the first visible one where it is not said."""
    header: Annotated[int, Field(ge=0)] | tuple[int, int] | Literal["auto"] = 1
    """The row of the headers, counted from 1, or two rows such as [1, 2].

    0: there is none, and the columns of the delimited text or sheet are `column 1`, `column 2` … from the left.
    """
    skip_last: Annotated[int, Field(ge=0)] = 0
    """How many rows at the end are totals or notes."""
    empty: tuple[str, ...] = ("",)
    """Texts that mean an empty cell."""
    ignore: tuple[str, ...] = ()
    """Headers that are left out on purpose, as globs."""
    complete: bool = False
    """Whether the file holds all that exists: a key that is gone was deleted."""
    optional: bool = False
    """Whether a run goes on without the file."""

    @model_validator(mode="after")
    def _keys_fit_the_format(self) -> Self:
        fault = fault_of_keys(self.format, self.model_fields_set)
        if fault:
            raise ValueError(fault)
        return self

    @model_validator(mode="after")
    def _header_rows_follow(self) -> Self:
        if isinstance(self.header, tuple) and not (1 <= self.header[0] == self.header[1] - 1):
            message = "two header rows are two rows that follow each other, such as [1, 2]"
            raise ValueError(message)
        if self.header == 0 and self.format in _NAMED_BY_THEMSELVES:
            message = f"header = 0 is of delimited texts and sheets; {self.format} names its columns itself"
            raise ValueError(message)
        return self


class Rules(MappingPart):
    """A mapping: how one source's exports become canonical tables."""

    schema_: Literal[1] = Field(alias="schema")
    """The version of the language."""
    time_zone: ZoneName | None = None
    """The zone of times that name none; the company's where it is not said."""
    files: dict[str, FileRule] = Field(min_length=1)
    """The exports, each under a name of your own."""
    tables: dict[str, TableRule] = Field(min_length=1)
    """The canonical tables that they fill."""


class Mapping(Rules):
    """A mapping with its name and the file it was read from. Without `time_zone` the company's zone holds."""

    name: str
    path: Path

    def wanted_headers(self, entry: str) -> frozenset[str]:
        """Every header that the tables mapped from this file entry look for; canonical names where one maps none."""
        rules = [(name, rule) for name, rule in self.tables.items() if rule.from_ == entry]
        named = {header for _, rule in rules for header in headers_of(rule)}
        canonical = {
            header for name, rule in rules if rule.columns is None for header in TABLES[name].column_names
        }
        return frozenset(named | canonical)

    def uses(self, entry: str, header: str) -> bool:
        """Whether a table takes something from the header: by name, as a canonical name, or in its select."""
        selects = [self.tables[name].sql or "" for name in self.tables_of(entry)]
        return header in self.wanted_headers(entry) or any(_names(select, header) for select in selects)

    def ignores(self, entry: str, header: str) -> bool:
        """Whether the entry leaves the header out on purpose."""
        return any(fnmatchcase(header, pattern) for pattern in self.files[entry].ignore)

    def tables_of(self, entry: str) -> tuple[str, ...]:
        """The tables that read this file entry, in the order of the mapping."""
        return tuple(name for name, rule in self.tables.items() if reads(rule, entry))

    def in_sql(self, entry: str) -> bool:
        """Whether any table selects from this file entry."""
        return any(rule.sql and reads(rule, entry) for rule in self.tables.values())


def headers_of(rule: TableRule) -> tuple[str, ...]:
    """The headers that a table's rule names, in its order."""
    named = [header for column in (rule.columns or {}).values() for header in column.headers]
    named += [rule.newest_by] if rule.newest_by else []
    named += [rule.where.column] if rule.where else []
    return tuple(dict.fromkeys(named))


def reads(rule: TableRule, entry: str) -> bool:
    """Whether the table takes rows from this file entry; a select, where it names it."""
    if rule.sql is None:
        return rule.from_ == entry
    return _names(rule.sql, entry)


def _names(select: str, name: str) -> bool:
    """Whether a name stands in a select as a whole word."""
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", select) is not None
