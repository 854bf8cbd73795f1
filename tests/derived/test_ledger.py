from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived import DERIVED, Inputs
from pipeline.derived.ledger import BUCKETS
from pipeline.engine.prepare import prepared
from pipeline.rules.finance import ReceivablesRule
from tests.engines import derived_table, policy_with
from tests.runs import context_for
from tests.strategies import companies
from tests.tables import tables

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
Span = tuple[str, str | None, float]


def ledger(
    invoices: list[dict[str, object]], *payments: tuple[str, str, object], **more: Any
) -> pd.DataFrame:
    """The ledger of A1's invoices, `payments` being (invoice, day, amount)."""
    paid = [
        {"payment_id": f"R{at}", "invoice_id": invoice, "paid_on": on, "amount": amount}
        for at, (invoice, on, amount) in enumerate(payments)
    ]
    rows = {
        "accounts": ACCOUNTS,
        "invoices": [{"account_id": "A1", "due_on": "2026-12-31", **invoice} for invoice in invoices],
        "payments": paid,
    }
    return derived_table("ledger", rows, **more)


def spans(made: pd.DataFrame) -> list[Span]:
    """(from, until, balance) of each balance, whatever ages it passes through."""
    found: list[Span] = []
    for row in made.itertuples():
        until = None if pd.isna(row.until_on) else f"{row.until_on:%Y-%m-%d}"
        span = (f"{row.from_on:%Y-%m-%d}", until, row.balance_amount / 10_000)
        if found and found[-1][1:] == (span[0], span[2]):
            span = (found.pop()[0], *span[1:])
        found.append(span)
    return found


def invoice(**cells: object) -> dict[str, object]:
    return {"invoice_id": "I1", "issued_on": "2026-06-01", "gross_amount": 100, **cells}


def test_an_unpaid_invoice_is_open_from_its_issue_without_an_end() -> None:
    assert spans(ledger([invoice()])) == [("2026-06-01", None, 100.0)]


def test_a_part_payment_leaves_the_rest_open() -> None:
    made = ledger([invoice()], ("I1", "2026-07-01", 30), ("I1", "2026-08-01", 70))

    assert spans(made) == [("2026-06-01", "2026-07-01", 100.0), ("2026-07-01", "2026-08-01", 70.0)]


def test_two_payments_of_one_day_are_one_change() -> None:
    made = ledger([invoice()], ("I1", "2026-07-01", 30), ("I1", "2026-07-01", 20))

    assert spans(made) == [("2026-06-01", "2026-07-01", 100.0), ("2026-07-01", None, 50.0)]


def test_an_overpayment_is_owed_back() -> None:
    assert spans(ledger([invoice()], ("I1", "2026-07-01", 120)))[1] == ("2026-07-01", None, -20.0)


def test_a_payment_before_the_invoice_counts_from_its_issue() -> None:
    assert spans(ledger([invoice()], ("I1", "2026-05-01", 40))) == [("2026-06-01", None, 60.0)]


@pytest.mark.parametrize("gross", ["-100", "100"])
def test_a_credit_note_is_owed_to_the_customer_whatever_its_sign(gross: str) -> None:
    made = ledger([invoice(gross_amount=gross, is_credit_note=True)])

    assert spans(made) == [("2026-06-01", None, -100.0)]


@pytest.mark.parametrize(
    ("cells", "owed"),
    [
        ({"gross_amount": 113, "net_amount": 100, "tax_amount": 13}, 113.0),
        ({"gross_amount": None, "net_amount": 100, "tax_amount": 13}, 113.0),
        ({"gross_amount": None, "net_amount": 100}, 100.0),
    ],
)
def test_what_is_owed_is_gross_of_tax_as_far_as_the_export_says(
    cells: dict[str, object], owed: float
) -> None:
    assert spans(ledger([invoice(**cells)])) == [("2026-06-01", None, owed)]


def test_what_happens_after_the_as_of_date_is_not_known() -> None:
    later = {"invoice_id": "I2", "issued_on": "2026-10-01", "gross_amount": 5}

    assert spans(ledger([invoice(), later], ("I1", "2026-10-01", 100))) == [("2026-06-01", None, 100.0)]
    assert spans(ledger([invoice()], ("I1", "2026-09-30", 100))) == [("2026-06-01", "2026-09-30", 100.0)]


def test_a_payment_of_an_invoice_that_is_not_there_is_in_no_item() -> None:
    assert spans(ledger([invoice()], ("I9", "2026-07-01", 40))) == [("2026-06-01", None, 100.0)]


def test_without_a_table_of_payments_nobody_knows_what_is_open() -> None:
    made = derived_table("ledger", {"accounts": ACCOUNTS, "invoices": [invoice(account_id="A1")]})

    assert len(made)
    assert made["balance_amount"].isna().all()


def test_an_export_of_payments_without_any_says_that_all_is_open() -> None:
    made = derived_table(
        "ledger", {"accounts": ACCOUNTS, "invoices": [invoice(account_id="A1")], "payments": []}
    )

    assert spans(made) == [("2026-06-01", None, 100.0)]


@pytest.mark.parametrize(
    ("days_late", "bucket"),
    [
        (-5, "not_due"), (0, "not_due"), (1, "1-30"), (30, "1-30"), (31, "31-60"), (60, "31-60"), (61, "61-90"),
        (90, "61-90"), (91, "91-120"), (120, "91-120"), (121, "121+"), (400, "121+"),
    ],
)  # fmt: skip
def test_an_open_invoice_is_of_the_age_of_its_days_late(days_late: int, bucket: str) -> None:
    today = pd.Timestamp("2026-09-30")
    due = today - pd.Timedelta(days=days_late)
    issued = due - pd.Timedelta(days=10)
    made = ledger([invoice(issued_on=issued.date(), due_on=due.date())])

    held = made[(made["from_on"] <= today) & ~(made["until_on"] <= today)]
    assert held["bucket"].tolist() == [bucket]


def test_an_open_invoice_passes_through_the_ages_without_a_gap() -> None:
    made = ledger([invoice(issued_on="2026-01-01", due_on="2026-01-31")])

    assert made["bucket"].tolist() == list(BUCKETS)
    assert made["from_on"].iloc[1:].tolist() == made["until_on"].iloc[:-1].tolist()
    assert made["from_on"].iloc[1] == pd.Timestamp("2026-02-01")


def test_without_a_due_date_the_policys_payment_days_hold() -> None:
    made = ledger([invoice(issued_on="2026-06-01", due_on=None)])

    assert made["due_on"].unique().tolist() == [pd.Timestamp("2026-07-01")]


def test_an_invoice_is_due_by_the_rule_of_the_day_it_was_issued() -> None:
    rules = [
        ReceivablesRule(payment_days=30, valid_from=date(2000, 1, 1)),
        ReceivablesRule(payment_days=60, valid_from=date(2026, 7, 1)),
        ReceivablesRule(payment_days=5, valid_from=date(2026, 10, 1)),
    ]
    june, july = invoice(due_on=None), invoice(invoice_id="I2", issued_on="2026-07-01", due_on=None)

    made = ledger([june, july], policy=policy_with(receivables=rules))

    due = dict(zip(made["invoice_id"], made["due_on"].dt.strftime("%Y-%m-%d"), strict=True))
    assert due == {"I1": "2026-07-01", "I2": "2026-08-30"}


def test_an_open_balance_names_the_invoice_and_all_payments_so_far() -> None:
    made = ledger([invoice()], ("I1", "2026-07-01", 30), ("I1", "2026-08-01", 20))

    kinds = [Counter(each.partition(":")[0] for each in text.split()) for text in made["_from"].unique()]
    assert kinds == [
        {"invoices": 1}, {"invoices": 1, "payments": 1}, {"invoices": 1, "payments": 2}
    ]  # fmt: skip


def test_without_an_invoice_the_ledger_is_empty_and_keeps_its_columns() -> None:
    full, empty = ledger([invoice()]), ledger([invoice(issued_on="2027-01-01")])

    assert empty.empty
    assert dict(empty.dtypes) == dict(full.dtypes)


def test_the_invoices_and_payments_stay_as_they_were() -> None:
    context = context_for(Path("run"))
    rows = {
        "accounts": ACCOUNTS,
        "invoices": [invoice(account_id="A1")],
        "payments": [{"payment_id": "R", "invoice_id": "I1", "paid_on": "2026-07-01", "amount": 1}],
    }
    mine = prepared(tables(rows), "CNY")
    before = {name: each.copy(deep=True) for name, each in mine.items()}

    DERIVED.get("ledger").make(Inputs(mine, context.policy, context.settings, context.period.until_on))

    for name, each in before.items():
        pd.testing.assert_frame_equal(mine[name], each)


@settings(max_examples=15)
@given(companies(), st.integers(0, 1000))
def test_on_any_day_the_open_items_are_what_was_invoiced_less_what_was_paid(
    company: dict[str, list[dict[str, object]]], after: int
) -> None:
    day = date(2024, 1, 5) + timedelta(days=min(after, 998))
    made = derived_table("ledger", company)
    held = made[(made["from_on"] <= pd.Timestamp(day)) & ~(made["until_on"] <= pd.Timestamp(day))]

    assert held.groupby("invoice_id")["balance_amount"].sum().to_dict() == open_by_hand(company, day)
    assert not held.duplicated("invoice_id").any()


def open_by_hand(company: dict[str, list[dict[str, object]]], day: date) -> dict[str, int]:
    """What is open of each invoice on a day, in ten-thousandths; nothing for those that are settled."""
    known = {
        str(row["invoice_id"]): round(float(str(row["gross_amount"])) * 10_000)
        * (-1 if row.get("is_credit_note") else 1)
        for row in company["invoices"]
        if str(row["issued_on"]) <= day.isoformat()
    }
    for row in company["payments"]:
        if str(row["invoice_id"]) in known and str(row["paid_on"]) <= day.isoformat():
            known[str(row["invoice_id"])] -= round(float(str(row["amount"])) * 10_000)
    return {name: balance for name, balance in known.items() if balance}
