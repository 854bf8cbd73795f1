"""The JSON Schema of a mapping, for editors that complete and check TOML while it is written.

Made from the models that read a mapping and from the canonical tables, so that what it accepts is what a run accepts;
only what spans entries (a table from an entry that does not exist, a required column) is left to `sources check`.
"""

from __future__ import annotations

from typing import Any

from pipeline.intake.mapping import Rules
from pipeline.schema import TABLES, Column, Kind, Table

JsonSchema = dict[str, Any]
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_KINDS: dict[Kind, str] = {
    "text": "Text.",
    "date": "A day.",
    "timestamp": "A day and time.",
    "exact": "A number with up to four decimals.",
    "rate": "A number with up to eight decimals.",
    "integer": "A whole number.",
    "boolean": "Yes or no.",
}


def mapping_schema() -> JsonSchema:
    """The JSON Schema (draft 2020-12) of a mapping file, with every canonical table and column by name."""
    made = Rules.model_json_schema(by_alias=True)
    return {
        "$schema": _DIALECT,
        **made,
        "properties": {**made["properties"], "tables": _tables(made["properties"]["tables"])},
        "$defs": {**made["$defs"], "ColumnRule": _column_rule(made["$defs"]["ColumnRule"])},
    }


def _tables(declared: JsonSchema) -> JsonSchema:
    """The tables by name instead of any name."""
    return {
        **declared,
        "additionalProperties": False,
        "properties": {
            name: _table(table, declared["additionalProperties"]) for name, table in TABLES.items()
        },
    }


def _table(table: Table, rule: JsonSchema) -> JsonSchema:
    names = list(table.column_names)
    columns = {
        "type": "object",
        "additionalProperties": False,
        "required": [column.name for column in table.columns if column.required],
        "properties": {column.name: {"description": _described(column)} for column in table.columns},
    }
    one_name = {"type": "string", "enum": names}
    key = {"anyOf": [one_name, {"type": "array", "items": one_name}]}
    target = {"enum": list(TABLES)}
    key_of = {"additionalProperties": False, "properties": {name: target for name in names}}  # noqa: C420  # one schema
    return {**rule, "properties": {"columns": columns, "key": key, "key_of": key_of}}


def _column_rule(declared: JsonSchema) -> JsonSchema:
    tables = {"type": "string", "enum": list(TABLES)}
    key_of = {**declared["properties"]["key_of"], "anyOf": [tables, {"type": "null"}]}
    return {**declared, "properties": {**declared["properties"], "key_of": key_of}}


def _described(column: Column) -> str:
    """What an editor shows beside a canonical column."""
    words = [_KINDS[column.kind]]
    words += [f"One of {', '.join(column.allowed)}."] if column.allowed else []
    words += ["Required."] if column.required else []
    return " ".join(words)
