from __future__ import annotations

import csv
import gzip
import json
import os
import random
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow.parquet as pq
import pytest

from pipeline import store
from pipeline.context import Context
from pipeline.errors import DataError, KambookError, SourceError
from pipeline.ingest import ingest
from pipeline.log import Log
from pipeline.periods import parse_period
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.schema import PANDAS_DTYPE, TABLES
from pipeline.settings import Settings, load_settings
from tests.tables import REJECT_COLUMNS
from tests.workbook import write_workbook

ACCOUNTS = "account_id,name\nA1,Acme\nA2,Bolt\n"
ORDERS = "order_id,account_id,ordered_on\nO1,A1,2026-09-01\nO2,A2,2026-09-02\n"
EXPORTS = {"accounts.csv": ACCOUNTS, "orders.csv": ORDERS}
Start = Callable[..., Context]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """A context over exports and files of a workspace that are given by name."""

    def started(
        exports: Mapping[str, str | bytes] = EXPORTS,
        *,
        mappings: tuple[str, ...] = ("generic",),
        basis: str = "ordered",
        **files: str,
    ) -> Context:
        for folder, contents in (("exports", exports), ("workspace", files)):
            shutil.rmtree(tmp_path / folder, ignore_errors=True)
            for name, content in contents.items():
                path = tmp_path / folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content.encode() if isinstance(content, str) else content)
        given = {
            "schema": 1,
            "company": {"name": "Ours"},
            "sales": {"basis": basis},
            "sources": {"mappings": mappings},
        }
        return Context(
            workspace=tmp_path / "workspace",
            run=tmp_path / "runs" / "2026-09",
            exports=tmp_path / "exports",
            settings=Settings.model_validate(given),
            policy=load_policy(tmp_path),
            period=parse_period("2026-09"),
            fonts=tmp_path,
            log=Log(tmp_path / "log.jsonl", quiet=True),
        )

    return started


def _table(context: Context, name: str) -> pd.DataFrame:
    return pq.read_table(context.run / "tables" / f"{name}.parquet").to_pandas()


def _rejects(context: Context) -> list[dict[str, Any]]:
    return list(_table(context, "rejects").to_dict("records"))


def _notes(context: Context) -> dict[str, dict[str, Any]]:
    said = store.read_json(context.run / "tables" / "ingest.json")
    return {note["expectation"]: note for note in said["notes"]}


def _error(context: Context) -> KambookError:
    with pytest.raises(KambookError) as error:
        ingest(context)
    assert not (context.run / "tables").exists()
    assert error.value.fix
    return error.value


def _mapping(columns: str, table: str = "orders", entry: str = "", rule: str = "") -> str:
    return (
        f"schema = 1\n[files.accounts]\npath = ['accounts*.csv']\n[tables.accounts]\nfrom = 'accounts'\n"
        f"[files.rows]\npath = ['rows*']\n{entry}\n[tables.{table}]\nfrom = 'rows'\n{rule}\n"
        f"[tables.{table}.columns]\n{columns}"
    )


ROWS = "order_id = 'id'\naccount_id = 'customer'\nordered_on = 'day'\n"


##### What is written ##################################################################################################


@pytest.mark.parametrize("case", sorted(path.name for path in (Path(__file__).parent / "sources").iterdir()))
def test_each_source_gives_the_tables_of_its_case(start: Start, checkout: Path, case: str) -> None:
    folder = checkout / "tests" / "sources" / case
    exports = {path.name: path.read_bytes() for path in (folder / "exports").iterdir()}
    beside = (
        folder / "beside.txt"
    )  # the mappings that a source needs beside it, as Zendesk needs a CRM's accounts
    others = beside.read_text(encoding="utf-8").split() if beside.is_file() else []
    context = start(exports, mappings=(case, *others))
    ingest(context)

    expected = {path.stem: path for path in (folder / "expected").glob("*.csv")}
    assert set(store.read_json(context.run / "tables" / "ingest.json")["rows"]) == set(expected)
    for name, path in expected.items():
        with path.open(encoding="utf-8", newline="") as stream:
            wanted = list(csv.DictReader(stream))
        rows = _table(context, name)
        assert rows.drop(columns=[*wanted[0], "_row", "_part"]).isna().all(axis=None)
        found = [{key: _printed(row[key]) for key in wanted[0]} for row in rows.to_dict("records")]
        key = TABLES[name].key
        assert sorted(found, key=lambda row: [row[each] for each in key]) == wanted


def _printed(value: Any) -> str:
    if pd.isna(value):
        return ""
    if isinstance(value, pd.Timestamp):
        return str(value) if value.tzinfo else f"{value:%Y-%m-%d}"
    return str(value)


def test_tables_have_every_column_in_its_type_and_the_trace(start: Start) -> None:
    context = start()
    ingest(context)

    for name in ("accounts", "orders"):
        rows = _table(context, name)
        assert rows.columns.tolist() == [*TABLES[name].column_names, "_source", "_line", "_row", "_part"]
        for column in TABLES[name].columns:  # Parquet keeps milliseconds, not seconds
            assert str(rows[column.name].dtype) == PANDAS_DTYPE[column.kind].replace("[s", "[ms")
        assert str(rows["_part"].dtype) == "int8"
        assert rows["_row"].str.fullmatch("[0-9a-f]{16}").all()


def test_raw_copies_are_the_exports_with_hash_size_and_rows(start: Start) -> None:
    context = start({**EXPORTS, "sub/payments.csv": "x", "README.txt": "hello"})
    ingest(context)

    inputs = store.read_json(context.run / "raw" / "inputs.json")
    assert [(each["source"], each["path"], each["rows"]) for each in inputs] == [
        ("generic", "accounts.csv", 2),
        ("generic", "orders.csv", 2),
    ]
    for each in inputs:
        copy = context.run / "raw" / each["path"]
        assert copy.read_bytes() == (context.exports / each["path"]).read_bytes()
        assert (each["sha256"], each["bytes"]) == (store.sha256_of_file(copy), copy.stat().st_size)
    assert _notes(context)["files_are_mapped"]["rows"] == 2


def test_a_run_can_be_repeated_from_its_own_raw_copies(start: Start) -> None:
    context = start()
    ingest(context)
    before = (context.run / "tables" / "orders.parquet").read_bytes()
    again = replace(context, exports=context.run / "raw")
    ingest(again)

    assert (again.run / "tables" / "orders.parquet").read_bytes() == before


def test_nothing_is_done_again_until_something_changed(start: Start, tmp_path: Path) -> None:
    context = start()
    ingest(context)
    first = (context.run / "tables" / "done.json").stat().st_mtime_ns
    ingest(context)
    assert (context.run / "tables" / "done.json").stat().st_mtime_ns == first

    (tmp_path / "exports" / "orders.csv").write_text(ORDERS + "O3,A1,2026-09-03\n")
    ingest(context)
    assert len(_table(context, "orders")) == 3
    (tmp_path / "workspace").mkdir(exist_ok=True)
    (tmp_path / "workspace" / "aliases.toml").write_text("[products]\na = 'b'\n")
    second = (context.run / "tables" / "done.json").stat().st_mtime_ns
    ingest(context)
    assert (context.run / "tables" / "done.json").stat().st_mtime_ns > second


##### Values ###########################################################################################################


def test_a_row_with_a_value_that_cannot_be_cast_goes_to_the_rejects_as_it_came(start: Start) -> None:
    context = start(
        {
            **EXPORTS,
            "orders.csv": ORDERS + "O3,A1,2026-02-30\nO4,A1\n",
            "payments.csv": "payment_id,paid_on,amount\nP,x,y\n",
        }
    )
    ingest(context)

    assert sorted(_table(context, "orders")["order_id"]) == ["O1", "O2"]
    assert tuple(_rejects(context)[0]) == REJECT_COLUMNS
    told = [(row["table"], row["_line"], row["column"], row["_reason"]) for row in _rejects(context)]
    assert told == [
        ("orders", 4, "ordered_on", "not a date (iso)"),
        ("orders", 5, "row", "2 cells where the header has 3"),
        ("payments", 2, "paid_on", "not a date (iso); amount: not a number"),
    ]
    assert json.loads(_rejects(context)[0]["cells"]) == {
        "order_id": "O3",
        "account_id": "A1",
        "ordered_on": "2026-02-30",
    }
    # every row of payments came and none survived: the table is there, empty, for the checks to judge
    assert len(_table(context, "payments")) == 0


def test_a_value_that_the_mapping_does_not_list_is_rejected(start: Start) -> None:
    columns = ROWS + "kind = { from = 'type', values = { N = 'new', '-' = 'null' } }\n"
    rows = "id,customer,day,type\nO1,A1,2026-09-01,N\nO2,A1,2026-09-01,-\nO3,A1,2026-09-01,X\nO4,A1,2026-09-01,\n"
    context = start(
        {"accounts.csv": ACCOUNTS, "rows.csv": rows},
        mappings=("own",),
        **{"sources/own.toml": _mapping(columns)},
    )
    ingest(context)

    kinds = _table(context, "orders").set_index("order_id")["kind"]
    assert {name: None if pd.isna(kind) else kind for name, kind in kinds.items()} == {
        "O1": "new",
        "O2": None,
        "O4": None,
    }
    assert [(row["_line"], row["column"]) for row in _rejects(context)] == [(4, "kind")]


def test_the_rules_of_a_mapping_are_applied(start: Start) -> None:
    columns = (
        "invoice_id = '单号'\naccount_id = { from = '客户', key_of = 'accounts' }\ncurrency = { value = 'CNY' }\n"
        "issued_on = { from = '日期', date = ['%Y年%m月%d日', 'excel'] }\n"
        "net_amount = { from = '金额', number = { thousands = ',', scale = 10000 } }\n"
        "kind = { first_of = ['类型', '大类'] }\nis_disputed = '争议'\n"
    )
    rows = (
        '销售表,,,,,,,\n单号,客户,日期,金额,类型,大类,争议,状态\nI1,Acme,2026年9月3日,"1,234.56789",,x,否,ok\n'
        "I2,阿克梅,46268,-0.5,y,x,,ok\nI3,Acme,2026年9月4日,1,y,x,是,void\n合计,,,,,,,\n"
    )
    mapping = _mapping(
        columns,
        "invoices",
        "encoding = 'auto'\nheader = 'auto'\nskip_last = 1\nignore = ['状*']",
        "where = { column = '状态', in = ['ok', ''] }",
    )
    context = start(
        {"accounts.csv": ACCOUNTS, "rows.csv": rows.encode("gb18030")},
        mappings=("own",),
        basis="invoiced",
        **{"sources/own.toml": mapping, "aliases.toml": "[accounts]\n'阿克梅' = 'Acme'\n"},
    )
    ingest(context)

    found = _table(context, "invoices").sort_values("invoice_id")
    assert found["account_id"].tolist() == ["A1", "A1"]
    assert found["net_amount"].tolist() == [123_456_789_000, -50_000_000]
    assert found["issued_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-09-03", "2026-09-03"]
    assert found["kind"].tolist() == ["x", "y"]
    assert found["currency"].tolist() == ["CNY", "CNY"]
    assert found["_line"].tolist() == [3, 4]
    assert "headers_are_mapped" not in _notes(context)


def test_naive_times_are_in_the_mappings_zone_and_else_in_the_companys(start: Start) -> None:
    cases = "case_id,account_id,opened_at\nT,A1,2026-09-01 09:00\n"
    context = start({**EXPORTS, "cases.csv": cases})
    ingest(context)
    assert _table(context, "cases")["opened_at"][0] == pd.Timestamp("2026-09-01T01:00Z")

    own = (
        (built_in("sources") / "generic.toml")
        .read_text()
        .replace("schema = 1", "schema = 1\ntime_zone = 'Europe/Berlin'")
    )
    context = start({**EXPORTS, "cases.csv": cases}, **{"sources/generic.toml": own})
    ingest(context)
    assert _table(context, "cases")["opened_at"][0] == pd.Timestamp("2026-09-01T07:00Z")


def test_rows_without_an_account_are_kept_and_counted(start: Start) -> None:
    lines = "order_id,line_no,net_amount\nO1,1,5\nO3,1,6\nO3,2,7\n"
    context = start({**EXPORTS, "orders.csv": ORDERS + "O3,,2026-09-03\n", "order_lines.csv": lines})
    ingest(context)
    said = store.read_json(context.run / "tables" / "ingest.json")["notes"]

    assert sorted(_table(context, "orders")["account_id"]) == ["A1", "A2", "~"]
    counted = {note["table"]: note["rows"] for note in said if note["expectation"] == "rows_name_an_account"}
    assert counted == {"orders": 1, "order_lines": 2}


def test_several_files_are_one_table_also_from_zip_and_gz(start: Start, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as archive:
        archive.writestr("crm/orders_3.csv", "order_id,account_id,ordered_on\nO3,A1,2026-09-03\n")
    packed = gzip.compress(b"order_id,account_id,ordered_on\nO4,A1,2026-09-04\n")
    context = start({**EXPORTS, "march.zip": (tmp_path / "x.zip").read_bytes(), "orders_4.csv.gz": packed})
    ingest(context)

    found = _table(context, "orders").set_index("order_id")["_source"].to_dict()
    assert found == {
        "O1": "orders.csv",
        "O2": "orders.csv",
        "O3": "march.zip!crm/orders_3.csv",
        "O4": "orders_4.csv.gz",
    }
    inputs = {each["path"]: each["rows"] for each in store.read_json(context.run / "raw" / "inputs.json")}
    assert inputs == {"accounts.csv": 2, "march.zip": 1, "orders.csv": 2, "orders_4.csv.gz": 1}


def test_overlapping_exports_keep_one_row_a_key_and_say_so(start: Start) -> None:
    mapping = _mapping(
        ROWS + "status = 'state'\n", rule="newest_by = 'changed'", entry="ignore = ['changed']"
    )
    old = "id,customer,day,state,changed\nO1,A1,2026-09-01,open,2026-09-01 08:00\nO2,A1,2026-09-01,open,2026-09-01 08:00\n"
    new = "id,customer,day,state,changed\nO1,A1,2026-09-01,closed,2026-09-05 08:00\nO2,A1,2026-09-01,open,2026-09-01 08:00\n"
    context = start(
        {"accounts.csv": ACCOUNTS, "rows_1.csv": new, "rows_2.csv": old},
        mappings=("own",),
        **{"sources/own.toml": mapping},
    )
    ingest(context)

    assert _table(context, "orders").set_index("order_id")["status"].to_dict() == {
        "O1": "closed",
        "O2": "open",
    }
    assert _notes(context)["rows_stand_once"]["rows"] == 1
    assert _notes(context)["keys_have_one_version"]["rows"] == 1


def test_newest_by_needs_something_that_can_be_compared(start: Start) -> None:
    rows = "id,customer,day,state\nO1,A1,2026-09-01,open\n"
    for header, code in (("state", "KB-1104"), ("changed", "KB-1103")):
        own = {"sources/own.toml": _mapping(ROWS, rule=f"newest_by = '{header}'")}
        assert (
            _error(start({"accounts.csv": ACCOUNTS, "rows.csv": rows}, mappings=("own",), **own)).code == code
        )


def test_the_newest_row_is_found_by_a_column_of_any_format(start: Start) -> None:
    columns = ROWS.replace("'day'", "{ from = 'day', date = '%d/%m/%Y' }") + "status = 'state'\n"
    rows = "id,customer,day,state,version\nO1,A1,09/08/2026,old,9\nO1,A1,01/09/2026,new,10\n"
    for header in ("day", "version"):
        own = {"sources/own.toml": _mapping(columns, rule=f"newest_by = '{header}'")}
        context = start({"accounts.csv": ACCOUNTS, "rows.csv": rows}, mappings=("own",), **own)
        ingest(context)
        assert _table(context, "orders")["status"].tolist() == ["new"]


def test_a_workbook_is_mapped_and_its_other_sheets_are_listed(start: Start, tmp_path: Path) -> None:
    write_workbook(tmp_path / "rows.xlsx")
    columns = "order_id = '编号'\naccount_id = { value = 'A1' }\nordered_on = '日期'\n"
    own = {
        "sources/own.toml": _mapping(
            columns, entry="format = 'xlsx'\nheader = 'auto'\nignore = ['金额', '有效']"
        )
    }
    exports = {"accounts.csv": ACCOUNTS, "rows.xlsx": (tmp_path / "rows.xlsx").read_bytes()}
    context = start(exports, mappings=("own",), **own)
    ingest(context)

    (order,) = _table(context, "orders").to_dict("records")
    assert (order["order_id"], f"{order['ordered_on']:%Y-%m-%d}", order["_line"]) == ("7", "2026-09-03", 4)
    assert _notes(context)["sheets_are_mapped"]["values"] == {"sheets": "notes"}


def test_rows_without_cells_are_said(start: Start) -> None:
    context = start({**EXPORTS, "orders.csv": ORDERS + ",,\n,,\n"})
    ingest(context)

    assert _notes(context)["rows_hold_cells"]["rows"] == 2


def test_of_complete_exports_the_last_one_counts(start: Start) -> None:
    files = {
        "accounts.csv": ACCOUNTS,
        "rows_08.csv": "id,customer,day\nO1,A1,2026-08-01\nO2,A1,2026-08-01\n",
        "rows_09.csv": "id,customer,day\nO2,A1,2026-08-01\n",
    }
    for complete, orders in (("false", ["O1", "O2"]), ("true", ["O2"])):
        own = _mapping(ROWS, entry=f"complete = {complete}")
        context = start(files, mappings=("own",), **{"sources/own.toml": own})
        ingest(context)
        assert sorted(_table(context, "orders")["order_id"]) == orders
    assert _notes(context)["one_complete_export"]["rows"] == 1


def test_two_mappings_are_merged_in_the_order_of_the_list(start: Start) -> None:
    erp = (
        "schema = 1\n[files.customers]\npath = ['erp.csv']\n[tables.accounts]\nfrom = 'customers'\n"
        "[tables.accounts.columns]\naccount_id = 'no'\nname = 'name'\nregion = 'area'\n"
    )
    context = start(
        {**EXPORTS, "erp.csv": "no,name,area\nA1,ACME,N\nA3,Zeta,S\n"},
        mappings=("generic", "erp"),
        **{"sources/erp.toml": erp},
    )
    ingest(context)

    found = _table(context, "accounts").set_index("account_id")
    assert found["name"].to_dict() == {"A1": "Acme", "A2": "Bolt", "A3": "Zeta"}
    assert (found["region"]["A1"], found["_source"]["A1"]) == ("N", "accounts.csv")
    assert _notes(context)["sources_agree"]["severity"] == "warning"


def test_a_table_by_sql_over_an_absent_optional_file_is_absent_and_said(start: Start) -> None:
    own = (built_in("sources") / "generic.toml").read_text()
    own = own.replace('from = "products"', "sql = 'select product_id, name, _row from products'")
    context = start(EXPORTS, **{"sources/generic.toml": own})
    ingest(context)
    assert _notes(context)["files_are_there"]["table"] == "products"

    context = start(
        {**EXPORTS, "products.csv": "product_id,name\nP1,Pump\nP2\n"}, **{"sources/generic.toml": own}
    )
    ingest(context)
    assert _table(context, "products")["product_id"].tolist() == ["P1"]
    assert [(row["table"], row["_line"], row["column"]) for row in _rejects(context)] == [
        ("products", 3, "row")
    ]


def test_headers_that_are_not_mapped_are_listed_and_likely_misspellings_warned_of(start: Start) -> None:
    context = start({**EXPORTS, "accounts.csv": "account_id,name,regionn,Foto\nA1,Acme,N,x\n"})
    ingest(context)

    listed = _notes(context)["headers_are_mapped"]
    assert (listed["severity"], listed["rows"]) == ("info", 2)
    assert _notes(context)["headers_are_canonical"]["severity"] == "warning"
    assert _notes(context)["headers_are_canonical"]["values"] == {"header": "regionn", "nearest": "region"}


##### Corrections ######################################################################################################

CORRECTION = "schema = 1\n[[correction]]\ntable = 'orders'\nmatch = { order_id = 'O3' }\nreason = 'typing error'\nwho = 'Li Na'\n"


def test_a_correction_repairs_even_what_could_not_be_cast(start: Start) -> None:
    fix = (
        CORRECTION
        + "expect = { ordered_on = '2026-02-30' }\nset = { ordered_on = 2026-03-02, account_id = 'A2' }\n"
    )
    context = start({**EXPORTS, "orders.csv": ORDERS + "O3,A1,2026-02-30\n"}, **{"corrections.toml": fix})
    ingest(context)

    (row,) = _table(context, "orders").query("order_id == 'O3'").to_dict("records")
    assert (row["account_id"], f"{row['ordered_on']:%Y-%m-%d}") == ("A2", "2026-03-02")
    assert not _rejects(context)


def test_a_correction_drops_a_row(start: Start) -> None:
    fix = CORRECTION + "expect = { account_id = 'A1' }\ndrop = true\n"
    context = start({**EXPORTS, "orders.csv": ORDERS + "O3,A1,2026-02-30\n"}, **{"corrections.toml": fix})
    ingest(context)

    assert sorted(_table(context, "orders")["order_id"]) == ["O1", "O2"]
    assert not _rejects(context)


@pytest.mark.parametrize("row", ["O3,A1,2026-09-03\n", ""])
def test_a_correction_that_no_longer_holds_stops(start: Start, row: str) -> None:
    fix = CORRECTION + "expect = { ordered_on = '2026-02-30' }\nset = { ordered_on = 2026-03-02 }\n"
    error = _error(start({**EXPORTS, "orders.csv": ORDERS + row}, **{"corrections.toml": fix}))

    assert (error.code, error.exit_code) == ("KB-1231", 12)


##### What stops #######################################################################################################


def test_a_missing_file_stops_with_the_nearest(start: Start) -> None:
    error = _error(start({"acounts.csv": ACCOUNTS, "orders.csv": ORDERS}))

    assert isinstance(error, SourceError)
    assert (error.code, error.nearest) == ("KB-1106", "acounts.csv")


def test_a_renamed_header_stops_with_the_nearest(start: Start) -> None:
    error = _error(start({**EXPORTS, "orders.csv": ORDERS.replace("ordered_on", "order_on")}))
    assert (error.code, error.where, error.nearest) == ("KB-1103", "orders.csv", "order_on")

    rows = "id,customer,date\nO1,A1,2026-09-01\n"
    own = {"sources/own.toml": _mapping(ROWS)}
    error = _error(start({"accounts.csv": ACCOUNTS, "rows.csv": rows}, mappings=("own",), **own))
    assert (error.code, error.where) == ("KB-1103", "rows.csv")


def test_a_mapped_header_that_stands_twice_stops(start: Start) -> None:
    rows = "id,customer,day,day\nO1,A1,2026-09-01,2026-09-02\n"
    own = {"sources/own.toml": _mapping(ROWS)}

    assert (
        _error(start({"accounts.csv": ACCOUNTS, "rows.csv": rows}, mappings=("own",), **own)).code
        == "KB-1115"
    )


@pytest.mark.parametrize("empty", ["", "account_id,name\n", "account_id,name\n\n,\n"])
def test_an_empty_export_of_a_required_table_stops(start: Start, empty: str) -> None:
    error = _error(start({**EXPORTS, "accounts.csv": empty}))

    assert isinstance(error, DataError)
    assert (error.code, error.exit_code, "accounts" in error.where) == ("KB-1230", 12, True)


def test_an_empty_export_of_the_sales_stops_and_of_others_is_said(start: Start) -> None:
    assert _error(start({**EXPORTS, "orders.csv": "order_id,account_id,ordered_on\n"})).code == "KB-1230"

    context = start({**EXPORTS, "payments.csv": "payment_id,paid_on,amount\n"})
    ingest(context)
    assert not (context.run / "tables" / "payments.parquet").exists()
    assert (
        _notes(context)["tables_hold_rows"]["severity"],
        _notes(context)["tables_hold_rows"]["table"],
    ) == (
        "warning",
        "payments",
    )


def test_accounts_and_a_table_of_sales_must_come_out(start: Start) -> None:
    error = _error(
        start({"accounts.csv": ACCOUNTS, "payments.csv": "payment_id,paid_on,amount\nP,2026-09-01,5\n"})
    )

    assert (error.code, error.exit_code) == ("KB-1114", 11)
    assert "orders, invoices, contracts, opportunities" in error.what


def test_an_export_that_changes_while_it_is_read_stops(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    context = start()
    hashed = store.sha256_of_file

    def hashed_then_changed(path: Path) -> str:
        found = hashed(path)
        if path.name == "orders.csv" and path.parent == context.exports:
            path.write_text(ORDERS + "O9,A1,2026-09-09\n")
        return found

    monkeypatch.setattr("pipeline.store.sha256_of_file", hashed_then_changed)
    error = _error(context)

    assert (error.code, error.where) == ("KB-1111", "orders.csv")


def test_no_error_shows_the_content_of_a_cell(start: Start) -> None:
    rows = "id,customer,date\nSECRET,SECRET,SECRET\n"
    own = {"sources/own.toml": _mapping(ROWS)}

    assert "SECRET" not in str(
        _error(start({"accounts.csv": ACCOUNTS, "rows.csv": rows}, mappings=("own",), **own))
    )


def test_a_failure_leaves_the_run_before_as_it_was(start: Start, tmp_path: Path) -> None:
    context = start()
    ingest(context)
    before = (context.run / "tables" / "done.json").read_bytes()
    (tmp_path / "exports" / "orders.csv").write_text("x\n1\n")

    with pytest.raises(SourceError):
        ingest(context)
    assert (context.run / "tables" / "done.json").read_bytes() == before


##### The same in every place ##########################################################################################

_ELSEWHERE = """
import sys
from pathlib import Path
from pipeline.context import Context
from pipeline.ingest import ingest
from pipeline.log import Log
from pipeline.periods import parse_period
from pipeline.policy import load_policy
from pipeline.settings import load_settings
folder = Path(sys.argv[1])
ingest(Context(folder, folder / "runs", folder / "exports", load_settings(folder), load_policy(folder),
               parse_period("2026-09"), folder, Log(folder / "log.jsonl", quiet=True)))
"""


def test_shuffled_rows_another_folder_zone_and_hash_seed_give_the_same_tables(
    tmp_path: Path, checkout: Path
) -> None:
    chance = random.Random(1)
    rows = {
        "accounts": [
            "account_id,parent_id,name",
            *(f"A{n},{f'A{n // 3}' if n % 2 else ''},名{n}" for n in range(40)),
        ],
        "orders": [
            "order_id,account_id,ordered_on,status",
            *(f"O{n % 90},A{n % 45},2026-09-{n % 28 + 1:02},s{n % 7}" for n in range(200)),
        ],
        "cases": [
            "case_id,account_id,opened_at",
            *(f"T{n},A{n % 7},2026-09-01 0{n % 9}:30" for n in range(30)),
        ],
    }
    found = []
    for folder, zone, seed in (
        (tmp_path / "one", "UTC", "1"),
        (tmp_path / "elsewhere" / "two", "Asia/Tokyo", "2"),
    ):
        (folder / "exports").mkdir(parents=True)
        (folder / "kambook.toml").write_text("schema = 1\n[company]\nname = 'Ours'\n")
        for name, (header, *lines) in rows.items():
            shuffled = chance.sample(lines, len(lines))
            (folder / "exports" / f"{name}.csv").write_text("\n".join([header, *shuffled]), encoding="utf-8")
        environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed, "LC_ALL": "C"}
        subprocess.run(
            [sys.executable, "-c", _ELSEWHERE, str(folder)], check=True, cwd=checkout, env=environment
        )
        found.append(
            {
                name: pq.read_table(folder / "runs" / "tables" / f"{name}.parquet").drop("_line")
                for name in rows
            }
        )

    for name in rows:
        assert found[0][name].equals(found[1][name])


##### Other people's data ##############################################################################################


def _shared(checkout: Path, name: str) -> Path:
    folder = Path(os.environ.get("KAMBOOK_SHARED_DATA") or checkout.parent / "shared" / "data") / name
    if not folder.is_dir():
        pytest.skip(f"the public data set {name} is not here (../shared/data, or KAMBOOK_SHARED_DATA)")
    return folder


def _example(checkout: Path, name: str, tmp_path: Path, period: str) -> Context:
    workspace = checkout / "data" / "examples" / name
    return Context(
        workspace=workspace,
        run=tmp_path / "runs" / period,
        exports=_shared(checkout, name),
        settings=load_settings(workspace),
        policy=load_policy(workspace),
        period=parse_period(period),
        fonts=tmp_path,
        log=Log(tmp_path / "log.jsonl", quiet=True),
    )


def test_maven_crm_by_mapping_only(checkout: Path, tmp_path: Path) -> None:
    context = _example(checkout, "maven_crm", tmp_path, "2017")
    ingest(context)
    deals = _table(context, "opportunities")
    won = deals[deals["is_won"].fillna(value=False)]

    assert (len(deals), len(won), int((deals["is_won"] == False).sum())) == (8_800, 4_238, 2_473)  # noqa: E712  # not NA
    assert won["amount"].sum() == 10_005_534 * 10_000
    quarters = won.groupby(won["closed_on"].dt.quarter)["amount"].sum() // 10_000
    assert quarters.tolist() == [1_134_672, 3_086_111, 2_982_255, 2_802_496]
    assert (deals["account_id"] == "~").sum() == _notes(context)["rows_name_an_account"]["rows"] == 1_425
    assert set(deals["product_id"]) == set(_table(context, "products")["product_id"])
    assert "technolgy" not in set(_table(context, "accounts")["industry"])
    assert deals[deals["is_won"].isna()]["closed_on"].isna().all()
    assert not _rejects(context)


@pytest.mark.slow
def test_online_retail_by_mapping_only(checkout: Path, tmp_path: Path) -> None:
    context = _example(checkout, "online_retail_2010_11", tmp_path, "2011-11")
    ingest(context)
    export = context.exports / "online_retail_all_days.csv.gz"
    raw = f"read_csv('{export}', all_varchar = true)"
    tables = context.run / "tables"
    wanted = duckdb.sql(
        "select coalesce(regexp_replace(CustomerID, '\\.0$', ''), '~') as account,"
        f" sum(Quantity::decimal(18, 0) * UnitPrice::decimal(18, 4))::decimal(38, 4) as sales from {raw} group by all"
    ).fetchall()
    made = duckdb.sql(
        f"select account_id, sum(net_amount)::decimal(38, 4) / 10000 from '{tables}/order_lines.parquet'"
        f" join '{tables}/orders.parquet' using (order_id) group by all"
    ).fetchall()

    assert {account: float(sales) for account, sales in wanted} == {
        account: float(sales) for account, sales in made
    }
    said = store.read_json(tables / "ingest.json")
    empty = {
        each["table"]: each["rows"] for each in said["notes"] if each["expectation"] == "rows_name_an_account"
    }
    assert (said["rows"]["order_lines"], empty["order_lines"]) == (541_909, 135_080)
    assert not _rejects(context)
