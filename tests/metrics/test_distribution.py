from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.examples import worked
from pipeline.engine.quantities import REASONS
from pipeline.metrics import METRICS, Example
from tests.engines import engine

NAMES = ("customer_gini", "effective_customers", "top_customer_share", "top_5_share", "top_10_share")
sales = st.lists(st.integers(1, 10**6), min_size=1, max_size=40)


def said(name: str, amounts: list[int]) -> float:
    measure = worked(METRICS.get(name), Example({"customers.net_sales": list(amounts)}))
    assert measure.value.known[0]
    return float(measure.value.floats[0])


@given(sales)
def test_inequality_is_the_mean_difference_of_all_pairs(amounts: list[int]) -> None:
    pairs = np.abs(np.subtract.outer(amounts, amounts)).sum()

    assert said("customer_gini", amounts) == pytest.approx(
        pairs / (2 * len(amounts) * sum(amounts)), abs=1e-9
    )


@given(sales)
def test_the_order_of_customers_does_not_matter(amounts: list[int]) -> None:
    for name in NAMES:
        assert said(name, amounts) == pytest.approx(said(name, amounts[::-1]))


@given(sales)
def test_more_of_the_largest_bring_more(amounts: list[int]) -> None:
    shares = [said(name, amounts) for name in ("top_customer_share", "top_5_share", "top_10_share")]

    assert shares == sorted(shares)
    assert shares[0] == pytest.approx(max(amounts) / sum(amounts))
    assert 1 <= said("effective_customers", amounts) <= len(amounts) + 1e-9


def test_equal_customers_are_as_many_as_they_are() -> None:
    assert said("effective_customers", [7, 7, 7]) == pytest.approx(3)
    assert said("customer_gini", [7, 7, 7]) == pytest.approx(0)


def test_groups_are_rolled_up_and_each_subject_counts_its_own_customers() -> None:
    accounts: list[dict[str, object]] = [
        {"account_id": "A1", "name": "a", "owner_id": "M1"},
        {"account_id": "A2", "parent_id": "A1", "name": "b", "owner_id": "M1"},
        {"account_id": "A3", "name": "c", "owner_id": "M2"},
        {"account_id": "A4", "name": "d", "owner_id": "M1"},
    ]
    amounts = {"A1": 30, "A2": 30, "A3": 40, "A4": -5}
    found = engine(
        {
            "accounts": accounts,
            "orders": [{"order_id": each, "account_id": each, "ordered_on": "2026-09-02"} for each in amounts]
            + [{"order_id": "O", "account_id": "A1", "ordered_on": "2024-09-02"}],
            "order_lines": [
                {"order_id": key, "line_no": 1, "net_amount": each} for key, each in amounts.items()
            ]
            + [{"order_id": "O", "line_no": 1, "net_amount": 1}],
        }
    )

    assert found.value("top_customer_share", "portfolio:all", "quarter") == 0.6
    assert found.value("concentrated_customers", "portfolio:all", "quarter") == 2
    assert found.value("top_customer_share", "manager:M1", "quarter") == 1
    assert found.value("customer_gini", "manager:M2", "quarter") == 0


@pytest.mark.parametrize(
    "metric", [*NAMES, "concentrated_customers", "customer_concentration", "pareto_sales"]
)
def test_where_the_sales_of_one_customer_are_not_known_there_is_no_distribution(metric: str) -> None:
    found = engine(
        {
            "accounts": [
                {"account_id": "A1", "name": "a", "industry": "x"},
                {"account_id": "A2", "name": "b", "industry": "y", "currency": "EUR"},
            ],
            "orders": [{"order_id": f"O{at}", "account_id": f"A{at}", "ordered_on": "2026-08-01"} for at in (1, 2)],
            "order_lines": [{"order_id": f"O{at}", "line_no": 1, "net_amount": 5} for at in (1, 2)],
        },
        company={"history_from": "2025-01-01"},
    )  # fmt: skip
    whole, parts = (found.measure(metric, kind, "t12m") for kind in ("portfolio", "industry"))

    assert REASONS[whole.value.reasons[0]] == "no_rate"
    assert [REASONS[code] for code in parts.value.reasons] == ["", "no_rate"]
