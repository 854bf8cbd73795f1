"""Slices: a customer's own rows and nothing of any other, whatever way the facts lie on disk."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline.errors import SettingsError
from pipeline.press import slices
from pipeline.press.slices import Slice, Subject
from tests import portraits


def write(run: Path, name: str, frame: pd.DataFrame) -> None:
    path = run / "facts" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    frame.to_parquet(path)


FRAME = pd.DataFrame({"customer_id": ["B", "A", "B"], "order_id": ["1", "2", "3"]})


def test_one_file_and_a_folder_of_parts_give_the_same_rows(tmp_path: Path) -> None:
    write(tmp_path / "one", "deliveries.parquet", FRAME)
    for part in ("A", "B"):
        write(
            tmp_path / "parts", f"deliveries.parquet/part-{part}.parquet", FRAME[FRAME["customer_id"] == part]
        )

    found = []
    for run in ("one", "parts"):
        rows: dict[str, list[str]] = {}
        for part_ in slices.tables_of(tmp_path / run, ["deliveries"]):
            rows |= {customer: list(tables["deliveries"]["order_id"]) for customer, tables in part_.items()}
        found.append(rows)

    assert found[0] == found[1] == {"A": ["2"], "B": ["1", "3"]}


def test_a_table_that_the_exports_did_not_bring_has_no_rows(tmp_path: Path) -> None:
    assert list(slices.tables_of(tmp_path, ["deliveries"])) == []
    assert slices.readable(Slice(Subject("A", "甲"), (), {}), "deliveries").empty


def test_a_column_that_is_gone_is_named(tmp_path: Path) -> None:
    subject = Slice(Subject("A", "甲"), (), {"deliveries": portraits.deliveries([]).drop(columns=["is_met"])})

    with pytest.raises(SettingsError) as caught:
        slices.readable(subject, "deliveries")

    assert caught.value.code == "KB-1044"
    assert "is_met" in caught.value.what


def test_rows_inside_a_window_are_closed_open() -> None:
    rows = pd.DataFrame({"due_on": pd.to_datetime(["2026-06-30", "2026-07-01", "2026-09-30", "2026-10-01"])})

    assert list(slices.inside(rows, "due_on", portraits.QUARTER).index) == [1, 2]


def test_readings_are_those_of_the_audience(tmp_path: Path) -> None:
    from pipeline.press.slices import READING_COLUMNS

    plain = {name: getattr(portraits.reading("csat", 0.9), name) for name in READING_COLUMNS}
    rows = [plain, {**plain, "audience": "internal"}, {**plain, "subject_kind": "account"}]
    frame = pd.DataFrame(rows)
    frame.to_parquet(tmp_path / "readings.parquet")

    found = slices.readings_of(tmp_path, "customer", "client")

    assert [row.audience for row in found["A-1"]] == ["client"]
    assert found["A-1"][0].from_on == date(2026, 7, 1)
    assert len(slices.readings_of(tmp_path, "customer", "internal")["A-1"]) == 2


def test_a_name_follows_the_script_of_the_document() -> None:
    both = Subject("A", "甲公司", name_en="Jia Ltd")

    assert both.named(in_han=True) == "甲公司"
    assert both.named(in_han=False) == "Jia Ltd"
    assert Subject("A", "甲公司").named(in_han=False) == "甲公司"


@pytest.mark.parametrize(
    ("part", "expected"), [("value", 0.75), ("numerator", 3.0), ("missed", 1.0), ("before", None)]
)
def test_parts_of_a_reading(part: str, expected: float | None) -> None:
    reading = portraits.rate("otif_orders", (3, 4), portraits.QUARTER)

    assert slices.part_of(reading, part) == expected


def test_the_window_of_a_month_is_named_as_readings_name_it() -> None:
    assert slices.month_of(date(2026, 9, 1), date(2026, 10, 1)).period == "2026-09"
    assert slices.month_of(date(2026, 9, 1), date(2026, 9, 23)).period == "2026-09-22"
