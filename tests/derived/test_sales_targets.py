from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipeline.policy import Policy
from pipeline.rules.targets import AttainmentRule
from tests.engines import derived_table, engine, policy_with

Rows = list[dict[str, object]]
ACCOUNTS: Rows = [
    {"account_id": "A1", "name": "a", "owner_id": "M1"},
    {"account_id": "A2", "parent_id": "A1", "name": "b", "owner_id": "M2"},
]
MANAGERS: Rows = [
    {"manager_id": "M1", "name": "lead", "team_id": "T1"},
    {"manager_id": "M2", "name": "two", "team_id": "T1", "reports_to_id": "M1"},
    {"manager_id": "M3", "name": "three", "team_id": "T2", "reports_to_id": "M1"},
]
SEPTEMBER = ("2026-09-01", "2026-10-01")


def target(
    kind: str, subject: str, value: object, span: tuple[str, str | None] = SEPTEMBER, **more: object
) -> dict[str, object]:
    row = {
        "subject_kind": kind,
        "subject_id": subject,
        "metric": "net_sales",
        "from_on": span[0],
        "to_on": span[1],
    }
    return {**row, "value": value, **more}


def given(*targets: dict[str, object], **tables: Rows) -> dict[str, Rows]:
    return {"accounts": ACCOUNTS, "managers": MANAGERS, "targets": list(targets), **tables}


def targets(*rows: dict[str, object], policy: Policy | None = None, **tables: Any) -> dict[str, float]:
    """The sum of what each subject should sell in all the time there is, by `kind:id`."""
    table = derived_table("sales_targets", given(*rows, **tables), policy=policy)
    names = table["subject_kind"] + ":" + table["subject_id"]
    return {
        str(name): float(amount) / 10_000 for name, amount in table["amount"].groupby(names).sum().items()
    }


def own_targets() -> Policy:
    return policy_with(attainment=[AttainmentRule(lead_targets="own", valid_from=date(2000, 1, 1))])


LEAD_OF_TWO = (target("manager", "M1", 100), target("manager", "M2", 60), target("manager", "M3", 30))


def test_a_leads_target_contains_those_below_and_is_not_added_to_them() -> None:
    found = targets(*LEAD_OF_TWO)

    assert found == {
        "manager:M1": 10, "manager:M2": 60, "manager:M3": 30,
        "team:T1": 100, "team:T2": 30, "portfolio:all": 100,
    }  # fmt: skip


def test_where_policy_says_so_a_leads_target_is_for_own_sales() -> None:
    found = targets(*LEAD_OF_TWO, policy=own_targets())

    assert (found["manager:M1"], found["team:T1"], found["portfolio:all"]) == (100, 160, 190)


def test_a_lead_whose_target_is_no_larger_than_those_below_has_no_own_part() -> None:
    found = targets(target("manager", "M1", 60), target("manager", "M2", 60))

    assert "manager:M1" not in found
    assert found["team:T1"] == 60


def test_a_circle_of_leads_ends() -> None:
    circle: Rows = [
        {"manager_id": "M1", "name": "a", "team_id": "T1", "reports_to_id": "M2"},
        {"manager_id": "M2", "name": "b", "team_id": "T1", "reports_to_id": "M1"},
    ]

    assert "manager:M2" in targets(target("manager", "M1", 10), target("manager", "M2", 20), managers=circle)


def test_a_subjects_own_target_comes_before_the_sum_of_those_below() -> None:
    found = targets(*LEAD_OF_TWO, target("portfolio", "all", 500), target("team", "T1", 99))

    assert (found["portfolio:all"], found["team:T1"]) == (500, 99)


def test_an_accounts_target_goes_to_its_owners_by_days() -> None:
    served: Rows = [
        {
            "account_id": "A1",
            "manager_id": "M2",
            "role": "owner",
            "from_on": "2020-01-01",
            "to_on": "2026-09-11",
        },
        {"account_id": "A1", "manager_id": "M3", "role": "owner", "from_on": "2026-09-11"},
    ]
    found = targets(target("account", "A1", 30), assignments=served)

    assert (found["manager:M2"], found["manager:M3"]) == (10, 20)
    assert (found["customer:A1"], found["portfolio:all"], found["account:A1"]) == (30, 30, 30)


def test_a_shared_accounts_target_goes_by_share() -> None:
    served: Rows = [
        {
            "account_id": "A1",
            "manager_id": "M2",
            "role": "owner",
            "share_pct": "0.75",
            "from_on": "2020-01-01",
        },
        {
            "account_id": "A1",
            "manager_id": "M3",
            "role": "owner",
            "share_pct": "0.25",
            "from_on": "2020-01-01",
        },
    ]
    found = targets(target("account", "A1", 40), assignments=served)

    assert (found["manager:M2"], found["manager:M3"]) == (30, 10)


def test_a_manager_with_a_target_of_his_own_does_not_take_those_of_accounts() -> None:
    assert targets(target("account", "A1", 30), target("manager", "M1", 7))["manager:M1"] == 7


def test_a_months_target_comes_before_a_years_for_the_same_days() -> None:
    found = targets(
        target("team", "T1", 365, ("2025-01-01", "2026-01-01")),
        target("team", "T1", 50, ("2025-02-01", "2025-03-01")),
    )

    assert found["team:T1"] == pytest.approx(365 - 28 + 50)


@pytest.mark.parametrize(
    "row",
    [
        target("team", "T1", 10, metric="csat"),
        target("team", "T1", 10, breakdown="kind=new"),
        target("team", "T1", 10, ("2026-09-01", None)),
        target("team", "T1", 10, ("2026-09-01", "2026-09-01")),
        target("team", "T1", 10, ("2026-12-01", "2027-01-01")),
    ],
    ids=["other metric", "breakdown", "no end", "no days", "later"],
)
def test_what_cannot_be_spread_over_days_gone_by_is_left_out(row: dict[str, object]) -> None:
    assert targets(row) == {}


def test_pieces_of_a_target_add_up_to_it_and_name_its_row() -> None:
    rows = given(target("team", "T1", "100.0001", ("2025-01-01", "2026-01-01")))
    table = derived_table("sales_targets", rows)

    assert table["amount"].sum() == 1_000_001
    assert table["days"].sum() == 365
    assert set(table["_from"]) == {table["_from"].iloc[0]}
    assert table["_from"].iloc[0].startswith("targets:")
    assert table["falls_on"].is_monotonic_increasing


def sold(amount: object, day: str = "2026-09-05") -> dict[str, Rows]:
    return {
        "orders": [
            {"order_id": "O0", "account_id": "A2", "ordered_on": "2025-01-05"},
            {"order_id": "O1", "account_id": "A2", "ordered_on": day},
        ],
        "order_lines": [
            {"order_id": "O0", "line_no": 1, "net_amount": 1},
            {"order_id": "O1", "line_no": 1, "net_amount": amount},
        ],
    }


def test_attainment_is_sales_against_the_target() -> None:
    made = engine(given(*LEAD_OF_TWO, **sold(45)))

    assert made.value("sales_attainment", "manager:M2") == 0.75
    assert made.value("sales_attainment", "portfolio:all") == 0.45
    assert made.value("sales_target", "team:T1") == 100
    assert made.value("sales_attainment", "manager:M3") == 0


def test_a_window_not_covered_day_by_day_has_no_target() -> None:
    made = engine(given(*LEAD_OF_TWO, **sold(45)))
    measure = made.measure("sales_attainment", "portfolio", "quarter")

    assert made.value("sales_attainment", "portfolio:all", "quarter") is None
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == pytest.approx(30 / 92)


def test_nothing_is_made_up_for_who_has_no_target() -> None:
    made = engine(given(target("manager", "M2", 10), **sold(45)))

    assert made.value("sales_target", "manager:M3") is None
    assert made.value("sales_attainment", "team:T2") is None


def test_an_unfinished_month_is_measured_against_the_days_gone_by() -> None:
    made = engine(given(target("manager", "M2", 30), **sold(5)), as_of=date(2026, 9, 10))

    assert made.value("sales_target", "manager:M2") == 10
    assert made.value("sales_attainment", "manager:M2") == 0.5


def test_the_rows_of_a_target_are_its_evidence() -> None:
    made = engine(given(*LEAD_OF_TWO, **sold(45)))
    rows: pd.DataFrame = made.evidence("sales_target_amount", "team:T1", made.window("month"))

    assert rows["amount"].sum() == 1_000_000
    assert made.tables["targets"]["_row"].iloc[0] in rows["_from"].iloc[0]
