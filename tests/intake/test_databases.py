"""A database as a source: every cell as exact text, one SELECT that only reads, and an address that is never told."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import sys
import tomllib
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import jsonschema
import pandas as pd
import pyarrow.parquet as pq
import pytest
import sqlalchemy
from hypothesis import given
from hypothesis import strategies as st

from pipeline import doctor, store
from pipeline.errors import DataError, KambookError, SourceError
from pipeline.ingest import ingest
from pipeline.intake import databases, limits
from pipeline.intake.casting import Rule, cast
from pipeline.intake.databases import Question, written_result
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.mapping_schema import mapping_schema
from pipeline.intake.query_results import text_of
from pipeline.run import context_of
from pipeline.schema import RATE_SCALE, SCALE
from tests.commands import Finished, kambook, program

SECRET = "s3cr3t-Passw0rt"
MAPPING = """
schema = 1
[files.customers]
format = "sql"
url_variable = "CRM_DATABASE_URL"
query = "select id, name from customers"
[files.sales]
format = "sql"
url_variable = "CRM_DATABASE_URL"
query = '''
select o.id, o.customer, o.day, o.amount, 'EUR' as currency
from sales o where o.day < :until_on'''
[tables.accounts]
from = "customers"
columns = { account_id = "id", name = "name" }
[tables.orders]
from = "sales"
columns = { order_id = "id", account_id = "customer", ordered_on = "day", currency = "currency" }
[tables.order_lines]
sql = "select _row, id as order_id, '1' as line_no, amount as net_amount from sales"
"""
SETTINGS = 'schema = 1\n[company]\nname = "Ours"\n[sources]\nmappings = ["crm"]\n'
SALES = [("O1", "A1", "2026-08-31", 10.5), ("O2", "A2", "2026-09-30", 7), ("O3", "A2", "2026-10-01", 3)]


@pytest.fixture
def crm(tmp_path: Path) -> Path:
    """A SQLite database, beside a workspace that reads it."""
    path = tmp_path / f"{SECRET}.db"
    with sqlite3.connect(path) as made:
        made.execute("create table customers (id text, name text, logo blob)")
        made.executemany("insert into customers values (?, ?, null)", [("A1", "Acme"), ("A2", "Bolt")])
        made.execute("create table sales (id text, customer text, day text, amount real)")
        made.executemany("insert into sales values (?, ?, ?, ?)", SALES)
    made.close()
    (tmp_path / "own" / "sources").mkdir(parents=True)
    (tmp_path / "own" / "kambook.toml").write_text(SETTINGS)
    (tmp_path / "own" / "sources" / "crm.toml").write_text(MAPPING)
    return path


def changed(crm: Path, statement: str, *values: object) -> None:
    with sqlite3.connect(crm) as opened:
        opened.execute(statement, values)
    opened.close()


def remapped(crm: Path, *changes: tuple[str, str]) -> None:
    path = crm.parent / "own" / "sources" / "crm.toml"
    mapping = path.read_text()
    for before, after in changes:
        assert before in mapping
        mapping = mapping.replace(before, after)
    path.write_text(mapping)


def ingested(
    crm: Path, *, address: str | None = None, exports: Path | None = None, period: str = "2026-09"
) -> Path:
    """The run's folder after the databases were asked."""
    context = context_of(
        workspace=crm.parent / "own", output=crm.parent, exports=exports, period=period, as_of=None,
        today=date(2026, 10, 8), fonts=crm, jobs=1, quiet=True,
        variables={"CRM_DATABASE_URL": f"sqlite:///{crm}" if address is None else address},
    )  # fmt: skip
    ingest(context)
    return context.run


def refused(crm: Path, **given: Any) -> KambookError:
    with pytest.raises(KambookError) as error:
        ingested(crm, **given)
    assert error.value.fix
    return error.value


def table(run: Path, name: str) -> pd.DataFrame:
    return pq.read_table(run / "tables" / f"{name}.parquet").to_pandas()


def answer(crm: Path, query: str, **given: Any) -> pq.ParquetFile:
    target = crm.parent / "answer" / "answer.parquet"
    question = Question("files.x", query, date(2026, 10, 1), given.pop("seconds", 60))
    written_result(f"sqlite:///{crm}", question, target)
    return pq.ParquetFile(target)


##### What a run makes of it ###########################################################################################


def test_rows_of_a_database_become_tables_with_their_traces(crm: Path) -> None:
    run = ingested(crm)

    orders, lines = table(run, "orders"), table(run, "order_lines")
    assert orders["order_id"].tolist() == ["O1", "O2"]  # O3 falls on the day after the period
    assert set(orders["_source"]) == {"from-databases/crm.sales.parquet"}
    assert orders["_line"].tolist() == [1, 2]
    assert sorted(lines["net_amount"]) == [7 * SCALE, 105_000]
    assert set(lines["_source"]) == {"from-databases/crm.sales.parquet"}
    assert table(run, "accounts")["name"].tolist() == ["Acme", "Bolt"]


def test_raw_holds_what_came_with_its_checksum(crm: Path) -> None:
    run = ingested(crm)

    inputs = {each["path"]: each for each in store.read_json(run / "raw" / "inputs.json")}
    entry = inputs["from-databases/crm.sales.parquet"]
    path = run / "raw" / entry["path"]
    assert (entry["sha256"], entry["rows"], entry["source"]) == (store.sha256_of_file(path), 2, "crm")
    kept = pq.read_table(path)
    assert kept.column_names == ["id", "customer", "day", "amount", "currency"]
    assert kept.to_pylist()[0] == {
        "id": "O1", "customer": "A1", "day": "2026-08-31", "amount": "10.5", "currency": "EUR",
    }  # fmt: skip
    assert not list(run.glob(".*tmp"))


def test_a_value_that_does_not_cast_is_set_aside_with_its_line(crm: Path) -> None:
    changed(crm, "insert into sales values ('O0', 'A1', '2026-02-30', 1)")
    rejects = table(ingested(crm), "rejects")

    assert rejects[["table", "_source", "_line"]].values.tolist() == [
        ["orders", "from-databases/crm.sales.parquet", 1]
    ]


def test_a_database_is_asked_in_every_run_and_the_rest_is_skipped_where_it_says_the_same(crm: Path) -> None:
    first = ingested(crm)
    before = (first / "tables" / "done.json").stat().st_mtime_ns, store.done(first, store.STAGES["ingest"])
    changed(crm, "delete from sales where id = 'O1'")
    changed(crm, "insert into sales values ('O1', 'A1', '2026-08-31', 10.5)")  # another place, the same row
    run = ingested(crm)
    assert (run / "tables" / "done.json").stat().st_mtime_ns == before[0]
    events = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [(each["event"], each["rows"]) for each in events][-3:] == [
        ("asked crm.customers", 2), ("asked crm.sales", 2), ("unchanged", None),
    ]  # fmt: skip

    changed(crm, "update sales set amount = 11 where id = 'O1'")
    ingested(crm)
    assert sorted(table(run, "order_lines")["net_amount"]) == [7 * SCALE, 11 * SCALE]


def test_a_run_is_repeated_from_its_own_raw_without_the_database(crm: Path, tmp_path: Path) -> None:
    run = ingested(crm)
    shutil.copytree(run / "raw", tmp_path / "kept")
    wrote = store.done(run, store.STAGES["ingest"])
    shutil.rmtree(run)
    crm.unlink()
    again = ingested(crm, address="", exports=tmp_path / "kept")

    assert wrote is not None
    assert store.done(again, store.STAGES["ingest"])["wrote"] == wrote["wrote"]  # type: ignore[index]


@pytest.mark.parametrize("fault", ["another query", "another period", "other bytes", "none kept"])
def test_a_kept_result_is_that_of_this_query_or_the_run_stops(crm: Path, tmp_path: Path, fault: str) -> None:
    shutil.copytree(ingested(crm) / "raw", tmp_path / "kept")
    kept = tmp_path / "kept" / "from-databases" / "crm.sales.parquet"
    if fault == "another query":
        remapped(crm, ("o.amount,", "o.amount + 1 as amount,"))
    elif fault == "other bytes":
        shutil.copy(kept.with_name("crm.customers.parquet"), kept)
    elif fault == "none kept":
        kept.unlink()
    period = "2026-10" if fault == "another period" else "2026-09"

    assert refused(crm, exports=tmp_path / "kept", period=period).code == "KB-1149"


def test_files_and_databases_stand_side_by_side(crm: Path) -> None:
    exports = crm.parent / "own" / "exports"
    (exports / "from-databases").mkdir(parents=True)
    (exports / "from-databases" / "crm.sales.parquet").write_bytes(b"not what a database said")
    (exports / "customers.csv").write_text("id,name\nA1,Acme\nA2,Bolt\n")
    remapped(
        crm,
        (
            'format = "sql"\nurl_variable = "CRM_DATABASE_URL"\nquery = "select id, name from customers"',
            'path = "**/*.*"',
        ),
    )
    run = ingested(crm)

    assert table(run, "accounts")["_source"].unique().tolist() == ["customers.csv"]
    assert len(table(run, "orders")) == 2


def test_an_empty_result_stops_the_run_and_has_its_columns(crm: Path) -> None:
    changed(crm, "delete from sales")
    error = refused(crm)

    assert (type(error), error.code) == (DataError, "KB-1230")
    assert answer(crm, "select id, customer from sales").schema_arrow.names == ["id", "customer"]


def test_a_last_row_that_reads_like_a_total_is_a_row_of_the_database(crm: Path) -> None:
    changed(crm, "insert into customers values ('total', '7', null)")

    assert "total" in table(ingested(crm), "accounts")["account_id"].tolist()


##### Cells ############################################################################################################

ZONES = st.builds(lambda minutes: timezone(timedelta(minutes=minutes)), st.integers(-720, 840))
MOMENTS = st.integers(-(10**9), 10**10).map(lambda seconds: datetime.fromtimestamp(seconds, UTC))


def read_back(value: object, kind: Any, zone: str = "UTC") -> Any:
    cells = pd.Series([text_of(value)], dtype="str")
    found = cast(cells, Rule(kind, zone=zone))
    assert not found.failed.any(), text_of(value)
    return found.values.iloc[0]


@given(st.dates(date(1900, 1, 1), date(2200, 1, 1)))
def test_a_day_is_read_back_as_it_was(day: date) -> None:
    assert read_back(day, "date").date() == day


@given(MOMENTS, ZONES)
def test_a_moment_with_a_zone_is_read_back_as_the_same_moment(at: datetime, zone: timezone) -> None:
    assert read_back(at.astimezone(zone), "timestamp", "Asia/Shanghai").to_pydatetime() == at


@given(MOMENTS)
def test_a_moment_without_a_zone_is_in_that_of_the_mapping(at: datetime) -> None:
    assert read_back(at.replace(tzinfo=None), "timestamp").to_pydatetime() == at


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=4, allow_nan=False))
def test_an_amount_is_read_back_to_the_last_decimal(amount: Decimal) -> None:
    assert read_back(amount, "exact") == int(amount * SCALE)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=8, allow_nan=False))
def test_a_rate_is_read_back_to_the_last_decimal(rate: Decimal) -> None:
    assert read_back(rate, "rate") == int(rate * RATE_SCALE)


@given(st.integers(-(2**63) + 1, 2**63 - 1))
def test_a_whole_number_is_read_back(number: int) -> None:
    assert read_back(number, "integer") == number


@given(st.booleans())
def test_yes_and_no_are_read_back(value: bool) -> None:
    assert read_back(value, "boolean") == value


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("007", "007"), (Decimal("1E+3"), "1000"), (Decimal("NaN"), "NaN"), (0.1, "0.1"), (True, "true"),
        (time(9, 5), "09:05:00"), (UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (datetime(2026, 9, 1, 8, tzinfo=timezone(timedelta(hours=8))), "2026-09-01 00:00:00+00:00"),
        (b"x", None), (memoryview(b"x"), None), (["a"], None), ({"a": 1}, None), (timedelta(1), None),
        ("\ud800", None),
    ],
)  # fmt: skip
def test_a_value_has_one_text_or_none(value: object, text: str | None) -> None:
    assert text_of(value) == text


def test_null_is_empty_and_bytes_are_refused_by_their_column(crm: Path) -> None:
    assert answer(crm, "select name, logo from customers").read().column("logo").null_count == 2
    changed(crm, "update customers set logo = ? where id = 'A2'", b"\x89PNG" + SECRET.encode())

    with pytest.raises(SourceError) as error:
        answer(crm, "select name, logo from customers")
    assert (error.value.code, "logo" in str(error.value), SECRET in str(error.value)) == (
        "KB-1148",
        True,
        False,
    )


def test_the_same_rows_give_the_same_bytes_in_whatever_order_they_come(crm: Path, tmp_path: Path) -> None:
    rows = [
        (f"O{number}", "甲" if number % 3 else None, str(number % 7), number / 8) for number in range(5_000)
    ]
    found = set()
    for seed in (1, 2):
        random.Random(seed).shuffle(rows)
        changed(crm, "delete from sales")
        with sqlite3.connect(crm) as opened:
            opened.executemany("insert into sales values (?, ?, ?, ?)", rows)
        opened.close()
        assert answer(crm, "select customer, day, id, id from sales").metadata.num_rows == 5_000
        found.add(store.sha256_of_file(tmp_path / "answer" / "answer.parquet"))

    assert len(found) == 1
    kept = pq.ParquetFile(tmp_path / "answer" / "answer.parquet").read()
    assert kept.column_names == ["customer", "day", "id", "id"]
    lines = list(zip(*(column.to_pylist() for column in kept.columns), strict=True))
    assert lines == sorted(lines, key=lambda row: [(cell is not None, cell or "") for cell in row])
    assert len(lines) == 5_000


##### Limits and reading only ##########################################################################################


def test_nothing_that_a_query_calls_can_write(crm: Path) -> None:
    engine = databases._engine(f"sqlite:///{crm}", "here")
    with engine.connect() as connection:
        databases._make_read_only(connection, 5, deadline=float("inf"))
        for statement in ("delete from sales", "create table other (a)"):
            with pytest.raises(sqlalchemy.exc.OperationalError, match=r"readonly|read-only"):
                connection.exec_driver_sql(statement)


def test_a_query_without_end_is_stopped_at_its_time_limit(crm: Path) -> None:
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i from n where i < 0"

    with pytest.raises(SourceError) as error:
        answer(crm, endless, seconds=1)
    assert (error.value.code, "longer than 1 s" in str(error.value)) == ("KB-1147", True)


def test_rows_without_end_are_stopped_at_the_limit_of_cells(
    crm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "CELLS", 10_000)
    endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select i, i from n"

    with pytest.raises(SourceError) as error:
        answer(crm, endless)
    assert error.value.code == "KB-1132"


@pytest.mark.parametrize(
    ("limit", "value", "query"),
    [
        ("CELL_BYTES", 100, "select printf('%.200c', 'x') as a"),
        ("RESULT_BYTES", 100, "select id, name from customers"),
    ],
)
def test_cells_and_results_have_a_size(
    crm: Path, monkeypatch: pytest.MonkeyPatch, limit: str, value: int, query: str
) -> None:
    monkeypatch.setattr(limits, limit, value if limit == "CELL_BYTES" else 1)

    with pytest.raises(SourceError) as error:
        answer(crm, query)
    assert error.value.code == "KB-1132"


##### Errors, none of which tells the address ##########################################################################

FAULTS: Mapping[str, tuple[str, str]] = {
    "no driver": (f"oracle+oracledb://me:{SECRET}@nowhere/crm", "KB-1140"),
    "not set": ("", "KB-1141"),
    "no address": (SECRET, "KB-1143"),
    "an unescaped password": (f"postgresql://me:x@{SECRET}:{SECRET}/crm", "KB-1143"),
    "another dialect": (f"postgres://me:{SECRET}@nowhere/crm", "KB-1143"),
    "a file that is not there": (f"sqlite:////nowhere/{SECRET}.db", "KB-1144"),
    "no file": ("sqlite://", "KB-1144"),
}


@pytest.fixture
def no_secret(
    crm: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> Iterator[None]:
    """After the test: nothing that was written or said holds any of the address."""
    yield
    out, err = capfd.readouterr()
    assert SECRET not in out + err + caplog.text
    told = [path for path in crm.parent.rglob("*") if path.is_file() and path.suffix != ".db"]
    assert [path for path in told if SECRET.encode() in path.read_bytes()] == []


def chain(error: BaseException | None) -> list[BaseException]:
    return [] if error is None else [error, *chain(error.__cause__), *chain(error.__context__)]


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.usefixtures("no_secret")
def test_an_address_that_leads_nowhere_is_told_without_it(crm: Path, fault: str) -> None:
    address, code = FAULTS[fault]
    error = refused(crm, address=address)

    assert error.code == code
    assert not [each for each in chain(error) if SECRET in f"{each!r} {each} {vars(each)}"]


def test_the_nearest_kind_of_database_is_named(crm: Path) -> None:
    assert refused(crm, address="postgres://me:x@nowhere/crm").nearest == "postgresql"


@pytest.mark.usefixtures("no_secret")
def test_what_a_driver_says_of_the_address_is_never_passed_on(
    crm: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*_: object, **__: object) -> None:
        text = f"connection to sqlite:///{crm} as me with {SECRET} failed: Connection refused"
        raise sqlite3.OperationalError(text)

    monkeypatch.setattr(sqlite3.dbapi2, "connect", refuses)
    error = refused(crm)

    assert (error.code, "connection refused" in error.what) == ("KB-1144", True)
    assert not [each for each in chain(error) if SECRET in f"{each!r} {each} {vars(each)}"]


@pytest.mark.usefixtures("no_secret")
def test_a_run_with_a_database_leaves_no_trace_of_its_address(crm: Path) -> None:
    run = ingested(crm)

    assert (run / "raw" / "inputs.json").is_file()


@pytest.mark.usefixtures("no_secret")
def test_a_query_that_fails_names_what_the_database_does_not_know(crm: Path) -> None:
    remapped(crm, ("o.customer,", "o.custmer,"))
    error = refused(crm)

    assert (error.code, "custmer" in error.what) == ("KB-1146", True)
    assert [each for each in chain(error) if not isinstance(each, KambookError)] == []


def test_a_query_that_writes_is_refused_before_anything_is_asked(crm: Path) -> None:
    remapped(crm, ('"select id, name from customers"', '"delete from customers"'))

    assert refused(crm, address="").code == "KB-1145"


def test_without_the_extra_it_is_said_how_to_install_it(crm: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    error = refused(crm)

    assert (error.code, error.fix) == ("KB-1140", "pip install 'kambook[sql]'")


def test_an_address_may_be_kept_in_a_file_of_its_owner(crm: Path) -> None:
    remapped(crm, ('url_variable = "CRM_DATABASE_URL"', 'url_file = "crm.url"'))
    kept = crm.parent / "own" / "crm.url"
    assert refused(crm, address="").code == "KB-1141"

    kept.write_text(f"sqlite:///{crm}\n")
    kept.chmod(0o640)
    error = refused(crm, address="")
    assert (error.code, error.fix) == ("KB-1142", "chmod 600 crm.url")

    kept.chmod(0o600)
    assert len(table(ingested(crm, address=""), "orders")) == 2


##### The mapping, its schema, the commands ############################################################################

ENTRY = """
schema = 1
[files.rows]
{keys}
[tables.accounts]
from = "rows"
columns = {{ account_id = "id", name = "name" }}
"""
SQL = 'format = "sql"\nquery = "select 1"\n'


@pytest.mark.parametrize(
    ("keys", "fits"),
    [
        (SQL + 'url_variable = "A"', True),
        (SQL + 'url_file = "a.url"\ntime_limit = 5\nempty = ["-"]', True),
        (SQL, False),
        (SQL + 'url_variable = "A"\nurl_file = "a"', False),
        (SQL + f'url_variable = "postgresql://me:{SECRET}@host/crm"', False),
        (SQL + f'url_file = "postgresql://me:{SECRET}@host/crm"', False),
        (SQL + f'url = "postgresql://me:{SECRET}@host/crm"', False),
        (SQL + 'url_variable = "A"\npath = "*.csv"', False),
        (SQL + 'url_variable = "A"\nskip_last = 1', False),
        (SQL + 'url_variable = "A"\ntime_limit = 0', False),
        ('format = "sql"\nurl_variable = "A"', False),
        ('path = "*.csv"\nquery = "select 1"', False),
        ('format = "csv"', False),
    ],
)
def test_the_keys_of_a_database_are_read_as_their_schema_says(tmp_path: Path, keys: str, fits: bool) -> None:
    text = ENTRY.format(keys=keys)
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "own.toml").write_text(text)

    assert jsonschema.Draft202012Validator(mapping_schema()).is_valid(tomllib.loads(text)) == fits
    if fits:
        assert load_mapping("own", tmp_path).files["rows"].query
    else:
        with pytest.raises(SourceError) as error:
            load_mapping("own", tmp_path)
        assert error.value.code == "KB-1102"
        assert SECRET not in str(error.value)


def checked(crm: Path, *files: object, **variables: str) -> Finished:
    place = crm.parent / "own"
    return kambook("sources", "check", *files, "-w", place, variables=variables)


def test_a_mapping_of_databases_is_checked_without_a_file(crm: Path) -> None:
    ended = checked(crm, CRM_DATABASE_URL=f"sqlite:///{crm}")

    assert ended.code == 0, ended.out
    assert "from-databases/crm.sales.parquet as files.sales: 2 rows" in ended.out
    assert "order_lines: 2 rows" in ended.out


def test_a_check_tells_why_a_database_cannot_be_read(crm: Path) -> None:
    ended = checked(crm)

    assert (ended.code, ended.out.count("KB-1141")) == (11, 2)
    assert "no export given" not in ended.out


def test_what_does_not_cast_is_told_by_its_line(crm: Path) -> None:
    changed(crm, "insert into sales values ('O0', 'A1', '2026-02-30', 1)")
    ended = checked(crm, CRM_DATABASE_URL=f"sqlite:///{crm}")

    assert (ended.code, "DOES NOT CAST ordered_on" in ended.out, "02-30" in ended.out) == (3, True, False)


def test_a_command_over_files_says_which_result_it_may_be_given(crm: Path) -> None:
    (crm.parent / "own" / "exports").mkdir()
    ended = kambook("sources", "aliases", "-w", crm.parent / "own")

    assert (ended.code, "raw/from-databases/crm.customers.parquet" in ended.err) == (11, True)


def test_the_doctor_says_what_a_database_lacks(crm: Path) -> None:
    place, there = crm.parent / "own", {"CRM_DATABASE_URL": f"sqlite:///{crm}"}
    (sound,) = doctor.databases(place, there, lambda _: "2.1")
    (bare,) = doctor.databases(place, {}, lambda _: None)

    assert (sound.ok, sound.found) == (True, "2 with an address")
    assert (bare.ok, bare.fatal) == (False, False)
    assert "SQLAlchemy is not installed" in bare.found
    assert "CRM_DATABASE_URL" in bare.found
    assert "pip install 'kambook[sql]'" in bare.fix
    assert "export CRM_DATABASE_URL=" in bare.fix


def test_the_doctor_is_silent_of_databases_where_there_are_none(tmp_path: Path) -> None:
    assert doctor.databases(tmp_path, {}, lambda _: None) == []
    (tmp_path / "kambook.toml").write_text("sources = 3\n[company\n")
    assert doctor.databases(tmp_path, {}, lambda _: None) == []


@pytest.mark.parametrize("address", ["", f"mysql://me:{SECRET}@nowhere/crm", f"{SECRET}://x"])
def test_the_program_hands_its_environment_to_the_database_and_never_tells_it(
    crm: Path, address: str
) -> None:
    variables = {"CRM_DATABASE_URL": address or f"sqlite:///{crm}"}
    ended = program("ingest", "-w", crm.parent / "own", "-p", "2026-09", environ=variables)

    assert (ended.code, "Traceback" in ended.err) == (11 if address else 0, False)
    assert SECRET not in ended.out + ended.err
