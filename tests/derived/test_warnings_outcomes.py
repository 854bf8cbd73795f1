"""What is at risk, each customer once; and what came of past warnings, from dates alone."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from tests.derived.test_warnings import MONTHS, PEOPLE, Row, contact, ordered, paid, seen, steady
from tests.engines import derived_table

GROUP: list[Row] = [
    {"account_id": "A1", "name": "a", "owner_id": "M1"},
    {"account_id": "A2", "name": "b", "owner_id": "M1", "parent_id": "A1"},
]


def made(name: str, rows: dict[str, list[Row]], **more: Any) -> pd.DataFrame:
    return derived_table(name, {**PEOPLE, **rows}, **more)


def both(one: dict[str, list[Row]], other: dict[str, list[Row]]) -> dict[str, list[Row]]:
    return {name: [*one.get(name, []), *other.get(name, [])] for name in {**one, **other}}


def amounts(rows: pd.DataFrame) -> list[tuple[str, str | None, float]]:
    return [
        (f"{row.from_on:%Y-%m-%d}", None if pd.isna(row.until_on) else f"{row.until_on:%Y-%m-%d}", row.at_stake_amount / 1e4)
        for row in rows.itertuples()
    ]  # fmt: skip


SOLD = ordered([40_000.0] * 36)
OFFERS = [seen(1, "offer", "2026-08-01"), seen(2, "offer", "2026-08-15")]


def test_a_customer_with_two_warnings_is_at_risk_once() -> None:
    left = contact(1, left_at="2026-08-10T10:00+08:00")

    rows = made("at_risk", {**SOLD, "competitor_events": OFFERS, "contacts": [left]})
    assert amounts(rows) == [
        ("2026-08-01", "2026-08-11", 480_000),
        ("2026-08-11", None, 480_000),
    ]


def test_accounts_of_a_group_add_up_on_the_top_one() -> None:
    trade = both(SOLD, ordered([8_000.0] * 36, account="A2"))
    events = [OFFERS[0], {**OFFERS[1], "account_id": "A2"}]

    rows = made("at_risk", {**trade, "accounts": GROUP, "competitor_events": events})
    assert amounts(rows) == [
        ("2026-08-01", "2026-08-15", 480_000),
        ("2026-08-15", None, 576_000),
    ]
    assert set(rows["account_id"]) == {"A1"}


def test_a_role_of_ours_that_nobody_has_puts_no_business_at_risk() -> None:
    owner: Row = {"account_id": "A1", "manager_id": "M1", "role": "owner", "from_on": "2023-01-01"}
    rows: dict[str, list[Row]] = {**ordered([100_000.0] * 36), "assignments": [owner]}

    assert set(made("warnings", rows)["rule"]) == {"no_backup", "no_technical"}
    assert made("at_risk", rows).empty


def test_what_is_at_stake_in_a_currency_without_a_rate_is_not_known() -> None:
    foreign: list[Row] = [{"account_id": "A1", "name": "a", "currency": "EUR"}]

    rows = made("at_risk", {**SOLD, "accounts": foreign, "competitor_events": OFFERS})
    assert rows["at_stake_amount"].isna().all()
    assert len(rows) == 1


FALLING = ordered([*steady(24, 100_000), *(value * 0.3 for value in steady(12, 100_000))])


def test_a_loss_is_a_half_year_that_is_lower_than_the_one_a_year_before() -> None:
    rows = made("losses", FALLING)

    assert [(row.kind, f"{row.event_on:%Y-%m-%d}") for row in rows.itertuples()] == [
        ("sales_lost", "2025-12-31")
    ]
    assert made("losses", ordered(steady())).empty


def test_a_small_loss_is_none() -> None:
    assert made("losses", ordered([*steady(24, 8_000), *([2_000.0] * 12)])).empty


def test_money_that_is_overdue_for_long_is_a_loss_until_it_is_paid() -> None:
    rows = made("losses", paid([3] * 20 + [200] + [3] * 12, months=33))

    found = rows[rows["kind"] == "long_overdue"]
    assert [f"{row.event_on:%Y-%m-%d}" for row in found.itertuples()] == ["2025-08-31"]
    assert {name.partition(":")[0] for name in found["_from"].iloc[0].split()} == {"invoices"}


def test_a_loss_names_the_first_warning_of_it_in_the_half_year_before() -> None:
    rows = made(
        "losses",
        {**FALLING, "competitor_events": [seen(1, "offer", "2025-11-01"), seen(2, "quote", "2025-01-01")]},
    )

    assert rows["is_foretold"].tolist() == [True]
    assert rows["lead_days"].tolist() == [60]


def test_a_warning_comes_true_or_its_time_is_over() -> None:
    events = [seen(1, "offer", "2025-11-01"), seen(2, "quote", "2024-11-01"), seen(3, "offer", "2026-08-01")]
    rows = made("warning_outcomes", {**FALLING, "competitor_events": events})
    told = rows[rows["rule"] == "competitor"].sort_values("raised_on")

    assert [(f"{row.decided_on:%Y-%m-%d}", row.is_true, row.is_false_alarm) for row in told.itertuples()] == [
        ("2025-05-01", False, False),  # on record, so it may be idle, but not false
        ("2025-12-31", True, False),
    ]


def test_a_win_of_a_competitor_is_a_loss_and_no_proof_of_itself() -> None:
    rows = made("losses", {**SOLD, "competitor_events": [seen(1, "win", "2026-03-01")]})

    assert [(row.kind, row.is_foretold) for row in rows.itertuples()] == [("competitor_won", False)]


def test_an_account_is_watched_from_its_first_sale_to_the_end_of_the_last_whole_month() -> None:
    rows = made("watched_months", SOLD)

    assert len(rows) == len(MONTHS)
    assert (f"{rows['watched_on'].min():%Y-%m-%d}", f"{rows['watched_on'].max():%Y-%m-%d}") == (
        "2023-10-31",
        "2026-09-30",
    )


@pytest.mark.parametrize("name", ["warnings", "at_risk", "losses", "warning_outcomes", "watched_months"])
def test_customers_are_judged_apart(name: str) -> None:
    """What is made of all customers is what is made of each."""
    alone: list[Row] = [{**GROUP[0]}, {**GROUP[1], "parent_id": None}]
    trade = both(FALLING, ordered(steady(), account="A2"))
    rows = {**trade, "competitor_events": [OFFERS[0], {**OFFERS[1], "account_id": "A2"}]}
    every = made(name, {**rows, "accounts": alone})
    each = [
        made(name, {**ordered_of(rows, account), "accounts": [alone[at]]}) for at, account in enumerate(("A1", "A2"))
    ]  # fmt: skip

    pd.testing.assert_frame_equal(pd.concat(each, ignore_index=True), every)


def ordered_of(rows: dict[str, list[Row]], account: str) -> dict[str, list[Row]]:
    """The rows of one account; a line's by its order."""
    return {
        name: [row for row in content if account in (row.get("account_id"), str(row.get("order_id", ""))[:2])]
        for name, content in rows.items()
    }


def test_a_warning_that_comes_after_its_loss_is_late_but_not_false() -> None:
    rows = made("warning_outcomes", {**FALLING, "competitor_events": [seen(1, "offer", "2026-02-01")]})
    told = rows[rows["rule"] == "competitor"]

    assert [(f"{row.decided_on:%Y-%m-%d}", row.is_true, row.lead_days) for row in told.itertuples()] == [
        ("2026-02-01", True, -32)
    ]
