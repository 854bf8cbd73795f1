"""Each rule of early warning on a small company: what it tells, since when, and what it does not take for trouble."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.periods import add_months
from pipeline.policy import Policy
from pipeline.rules.warnings import WarningRule
from tests.engines import derived_table, policy_with
from tests.runs import context_for

Row = dict[str, object]
FIRST = date(2023, 10, 1)
MONTHS = [add_months(FIRST, number) for number in range(36)]  # to September 2026
PEOPLE: dict[str, list[Row]] = {
    "accounts": [{"account_id": "A1", "name": "a", "owner_id": "M1", "signed_on": "2023-09-01"}],
    "managers": [
        {"manager_id": "M1", "name": "m", "reports_to_id": "M9"},
        {"manager_id": "M2", "name": "n"},
        {"manager_id": "M9", "name": "lead"},
    ],
}


def ordered(amounts: Sequence[float], *, account: str = "A1", a_month: int = 4) -> dict[str, list[Row]]:
    """So many orders a month of an account, together worth the month's amount; none where it is 0."""
    orders: list[Row] = []
    lines: list[Row] = []
    for month, amount in zip(MONTHS, amounts, strict=False):
        for number in range(a_month if amount else 0):
            name = f"{account}-{month:%y%m}-{number}"
            on = (month + timedelta(days=7 * number)).isoformat()
            orders.append({"order_id": name, "account_id": account, "ordered_on": on})
            lines.append({"order_id": name, "line_no": 1, "net_amount": round(amount / a_month, 2)})
    return {"orders": orders, "order_lines": lines}


def steady(months: int = 36, level: float = 40_000) -> list[float]:
    """A year's pattern with a little noise."""
    return [level * (1 + 0.03 * ((number * 7) % 5 - 2)) for number in range(months)]


def found(
    rows: dict[str, list[Row]], rule: str = "", *, policy: Policy | None = None, **settings: Any
) -> pd.DataFrame:
    made = derived_table("warnings", {**PEOPLE, **rows}, policy=policy, **settings)
    return made[made["rule"] == rule].reset_index(drop=True) if rule else made


def spans(rows: pd.DataFrame) -> list[tuple[str, str, str | None]]:
    days = rows[["since_on", "raised_on", "until_on"]]
    return [
        (f"{since:%Y-%m-%d}", f"{raised:%Y-%m-%d}", None if pd.isna(until) else f"{until:%Y-%m-%d}")
        for since, raised, until in days.itertuples(index=False)
    ]


# Sales and orders


def test_sales_that_fall_and_stay_low_are_told() -> None:
    rows = found(ordered([*steady(30), *(value * 0.3 for value in steady(6))]), "sales_drop")

    assert spans(rows) == [("2026-05-01", "2026-06-30", None)]
    assert rows["observed"][0] < 0.7 * rows["expected"][0]
    assert rows["at_stake_amount"][0] == pytest.approx(452_000 * 10_000, rel=0.01)


def test_the_evidence_of_a_fall_is_what_was_sold_then_and_in_the_year_before() -> None:
    rows = found(ordered([*steady(30), *(value * 0.3 for value in steady(6))]), "sales_drop")

    named = set(rows["_from"][0].split())
    assert all(each.startswith("order_lines:") for each in named)
    assert (
        len(named) == 4 * 16
    )  # from March 2025, a year before the span that was too low began, to June 2026


def test_steady_sales_are_not_told() -> None:
    assert found(ordered(steady())).empty


def test_a_feast_that_moves_between_january_and_february_is_no_fall() -> None:
    values = steady()
    for month in ("2024-02", "2025-01", "2026-02"):
        values[[f"{day:%Y-%m}" for day in MONTHS].index(month)] *= 0.3

    assert found(ordered(values), "sales_drop").empty


def test_an_account_of_little_business_is_not_told() -> None:
    assert found(ordered([*steady(30, 2_000), *([600.0] * 6)]), "sales_drop").empty


def test_an_account_that_no_longer_orders_is_told_before_the_month_is_over() -> None:
    rows = found(ordered([*steady(30), *([0.0] * 6)]), "order_gap")

    assert spans(rows) == [("2026-03-22", "2026-05-07", None)]


def test_a_gap_is_over_with_the_next_order() -> None:
    rows = found(ordered([*steady(30), 0, 0, 0, *steady(3)]), "order_gap")

    assert spans(rows) == [("2026-03-22", "2026-05-07", "2026-07-01")]


def test_a_gap_that_is_usual_for_the_account_is_not_told() -> None:
    values = [value if number % 3 == 0 else 0 for number, value in enumerate(steady())]

    assert found(ordered(values), "order_gap").empty


# Use


def used(quantities: Sequence[float | None]) -> dict[str, list[Row]]:
    rows: list[Row] = [
        {
            "account_id": "A1",
            "product_id": "P1",
            "month_on": month.isoformat(),
            "measure": "jobs",
            "quantity": quantity,
        }
        for month, quantity in zip(MONTHS, quantities, strict=False)
        if quantity is not None
    ]
    return {"usage": rows}


def test_use_that_falls_is_told_with_its_product() -> None:
    rows = found(used([*steady(32), *([18_000.0] * 4)]), "usage_drop")

    assert spans(rows) == [("2026-06-01", "2026-07-31", None)]
    assert rows["about"].tolist() == ["P1/jobs"]
    assert rows["observed"][0] == pytest.approx(18_000)


def test_a_feed_that_ends_is_no_fall_in_use() -> None:
    assert found(used(steady(32)), "usage_drop").empty
    assert found(used([*steady(28), None, None, None, *steady(3), None]), "usage_drop").empty


def test_use_that_is_reported_as_nothing_is_a_fall() -> None:
    assert spans(found(used([*steady(32), 0, 0, 0, 0]), "usage_drop")) == [("2026-06-01", "2026-07-31", None)]


def test_use_in_the_month_of_a_feast_is_no_fall() -> None:
    values = steady()
    for month in ("2024-02", "2025-01", "2026-02"):
        values[[f"{day:%Y-%m}" for day in MONTHS].index(month)] *= 0.4

    assert found(used(values), "usage_drop").empty


# Payments


def paid(late: Sequence[int], *, amount: float = 90_000, months: int = 34) -> dict[str, list[Row]]:
    """An invoice a month, each paid so many days late."""
    invoices: list[Row] = []
    payments: list[Row] = []
    for number, (month, days) in enumerate(zip(MONTHS[:months], late, strict=False)):
        due = month + timedelta(days=14)
        invoices.append({"invoice_id": f"I{number}", "account_id": "A1", "issued_on": month.isoformat(),
                         "due_on": due.isoformat(), "net_amount": amount, "gross_amount": amount})  # fmt: skip
        payments.append({"payment_id": f"Z{number}", "invoice_id": f"I{number}", "amount": amount,
                         "paid_on": (due + timedelta(days=days)).isoformat()})  # fmt: skip
    return {"invoices": invoices, "payments": payments}


USUAL = [2, 4, 0, 3, 5, 1, 2, 3, 4, 0, 2, 3] * 3


def test_money_that_comes_later_than_it_used_to_is_told() -> None:
    rows = found(paid([*USUAL[:28], 33, 36, 34, 38, 35, 37]), "payment_delay")

    assert spans(rows)[0][:2] == ("2026-02-01", "2026-03-31")
    assert {name.partition(":")[0] for name in rows["_from"][0].split()} == {"invoices", "payments"}


def test_a_slow_payer_who_was_always_slow_is_not_told() -> None:
    assert found(paid([days + 30 for days in USUAL]), "payment_delay").empty


def test_little_money_that_comes_late_is_not_told() -> None:
    late = [*USUAL[:28], 33, 36, 34, 38, 35, 37]

    assert found(paid(late, amount=9_000), "payment_delay").empty


# Requirement changes


def change(number: int, asked: str, **more: object) -> Row:
    return {"change_id": f"C{number}", "account_id": "A1", "asked_on": asked, **more}


def test_a_change_that_one_side_has_not_confirmed_is_told_until_it_is() -> None:
    rows = [
        change(1, "2026-05-01", confirmed_by_us_on="2026-05-03"),
        change(2, "2026-06-01", confirmed_by_us_on="2026-06-03", confirmed_by_client_on="2026-06-20"),
        change(3, "2026-07-01", confirmed_by_us_on="2026-07-03", confirmed_by_client_on="2026-07-15"),
        change(4, "2026-09-20"),
    ]

    made = found({"change_requests": rows}, "change_unconfirmed")
    assert spans(made) == [("2026-05-01", "2026-05-16", None), ("2026-06-01", "2026-06-16", "2026-06-20")]


def test_more_changes_than_before_are_told_on_the_day_of_the_third() -> None:
    rows = [change(1, "2026-06-01"), change(2, "2026-07-01"), change(3, "2026-08-01")]

    made = found({**ordered(steady()), "change_requests": rows}, "change_rate")
    assert spans(made) == [("2026-06-01", "2026-08-01", None)]
    assert made["observed"][0] == 3


def test_an_account_that_always_asks_for_changes_is_not_told() -> None:
    rows = [change(number, month.isoformat()) for number, month in enumerate(MONTHS[3:])]

    assert found({**ordered(steady()), "change_requests": rows}, "change_rate").empty


# People


def contact(number: int, **more: object) -> Row:
    return {"contact_id": f"P{number}", "account_id": "A1", "active_from_on": "2023-01-01", **more}


def test_a_contact_who_left_without_a_hand_over_in_a_day_is_told_until_it_is_done() -> None:
    rows = [
        contact(1, left_at="2026-08-10T10:00+08:00"),
        contact(2, left_at="2026-08-11T10:00+08:00", handed_over_at="2026-08-12T09:00+08:00"),
        contact(3, left_at="2026-08-12T10:00+08:00", handed_over_at="2026-08-20T09:00+08:00"),
    ]

    made = found({"contacts": rows}, "handover_late")
    assert spans(made) == [("2026-08-10", "2026-08-11", None), ("2026-08-12", "2026-08-13", "2026-08-20")]
    assert made["about"].tolist() == ["client/P1", "client/P3"]


def assigned(manager: str, role: str = "owner", **more: object) -> Row:
    return {"account_id": "A1", "manager_id": manager, "role": role, "from_on": "2023-01-01", **more}


def test_the_clock_of_a_hand_over_runs_on_our_side_too() -> None:
    rows = [assigned("M1", to_on="2026-08-10"), assigned("M2", from_on="2026-08-10")]

    made = found({"contacts": [contact(1)], "assignments": rows}, "handover_late")
    assert spans(made) == [("2026-08-10", "2026-08-11", None)]
    assert made["about"].tolist() == ["ours/M1"]
    assert made["owner_id"].tolist() == ["M2"]


def test_a_new_contact_nobody_has_visited_is_told() -> None:
    rows = [
        contact(1),
        contact(2, active_from_on="2026-05-01"),
        contact(3, active_from_on="2026-05-01", visited_on="2026-05-20"),
        contact(4, active_from_on="2026-05-01"),
        contact(5, active_from_on="2026-09-15"),
        contact(6, active_from_on="2023-05-01"),
    ]
    met: Row = {
        "activity_id": "T1",
        "account_id": "A1",
        "contact_id": "P4",
        "held_on": "2026-05-09",
        "status": "held",
    }

    made = found({**ordered(steady()), "contacts": rows, "activities": [met]}, "contact_unvisited")
    assert made["about"].tolist() == ["P2"]
    assert spans(made) == [("2026-05-01", "2026-06-01", None)]


def test_a_large_customer_with_one_contact_is_told() -> None:
    rows = [contact(1), contact(2, left_at="2026-05-04T10:00+08:00", handed_over_at="2026-05-04T11:00+08:00")]

    large = found({**ordered(steady(level=100_000)), "contacts": rows}, "single_threaded")
    assert spans(large) == [("2026-05-04", "2026-06-30", None)]
    assert found({**ordered(steady()), "contacts": rows}, "single_threaded").empty


@pytest.mark.parametrize(("rule", "role"), [("no_backup", "backup"), ("no_technical", "technical")])
def test_a_large_customer_without_a_role_of_ours_is_told_and_the_lead_acts(rule: str, role: str) -> None:
    rows = [assigned("M1"), assigned("M2", role, to_on="2026-05-04")]

    made = found({**ordered(steady(level=100_000)), "assignments": rows}, rule)
    assert spans(made) == [("2026-05-04", "2026-06-30", None)]
    assert (made["owner_id"][0], made["actor_id"][0]) == ("M1", "M9")
    assert not made["is_at_stake"][0]


# Competitors


def seen(number: int, kind: str, on: str) -> Row:
    return {"event_id": f"E{number}", "account_id": "A1", "competitor": "X", "seen_on": on, "kind": kind}


def test_quotes_and_offers_are_told_and_visits_are_not() -> None:
    rows = [seen(1, "quote", "2026-01-10"), seen(2, "visit", "2026-02-01"), seen(3, "offer", "2026-08-15")]

    made = found({"competitor_events": rows}, "competitor")
    assert spans(made) == [("2026-01-10", "2026-01-10", "2026-04-10"), ("2026-08-15", "2026-08-15", None)]


def test_sightings_that_follow_each_other_are_one_warning() -> None:
    rows = [seen(1, "quote", "2026-03-10"), seen(2, "offer", "2026-04-15")]

    assert spans(found({"competitor_events": rows}, "competitor")) == [
        ("2026-03-10", "2026-03-10", "2026-07-14")
    ]


# All of them


def rule(name: str, **more: object) -> WarningRule:
    return WarningRule.model_validate(
        {"rule": name, "play": "甲", "play_en": "a", "valid_from": date(1990, 1, 1), **more}
    )


def test_a_warning_is_raised_by_the_rule_of_its_day() -> None:
    rows = {"competitor_events": [seen(1, "visit", "2025-03-10"), seen(2, "visit", "2026-03-10")]}
    both = policy_with(
        warning=[
            rule("competitor", kinds=("offer",)),
            rule("competitor", kinds=("visit",), play_en="b", valid_from=date(2026, 1, 1)),
        ]
    )

    made = found(rows, "competitor", policy=both)
    assert spans(made)[0][1] == "2026-03-10"
    assert made["play_en"].tolist() == ["b"]


def test_a_rule_that_is_not_used_tells_nothing() -> None:
    rows = {"competitor_events": [seen(1, "offer", "2026-03-10")]}

    assert found(
        rows, policy=policy_with(warning=[rule("competitor", kinds=("offer",), is_used=False)])
    ).empty


def test_every_rule_of_policy_says_what_to_do_in_both_languages() -> None:
    rules = context_for(Path("run")).policy.all("warning")

    assert len({each.rule for each in rules}) == len(rules) == 12
    assert all(each.play and each.play_en for each in rules)


def test_nothing_of_a_company_without_rows_is_told() -> None:
    assert found({}).empty


def whole(months: int) -> dict[str, list[Row]]:
    """A company in trouble on all sides."""
    return {
        **ordered([*steady(26), *(value * 0.3 for value in steady(10))][:months]),
        **used([*steady(24), *([15_000.0] * 12)][:months]),
        **paid([*USUAL[:24], *([40] * 12)], months=months),
        "change_requests": [change(number, f"2026-0{number}-03") for number in range(1, 9)],
        "contacts": [
            contact(1),
            contact(2, left_at="2026-02-10T10:00+08:00"),
            contact(3, active_from_on="2026-03-01"),
        ],
        "assignments": [assigned("M1", to_on="2026-03-10"), assigned("M2", from_on="2026-03-10")],
        "competitor_events": [seen(1, "offer", "2026-04-01"), seen(2, "quote", "2026-05-20")],
    }


SAID = ["account_id", "rule", "about", "since_on", "raised_on", "confidence", "ground", "observed", "expected", "score",
        "at_stake_amount", "owner_id", "actor_id", "play"]  # fmt: skip


@settings(max_examples=8, deadline=None)
@given(st.integers(20, 35))
def test_what_happened_later_changes_no_warning_but_its_end(months: int) -> None:
    until = add_months(FIRST, months)
    rows = {**PEOPLE, **whole(36)}
    then = derived_table("warnings", rows, as_of=until - timedelta(days=1))
    now = derived_table("warnings", rows)
    earlier = now[now["raised_on"] < pd.Timestamp(until)].reset_index(drop=True)

    pd.testing.assert_frame_equal(then[[*SAID, "_from"]], earlier[[*SAID, "_from"]])
    over = earlier["until_on"].where(earlier["until_on"] < pd.Timestamp(until))
    pd.testing.assert_series_equal(then["until_on"], over)


def test_each_warning_names_the_rows_it_was_made_of() -> None:
    made = found(whole(36))

    assert set(made["rule"]) >= {"sales_drop", "usage_drop", "payment_delay", "change_unconfirmed", "handover_late",
                                 "contact_unvisited", "competitor"}  # fmt: skip
    assert (made["_from"].str.len() > 0).all()
    assert (made["raised_on"] >= made["since_on"]).all()
    assert (made["until_on"].isna() | (made["until_on"] > made["raised_on"])).all()
