"""Budget against actual: whose budget counts for whom, day by day."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.engines import Engine, engine

Row = dict[str, Any]


def budget(subject: str, month: str, amount: float, kind: str = "sales", **more: Any) -> Row:
    """A month's budget of `kind:id`."""
    name, _, identity = subject.partition(":")
    return {
        "subject_kind": name, "subject_id": identity, "month_on": f"{month}-01", "kind": kind, "amount": amount,
        "currency": "CNY", **more,
    }  # fmt: skip


def company(budgets: list[Row], **more: Any) -> Engine:
    """M1 and M2 are a team; A is M1's until 16 September, then M2's, and buys 300 on the 10th."""
    rows = {
        "accounts": [{"account_id": "A", "name": "a", "owner_id": "M1", "region": "east"}],
        "managers": [{"manager_id": each, "name": each, "team_id": "T"} for each in ("M1", "M2")],
        "teams": [{"team_id": "T", "name": "t"}],
        "assignments": [
            {
                "account_id": "A",
                "manager_id": "M1",
                "role": "owner",
                "from_on": "2020-01-01",
                "to_on": "2026-09-16",
            },
            {"account_id": "A", "manager_id": "M2", "role": "owner", "from_on": "2026-09-16"},
        ],
        "orders": [
            {"order_id": "O1", "account_id": "A", "ordered_on": "2026-09-10"},
            {"order_id": "O0", "account_id": "A", "ordered_on": "2026-08-10"},
        ],
        "order_lines": [
            {"order_id": "O1", "line_no": 1, "net_amount": 300, "cost_amount": 210, "quantity": 1},
            {"order_id": "O0", "line_no": 1, "net_amount": 1, "cost_amount": 1, "quantity": 1},
        ],
        "budgets": budgets,
        **({"managers": more.pop("managers")} if "managers" in more else {}),
    }
    return engine(rows, **more)


def test_variance_and_attainment_are_held_against_the_months_budget() -> None:
    found = company([budget("manager:M1", "2026-09", 400), budget("manager:M1", "2026-09", 200, "cost")])

    assert found.value("sales_budget", "manager:M1") == 400
    assert found.value("sales_budget_variance", "manager:M1") == -100
    assert found.value("sales_budget_attainment", "manager:M1") == 0.75
    assert found.value("cost_budget_variance", "manager:M1") == 10
    assert found.value("cost_budget_used", "manager:M1") == pytest.approx(1.05)
    assert found.value("pay_budget", "manager:M1") is None


def test_a_team_and_the_portfolio_have_the_budgets_of_their_managers_unless_they_have_their_own() -> None:
    theirs = [budget("manager:M1", "2026-09", 400), budget("manager:M2", "2026-09", 100)]

    assert company(theirs).value("sales_budget", "team:T") == 500
    assert company(theirs).value("sales_budget", "portfolio:all") == 500
    own = company([*theirs, budget("team:T", "2026-09", 900)])
    assert own.value("sales_budget", "team:T") == 900
    assert own.value("sales_budget", "portfolio:all") == 500


def test_the_budget_of_a_lead_is_his_own() -> None:
    """Also where sales targets of leads contain those below them, as the built-in policy has it."""
    managers = [{"manager_id": "M1", "name": "1", "team_id": "T"}, {"manager_id": "M2", "name": "2", "team_id": "T", "reports_to_id": "M1"}]  # fmt: skip
    theirs = [
        budget(f"manager:{each}", "2026-09", amount, "pay") for each, amount in (("M1", 100), ("M2", 80))
    ]
    found = company(theirs, managers=managers)

    assert found.value("pay_budget", "manager:M1") == 100
    assert found.value("pay_budget", "team:T") == 180


def test_the_budget_of_an_account_goes_with_it_by_days() -> None:
    found = company([budget("account:A", "2026-09", 300)])

    assert found.value("sales_budget", "portfolio:all") == 300
    assert found.basis.tables["budget_pieces"].query("subject_kind == 'manager'").groupby("subject_id")[
        "amount"
    ].sum().to_dict() == {"M1": 1_500_000, "M2": 1_500_000}


def test_a_region_has_only_a_budget_of_its_own() -> None:
    assert company([budget("manager:M1", "2026-09", 400)]).value("sales_budget", "region:east") is None
    found = company([budget("region:east", "2026-09", 600)])

    assert found.value("sales_budget_attainment", "region:east") == 0.5


def test_a_year_of_which_a_month_has_no_budget_has_none() -> None:
    months = [f"2026-{month:02}" for month in range(1, 10)]

    assert (
        company([budget("manager:M1", month, 10) for month in months]).value(
            "sales_budget", "manager:M1", "ytd"
        )
        == 90
    )
    assert (
        company([budget("manager:M1", month, 10) for month in months[1:]]).value(
            "sales_budget", "manager:M1", "ytd"
        )
        is None
    )


def test_an_unfinished_month_is_held_against_the_days_gone_by() -> None:
    found = company([budget("manager:M1", "2026-09", 300)], as_of=date(2026, 9, 10))

    assert found.value("sales_budget", "manager:M1") == 100
    assert found.value("sales_budget_attainment", "manager:M1") == 3


def test_parts_of_a_budget_are_not_added_to_it() -> None:
    found = company(
        [budget("manager:M1", "2026-09", 400), budget("manager:M1", "2026-09", 70, breakdown="kind=new")]
    )

    assert found.value("sales_budget", "manager:M1") == 400


def test_budgets_in_two_currencies_are_added_in_the_reporting_one_and_each_day_counts_once() -> None:
    rates = [{"rate_on": "2026-09-01", "currency": "EUR", "to_currency": "CNY", "rate": "8"}]
    both = [budget("manager:M1", "2026-09", 400), budget("manager:M2", "2026-09", 10, currency="EUR")]
    rows = {
        "accounts": [{"account_id": "A", "name": "a", "owner_id": "M1"}],
        "managers": [{"manager_id": each, "name": each, "team_id": "T"} for each in ("M1", "M2")],
        "teams": [{"team_id": "T", "name": "t"}],
        "orders": [{"order_id": "O", "account_id": "A", "ordered_on": "2026-08-10"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1, "cost_amount": 1, "quantity": 1}],
        "fx": rates,
    }

    assert engine({**rows, "budgets": both}).value("sales_budget", "team:T") == 480
    own = engine({**rows, "budgets": [*both, budget("team:T", "2026-09", 7)]})
    assert own.value("sales_budget", "team:T") == 7
