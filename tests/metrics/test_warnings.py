"""The figures of early warning, from rows to readings, and the rows that explain them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.derived.test_warnings import PEOPLE, Row, ordered, seen, steady
from tests.engines import Engine, engine, sources_of

SALES = ordered([*steady(24, 100_000), *(value * 0.3 for value in steady(12, 100_000))])
EVENTS = [
    seen(1, "offer", "2025-11-01"),
    seen(2, "quote", "2026-08-20"),
    {**seen(3, "offer", "2026-09-05"), "price_gap_pct": -0.08},
    {**seen(4, "visit", "2026-09-06"), "price_gap_pct": -0.02},
]


@pytest.fixture(scope="module")
def company() -> Engine:
    rows: dict[str, list[Row]] = {**PEOPLE, **SALES, "competitor_events": EVENTS}
    return engine(rows)


@pytest.mark.parametrize(
    ("metric", "window", "value"),
    [
        ("warnings_raised", "quarter", 1),  # the offer of September joins the quote of August
        ("customers_at_risk", "month", 1),
        ("competitor_sightings", "month", 2),
        ("competitor_sightings", "quarter", 3),
        ("competitor_price_gap", "month", -0.05),
        ("warning_recall", "t12m", 1),
        ("false_warnings_used", "t12m", 0),
    ],
)
def test_a_figure_of_the_portfolio(metric: str, window: str, value: float, company: Engine) -> None:
    assert company.value(metric, "portfolio:all", window) == pytest.approx(value)


def test_open_warnings_add_up_over_their_rules(company: Engine) -> None:
    whole = company.value("open_warnings", "account:A1")
    rules = {
        each["rule"]
        for each in company.facts["warnings"].to_dict("records")
        if each["until_on"] != each["until_on"]
    }
    apart = [
        float(company.measure("open_warnings", "account", "month", ("rule", name)).value.floats[company.position("account:A1")])
        for name in sorted(rules)
    ]  # fmt: skip

    assert whole == sum(apart)
    assert whole == len(rules)


def test_business_at_risk_counts_a_customer_once(company: Engine) -> None:
    at_stake = company.facts["warnings"]
    open_now = at_stake[at_stake["until_on"].isna()]

    assert len(open_now) > 1
    assert company.value("business_at_risk", "customer:A1") == open_now["at_stake_amount"].max() / 10_000
    assert company.value("business_at_risk", "portfolio:all") == company.value(
        "business_at_risk", "customer:A1"
    )


def test_lead_time_is_from_the_first_warning_to_the_loss(company: Engine) -> None:
    assert (
        company.value("warning_lead_time", "portfolio:all", "t12m")
        == company.facts["losses"]["lead_days"].iloc[0]
    )


def test_a_warning_leads_to_its_rows(company: Engine) -> None:
    from pipeline.facts import FACTS

    fact, window = FACTS.get("warnings_holding"), company.window("month")
    rows = company.evidence("warnings_holding", "account:A1", window)
    named: set[str] = set().union(
        *(sources_of(company, fact, at) for at in range(len(company.facts["warnings"])))
    )

    assert len(rows)
    assert {name.partition(":")[0] for name in named} == {"competitor_events", "order_lines"}


def test_an_account_without_warnings_has_none_and_not_an_unknown_number() -> None:
    rows: dict[str, Any] = {**PEOPLE, **ordered(steady())}
    calm = engine(rows)

    assert calm.value("open_warnings", "account:A1") == 0
    assert calm.value("business_at_risk", "account:A1") == 0
    assert calm.value("warning_precision", "account:A1", "t12m") is None
