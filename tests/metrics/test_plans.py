"""Account plans: objectives held against the readings of their accounts, who has a plan, and whether it is worked on."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.actuals import measured_by, window_of
from pipeline.policy import load_policy
from pipeline.resources import built_in
from tests.runs import computed, reading

Row = dict[str, Any]
YEAR_END = "2026-12-31"


def plan(number: int, metric: str | None, target: float, **more: Any) -> Row:
    return {
        "plan_id": f"P{number}", "account_id": "A", "objective": "o", "metric": metric, "target": target,
        "due_on": YEAR_END, **more,
    }  # fmt: skip


def company(plans: list[Row], **more: Any) -> dict[str, Any]:
    """A sells 100 a month at a margin of 30 % this year and last; B buys once."""
    months = [
        date(year, month, 5) for year in (2025, 2026) for month in range(1, 13) if (year, month) < (2026, 10)
    ]
    orders = [{"order_id": f"O{day:%Y%m}", "account_id": "A", "ordered_on": day} for day in months]
    return {
        "accounts": [
            {"account_id": "A", "name": "a", "owner_id": "M", "signed_on": "2020-01-01"},
            {"account_id": "B", "name": "b", "owner_id": "M", "signed_on": "2020-01-01"},
        ],
        "managers": [{"manager_id": "M", "name": "m"}],
        "orders": [*orders, {"order_id": "B", "account_id": "B", "ordered_on": "2026-03-03"}],
        "order_lines": [
            {"order_id": each, "line_no": 1, "net_amount": 100, "cost_amount": 70, "quantity": 1}
            for each in [*(order["order_id"] for order in orders), "B"]
        ],
        "plans": plans,
        **more,
    }


def objectives(run: Path) -> pd.DataFrame:
    parts = [
        pd.read_parquet(path) for path in sorted((run / "facts" / "objectives.parquet").glob("*.parquet"))
    ]
    return pd.concat(parts).set_index("plan_id").sort_index()


CASES: tuple[tuple[str, Row, str, str], ...] = (
    ("an amount below the days gone by", plan(0, "net_sales", 1300), "measured", "behind"),
    ("an amount on the days gone by", plan(0, "net_sales", 1200), "measured", "on_the_way"),
    ("an amount reached before its day", plan(0, "net_sales", 900), "measured", "met"),
    ("an amount of a year gone by", plan(0, "net_sales", 1200, due_on="2025-12-31"), "measured", "met"),
    ("an amount missed", plan(0, "net_sales", 1201, due_on="2025-12-31"), "measured", "missed"),
    ("a rate reached, still to be kept", plan(0, "gross_margin", 0.3), "measured", "on_the_way"),
    ("a rate without a baseline, not reached", plan(0, "gross_margin", 0.31), "measured", "behind"),
    ("a rate ahead of its path", plan(0, "gross_margin", 0.32, baseline=0.2), "measured", "on_the_way"),
    ("a rate behind its path", plan(0, "gross_margin", 0.5, baseline=0.2), "measured", "behind"),
    ("a rate on its day", plan(0, "gross_margin", 0.3, due_on="2026-09-30"), "measured", "met"),
    (
        "less is better where the target lies below",
        plan(0, "gross_margin", 0.2, baseline=0.31),
        "measured",
        "behind",
    ),
    ("a metric that there is not, in words", plan(0, "sites", 9, status="on_track"), "stated", "on_the_way"),
    ("in words, at risk", plan(0, "sites", 9, status="At risk"), "stated", "behind"),
    ("in words, past its day", plan(0, "sites", 9, status="open", due_on="2026-08-31"), "stated", "missed"),
    ("in words, done", plan(0, "sites", 9, status="done", due_on="2026-08-31"), "stated", "met"),
    ("no metric and no word", plan(0, None, 9), "stated", "unknown"),
    ("a metric of which nothing is known", plan(0, "csat", 0.9), "stated", "unknown"),
    ("dropped, whatever its figure", plan(0, "net_sales", 1, status="cancelled"), "measured", "dropped"),
    ("an amount whose year has not begun", plan(0, "net_sales", 1, due_on="2027-12-31"), "stated", "unknown"),
)


@pytest.fixture(scope="module")
def every(tmp_path_factory: pytest.TempPathFactory) -> tuple[pd.DataFrame, pd.DataFrame]:
    """One run with all cases: their objectives, and its readings."""
    plans = [{**row, "plan_id": f"P{at:02}"} for at, (_said, row, _basis, _state) in enumerate(CASES)]
    run = tmp_path_factory.mktemp("plans")
    table = computed(run, company(plans))
    return objectives(run), table


@pytest.mark.parametrize("at", range(len(CASES)), ids=[said for said, *_ in CASES])
def test_how_an_objective_stands(at: int, every: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    found = every[0].loc[f"P{at:02}"]
    _said, _row, basis, state = CASES[at]

    assert (found["basis"], found["state"]) == (basis, state)


def test_the_actual_is_the_accounts_reading(every: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    rows, table = every

    assert rows.loc["P00", "actual"] == reading(table, "net_sales", "account:A", "ytd")["value"] * 10_000
    assert pd.isna(rows.loc["P11", "actual"])


def test_alignment_counts_what_can_be_told(every: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    states = [state for *_, state in CASES]
    told = [state for state in states if state not in ("unknown", "dropped")]
    good = [state for state in told if state in ("met", "on_the_way")]
    found = reading(every[1], "plan_alignment", "manager:M")

    assert found["value"] == len(good) / len(told)
    assert found["n"] == len(told)
    for name in ("met", "on_the_way", "behind", "missed"):
        assert reading(every[1], f"plan_objectives_{name}", "portfolio:all")["value"] == states.count(name)
    assert reading(every[1], "plan_objectives_untold", "portfolio:all")["value"] == states.count("unknown")


def test_what_is_measured_is_told_apart_from_what_is_stated(every: tuple[pd.DataFrame, pd.DataFrame]) -> None:
    parts = [
        reading(every[1], "plan_objectives_met", "portfolio:all", breakdown=f"basis={basis}")["value"]
        for basis in ("measured", "stated")
    ]

    assert parts == [sum(each[2:] == (basis, "met") for each in CASES) for basis in ("measured", "stated")]


def test_a_plan_is_as_old_as_what_was_last_done_on_it(tmp_path: Path) -> None:
    done: Row = {
        "action_id": "X1",
        "account_id": "A",
        "plan_id": "P1",
        "due_on": "2026-09-01",
        "done_on": "2026-08-31",
    }
    actions: list[Row] = [
        done,
        {**done, "action_id": "X2", "due_on": "2026-09-02", "done_on": "2026-09-20"},
        {**done, "action_id": "X3", "plan_id": None, "done_on": "2026-09-29"},
        {**done, "action_id": "X4", "due_on": "2026-09-10", "done_on": None},
        {**done, "action_id": "X5", "due_on": "2026-09-10", "done_on": None, "status": "dropped"},
    ]
    activities: list[Row] = [
        {"activity_id": "V1", "account_id": "A", "kind": "review", "held_on": "2026-09-10", "status": "held"},
        {"activity_id": "V2", "account_id": "A", "kind": "visit", "held_on": "2026-09-28", "status": "held"},
        {
            "activity_id": "V3",
            "account_id": "A",
            "kind": "review",
            "held_on": "2026-09-28",
            "status": "cancelled",
        },
    ]
    plans = [
        plan(1, "sites", 9),
        plan(2, "sites", 9, account_id="B"),
        plan(3, "sites", 1, due_on="2026-09-29"),
    ]
    table = computed(tmp_path, company(plans, actions=actions, activities=activities))

    assert reading(table, "plan_freshness", "manager:M")["value"] == 10
    assert reading(table, "plans_untouched", "manager:M")["value"] == 1
    done_in_time = reading(table, "plan_actions_done", "account:A")
    assert (done_in_time["numerator"], done_in_time["denominator"]) == (1, 3)


# What an objective is read over


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("net_sales", ("net_sales", ("", ""))),
        (" csat ", ("csat", ("", ""))),
        ("otif_orders", ("otif_orders", ("basis", "first_promised"))),
        ("otif_orders[basis=requested]", ("otif_orders", ("basis", "requested"))),
        ("otif_orders[unit=kg]", None),
        ("customer_class", None),
        ("sales_attainment", None),
        ("seats", None),
        ("", None),
    ],
)
def test_which_metric_measures_an_objective(named: str, found: tuple[str, tuple[str, str]] | None) -> None:
    policy = load_policy(built_in("data"))
    measured = measured_by(named, policy)

    assert (measured and (measured[0].name, measured[1])) == found


@given(st.dates(date(2020, 1, 1), date(2032, 1, 1)), st.integers(1, 12), st.booleans())
def test_nothing_is_read_after_the_run_or_after_the_month_in_which_it_was_due(
    due_on: date,
    fiscal_start: int,
    adds_up: bool,
) -> None:
    until_on = date(2026, 10, 1)
    window = window_of(due_on, until_on, fiscal_start, adds_up=adds_up)
    if window is None:
        assert adds_up
        assert due_on >= until_on
        return

    assert window.from_on < window.until_on <= until_on
    assert window.from_on.month == fiscal_start
    assert (window.until_on - window.from_on).days <= 366
    assert window.until_on == until_on or (window.until_on.year, window.until_on.month) == (
        due_on.year + due_on.month // 12,
        due_on.month % 12 + 1,
    )
