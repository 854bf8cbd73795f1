from __future__ import annotations

from tests.engines import Engine, derived_table, engine

ACCOUNTS = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b", "currency": "EUR"}]
INVOICES = [{"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-01-05", "gross_amount": 100}]
PAYMENTS: list[dict[str, object]] = [
    {"payment_id": "P1", "invoice_id": "I1", "account_id": "A1", "paid_on": "2026-02-01", "amount": 40},
    {"payment_id": "P2", "account_id": "A1", "paid_on": "2026-08-10", "amount": 30},
    {"payment_id": "P3", "account_id": "A2", "paid_on": "2026-09-10", "amount": 5},
    {"payment_id": "P4", "account_id": "A1", "paid_on": "2026-10-02", "amount": 7},
]
FX = [{"rate_on": "2026-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "8"}]


def made() -> Engine:
    return engine({"accounts": ACCOUNTS, "invoices": INVOICES, "payments": PAYMENTS, "fx": FX})


def test_a_payment_that_names_no_invoice_is_unapplied_from_its_day_on() -> None:
    rows = derived_table("unapplied_payments", {"accounts": ACCOUNTS, "payments": PAYMENTS})

    assert sorted(rows["payment_id"]) == ["P2", "P3", "P4"]
    assert rows["until_on"].isna().all()


def test_unapplied_cash_is_a_position_in_the_reporting_currency() -> None:
    found = made()

    assert found.value("unapplied_cash", "account:A1") == 30
    assert found.value("unapplied_cash", "account:A2") == 40
    assert found.value("unapplied_cash", "portfolio:all") == 70


def test_receivables_are_shown_without_it() -> None:
    assert made().value("receivables", "account:A1") == 60


def test_where_every_payment_names_its_invoice_there_is_none() -> None:
    found = engine({"accounts": ACCOUNTS, "invoices": INVOICES, "payments": PAYMENTS[:1]})

    assert found.value("unapplied_cash", "portfolio:all") == 0
