from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd
import pytest

from pipeline.engine.prepare import prepared, with_customers
from pipeline.errors import DataError
from tests.tables import tables

Rows = Mapping[str, Sequence[Mapping[str, object]]]
BASE: dict[str, list[dict[str, object]]] = {
    "accounts": [
        {"account_id": "A1", "name": "a", "currency": "EUR"},
        {"account_id": "A2", "name": "b", "parent_id": "A1"},
        {"account_id": "A3", "name": "c", "parent_id": "A2", "currency": "USD"},
        {"account_id": "A4", "name": "d", "parent_id": "gone"},
    ],
    "products": [{"product_id": "P1", "name": "pump", "category": "pumps", "unit": "pcs"}],
    "orders": [
        {"order_id": "O1", "account_id": "A2", "ordered_on": "2026-01-05", "requested_on": "2026-01-20",
         "delivered_on": "2026-01-21", "manager_id": "M1", "currency": "GBP", "kind": "new"},
        {"order_id": "O2", "account_id": "A3", "ordered_on": "2026-02-05"},
    ],
    "order_lines": [
        {"order_id": "O1", "line_no": 1, "net_amount": 10, "product_id": "P1"},
        {"order_id": "O1", "line_no": 2, "net_amount": 20, "requested_on": "2026-01-10", "currency": "JPY"},
        {"order_id": "O2", "line_no": 1, "net_amount": 30, "unit": "kg", "product_id": "P9"},
    ],
}  # fmt: skip


def made(more: Rows | None = None, currency: str = "CNY") -> dict[str, pd.DataFrame]:
    return prepared(tables({**BASE, **(more or {})}), currency)


def cells(table: pd.DataFrame, key: str, column: str) -> dict[str, object]:
    values = [None if pd.isna(value) else value for value in table[column]]
    return dict(zip(table[key].astype(str), values, strict=True))


def lines(column: str, more: Rows | None = None) -> dict[str, object]:
    table = made(more)["order_lines"]
    keys = table["order_id"] + "/" + table["line_no"].astype(str)
    return cells(table.assign(key=keys), "key", column)


def test_a_customer_is_the_top_of_the_chain_of_parents() -> None:
    customers = cells(made()["accounts"], "account_id", "customer_id")

    assert customers == {"A1": "A1", "A2": "A1", "A3": "A1", "A4": "A4"}


def test_parents_in_a_circle_stop_the_run() -> None:
    rows = [
        {"account_id": "A1", "name": "a", "parent_id": "A2"},
        {"account_id": "A2", "name": "b", "parent_id": "A1"},
    ]

    with pytest.raises(DataError) as stopped:
        with_customers(tables({"accounts": rows})["accounts"], "CNY")

    assert stopped.value.code == "KB-1292"
    assert "parent_id" in str(stopped.value)


def test_a_line_belongs_to_its_orders_account_and_customer() -> None:
    assert lines("account_id") == {"O1/1": "A2", "O1/2": "A2", "O2/1": "A3"}
    assert lines("customer_id") == {"O1/1": "A1", "O1/2": "A1", "O2/1": "A1"}


def test_a_line_takes_from_its_order_what_it_does_not_have() -> None:
    assert lines("requested_on") == {
        "O1/1": pd.Timestamp("2026-01-20"), "O1/2": pd.Timestamp("2026-01-10"), "O2/1": None,
    }  # fmt: skip
    assert lines("manager_id") == {"O1/1": "M1", "O1/2": "M1", "O2/1": None}
    assert lines("kind") == {"O1/1": "new", "O1/2": "new", "O2/1": None}


def test_the_currency_is_the_lines_then_the_orders_then_the_accounts() -> None:
    assert lines("currency") == {"O1/1": "GBP", "O1/2": "JPY", "O2/1": "USD"}


def test_without_any_currency_it_is_the_companys() -> None:
    orders = [{"order_id": "O1", "account_id": "A2", "ordered_on": "2026-01-05"}]
    order_lines = [{"order_id": "O1", "line_no": 1, "net_amount": 10}]

    assert lines("currency", {"orders": orders, "order_lines": order_lines}) == {"O1/1": "CNY"}


def test_a_products_name_is_added_under_its_own_name() -> None:
    assert lines("product_name") == {"O1/1": "pump", "O1/2": None, "O2/1": None}
    assert lines("unit") == {"O1/1": "pcs", "O1/2": None, "O2/1": "kg"}


def test_a_payment_without_an_account_is_its_invoices() -> None:
    money = {
        "invoices": [{"invoice_id": "I1", "account_id": "A3", "issued_on": "2026-01-05", "currency": "EUR"}],
        "payments": [
            {"payment_id": "R1", "invoice_id": "I1", "paid_on": "2026-02-01", "amount": 1},
            {"payment_id": "R2", "invoice_id": "I9", "paid_on": "2026-02-01", "amount": 1},
            {
                "payment_id": "R3",
                "invoice_id": "I1",
                "account_id": "A2",
                "paid_on": "2026-02-01",
                "amount": 1,
            },
        ],
    }
    payments = made(money)["payments"]

    assert cells(payments, "payment_id", "account_id") == {"R1": "A3", "R2": "~", "R3": "A2"}
    assert cells(payments, "payment_id", "customer_id") == {"R1": "A1", "R2": "~", "R3": "A1"}
    assert cells(payments, "payment_id", "currency") == {"R1": "EUR", "R2": "CNY", "R3": "EUR"}


def test_rows_without_an_account_are_nobodys_in_the_companys_currency() -> None:
    orders = [{"order_id": "O1", "ordered_on": "2026-01-05"}]
    order_lines = [{"order_id": "O1", "line_no": 1, "net_amount": 10}]
    found = made({"orders": orders, "order_lines": order_lines})["order_lines"]

    assert found[["account_id", "customer_id", "currency"]].iloc[0].tolist() == ["~", "~", "CNY"]


def test_a_parent_with_a_repeated_key_stops_before_rows_are_multiplied() -> None:
    twice = [{"order_id": "O1", "ordered_on": "2026-01-05"}, {"order_id": "O1", "ordered_on": "2026-01-06"}]

    with pytest.raises(DataError) as stopped:
        made({"orders": twice})

    assert stopped.value.code == "KB-1291"
    assert "orders.order_id" in str(stopped.value)


def test_no_join_adds_or_loses_a_row() -> None:
    given = tables(BASE)

    found = prepared(given, "CNY")

    assert {name: len(rows) for name, rows in found.items()} == {
        name: len(rows) for name, rows in given.items()
    }
    assert all(found[name]["_row"].tolist() == given[name]["_row"].tolist() for name in given)


def test_the_given_tables_stay_as_they_were() -> None:
    given = tables(BASE)
    before = {name: rows.copy(deep=True) for name, rows in given.items()}

    prepared(given, "CNY")

    for name, rows in before.items():
        pd.testing.assert_frame_equal(given[name], rows)


@pytest.mark.parametrize("parent", ["orders", "products", "accounts"])
def test_rows_whose_parents_are_all_gone_are_kept_without_them(parent: str) -> None:
    found = prepared({**tables(BASE), parent: tables(BASE)[parent].iloc[:0]}, "CNY")["order_lines"]

    assert len(found) == 3
    assert str(found["ordered_on"].dtype) == "datetime64[s]"
    if parent != "products":
        assert set(found["customer_id"]) == {"~"}
