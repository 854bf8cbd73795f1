"""RFM against hand figures, against a public implementation on its own sample, and as properties of its scores.

`cdnow_purchases.csv` holds the first 60 customers of the CDNOW sample up to 1997-12-31 (P. S. Fader & B. G. S. Hardie,
"Forecasting Repeat Sales at CDNOW", Interfaces 31 (2001); data published on brucehardie.com). `cdnow_summary.csv` is
what `lifetimes` 0.11.3 says of them:

    summary_data_from_transaction_data(purchases, "id", "date", monetary_value_col="usd",
                                       observation_period_end="1997-12-31")
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from pipeline.metrics.rfm import by_breaks, fifths
from pipeline.rules.rfm import RfmRule
from tests.engines import Engine, engine, policy_with
from tests.runs import context_for

_HERE = Path(__file__).parent
NUMBERS = st.lists(st.integers(-50, 50), min_size=1, max_size=40)


@pytest.fixture(scope="module")
def summary() -> pd.DataFrame:
    """The public implementation's figures by customer."""
    return pd.read_csv(_HERE / "cdnow_summary.csv", dtype={"id": "str"}).set_index("id")


@pytest.fixture(scope="module")
def cdnow() -> Engine:
    rows = pd.read_csv(_HERE / "cdnow_purchases.csv", dtype="str")
    accounts: list[dict[str, object]] = [{"account_id": each} for each in sorted(set(rows["id"]))]
    return engine(
        {
            "accounts": accounts,
            "orders": [
                {"order_id": str(at), "account_id": row.id, "ordered_on": row.date}
                for at, row in enumerate(rows.itertuples())
            ],
            "order_lines": [
                {"order_id": str(at), "line_no": 1, "net_amount": row.usd}
                for at, row in enumerate(rows.itertuples())
            ],
        },
        period="1997-12",
        company={"currency": "USD", "history_from": "1996-01-01"},
    )


def told(cdnow: Engine, metric: str) -> pd.Series:
    """The figures of a metric by customer."""
    found = cdnow.measure(metric, "customer", "t12m").value
    assert found.known.all()
    return pd.Series(found.floats, index=list(cdnow.evaluator.subjects["customer"].ids))


def test_orders_are_the_repeat_orders_of_the_public_implementation_and_the_first(
    cdnow: Engine, summary: pd.DataFrame
) -> None:
    """There frequency counts days with a purchase after the first one, here all of them."""
    pd.testing.assert_series_equal(
        told(cdnow, "rfm_frequency"), summary["frequency"] + 1, check_names=False, check_index_type=False
    )


def test_days_since_the_last_order_are_its_age_less_its_recency(cdnow: Engine, summary: pd.DataFrame) -> None:
    """There recency is the age at the last purchase and T the age now, both from the first; here it counts back from now."""
    pd.testing.assert_series_equal(
        told(cdnow, "rfm_recency"),
        summary["T"] - summary["recency"],
        check_names=False,
        check_index_type=False,
    )


def test_sales_are_its_mean_of_the_repeat_days_and_the_first_day(
    cdnow: Engine, summary: pd.DataFrame
) -> None:
    """There monetary value is the mean of the days after the first, here the sum of all."""
    rows = pd.read_csv(_HERE / "cdnow_purchases.csv", dtype={"id": "str"})
    days = rows.groupby(["id", "date"])["usd"].sum().reset_index()
    first = days.groupby("id")["usd"].first()

    assert told(cdnow, "rfm_monetary").to_numpy() == pytest.approx(
        (first + summary["frequency"] * summary["monetary_value"]).to_numpy(), abs=1e-9
    )


def test_of_sixty_customers_the_scores_are_by_fifths(cdnow: Engine) -> None:
    assert set(cdnow.measure("rfm_method", "customer", "t12m").text or ()) == {"quintiles"}
    scores = told(cdnow, "rfm_recency_score")
    order = told(cdnow, "rfm_recency").to_numpy().argsort()
    assert (np.diff(scores.to_numpy()[order]) <= 0).all()
    assert set(scores) == {1, 2, 3, 4, 5}


def small(**more: list[dict[str, object]]) -> dict[str, list[dict[str, object]]]:
    """A group that bought in two accounts, one that lapsed, and what else is given."""
    days = {"A": ("2026-09-10", "2026-08-01"), "B": ("2026-09-20",), "C": ("2025-03-01",)}
    orders = [(name, day) for name, dates in days.items() for day in dates]
    return {
        "accounts": [
            {"account_id": "A"},
            {"account_id": "B", "parent_id": "A"},
            {"account_id": "C"},
            *more.get("accounts", []),
        ],
        "orders": [
            {"order_id": str(at), "account_id": name, "ordered_on": day}
            for at, (name, day) in enumerate(orders)
        ],
        "order_lines": [
            {"order_id": str(at), "line_no": 1, "product_id": None, "net_amount": 40_000}
            for at in range(len(orders))
        ],
    }


def test_a_group_is_as_recent_as_its_latest_account() -> None:
    found = engine(small(), company={"history_from": "2023-01-01"})

    assert found.value("rfm_recency", "customer:A", "t12m") == 10
    assert found.value("rfm_frequency", "customer:A", "t12m") == 3
    assert found.value("rfm_recency", "customer:C", "t12m") == 578
    assert found.value("rfm_frequency", "customer:C", "t12m") == 0
    assert found.measure("rfm_segment", "customer", "t12m").text == ["promising", "lost"]
    assert found.measure("rfm_method", "customer", "t12m").text == ["fixed", "fixed"]


def test_a_customer_that_never_bought_changes_nothing_and_has_no_score() -> None:
    without = engine(small(), company={"history_from": "2023-01-01"})
    beside = engine(small(accounts=[{"account_id": "Z"}]), company={"history_from": "2023-01-01"})

    for metric in ("rfm_recency_score", "rfm_frequency_score", "rfm_monetary_score"):
        one, other = (each.measure(metric, "customer", "t12m") for each in (without, beside))
        assert other.value.floats[:2].tolist() == one.value.floats.tolist()
        assert other.value.known.tolist() == [True, True, False]
    assert beside.measure("rfm_segment", "customer", "t12m").text == ["promising", "lost", None]


def test_fixed_breaks_may_be_kept_whatever_the_size() -> None:
    rule = context_for(Path("run")).policy.all("rfm")[0]
    three = engine(small(), company={"history_from": "2023-01-01"},
                   policy=policy_with(rfm=[rule.model_copy(update={"quintiles_from": 2})]))  # fmt: skip
    fixed = engine(
        small(),
        company={"history_from": "2023-01-01"},
        policy=policy_with(rfm=[rule.model_copy(update={"quintiles_from": 2, "scores": "fixed"})]),
    )

    assert three.measure("rfm_method", "customer", "t12m").text == ["quintiles", "quintiles"]
    assert fixed.measure("rfm_method", "customer", "t12m").text == ["fixed", "fixed"]


def test_a_table_of_segments_with_a_hole_is_refused() -> None:
    rule = context_for(Path("run")).policy.all("rfm")[0].model_dump()

    with pytest.raises(ValidationError, match="no segment for recency"):
        RfmRule.model_validate({**rule, "segments": rule["segments"][:-1]})
    with pytest.raises(ValidationError, match="must fall"):
        RfmRule.model_validate({**rule, "recency_days": (10, 20, 30, 40)})


@given(NUMBERS, st.data())
def test_scores_by_fifths_never_fall_as_numbers_rise(numbers: list[int], data: st.DataObject) -> None:
    compared = np.array(data.draw(st.lists(st.booleans(), min_size=len(numbers), max_size=len(numbers))))
    scores = fifths(np.array(numbers, dtype=float), compared)

    order = np.argsort(numbers, kind="stable")
    assert (np.diff(scores[order]) >= 0).all()
    assert ((scores >= 1) & (scores <= 5)).all()
    for one, other, first, second in zip(numbers, numbers[1:], scores, scores[1:], strict=False):
        assert one != other or first == second


@given(st.integers(1, 40))
def test_fifths_of_different_numbers_are_equally_large(size: int) -> None:
    scores = fifths(np.arange(5.0 * size), np.ones(5 * size, dtype=bool))

    assert np.bincount(scores, minlength=6)[1:].tolist() == [size] * 5


@given(NUMBERS)
def test_scores_by_breaks_count_the_breaks_reached(numbers: list[int]) -> None:
    breaks: Any = (-20, 0, 10, 30)

    assert by_breaks(np.array(numbers, dtype=float), breaks).tolist() == [
        1 + sum(number >= each for each in breaks) for number in numbers
    ]
