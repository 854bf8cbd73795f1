from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline.context import Context
from pipeline.derived import DERIVED, Inputs
from pipeline.engine.prepare import prepared
from pipeline.explain import explained
from pipeline.policy import Policy
from pipeline.rules.service_plan import PlanRule
from tests.engines import policy_with
from tests.runs import computed, context_for, reading
from tests.tables import tables as canonical

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a", "signed_on": "2026-01-15"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
]
MONTHLY: dict[str, Any] = {
    "name": "visit",
    "kinds": ("visit",),
    "per": "month",
    "valid_from": date(2000, 1, 1),
}


def plan(*lines: dict[str, Any]) -> Policy:
    return policy_with(plan=[PlanRule(**each) for each in lines])


def held(day: str, kind: str = "visit", **more: object) -> Row:
    return {
        "activity_id": f"{kind}-{day}",
        "account_id": "A1",
        "kind": kind,
        "held_on": day,
        "status": "held",
        **more,
    }


def standing(metric: str, text: str | None, from_on: str = "2026-01-01") -> Row:
    return {"customer_id": "A1", "metric": metric, "text": text, "from_on": from_on}


def touchpoints(
    policy: Policy,
    *activities: Row,
    standings: tuple[Row, ...] = (),
    began: str = "2026-01-01",
    accounts: list[Row] | None = None,
    **more: Any,
) -> pd.DataFrame:
    """The touchpoints of one customer, whose class and band are as stated."""
    context = context_for(Path("run"), **more)
    mine = prepared(canonical({"accounts": accounts or ACCOUNTS, "activities": list(activities)}), "CNY")
    mine["relationships"] = DERIVED.get("relationships").make(
        Inputs(mine, policy, context.settings, context.period.until_on)
    )
    known = pd.DataFrame(list(standings), columns=["customer_id", "metric", "text", "from_on"])
    known["from_on"] = pd.to_datetime(known["from_on"]).astype("datetime64[s]")
    starts = {"activities": date.fromisoformat(began)}
    inputs = Inputs(mine, policy, context.settings, context.period.until_on, known, starts)
    return DERIVED.get("touchpoints").make(inputs)


def told(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["from_on"].dt.strftime("%m-%d"), table["state"], strict=True))


def test_a_line_is_due_in_each_window_that_begins_within_the_relationship() -> None:
    days = (held("2026-02-10"), held("2026-04-02"), held("2026-04-20"))
    table = touchpoints(plan(MONTHLY), *days, as_of=date(2026, 6, 10))

    assert told(table) == [
        ("02-01", "kept"), ("03-01", "late"), ("04-01", "kept"), ("05-01", "missed"), ("06-01", "open"),
    ]  # fmt: skip
    assert table["days_late"].tolist()[:3] == [0, 2, 0]


def test_activities_on_any_account_of_the_group_count() -> None:
    table = touchpoints(plan(MONTHLY), held("2026-02-10", account_id="A2"), as_of=date(2026, 2, 28))

    assert told(table) == [("02-01", "kept")]
    assert table["customer_id"].tolist() == table["account_id"].tolist() == ["A1"]


def test_windows_before_the_first_activity_of_the_export_are_left_out() -> None:
    table = touchpoints(plan(MONTHLY), began="2026-03-02", as_of=date(2026, 4, 30))

    assert told(table) == [("04-01", "missed")]


def test_a_line_applies_by_the_class_on_the_windows_first_day() -> None:
    policy = plan({**MONTHLY, "classes": ("core_value",)})
    changes = (standing("customer_class", "core_value"), standing("customer_class", "maintain", "2026-03-01"))

    assert told(touchpoints(policy, standings=changes, as_of=date(2026, 4, 30))) == [("02-01", "missed")]
    assert touchpoints(policy, as_of=date(2026, 4, 30)).empty


def test_bands_and_stages_narrow_a_line_too() -> None:
    policy = plan({**MONTHLY, "bands": ("key",), "stages": ("initial",)})
    both = (standing("revenue_band", "key"), standing("lifecycle_stage", "initial"))

    assert len(touchpoints(policy, standings=both, as_of=date(2026, 2, 28))) == 1
    assert touchpoints(policy, standings=both[:1], as_of=date(2026, 2, 28)).empty


def test_who_lapsed_is_promised_nothing() -> None:
    gone = (standing("lifecycle_stage", "lapsed", "2026-03-01"),)

    assert told(touchpoints(plan(MONTHLY), standings=gone, as_of=date(2026, 4, 30))) == [("02-01", "missed")]


def test_a_line_is_the_one_in_force_on_the_windows_first_day() -> None:
    policy = plan(MONTHLY, {**MONTHLY, "count": 2, "valid_from": date(2026, 3, 1)},
                  {**MONTHLY, "count": 0, "valid_from": date(2026, 4, 1)})  # fmt: skip

    assert told(touchpoints(policy, as_of=date(2026, 5, 31))) == [
        ("02-01", "missed"), ("03-01", "missed"), ("03-01", "missed"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "windows"),
    [
        ({"per": "once", "age_until_months": 1}, [("01-15", "02-14")]),
        ({"per": "week", "age_until_months": 1}, [("01-15", "01-21"), ("01-22", "01-28"), ("01-29", "02-04"), ("02-05", "02-11")]),
        ({"per": "two_weeks", "age_from_months": 1, "age_until_months": 2}, [("02-15", "02-28"), ("03-01", "03-14")]),
        ({"per": "quarter"}, [("04-01", "06-30")]),
        ({"per": "half"}, [("07-01", "12-31")]),
    ],
    ids=["once", "week", "two weeks", "quarter", "half"],
)  # fmt: skip
def test_windows_follow_the_relationship_or_the_calendar(
    line: dict[str, Any], windows: list[tuple[str, str]]
) -> None:
    as_of = date(2026, 7, 20) if line["per"] == "half" else date(2026, 6, 20)
    table = touchpoints(plan({**MONTHLY, **line}), as_of=as_of)

    assert (
        list(zip(table["from_on"].dt.strftime("%m-%d"), table["due_on"].dt.strftime("%m-%d"), strict=True))
        == windows
    )


def test_windows_follow_the_fiscal_year() -> None:
    table = touchpoints(
        plan({**MONTHLY, "per": "half"}), as_of=date(2026, 4, 20), company={"fiscal_year_start": 4}
    )

    assert told(table) == [("04-01", "open")]


def test_planned_is_not_held_and_cancelled_is_not_kept() -> None:
    rows = (held("2026-02-10", status="planned"), held("2026-03-10", status="cancelled"))

    assert told(touchpoints(plan(MONTHLY), *rows, as_of=date(2026, 3, 31))) == [
        ("02-01", "missed"), ("03-01", "cancelled"),
    ]  # fmt: skip


def test_a_kick_off_counts_where_it_is_known_who_was_there_of_both_sides() -> None:
    line = {**MONTHLY, "name": "kickoff", "kinds": ("kickoff",), "both_sides": True}
    alone = held("2026-02-10", "kickoff", manager_id="M1")
    joint = held("2026-03-10", "kickoff", manager_id="M1", contact_id="C1")

    assert told(touchpoints(plan(line), alone, joint, as_of=date(2026, 3, 31))) == [
        ("02-01", "missed"), ("03-01", "kept"),
    ]  # fmt: skip


def test_the_evidence_is_the_customer_and_the_activity() -> None:
    table = touchpoints(plan(MONTHLY), held("2026-02-10"), as_of=date(2026, 3, 31))
    sources = [[each.partition(":")[0] for each in text.split()] for text in table["_from"]]

    assert sources == [["accounts", "activities"], ["accounts"]]


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Context, pd.DataFrame]:
    """A customer of core value, met each month but in August; a small one that has no monthly line."""
    folder = tmp_path_factory.mktemp("run")
    months = [f"{year}-{month:02}" for year in (2023, 2024, 2025, 2026) for month in range(1, 13)]
    sold = [each for each in months if "2023-10" <= each < "2026-10"]
    orders = [(who, f"{month}-05", amount) for month in sold for who, amount in (("A1", 1000), ("A3", 10))]
    tables: dict[str, list[Row]] = {
        "accounts": [
            {"account_id": "A1", "name": "a", "signed_on": "2020-01-15", "owner_id": "M1"},
            {"account_id": "A3", "name": "c", "signed_on": "2020-01-15", "owner_id": "M2"},
        ],
        "orders": [
            {"order_id": f"O{at}", "account_id": row[0], "ordered_on": row[1]} for at, row in enumerate(orders)
        ],
        "order_lines": [{"order_id": f"O{at}", "line_no": 1, "net_amount": row[2]} for at, row in enumerate(orders)],
        "activities": [
            held(f"{month}-20", is_face_to_face=True) for month in months if "2026-01" <= month < "2026-10" and month != "2026-08"
        ],
    }  # fmt: skip
    table = computed(folder, tables)
    return context_for(folder), table


def test_the_class_decides_what_was_promised(run: tuple[Context, pd.DataFrame]) -> None:
    _, table = run
    line = {"breakdown": "line=core_face_to_face"}

    assert reading(table, "cadence_compliance", "customer:A1", "month", **line)["value"] == 1
    assert reading(table, "cadence_compliance", "customer:A1", "quarter", **line)["value"] == pytest.approx(
        2 / 3
    )
    assert reading(table, "cadence_compliance", "manager:M1", "quarter", **line)["numerator"] == 2
    other = table[(table["subject_id"] == "A3") & (table["breakdown"] == line["breakdown"])]
    assert not other["value"].fillna(0).any()


def test_windows_before_the_feed_are_unknown_not_missed(run: tuple[Context, pd.DataFrame]) -> None:
    _, table = run
    known = table[(table["metric"] == "cadence_compliance") & table["value"].notna()]

    assert known["from_on"].min() == date(2026, 2, 1)


def test_a_compliance_explains_itself_by_its_windows(run: tuple[Context, pd.DataFrame]) -> None:
    context, _ = run
    said = explained(
        context, "cadence_compliance[line=core_face_to_face]/customer:A1/quarter", with_rows=True
    )
    facts = {each["name"]: each for each in said["facts"]}

    assert said["value"] == pytest.approx(2 / 3)
    assert facts["touchpoints_due"]["total"] == 3
    assert [len(each["from"]) for each in facts["touchpoints_due"]["evidence"]] == [2, 1, 2]


def test_what_is_still_to_be_held_is_counted_while_its_window_runs(run: tuple[Context, pd.DataFrame]) -> None:
    _, table = run

    assert reading(table, "touchpoints_to_come", "customer:A3", "month", breakdown="line=visit")["value"] == 1
