from __future__ import annotations

from datetime import date

import pytest

from pipeline.rules.customers import LifecycleRule, Stage
from tests.engines import Engine, derived_table, engine, policy_with

Row = dict[str, object]


def made(signed_on: str | None, *sold: str, **more: object) -> Engine:
    days = ["2023-01-05", *sold]
    tables: dict[str, list[Row]] = {
        "accounts": [
            {"account_id": "A1", "name": "a", "signed_on": signed_on, "owner_id": "M1"},
            {"account_id": "A0", "name": "history", "signed_on": "2010-01-01"},
        ],
        "orders": [
            {"order_id": f"O{at}", "account_id": "A1" if at else "A0", "ordered_on": day}
            for at, day in enumerate(days)
        ],
        "order_lines": [{"order_id": f"O{at}", "line_no": 1, "net_amount": 1} for at in range(len(days))],
    }
    return engine(tables, **more)  # type: ignore[arg-type]


def stage(engine: Engine, customer: str = "A1") -> str | None:
    text = engine.measure("lifecycle_stage", "customer", "month").text
    assert text is not None
    return text[engine.position(f"customer:{customer}")]


@pytest.mark.parametrize(
    ("signed_on", "expected"),
    [
        ("2026-09-30", "initial"),
        ("2026-06-30", "initial"),
        ("2026-06-29", "stable"),
        ("2025-09-30", "stable"),
        ("2025-09-29", "deep"),
        ("2023-09-30", "deep"),
        ("2023-09-29", "symbiosis"),
    ],
)
def test_who_is_exactly_as_old_as_a_border_is_still_in_the_earlier_stage(
    signed_on: str, expected: str
) -> None:
    assert stage(made(signed_on, "2026-09-10")) == expected


def test_without_a_signing_date_the_first_sale_begins_the_relationship() -> None:
    assert stage(made(None, "2026-05-05")) == "stable"
    assert stage(made(None)) is None


def test_who_stopped_buying_has_lapsed_but_who_never_began_has_not() -> None:
    assert stage(made("2020-01-01", "2025-09-30")) == "lapsed"
    assert stage(made("2020-01-01", "2025-10-01")) == "symbiosis"
    assert stage(made("2026-09-01")) == "initial"


def test_a_stage_is_judged_by_the_rule_of_its_day() -> None:
    old = LifecycleRule(stages=(Stage(name="initial", after_months=0), Stage(name="deep", after_months=1)),
                        valid_from=date(2000, 1, 1))  # fmt: skip
    new = LifecycleRule(stages=(Stage(name="initial", after_months=0), Stage(name="stable", after_months=2)),
                        valid_from=date(2026, 9, 1))  # fmt: skip
    rows = derived_table(
        "relationships", {"accounts": [{"account_id": "A1", "name": "a", "signed_on": "2026-06-15"}]},
        policy=policy_with(lifecycle=[old, new]),
    )  # fmt: skip
    spans = rows[rows["level"] == "stage"].sort_values("from_on")

    assert list(zip(spans["stage"], spans["from_on"].dt.strftime("%m-%d"), strict=True)) == [
        ("initial", "06-15"), ("deep", "07-16"), ("stable", "09-01"),
    ]  # fmt: skip


def test_of_a_shorter_month_the_last_day_is_the_border() -> None:
    rows = derived_table(
        "relationships", {"accounts": [{"account_id": "A1", "name": "a", "signed_on": "2025-11-30"}]}
    )
    stable = rows[rows["stage"] == "stable"]

    assert stable["from_on"].dt.strftime("%Y-%m-%d").tolist() == ["2026-03-01"]


def test_years_are_whole_years() -> None:
    assert made("2021-09-30", "2026-09-10").value("years_as_customer", "customer:A1") == 5
    assert made("2021-10-01", "2026-09-10").value("years_as_customer", "customer:A1") == 4


def test_the_mix_counts_customers_by_stage_without_the_lapsed() -> None:
    found = made("2026-09-01", "2026-09-10")

    def count(stage: str, subject: str = "portfolio:all") -> float:
        breakdown = ("stage", stage) if stage else ("", "")
        measure = found.measure("customers_by_stage", subject.partition(":")[0], "month", breakdown)
        return float(measure.value.floats[found.position(subject)])

    assert (count("initial"), count("symbiosis"), count("lapsed"), count("")) == (1, 0, 1, 1)
    assert count("initial", "manager:M1") == 1
