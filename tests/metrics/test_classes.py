from __future__ import annotations

from typing import Any

import pytest

from pipeline.engine.readings import replay
from pipeline.metrics import METRICS
from tests.engines import Engine, engine

Monthly = dict[str, list[int]]
START = (2024, 1)


def month(after: int) -> str:
    year, rest = divmod(START[0] * 12 + START[1] - 1 + after, 12)
    return f"{year}-{rest + 1:02}"


def selling(monthly: Monthly, **more: Any) -> Engine:
    """Customers with these sales in each month from January 2024 on."""
    sales = [(name, at, net) for name, amounts in monthly.items() for at, net in enumerate(amounts)]
    rows = {
        "accounts": [{"account_id": name, "name": name, **more.get(name, {})} for name in monthly],
        "orders": [
            {"order_id": f"{name}-{at:02}", "account_id": name, "ordered_on": f"{month(at)}-10"}
            for name, at, _ in sales
        ],
        "order_lines": [
            {"order_id": f"{name}-{at:02}", "line_no": 1, "net_amount": net} for name, at, net in sales
        ],
    }
    tables = {name: rows_ for name, rows_ in more.items() if name in ("contracts", "market")}
    return engine({**rows, **tables}, period=month(max(map(len, monthly.values())) - 1))


def classes(found: Engine, back: int = 0) -> dict[str, str | None]:
    """The class of each customer, so many months before the last."""
    metric = METRICS.get("customer_class")
    played = list(replay(metric, found.evaluator, "customer", "t12m", found.context.period.until_on))
    _, measure = played[-1 - back]
    return dict(zip(found.evaluator.subjects["customer"].ids, measure.text or (), strict=True))


STEADY: Monthly = {"big": [90] * 12, "middle": [40] * 12, "small": [5] * 12, "least": [4] * 12}


def test_a_large_and_steady_customer_is_core_value_and_a_small_one_is_not_classed() -> None:
    assert classes(selling(STEADY)) == {
        "big": "core_value", "middle": "maintain", "small": "not_classed", "least": "not_classed",
    }  # fmt: skip


def test_a_large_customer_whose_quarters_vary_is_not_core_value() -> None:
    assert classes(selling({**STEADY, "big": [300, 0, 0, 0, 0, 0] * 2}))["big"] == "maintain"


def test_a_contract_for_three_years_makes_it_steady() -> None:
    contracts = [
        {"contract_id": "K", "account_id": "big", "starts_on": "2024-01-01", "ends_on": "2030-01-01"}
    ]

    assert (
        classes(selling({**STEADY, "big": [300, 0, 0, 0, 0, 0] * 2}, contracts=contracts))["big"]
        == "core_value"
    )


@pytest.mark.parametrize(
    ("potential", "expected"),
    [(960, "high_potential"), (959, "maintain")],
    ids=["half is open", "less is open"],
)
def test_a_customer_with_half_of_its_potential_open_is_of_high_potential(
    potential: int, expected: str
) -> None:
    found = selling(STEADY, middle={"potential_amount": potential})

    assert classes(found)["middle"] == expected


@pytest.mark.parametrize(("now", "expected"), [(110, "high_potential"), (109, "maintain")])
def test_a_customer_in_a_growing_industry_is_of_high_potential(now: int, expected: str) -> None:
    market = [
        {"industry": "food", "region": "all", "year": year, "market_amount": size}
        for year, size in ((2023, 100), (2024, now))
    ]

    assert classes(selling(STEADY, middle={"industry": "food"}, market=market))["middle"] == expected


def test_a_small_customer_with_a_pain_point_is_to_be_optimised() -> None:
    assert classes(selling(STEADY, small={"pain_point": "slow"}))["small"] == "to_optimise"


def test_without_a_year_of_sales_nobody_is_classed() -> None:
    found = selling({name: amounts[:11] for name, amounts in STEADY.items()})

    assert set(classes(found).values()) == {None}


def test_a_border_must_be_passed_by_a_tenth_before_the_class_changes() -> None:
    # The median of the four lies between the middle two; "middle" slides below it little by little.
    falling = {**STEADY, "middle": [40] * 12, "small": [30] * 12}
    slightly = {name: [*amounts, amounts[-1]] for name, amounts in falling.items()}
    slightly["middle"][-1] = 20
    found = selling(slightly)

    assert classes(found, back=1)["middle"] == "maintain"
    assert classes(found)["middle"] == "maintain"


def test_a_class_that_held_for_a_slip_is_lost_for_a_fall() -> None:
    made = {name: [*amounts, *[amounts[-1]] * 8] for name, amounts in STEADY.items()}
    made["middle"] = [40] * 12 + [0] * 8
    found = selling(made)

    assert classes(found, back=8)["middle"] == "maintain"
    assert classes(found)["middle"] == "maintain"  # 160 a year are still above the others' 60
    made["small"] = [5] * 12 + [60] * 8
    assert classes(selling(made))["middle"] == "not_classed"


def test_replaying_twice_gives_the_same_classes() -> None:
    found = selling(STEADY)

    assert classes(found) == classes(found)


def led(challenger: int) -> dict[str, str | None]:
    """Two years: `leader` sells 100 a month, `challenger` 50, then for the last year as given; both steady."""
    monthly = {
        "leader": [100] * 24,
        "challenger": [50] * 12 + [challenger] * 12,
        **{f"small{at}": [1] * 24 for at in range(3)},
    }
    contracts = [
        {"contract_id": name, "account_id": name, "starts_on": "2024-01-01", "ends_on": "2031-01-01"}
        for name in ("leader", "challenger")
    ]
    return classes(selling(monthly, contracts=contracts))


@pytest.mark.parametrize(("challenger", "leads"), [(95, "leader"), (109, "leader"), (112, "challenger")])
def test_the_top_decile_changes_hands_once_it_is_passed_by_a_tenth(challenger: int, leads: str) -> None:
    found = led(challenger)

    assert [name for name, each in found.items() if each == "core_value"] == [leads]


def test_there_is_always_somebody_in_the_top_decile() -> None:
    monthly: Monthly = {
        "a": [100] * 12 + [80] * 12,
        "b": [90] * 12 + [100] * 12,
        "c": [90] * 12 + [98] * 12,
        "d": [1] * 24,
    }

    assert "core_value" in classes(selling(monthly)).values()
