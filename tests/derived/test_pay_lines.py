from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived.pay_lines import attainment, vested
from pipeline.derived.pay_statement import statement
from pipeline.rules.pay import PayPlanRule
from tests.payrolls import (
    FLAT,
    Row,
    by_month,
    commission,
    company,
    inputs,
    manager,
    of_part,
    order,
    pay,
    plan,
)

SALARY = plan("salary", base_salary=True)
MEASURES = [
    {"metric": "sales_attainment", "weight": "0.6", "target": 1, "floor": "0.7", "cap": "1.5"},
    {"metric": "turnover_days", "weight": "0.4", "cap": "1.2"},
]
BONUS = plan("salary", base_salary=True, bonus={"of_base": "0.25", "measures": MEASURES})


def salaried(**cells: object) -> dict[str, Sequence[Row]]:
    return company(managers=[manager("M1", "salary", **{"base_amount": 120_000, **cells})])


def test_a_twelfth_of_the_base_is_paid_each_month() -> None:
    found = by_month(pay(salaried(), SALARY), "base_salary")

    assert list(found.items()) == [(f"2026-{month:02}", 10_000.0) for month in range(1, 10)]


@settings(max_examples=15)
@given(st.integers(0, 10_000_000))
def test_the_twelve_months_of_a_year_make_its_base_to_the_cent(cents: int) -> None:
    found = inputs(salaried(base_amount=f"{Decimal(cents) / 100}"), SALARY, period="2026").made("pay_lines")

    assert len(found) == 12
    assert int(found["amount"].sum()) == cents * 100
    assert int(found["amount"].max() - found["amount"].min()) in (0, 100)


def test_who_comes_or_leaves_within_a_month_is_paid_by_its_days() -> None:
    found = by_month(pay(salaried(hired_on="2026-06-16", left_on="2026-08-02"), SALARY), "base_salary")

    assert found == {"2026-06": 5_000.0, "2026-07": 10_000.0, "2026-08": 322.58}


def test_a_manager_without_a_mode_of_pay_has_no_line_and_one_without_a_plan_an_unknown_one() -> None:
    assert pay(company(managers=[manager("M1", None)]), SALARY).empty
    for rows, gate in (
        (company(managers=[manager("M1", "commission")]), "no_plan"),
        (company(managers=[manager("M1", "salary")]), "not_known"),
    ):
        found = pay(rows, SALARY)
        assert set(found["gate"]) == {gate}
        assert found["amount"].isna().all()


def test_a_plan_without_a_base_pays_none() -> None:
    found = pay(company(managers=[manager(base_amount=120_000)]), commission(rates=FLAT))

    assert set(found["gate"]) == {"no_base"}
    assert found["amount"].sum() == 0


def figure(
    month: int, metric: str, value: float | None, target: float | None = None, better: str = "higher"
) -> Row:
    return {
        "metric": metric, "breakdown": "", "manager_id": "M1", "until_on": pd.Timestamp(2026, month + 1, 1),
        "value": value, "target": target, "better": better,
    }  # fmt: skip


def reached(month: int, attained: float | None, days: float | None) -> list[Row]:
    """What both measures say at a month's end; turnover should take 60 days."""
    return [
        figure(month, "sales_attainment", attained),
        figure(month, "turnover_days", days, 60.0, "lower"),
    ]


def bonuses(
    *figures: Sequence[Row], rule: PayPlanRule = BONUS, period: str = "2026-03", **cells: Any
) -> pd.DataFrame:
    """The bonus lines of M1, whose base is 10 000 a month."""
    known = pd.DataFrame([row for rows in figures for row in rows])
    made = replace(inputs(salaried(**cells), rule, period=period), figures=known, _made={})
    lines = made.made("pay_lines")
    return of_part(lines.assign(amount=lines["amount"] / 10_000), "bonus")


def test_a_bonus_is_base_earned_times_share_times_weighted_attainment() -> None:
    found = bonuses(reached(1, 1.1, 50.0), period="2026-01")

    said = found[["measure", "attainment_pct", "weight_pct", "cap_pct", "rate", "gate", "amount"]]
    assert said.to_numpy().tolist() == [
        ["sales_attainment", 11_000, 6000, 15_000, "0.25", "paid", 1650.0],
        ["turnover_days", 12_000, 4000, 12_000, "0.25", "paid", 1200.0],
    ]


def test_attainment_is_capped_and_counts_nothing_below_its_floor() -> None:
    found = bonuses(reached(1, 0.6999, 40.0), period="2026-01")

    assert found[["gate", "amount"]].to_numpy().tolist() == [["below_threshold", 0.0], ["capped", 1200.0]]


def test_a_month_is_the_year_to_date_less_what_was_given_before() -> None:
    found = bonuses(reached(1, 1.0, 60.0), reached(2, 1.2, 60.0), reached(3, 0.8, 60.0))

    assert found.groupby("falls_on")["amount"].sum().tolist() == [2500.0, 3100.0, 1000.0]
    assert found["amount"].sum() == 30_000 * 0.25 * (0.6 * 0.8 + 0.4 * 1.0)


def test_a_month_that_cannot_be_measured_waits_and_is_caught_up() -> None:
    found = bonuses(reached(1, 1.0, None), reached(2, None, None), reached(3, 1.0, 60.0))

    assert found["gate"].tolist() == ["not_measured", "not_measured", "paid", "paid"]
    assert found["until_on"].tolist()[:2] == [pd.Timestamp(2026, 3, 31)] * 2
    assert found["amount"].tolist() == [0.0, 0.0, 4500.0, 3000.0]


def test_a_year_that_ends_without_a_measure_has_no_amount() -> None:
    found = bonuses(*(reached(month, 1.0, 60.0) for month in range(1, 11)), period="2026")

    assert found["gate"].tolist()[-2:] == ["not_measured"] * 2
    assert found["amount"].isna().tolist()[-2:] == [False, True]
    left = bonuses(reached(1, 1.0, 60.0), left_on="2026-03-01")
    assert left["amount"].isna().tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("value", "target", "better", "found"),
    [
        (0.12345, 1, "higher", 1235),
        (0.12344, 1, "higher", 1234),
        (30.0, 60.0, "lower", 20_000),
        (0.0, 60.0, "lower", None),
        (5.0, 0.0, "higher", None),
        (-0.5, 1, "higher", -5000),
    ],
)
def test_attainment_is_judged_to_a_hundredth_of_a_per_cent(
    value: float, target: float, better: str, found: int | None
) -> None:
    assert attainment(value, target, better) == found


CENTS = st.integers(1, 3_000_000)
ATTAINED = st.one_of(st.none(), st.floats(0, 3))


@settings(max_examples=15)
@given(CENTS, st.lists(ATTAINED, min_size=3, max_size=3))
def test_bonus_lines_add_up_to_the_year_to_date_to_the_cent(cents: int, attained: list[float | None]) -> None:
    shown = [reached(month, each, 60.0) for month, each in enumerate(attained, start=1)]
    found = bonuses(*shown, base_amount=f"{Decimal(cents) / 100}")

    assert ((found["amount"] * 100).round(6) % 1 == 0).all()
    for month, each in enumerate(attained, start=1):
        if each is None:
            continue
        points = attainment(each, 1, "higher")
        assert points is not None
        scored = Decimal(min(points, 15_000) if points >= 7000 else 0) / 10_000 * Decimal("0.6") + Decimal(
            "0.4"
        )
        base = sum(sorted([cents // 12 + (at < cents % 12) for at in range(12)], reverse=True)[:month])
        due = (Decimal(base) / 4 * scored).quantize(Decimal(1), "ROUND_HALF_UP")
        paid = found[found["falls_on"].dt.month <= month]["amount"].sum()
        assert round(paid * 100) == int(due)


GRANT: Row = {
    "manager_id": "M1", "granted_on": "2025-02-01", "units": 1200, "vest_from_on": "2025-02-28", "vest_months": 48,
    "cliff_months": 12, "unit_amount": "18.50",
}  # fmt: skip


def test_1200_units_in_48_months_with_a_cliff_of_12() -> None:
    assert [vested(1200, 48, 12, month) for month in (0, 11, 12, 13, 47, 48, 60)] == [
        0,
        0,
        300,
        325,
        1175,
        1200,
        1200,
    ]


@given(st.integers(0, 10_000), st.integers(1, 60), st.integers(0, 24))
def test_units_vest_month_by_month_until_all_have(units: int, months: int, cliff: int) -> None:
    found = [vested(units, months, cliff, elapsed) for elapsed in range(months + 30)]

    assert found == sorted(found)
    assert found[-1] == units
    assert not any(found[:cliff])


def vesting(**cells: object) -> pd.DataFrame:
    rows = company(
        managers=[manager("M1", "equity", left_on=cells.pop("left_on", None))], grants=[{**GRANT, **cells}]
    )
    return of_part(pay(rows, plan("equity")), "vesting")


def test_a_tranche_falls_on_its_own_day_with_units_and_worth() -> None:
    found = vesting()

    assert found[["falls_on", "units", "amount"]].head(2).to_numpy().tolist() == [
        [pd.Timestamp(2026, 2, 28), 300, 5550.0],
        [pd.Timestamp(2026, 3, 28), 25, 462.5],
    ]
    assert found["units"].sum() == 475


def test_nothing_vests_after_the_holder_left() -> None:
    assert vesting(left_on="2026-03-28")["units"].tolist() == [300]


def test_a_grant_whose_terms_are_not_known_is_said_on_its_day() -> None:
    found = vesting(vest_months=None, granted_on="2026-02-01")

    assert found[["gate", "units"]].astype("object").where(
        found[["gate", "units"]].notna(), None
    ).to_numpy().tolist() == [["not_known", None]]


def test_a_statement_explains_every_cent_of_a_draft() -> None:
    rows = company(
        order(1, "2026-09-02", 100),
        order(2, "2026-09-12", 30),
        managers=[manager(base_amount=120_000)],
        grants=[GRANT],
    )
    rule = commission(rates=FLAT).model_copy(update={"base_salary": True})
    table = inputs(rows, rule).made("pay_lines")

    found = statement(table, "M1", date(2026, 9, 1), date(2026, 10, 1))

    assert [line.part for line in found.lines] == ["base_salary", "commission", "commission", "vesting"]
    assert found.cash == {"CNY": Decimal("10006.5")}
    assert found.total("vesting") == {"CNY": Decimal("462.5")}
    first = found.of("commission")[0]
    assert (first.plan, first.deal_id, first.rate, first.tier_pct, first.gate) == (
        "commission plan", "orders:O1", "0.05", 0, "paid",
    )  # fmt: skip
    assert first.source.startswith("order_lines:")
    assert first.plan_from_on == date(2000, 1, 1)


def test_a_statement_with_an_unknown_line_or_a_bonus_that_waits_has_no_total() -> None:
    unknown = inputs(company(managers=[manager("M1", "salary")]), SALARY).made("pay_lines")
    assert statement(unknown, "M1", date(2026, 9, 1), date(2026, 10, 1)).cash == {"CNY": None}

    known = pd.DataFrame([*reached(1, 1.0, None), *reached(2, 1.0, 60.0)])
    waits = replace(inputs(salaried(), BONUS, period="2026-02"), figures=known, _made={}).made("pay_lines")
    assert statement(waits, "M1", date(2026, 1, 1), date(2026, 2, 1)).cash == {"CNY": None}
    assert statement(waits, "M1", date(2026, 1, 1), date(2026, 3, 1)).cash == {"CNY": Decimal(25_000)}
