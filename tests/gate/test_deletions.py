from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.gate import deletions
from pipeline.gate.deletions import Deleted, gone
from pipeline.gate.new_headers import headers_of, judged_notes
from pipeline.gate.profiles import Kept
from pipeline.ingest import complete_tables
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.notes import note
from pipeline.intake.source import Source
from tests.commands import kambook

SETTINGS = """schema = 1
[company]
name = "Ours"
[sources]
mappings = ["ours"]
exports = "exports"
[documents]
languages = ["en"]
[quality]
quarantine_limit_pct = 1.0
[freshness]
days = 120
"""
MAPPING = """schema = 1
[files.accounts]
path = ["accounts.csv"]
[tables.accounts]
from = "accounts"
[files.orders]
path = ["orders.csv"]
complete = true
[tables.orders]
from = "orders"
[tables.orders.columns]
order_id = "Number"
account_id = "Customer"
ordered_on = { from = "Day", date = "iso" }
[files.lines]
path = ["lines.csv"]
[tables.order_lines]
from = "lines"
"""
ACCOUNTS = "account_id,name\nA1,Acme\n"
LINES = "order_id,line_no,quantity,net_amount\nO1,1,1,10\n"


def orders(numbers: range, *, heads: tuple[str, ...] = (), broken: tuple[int, ...] = ()) -> str:
    first = ",".join(["Number", "Customer", "Day", *heads])
    days = {number: "2026-09-32" if number in broken else "2026-07-30" for number in numbers}
    cells = "".join(",x" for _ in heads)
    return "\n".join([first, *(f"O{n},A1,{day}{cells}" for n, day in days.items())]) + "\n"


def months(folder: Path, *given: str) -> list[Path]:
    """Runs of August, September, … over one complete export of orders each."""
    (folder / "exports").mkdir()
    (folder / "sources").mkdir()
    files = {"kambook.toml": SETTINGS, "sources/ours.toml": MAPPING, "exports/accounts.csv": ACCOUNTS, "exports/lines.csv": LINES}  # fmt: skip
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    runs = []
    for place, text in enumerate(given):
        period = f"2026-{8 + place:02}"
        (folder / "exports" / "orders.csv").write_text(text, encoding="utf-8")
        for stage in ("ingest", "validate"):
            done = kambook(stage, "-w", folder, "-p", period, "--quiet")
            assert done.code == 0, done
        runs.append(folder / "runs" / period)
    return runs


def found(run: Path, truth: str) -> list[dict[str, Any]]:
    said = json.loads((run / "quality" / "findings.json").read_text(encoding="utf-8"))
    return [each for each in said if each["expectation"] == truth]


def test_what_a_complete_export_no_longer_holds_is_counted_and_listed(tmp_path: Path) -> None:
    first, second = months(tmp_path, orders(range(1, 101)), orders(range(3, 103)))

    assert found(first, deletions.TRUTH) == []
    (finding,) = found(second, deletions.TRUTH)
    assert (finding["table"], finding["severity"], finding["scope"], finding["rows"]) == ("orders", "info", "run", 2)  # fmt: skip
    assert finding["why"].startswith(
        "2 of 100 records of the run 2026-08 are no longer in the complete export"
    )
    assert finding["examples"] == [{"source": "orders.csv", "line": 2}, {"source": "orders.csv", "line": 3}]
    with (second / "quality" / "deleted.csv").open(encoding="utf-8-sig", newline="") as stream:
        assert [(row["table"], row["key"]) for row in csv.DictReader(stream)] == [("orders", "O1"), ("orders", "O2")]  # fmt: skip
    page = (second / "quality" / "index.html").read_text(encoding="utf-8")
    assert '<td class="count">100</td><td class="count">2</td><td class="count">2.0%</td>' in page
    assert not (first / "quality" / "deleted.csv").exists()


def test_many_deleted_rows_are_a_warning_and_a_row_that_cannot_be_read_is_not_deleted(
    tmp_path: Path,
) -> None:
    _, second = months(tmp_path, orders(range(1, 101)), orders(range(1, 95), broken=(7, 8)))

    (finding,) = found(second, deletions.TRUTH)
    assert (finding["severity"], finding["rows"]) == ("warning", 6)
    assert finding["why"].endswith("That is more than 5%; please check whether the export was cut short.")


def test_a_header_that_nobody_maps_is_a_warning_the_first_time_alone(tmp_path: Path) -> None:
    day = range(1, 10)
    runs = months(
        tmp_path, orders(day, heads=("Stage",)), orders(day, heads=("Stage",)), orders(day, heads=("Stage", "Mood"))
    )  # fmt: skip

    told = [found(run, "headers_are_mapped") for run in runs]
    assert [[each["severity"] for each in month] for month in told] == [["warning"], ["info"], ["warning"]]
    assert told[0][0]["why"] == (
        "Columns of “orders” that are neither mapped nor ignored: Stage. For the first time: Stage."
    )
    assert told[2][0]["why"].endswith("For the first time: Mood.")
    assert all({"names", "values"}.isdisjoint(each) for month in told for each in month)
    profile = json.loads((runs[2] / "quality" / "profile.json").read_text(encoding="utf-8"))
    assert profile["headers"] == {"orders": ["Mood", "Stage"]}


def test_only_tables_of_which_every_file_that_came_is_complete_can_lose_records(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    texts = {"ours": MAPPING, "theirs": MAPPING.replace("complete = true\n", "optional = true\n")}
    for name, text in texts.items():
        (tmp_path / "sources" / f"{name}.toml").write_text(text, encoding="utf-8")
    ours, theirs = (load_mapping(name, tmp_path) for name in texts)
    came = (Export("book.csv"),)
    own = Source(ours, "UTC", {"orders": came, "accounts": came})

    assert complete_tables([own]) == ["orders"]
    assert complete_tables([own, Source(theirs, "UTC", {"orders": ()})]) == ["orders"]
    assert complete_tables([own, Source(theirs, "UTC", {"orders": came})]) == []


def test_a_header_of_another_table_is_another_header() -> None:
    seen: Kept = {"period": "", "as_of": "", "rows": {}, "offered": 0, "findings": {}, "quarantined": 0, "headers": {"cases": ["Mood"]}}  # fmt: skip
    notes = [note("orders", "headers_are_mapped", "…", 1, names=["Mood"]), note("orders", "rows_stand_once", "…", 1)]  # fmt: skip

    assert headers_of(notes) == {"orders": ["Mood"]}
    assert [each["severity"] for each in judged_notes(notes, [seen], str)] == ["warning", "info"]


keys = st.lists(st.sampled_from("abcdefgh"))


@given(keys, keys)
def test_what_is_gone_is_exactly_what_was_there_and_is_not(before: list[str], now: list[str]) -> None:
    rows = pd.DataFrame(
        {
            "table": "t",
            "key": pd.Series(before, dtype="str"),
            "_source": "o.csv",
            "_line": pd.Series(range(len(before)), dtype="Int64"),
        }
    )

    assert gone(rows, set(now))["key"].tolist() == sorted(set(before) - set(now))


@pytest.mark.parametrize(("records", "severity"), [(20, "info"), (19, "warning")])
def test_the_share_decides_how_loud_it_is(records: int, severity: str) -> None:
    row: Mapping[str, Any] = {"table": "orders", "key": "O1", "_source": "o.csv", "_line": 2}
    lost = Deleted("orders", "2026-08", records, pd.DataFrame([row]))

    (finding,) = deletions.findings_of([lost], 0.05, str)
    assert finding["severity"] == severity
