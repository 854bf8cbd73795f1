from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from pipeline.rules.service_plan import RolesRule
from tests.engines import policy_with
from tests.second_wave import Row, later_table, standing

ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a", "signed_on": "2025-06-01"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
]
STRATEGIC = standing("revenue_band", "strategic")
KEY = standing("revenue_band", "key")


def assigned(role: str, from_on: str = "2025-01-01", **cells: object) -> Row:
    return {"account_id": "A1", "manager_id": "M1", "role": role, "from_on": from_on, **cells}


def duties(
    assignments: list[Row], *standings: Row, accounts: list[Row] | None = None, **more: Any
) -> pd.DataFrame:
    rows = {"accounts": accounts or ACCOUNTS, "assignments": assignments}
    return later_table("role_duties", rows, standings, **more)


def told(table: pd.DataFrame) -> list[tuple[str, str, str, str]]:
    """Role, held or missing, and the days from which and until which."""
    days = [table[name].dt.strftime("%y-%m-%d").fillna("") for name in ("from_on", "until_on")]
    state = table["is_held"].map({True: "held", False: "missing"})
    return sorted(zip(table["role"], state, *days, strict=True))


def test_a_strategic_customer_is_promised_an_executive_from_the_day_it_is_one() -> None:
    assert told(duties([assigned("owner")], STRATEGIC)) == [
        ("executive", "missing", "26-01-01", ""),
        ("owner", "held", "25-06-01", ""),
    ]


def test_a_key_customer_is_promised_a_team_of_two() -> None:
    hired = duties([assigned("owner"), assigned("technical", "2026-03-10", to_on="2026-08-01")], KEY)

    assert told(hired) == [
        ("owner", "held", "25-06-01", ""),
        ("technical", "held", "26-03-10", "26-08-01"),
        ("technical", "missing", "26-01-01", "26-03-10"),
        ("technical", "missing", "26-08-01", ""),
    ]


def test_a_base_customer_is_promised_one_advisor() -> None:
    table = duties([assigned("technical")], standing("revenue_band", "base"))

    assert told(table) == [("owner", "missing", "25-06-01", "")]


def test_a_core_value_customer_has_somebody_who_stands_in() -> None:
    table = duties([assigned("owner"), assigned("backup")], standing("customer_class", "core_value"))

    assert [each[:2] for each in told(table)] == [("backup", "held"), ("owner", "held")]


def test_a_role_on_any_account_of_the_group_counts() -> None:
    table = duties([assigned("owner"), {**assigned("technical"), "account_id": "A2"}], KEY)

    assert set(table["is_held"]) == {True}
    assert set(table["account_id"]) == {"A1"}


def test_an_owner_whom_the_account_names_counts_where_nobody_was_assigned() -> None:
    named: list[Row] = [{**ACCOUNTS[0], "owner_id": "M1"}, ACCOUNTS[1]]

    assert told(duties([assigned("technical")], accounts=named)) == [("owner", "held", "25-06-01", "")]
    gone = duties([assigned("owner", to_on="2026-02-01")], accounts=named)
    assert ("owner", "missing", "26-02-01", "") in told(gone)


def test_who_lapsed_is_promised_nobody() -> None:
    lapsed = standing("lifecycle_stage", "lapsed", "2026-05-01")

    assert told(duties([], lapsed, accounts=ACCOUNTS)) == [("owner", "missing", "25-06-01", "26-05-01")]


def test_a_band_that_changes_ends_the_promise() -> None:
    table = duties([assigned("owner")], STRATEGIC, standing("revenue_band", "base", "2026-04-01"))

    assert ("executive", "missing", "26-01-01", "26-04-01") in told(table)


def test_a_rule_holds_from_its_day_and_one_without_roles_ends_it() -> None:
    rules = [
        RolesRule(name="all", roles=("owner",), valid_from=date(2000, 1, 1)),
        RolesRule(name="all", roles=(), valid_from=date(2026, 7, 1)),
    ]
    table = duties([], policy=policy_with(roles=rules))

    assert told(table) == [("owner", "missing", "25-06-01", "26-07-01")]


def test_the_evidence_is_the_assignment_or_the_account() -> None:
    table = duties([assigned("owner")], STRATEGIC).set_index("role")["_from"]

    assert table["owner"].startswith("assignments:")
    assert table["executive"].startswith("accounts:")


def blind(contacts: list[Row], *standings: Row) -> list[tuple[str, str, str]]:
    table = later_table("blind_spots", {"accounts": ACCOUNTS, "contacts": contacts}, standings)
    days = [table[name].dt.strftime("%y-%m-%d").fillna("") for name in ("from_on", "until_on")]
    return sorted(zip(table["role"], *days, strict=True))


def contact(role: str, **cells: object) -> Row:
    return {"contact_id": f"C-{role}", "account_id": "A1", "role": role, **cells}


def test_a_role_that_nobody_is_known_to_have_is_a_blind_spot() -> None:
    known = [contact(each) for each in ("economic_buyer", "procurement", "business")]

    assert blind(known) == [("executive", "25-06-01", ""), ("technical", "25-06-01", "")]


def test_somebody_who_left_leaves_a_blind_spot() -> None:
    roles = ("economic_buyer", "procurement", "business", "executive")
    known = [*(contact(each) for each in roles), contact("technical", left_at="2026-03-05T10:00+08:00")]

    assert blind(known) == [("technical", "26-03-05", "")]


def test_a_coach_closes_none_of_the_roles_that_are_expected() -> None:
    assert len(blind([contact("coach")])) == 5


def test_who_lapsed_has_no_blind_spots() -> None:
    assert {each[2] for each in blind([contact("coach")], standing("lifecycle_stage", "lapsed"))} == {
        "26-01-01"
    }
