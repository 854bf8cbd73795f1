from __future__ import annotations

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import SettingsError, SourceError
from pipeline.intake.mapping_files import load_mapping, names
from pipeline.resources import built_in
from pipeline.schema import TABLES

ACCOUNTS = '[files.a]\npath = ["a.csv"]\n[tables.accounts]\nfrom = "a"\n[tables.accounts.columns]\n'
GOOD = "schema = 1\n" + ACCOUNTS + 'account_id = "id"\nname = "name"\n'


def _load(folder: Path, text: str) -> Any:
    (folder / "sources").mkdir(exist_ok=True)
    (folder / "sources" / "own.toml").write_text(text, encoding="utf-8")
    return load_mapping("own", folder)


def _error(folder: Path, text: str) -> SourceError:
    with pytest.raises(SourceError) as error:
        _load(folder, text)
    return error.value


def test_the_example_of_the_grammar_is_understood(tmp_path: Path) -> None:
    mapping = _load(
        tmp_path,
        """
schema = 1
time_zone = "Asia/Shanghai"
[files.deals]
path = ["sales_pipeline*.csv"]
format = "csv"
encoding = "auto"
delimiter = "auto"
sheet = ""
header = [1, 2]
skip_last = 0
empty = ["", "NULL"]
ignore = ["Photo*"]
complete = false
[tables.opportunities]
from = "deals"
key = ["opportunity_id"]
newest_by = "modified"
where = { column = "type", in = ["B2B"] }
[tables.opportunities.columns]
opportunity_id = "opportunity_id"
account_id = { from = "account", key_of = "accounts" }
closed_on = { from = "close_date", date = "%Y-%m-%d" }
amount = { from = "close_value", number = { decimal = ".", thousands = ",", scale = 10000 } }
is_won = { from = "deal_stage", values = { Won = true, Lost = false, "*" = "null" } }
currency = { value = "USD" }
stage = { first_of = ["stage_zh", "stage"] }
[tables.accounts]
sql = "select account as account_id, account as name, list(_row) as _from from deals group by all"
""",
    )

    columns = mapping.tables["opportunities"].columns
    assert columns["closed_on"].date == ("%Y-%m-%d",)
    assert columns["is_won"].values == {"Won": "true", "Lost": "false", "*": "null"}
    assert mapping.wanted_headers("deals") >= {"modified", "type", "stage_zh", "close_value"}
    assert mapping.tables_of("deals") == ("opportunities", "accounts")
    assert mapping.in_sql("deals")


@pytest.mark.parametrize(
    ("change", "where", "nearest"),
    [
        (("path =", "pth ="), "files.a.pth", "path"),
        (('from = "a"', 'from = "a"\nnewestby = "x"'), "tables.accounts.newestby", "newest_by"),
        (('"id"', '{ form = "id" }'), "tables.accounts.columns.account_id.form", "from"),
        (('"id"', '{ from = "id", number = { decimals = "." } }'), "number.decimals", "decimal"),
        (('from = "a"', 'from = "a"\nwhere = { colum = "x", in = ["y"] }'), "where.colum", "column"),
        (("schema = 1", "schema = 1\ntimezone = 'UTC'"), "timezone", "time_zone"),
        (("schema = 1", "schema = 1\ntime_zone = 'Asia/Shanghia'"), "time_zone", None),
        (("schema = 1", "schema = 2"), "schema", None),
        (('"id"', '{ from = "id", value = "x" }'), "account_id", None),
        (('"id"', "{ key_of = 'accounts' }"), "account_id", None),
        (('"id"', '{ from = "id", date = "YYYY-MM-DD" }'), "account_id.date", None),
        (('"id"', '{ from = "id", number = { decimal = ",", thousands = "," } }'), "number", None),
        (('from = "a"', 'from = "a"\nsql = "select 1"'), "tables.accounts", None),
        (('from = "a"', 'sql = "select 1 from a"'), "tables.accounts", None),
        (('["a.csv"]', '["a.csv"]\nformat = "xslx"'), "files.a.format", None),
        (('["a.csv"]', '["a.csv"]\nheader = -1'), "files.a.header", None),
        (('["a.csv"]', '["a.json"]\nformat = "json"\nheader = 0'), "files.a", None),
        (('["a.csv"]', '["a.csv"]\nheader = [1, 3]'), "files.a", None),
        (('["a.csv"]', '["a.csv"]\ndelimiter = "--"'), "files.a.delimiter", None),
        (("[tables", '[files.b]\npath = ["b.csv"]\n[tables'), "files.b", None),
    ],
)
def test_what_the_grammar_does_not_know_stops(
    tmp_path: Path, change: tuple[str, str], where: str, nearest: str | None
) -> None:
    error = _error(tmp_path, GOOD.replace(*change, 1))

    assert error.code == "KB-1102"
    assert where in error.where
    assert error.fix
    if nearest:
        assert error.nearest == nearest


@pytest.mark.parametrize(
    ("change", "nearest"),
    [
        (("[tables.accounts]", '[tables.acounts]\nfrom = "a"\n[tables.accounts]'), "accounts"),
        (('"name"\n', '"name"\nindustri = "x"\n'), "industry"),
        (('from = "a"', 'from = "aa"'), "a"),
        (('from = "a"', 'from = "a"\nkey = ["acount_id"]'), "account_id"),
        (('"name"\n', '"name"\nowner_id = { from = "x", key_of = "manager" }\n'), "managers"),
    ],
)
def test_names_that_the_schema_does_not_know_stop_with_the_nearest(
    tmp_path: Path, change: tuple[str, str], nearest: str
) -> None:
    error = _error(tmp_path, GOOD.replace(*change, 1))

    assert (error.code, error.nearest) == ("KB-1104", nearest)


def test_a_required_column_that_nothing_fills_stops(tmp_path: Path) -> None:
    error = _error(tmp_path, GOOD.replace('name = "name"', 'name_en = "name"'))
    assert (error.code, error.nearest) == ("KB-1105", "name_en")

    error = _error(tmp_path, GOOD.replace('from = "a"', 'from = "a"\nkey = ["account_id", "region"]'))
    assert (error.code, "region" in error.what) == ("KB-1105", True)


def test_a_mapping_that_is_not_there_names_those_that_are(tmp_path: Path) -> None:
    for name in ("generc", "../generic"):
        with pytest.raises(SourceError) as error:
            load_mapping(name, tmp_path)
        assert (error.value.code, error.value.nearest) == ("KB-1101", "generic")


def test_the_workspace_comes_before_the_built_in_ones(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "generic.toml").write_text(GOOD)

    assert load_mapping("generic", tmp_path).path == tmp_path / "sources" / "generic.toml"
    assert "generic" in names(tmp_path)


def test_a_file_that_is_no_toml_says_so(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="KB-1011"):
        _load(tmp_path, "schema = ")


@pytest.mark.parametrize("path", sorted(built_in("sources").glob("*.toml")), ids=lambda path: path.stem)
def test_each_built_in_mapping_fits_the_schema_and_has_a_case(
    path: Path, tmp_path: Path, checkout: Path
) -> None:
    load_mapping(path.stem, tmp_path)

    assert (checkout / "tests" / "sources" / path.stem / "expected").is_dir()


@pytest.mark.parametrize(
    "path", sorted(built_in("data", "examples").glob("*/sources/*.toml")), ids=lambda path: path.stem
)
def test_each_example_mapping_fits_the_schema(path: Path) -> None:
    load_mapping(path.stem, path.parent.parent)


def test_the_generic_mapping_knows_every_table_by_a_name_of_its_own(tmp_path: Path) -> None:
    mapping = load_mapping("generic", tmp_path)

    assert set(mapping.tables) == set(mapping.files) == set(TABLES)
    assert [entry for entry, rule in mapping.files.items() if not rule.optional] == ["accounts"]
    assert not [pair for pair in permutations(TABLES, 2) if pair[0].startswith(pair[1])]
