from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pandas as pd
import pytest

from pipeline.catalogue import catalogue
from pipeline.context import Context
from pipeline.derived import Inputs
from pipeline.derived.pay_statement import statement
from pipeline.engine.prepare import prepared
from pipeline.errors import SettingsError
from pipeline.explain import explained
from pipeline.gate.quality import accepted
from pipeline.metrics import METRICS
from pipeline.policy import Policy
from pipeline.rules.pay import PayPlanRule
from pipeline.schema import TABLES
from pipeline.sections import Section, check
from tests.demos import computed_demo, demo_readings
from tests.plain_pay import Plan, Sold, commission, invoiced
from tests.runs import reading

PAY = sorted(name for name, metric in METRICS.all().items() if metric.theme == "pay")
UNTIL = date(2026, 10, 1)
Tables = Mapping[str, pd.DataFrame]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Context:
    return computed_demo(tmp_path_factory)


@pytest.fixture(scope="module")
def table(demo: Context) -> pd.DataFrame:
    return demo_readings(demo)


@pytest.fixture(scope="module")
def lines(demo: Context) -> pd.DataFrame:
    return pd.read_parquet(demo.run / "facts" / "pay_lines.parquet")


@pytest.fixture(scope="module")
def tables(demo: Context) -> dict[str, pd.DataFrame]:
    names = [name for name in TABLES if (demo.run / "tables" / f"{name}.parquet").is_file()]
    return {name: accepted(demo.run, name) for name in names}


@pytest.fixture(scope="module")
def sold(tables: Tables) -> dict[str, list[Sold]]:
    """What each manager on commission invoiced, in plain loops."""
    return {who: invoiced(tables, who) for who in managers(tables, "commission")}


def managers(tables: Tables, mode: str) -> list[str]:
    rows = tables["managers"]
    return sorted(rows[rows["pay_mode"] == mode]["manager_id"])


def months_of(lines: pd.DataFrame, who: str, part: str, year: int = 2026) -> dict[str, int]:
    rows = lines[(lines["manager_id"] == who) & (lines["part"] == part) & (lines["falls_on"].dt.year == year)]
    rows = rows[rows["amount"].notna()]
    sums = rows["amount"].groupby(rows["falls_on"].dt.strftime("%Y-%m")).sum()
    return {str(month): int(amount) for month, amount in sums.items()}


TIERS = (
    (Fraction(0), Fraction("0.015")),
    (Fraction(1), Fraction("0.025")),
    (Fraction("1.2"), Fraction("0.03")),
)
"""The rates of the built-in plan, the accelerator worked in."""


def test_the_commission_of_every_month_agrees_with_plain_loops(
    tables: Tables, sold: Mapping[str, list[Sold]], lines: pd.DataFrame
) -> None:
    plan = Plan(TIERS, threshold=Fraction("0.2"))
    paid = 0
    for who in managers(tables, "commission"):
        for year in (2025, 2026):
            found = months_of(lines, who, "commission", year)
            assert found == commission(tables, who, sold[who], plan, year, UNTIL)
            paid += sum(found.values())
    assert paid > 0


@pytest.mark.parametrize("plan", [
    Plan(TIERS, is_retroactive=True),
    Plan(TIERS, threshold=Fraction("0.9"), is_retroactive=True),
    Plan(TIERS, cap=200_000_000),
    Plan(TIERS[:1]),
])  # fmt: skip
def test_other_plans_agree_with_plain_loops_too(
    demo: Context, tables: Tables, sold: Mapping[str, list[Sold]], plan: Plan
) -> None:
    terms: dict[str, Any] = {
        "basis": "invoiced", "period": "quarter", "threshold": str(float(plan.threshold)),
        "how": "retroactive" if plan.is_retroactive else "marginal",
        "rates": [{"from_attainment": str(float(start)), "rate": str(float(share))} for start, share in plan.tiers],
        "cap_amount": None if plan.cap is None else plan.cap // 10_000,
    }  # fmt: skip
    lines = under(demo, tables, terms)
    for who in managers(tables, "commission"):
        assert months_of(lines, who, "commission") == commission(tables, who, sold[who], plan, 2026, UNTIL)


def under(demo: Context, tables: Tables, terms: Mapping[str, Any]) -> pd.DataFrame:
    """The demo's pay lines under another plan of commission."""
    rule = PayPlanRule.model_validate(
        {"name": "other", "mode": "commission", "valid_from": date(2000, 1, 1), "commission": terms}
    )
    rules = {name: demo.policy.all(name) for name in demo.policy.as_json()}
    made = Inputs(prepared(tables, "CNY"), Policy(rules | {"pay_plan": (rule,)}), demo.settings, UNTIL)
    return made.made("pay_lines")


def test_the_bases_of_the_lines_are_the_rows_that_were_invoiced(
    tables: Tables, sold: Mapping[str, list[Sold]], lines: pd.DataFrame
) -> None:
    quarter = (lines["part"] == "commission") & (lines["falls_on"] >= pd.Timestamp(2026, 7, 1))
    for who in managers(tables, "commission"):
        mine = lines[quarter & (lines["manager_id"] == who) & (lines["gate"] != "caught_up")]
        first = mine[mine["earned_on"].dt.to_period("M") == mine["falls_on"].dt.to_period("M")]
        rows = {row.source: row.amount for row in sold[who] if date(2026, 7, 1) <= row.day < UNTIL}
        assert first.groupby("_from")["base_amount"].sum().to_dict() == rows


def test_base_salary_and_vesting_agree_with_the_tables(tables: Tables, table: pd.DataFrame) -> None:
    rows = tables["managers"].set_index("manager_id")
    for who, base in rows["base_amount"].items():
        found = reading(table, "base_salary", f"manager:{who}", "ytd")
        assert round(found["value"], 2) == round(int(base) * 9 / 12 / 10_000, 2)
    for grant in tables["grants"].to_dict("records"):
        begins = grant["vest_from_on"]
        elapsed = (2026 - begins.year) * 12 + 9 - begins.month - (begins.day > 30)
        before = (2026 - begins.year) * 12 + 0 - begins.month
        units = int(grant["units"]) // 10_000
        due = units * elapsed // int(grant["vest_months"]) - units * before // int(grant["vest_months"])
        assert reading(table, "equity_vested", f"manager:{grant['manager_id']}", "ytd")["value"] == due
        worth = reading(table, "equity_vested_worth", f"manager:{grant['manager_id']}", "ytd")["value"]
        assert worth == due * int(grant["unit_amount"]) / 10_000


def test_a_bonus_year_to_date_is_the_plans_formula_on_the_readings(
    demo: Context, tables: Tables, table: pd.DataFrame
) -> None:
    [plan] = [rule for rule in demo.policy.all("pay_plan") if rule.bonus]
    measured = 0
    for who in managers(tables, "salary"):
        scored = Decimal(0)
        known = [reading(table, each.metric, f"manager:{who}", "ytd") for each in plan.bonus.measures]
        found = reading(table, "bonus", f"manager:{who}", "ytd")
        if any(pd.isna(each["value"]) for each in known):
            assert pd.isna(found["value"])
            continue
        for each, said in zip(plan.bonus.measures, known, strict=True):
            aim = each.target if each.target is not None else Decimal(str(said["target"]))
            reached = (Decimal(repr(float(said["value"]))) / aim).quantize(Decimal("0.0001"), "ROUND_HALF_UP")
            scored += each.weight * (min(reached, each.cap) if reached >= each.floor else 0)
        base = Decimal(str(reading(table, "base_salary", f"manager:{who}", "ytd")["value"]))
        assert Decimal(str(found["value"])) == (base * plan.bonus.of_base * scored).quantize(
            Decimal("0.01"), "ROUND_HALF_UP"
        )
        measured += 1
    assert measured


def test_the_draft_is_its_parts_and_its_statement(
    tables: Tables, table: pd.DataFrame, lines: pd.DataFrame
) -> None:
    drafted = set()
    for who in tables["managers"]["manager_id"]:
        subject = f"manager:{who}"
        parts = ("base_salary", "bonus", "commission", "commission_clawback")
        for window, first in (("month", date(2026, 9, 1)), ("ytd", date(2026, 1, 1))):
            draft = reading(table, "pay_draft", subject, window)["value"]
            said = statement(lines, who, first, UNTIL).cash["CNY"]
            if said is None:
                assert pd.isna(draft)
                continue
            drafted.add(who)
            assert Decimal(repr(float(draft))).quantize(Decimal("0.01")) == said
            assert draft == pytest.approx(
                sum(reading(table, each, subject, window)["value"] for each in parts)
            )


def test_months_make_the_year_to_date_and_managers_the_portfolio(tables: Tables, table: pd.DataFrame) -> None:
    months = table[(table["window"] == "month") & (table["subject_kind"] == "manager")]
    trend = months[(months["metric"] == "pay_draft") & (months["until_on"] > date(2026, 1, 31))]
    known = trend.groupby("subject_id")["value"].agg(["sum", "size"])
    whole = known[known["size"] == 9]
    assert len(whole) > 1
    for who, total in whole["sum"].items():
        assert total == pytest.approx(reading(table, "pay_draft", f"manager:{who}", "ytd")["value"], abs=1e-6)
    for metric in ("base_salary", "commission", "bonus", "equity_vested"):
        last = months[(months["metric"] == metric) & (months["until_on"] == UNTIL)]
        if last["value"].isna().any():
            assert pd.isna(reading(table, metric)["value"])
            continue
        assert last["value"].sum() == pytest.approx(reading(table, metric)["value"])


def test_pay_against_budget_is_the_draft_over_the_budget(tables: Tables, table: pd.DataFrame) -> None:
    budgets = tables["budgets"]
    september = (budgets["kind"] == "pay") & (budgets["month_on"] == pd.Timestamp(2026, 9, 1))
    for who in tables["managers"]["manager_id"]:
        planned = int(budgets[september & (budgets["subject_id"] == who)]["amount"].sum()) / 10_000
        draft = reading(table, "pay_draft", f"manager:{who}")["value"]
        used = reading(table, "pay_budget_used", f"manager:{who}")["value"]
        assert used == pytest.approx(draft / planned, nan_ok=True)


def test_a_pay_figure_is_explained_by_its_lines_and_their_rows(demo: Context, tables: Tables) -> None:
    who = managers(tables, "commission")[0]

    found = explained(demo, f"commission/manager:{who}/month/2026-09", with_rows=True)

    [fact] = [each for each in found["facts"] if each["name"] == "commission_amount"]
    assert fact["rows"] > 0
    assert sum(Decimal(str(each["amount"])) for each in fact["evidence"]) == Decimal(str(found["value"]))
    places = {place for each in fact["evidence"] for place in each["from"]}
    assert all(":" in place and "invoices:" not in place for place in places)


def test_every_figure_about_pay_is_for_the_few() -> None:
    assert len(PAY) == 8
    assert {METRICS.get(name).audience for name in PAY} == {"restricted"}
    assert {kind for name in PAY for kind in METRICS.get(name).subjects} == {"manager", "team", "portfolio"}


@pytest.mark.parametrize("name", PAY)
@pytest.mark.parametrize("audience", ["client", "internal"])
def test_a_section_that_others_read_cannot_ask_for_pay(name: str, audience: str) -> None:
    asks = Section("kinds", "Kinds", audience, (name,), (), (), lambda view: None)

    with pytest.raises(SettingsError) as caught:
        check(asks, audience, catalogue())

    assert caught.value.code == "KB-1046"
    check(replace(asks, audience="restricted"), "restricted", catalogue())


def test_no_line_of_pay_stands_under_a_customer(
    demo: Context, table: pd.DataFrame, lines: pd.DataFrame
) -> None:
    assert set(lines["account_id"]) == set(lines["customer_id"]) == {"~"}
    told = table[table["metric"].isin(PAY)]
    assert set(told["audience"]) == {"restricted"}
    assert set(told["subject_kind"]) <= {"manager", "team", "portfolio"}
    assert not (demo.run / "facts" / "commission_lines.parquet").exists()
