from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from pipeline import store
from pipeline.compute import compute
from pipeline.errors import DataError, UsageError
from tests.engines import engine
from tests.runs import Rows, computed, context_for, reading, readings, write_accepted

Row = dict[str, object]
BEFORE, NOW = "2024-10-05", "2025-10-05"
"""A day in the twelve months before the last twelve, and one in them; the window ends with March 2026."""


def sale(number: str, account: str, on: str, net: object) -> tuple[Row, Row]:
    order = {"order_id": f"{account}-{number}", "account_id": account, "ordered_on": on}
    return order, {"order_id": f"{account}-{number}", "line_no": 1, "net_amount": net}


def invoice(account: str, on: str, gross: object, number: str = "") -> Row:
    return {
        "invoice_id": f"{account}{number}-{on}",
        "account_id": account,
        "issued_on": on,
        "gross_amount": gross,
    }


def payment(account: str, invoiced_on: str, on: str, amount: object) -> Row:
    return {
        "payment_id": f"{account}-{on}",
        "invoice_id": f"{account}-{invoiced_on}",
        "paid_on": on,
        "amount": amount,
    }


def answers(account: str, satisfied: int, others: int) -> list[Row]:
    return [
        {"survey_id": f"{account}-{at}", "account_id": account, "kind": "csat", "answered_on": "2026-03-05",
         "score": 5 if at < satisfied else 1}
        for at in range(satisfied + others)
    ]  # fmt: skip


def vectors() -> Rows:
    """One company in which every published vector has an account, a group or an industry of its own."""
    industries = {"gross": "AB", "net": "CD", "growth": "EF"}
    old, new = [f"old{at:03}" for at in range(200)], [f"new{at:02}" for at in range(40)]
    sales = [
        sale("0", "history", "2022-01-05", 1),
        sale("1", "kept", BEFORE, 5), sale("2", "kept", NOW, 5), sale("1", "lapsed", BEFORE, 5),
        *(sale("1", name, BEFORE, 1) for name in old),
        *(sale("1", name, NOW, 1) for name in new),
        sale("1", "A", BEFORE, 100), sale("2", "A", NOW, 150), sale("1", "B", BEFORE, 100), sale("2", "B", NOW, 40),
        sale("1", "C", BEFORE, 8000), sale("2", "C", NOW, 9500), sale("1", "D", BEFORE, 2000), sale("2", "D", NOW, 1500),
        sale("1", "E", BEFORE, 100), sale("2", "E", NOW, 300), sale("1", "F", BEFORE, 1000), sale("2", "F", NOW, 2000),
    ]  # fmt: skip
    accounts: list[Row] = [
        {"account_id": "euro", "name": "e", "currency": "EUR"},
        *(
            {"account_id": name, "name": name, "industry": "retention", "parent_id": "parent"}
            for name in ("kept", "lapsed")
        ),
        {"account_id": "parent", "name": "p", "industry": "retention"},
        *({"account_id": name, "name": name, "industry": "new"} for name in (*old, *new)),
        *(
            {"account_id": name, "name": name, "industry": industry}
            for industry, names in industries.items()
            for name in names
        ),
        *({"account_id": name, "name": name} for name in ("history", "dso", "count", "c15", "c4", "c1200")),
    ]
    return {
        "accounts": accounts,
        "fx": [
            {"rate_on": "2025-12-01", "currency": "EUR", "to_currency": "CNY", "rate": "7.80"},
            {"rate_on": "2026-02-20", "currency": "EUR", "to_currency": "CNY", "rate": "7.60"},
        ],
        "orders": [order for order, _ in sales],
        "order_lines": [line for _, line in sales],
        "invoices": [
            invoice("history", "2024-12-05", 1),
            invoice("dso", "2026-01-15", 5538), invoice("dso", "2026-02-15", 4566), invoice("dso", "2026-03-15", 7570),
            invoice("count", "2026-01-15", 70_000), invoice("count", "2026-02-15", 80_000),
            invoice("count", "2026-03-15", 100_000), invoice("euro", "2026-02-10", 100),
        ],
        "payments": [
            payment("history", "2024-12-05", "2024-12-06", 1),
            payment("dso", "2026-01-15", "2026-03-20", 5538 + 4566 + 7570 - 10_869),
            payment("count", "2026-01-15", "2026-03-20", 38_000),
            payment("euro", "2026-02-10", "2026-02-25", 100),
        ],
        "surveys": [*answers("c15", 13, 2), *answers("c4", 4, 0), *answers("c1200", 960, 240)],
    }  # fmt: skip


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    return computed(tmp_path_factory.mktemp("vectors") / "2026-03", vectors(), period="2026-03")


@pytest.mark.parametrize(
    ("metric", "subject", "window", "value", "tolerance"),
    [
        ("dso_simple", "account:dso", "month", 55.35, 0.005),
        ("dso_countback", "account:count", "month", 73.17, 0.005),
        ("account_retention", "industry:retention", "t12m", 0.5, 1e-12),
        ("customer_retention", "industry:retention", "t12m", 1.0, 1e-12),
        ("new_customer_rate", "industry:new", "t12m", 0.2, 1e-12),
        ("gross_revenue_retention", "industry:gross", "t12m", 0.7, 1e-12),
        ("net_revenue_retention", "industry:gross", "t12m", 0.95, 1e-12),
        ("net_revenue_retention", "industry:net", "t12m", 1.1, 1e-12),
        ("gross_revenue_retention", "industry:net", "t12m", 0.95, 1e-12),
        ("sales_growth", "account:E", "t12m", 2.0, 1e-12),
        ("sales_growth", "account:F", "t12m", 1.0, 1e-12),
        ("sales_growth", "industry:growth", "t12m", 1200 / 1100, 1e-12),
        ("csat", "account:c15", "month", 13 / 15, 1e-12),
        ("csat", "account:c1200", "month", 0.8, 1e-12),
    ],
)
def test_a_published_vector_is_read_from_its_rows(
    told: pd.DataFrame, metric: str, subject: str, window: str, value: float, tolerance: float
) -> None:
    assert reading(told, metric, subject, window)["value"] == pytest.approx(value, abs=tolerance)


@pytest.mark.parametrize("currency", ["CNY", "EUR"])
def test_euros_paid_in_full_leave_no_receivable_in_either_currency(told: pd.DataFrame, currency: str) -> None:
    assert reading(told, "receivables", "account:euro", "quarter", currency=currency)["value"] == 0.0


def test_euros_invoiced_at_7_80_and_paid_at_7_60_have_a_currency_effect_of_minus_20(
    told: pd.DataFrame,
) -> None:
    effects = {
        currency: reading(told, "currency_effect", "account:euro", "quarter", currency=currency)["value"]
        for currency in ("CNY", "EUR")
    }

    assert effects == {"CNY": -20.0, "EUR": 0.0}


@pytest.mark.parametrize(
    ("account", "low", "high"), [("c15", 0.621, 0.963), ("c4", 0.510, 1.0), ("c1200", 0.776, 0.822)]
)
def test_satisfaction_is_read_with_its_interval(
    told: pd.DataFrame, account: str, low: float, high: float
) -> None:
    row = reading(told, "csat", f"account:{account}", "month")

    assert (row["low"], row["high"]) == (pytest.approx(low, abs=0.0005), pytest.approx(high, abs=0.0005))


SMALL: dict[str, list[Row]] = {
    "accounts": [
        {"account_id": "A", "name": "甲", "owner_id": "M1", "industry": "food", "locale": "zh-Hans"},
        {"account_id": "B", "name": "乙", "parent_id": "A"},
        {"account_id": "C", "name": "丙", "owner_id": "M9"},
    ],
    "managers": [{"manager_id": "M1", "name": "经理"}, {"manager_id": "M2", "name": "二"}],
    "assignments": [
        {"account_id": "A", "manager_id": "M2", "role": "owner", "from_on": "2026-09-30"},
        {
            "account_id": "A",
            "manager_id": "M1",
            "role": "owner",
            "from_on": "2020-01-01",
            "to_on": "2026-09-30",
        },
    ],
    "orders": [
        {"order_id": "O1", "account_id": "A", "ordered_on": "2026-09-01"},
        {"order_id": "O2", "account_id": "B", "ordered_on": "2026-09-02"},
        {"order_id": "O3", "ordered_on": "2026-09-03"},
    ],
    "order_lines": [
        {"order_id": "O1", "line_no": 1, "net_amount": 5},
        {"order_id": "O2", "line_no": 1, "net_amount": 7},
        {"order_id": "O3", "line_no": 1, "net_amount": 11},
    ],
}


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = tmp_path_factory.mktemp("small") / "2026-09"
    computed(run, SMALL)
    return run


def test_facts_are_kept_with_their_account_customer_and_sources(small: Path) -> None:
    parts = sorted((small / "facts" / "sales.parquet").glob("part-*.parquet"))
    rows = pd.concat([pd.read_parquet(each) for each in parts])

    assert sorted(zip(rows["account_id"], rows["customer_id"], strict=True)) == [
        ("A", "A"),
        ("B", "A"),
        ("~", "~"),
    ]
    assert rows["_from"].str.startswith("order_lines:").all()


def test_a_group_lies_in_one_part(small: Path) -> None:
    customers = [
        set(pd.read_parquet(each)["customer_id"])
        for each in (small / "facts" / "sales.parquet").glob("*.parquet")
    ]

    assert sum("A" in each for each in customers) == 1


def test_a_customer_is_listed_with_its_owner_on_the_as_of_date(small: Path) -> None:
    rows = pd.read_parquet(small / "facts" / "customers.parquet").set_index("customer_id")

    assert rows.index.tolist() == ["A", "C"]
    assert rows.loc["A", ["owner_id", "owner_name", "language", "currency"]].tolist() == [
        "M2",
        "二",
        "zh-Hans",
        "CNY",
    ]
    assert rows.loc["C", "owner_id"] == "M9"
    assert pd.isna(rows.loc["C", "owner_name"])


def test_the_stage_says_what_it_read_and_wrote(small: Path) -> None:
    said = json.loads((small / "facts" / "done.json").read_text(encoding="utf-8"))

    assert said["schema"] == 1
    assert "readings.parquet" in said["wrote"]
    assert said["wrote"]["readings.parquet"] == store.sha256_of_file(small / "readings.parquet")


def test_computing_again_changes_nothing_and_says_so(tmp_path: Path) -> None:
    run = tmp_path / "2026-09"
    computed(run, SMALL)
    before = (run / "readings.parquet").stat().st_mtime_ns

    compute(context_for(run))

    assert (run / "readings.parquet").stat().st_mtime_ns == before
    lines = [json.loads(line) for line in (run / "log.jsonl").read_text().splitlines()]
    assert [line["event"] for line in lines if line["level"] == "info"] == ["done", "unchanged"]
    compute(context_for(run, company={"currency": "EUR"}))
    assert (run / "readings.parquet").stat().st_mtime_ns != before


def test_rows_in_quarantine_do_not_count(tmp_path: Path) -> None:
    run = tmp_path / "2026-09"
    write_accepted(run, SMALL)
    stored = pd.read_parquet(run / "tables" / "order_lines.parquet")
    bad = pd.DataFrame({"table": "order_lines", "position": stored.index[stored["order_id"] == "O1"]})
    bad.astype({"table": "str"}).to_parquet(run / "quality" / "quarantined.parquet", index=False)

    compute(context_for(run))

    told = readings(run)
    assert reading(told, "net_sales")["value"] == 18.0
    assert reading(told, "net_sales", "account:A")["value"] == 0.0


def test_tables_that_were_not_checked_are_not_computed(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as stopped:
        compute(context_for(tmp_path / "2026-09"))

    assert stopped.value.code == "KB-0203"


def test_a_failed_computation_leaves_what_was_there(tmp_path: Path) -> None:
    run = tmp_path / "2026-09"
    computed(run, SMALL)
    before = (run / "readings.parquet").read_bytes()
    twice = {
        **SMALL,
        "orders": [*SMALL["orders"], {"order_id": "O1", "account_id": "A", "ordered_on": "2026-09-05"}],
    }
    write_accepted(run, twice)

    with pytest.raises(DataError):
        compute(context_for(run))

    assert (run / "readings.parquet").read_bytes() == before
    assert not list(run.glob(".compute*"))


def test_an_amount_too_large_to_be_added_exactly_stops_the_run(tmp_path: Path) -> None:
    huge = [{"order_id": "O1", "line_no": number, "net_amount": 4 * 10**14} for number in (1, 2)]

    with pytest.raises(DataError) as stopped:
        computed(tmp_path / "2026-09", {**SMALL, "order_lines": huge})

    assert stopped.value.code == "KB-1290"


def test_an_unfinished_month_is_read_up_to_its_date(tmp_path: Path) -> None:
    told = computed(tmp_path / "2026-09-02", SMALL, as_of=date(2026, 9, 2))

    assert reading(told, "net_sales")["value"] == 12.0
    assert set(told["period"]) >= {"2026-09-02", "2026Q3-to-2026-09-02"}


def test_a_company_whose_exports_begin_earlier_than_their_rows_may_say_so() -> None:
    stated: dict[str, Any] = {"company": {"history_from": "2024-01-01"}}

    assert engine(SMALL).value("net_sales", "portfolio:all", "t12m") is None
    assert engine(SMALL, **stated).value("net_sales", "portfolio:all", "t12m") == 23.0


def test_only_some_workers_more_change_nothing(
    tmp_path: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = tmp_path / "2026-09"
    write_accepted(run, SMALL)
    monkeypatch.setattr("pipeline.compute._WORTH_WORKERS", 0)

    compute(replace(context_for(run), jobs=2))

    assert store.sha256_of_file(run / "readings.parquet") == store.sha256_of_file(small / "readings.parquet")
