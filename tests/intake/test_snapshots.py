from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapped import NEWEST
from pipeline.intake.merging import deduplicated
from pipeline.intake.snapshots import Snapshot, in_time_order, snapshot_of
from tests.tables import frame

AUGUST, SEPTEMBER, OCTOBER = "orders_2026-08.csv", "orders_2026-09.csv", "orders_2026-10.csv"


@pytest.mark.parametrize(
    ("source", "series", "until_on"),
    [
        ("orders_2026-09.csv", "orders_*.csv", date(2026, 9, 30)),
        ("orders_202602.csv.gz", "orders_*.csv.gz", date(2026, 2, 28)),
        ("orders-20260903.xlsx[Sheet1]", "orders-*.xlsx[Sheet1]", date(2026, 9, 3)),
        ("2026.9.3 orders.csv", "* orders.csv", date(2026, 9, 3)),
        ("订单2026年9月.csv", "订单*.csv", date(2026, 9, 30)),
        ("订单2026年9月3日.csv", "订单*.csv", date(2026, 9, 3)),
        ("2026Q3.zip!orders.csv", "*.zip!orders.csv", date(2026, 9, 30)),
        ("2025/orders.csv", "*/orders.csv", date(2025, 12, 31)),
        ("2026-09/orders_2026-09.csv", "*/orders_*.csv", date(2026, 9, 30)),
        ("orders_2026-09_1.csv", "orders_*_1.csv", date(2026, 9, 30)),
    ],
)
def test_a_name_says_how_far_an_export_reaches(source: str, series: str, until_on: date) -> None:
    assert snapshot_of(source) == Snapshot(series, until_on)


@pytest.mark.parametrize(
    "source",
    [
        "orders.csv",
        "orders_08.csv",
        "orders_2026-09_to_2026-10.csv",
        "orders_20260230.csv",
        "part 12345678.csv",
    ],
)
def test_a_name_without_a_date_says_nothing(source: str) -> None:
    assert snapshot_of(source) is None


@pytest.mark.parametrize(
    "names",
    [
        ["a_2025-12.csv", "a_2026-01.csv", "a_2026-02.csv"],
        ["a_9.csv", "a_10.csv", "a_11.csv"],
        ["a 2026年9月.csv", "a 2026年10月.csv"],
        ["old_2026-01.csv", "a_2026-02.csv"],
        ["a.csv"],
        [],
    ],
)
def test_complete_exports_are_ordered_by_the_dates_or_numbers_in_their_names(names: list[str]) -> None:
    exports = [Export(name) for name in names]

    assert list(in_time_order(exports[::-1], "files.a")) == exports


@pytest.mark.parametrize(
    "names", [["a_new.csv", "a_old.csv"], ["a.csv", "a_2026-09.csv"], ["a_Mar.csv", "a_Apr.csv"]]
)
def test_where_names_do_not_tell_which_complete_export_is_newest_a_person_is_asked(names: list[str]) -> None:
    with pytest.raises(SourceError, match="KB-1134"):
        in_time_order([Export(name) for name in names], "files.a")


##### Rows #############################################################################################################


def _orders(*rows: tuple[str, str, str] | tuple[str, str, str, str], newest: Any = None) -> pd.DataFrame:
    """Orders as (source, id, status, day), in the order of their files."""
    made = frame(
        "orders",
        [{"order_id": row[1], "status": row[2], "ordered_on": (*row, "2026-08-01")[3]} for row in rows],
    )
    ranks = pd.array(newest or [None] * len(rows), dtype="Int64")
    sources = pd.Series([row[0] for row in rows], dtype="str")
    return made.drop(columns=["_row", "_part"]).assign(
        _source=sources, _line=range(2, len(rows) + 2), **{NEWEST: ranks}
    )


def _merged(rows: pd.DataFrame, newest_by: str | None = None) -> tuple[list[tuple[str, str]], dict[str, int]]:
    kept, notes = deduplicated("orders", rows, ("order_id",), newest_by)
    return list(zip(kept["order_id"], kept["status"], strict=True)), {
        note["expectation"]: note["rows"] for note in notes
    }


def test_overlapping_snapshots_merge_and_the_later_one_is_right() -> None:
    rows = _orders(
        (AUGUST, "O1", "open"), (AUGUST, "O2", "open"), (SEPTEMBER, "O1", "closed"), (SEPTEMBER, "O2", "open")
    )

    kept, said = _merged(rows)
    assert sorted(kept) == [("O1", "closed"), ("O2", "open")]
    assert said == {"rows_stay_as_exported": 1, "rows_stand_once": 1}


def test_what_changed_and_changed_back_is_what_it_is_now() -> None:
    rows = _orders((AUGUST, "O1", "open"), (SEPTEMBER, "O1", "closed"), (OCTOBER, "O1", "open"))

    assert _merged(rows)[0] == [("O1", "open")]
    assert _merged(rows.assign(**{NEWEST: pd.array([1, 2, 3], dtype="Int64")}), "modified")[0] == [
        ("O1", "open")
    ]


def test_newest_by_goes_before_the_name_of_the_file() -> None:
    rows = _orders((AUGUST, "O1", "new"), (SEPTEMBER, "O1", "old"), newest=[2, 1])

    assert _merged(rows, "modified") == ([("O1", "new")], {"keys_have_one_version": 1})


def test_a_row_that_is_gone_from_a_later_snapshot_stays() -> None:
    rows = _orders((AUGUST, "O1", "open"), (AUGUST, "O2", "open"), (SEPTEMBER, "O1", "open"))

    assert sorted(_merged(rows)[0]) == [("O1", "open"), ("O2", "open")]


def test_files_of_other_names_have_no_order() -> None:
    for other in ("orders.csv", "returns_2026-09.csv", AUGUST):
        assert len(_merged(_orders((AUGUST, "O1", "a"), (other, "O1", "b")))[0]) == 2


def test_rows_that_come_late_are_said() -> None:
    rows = _orders(
        (AUGUST, "O1", "a", "2026-08-05"),
        (SEPTEMBER, "O1", "a", "2026-08-05"),
        (SEPTEMBER, "O2", "late", "2026-08-31"),
        (SEPTEMBER, "O3", "in time", "2026-09-01"),
        (OCTOBER, "O2", "late", "2026-08-31"),
        (OCTOBER, "O4", "late", "2026-08-09"),
    )
    _, notes = deduplicated("orders", rows, ("order_id",), None)

    said = {note["expectation"]: note for note in notes}["rows_come_in_time"]
    assert (said["rows"], [each["line"] for each in said["examples"]]) == (2, [4, 7])
    assert "rows_come_in_time" not in _merged(rows.iloc[:2])[1]
