from __future__ import annotations

import hashlib
import random
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.parquet as pq
from hypothesis import given
from hypothesis import strategies as st

from pipeline.intake.canonical import customers_of, finished, in_order, part_of, row_hashes, write_table
from pipeline.intake.mapped import NEWEST
from pipeline.schema import TABLES
from tests.tables import frame, parted


def _raw(table: str, rows: list[dict[str, Any]]) -> pd.DataFrame:
    made = frame(table, rows).drop(columns=["_row", "_part"])
    if "account_id" in made.columns and table != "accounts":
        made = made.assign(account_id=made["account_id"].mask(made["account_id"] == "~"))
    return made.assign(**{NEWEST: pd.array([None] * len(rows), dtype="Int64")})


ACCOUNTS = [
    {"account_id": "A", "name": "Top"},
    {"account_id": "B", "parent_id": "A", "name": "Middle"},
    {"account_id": "C", "parent_id": "B", "name": "Low"},
    {"account_id": "D", "parent_id": "gone", "name": "Orphan"},
    {"account_id": "E", "parent_id": "F", "name": "Round"},
    {"account_id": "F", "parent_id": "E", "name": "Round"},
    {"account_id": "G", "parent_id": "G", "name": "Own parent"},
]
ORDERS = [
    {"order_id": f"O{name}", "account_id": name, "ordered_on": "2026-09-01"} for name in ("A", "C", "X", None)
]


def test_a_customer_is_the_top_of_the_known_parents() -> None:
    assert customers_of(frame("accounts", ACCOUNTS)) == {
        "A": "A", "B": "A", "C": "A", "D": "D", "E": "E", "F": "F", "G": "G",
    }  # fmt: skip


def test_a_row_lies_in_the_part_of_its_customer() -> None:
    tables = finished(
        {
            "accounts": _raw("accounts", ACCOUNTS),
            "orders": _raw("orders", ORDERS),
            "order_lines": _raw(
                "order_lines", [{"order_id": n, "line_no": 1} for n in ("OC", "OX", "unknown")]
            ),
            "invoices": _raw("invoices", [{"invoice_id": "I", "account_id": "B"}]),
            "payments": _raw("payments", [{"payment_id": "P1", "invoice_id": "I"}, {"payment_id": "P2"}]),
            "products": _raw("products", [{"product_id": "P"}]),
        }
    )
    parts = {
        (name, row[TABLES[name].key[0]]): row["_part"]
        for name, rows in tables.items()
        for row in rows.to_dict("records")
    }
    top, nobody = int(hashlib.sha256(b"A").hexdigest()[:8], 16) % 16, part_of("~")

    assert top != nobody
    assert {parts["accounts", each] for each in "ABC"} == {top}
    assert parts["orders", "OC"] == parts["order_lines", "OC"] == parts["payments", "P1"] == top
    assert parts["orders", "OX"] == parts["order_lines", "OX"] == parts["order_lines", "unknown"] == nobody
    assert parts["payments", "P2"] == nobody
    assert parts["products", "P"] == 0


def test_an_empty_account_is_the_tilde_and_never_missing() -> None:
    tables = finished({"accounts": _raw("accounts", ACCOUNTS[:1]), "orders": _raw("orders", ORDERS)})

    assert tables["orders"]["account_id"].tolist().count("~") == 1
    assert tables["orders"]["account_id"].notna().all()


def test_a_row_hash_is_of_table_and_key_and_survives_other_cells() -> None:
    first = row_hashes("orders", _raw("orders", [{"order_id": "O1", "status": "open"}]))[0]

    assert first == row_hashes("orders", _raw("orders", [{"order_id": "O1", "status": "closed"}]))[0]
    assert first == "823bdf57687f8018"  # another one would cut what was traced in the months before
    assert first != row_hashes("invoices", _raw("invoices", [{"invoice_id": "O1"}]))[0]
    assert (
        row_hashes("order_lines", _raw("order_lines", [{"order_id": "O1", "line_no": 1}]))[0]
        == "aa5781a8b01b2cdb"
    )
    without_key = row_hashes(
        "orders", _raw("orders", [{"status": "open"}, {"status": "closed"}, {"status": "open"}])
    )
    assert without_key[0] == without_key[2] != without_key[1]


@given(st.lists(st.sampled_from([None, "", "1", "11", "甲", "1\x1f"]), min_size=2, max_size=6, unique=True))
def test_different_keys_have_different_hashes_whoever_stands_beside_them(keys: list[str | None]) -> None:
    rows = _raw("orders", [{"order_id": key, "status": "s"} for key in keys])
    hashes = row_hashes("orders", rows)

    assert hashes.nunique() == len(keys)
    assert hashes.str.fullmatch("[0-9a-f]{16}").all()
    assert row_hashes("orders", rows.iloc[::-1]).to_dict() == hashes.to_dict()
    assert [row_hashes("orders", rows.iloc[[at]]).iloc[0] for at in range(len(keys))] == hashes.tolist()


def test_rows_lie_by_part_then_key_then_what_tells_them_apart() -> None:
    keys = ["B", "A", None, "C", "A", None]
    rows = _raw("orders", [{"order_id": key, "status": f"{9 - at}"} for at, key in enumerate(keys)])
    placed = rows.assign(_row=row_hashes("orders", rows), _part=pd.array([1, 1, 0, 0, 1, 1], "int8"))
    found = in_order("orders", placed)

    assert found["_part"].tolist() == [0, 0, 1, 1, 1, 1]
    assert found["order_id"].fillna("-").tolist() == ["C", "-", "A", "A", "B", "-"]
    assert found["status"].tolist() == ["6", "7", "5", "8", "9", "4"]
    assert in_order("orders", placed.iloc[:0]).empty


def test_only_columns_that_repeat_are_written_with_a_dictionary(tmp_path: Path) -> None:
    orders = [{"order_id": f"O{at}", "account_id": "A", "currency": "CNY"} for at in range(40)]
    rows = finished({"accounts": _raw("accounts", ACCOUNTS[:1]), "orders": _raw("orders", orders)})["orders"]
    write_table(tmp_path / "orders.parquet", rows)
    group = pq.ParquetFile(tmp_path / "orders.parquet").metadata.row_group(0)
    columns = [group.column(at) for at in range(group.num_columns)]
    encoded = {each.path_in_schema: "RLE_DICTIONARY" in each.encodings for each in columns}

    assert (encoded["order_id"], encoded["_row"], encoded["currency"]) == (False, False, True)
    assert {each.compression for each in columns} == {"LZ4"}


@given(
    st.lists(
        st.tuples(st.sampled_from(["O1", "O2", "O3", None]), st.sampled_from(["a", "b", None])),
        min_size=1,
        max_size=9,
    ),
    st.randoms(use_true_random=False),
)
def test_the_order_of_the_input_changes_nothing_but_lines(
    rows: list[tuple[Any, Any]], chance: random.Random
) -> None:
    given_rows = [{"order_id": order, "status": status, "account_id": "A"} for order, status in rows]
    shuffled = chance.sample(given_rows, len(given_rows))
    first, second = (
        finished({"accounts": _raw("accounts", ACCOUNTS), "orders": _raw("orders", each)})["orders"].drop(
            columns="_line"
        )
        for each in (given_rows, shuffled)
    )

    pd.testing.assert_frame_equal(first, second)


def test_what_is_written_is_what_the_other_stages_tests_write(tmp_path: Path) -> None:
    named = [{name: cell for name, cell in row.items() if cell} for row in ORDERS]
    tables = finished({"accounts": _raw("accounts", ACCOUNTS[:3]), "orders": _raw("orders", ORDERS)})
    wanted = parted({"accounts": frame("accounts", ACCOUNTS[:3]), "orders": frame("orders", named)})
    for name, rows in tables.items():
        write_table(tmp_path / f"{name}.parquet", rows)
        file = pq.ParquetFile(tmp_path / f"{name}.parquet")
        groups = [set(file.read_row_group(at)["_part"].to_pylist()) for at in range(file.num_row_groups)]

        assert groups == [{part} for part in sorted(set(rows["_part"]))]
        assert rows.columns.tolist() == [*TABLES[name].column_names, "_source", "_line", "_row", "_part"]
        mine = rows.drop(columns="_row").reset_index(drop=True)
        pd.testing.assert_frame_equal(
            mine, wanted[name].drop(columns="_row").reset_index(drop=True)[mine.columns]
        )
