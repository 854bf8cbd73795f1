from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived.contracts import _accrued, _cuts
from pipeline.periods import add_months
from tests.engines import Engine, derived_table, engine

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
    {"account_id": "A3", "name": "c"},
]
CONTRACT: Row = {
    "contract_id": "K1",
    "account_id": "A1",
    "starts_on": "2026-01-01",
    "ends_on": "2026-12-31",
    "annual_amount": 365_000,
    "status": "active",
}
SOLD: list[tuple[str, str, object]] = [
    ("A1", "2025-01-05", 500),
    ("A1", "2025-12-31", 500),
    ("A1", "2026-09-10", 27_000),
]


def made(*contracts: Row, sold: list[tuple[str, str, object]] | None = None, **more: object) -> Engine:
    sales = [("A3", "2024-01-05", 1), *(SOLD if sold is None else sold)]
    rows: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "contracts": [{**CONTRACT, "contract_id": f"K{at}", **each} for at, each in enumerate(contracts)],
        "orders": [
            {"order_id": f"O{at}", "account_id": account, "ordered_on": on}
            for at, (account, on, _) in enumerate(sales)
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": net} for at, (*_, net) in enumerate(sales)
        ],
    }
    return engine(rows, **more)


def test_what_was_agreed_is_pro_rata_by_days() -> None:
    found = made({})

    assert found.value("contract_amount", "account:A1", "month") == 30_000
    assert found.value("contract_amount", "account:A1", "ytd") == 273_000
    assert found.value("contract_fulfilment", "account:A1", "month") == pytest.approx(0.9)


def test_sales_outside_a_contract_are_not_spend_under_it() -> None:
    found = made({})

    assert found.value("contract_fulfilment", "account:A1", "t12m") == pytest.approx(27_000 / 273_000)
    sold: list[tuple[str, str, object]] = [("A3", "2026-01-10", 9), ("A2", "2026-09-10", 9)]
    found = made({}, {"account_id": "A3"}, sold=sold)
    assert found.value("contract_fulfilment", "customer:A1", "month") == 0


def test_without_a_contract_there_is_no_rate() -> None:
    assert made({}).value("contract_fulfilment", "account:A3", "month") is None
    assert made({}).value("contracts_in_force", "account:A3") == 0


def test_a_contract_without_an_amount_makes_it_unknown() -> None:
    found = made({"annual_amount": None})

    assert found.value("contract_amount", "account:A1", "month") is None
    assert found.value("contracts_in_force", "account:A1") == 1


@pytest.mark.parametrize("status", ["draft", "Cancelled", "withdrawn"])
def test_what_never_came_into_force_counts_for_nothing(status: str) -> None:
    found = made({"status": status}, {"account_id": "A3"})

    assert found.value("contracts_in_force", "account:A1") == 0
    assert found.value("contract_days_left", "customer:A1") is None


def test_a_terminated_contract_held_until_it_ended() -> None:
    found = made({"status": "terminated", "ends_on": "2026-09-10"})

    assert found.value("contract_amount", "account:A1", "month") == 10_000
    assert found.value("contracts_in_force", "account:A1") == 0


@pytest.mark.parametrize(
    ("contracts", "days"),
    [
        ([{}], 92),
        ([{"ends_on": "2026-09-30"}], 0),
        ([{"ends_on": "2026-09-29"}], None),
        ([{"starts_on": "2026-10-01"}], None),
        ([{}, {"starts_on": "2027-01-01", "ends_on": "2027-01-31"}], 123),
        ([{}, {"starts_on": "2027-01-02", "ends_on": "2027-01-31"}], 92),
        ([{}, {"account_id": "A2", "ends_on": "2026-11-30"}], 92),
        ([{"ends_on": None}], None),
    ],
    ids=["to its end", "the last day", "ended", "not begun", "renewed", "a gap", "two accounts", "no end"],
)
def test_days_are_left_until_no_contract_covers_the_customer(contracts: list[Row], days: int | None) -> None:
    found = made(*contracts, {"account_id": "A3"})

    assert found.value("contract_days_left", "customer:A1") == days


def test_states_say_what_is_to_come_in_force_and_over() -> None:
    rows = [
        {**CONTRACT, "contract_id": f"K{at}", "starts_on": first, "ends_on": last}
        for at, (first, last) in enumerate(
            [("2025-01-01", "2026-09-29"), ("2025-01-01", "2026-09-30"), ("2026-10-01", None)]
        )
    ]
    table = derived_table("contract_states", {"accounts": ACCOUNTS, "contracts": rows}).set_index(
        "contract_id"
    )

    assert table["state"].to_dict() == {"K0": "ended", "K1": "in_force", "K2": "to_come"}
    assert table.loc["K1", "days_left"] == 0


def test_an_unfinished_month_has_its_part() -> None:
    found = made({}, as_of=date(2026, 9, 10))

    assert found.value("contract_amount", "account:A1", "month") == 10_000
    assert found.value("contract_amount", "account:A1", "t12m") == 253_000


DAYS = st.dates(date(2020, 1, 1), date(2028, 12, 31))
AMOUNTS = st.integers(0, 10**14)


@settings(max_examples=60)
@given(DAYS, AMOUNTS, st.integers(1, 4))
def test_whole_years_of_a_contract_are_its_annual_amount(first: date, annual: int, years: int) -> None:
    assert _accrued(first, add_months(first, 12 * years), annual) == years * annual


@settings(max_examples=60)
@given(DAYS, AMOUNTS, st.integers(0, 900), st.integers(0, 900))
def test_what_is_agreed_never_falls(first: date, annual: int, one: int, other: int) -> None:
    low, high = (first + timedelta(days=each) for each in sorted((one, other)))

    assert 0 <= _accrued(first, low, annual) <= _accrued(first, high, annual)


@settings(max_examples=60)
@given(DAYS, st.integers(1, 900), st.integers(1, 31))
def test_pieces_begin_on_the_first_day_and_with_each_month(first: date, length: int, day: int) -> None:
    last = first + timedelta(days=length)
    cuts = [each for each in _cuts(first, last, day) if each < last]

    assert cuts[0] == first
    month = add_months(first.replace(day=1), 1)
    while month < last:
        assert month in cuts
        month = add_months(month, 1)


def test_open_invoices_are_counted_and_paid_ones_are_not() -> None:
    invoices: list[Row] = [
        {"invoice_id": f"I{at}", "account_id": "A1", "issued_on": "2026-08-01", "gross_amount": 100}
        for at in range(3)
    ]
    payments: list[Row] = [
        {"payment_id": "P0", "invoice_id": "I0", "paid_on": "2026-09-01", "amount": 100},
        {"payment_id": "P1", "invoice_id": "I1", "paid_on": "2026-09-01", "amount": 40},
    ]
    rows = {"accounts": ACCOUNTS, "invoices": invoices}

    assert engine({**rows, "payments": payments}).value("open_invoices", "account:A1") == 2
    assert engine(rows).value("open_invoices", "account:A1") is None
