from __future__ import annotations

from typing import Any

import pandas as pd

from pipeline.intake.mapped import NEWEST
from pipeline.intake.merging import deduplicated, merged
from tests.tables import frame

KEY = ("order_id",)


def _orders(*rows: dict[str, Any], newest: list[int | None] | None = None) -> pd.DataFrame:
    made = frame("orders", rows).drop(columns=["_row", "_part"])
    return made.assign(**{NEWEST: pd.array(newest or [None] * len(rows), dtype="Int64")})


def _ids(rows: pd.DataFrame) -> list[tuple[str, str]]:
    return [
        (order, "" if pd.isna(status) else status)
        for order, status in zip(rows["order_id"], rows["status"], strict=True)
    ]


def test_identical_rows_are_taken_once_and_said() -> None:
    row = {"order_id": "O1", "ordered_on": "2026-09-01"}
    rows, notes = deduplicated("orders", _orders(row, row, {**row, "order_id": "O2"}, row), KEY, None)

    assert rows["_line"].tolist() == [2, 4]
    assert [(note["expectation"], note["rows"], note["severity"]) for note in notes] == [
        ("rows_stand_once", 2, "info")
    ]
    assert notes[0]["examples"] == [{"source": "orders.csv", "line": 3}, {"source": "orders.csv", "line": 5}]


def test_rows_that_share_a_key_but_differ_are_all_kept() -> None:
    rows, notes = deduplicated(
        "orders", _orders({"order_id": "O1", "status": "a"}, {"order_id": "O1", "status": "b"}), KEY, None
    )

    assert len(rows) == 2
    assert not notes


def test_the_newest_of_several_versions_is_taken() -> None:
    given = _orders(
        {"order_id": "O1", "status": "old"},
        {"order_id": "O1", "status": "new"},
        {"order_id": "O2", "status": "only"},
        {"order_id": "O3", "status": "dated"},
        {"order_id": "O3", "status": "undated"},
        newest=[1, 2, None, 1, None],
    )
    rows, notes = deduplicated("orders", given, KEY, "modified")

    assert _ids(rows) == [("O1", "new"), ("O2", "only"), ("O3", "dated"), ("O3", "undated")]
    assert [(note["expectation"], note["rows"]) for note in notes] == [("keys_have_one_version", 1)]


def test_versions_that_are_equally_new_are_left_to_the_checks() -> None:
    given = _orders({"order_id": "O1", "status": "a"}, {"order_id": "O1", "status": "b"}, newest=[2, 2])

    assert len(deduplicated("orders", given, KEY, "modified")[0]) == 2


def test_rows_without_a_key_are_no_repetitions_of_each_other() -> None:
    assert len(deduplicated("orders", _orders({"status": "a"}, {"status": "a"}), KEY, None)[0]) == 2


def test_a_part_of_a_key_may_be_missing() -> None:
    row = {"account_id": "A1", "period_on": "2026-09-01", "made_on": "2026-08-01", "amount": 5}
    rows = frame("forecasts", [row, row, {**row, "product_id": "P"}]).drop(columns=["_row", "_part"])
    key = ("account_id", "manager_id", "product_id", "period_on", "made_on")
    kept, _ = deduplicated(
        "forecasts", rows.assign(**{NEWEST: pd.array([None] * 3, dtype="Int64")}), key, None
    )

    assert len(kept) == 2


def test_two_sources_are_one_row_a_key_and_the_first_has_precedence() -> None:
    first = _orders({"order_id": "O1", "status": "a"}, {"order_id": "O2"})
    second = _orders(
        {"order_id": "O1", "status": "b", "currency": "EUR"},
        {"order_id": "O2", "status": "c"},
        {"order_id": "O3"},
    )
    rows, notes = merged("orders", first, second, KEY, ("crm", "erp"))

    assert _ids(rows) == [("O1", "a"), ("O2", "c"), ("O3", "")]
    assert rows["currency"].tolist()[0] == "EUR"
    assert {name: str(kind) for name, kind in rows.dtypes.items()} == {
        name: str(kind) for name, kind in first.dtypes.items()
    }
    (note,) = notes
    assert (note["expectation"], note["severity"], note["rows"]) == ("sources_agree", "warning", 1)
    assert note["values"] == {"first": "crm", "second": "erp"}


def test_a_key_that_is_not_unique_is_taken_from_the_first_alone() -> None:
    first = _orders({"order_id": "O1", "status": "a"}, {"order_id": "O1", "status": "b"})
    second = _orders({"order_id": "O1", "status": "c"})
    rows, notes = merged("orders", first, second, KEY, ("crm", "erp"))

    assert _ids(rows) == [("O1", "a"), ("O1", "b")]
    assert [note["rows"] for note in notes] == [1]
