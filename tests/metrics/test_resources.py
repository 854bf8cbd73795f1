"""Resources against value: shares of classes and bands add up, and the differences cancel out."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from pipeline.metrics import GROUPS
from pipeline.rules.customers import BandName, ClassName
from tests.engines import Engine, engine

STANDINGS = {"class": get_args(ClassName), "band": (*get_args(BandName), "below")}
SHARES = ("hours_share", "cost_share", "sales_share", "contribution_share")
SOLD = {"A": 6_000_000, "B": 2_000_000, "C": 600_000, "D": 1000}
HOURS = {"A": 10, "B": 70, "C": 15, "D": 5}


@pytest.fixture(scope="module")
def found() -> Engine:
    """Four customers, one in each band, with most of the hours going to the second."""
    days = [f"{year}-{month:02}-05" for year in (2024, 2025, 2026) for month in range(1, 10)]
    orders = [(name, day) for day in days for name in SOLD]
    return engine(
        {
            "accounts": [
                {"account_id": name, "industry": "x" if name < "C" else "y", "region": "r", "owner_id": f"M{name}"}
                for name in SOLD
            ],
            "managers": [{"manager_id": f"M{name}", "team_id": "T"} for name in SOLD],
            "teams": [{"team_id": "T"}],
            "orders": [
                {"order_id": f"{name}{day}", "account_id": name, "ordered_on": day} for name, day in orders
            ],
            "order_lines": [
                {
                    "order_id": f"{name}{day}", "line_no": 1, "net_amount": SOLD[name] / 10,
                    "cost_amount": SOLD[name] / 20,
                }
                for name, day in orders
            ],
            "cost_to_serve": [
                {"account_id": name, "month_on": f"{day[:7]}-01", "activity": "visit", "hours": HOURS[name],
                 "rate_amount": 2}
                for name, day in orders
            ],
        }
    )  # fmt: skip


def value(found: Engine, metric: str, breakdown: tuple[str, str], kind: str = "portfolio") -> np.ndarray:
    made = found.measure(metric, kind, "quarter", breakdown).value
    return np.where(made.known, made.floats, np.nan)


def test_shares_of_a_band_are_what_its_customers_have_of_all(found: Engine) -> None:
    band = ("band", "key")

    assert value(found, "resource_hours", band)[0] == 210
    assert value(found, "hours_share", band)[0] == 0.7
    assert value(found, "sales_share", band)[0] == pytest.approx(2_000_000 / 8_601_000)
    assert value(found, "hours_above_sales", band)[0] == pytest.approx(0.7 - 2_000_000 / 8_601_000)
    assert value(found, "resource_contribution", band)[0] == 300_000 - 420


@pytest.mark.parametrize("name", STANDINGS)
@pytest.mark.parametrize("kind", GROUPS)
@pytest.mark.parametrize("metric", SHARES)
def test_shares_add_up_to_one(found: Engine, metric: str, kind: str, name: str) -> None:
    shares = sum(value(found, metric, (name, each), kind) for each in STANDINGS[name])

    assert shares == pytest.approx(np.ones(len(found.evaluator.subjects[kind])))


@pytest.mark.parametrize("name", STANDINGS)
@pytest.mark.parametrize("metric", ["hours_above_sales", "cost_above_contribution"])
def test_differences_cancel_out(found: Engine, metric: str, name: str) -> None:
    assert sum(value(found, metric, (name, each))[0] for each in STANDINGS[name]) == pytest.approx(0)


def test_the_widest_difference_is_named(found: Engine) -> None:
    gaps = {each: value(found, "cost_above_contribution", ("band", each))[0] for each in STANDINGS["band"]}

    assert found.measure("widest_band", "portfolio", "quarter").text == [
        max(gaps, key=lambda each: abs(gaps[each]))
    ]
    assert gaps["key"] == pytest.approx(0.7 - value(found, "contribution_share", ("band", "key"))[0])
