from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.engine.quantities import REASONS
from pipeline.evidence.counts import facts_of
from tests.engines import Engine, derived_table, engine

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
    {"account_id": "A3", "name": "c"},
]
GOAL: Row = {
    "account_id": "A1", "goal": "less stock", "unit": "t", "better": "lower", "baseline_value": 400,
    "baseline_on": "2026-01-01", "target_value": 300, "current_value": 320, "current_on": "2026-09-20",
    "confidence": "measured", "attribution_pct": "0.5", "money_amount": 1000,
}  # fmt: skip


def outcomes(*rows: Row, values: tuple[Row, ...] = (), **more: Any) -> Engine:
    tables: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "outcomes": [{"outcome_id": f"C{number}", **GOAL, **row} for number, row in enumerate(rows)],
        # figures are made from the first month of trade on
        "orders": [{"order_id": "O", "account_id": "A3", "ordered_on": "2025-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
        **({"outcome_values": list(values)} if values else {}),
    }
    return engine(tables, **more)


def value(
    engine: Engine, metric: str, subject: str, name: str = "", value: str = "", window: str = "month"
) -> float | None:
    measure = engine.measure(metric, subject.partition(":")[0], window, (name, value))
    at = engine.position(subject)
    return float(measure.value.floats[at]) if measure.value.known[at] else None


@pytest.mark.parametrize(
    ("cells", "progress"),
    [
        ({}, 0.8),
        ({"current_value": 290}, 1.1),
        ({"current_value": 410}, -0.1),
        ({"better": "higher", "baseline_value": 100, "target_value": 200, "current_value": 150}, 0.5),
        ({"target_value": 400}, None),
        ({"target_value": None}, None),
        ({"baseline_value": None}, None),
    ],
)
def test_progress_is_the_way_gone_in_the_direction_that_is_better(cells: Row, progress: float | None) -> None:
    found = value(outcomes(cells), "goal_progress", "account:A1", "goal", "1")

    assert found == (None if progress is None else pytest.approx(progress))


def test_a_goal_stands_where_it_was_last_measured() -> None:
    measured = ({"outcome_id": "C0", "measured_on": "2026-08-10", "value": 360},)
    found = outcomes({}, values=measured)
    august = found.evaluator.facts("account", found.window("month"), ("goal", "1")).before

    assert august.goal_value.floats[found.position("account:A1")] == 360
    assert august.before.goal_value.floats[found.position("account:A1")] == 400
    assert value(found, "goal_now", "account:A1", "goal", "1") == 320
    assert value(found, "goal_baseline", "account:A1", "goal", "1") == 400
    assert value(found, "goal_target", "account:A1", "goal", "1") == 300


def test_what_comes_last_on_a_day_wins_and_later_is_not_known() -> None:
    values = (
        {"outcome_id": "C0", "measured_on": "2026-09-20", "value": 999},
        {"outcome_id": "C0", "measured_on": "2026-10-20", "value": 1},
    )

    assert value(outcomes({}, values=values), "goal_now", "account:A1", "goal", "1") == 320


def test_goals_are_numbered_within_a_customer_and_who_has_none_of_a_number_has_no_figure() -> None:
    found = outcomes({}, {"account_id": "A2", "current_value": 350}, {"account_id": "A3"})

    assert value(found, "goal_now", "customer:A1", "goal", "2") == 350
    assert value(found, "goal_now", "account:A1", "goal", "2") is None
    assert value(found, "goal_now", "customer:A3", "goal", "1") == 320
    assert value(found, "goal_baseline", "customer:A3", "goal", "2") is None


def test_the_share_of_goals_reached_counts_those_with_a_target() -> None:
    found = outcomes({}, {"current_value": 300}, {"target_value": None})

    assert found.value("goals_reached", "portfolio:all") == 0.5


def realised(
    *rows: Row, confidence: str = "measured", subject: str = "customer:A1", **more: Any
) -> float | None:
    return value(outcomes(*rows, **more), "value_realised", subject, "confidence", confidence)


def test_value_is_what_is_attributed_to_us_by_class_of_confidence() -> None:
    rows: list[Row] = [{}, {"attribution_pct": 1}, {"confidence": "modelled"}]

    assert realised(*rows) == 1500
    assert realised(*rows, confidence="modelled") == 500


def test_the_classes_of_confidence_are_never_added_together() -> None:
    from pipeline.errors import SettingsError

    with pytest.raises(SettingsError) as refused:
        outcomes({}).measure("value_realised", "customer", "month")

    assert refused.value.code == "KB-1025"


@pytest.mark.parametrize(
    ("measured", "counts"), [("2025-10-01", True), ("2025-09-30", False), ("2025-09-01", False)]
)
def test_evidence_older_than_policy_allows_falls_out(measured: str, counts: bool) -> None:
    assert realised({"current_on": measured}) == (500 if counts else 0)


def test_a_benefit_counts_once_by_its_surest_claim() -> None:
    rows: list[Row] = [
        {"benefit_key": "K", "confidence": "estimated", "money_amount": 9000},
        {"benefit_key": "K", "confidence": "confirmed"},
        {"benefit_key": "K", "confidence": "confirmed", "current_on": "2026-09-25", "money_amount": 400},
        {"benefit_key": "K", "account_id": "A3", "confidence": "estimated"},
    ]

    assert realised(*rows, confidence="estimated") == 0
    assert realised(*rows, confidence="confirmed") == 200
    assert realised(*rows, confidence="estimated", subject="customer:A3") == 500


def test_a_surer_claim_that_has_expired_gives_way() -> None:
    rows: list[Row] = [
        {"benefit_key": "K", "confidence": "measured", "current_on": "2025-09-01"},
        {"benefit_key": "K", "confidence": "estimated", "current_on": "2025-12-01", "money_amount": 600},
    ]

    assert realised(*rows, confidence="estimated") == 300


@pytest.mark.parametrize("gap", ["attribution_pct", "money_amount"])
def test_a_claim_without_money_or_attribution_is_left_out_and_said(gap: str) -> None:
    found = outcomes({}, {gap: None})
    measure = found.measure("value_realised", "customer", "month", ("confidence", "measured"))

    assert realised({}, {gap: None}) == 500
    assert measure.coverage is not None
    assert measure.coverage.floats[found.position("customer:A1")] == 0.5
    assert realised({gap: None}) is None


def test_half_a_unit_is_rounded_away_from_zero() -> None:
    table = derived_table(
        "value_claims",
        {
            "accounts": ACCOUNTS,
            "outcomes": [{"outcome_id": "C", **GOAL, "money_amount": "0.0005", "attribution_pct": "0.5"}],
        },
    )

    assert table["amount"].tolist() == [3]


def test_a_claims_own_value_is_known_while_it_counts() -> None:
    rows: list[Row] = [
        {"benefit_key": "K"},
        {"benefit_key": "K", "confidence": "confirmed"},
        {"money_amount": None},
        {"current_on": "2025-09-30"},
    ]
    found = outcomes(*rows)

    assert [value(found, "claim_value", "customer:A1", "goal", each) for each in "1234"] == [
        500,
        None,
        None,
        None,
    ]
    measure = found.measure("claim_value", "customer", "month", ("goal", "3"))
    assert REASONS[measure.value.reasons[found.position("customer:A1")]] == "input_missing"


def to_date(*rows: Row, confidence: str = "measured") -> float | None:
    return value(outcomes(*rows), "value_to_date", "customer:A1", "confidence", confidence)


def test_value_to_date_keeps_what_has_expired_and_counts_each_benefit_once() -> None:
    old: Row = {"current_on": "2025-01-10", "baseline_on": "2024-01-01", "benefit_key": "K"}

    assert to_date({}, old) == 1000
    assert to_date({}, old, {"benefit_key": "K", "confidence": "confirmed"}) == 500
    assert to_date({}, old, {"benefit_key": "K", "confidence": "confirmed"}, confidence="confirmed") == 500


def test_how_many_benefits_were_claimed_is_not_known_where_none_was() -> None:
    rows: list[Row] = [{}, {"current_on": "2025-01-10", "baseline_on": "2024-01-01"}, {"benefit_key": "K"}]
    found = outcomes(*rows, {"benefit_key": "K", "confidence": "estimated"})

    assert found.value("claims_to_date", "customer:A1") == 3
    assert found.value("claims_to_date", "customer:A3") is None


def test_a_surer_claim_takes_the_place_of_the_one_before_it_for_good() -> None:
    rows: list[Row] = [
        {"outcome_id": "C", **GOAL, "benefit_key": "K", "current_on": "2025-11-01"},
        {
            "outcome_id": "D",
            **GOAL,
            "benefit_key": "K",
            "confidence": "estimated",
            "current_on": "2025-01-01",
        },
    ]
    table = derived_table("value_claims", {"accounts": ACCOUNTS, "outcomes": rows})
    spans = table.sort_values("from_on")[["outcome_id", "from_on", "until_on", "replaced_on"]]

    assert [[str(cell)[:10] for cell in row] for row in spans.to_numpy()] == [
        ["D", "2025-01-01", "2025-11-01", "2025-11-01"],
        ["C", "2025-11-01", "2026-01-01", "2026-01-01"],
        ["C", "2026-01-01", "2026-11-01", "NaT"],
    ]


def test_a_goal_says_which_evidence_each_of_its_values_has_and_until_when() -> None:
    rows = {
        "accounts": ACCOUNTS,
        "outcomes": [{"outcome_id": "C", **GOAL, "evidence": "E2"}],
        "outcome_values": [{"outcome_id": "C", "measured_on": "2026-08-10", "value": 360, "evidence": "E1"}],
    }
    table = derived_table("goals", rows)

    assert table["evidence"].tolist() == ["E2", "E1", "E2"]
    assert table["is_measured"].tolist() == [False, True, True]
    assert [str(day)[:10] for day in table["expires_on"]] == ["2027-01-01", "2027-08-10", "2027-09-20"]


def test_who_confirmed_is_named_where_it_is_a_contact_of_the_same_customer() -> None:
    contacts: list[Row] = [
        {"contact_id": "K1", "account_id": "A2", "name": "Bai"},
        {"contact_id": "K3", "account_id": "A3", "name": "Weidthal"},
    ]
    said = ("K1", "K3", "J. Doe", None)
    rows: list[Row] = [{"outcome_id": f"C{at}", **GOAL, "confirmed_by": each} for at, each in enumerate(said)]
    for name in ("goals", "value_claims"):
        table = derived_table(name, {"accounts": ACCOUNTS, "contacts": contacts, "outcomes": rows})
        found = table.drop_duplicates("outcome_id")["confirmed_by"]
        assert [each if isinstance(each, str) else None for each in found] == ["Bai", None, "J. Doe", None]


ACTION: Row = {
    "account_id": "A1",
    "side": "ours",
    "due_on": "2026-09-10",
    "status": "open",
    "is_client_visible": True,
}


def actions(*rows: Row, **more: Any) -> Engine:
    early = {"due_on": "2026-01-10", "done_on": "2026-01-09"}
    made = [{"action_id": f"X{number}", **ACTION, **row} for number, row in enumerate([early, *rows])]
    tables: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "actions": made,
        "orders": [{"order_id": "O", "account_id": "A3", "ordered_on": "2025-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    return engine(tables, **more)


@pytest.mark.parametrize(
    ("cells", "state"),
    [
        ({"done_on": "2026-09-10"}, "kept"),
        ({"done_on": "2026-09-11"}, "late"),
        ({"done_on": "2026-10-02"}, "overdue"),
        ({}, "overdue"),
        ({"status": "Dropped"}, "dropped"),
        ({"status": "dropped", "done_on": "2026-09-01"}, "kept"),
        ({"due_on": "2026-10-10"}, "open"),
        ({"due_on": "2026-10-10", "done_on": "2026-09-10"}, "kept"),
    ],
)
def test_a_commitment_is_kept_late_dropped_overdue_or_open(cells: Row, state: str) -> None:
    table = derived_table(
        "commitments", {"accounts": ACCOUNTS, "actions": [{"action_id": "X", **ACTION, **cells}]}
    )

    assert table["state"].tolist() == [state]


@pytest.mark.parametrize(
    "cells", [{"is_client_visible": False}, {"is_client_visible": None}, {"due_on": None}]
)
def test_what_the_client_may_not_see_is_no_commitment(cells: Row) -> None:
    table = derived_table(
        "commitments", {"accounts": ACCOUNTS, "actions": [{"action_id": "X", **ACTION, **cells}]}
    )

    assert table.empty


def test_commitments_are_counted_by_side() -> None:
    done = {"done_on": "2026-09-09"}
    found = actions(
        done, done, {}, {"status": "dropped"}, {**done, "side": "client"}, {"due_on": "2026-11-01"}
    )
    names = ("commitments_kept", "commitments_late", "commitments_dropped", "commitments_open")

    assert [found.value(name, "account:A1") for name in names] == [3, 1, 1, 2]
    assert found.value("commitments_kept_share", "account:A1") == 3 / 5
    assert value(found, "commitments_kept_share", "account:A1", "side", "client") == 1


def test_since_when_a_commitment_is_open_is_not_known() -> None:
    found = actions({"due_on": "2026-11-01"})

    assert not found.evaluator.facts("account", found.window("month")).before.promises_open.known.any()


def test_an_unfinished_month_knows_what_is_done_so_far() -> None:
    rows = {"accounts": ACCOUNTS, "actions": [{"action_id": "X", **ACTION, "done_on": "2026-09-09"}]}

    assert derived_table("commitments", rows, as_of=date(2026, 9, 8))["state"].tolist() == ["open"]


@pytest.mark.parametrize("metric", ["goal_progress", "value_realised", "commitments_kept_share"])
def test_a_sidecar_counts_the_rows_behind_a_figure(metric: str) -> None:
    breakdown = {"goal_progress": "goal=1", "value_realised": "confidence=measured"}.get(metric, "")
    found = actions({}) if metric.startswith("commit") else outcomes({})

    assert sum(each["rows"] for each in facts_of(metric, found.window("month"), breakdown, found.facts)) > 0
