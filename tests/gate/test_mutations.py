"""The demo's exports with a record spoilt for each expectation: it is tripped, and what else it trips is listed.

The list is agreed by a person: `tests/golden/test_mutations/`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pandas as pd
import pytest
from syrupy.assertion import SnapshotAssertion

from pipeline import run as runs
from pipeline.context import Context
from pipeline.gate import quality
from pipeline.gate.check_columns import needed, with_checks
from pipeline.gate.checks import Surroundings
from pipeline.gate.evaluation import evaluate
from pipeline.gate.expectations import Expectation, Suite, load_suite
from pipeline.gate.judging import table_file
from pipeline.ingest import ingest
from pipeline.resources import built_in
from pipeline.schema import TABLES
from tests.commands import TODAY
from tests.goldens import TextGolden
from tests.mutations import spoilt
from tests.ten_accounts import ten_accounts

pytestmark = pytest.mark.slow
Exports = dict[str, list[dict[str, str]]]


@dataclass(frozen=True)
class Spoilt:
    """A record that was spoilt so that an expectation is tripped, and the line of its file on which it stands."""

    claim: Expectation
    line: int


@cache
def suite_of(table: str) -> Suite:
    return load_suite(built_in("expectations", f"{table}.json"), table)


@cache
def exports() -> Exports:
    """The demo's exports by table, every canonical column in every row."""
    found = {path.stem: path for path in (ten_accounts() / "exports").glob("*.csv")}
    assert set(found) == set(TABLES), "a table of which the demo has no export"
    whole = {table: [_whole(table, row) for row in _read(path)] for table, path in found.items()}
    # The first accounts are a group, of which `parents` says who heads it whatever stands in their own rows.
    return {**whole, "accounts": whole["accounts"][::-1]}


def _read(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        yield from csv.DictReader(stream)


def _whole(table: str, row: Mapping[str, str]) -> dict[str, str]:
    return {name: row.get(name, "") for name in TABLES[table].column_names}


def rounds(table: str) -> list[tuple[Expectation, ...]]:
    """The expectations of a table, so many at a time that at most half of its records are spoilt."""
    claims, most = suite_of(table).expectations, max(1, len(exports()[table]) // 2)
    return [claims[first : first + most] for first in range(0, len(claims), most)]


def spoiled(number: int) -> tuple[Exports, dict[str, list[Spoilt]]]:
    """The exports of one round and what was done to them; the first record of a table is left as it is."""
    made: Exports = {}
    done: dict[str, list[Spoilt]] = {}
    for table, rows in exports().items():
        claims = rounds(table)[number] if number < len(rounds(table)) else ()
        changed = list(rows)
        for place, claim in enumerate(claims, start=1):
            changed[place] = {**rows[place], **spoilt(claim, rows[place], rows[0])}
            done.setdefault(table, []).append(Spoilt(claim, place + 2))
        made[table] = changed
    return made, done


def ingested(folder: Path, content: Exports) -> Context:
    """The exports written as files of their own and read by the mapping of canonical headers."""
    (folder / "exports").mkdir(parents=True)
    (folder / "kambook.toml").write_text((ten_accounts() / "kambook.toml").read_text("utf-8"), "utf-8")
    for table, rows in content.items():
        with (folder / "exports" / f"{table}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, TABLES[table].column_names)
            writer.writeheader()
            writer.writerows(rows)
    context = runs.context_of(
        workspace=folder, output=folder, exports=None, period=None, as_of=None, today=TODAY, fonts=folder, jobs=1,
        quiet=True,
    )  # fmt: skip
    ingest(context)
    return context


def tripped(context: Context, clean: Context, table: str, claims: list[Spoilt]) -> dict[str, list[str]]:
    """For each spoilt record the expectations that it breaks, against the other tables as they were."""
    suite = suite_of(table)
    columns = needed(suite.check_columns)
    others = {name: quality.stored(clean.run, name, read) for name, read in columns.items() if name != table}
    around = Surroundings(context.period.as_of, context.settings.company.currency, others)
    rows = quality.stored(context.run, table)
    outcomes = evaluate(suite, with_checks(rows, table, suite.columns, around))
    places = pd.Series(rows.index, index=rows["_line"])
    return {
        each.claim.name: [made.expectation.name for made in outcomes if places[each.line] in made.positions]
        for each in claims
    }


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[str]]]:
    """By table, for each expectation, all that its spoilt record trips."""
    folder = tmp_path_factory.mktemp("mutations")
    clean = ingested(folder / "clean", exports())
    assert all(table_file(clean.run, table).is_file() for table in TABLES)
    made: dict[str, dict[str, list[str]]] = {table: {} for table in TABLES}
    for number in range(max(len(rounds(table)) for table in TABLES)):
        content, done = spoiled(number)
        context = ingested(folder / str(number), content)
        for table, claims in done.items():
            made[table] |= tripped(context, clean, table, claims)
    return made


@pytest.mark.parametrize("table", TABLES)
def test_every_expectation_is_tripped_by_a_spoilt_export(
    found: dict[str, dict[str, list[str]]], table: str
) -> None:
    assert {name for name, trips in found[table].items() if name not in trips} == set()
    assert set(found[table]) == {each.name for each in suite_of(table).expectations}


def test_what_else_a_spoilt_record_trips_is_listed(
    found: dict[str, dict[str, list[str]]], snapshot: SnapshotAssertion
) -> None:
    lines = [
        f"{table}.{name}: {', '.join(other for other in trips if other != name) or 'nothing else'}"
        for table, claims in sorted(found.items())
        for name, trips in claims.items()
    ]

    assert "\n".join(lines) + "\n" == snapshot(extension_class=TextGolden)
