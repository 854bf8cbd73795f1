from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.rules.service_plan import ContactRule
from tests.engines import Engine, derived_table, engine, policy_with

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
    {"account_id": "A3", "name": "c"},
]
TRADE: dict[str, list[Row]] = {
    "orders": [
        {"order_id": "O0", "account_id": "A3", "ordered_on": "2024-01-05"},
        {"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-05"},
    ],
    "order_lines": [
        {"order_id": "O0", "line_no": 1, "net_amount": 1},
        {"order_id": "O1", "line_no": 1, "net_amount": 1},
    ],
}


def contact(number: int, **cells: object) -> Row:
    return {"contact_id": f"C{number}", "account_id": "A1", **cells}


def assigned(manager: str, role: str = "owner", **cells: object) -> Row:
    return {"account_id": "A1", "manager_id": manager, "role": role, "from_on": "2024-01-01", **cells}


def made(contacts: list[Row], assignments: list[Row] | None = None, **more: Any) -> Engine:
    tables = {"accounts": ACCOUNTS, "contacts": contacts, **TRADE}
    return engine({**tables, **({"assignments": assignments} if assignments else {})}, **more)


def handovers(
    contacts: list[Row], assignments: list[Row] | None = None, **more: Any
) -> list[tuple[str, bool, bool]]:
    tables = {
        "accounts": ACCOUNTS,
        "contacts": contacts,
        **({"assignments": assignments} if assignments else {}),
    }
    table = derived_table("handovers", tables, **more)
    return list(zip(table["side"], table["is_due"].tolist(), table["is_met"].tolist(), strict=True))


@pytest.mark.parametrize(
    ("handed", "due", "met"),
    [
        ("2026-09-11T10:00+08:00", True, True),
        ("2026-09-11T10:01+08:00", True, False),
        ("2026-09-09T10:00+08:00", True, True),
        (None, True, False),
        ("2026-10-01T10:00+08:00", True, False),
    ],
    ids=["to the hour", "a minute late", "before", "never", "after the cut-off"],
)
def test_a_contact_who_leaves_is_handed_over_within_a_day(handed: str | None, due: bool, met: bool) -> None:
    row = contact(1, left_at="2026-09-10T10:00+08:00", handed_over_at=handed)

    assert handovers([row]) == [("client", due, met)]


def test_a_change_whose_day_has_not_passed_is_not_due_yet() -> None:
    assert handovers([contact(1, left_at="2026-09-30T10:00+08:00")]) == [("client", False, False)]


def test_the_hours_are_policys() -> None:
    rule = ContactRule(handover_hours=48, valid_from=date(2000, 1, 1))
    row = contact(1, left_at="2026-09-10T10:00+08:00", handed_over_at="2026-09-12T09:00+08:00")

    assert handovers([row], policy=policy_with(contact=[rule])) == [("client", True, True)]


def test_an_owner_of_ours_who_is_replaced_is_a_change_at_the_days_beginning() -> None:
    old = assigned("M1", to_on="2026-06-08", handed_over_at="2026-06-08T23:59+08:00")
    late = {**old, "handed_over_at": "2026-06-09T00:01+08:00"}

    assert handovers([], [old, assigned("M2", from_on="2026-06-08")]) == [("ours", True, True)]
    assert handovers([], [late, assigned("M2", from_on="2026-06-08")]) == [("ours", True, False)]


@pytest.mark.parametrize(
    "after",
    [
        [],
        [assigned("M1", from_on="2026-06-08", share_pct="0.5")],
        [assigned("M2", "technical", from_on="2026-06-08")],
    ],
    ids=["nobody follows", "another share", "another role"],
)
def test_an_assignment_that_ends_without_a_successor_is_no_hand_over(after: list[Row]) -> None:
    assert handovers([], [assigned("M1", to_on="2026-06-08"), *after]) == []


def test_hand_overs_are_told_by_side_and_no_change_before_is_not_unknown() -> None:
    rows = [contact(1, left_at="2026-09-10T10:00+08:00")]
    owners = [
        assigned("M1", to_on="2026-06-08", handed_over_at="2026-06-08T10:00+08:00"),
        assigned("M2", from_on="2026-06-08"),
    ]
    found = made(rows, owners)

    assert found.value("handover_in_time", "account:A1", "ytd") == 0.5
    assert found.measure("handover_in_time", "account", "ytd", ("side", "ours")).value.floats[0] == 1


def test_a_new_contact_is_visited_within_the_policys_days() -> None:
    rows = [
        contact(1, active_from_on="2020-01-01"),
        contact(2, active_from_on="2026-08-01", visited_on="2026-08-31"),
        contact(3, active_from_on="2026-08-01", visited_on="2026-09-01"),
        contact(4, active_from_on="2026-08-20"),
        contact(5, active_from_on="2026-09-20"),
    ]

    assert made(rows).value("new_contacts_visited", "account:A1", "ytd") == pytest.approx(1 / 3)


def test_a_role_counts_once_and_only_while_somebody_has_it() -> None:
    rows = [
        contact(1, role="procurement"), contact(2, role="procurement"), contact(3, role="technical", account_id="A2"),
        contact(4, role="executive", left_at="2026-09-30T10:00+08:00"),
        contact(5, role="business", active_from_on="2026-10-01"), contact(6, role="coach"), contact(7),
    ]  # fmt: skip

    assert made(rows).value("decision_chain_coverage", "customer:A1") == 2 / 5


def test_the_roles_expected_are_policys_and_idle_customers_do_not_count() -> None:
    rule = ContactRule(roles=("procurement", "coach"), valid_from=date(2000, 1, 1))
    found = made(
        [contact(1, role="coach"), contact(2, account_id="A3", role="coach")],
        policy=policy_with(contact=[rule]),
    )

    assert found.value("decision_chain_coverage", "portfolio:all") == 0.5
    assert found.value("decision_chain_coverage", "customer:A3") is None


def test_spans_of_a_role_that_touch_are_one() -> None:
    rows = [
        contact(1, role="technical", active_from_on="2020-01-01", left_at="2022-01-01T00:00+08:00"),
        contact(2, role="technical", active_from_on="2022-01-01", left_at="2023-01-01T00:00+08:00"),
        contact(3, role="technical", active_from_on="2024-01-01"),
    ]
    table = derived_table("client_roles", {"accounts": ACCOUNTS, "contacts": rows})

    assert table["from_on"].dt.year.tolist() == [2020, 2024]
    assert table["until_on"].dt.year.tolist()[0] == 2023
    assert table["until_on"].isna().tolist() == [False, True]
    assert len(table["_from"].iloc[0].split()) == 2


def test_who_stands_in_on_either_side() -> None:
    served = [assigned("M1"), assigned("M2", "backup", to_on="2026-09-30"), assigned("M3", "technical")]
    found = made([contact(1, is_backup=True)], served)
    names = ("backup_contact_present", "backup_manager_present", "technical_support_present")

    assert [found.value(name, "customer:A1") for name in names] == [1, 0, 1]


def test_without_assignments_nothing_is_said_of_our_side() -> None:
    found = made([contact(1)])

    assert found.value("backup_manager_present", "customer:A1") is None
    assert found.value("backup_contact_present", "customer:A1") == 0
