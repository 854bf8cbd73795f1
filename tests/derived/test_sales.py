from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.engines import derived_table

ROWS: dict[str, list[dict[str, object]]] = {
    "accounts": [{"account_id": "A1", "name": "a", "currency": "EUR"}],
    "products": [{"product_id": "P1", "name": "pump", "unit": "pcs"}],
    "orders": [
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-01", "kind": "new", "manager_id": "M1"},
        {"order_id": "O2", "account_id": "A1", "ordered_on": "2026-09-02", "status": "Cancelled"},
        {"order_id": "O3", "ordered_on": "2026-09-03"},
    ],
    "order_lines": [
        {"order_id": "O1", "line_no": 1, "net_amount": 10, "quantity": 2, "cost_amount": 6, "product_id": "P1"},
        {"order_id": "O1", "line_no": 2, "net_amount": -3, "quantity": -1},
        {"order_id": "O2", "line_no": 1, "net_amount": 100},
        {"order_id": "O3", "line_no": 1, "net_amount": 7},
    ],
    "invoices": [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-09-05", "net_amount": 10, "gross_amount": 11.3},
        {"invoice_id": "I2", "account_id": "A1", "issued_on": "2026-09-06", "net_amount": 4, "is_credit_note": True},
        {"invoice_id": "I3", "account_id": "A1", "issued_on": "2026-09-07", "net_amount": -5, "is_credit_note": True},
        {"invoice_id": "I4", "account_id": "A1", "issued_on": "2026-09-08", "gross_amount": 9},
    ],
    "contracts": [
        {"contract_id": "K1", "account_id": "A1", "signed_on": "2026-09-10", "starts_on": "2026-10-01",
         "annual_amount": 1000},
        {"contract_id": "K2", "account_id": "A1", "starts_on": "2026-09-11", "annual_amount": 500},
    ],
    "opportunities": [
        {"opportunity_id": "D1", "account_id": "A1", "closed_on": "2026-09-12", "is_won": True, "amount": 50,
         "kind": "renewal", "product_id": "P1"},
        {"opportunity_id": "D2", "account_id": "A1", "closed_on": "2026-09-13", "is_won": False, "amount": 60},
        {"opportunity_id": "D3", "account_id": "A1", "amount": 70},
    ],
}  # fmt: skip


def sales(basis: str, **more: Any) -> pd.DataFrame:
    return derived_table("sales", {**ROWS, **more}, sales={"basis": basis})


def amounts(made: pd.DataFrame) -> list[tuple[str, float]]:
    return sorted((f"{row.sold_on:%m-%d}", row.net_amount / 10_000) for row in made.itertuples())


def test_what_was_ordered_is_sold_on_the_day_of_the_order() -> None:
    assert amounts(sales("ordered")) == [("09-01", -3.0), ("09-01", 10.0), ("09-03", 7.0)]


def test_a_cancelled_order_is_no_sale() -> None:
    assert "O2" not in set(sales("ordered")["order_id"])


def test_what_was_invoiced_is_sold_on_the_day_of_the_invoice_and_credited_on_that_of_the_note() -> None:
    assert amounts(sales("invoiced")) == [("09-05", 10.0), ("09-06", -4.0), ("09-07", -5.0), ("09-08", 9.0)]


def test_a_contract_is_sold_for_a_year_on_the_day_it_was_signed_else_begins() -> None:
    assert amounts(sales("contracted")) == [("09-10", 1000.0), ("09-11", 500.0)]


def test_a_won_deal_is_sold_on_the_day_it_was_closed() -> None:
    assert amounts(sales("won")) == [("09-12", 50.0)]


@pytest.mark.parametrize("basis", ["ordered", "invoiced", "contracted", "won"])
def test_every_basis_gives_the_same_columns_of_the_same_types(basis: str) -> None:
    made, ordered = sales(basis), sales("ordered")

    assert list(made.columns) == list(ordered.columns)
    for name in ("quantity", "net_amount", "cost_amount"):
        assert str(made[name].dtype) == "Int64"
    assert str(made["sold_on"].dtype) == "datetime64[s]"


@pytest.mark.parametrize("basis", ["ordered", "invoiced", "contracted", "won"])
def test_without_its_table_a_basis_gives_no_rows_and_keeps_its_columns(basis: str) -> None:
    made = derived_table("sales", {"accounts": ROWS["accounts"]}, sales={"basis": basis})

    assert made.empty
    assert list(made.columns) == list(sales(basis).columns)


def test_a_sale_carries_what_it_may_be_broken_down_by() -> None:
    row = sales("ordered").query("quantity == 20000").iloc[0]

    assert (row["unit"], row["kind"], row["product_id"], row["product_name"]) == ("pcs", "new", "P1", "pump")
    assert (row["manager_id"], row["currency"], row["cost_amount"]) == ("M1", "EUR", 60_000)
    assert row["_from"].startswith("order_lines:")


def test_a_sale_without_an_account_is_kept_under_its_sign() -> None:
    made = sales("ordered")

    assert made.loc[made["order_id"] == "O3", ["account_id", "customer_id"]].iloc[0].tolist() == ["~", "~"]
