"""The JSON Schema of a mapping accepts what the reader accepts and refuses what it refuses."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from pipeline.intake.mapping import ColumnRule, FileRule, Number, Rules, TableRule, Where
from pipeline.intake.mapping_schema import mapping_schema
from pipeline.resources import built_in
from pipeline.schema import TABLES

SCHEMA = mapping_schema()
SHIPPED = sorted(
    [
        *built_in("sources").glob("*.toml"),
        *built_in("data", "examples").glob("*/sources/*.toml"),
        *built_in("data", "demo", "sources").glob("*.toml"),
    ]
)
GOOD = """
schema = 1
[files.a]
path = "a.csv"
header = [1, 2]
[tables.accounts]
from = "a"
where = { column = "type", in = ["B2B"] }
[tables.accounts.columns]
account_id = "id"
name = { first_of = ["name", "short"] }
signed_on = { from = "since", date = ["%d/%m/%Y", "iso"] }
potential_amount = { from = "money", number = { decimal = ",", thousands = ".", scale = 10000 } }
status = { from = "open", values = { yes = true, no = 0, "*" = "null" } }
currency = { value = "EUR" }
parent_id = { from = "group", key_of = "accounts" }
"""


def faults(text: str) -> list[str]:
    checker = jsonschema.Draft202012Validator(SCHEMA)
    return [error.message for error in checker.iter_errors(tomllib.loads(text))]


def test_it_is_a_schema_of_the_dialect_it_names() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)

    assert SCHEMA["$schema"].endswith("2020-12/schema")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_every_mapping_that_is_shipped_fits_it(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_each_short_form_of_the_language_fits_it() -> None:
    assert faults(GOOD) == []
    Rules.model_validate(tomllib.loads(GOOD))


@pytest.mark.parametrize(
    "change",
    [
        ("schema = 1", "schema = 2"),
        ("schema = 1", "schema = 1\ntimezone = 'UTC'"),
        ("path =", "pth ="),
        ('path = "a.csv"', 'path = "a.csv"\nformat = "xslx"'),
        ('path = "a.csv"', 'path = "a.csv"\ndelimiter = "--"'),
        ("header = [1, 2]", "header = -1"),
        ("header = [1, 2]", 'header = 0\nformat = "json"'),
        ('from = "a"', 'from = "a"\nnewestby = "x"'),
        ('from = "a"', 'from = "a"\nsql = "select 1"'),
        ('from = "a"', 'sql = "select 1"'),
        ('from = "a"', 'from = "a"\nkey = ["acount_id"]'),
        ("[tables.accounts]", '[tables.acounts]\nfrom = "a"\n[tables.accounts]'),
        ('account_id = "id"', 'acount_id = "id"'),
        ('account_id = "id"\n', ""),
        ('"id"', '{ from = "id", value = "x" }'),
        ('"id"', '{ form = "id" }'),
        ('date = ["%d/%m/%Y", "iso"]', 'date = "DD/MM/YYYY"'),
        ('decimal = ","', 'decimal = ";"'),
        ("scale = 10000", "scale = 0"),
        ('key_of = "accounts"', 'key_of = "account"'),
        ("in =", "im ="),
    ],
    ids=lambda change: change[1].replace("\n", " ") or f"without {change[0].strip()}",
)
def test_what_the_reader_refuses_does_not_fit_it(change: tuple[str, str]) -> None:
    assert faults(GOOD.replace(*change, 1))


def test_every_canonical_column_is_offered_by_name() -> None:
    tables = SCHEMA["properties"]["tables"]["properties"]
    columns = {name: set(rule["properties"]["columns"]["properties"]) for name, rule in tables.items()}

    assert columns == {name: set(table.column_names) for name, table in TABLES.items()}
    told = tables["opportunities"]["properties"]["columns"]["properties"]
    assert told["amount"]["description"] == "A number with up to four decimals."
    assert told["kind"]["description"] == "Text. One of new, cross_sell, up_sell, renewal."


@pytest.mark.parametrize("part", [Rules, FileRule, TableRule, ColumnRule, Number, Where])
def test_every_key_says_what_it_is(part: Any) -> None:
    assert [name for name, key in part.model_fields.items() if not key.description] == []
