"""Lifetime value: its multiple, whose retention counts, and that it is a range.

`PUBLIC` is what `lifetimes` 0.11.3 says of a customer that spends 100 a period and is still there in period k with
probability r^k, over 1, 2, 5 and 200 periods: `_customer_lifetime_value(model, frequency, recency, T, monetary_value,
time=n, discount_rate=i, freq="M")` with a model whose `predict(t)` is r + r² + … + r^t. It discounts what is expected
period by period; over ever more periods that is the closed formula m·r ÷ (1 + i − r). Its own models of how customers
leave (BG/NBD, Gamma-Gamma) have no counterpart here.
"""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.engine.examples import worked
from pipeline.metrics import METRICS, Example
from pipeline.metrics.lifetime_value import Outlook
from pipeline.rules.lifetime_value import LifetimeValueRule

PUBLIC = {
    (0.8, 0.10): (72.72727272727272, 125.61983471074379, 212.40973356266028, 266.6666666666666),
    (0.7, 0.12): (62.49999999999999, 101.56249999999999, 150.77209472656247, 166.66666666666666),
    (0.9, 0.08): (83.33333333333333, 152.77777777777777, 299.06121399176953, 499.9999999999998),
}
SHARES = st.floats(0, 1)
DISCOUNTS = st.floats(0.01, 1)


@pytest.mark.parametrize(("terms", "values"), PUBLIC.items())
def test_the_public_implementation_tends_to_the_closed_formula(
    terms: tuple[float, float], values: tuple[float, ...]
) -> None:
    retention, discount = terms
    multiple = Outlook(retention, discount, 1.0).multiple

    assert 100 * multiple == pytest.approx(values[-1], rel=1e-12)
    left = retention / (1 + discount)
    for periods, value in zip((1, 2, 5), values, strict=False):
        assert 100 * multiple * (1 - left**periods) == pytest.approx(value, rel=1e-12)


def test_the_published_multiple() -> None:
    assert Outlook(0.8, 0.1, 1.0).multiple == pytest.approx(2.6667, abs=5e-5)
    assert 2.6667 in [example.value for example in METRICS.get("lifetime_multiple").examples]


@given(SHARES, SHARES, DISCOUNTS)
def test_who_stays_longer_is_worth_more(one: float, other: float, discount: float) -> None:
    low, high = sorted((one, other))

    assert (
        0 <= Outlook(low, discount, 1).multiple <= Outlook(high, discount, 1).multiple <= 1 / discount + 1e-9
    )


@given(st.integers(-10_000, 10_000), st.integers(0, 60), st.data())
def test_the_value_lies_between_its_low_and_its_high(margin: int, begun: int, data: st.DataObject) -> None:
    given_facts: dict[str, Any] = {
        "sales_with_cost": 20_000, "cost_of_sales": 20_000 - margin, "serving_cost": 0, "net_sales": 20_000,
        "sales_rows": 3, "customers_at_start": begun, "customers_kept": data.draw(st.integers(0, begun)),
    }  # fmt: skip
    made = worked(METRICS.get("lifetime_value"), Example(given_facts))
    low, value, high = (each.floats[0] for each in (made.low, made.value, made.high) if each is not None)

    assert low <= value <= high
    assert (low < high) == (margin != 0)


def said(metric: str, kept: int, begun: int) -> Any:
    return worked(METRICS.get(metric), Example({"customers_kept": kept, "customers_at_start": begun}))


def test_the_own_retention_counts_from_policys_number_of_customers_on() -> None:
    assert said("lifetime_basis", 20, 24).text == ["scenario"]
    assert said("lifetime_retention", 20, 24).value.floats[0] == 0.8
    assert said("lifetime_basis", 20, 25).text == ["own_history"]
    assert said("lifetime_retention", 20, 25).value.floats[0] == 20 / 25


def test_scenarios_that_do_not_rise_are_refused() -> None:
    scenario = {"retention": 0.8, "discount": 0.1}

    with pytest.raises(ValidationError, match="from low to high"):
        LifetimeValueRule.model_validate(
            {
                "low": {**scenario, "retention": 0.9},
                "base": scenario,
                "high": scenario,
                "valid_from": "2026-01-01",
            }
        )
