from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from pipeline.derived.pay_plans import Payee, Payroll
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.rules.pay import BonusTerms, CommissionTerms, PayPlanRule
from tests.engines import policy_with

RATES = [{"from_attainment": 0, "rate": "0.05"}, {"from_attainment": 1, "rate": "0.08"}]


def terms(**cells: Any) -> CommissionTerms:
    return CommissionTerms.model_validate({"rates": RATES, **cells})


def plan(name: str, valid_from: date, **cells: Any) -> PayPlanRule:
    return PayPlanRule.model_validate({"name": name, "mode": "salary", "valid_from": valid_from, **cells})


def payee(**cells: Any) -> Payee:
    known: dict[str, Any] = {
        "manager_id": "M1", "mode": "salary", "level": "", "base_amount": None, "currency": "CNY", "hired_on": None,
        "left_on": None, "source": "managers:1",
    }  # fmt: skip
    return Payee(**{**known, **cells})


def test_the_accelerator_multiplies_every_rate_from_its_attainment_on() -> None:
    found = terms(accelerator={"from_attainment": "0.9", "times": "1.5"}).tiers

    assert [(tier.from_attainment, tier.rate) for tier in found] == [
        (Decimal(0), Decimal("0.05")),
        (Decimal("0.9"), Decimal("0.075")),
        (Decimal(1), Decimal("0.12")),
    ]


@pytest.mark.parametrize(
    ("cells", "needs"),
    [
        ({}, True),
        ({"rates": RATES[:1]}, False),
        ({"rates": RATES[:1], "threshold": "0.5"}, True),
        ({"rates": RATES[:1], "accelerator": {"from_attainment": 2, "times": 2}}, True),
    ],
)
def test_a_single_rate_without_threshold_needs_no_target(cells: dict[str, Any], needs: bool) -> None:
    assert terms(**cells).needs_target is needs


@pytest.mark.parametrize(
    ("cells", "words"),
    [
        ({"rates": []}, "at least 1 item"),
        ({"rates": RATES[1:]}, "begin with from_attainment = 0"),
        ({"rates": [RATES[0], RATES[1], RATES[1]]}, "rise from tier to tier"),
        ({"rates": [{"from_attainment": 0, "rate": "1.5"}]}, "less than or equal to 1"),
        ({"rates": [{"from_attainment": 0, "rate": "0.00000001"}]}, "no more than 6 decimal places"),
        ({"cap_amount": "1.001"}, "no more than 2 decimal places"),
        ({"clawback_months": -1}, "greater than or equal to 0"),
        ({"basis": "billed"}, "'ordered', 'invoiced', 'collected' or 'margin'"),
        ({"ceiling": 5}, "Extra inputs"),
    ],
)
def test_terms_that_mean_nothing_are_refused(cells: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        terms(**cells)


def test_the_weights_of_a_bonus_add_up_to_one() -> None:
    measures = [{"metric": "csat", "weight": "0.6"}, {"metric": "sla_attainment", "weight": "0.3"}]

    with pytest.raises(ValidationError, match="add up to 1"):
        BonusTerms.model_validate({"of_base": "0.2", "measures": measures})


def test_a_bonus_needs_the_base_that_it_is_a_share_of() -> None:
    bonus = {"of_base": "0.2", "measures": [{"metric": "csat", "weight": 1}]}

    with pytest.raises(ValidationError, match="needs one"):
        plan("p", date(2000, 1, 1), base_salary=False, bonus=bonus)


def test_a_plan_for_the_level_goes_before_one_for_all_and_the_latest_is_in_force() -> None:
    first, second = plan("all", date(2025, 1, 1)), plan("all", date(2026, 1, 1))
    lead = plan("leads", date(2025, 7, 1), level="lead")
    found = Payroll(
        (), policy_with(pay_plan=[second, first, lead, plan("c", date(2026, 2, 1), mode="equity")])
    )

    assert found.plan(payee(), date(2024, 12, 31)) is None
    assert found.plan(payee(), date(2025, 12, 31)) is first
    assert found.plan(payee(), date(2026, 3, 1)) is second
    assert found.plan(payee(level="lead"), date(2025, 6, 30)) is first
    assert found.plan(payee(level="lead"), date(2026, 3, 1)) is lead


@pytest.mark.parametrize("folder", ["demo", "."])
def test_there_is_a_plan_for_every_mode_of_pay(folder: str) -> None:
    found = load_policy(built_in("data", folder)).all("pay_plan")

    assert {rule.mode for rule in found} == {"salary", "commission", "equity"}
    assert [rule.mode for rule in found if rule.commission] == ["commission"]
    assert [rule.mode for rule in found if rule.bonus] == ["salary"]
