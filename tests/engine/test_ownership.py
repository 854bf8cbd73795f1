from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.cube import day_number
from pipeline.engine.ownership import NOBODY, Ownership, ownership
from tests.tables import frame

ACCOUNTS = ["A1", "A2"]
MANAGERS = ["M1", "M2", "M3"]


def served(rows: list[dict[str, object]], owners: tuple[int, int] = (NOBODY, NOBODY)) -> Ownership:
    table = frame("assignments", [{"role": "owner", **row} for row in rows])
    return ownership(table, ACCOUNTS, MANAGERS, np.array(owners, dtype=np.int64))


def credited(
    found: Ownership, account: str, day: str, own: str | None = None
) -> list[tuple[str | None, int]]:
    """Who is credited on a day with a row whose own manager is `own`: (manager, weight)."""
    code = np.array([ACCOUNTS.index(account)], dtype=np.int64)
    own_code = np.array([MANAGERS.index(own) if own else NOBODY], dtype=np.int64)
    _, managers, weights = found.credits(code, np.array([day_number(date.fromisoformat(day))]), own_code)
    return [
        (None if manager == NOBODY else MANAGERS[manager], int(weight))
        for manager, weight in zip(managers, weights, strict=True)
    ]


HAND_OVER: list[dict[str, object]] = [
    {"account_id": "A1", "manager_id": "M1", "from_on": "2025-01-01", "to_on": "2026-06-08"},
    {"account_id": "A1", "manager_id": "M2", "from_on": "2026-06-08"},
]


@pytest.mark.parametrize(
    ("day", "manager"),
    [("2025-01-01", "M1"), ("2026-06-07", "M1"), ("2026-06-08", "M2"), ("2030-01-01", "M2")],
)
def test_a_hand_over_takes_effect_on_its_day(day: str, manager: str) -> None:
    assert credited(served(HAND_OVER), "A1", day) == [(manager, 10_000)]


def test_a_shared_account_credits_each_by_share() -> None:
    rows: list[dict[str, object]] = [
        {"account_id": "A1", "manager_id": "M1", "share_pct": "0.6", "from_on": "2025-01-01"},
        {"account_id": "A1", "manager_id": "M2", "share_pct": "0.4", "from_on": "2025-01-01"},
    ]

    assert credited(served(rows), "A1", "2026-01-01") == [("M1", 6_000), ("M2", 4_000)]


def test_where_nobody_is_assigned_the_rows_own_manager_is_credited() -> None:
    assert credited(served(HAND_OVER, owners=(2, 2)), "A1", "2024-12-31", own="M2") == [("M2", 1)]


def test_without_a_manager_of_its_own_the_accounts_owner_is_credited() -> None:
    assert credited(served(HAND_OVER, owners=(2, 2)), "A1", "2024-12-31") == [("M3", 1)]
    assert credited(served(HAND_OVER, owners=(2, 1)), "A2", "2026-01-01") == [("M2", 1)]


def test_without_an_owner_nobody_is_credited() -> None:
    assert credited(served(HAND_OVER), "A2", "2026-01-01") == [(None, 1)]


def test_an_assignment_comes_before_the_rows_own_manager() -> None:
    assert credited(served(HAND_OVER), "A1", "2026-07-01", own="M3") == [("M2", 10_000)]


@pytest.mark.parametrize("role", ["technical", "executive", "backup"])
def test_only_owners_are_credited(role: str) -> None:
    rows: list[dict[str, object]] = [
        {"account_id": "A1", "manager_id": "M1", "role": role, "from_on": "2025-01-01"}
    ]

    assert credited(served(rows), "A1", "2026-01-01") == [(None, 1)]


def test_an_assignment_without_a_role_is_an_owners() -> None:
    rows: list[dict[str, object]] = [
        {"account_id": "A1", "manager_id": "M1", "role": None, "from_on": "2025-01-01"}
    ]

    assert credited(served(rows), "A1", "2026-01-01") == [("M1", 10_000)]


def test_without_a_table_of_assignments_there_is_only_the_owner() -> None:
    found = ownership(None, ACCOUNTS, MANAGERS, np.array([0, NOBODY], dtype=np.int64))

    assert credited(found, "A1", "2026-01-01") == [("M1", 1)]
    assert credited(found, "A2", "2026-01-01", own="M3") == [("M3", 1)]


def main_owner(found: Ownership, account: str, day: str) -> str | None:
    code = found.main_owner(np.array([ACCOUNTS.index(account)]), day_number(date.fromisoformat(day)))[0]
    return None if code == NOBODY else MANAGERS[code]


def test_the_main_owner_has_the_largest_share_and_of_equals_the_first_id() -> None:
    rows: list[dict[str, object]] = [
        {"account_id": "A1", "manager_id": "M3", "share_pct": "0.6", "from_on": "2025-01-01"},
        {"account_id": "A1", "manager_id": "M1", "share_pct": "0.4", "from_on": "2025-01-01"},
        {"account_id": "A2", "manager_id": "M3", "share_pct": "0.5", "from_on": "2025-01-01"},
        {"account_id": "A2", "manager_id": "M2", "share_pct": "0.5", "from_on": "2025-01-01"},
    ]

    assert main_owner(served(rows), "A1", "2026-01-01") == "M3"
    assert main_owner(served(rows), "A2", "2026-01-01") == "M2"
    assert main_owner(served(rows), "A2", "2024-01-01") is None


SPANS = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.sampled_from(MANAGERS),
        st.integers(1, 9_999),
        st.integers(0, 60),
        st.integers(1, 60),
    ),
    max_size=8,
    unique_by=lambda span: (span[0], span[1], span[3]),
)
FIRST = date(2026, 1, 1).toordinal()


@settings(max_examples=60)
@given(SPANS, st.sampled_from(ACCOUNTS), st.integers(0, 130))
def test_on_each_day_those_in_force_are_credited(
    spans: list[tuple[str, str, int, int, int]], account: str, into: int
) -> None:
    rows: list[dict[str, object]] = [
        {
            "account_id": each,
            "manager_id": manager,
            "share_pct": f"0.{share:04}",
            "from_on": date.fromordinal(FIRST + first).isoformat(),
            "to_on": date.fromordinal(FIRST + first + length).isoformat(),
        }
        for each, manager, share, first, length in spans
    ]
    day = date.fromordinal(FIRST + into).isoformat()

    found = sorted(credited(served(rows), account, day), key=str)

    in_force: list[Any] = [
        (manager, share)
        for each, manager, share, first, length in spans
        if each == account and first <= into < first + length
    ]
    assert found == sorted(in_force or [(None, 1)], key=str)


@settings(max_examples=40)
@given(SPANS)
def test_the_order_of_the_assignments_does_not_matter(spans: list[tuple[str, str, int, int, int]]) -> None:
    rows: list[dict[str, object]] = [
        {"account_id": each, "manager_id": manager, "share_pct": f"0.{share:04}",
         "from_on": date.fromordinal(FIRST + first).isoformat()}
        for each, manager, share, first, _ in spans
    ]  # fmt: skip

    one, other = served(rows), served(rows[::-1])

    for name in ("keys", "first", "count", "managers", "weights"):
        assert getattr(one, name).tolist() == getattr(other, name).tolist()
