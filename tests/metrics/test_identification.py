from __future__ import annotations

from datetime import date

import pytest

from pipeline.metrics import METRICS
from pipeline.rules.scores import ScoreRule, ScoreWeight
from tests.engines import Engine, engine, policy_with

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a", "signed_on": "2021-03-05"},
    {"account_id": "A2", "parent_id": "A1", "name": "b"},
    {"account_id": "A3", "name": "c"},
]
WINDOWS = {"t12m", "month", "quarter"}


def made(*sales: tuple[str, str, object], **more: object) -> Engine:
    rows = [("A3", "2024-01-05", 1), *sales]
    tables: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "orders": [
            {"order_id": f"O{at}", "account_id": account, "ordered_on": day}
            for at, (account, day, _) in enumerate(rows)
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": amount, "cost_amount": 0}
            for at, (_, _, amount) in enumerate(rows)
        ],
    }
    return engine(tables, **more)  # type: ignore[arg-type]


def test_frequency_counts_days_of_purchase_once_for_each_account() -> None:
    same_day = [("A1", "2026-09-02", 5)] * 3
    found = made(*same_day, ("A2", "2026-09-02", 5), ("A1", "2026-03-02", 5), ("A1", "2026-04-02", -5))

    assert found.value("purchase_frequency", "customer:A1", "t12m") == pytest.approx(3 / 12)


def test_regularity_counts_months_with_a_purchase() -> None:
    found = made(
        ("A1", "2026-09-02", 5), ("A2", "2026-09-20", 5), ("A1", "2026-03-02", 5), ("A1", "2025-09-30", 5)
    )

    assert found.value("purchase_regularity", "customer:A1", "t12m") == pytest.approx(2 / 12)


def test_the_score_weighs_its_components_and_says_what_a_missing_one_could_do() -> None:
    weights = (
        ScoreWeight(metric="purchase_regularity", weight=0.5, zero_at=0, full_at=1),
        ScoreWeight(metric="years_as_customer", weight=0.25, zero_at=0, full_at=10),
        ScoreWeight(metric="nps", weight=0.25, zero_at=-100, full_at=100),
    )
    rule = ScoreRule(name="identification", weights=weights, valid_from=date(2000, 1, 1))
    found = made(
        *(("A1", f"2026-{month:02}-02", 5) for month in range(4, 10)),
        policy=policy_with(identification=[rule]),
    )
    measure = found.measure("identification_score", "customer", "t12m")

    assert measure.value.floats[0] == pytest.approx((0.5 * 0.5 + 0.25 * 0.5) / 0.75)
    assert measure.low is not None
    assert measure.high is not None
    assert (measure.low.floats[0], measure.high.floats[0]) == (0.375, 0.625)


def test_every_component_of_the_built_in_score_is_a_metric_of_customers() -> None:
    rule = policy_with().at("identification", date(2026, 1, 1))

    assert sum(each.weight for each in rule.weights) == pytest.approx(1)
    assert all("customer" in METRICS.get(each.metric).subjects for each in rule.weights)
    loyalty = ("years_as_customer", "purchase_regularity", "share_of_wallet", "nps")
    assert sum(each.weight for each in rule.weights if each.metric in loyalty) > 0.4


def test_a_relationship_begins_when_a_group_first_signed_else_with_its_first_sale() -> None:
    found = made(("A2", "2026-09-02", 5))

    assert found.value("years_as_customer", "customer:A1") == 5
    assert found.value("years_as_customer", "customer:A3") == 2
