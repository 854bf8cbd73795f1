"""The whale curve: its peak worked out from sums is the highest point of the curve drawn customer by customer."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from pipeline.metrics.whale_curve import whale_curve
from tests.engines import Engine, engine

PROFITS = {"A": 900, "B": 300, "C": -200, "D": 0, "E": -100}


def company(profits: dict[str, int]) -> Engine:
    """Customers with sales of 1000 each, as much cost as leaves them this profit, and an hour of service each."""
    days = ["2024-09-01", "2026-09-02"]
    orders = [(name, day) for day in days for name in profits]
    return engine(
        {
            "accounts": [{"account_id": name} for name in [*profits, "Z"]],
            "orders": [
                {"order_id": f"{name}{day}", "account_id": name, "ordered_on": day} for name, day in orders
            ],
            "order_lines": [
                {
                    "order_id": f"{name}{day}",
                    "line_no": 1,
                    "net_amount": 1000,
                    "cost_amount": 990 - profits[name],
                }
                for name, day in orders
            ],
            "cost_to_serve": [
                {
                    "account_id": name,
                    "month_on": f"{day[:7]}-01",
                    "activity": "visit",
                    "hours": 1,
                    "rate_amount": 10,
                }
                for name, day in orders
            ],
        }
    )


def test_peak_share_and_loss_of_a_small_portfolio() -> None:
    found = company(PROFITS)

    assert found.value("whale_peak", "portfolio:all", "quarter") == 1200 / 900
    assert found.value("whale_peak_customers", "portfolio:all", "quarter") == 2 / 5
    assert found.value("whale_loss", "portfolio:all", "quarter") == 300


def test_the_sums_give_the_highest_point_of_the_curve() -> None:
    found = company(PROFITS)
    curve = whale_curve(np.array(list(PROFITS.values()), dtype=float))

    assert curve[:, 1].max() == pytest.approx(found.value("whale_peak", "portfolio:all", "quarter"))
    assert curve[curve[:, 1].argmax(), 0] == found.value("whale_peak_customers", "portfolio:all", "quarter")


@given(st.lists(st.integers(-1000, 1000), min_size=1, max_size=30))
def test_the_curve_rises_to_its_peak_and_falls_to_one(profits: list[int]) -> None:
    assume(sum(profits) > 0)
    curve = whale_curve(np.array(profits, dtype=float))
    peak = int(curve[:, 1].argmax())

    assert curve[0].tolist() == [0, 0]
    assert curve[-1] == pytest.approx([1, 1])
    assert (np.diff(curve[: peak + 1, 1]) >= 0).all()
    assert (np.diff(curve[peak:, 1]) <= 1e-12).all()
    assert curve[:, 1].max() == pytest.approx(sum(each for each in profits if each > 0) / sum(profits))


def test_there_is_no_curve_of_a_loss() -> None:
    with pytest.raises(ValueError, match="no curve"):
        whale_curve(np.array([10.0, -10.0]))
