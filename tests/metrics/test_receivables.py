from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from pipeline.derived.ledger import BUCKETS
from pipeline.engine.evaluate import Evaluator
from pipeline.engine.parts import OWN
from pipeline.engine.quantities import REASONS
from pipeline.metrics import METRICS
from pipeline.rules.finance import ReceivablesRule
from tests.engines import Engine, engine, policy_with
from tests.strategies import Company, companies

ACCOUNTS: list[dict[str, object]] = [
    {"account_id": "A1", "name": "a"},
    {"account_id": "A2", "name": "b", "currency": "EUR"},
]
RATES = [
    {"rate_on": "2026-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "7.80"},
    {"rate_on": "2026-02-20", "currency": "EUR", "to_currency": "CNY", "rate": "7.60"},
]


def owed(
    invoices: list[tuple[str, object]], payments: list[tuple[str, object]], account: str = "A1", **more: Any
) -> Engine:
    """A company whose account was sent invoices (day, gross) and paid (day, amount) the first of them."""
    rows = {
        "accounts": ACCOUNTS,
        "fx": RATES,
        "invoices": [
            {"invoice_id": f"I{at}", "account_id": account, "issued_on": on, "gross_amount": gross}
            for at, (on, gross) in enumerate(invoices)
        ],
        "payments": [
            {"payment_id": f"R{at}", "invoice_id": "I0", "paid_on": on, "amount": amount}
            for at, (on, amount) in enumerate(payments)
        ],
    }
    return engine(rows, **{"period": "2026-03", **more})


QUARTER: list[tuple[str, object]] = [("2026-01-15", 5538), ("2026-02-15", 4566), ("2026-03-15", 7570)]


@pytest.mark.parametrize("window", ["month", "quarter"])
def test_dso_of_10869_open_after_90_days_of_5538_and_4566_and_7570_is_55_35(window: str) -> None:
    found = owed(QUARTER, [("2026-03-20", 5538 + 4566 + 7570 - 10869)])

    assert found.value("dso_simple", "portfolio:all", window) == pytest.approx(55.35, abs=0.005)
    assert found.value("dso_simple", "account:A1", window) == pytest.approx(55.35, abs=0.005)


def test_dso_without_three_months_of_history_is_not_known() -> None:
    found = owed([("2026-02-15", 4566), ("2026-03-15", 7570)], [])

    assert reason(found, "dso_simple") == "short_history"


def reason(found: Engine, metric: str, window: str = "month") -> str:
    return REASONS[found.measure(metric, "portfolio", window).value.reasons[0]]


SALES: list[tuple[str, object]] = [("2026-01-15", 70_000), ("2026-02-15", 80_000), ("2026-03-15", 100_000)]


def test_counting_back_212k_over_100k_80k_70k_takes_73_17_calendar_days() -> None:
    found = owed(SALES, [("2026-03-20", 38_000)])

    assert found.value("receivables", "account:A1") == 212_000
    assert found.value("dso_countback", "account:A1") == pytest.approx(73.17, abs=0.005)


def test_counting_back_what_was_all_invoiced_this_month_is_a_part_of_its_days() -> None:
    found = owed(SALES, [("2026-03-20", 200_000)])

    assert found.value("dso_countback", "account:A1") == pytest.approx(15.5)


def test_counting_back_to_the_end_of_history_gives_at_least_its_days() -> None:
    found = owed(SALES, [("2026-03-20", -1_000)])
    measure = found.measure("dso_countback", "account", "month")

    assert REASONS[measure.value.reasons[0]] == "short_history"
    assert measure.low is not None
    assert (bool(measure.low.known[0]), float(measure.low.floats[0])) == (True, 90.0)


def test_a_residue_below_a_cent_is_not_counted_back_another_month() -> None:
    found = owed([("2026-01-15", 70), ("2026-02-15", 80), ("2026-03-15", 100)], [("2026-03-20", "149.9951")])

    assert found.value("dso_countback", "account:A1") == 31.0


def test_nothing_open_is_no_day() -> None:
    assert owed(SALES, [("2026-03-20", 250_000)]).value("dso_countback", "account:A1") == 0.0


def test_turnover_is_what_was_invoiced_over_the_mean_of_opening_and_month_ends() -> None:
    steady: list[tuple[str, object]] = [
        ("2025-12-15", 300),
        *((f"2026-0{month}-15", 400) for month in (1, 2, 3)),
    ]
    found = owed(steady, [(f"2026-0{month}-20", 400) for month in (1, 2, 3)])

    assert found.value("receivables_turnover", "account:A1", "quarter") == 4.0
    assert found.value("turnover_days", "account:A1", "quarter") == 90 / 4


@pytest.mark.parametrize("days", [360, 365])
def test_a_year_has_the_days_that_policy_says(days: Any) -> None:
    rule = ReceivablesRule(year_days=days, valid_from=date(2000, 1, 1))
    invoices: list[tuple[str, object]] = [("2025-01-01", 100), ("2026-01-01", 500)]
    found = owed(invoices, [], policy=policy_with(receivables=[rule]), period="2026-12")

    mean = (100 + 12 * 600) / 13
    assert found.value("turnover_days", "account:A1", "year") == pytest.approx(days * mean / 500)
    assert found.value("receivables_turnover", "account:A1", "year") == pytest.approx(500 / mean)


def test_without_an_invoice_in_the_window_there_is_no_turnover_in_days() -> None:
    found = owed([("2025-01-01", 100)], [])

    assert reason(found, "turnover_days", "quarter") == "not_positive"
    assert found.value("receivables_turnover", "account:A1", "quarter") == 0.0


def in_euros(*payments: tuple[str, object]) -> Engine:
    """A1 owes since January; A2 was sent EUR 100 at 7.80 in February and paid (day, amount)."""
    rows = {
        "accounts": ACCOUNTS,
        "fx": RATES,
        "invoices": [
            {"invoice_id": "old", "account_id": "A1", "issued_on": "2026-01-10", "gross_amount": 1},
            {"invoice_id": "euros", "account_id": "A2", "issued_on": "2026-02-10", "gross_amount": 100},
        ],
        "payments": [
            {"payment_id": "R0", "invoice_id": "old", "paid_on": "2026-02-10", "amount": 1},
            *(
                {"payment_id": f"R{at}", "invoice_id": "euros", "paid_on": on, "amount": amount}
                for at, (on, amount) in enumerate(payments, 1)
            ),
        ],
    }
    return engine(rows, period="2026-02")


@pytest.mark.parametrize("subject", ["account:A2", "customer:A2", "portfolio:all"])
def test_euros_invoiced_at_7_80_and_paid_at_7_60_leave_nothing_open_and_a_currency_effect_of_minus_20(
    subject: str,
) -> None:
    found = in_euros(("2026-02-25", 100))

    assert found.value("receivables", subject) == 0.0
    assert found.value("currency_effect", subject) == -20.0


def test_a_position_in_euros_is_valued_at_the_rate_of_the_last_day() -> None:
    found = in_euros()

    assert found.value("receivables", "account:A2") == 760.0
    assert found.value("currency_effect", "account:A2") == -20.0


def test_in_its_own_currency_there_is_no_currency_effect() -> None:
    found = in_euros(("2026-02-25", 40))
    evaluator: Evaluator = found.basis.evaluators[OWN]
    measure = evaluator.measure(METRICS.get("currency_effect"), "account", found.window("month"))

    assert evaluator.facts("account", found.window("month")).receivables.floats[1] == 60.0
    assert measure.value.floats[1] == 0.0


def test_a_credit_note_lowers_what_is_open_and_what_was_invoiced() -> None:
    rows = {
        "accounts": ACCOUNTS,
        "invoices": [
            {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-01-05", "gross_amount": 100},
            {"invoice_id": "I2", "account_id": "A1", "issued_on": "2026-03-05", "gross_amount": 40, "is_credit_note": True},
        ],
        "payments": [],
    }  # fmt: skip
    found = engine(rows, period="2026-03")

    assert found.value("receivables", "account:A1") == 60.0
    assert found.amount("billed", "account:A1", found.window("quarter")) == 60_0000


@pytest.mark.parametrize(
    "metric",
    ["receivables", "receivables_turnover", "dso_simple", "dso_countback", "overdue_amount", "overdue_share"],
)
def test_without_payments_nobody_knows_what_is_open(metric: str) -> None:
    invoices = [
        {"invoice_id": f"I{at}", "account_id": "A1", "issued_on": on, "gross_amount": 100}
        for at, on in enumerate(("2025-11-05", "2026-01-05", "2026-03-05"))
    ]
    measure = engine({"accounts": ACCOUNTS, "invoices": invoices}, period="2026-03").measure(
        metric, "account", "month" if metric != "receivables_turnover" else "quarter"
    )
    paid = engine({"accounts": ACCOUNTS, "invoices": invoices, "payments": []}, period="2026-03")

    assert REASONS[measure.value.reasons[0]] == "input_missing"
    assert paid.measure("receivables", "account", "month").value.known[0]


@settings(max_examples=5)
@given(companies())
def test_the_ages_of_whatever_is_open_add_up_to_the_receivables(company: Company) -> None:
    found = engine(company)
    month = found.window("month")

    for kind in ("account", "customer", "manager", "team", "region", "industry", "portfolio"):
        whole = found.fact("receivables", kind, month)
        ages = [found.fact("receivables", kind, month, ("bucket", bucket)) for bucket in BUCKETS]
        known = np.asarray(whole.known)  # type: ignore[union-attr]
        total = sum(np.asarray(each.values) for each in ages)
        assert (total[known] == np.asarray(whole.values)[known]).all()
