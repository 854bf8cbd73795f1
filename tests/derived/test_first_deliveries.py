from __future__ import annotations

from pathlib import Path

import pytest

from tests.runs import computed, reading
from tests.second_wave import Row, later_table


def order(number: int, on: str, promised: str, delivered: str | None, **cells: object) -> Row:
    return {
        "order_id": f"O{number}", "account_id": "A2", "ordered_on": on, "first_promised_on": promised,
        "delivered_on": delivered, **cells,
    }  # fmt: skip


OLD = order(0, "2025-01-05", "2025-01-10", "2025-01-10", account_id="A1")
NEW = order(1, "2026-09-05", "2026-09-20", "2026-09-18")


def tables(*orders: Row) -> dict[str, list[Row]]:
    return {
        "accounts": [
            {"account_id": "A1", "name": "a", "signed_on": "2020-01-01"},
            {"account_id": "A2", "name": "b", "signed_on": "2026-09-01"},
        ],
        "orders": list(orders),
        "order_lines": [
            {
                "order_id": each["order_id"],
                "line_no": 1,
                "net_amount": 1,
                "quantity": 1,
                "delivered_quantity": 1,
            }
            for each in orders
        ],
    }


def first(*orders: Row) -> list[tuple[str, object, bool, bool]]:
    table = later_table("first_deliveries", tables(OLD, *orders))
    days = [
        None if each is None else int(each)
        for each in table["days_early"].astype("object").where(table["days_early"].notna(), None)
    ]
    return list(
        zip(table["order_id"], days, table["is_on_time"].tolist(), table["is_early"].tolist(), strict=True)
    )


@pytest.mark.parametrize(
    ("delivered", "expected"),
    [
        ("2026-09-18", (2, True, True)),
        ("2026-09-19", (1, True, True)),
        ("2026-09-20", (0, True, False)),
        ("2026-09-21", (-1, False, False)),
        (None, (None, False, False)),
    ],
)
def test_a_first_order_is_early_on_time_late_or_has_not_come(
    delivered: str | None, expected: tuple[int | None, bool, bool]
) -> None:
    assert first({**NEW, "delivered_on": delivered}) == [("O1", *expected)]


def test_only_the_first_order_that_was_not_cancelled_counts() -> None:
    cancelled = order(2, "2026-09-02", "2026-09-03", None, status="cancelled")
    later = order(3, "2026-09-10", "2026-09-12", "2026-09-12")

    assert [each[0] for each in first(later, NEW, cancelled)] == ["O1"]


def test_customers_from_before_the_export_are_left_out() -> None:
    assert first(order(4, "2026-09-05", "2026-09-06", "2026-09-06", account_id="A1")) == []


def test_the_share_of_first_orders_on_time_and_early(tmp_path: Path) -> None:
    table = computed(tmp_path, tables(OLD, NEW))

    for metric in ("first_delivery_on_time", "first_delivery_early"):
        assert reading(table, metric, "customer:A2", "month")["value"] == 1
        assert reading(table, metric, "portfolio:all", "month")["n"] == 1
        assert reading(table, metric, "customer:A1", "month")["reason"] == "not_positive"
