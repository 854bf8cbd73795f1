from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.demo import write_canonical, write_demo
from pipeline.demo.calendar import date_of, day_number, last_whole_month, months_until, workdays_between
from pipeline.demo.chance import Chance
from pipeline.demo.crowd import customers
from pipeline.demo.customers import level_at
from pipeline.errors import UsageError
from pipeline.intake.mapping_files import load_mapping
from pipeline.resources import built_in
from pipeline.schema import TABLES
from pipeline.settings import load_settings
from tests.demo_rows import Clean, ids, key_of, rows_of

COMMITTED = built_in("data", "demo")
OWN_POLICY = "policy"
"""What a person may add to the committed demo besides what is written."""

TEN = "d430656a3cbe4701"
"""The hash of the tables that ten accounts have always had."""


def files_of(folder: Path) -> list[Path]:
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


def content(path: Path) -> object:
    """A file's bytes; of a workbook its parts, as how they are packed is up to the machine's zlib."""
    if path.suffix != ".xlsx":
        return path.read_bytes()
    with ZipFile(path) as archive:
        return [(entry.filename, entry.date_time, archive.read(entry)) for entry in archive.infolist()]


# The files


def test_committed_files_are_exactly_what_the_defaults_make(tmp_path: Path) -> None:
    write_demo(tmp_path)

    made = files_of(tmp_path)
    assert made == [path for path in files_of(COMMITTED) if path.parts[0] != OWN_POLICY]
    assert [str(path) for path in made if content(tmp_path / path) != content(COMMITTED / path)] == []


def test_another_process_zone_and_hash_seed_make_the_same_bytes(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from pipeline.demo import write_demo;"
        " write_demo(pathlib.Path(sys.argv[1]), accounts=25, months=13)"
    )
    changed = os.environ | {
        "TZ": "America/New_York",
        "PYTHONHASHSEED": "7",
        "LC_ALL": "C",
        "PYTHONWARNINGS": "",
    }
    there, here = tmp_path / "there", tmp_path / "here"

    subprocess.run([sys.executable, "-c", code, str(there)], env=changed, check=True)
    write_demo(here, accounts=25, months=13)

    assert files_of(there) == files_of(here)
    assert all((there / path).read_bytes() == (here / path).read_bytes() for path in files_of(here))


def test_ten_accounts_keep_the_rows_they_always_had(tmp_path: Path) -> None:
    """Tests elsewhere count on them."""
    write_canonical(tmp_path, accounts=10)

    since = (
        "accounts actions assignments cases contacts contracts fx holidays invoices managers market order_lines"
        " orders outcome_values outcomes payments products surveys targets team_members teams"
    )
    digest = hashlib.sha256(
        b"".join((tmp_path / "exports" / f"{table}.csv").read_bytes() for table in since.split())
    )
    assert digest.hexdigest().startswith(TEN)


def test_another_seed_makes_another_company(tmp_path: Path) -> None:
    for seed in (1, 2):
        write_canonical(tmp_path / str(seed), seed=seed, accounts=10, months=13)

    first, second = (tmp_path / str(seed) / "exports" for seed in (1, 2))
    assert (first / "orders.csv").read_bytes() != (second / "orders.csv").read_bytes()


def test_sample_is_small_enough_to_be_committed() -> None:
    assert sum(path.stat().st_size for path in COMMITTED.rglob("*")) < 3_000_000


def test_a_written_demo_is_a_workspace_with_its_mappings_and_its_clock(tmp_path: Path) -> None:
    write_demo(tmp_path, accounts=10, months=13, until=date(2026, 8, 31))

    settings = load_settings(tmp_path)
    assert settings.today == date(2026, 9, 1)
    assert settings.company == load_settings(COMMITTED).company
    for name in settings.sources.mappings[:-1]:
        assert load_mapping(name, tmp_path).path == tmp_path / "sources" / f"{name}.toml"
    assert settings.sources.mappings[-1] == "generic"


def test_canonical_files_are_read_by_the_generic_mapping_alone(tmp_path: Path) -> None:
    write_canonical(tmp_path, accounts=10, months=13)

    assert load_settings(tmp_path).sources.mappings == ("generic",)
    assert {path.stem for path in (tmp_path / "exports").iterdir()} == set(TABLES)
    for path in (tmp_path / "exports").iterdir():
        written = path.read_bytes()
        assert written.split(b"\n")[0].decode() == ",".join(TABLES[path.stem].column_names)
        assert written.endswith(b"\n")
        assert b"\r" not in written


# Scaling


@pytest.fixture(scope="module")
def scaled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("scaled")
    write_canonical(folder, accounts=70, months=24, lines=20_000)
    return folder


@pytest.fixture(scope="module")
def clean(scaled: Path) -> Clean:
    return Clean(scaled)


def test_accounts_and_months_are_as_asked_and_lines_nearly(scaled: Path) -> None:
    orders = rows_of(scaled, "orders")

    assert len(rows_of(scaled, "accounts")) == 70
    assert len(rows_of(scaled, "managers")) == 9
    assert len(rows_of(scaled, "teams")) == 3
    assert min(row["ordered_on"] for row in orders) >= "2024-10-01"
    assert len({row["ordered_on"][:7] for row in orders if row["ordered_on"] < "2026-10-01"}) == 24
    assert len(rows_of(scaled, "order_lines")) == pytest.approx(20_000, rel=0.05)


@pytest.mark.parametrize("table", sorted(TABLES))
def test_keys_stay_unique_when_scaled(clean: Clean, table: str) -> None:
    keys = [key_of(table, row) for row in clean.table(table)]

    assert len(keys) == len(set(keys)) > 0


def test_scaled_truth_covers_every_account(scaled: Path, clean: Clean) -> None:
    assert list(clean.truth["accounts"]) == sorted(ids(rows_of(scaled, "accounts"), "account_id"))


@pytest.mark.parametrize("accounts", [14, 26])
def test_more_clients_leave_the_orders_of_the_first_ten_as_they_are(tmp_path: Path, accounts: int) -> None:
    without_numbers = [name for name in TABLES["orders"].column_names if name != "order_id"]

    def of_first(count: int) -> Counter[tuple[str, ...]]:
        write_canonical(tmp_path / str(count), accounts=count, months=13)
        rows = rows_of(tmp_path / str(count), "orders")
        first = (row for row in rows if row["account_id"] and row["account_id"] <= "A-0010")
        return Counter(tuple(row[name] for name in without_numbers) for row in first)

    assert of_first(accounts) == of_first(10)


@pytest.mark.parametrize("size", [{"accounts": 9}, {"months": 12}])
def test_too_small_a_company_is_refused(tmp_path: Path, size: dict[str, int]) -> None:
    with pytest.raises(UsageError) as error:
        write_demo(tmp_path, **size)  # type: ignore[arg-type]  # accounts or months

    assert error.value.code == "KB-0222"


def test_no_two_of_ten_thousand_clients_have_one_name() -> None:
    names = [client.name for client in customers(Chance(1), 10_000, date(2026, 10, 7))]

    assert len(set(names)) == 10_000


def test_an_export_that_ends_with_its_month_has_no_unfinished_one(tmp_path: Path) -> None:
    write_canonical(tmp_path, accounts=30, months=13, until=date(2026, 8, 31))

    assert max(row["ordered_on"] for row in rows_of(tmp_path, "orders")) <= "2026-08-31"
    assert Clean(tmp_path).truth["as_of"] == "2026-08-31"


# Chance and calendar


@given(
    st.integers(0, 2**32), st.integers(1, 2**31 - 1), st.lists(st.integers(0, 10**9), min_size=1, max_size=50)
)
def test_draws_lie_below_their_limit(seed: int, limit: int, numbers: list[int]) -> None:
    chance = Chance(seed)

    drawn = chance.below("test", chance.keys("row", np.array(numbers)), limit)

    assert ((drawn >= 0) & (drawn < limit)).all()


@given(st.lists(st.integers(0, 10**6), min_size=2, max_size=30, unique=True), st.randoms())
def test_a_rows_draw_does_not_depend_on_its_neighbours(numbers: list[int], random: Any) -> None:
    chance = Chance(1)
    shuffled = random.sample(numbers, len(numbers) - 1)

    every = dict(
        zip(numbers, chance.below("x", chance.keys("row", np.array(numbers)), 10**6).tolist(), strict=True)
    )
    some = chance.below("x", chance.keys("row", np.array(shuffled)), 10**6).tolist()

    assert some == [every[number] for number in shuffled]


def test_draws_are_even_and_purposes_independent() -> None:
    chance = Chance(1)
    keys = chance.keys("row", np.arange(100_000))

    first, second = chance.below("one", keys, 10), chance.below("other", keys, 10)

    assert np.bincount(first).tolist() == pytest.approx([10_000] * 10, rel=0.05)
    assert (first == second).mean() == pytest.approx(0.1, rel=0.05)
    assert np.bincount(chance.one_of("w", keys, (1, 0, 3))).tolist() == pytest.approx(
        [25_000, 0, 75_000], rel=0.05
    )


@given(st.integers(-5, 40))
def test_a_step_holds_until_the_next_one_begins(ago: int) -> None:
    steps = ((20, 1), (5, 2), (0, 3))

    assert level_at(steps, ago, 9) == (9 if ago > 20 else 1 if ago > 5 else 2 if ago > 0 else 3)


def test_days_and_dates_are_each_others_inverse() -> None:
    assert date_of(day_number(date(2026, 9, 30))) == date(2026, 9, 30)


@pytest.mark.parametrize(
    ("day", "works_on"),
    [
        (date(2026, 9, 19), date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 9, 25), date(2026, 9, 28)),  # Mid-Autumn
        (date(2026, 10, 1), date(2026, 10, 8)),
        (date(2026, 2, 14), date(2026, 2, 14)),  # a Saturday that is worked
        (date(2025, 1, 28), date(2025, 2, 5)),
    ],
)
def test_working_days_know_holidays_and_make_up_days(day: date, works_on: date) -> None:
    calendar = workdays_between(date(2023, 1, 1), date(2026, 12, 31))

    assert date_of(int(calendar.on_or_after(np.array([day_number(day)]))[0])) == works_on


def test_months_end_with_the_unfinished_one() -> None:
    months = months_until(date(2026, 10, 7), 3)

    assert [(month.year, month.of_year, month.ago) for month in months] == [
        (2026, 7, 2),
        (2026, 8, 1),
        (2026, 9, 0),
        (2026, 10, -1),
    ]
    assert date_of(months[-1].last_on) == date(2026, 10, 7)
    assert last_whole_month(date(2026, 8, 31)) == date(2026, 8, 1)
