"""The scorecard plan checked: what stops a run, and what a person is told."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.engine.readings import Target, targets
from pipeline.engine.scorecard_plan import Remark, as_json, from_json, remarks, require_sound
from pipeline.errors import SettingsError
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.rules.scorecard import PERSPECTIVES
from tests.engines import policy_with
from tests.scorecards import measure, plan

DAY = date(2026, 9, 30)
FIVE = (
    measure("sales_attainment", 40, "finance", target=1.0),
    measure("gross_margin", 20, "finance", target=0.3),
    measure("csat", 20, "customer", target=0.8),
    measure("cadence_compliance", 10, "process", target=0.9),
    measure("new_customer_rate", 10, "development", target=0.05),
)


def kinds(
    *measures: dict[str, Any], aims: list[Target] | None = None, valid_from: date = date(2026, 1, 1)
) -> list[str]:
    return [each.kind for each in remarks(plan(*measures, valid_from=valid_from), aims or [], DAY, 1)]


def test_weights_that_are_not_100_together_stop() -> None:
    with pytest.raises(SettingsError) as stopped:
        plan(measure("csat", 60), measure("gross_margin", 39.9))

    assert stopped.value.code == "KB-1060"
    assert "99.9" in stopped.value.what


def test_weights_are_added_as_they_are_written() -> None:
    assert plan(*(measure(name, 14.3) for name in ("csat", "gross_margin", "turnover_days", "sla_attainment", "nps", "net_sales")), measure("sales_growth", 14.2))  # fmt: skip


def test_a_measure_named_twice_stops() -> None:
    with pytest.raises(SettingsError) as stopped:
        plan(
            measure("otif_orders", 50, breakdown="basis=requested"),
            measure("otif_orders", 50, breakdown="basis=last_promised"),
        )

    assert stopped.value.code == "KB-1061"


@pytest.mark.parametrize(
    ("wrong", "what"),
    [
        ({"metric": "customer_class"}, "no better or worse"),
        ({"metric": "sales_budget"}, "no better or worse"),
        ({"metric": "competence_gap"}, "restricted"),
        ({"metric": "otif_orders"}, "by that breakdown"),
        ({"metric": "sales_attainment", "window": "t12m"}, "over the window"),
        ({"metric": "weighted_score"}, "itself a weighted score"),
    ],
)
def test_what_cannot_be_scored_stops(wrong: dict[str, Any], what: str) -> None:
    rule = plan({**measure("csat", 100), **wrong})
    with pytest.raises(SettingsError) as stopped:
        require_sound(policy_with(scorecard=[rule]))

    assert stopped.value.code == "KB-1062"
    assert what in stopped.value.what


def test_a_measure_that_there_is_not_names_the_nearest() -> None:
    with pytest.raises(SettingsError) as stopped:
        require_sound(policy_with(scorecard=[plan(measure("gross_margn", 100))]))

    assert stopped.value.nearest == "gross_margin"


def test_a_good_plan_has_nothing_to_remark() -> None:
    assert kinds(*FIVE) == []


def test_every_perspective_is_covered() -> None:
    found = remarks(
        plan(*(each | {"perspective": "finance"} for each in FIVE), valid_from=date(2026, 1, 1)), [], DAY, 1
    )

    assert found == (Remark("perspective_missing", PERSPECTIVES[1:]),)


def test_a_plan_has_5_to_12_measures() -> None:
    names = (
        "gross_margin csat turnover_days sla_attainment nps net_revenue_retention cadence_compliance "
        "forecast_accuracy new_customer_rate customer_retention share_of_wallet overdue_share response_rate"
    ).split()
    many = [measure(name, 100 / 16, PERSPECTIVES[at % 4], target=0.5) for at, name in enumerate(names)]
    many[0]["weight"] = 25

    assert "too_few" in kinds(*FIVE[:3], measure("sla_attainment", 20, "process", target=0.9))
    assert "too_many" in kinds(*many)


@pytest.mark.parametrize(
    ("one", "other", "is_twice"),
    [
        ("net_sales", "sales_attainment", True),
        ("net_sales", "sales_budget_attainment", True),
        ("sales_growth", "sales_attainment", True),
        ("wape", "forecast_accuracy", True),
        ("net_sales", "gross_margin", False),
        ("csat", "response_rate", False),
    ],
)
def test_two_measures_of_the_same_facts_are_remarked(one: str, other: str, is_twice: bool) -> None:
    found = remarks(plan(measure(one, 50), measure(other, 50)), [], DAY, 1)

    assert (Remark("same_facts", (one, other)) in found) == is_twice


def without_target(metric: str) -> list[dict[str, Any]]:
    return [each if each["metric"] != metric else {**each, "target": None} for each in FIVE]


def aim(from_on: date, to_on: date | None = None, kind: str = "manager") -> Target:
    return Target("csat", "", kind, "", from_on, to_on, 0.8, 0.0)


def test_every_measure_has_a_target_at_the_end_of_every_year() -> None:
    measures = without_target("csat")

    assert kinds(*measures) == ["target_missing"]
    assert kinds(*measures, aims=[aim(date(2026, 1, 1))]) == []
    assert kinds(*measures, aims=[aim(date(2026, 1, 1), date(2026, 7, 1))]) == ["target_missing"]
    assert kinds(*measures, aims=[aim(date(2026, 1, 1), date(2027, 1, 1))]) == []
    assert kinds(*measures, aims=[aim(date(2026, 1, 1), kind="customer")]) == ["target_missing"]


def test_the_year_before_is_looked_at_where_the_plan_held_then() -> None:
    rule = plan(*without_target("csat"), valid_from=date(2025, 1, 1))
    found = remarks(rule, [aim(date(2026, 1, 1))], DAY, 1)

    assert Remark("target_missing", ("csat",), 2025) in found


def test_a_target_that_nobody_set_for_this_year_is_told() -> None:
    found = remarks(
        plan(*without_target("csat"), valid_from=date(2026, 1, 1)), [aim(date(2024, 1, 1))], DAY, 1
    )

    assert found == (Remark("target_carried_over", ("csat",), 2026),)


def test_years_are_the_companys() -> None:
    rule = plan(*FIVE, valid_from=date(2026, 4, 1))

    assert remarks(rule, [], DAY, 4) == ()
    assert remarks(rule, [], date(2027, 5, 1), 4)[0].year == 2028


def test_remarks_are_kept_as_they_were() -> None:
    found = (Remark("target_missing", ("csat", "nps"), 2025), Remark("too_few", count=3))

    assert from_json(as_json(found)) == found


@pytest.mark.parametrize("workspace", ["nowhere", "demo"])
def test_the_plans_that_come_with_the_program_are_sound(workspace: str) -> None:
    policy = load_policy(built_in("data", "demo").parent / workspace)
    require_sound(policy)

    found = remarks(policy.at("scorecard", DAY), targets(None, policy), DAY, 1)
    assert {each.kind for each in found} <= {"target_carried_over"}
