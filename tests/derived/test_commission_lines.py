from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.payrolls import (
    FLAT,
    Row,
    by_month,
    commission,
    company,
    inputs,
    manager,
    of_part,
    order,
    pay,
    year_target,
)

TARGET = {"targets": [year_target(100)]}


def test_target_100_actual_130_of_a_year_in_two_orders() -> None:
    rows = company(order(1, "2026-03-02", 60), order(2, "2026-09-10", 70), **TARGET)

    assert by_month(pay(rows, commission()), "commission") == {"2026-03": 3.0, "2026-09": 4.4}
    assert by_month(pay(rows, commission(how="retroactive")), "commission") == {
        "2026-03": 3.0,
        "2026-09": 7.4,
    }


def test_a_line_says_plan_row_tier_attainment_and_gate() -> None:
    rows = company(
        order(1, "2026-09-10", 130, product_id="P"), products=[{"product_id": "P", "name": "p"}], **TARGET
    )

    found = of_part(pay(rows, commission(date(2025, 1, 1))), "commission")

    said = found[
        ["plan", "plan_from_on", "sold_to_id", "deal_id", "product_id", "earned_on", "falls_on", "gate"]
    ]
    assert said.drop_duplicates().to_dict("records") == [
        {
            "plan": "commission plan", "plan_from_on": pd.Timestamp(2025, 1, 1), "sold_to_id": "A1", "deal_id": "orders:O1",
            "product_id": "P", "earned_on": pd.Timestamp(2026, 9, 10), "falls_on": pd.Timestamp(2026, 9, 30), "gate": "paid",
        }
    ]  # fmt: skip
    money = [
        "base_amount",
        "rate",
        "tier_pct",
        "attainment_pct",
        "target_amount",
        "credited_amount",
        "amount",
    ]
    assert found[money].to_numpy().tolist() == [
        [1_000_000, "0.05", 0, 13_000, 1_000_000, 1_300_000, 5.0],
        [300_000, "0.08", 10_000, 13_000, 1_000_000, 1_300_000, 2.4],
    ]
    row = inputs(rows).tables["order_lines"]["_row"].iloc[0]
    assert set(found["_from"]) == {f"order_lines:{row}"}


def test_a_pay_line_belongs_to_no_customer() -> None:
    found = pay(company(order(1, "2026-09-10", 130), **TARGET), commission())

    assert set(found["account_id"]) == set(found["customer_id"]) == {"~"}


def test_shares_of_an_account_make_the_order_and_take_each_managers_own_tier() -> None:
    assignments = [
        {"account_id": "A1", "manager_id": "M1", "share_pct": "0.6", "from_on": "2020-01-01"},
        {"account_id": "A1", "manager_id": "M2", "share_pct": "0.4", "from_on": "2020-01-01"},
    ]
    rows = company(
        order(1, "2026-09-10", "100.01"),
        managers=[manager(), manager("M2")],
        targets=[year_target(100), year_target(20, "M2")],
        assignments=assignments,
    )

    found = of_part(pay(rows, commission()), "commission")

    assert found.groupby("manager_id")["base_amount"].sum().to_dict() == {"M1": 600_060, "M2": 400_040}
    assert found.groupby("manager_id")["amount"].sum().to_dict() == {"M1": 3.0, "M2": 2.6}
    assert found.groupby("manager_id")["share_pct"].first().to_dict() == {"M1": 6000, "M2": 4000}


def test_the_share_of_a_colleague_on_another_mode_of_pay_is_not_paid_to_anyone() -> None:
    assignments = [
        {"account_id": "A1", "manager_id": name, "share_pct": "0.5", "from_on": "2020-01-01"}
        for name in ("M1", "M2")
    ]
    for mode in ("equity", None):
        rows = company(
            order(1, "2026-09-10", 100), managers=[manager(), manager("M2", mode)], assignments=assignments
        )
        found = of_part(pay(rows, commission(rates=FLAT)), "commission")
        assert found[["manager_id", "amount"]].to_numpy().tolist() == [["M1", 2.5]]


def test_after_a_hand_over_the_new_manager_earns() -> None:
    assignments = [
        {"account_id": "A1", "manager_id": "M1", "from_on": "2020-01-01", "to_on": "2026-09-10"},
        {"account_id": "A1", "manager_id": "M2", "from_on": "2026-09-10"},
    ]
    rows = company(
        order(1, "2026-09-09", 10),
        order(2, "2026-09-10", 20),
        managers=[manager(), manager("M2")],
        assignments=assignments,
    )
    found = pay(rows, commission(rates=FLAT))

    assert by_month(found, "commission") == {"2026-09": 0.5}
    assert by_month(found, "commission", "M2") == {"2026-09": 1.0}


def test_a_row_is_judged_by_the_plan_of_its_day() -> None:
    rows = company(order(1, "2026-06-30", 10), order(2, "2026-07-01", 10))
    plans = (
        commission(rates=FLAT),
        commission(date(2026, 7, 1), rates=[{"from_attainment": 0, "rate": "0.1"}]),
    )

    found = of_part(pay(rows, *plans), "commission")

    assert found[["plan_from_on", "amount"]].to_numpy().tolist() == [
        [pd.Timestamp(2000, 1, 1), 0.5],
        [pd.Timestamp(2026, 7, 1), 1.0],
    ]


def test_what_was_credited_under_the_plan_before_counts_for_the_tier() -> None:
    rows = company(order(1, "2026-06-30", 100), order(2, "2026-07-01", 10), **TARGET)

    found = pay(rows, commission(), commission(date(2026, 7, 1)))

    assert by_month(found, "commission") == {"2026-06": 5.0, "2026-07": 0.8}


@pytest.mark.parametrize(
    ("period", "paid"),
    [
        ("year", {"2026-04": 0.5, "2026-06": 0.5, "2026-08": 0.8}),
        ("quarter", {"2026-04": 0.5, "2026-06": 0.8, "2026-08": 0.5}),
        ("month", {"2026-04": 0.5, "2026-06": 0.5, "2026-08": 0.5}),
    ],
)
def test_attainment_begins_anew_with_every_period(period: str, paid: dict[str, float]) -> None:
    months = [
        {**year_target(10), "from_on": f"2026-{month:02}-01", "to_on": f"2026-{month + 1:02}-01"}
        for month in range(1, 12)
    ]
    targets = {
        "year": [year_target(20)],
        "quarter": [
            {**year_target(10), "from_on": "2026-04-01", "to_on": "2026-07-01"},
            {**year_target(10), "from_on": "2026-07-01", "to_on": "2026-10-01"},
        ],
        "month": months,
    }
    sold = [order(number, f"2026-{month:02}-15", 10) for number, month in enumerate((4, 6, 8))]

    found = pay(company(*sold, targets=targets[period]), commission(period=period))

    assert by_month(found, "commission") == paid


def test_a_fiscal_year_begins_in_its_own_month() -> None:
    targets = [
        {**year_target(10), "from_on": "2025-07-01", "to_on": "2026-07-01"},
        {**year_target(10), "from_on": "2026-07-01", "to_on": "2027-07-01"},
    ]
    rows = company(order(1, "2026-06-30", 10), order(2, "2026-07-01", 10), targets=targets)

    found = pay(rows, commission(), fiscal_start=7)

    assert by_month(found, "commission") == {"2026-06": 0.5, "2026-07": 0.5}


def test_without_a_target_for_the_whole_period_nothing_is_known() -> None:
    half = {**year_target(50), "to_on": "2026-07-01"}
    for targets in ([half], [], [year_target(0)]):
        found = of_part(pay(company(order(1, "2026-03-02", 60), targets=targets), commission()), "commission")
        assert found["amount"].isna().all()
        assert found["gate"].tolist() == ["no_target"]


def test_a_target_from_the_first_day_of_service_covers_the_period() -> None:
    rows = company(
        order(1, "2026-05-02", 60),
        managers=[manager(hired_on="2026-04-01")],
        targets=[{**year_target(50), "from_on": "2026-04-01"}],
    )

    assert by_month(pay(rows, commission()), "commission") == {"2026-05": 3.3}


def test_margin_is_what_is_left_of_a_sale_while_sales_decide_the_tier() -> None:
    rows = company(order(1, "2026-09-02", 130, cost_amount=117), **TARGET)

    found = of_part(pay(rows, commission(basis="margin")), "commission")

    assert found[["base_amount", "amount"]].to_numpy().tolist() == [[100_000, 0.5], [30_000, 0.24]]


def test_a_cost_that_is_not_known_leaves_the_month_and_the_rest_of_the_period_unknown() -> None:
    rows = company(
        order(1, "2026-07-02", 10, cost_amount=5),
        order(2, "2026-08-02", 10),
        order(3, "2026-09-02", 10, cost_amount=5),
        **TARGET,
    )

    found = of_part(pay(rows, commission(basis="margin")), "commission")

    assert found["gate"].tolist() == ["paid", "not_known", "not_known"]
    assert found["amount"].isna().tolist() == [False, True, True]


def test_a_foreign_order_is_paid_in_the_companys_currency_at_the_rate_of_its_day() -> None:
    fx = [{"rate_on": "2026-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 8}]
    rows = company(order(1, "2026-09-02", 10, currency="EUR"), fx=fx)

    assert by_month(pay(rows, commission(rates=FLAT)), "commission") == {"2026-09": 4.0}
    without = of_part(pay({**rows, "fx": []}, commission(rates=FLAT)), "commission")
    assert without["amount"].isna().all()


def invoice(number: int, day: str, amount: object, **cells: object) -> Row:
    return {
        "invoice_id": f"I{number}", "account_id": "A1", "order_id": "O1", "issued_on": day, "due_on": day,
        "net_amount": amount, **cells,
    }  # fmt: skip


def test_commission_on_money_in_leaves_the_tax_out() -> None:
    rows = company(
        invoices=[invoice(1, "2026-07-01", 100, tax_amount=13, gross_amount=113)],
        payments=[
            {"payment_id": "P1", "invoice_id": "I1", "paid_on": "2026-08-01", "amount": "56.5"},
            {"payment_id": "P2", "invoice_id": "I1", "paid_on": "2026-09-01", "amount": "56.5"},
        ],
    )

    found = pay(rows, commission(basis="collected", rates=FLAT))

    assert by_month(found, "commission") == {"2026-08": 2.5, "2026-09": 2.5}


def billed(*invoices: Row, payments: Sequence[Row] = (), **terms: Any) -> pd.DataFrame:
    made = {"basis": "invoiced", "rates": FLAT, "clawback_months": 6, **terms}
    return pay(company(invoices=list(invoices), payments=list(payments)), commission(**made))


def credit(number: int, day: str, amount: object, **cells: object) -> Row:
    return invoice(number, day, amount, is_credit_note=True, **cells)


def test_a_credit_note_takes_its_share_of_the_commission_back_in_its_month() -> None:
    found = billed(invoice(1, "2026-05-04", 100), credit(2, "2026-08-10", -40))

    assert by_month(found, "commission") == {"2026-05": 5.0}
    taken = of_part(found, "clawback")
    assert taken[["falls_on", "base_amount", "reversed_pct", "gate", "amount"]].to_numpy().tolist() == [
        [pd.Timestamp(2026, 8, 31), 50_000, 4000, "taken_back", -2.0]
    ]
    assert [each.partition(":")[0] for each in taken["_from"].iloc[0].split()] == ["invoices", "invoices"]


@pytest.mark.parametrize(("day", "taken"), [("2026-08-03", -5.0), ("2026-08-04", 0.0)])
def test_a_credit_note_after_the_plans_months_takes_nothing(day: str, taken: float) -> None:
    found = billed(invoice(1, "2026-05-04", 100), credit(2, day, -100), clawback_months=3)

    assert of_part(found, "clawback")["amount"].sum() == taken


def test_two_credit_notes_never_take_more_than_was_paid() -> None:
    found = billed(invoice(1, "2026-05-04", 100), credit(2, "2026-06-10", -80), credit(3, "2026-07-10", -80))

    assert by_month(found, "clawback") == {"2026-06": -4.0, "2026-07": -1.0}


def test_what_is_taken_back_is_what_was_paid_whatever_tier_counts_now() -> None:
    rows = company(
        invoices=[
            invoice(1, "2026-05-04", 100),
            invoice(2, "2026-06-04", 50, order_id="O2"),
            credit(3, "2026-07-10", -100),
        ],
        **TARGET,
    )
    found = pay(rows, commission(basis="invoiced", clawback_months=6))

    assert by_month(found, "commission") == {"2026-05": 5.0, "2026-06": 4.0}
    assert by_month(found, "clawback") == {"2026-07": -5.0}


def test_after_a_retroactive_tier_the_credit_note_takes_what_was_caught_up_too() -> None:
    rows = company(
        invoices=[
            invoice(1, "2026-05-04", 60),
            invoice(2, "2026-06-04", 140, order_id="O2"),
            credit(3, "2026-07-10", -60),
        ],
        **TARGET,
    )
    found = pay(rows, commission(basis="invoiced", how="retroactive", clawback_months=6))

    assert by_month(found, "commission") == {"2026-05": 3.0, "2026-06": 13.0}
    assert by_month(found, "clawback") == {"2026-07": -4.8}


def test_without_a_clawback_clause_returns_are_sales_below_zero() -> None:
    found = billed(invoice(1, "2026-05-04", 100), credit(2, "2026-08-10", -40), clawback_months=0)

    assert by_month(found, "commission") == {"2026-05": 5.0, "2026-08": -2.0}
    assert of_part(found, "clawback").empty


def test_a_credit_note_without_an_order_is_a_sale_below_zero() -> None:
    found = billed(invoice(1, "2026-05-04", 100), credit(2, "2026-08-10", -40, order_id=None))

    assert by_month(found, "commission") == {"2026-05": 5.0, "2026-08": -2.0}


def test_an_unpaid_invoice_takes_it_back_and_late_money_gives_it_back() -> None:
    found = billed(
        invoice(1, "2026-03-02", 100),
        payments=[
            {"payment_id": "P1", "invoice_id": "I1", "paid_on": "2026-03-20", "amount": 25},
            {"payment_id": "P2", "invoice_id": "I1", "paid_on": "2026-08-20", "amount": 75},
        ],
        unpaid_days=60,
    )

    assert by_month(found, "clawback") == {"2026-05": -3.75, "2026-08": 3.75}
    assert of_part(found, "clawback")["gate"].tolist() == ["taken_back", "given_back"]


def test_an_open_credit_note_lessens_what_is_unpaid_so_that_nothing_counts_twice() -> None:
    found = billed(
        invoice(1, "2026-03-02", 100),
        credit(2, "2026-03-10", -50),
        payments=[{"payment_id": "P1", "invoice_id": "I1", "paid_on": "2026-03-20", "amount": 50}],
        unpaid_days=60,
    )

    assert by_month(found, "clawback") == {"2026-03": -2.5}


def test_an_invoice_that_is_open_but_not_late_enough_takes_nothing() -> None:
    paid: list[Row] = [{"payment_id": "P1", "invoice_id": "I0", "paid_on": "2026-03-20", "amount": 1}]
    for day, count in (("2026-08-02", 0), ("2026-08-01", 1)):
        found = billed(
            invoice(0, "2026-03-02", 1, order_id="O0"), invoice(1, day, 100), payments=paid, unpaid_days=60
        )
        assert len(of_part(found, "clawback")) == count


def test_a_returned_line_of_an_order_and_its_credit_note_are_one_return() -> None:
    rows = company(
        order(1, "2026-05-04", 100),
        order(2, "2026-06-04", -30, of="O1"),
        invoices=[invoice(1, "2026-05-04", 100), credit(2, "2026-06-10", -30)],
    )
    rows = {**rows, "orders": [{"order_id": "O1", "account_id": "A1", "ordered_on": "2026-05-04"}]}

    found = pay(rows, commission(rates=FLAT, clawback_months=6))

    assert by_month(found, "commission") == {"2026-05": 5.0}
    assert of_part(found, "clawback")["amount"].sum() == -1.5


DAYS = st.dates(date(2026, 1, 1), date(2026, 9, 30)).map(date.isoformat)
SOLD = st.lists(
    st.tuples(DAYS, st.integers(-300_000, 1_000_000), st.sampled_from(["A1", "A2"]), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)
PLANS = st.builds(
    lambda how, period, cap, threshold, months: commission(
        how=how, period=period, cap_amount=cap, threshold=threshold, clawback_months=months
    ),
    st.sampled_from(["marginal", "retroactive"]),
    st.sampled_from(["year", "quarter", "month"]),
    st.sampled_from([None, "100.01", "9000"]),
    st.sampled_from(["0", "0.25"]),
    st.sampled_from([0, 2, 12]),
)
MONTHLY: list[Row] = [
    {
        **year_target(2_000, who),
        "from_on": f"2026-{month:02}-01",
        "to_on": f"2026-{month + 1:02}-01" if month < 12 else "2027-01-01",
    }
    for who in ("M1", "M2")
    for month in range(1, 13)
]
SHARED: list[Row] = [
    {"account_id": "A1", "manager_id": "M1", "share_pct": "0.7", "from_on": "2020-01-01"},
    {"account_id": "A1", "manager_id": "M2", "share_pct": "0.3", "from_on": "2020-01-01"},
]
FEW = settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow])


def invoiced(rows: Sequence[tuple[str, int, str, int]]) -> dict[str, Sequence[Row]]:
    invoices: list[Row] = [
        {
            "invoice_id": f"I{number}", "account_id": account, "order_id": f"O{deal}{account}", "issued_on": day,
            "net_amount": f"{cents / 100:.2f}", "is_credit_note": cents < 0,
        }
        for number, (day, cents, account, deal) in enumerate(rows)
    ]  # fmt: skip
    managers = [manager(), manager("M2")]
    return company(invoices=invoices, managers=managers, targets=MONTHLY, assignments=SHARED)


@FEW
@given(SOLD, PLANS, st.randoms())
def test_the_order_of_rows_changes_no_line(rows: list[Any], plan: Any, random: Any) -> None:
    terms = plan.model_copy(update={"commission": plan.commission.model_copy(update={"basis": "invoiced"})})
    given_rows = invoiced(rows)
    mixed = {name: random.sample(list(each), len(each)) for name, each in given_rows.items()}

    pd.testing.assert_frame_equal(pay(given_rows, terms), pay(mixed, terms))


@FEW
@given(SOLD, PLANS)
def test_never_more_is_taken_back_for_a_row_than_was_paid_for_it(rows: list[Any], plan: Any) -> None:
    terms = plan.model_copy(update={"commission": plan.commission.model_copy(update={"basis": "invoiced"})})
    found = inputs(invoiced(rows), terms).made("pay_lines")
    own = found["_from"].str.split(" ").str[0]
    for day in sorted(set(found["falls_on"])):
        until = found[found["falls_on"] <= day]
        sums = until.groupby([until["manager_id"], own[until.index], until["part"]])["amount"].sum()
        for (who, row, part), amount in sums.items():
            if part == "clawback":
                assert 0 <= -amount <= max(sums.get((who, row, "commission"), 0), 0)


def test_a_later_part_of_an_order_lessens_the_share_that_came_back() -> None:
    found = billed(invoice(1, "2026-05-04", 50), credit(2, "2026-06-10", -25), invoice(3, "2026-07-04", 50))

    assert by_month(found, "commission") == {"2026-05": 2.5, "2026-07": 2.5}
    taken = of_part(found, "clawback")
    assert taken[["falls_on", "reversed_pct", "amount"]].to_numpy().tolist() == [
        [pd.Timestamp(2026, 6, 30), 5000, -1.25],
        [pd.Timestamp(2026, 7, 31), 2500, 0.62],
    ]


@FEW
@given(SOLD)
def test_shares_of_the_rows_make_the_rows(rows: list[Any]) -> None:
    terms = commission(basis="invoiced", rates=FLAT)
    made = inputs(invoiced(rows), terms).made("commission_rows")

    parts = made.groupby("_from")["base_amount"].sum()

    assert sorted(parts[parts != 0]) == sorted(cents * 100 for _, cents, _, _ in rows if cents)


@FEW
@given(SOLD, PLANS)
def test_a_month_told_by_itself_is_the_year_to_date_less_the_months_before(
    rows: list[Any], plan: Any
) -> None:
    terms = plan.model_copy(
        update={"commission": plan.commission.model_copy(update={"basis": "invoiced", "clawback_months": 0})}
    )
    tables = invoiced(rows)
    year = pay(tables, terms)
    august = pay(tables, terms, period="2026-08")

    now = year[year["falls_on"] < "2026-09-01"].reset_index(drop=True)
    pd.testing.assert_frame_equal(now, august)
