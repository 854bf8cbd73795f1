from __future__ import annotations

from datetime import date, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.cube import day_number
from pipeline.engine.ownership import NOBODY
from pipeline.engine.posts import Posts, posts
from tests.engines import Engine, derived_table, engine
from tests.tables import frame

MANAGERS = ("M1", "M2")
Row = dict[str, object]


def held(members: list[Row] | None, teams: tuple[str | None, str | None] = ("T1", None)) -> Posts:
    rows = [
        {"manager_id": each, "name": each, "team_id": team}
        for each, team in zip(MANAGERS, teams, strict=True)
    ]
    return posts(
        frame("managers", rows), None if members is None else frame("team_members", members), MANAGERS
    )


def team(found: Posts, manager: str, day: str | date) -> str | None:
    on = date.fromisoformat(day) if isinstance(day, str) else day
    code = np.array([MANAGERS.index(manager)])
    post = int(found.at(code, np.array([day_number(on)]))[0])
    assert found.manager[post] == code[0]
    return None if found.team[post] == NOBODY else found.teams[found.team[post]]


MOVED: list[Row] = [
    {"manager_id": "M1", "team_id": "T0", "from_on": "2025-01-01", "to_on": "2025-07-01"},
    {"manager_id": "M1", "team_id": "T1", "from_on": "2025-07-01"},
]


def test_a_manager_is_in_the_team_of_the_day() -> None:
    found = held(MOVED)

    assert [team(found, "M1", day) for day in ("2025-06-30", "2025-07-01", "2030-01-01")] == [
        "T0",
        "T1",
        "T1",
    ]


def test_on_days_of_which_nothing_is_said_the_team_is_todays() -> None:
    assert team(held(MOVED), "M1", "2024-12-31") == "T1"
    assert team(held(None), "M1", "2024-12-31") == "T1"
    assert team(held(MOVED), "M2", "2025-06-30") is None


def test_of_two_teams_on_one_day_the_one_joined_last_counts() -> None:
    both: list[Row] = [*MOVED[:1], {"manager_id": "M1", "team_id": "T9", "from_on": "2025-03-01"}]

    assert team(held(both), "M1", "2025-02-28") == "T0"
    assert team(held(both), "M1", "2025-04-01") == "T9"


def test_nobody_has_no_post() -> None:
    assert held(MOVED).at(np.array([NOBODY]), np.array([20_000])).tolist() == [NOBODY]
    assert posts(None, None, ()).at(np.array([NOBODY]), np.array([20_000])).tolist() == [NOBODY]


FIRST = date(2024, 1, 1)
SPANS = st.lists(
    st.tuples(st.sampled_from(["T1", "T2", "T3"]), st.integers(0, 90), st.integers(1, 60)), max_size=4
)


@given(SPANS, st.integers(-10, 160))
def test_every_day_has_one_team_that_its_spans_say_or_todays(
    spans: list[tuple[str, int, int]], after: int
) -> None:
    rows: list[Row] = [
        {"manager_id": "M1", "team_id": name, "from_on": FIRST + timedelta(begins),
         "to_on": FIRST + timedelta(begins + length)}
        for name, begins, length in spans
    ]  # fmt: skip
    there = {name for name, begins, length in spans if begins <= after < begins + length}

    assert team(held(rows), "M1", FIRST + timedelta(after)) in (there or {"T1"})


def moved_company(**more: list[Row]) -> Engine:
    return engine(
        {
            "accounts": [{"account_id": "A1", "name": "a", "owner_id": "M1"}],
            "managers": [{"manager_id": "M1", "name": "m", "team_id": "T1"}],
            "team_members": [
                {"manager_id": "M1", "team_id": "T0", "from_on": "2020-01-01", "to_on": "2026-09-16"},
                {"manager_id": "M1", "team_id": "T1", "from_on": "2026-09-16"},
            ],
            "orders": [
                {"order_id": f"O{at}", "account_id": "A1", "ordered_on": on}
                for at, on in enumerate(("2025-09-01", "2026-09-15", "2026-09-16"))
            ],
            "order_lines": [
                {"order_id": f"O{at}", "line_no": 1, "net_amount": amount} for at, amount in enumerate((1, 20, 300))
            ],
            **more,
        }
    )  # fmt: skip


def test_what_a_manager_sold_counts_for_his_team_of_that_day() -> None:
    found = moved_company()
    month = found.window("month")

    assert [found.value("net_sales", subject) for subject in ("manager:M1", "team:T0", "team:T1")] == [
        320,
        20,
        300,
    ]
    assert found.evidence("net_sales", "team:T0", month)["amount"].tolist() == [20_0000]
    assert found.value("net_sales", "portfolio:all") == 320


def test_a_position_counts_for_the_team_of_the_day_it_is_read() -> None:
    invoices: list[Row] = [
        {"invoice_id": "I", "account_id": "A1", "issued_on": "2026-08-02", "gross_amount": 50}
    ]
    found = moved_company(invoices=invoices, payments=[])
    opening = found.evaluator.facts("team", found.window("month")).opening.receivables

    assert [found.value("receivables", subject) for subject in ("team:T0", "team:T1")] == [0, 50]
    assert dict(zip(found.evaluator.subjects["team"].ids, opening.floats, strict=True)) == {"T0": 50, "T1": 0}


def test_customers_count_for_the_team_of_the_windows_first_day() -> None:
    found = moved_company()
    counted = found.measure("customers_by_band", "team", "month", ("", ""))

    assert dict(zip(found.evaluator.subjects["team"].ids, counted.value.floats, strict=True)) == {
        "T0": 1,
        "T1": 0,
    }


def test_the_target_of_a_manager_counts_for_his_team_of_each_day() -> None:
    rows = derived_table(
        "sales_targets",
        {
            "accounts": [{"account_id": "A1", "name": "a", "owner_id": "M1"}],
            "managers": [{"manager_id": "M1", "name": "m", "team_id": "T1"}],
            "team_members": [
                {"manager_id": "M1", "team_id": "T0", "from_on": "2020-01-01", "to_on": "2026-09-11"},
                {"manager_id": "M1", "team_id": "T1", "from_on": "2026-09-11"},
            ],
            "targets": [
                {"subject_kind": "manager", "subject_id": "M1", "metric": "net_sales", "from_on": "2026-09-01",
                 "to_on": "2026-10-01", "value": 300}
            ],
        },
    )  # fmt: skip
    teams = rows[rows["subject_kind"] == "team"].groupby("subject_id")[["amount", "days"]].sum()

    assert teams["amount"].to_dict() == {"T0": 100_0000, "T1": 200_0000}
    assert teams["days"].to_dict() == {"T0": 10, "T1": 20}
