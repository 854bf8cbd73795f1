from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from pipeline.rules.service_plan import EnablementRule
from tests.engines import derived_table, engine, policy_with
from tests.second_wave import Row, later_table, standing

ACCOUNTS: list[Row] = [{"account_id": "A1", "name": "a", "signed_on": "2025-06-01"}]
INSIGHT: dict[str, Any] = {
    "name": "insight",
    "kinds": ("industry_report",),
    "per": "month",
    "valid_from": date(2000, 1, 1),
}


def given(kind: str, on: str, worth: object = None, **cells: object) -> Row:
    return {
        "benefit_id": f"{kind}{on}", "account_id": "A1", "kind": kind, "given_on": on, "worth_amount": worth, **cells,
    }  # fmt: skip


def held(kind: str, on: str, **cells: object) -> Row:
    return {
        "activity_id": f"{kind}{on}",
        "account_id": "A1",
        "kind": kind,
        "held_on": on,
        "status": "held",
        **cells,
    }


def added(benefits: list[Row], activities: list[Row]) -> list[tuple[str, str, str]]:
    table = derived_table(
        "value_added", {"accounts": ACCOUNTS, "benefits": benefits, "activities": activities}
    )
    return sorted(
        zip(
            table["kind"],
            table["given_on"].dt.strftime("%m-%d"),
            table["_from"].str.partition(":")[0],
            strict=True,
        )
    )


def test_trainings_and_introductions_held_are_given_too_and_count_once() -> None:
    activities = [
        held("training", "2026-03-01"),
        held("training", "2026-04-01"),
        held("introduction", "2026-05-01"),
        held("visit", "2026-05-02"),
        held("training", "2026-06-01", status="planned"),
        held("training", "2026-06-02", status="cancelled"),
    ]

    assert added([given("training", "2026-03-01"), given("upgrade", "2026-10-01")], activities) == [
        ("introduction", "05-01", "activities"),
        ("training", "03-01", "benefits"),
        ("training", "04-01", "activities"),
    ]


def test_without_benefits_and_activities_there_is_nothing() -> None:
    assert derived_table("value_added", {"accounts": ACCOUNTS}).empty


def test_worth_is_what_is_stated_and_n_tells_of_how_many() -> None:
    rows = [
        given("upgrade", "2026-09-01", "18000.50"),
        given("introduction", "2026-09-02"),
        given("training", "2026-09-03", 0),
    ]
    orders: dict[str, list[Row]] = {
        "orders": [{"order_id": "O", "account_id": "A1", "ordered_on": "2026-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    found = engine({"accounts": ACCOUNTS, "benefits": [given("priority", "2026-01-01"), *rows], **orders})
    measure = found.measure("benefits_worth", "customer", "month")

    assert found.value("benefits_given", "customer:A1") == 3
    assert found.measure("benefits_given", "customer", "month", ("kind", "upgrade")).value.floats[0] == 1
    assert measure.value.floats[0] == 18000.5
    assert measure.n is not None
    assert measure.n.floats[0] == 2


def enabled(
    rows: list[Row], *lines: dict[str, Any], standings: tuple[Row, ...] = (), **more: Any
) -> pd.DataFrame:
    rules = policy_with(enablement=[EnablementRule(**each) for each in lines])
    return later_table(
        "enablement", {"accounts": ACCOUNTS, "benefits": rows}, standings, policy=rules, **more
    )


def told(table: pd.DataFrame) -> list[tuple[str, str]]:
    return list(zip(table["from_on"].dt.strftime("%m-%d"), table["state"], strict=True))


def test_an_issue_is_due_each_month_and_given_kept_late_or_missed() -> None:
    days = ("2026-04-01", "2026-06-10", "2026-08-03", "2026-08-20")
    table = enabled([given("industry_report", each) for each in days], INSIGHT, as_of=date(2026, 9, 20))

    assert told(table) == [
        ("04-01", "kept"), ("05-01", "missed"), ("06-01", "kept"), ("07-01", "late"), ("08-01", "kept"), ("09-01", "open"),
    ]  # fmt: skip


def test_another_kind_keeps_nothing() -> None:
    rows = [given("training", "2026-08-01"), given("priority", "2026-08-02")]

    assert told(enabled(rows, INSIGHT, as_of=date(2026, 8, 31))) == [("08-01", "missed")]


def test_windows_before_the_first_benefit_of_the_export_are_left_out() -> None:
    table = enabled([given("industry_report", "2026-08-05")], INSIGHT, as_of=date(2026, 9, 30))

    assert told(table) == [("09-01", "missed")]


def test_a_training_each_quarter_is_for_core_value_and_high_potential() -> None:
    rows = [given("training", "2026-01-01"), given("industry_report", "2026-05-01")]
    tables = {"accounts": ACCOUNTS, "benefits": rows}
    core, small = (
        later_table("enablement", tables, [standing("customer_class", each)])
        for each in ("core_value", "maintain")
    )

    assert core[core["line"] == "industry_training"]["state"].tolist() == ["kept", "missed", "missed"]
    assert set(small["line"]) == {"industry_insight"}


def test_the_evidence_is_the_customer_and_what_was_given() -> None:
    table = enabled([given("industry_report", "2026-05-01")], INSIGHT, as_of=date(2026, 6, 30))

    assert [[each.partition(":")[0] for each in text.split()] for text in table["_from"]] == [
        ["accounts", "benefits"],
        ["accounts"],
    ]
