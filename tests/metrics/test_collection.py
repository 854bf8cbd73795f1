from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.engines import Engine, derived_table, engine

ACCOUNTS = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b", "currency": "EUR"}]
Row = dict[str, object]


def invoice(number: int, due: str | None, amount: object, **more: object) -> Row:
    row = {"invoice_id": f"I{number}", "account_id": "A1", "issued_on": "2026-07-01", "due_on": due}
    return {**row, "gross_amount": amount, **more}


def payment(number: int, paid: str, amount: object) -> Row:
    return {"payment_id": f"P{number}-{paid}", "invoice_id": f"I{number}", "paid_on": paid, "amount": amount}


EARLY = (invoice(0, "2025-01-31", 1, issued_on="2025-01-01"), payment(0, "2025-01-31", 1))


def made(invoices: list[Row], payments: list[Row], **more: Any) -> Engine:
    rows = {"accounts": ACCOUNTS, "invoices": [EARLY[0], *invoices], "payments": [EARLY[1], *payments]}
    return engine({**rows, **more.pop("tables", {})}, **more)


def test_days_are_weighed_by_the_money_that_came_part_by_part() -> None:
    found = made(
        [invoice(1, "2026-09-10", 400)],
        [payment(1, "2026-09-05", 100), payment(1, "2026-09-20", 300)],
    )

    assert found.value("weighted_days_late", "account:A1") == (-5 * 100 + 10 * 300) / 400
    assert found.value("weighted_days_late_floored", "account:A1") == 10 * 300 / 400


def test_what_is_still_overdue_counts_up_to_the_last_day() -> None:
    found = made(
        [invoice(1, "2026-09-10", 300), invoice(2, "2026-09-20", 100)], [payment(1, "2026-09-10", 300)]
    )

    assert found.value("weighted_days_late", "account:A1") == 10 * 100 / 400
    assert found.value("weighted_days_late", "account:A1", "quarter") == 10 * 100 / 400


def test_what_is_overdue_at_the_end_of_each_month_counts_in_that_month_alone() -> None:
    rows = {"accounts": ACCOUNTS, "invoices": [invoice(1, "2026-08-11", 100)], "payments": [EARLY[1]]}
    table = derived_table("late_positions", rows)

    assert table["from_on"].dt.strftime("%m-%d").tolist() == ["08-31", "09-30"]
    assert table["days_late"].tolist() == [20, 50]


def test_the_as_of_date_of_an_unfinished_month_is_an_end_too() -> None:
    rows = {"accounts": ACCOUNTS, "invoices": [invoice(1, "2026-09-05", 100)]}
    table = derived_table("late_positions", rows, as_of=date(2026, 9, 15))

    assert table["days_late"].tolist() == [10]


def test_disputed_invoices_stand_apart() -> None:
    found = made(
        [invoice(1, "2026-09-10", 100), invoice(2, "2026-09-01", 100, is_disputed=True)],
        [payment(1, "2026-09-12", 100), payment(2, "2026-09-21", 50)],
    )

    assert found.value("weighted_days_late", "account:A1") == 2
    assert found.value("weighted_days_late_disputed", "account:A1") == (50 * 20 + 50 * 29) / 100


@pytest.mark.parametrize(
    ("row", "paid"),
    [
        (invoice(1, "2026-09-10", 100, is_credit_note=True), payment(1, "2026-09-20", 100)),
        (invoice(1, "2026-09-10", 100), payment(1, "2026-09-20", -100)),
        (invoice(1, "2026-09-10", 100), payment(1, "2026-10-20", 100)),
        (invoice(1, "2026-09-10", 100), payment(9, "2026-09-20", 100)),
    ],
    ids=["credit note", "refund", "after the cut-off", "no such invoice"],
)
def test_what_is_no_money_in_for_an_invoice_is_no_settlement(row: Row, paid: Row) -> None:
    rows = {"accounts": ACCOUNTS, "invoices": [row], "payments": [paid]}

    assert derived_table("settlements", rows).empty


def test_an_invoice_without_a_due_date_is_due_after_the_policys_days() -> None:
    found = made([invoice(1, None, 100, issued_on="2026-08-01")], [payment(1, "2026-09-05", 100)])

    assert found.value("weighted_days_late", "account:A1") == 5


def test_nothing_paid_and_nothing_overdue_gives_no_figure() -> None:
    assert made([], []).value("weighted_days_late", "account:A1") is None


def test_the_overdue_amount_is_the_ageing_from_the_first_day_late_on() -> None:
    found = made([invoice(1, "2026-09-29", 100), invoice(2, "2026-10-15", 300)], [])

    assert found.value("overdue_amount", "account:A1") == 100
    assert found.value("overdue_share", "account:A1") == 0.25


def test_due_on_the_last_day_is_not_overdue() -> None:
    assert made([invoice(1, "2026-09-30", 100)], []).value("overdue_amount", "account:A1") == 0


def test_collection_is_measured_against_what_could_be_collected() -> None:
    found = made(
        [invoice(1, "2026-08-15", 300), invoice(2, "2026-09-20", 200, issued_on="2026-09-01"),
         invoice(3, "2026-10-20", 300, issued_on="2026-09-10")],
        [payment(1, "2026-09-05", 300), payment(2, "2026-09-25", 150)],
    )  # fmt: skip

    # 300 open at the start, 500 invoiced, 350 open at the end of which 300 are not yet due
    assert found.value("collection_effectiveness", "account:A1") == (300 + 500 - 350) / (300 + 500 - 300)


def test_days_are_the_same_in_every_currency() -> None:
    fx = [{"rate_on": "2025-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "7.8"}]
    rows = [invoice(1, "2026-09-10", 100, account_id="A2", currency="EUR")]
    found = made(rows, [payment(1, "2026-09-20", 100)], tables={"fx": fx})

    assert found.value("weighted_days_late", "account:A2") == 10
    assert found.value("weighted_days_late", "portfolio:all") == 10


def test_the_rows_behind_the_days_are_payments_with_their_invoices() -> None:
    found = made([invoice(1, "2026-09-10", 400)], [payment(1, "2026-09-20", 300)])
    rows = found.evidence("settled_days", "account:A1", found.window("month"))

    assert rows["amount"].tolist() == [300 * 10 * 10_000]
    assert [each.partition(":")[0] for each in rows["_from"].iloc[0].split()] == ["payments", "invoices"]
