from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.quantities import REASONS
from tests.engines import Engine, engine

Sale = tuple[str, str, object]
HISTORY: Sale = ("first", "2023-01-05", 1)
"""One who bought once, long ago, so that the exports have a history."""


def sold(*sales: Sale, parents: dict[str, str] | None = None, **more: Any) -> Engine:
    """A company that sold (account, day, amount); `parents` of the accounts."""
    above = parents or {}
    names = sorted(
        {account for account, _, _ in (HISTORY, *sales)} - {"~"} | set(above) | set(above.values())
    )
    rows = {
        "accounts": [{"account_id": name, "name": name, "parent_id": above.get(name)} for name in names],
        "orders": [
            {"order_id": f"O{at}", "account_id": account, "ordered_on": on}
            for at, (account, on, _) in enumerate((HISTORY, *sales))
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": amount}
            for at, (*_, amount) in enumerate((HISTORY, *sales))
        ],
    }
    tables = {name: more.pop(name) for name in ("managers", "assignments", "cases") if name in more}
    return engine({**rows, **tables}, **more)


def portfolio(found: Engine, metric: str, window: str = "t12m") -> float | None:
    return found.value(metric, "portfolio:all", window)


def reason(found: Engine, metric: str, window: str = "t12m") -> str:
    return REASONS[found.measure(metric, "portfolio", window).value.reasons[0]]


BEFORE, NOW = "2025-03-01", "2026-03-01"
"""A day in the twelve months before the window, and one in it; the window ends with September 2026."""


def test_a_group_that_keeps_one_of_two_accounts_is_kept_as_a_customer_and_half_kept_in_accounts() -> None:
    found = sold(("a", BEFORE, 5), ("b", BEFORE, 5), ("a", NOW, 5), parents={"a": "group", "b": "group"})

    assert portfolio(found, "account_retention") == 0.5
    assert portfolio(found, "customer_retention") == 1.0


def test_forty_new_customers_against_two_hundred_at_the_start_are_20_percent() -> None:
    old: list[Sale] = [(f"old{at}", BEFORE, 1) for at in range(200)]
    new: list[Sale] = [(f"new{at}", NOW, 1) for at in range(40)]

    found = sold(*old, *new)

    assert portfolio(found, "new_customer_rate") == 0.2


def test_who_comes_back_after_years_is_not_new() -> None:
    found = sold(("a", "2023-06-01", 1), ("b", BEFORE, 1), ("a", NOW, 1), ("c", NOW, 1))

    assert portfolio(found, "new_customer_rate") == 1.0  # c alone, against b


def test_a_new_account_of_an_old_group_is_no_new_customer() -> None:
    found = sold(("a", BEFORE, 1), ("b", NOW, 1), ("c", BEFORE, 1), parents={"a": "group", "b": "group"})

    assert portfolio(found, "new_customer_rate") == 0.0


def test_who_is_new_is_not_known_until_there_is_a_year_of_sales_whatever_else_is_older() -> None:
    old_case = {"case_id": "C1", "account_id": "a", "opened_at": "2020-01-01T08:00+08:00"}
    rows = {
        "accounts": [{"account_id": "a", "name": "a"}],
        "orders": [
            {"order_id": f"O{month}", "account_id": "a", "ordered_on": f"2026-0{month}-01"}
            for month in (4, 9)
        ],
        "order_lines": [{"order_id": f"O{month}", "line_no": 1, "net_amount": 1} for month in (4, 9)],
        "cases": [old_case],
    }
    found = engine(rows)

    assert not found.fact("customers_new", "portfolio", found.window("quarter")).known.any()  # type: ignore[union-attr]
    assert reason(found, "new_customer_rate", "quarter") == "short_history"


def test_older_cases_do_not_make_old_customers_new() -> None:
    cases = [{"case_id": "C1", "account_id": "a", "opened_at": "2020-01-01T08:00+08:00"}]
    found = sold(("a", "2023-06-01", 1), ("b", BEFORE, 1), ("a", NOW, 1), cases=cases)

    assert portfolio(found, "new_customer_rate") == 0.0


def test_active_is_who_bought_in_twelve_months() -> None:
    found = sold(("a", "2024-09-30", 1), ("b", "2024-10-01", 1), ("b", "2025-10-01", 1), ("a", NOW, 1))
    measure = found.measure("customer_retention", "portfolio", "t12m")

    assert measure.denominator is not None
    assert measure.denominator.values.tolist() == [1]
    assert measure.value.floats.tolist() == [1.0]


def test_a_return_does_not_make_a_customer_active() -> None:
    found = sold(("a", BEFORE, 1), ("b", BEFORE, 1), ("a", NOW, 1), ("b", NOW, -1))

    assert portfolio(found, "customer_retention") == 0.5


def test_sales_without_an_account_are_no_account_and_no_customer() -> None:
    found = sold(("a", BEFORE, 1), ("~", BEFORE, 1), ("a", NOW, 1))

    assert portfolio(found, "account_retention") == 1.0
    assert portfolio(found, "customer_retention") == 1.0
    measure = found.measure("account_retention", "portfolio", "t12m")
    assert measure.denominator is not None
    assert measure.denominator.values.tolist() == [1]


def test_of_100_to_150_and_100_to_40_is_kept_70_percent_gross_and_95_percent_net() -> None:
    found = sold(("A", BEFORE, 100), ("B", BEFORE, 100), ("A", NOW, 150), ("B", NOW, 40))

    assert portfolio(found, "gross_revenue_retention") == pytest.approx(0.70, abs=1e-12)
    assert portfolio(found, "net_revenue_retention") == pytest.approx(0.95, abs=1e-12)
    assert found.value("gross_revenue_retention", "customer:A", "t12m") == 1.0
    assert found.value("net_revenue_retention", "customer:A", "t12m") == 1.5


def test_10000_with_1500_of_expansion_and_500_of_contraction_is_110_percent_net_and_95_percent_gross() -> (
    None
):
    found = sold(
        ("A", BEFORE, 8000), ("B", BEFORE, 2000), ("A", NOW, 9500), ("B", NOW, 1500), ("new", NOW, 777)
    )

    assert portfolio(found, "net_revenue_retention") == pytest.approx(1.10, abs=1e-12)
    assert portfolio(found, "gross_revenue_retention") == pytest.approx(0.95, abs=1e-12)


def test_what_moves_from_one_account_of_a_group_to_another_is_kept() -> None:
    found = sold(("a", BEFORE, 100), ("b", NOW, 100), parents={"a": "group", "b": "group"})

    assert portfolio(found, "gross_revenue_retention") == 1.0


def test_a_customer_with_more_returns_than_sales_keeps_nothing_and_not_less() -> None:
    found = sold(("a", BEFORE, 100), ("a", NOW, -30))

    assert portfolio(found, "gross_revenue_retention") == 0.0
    assert portfolio(found, "net_revenue_retention") == pytest.approx(-0.3)


def test_without_two_years_of_sales_nothing_is_said_of_retention() -> None:
    found = engine(
        {
            "accounts": [{"account_id": "a", "name": "a"}],
            "orders": [{"order_id": "O", "account_id": "a", "ordered_on": BEFORE}],
            "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
        }
    )

    for metric in (
        "gross_revenue_retention",
        "net_revenue_retention",
        "customer_retention",
        "new_customer_rate",
    ):
        assert reason(found, metric) == "short_history"


@settings(max_examples=8)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.sampled_from((BEFORE, NOW)), st.integers(-50, 100)), max_size=8
    )
)
def test_gross_retention_is_between_0_and_100_percent_and_never_above_the_net_of_growth(
    sales: list[Sale],
) -> None:
    found = sold(*sales)
    gross, net = portfolio(found, "gross_revenue_retention"), portfolio(found, "net_revenue_retention")

    assert (gross is None) == (net is None)
    if gross is not None:
        assert 0.0 <= gross <= 1.0


def test_a_lost_customer_counts_against_the_owner_of_the_first_day() -> None:
    handed = [
        {
            "account_id": "a",
            "manager_id": "M1",
            "role": "owner",
            "from_on": "2023-01-01",
            "to_on": "2026-01-01",
        },
        {"account_id": "a", "manager_id": "M2", "role": "owner", "from_on": "2026-01-01"},
        {"account_id": "b", "manager_id": "M2", "role": "owner", "from_on": "2023-01-01"},
    ]
    found = sold(("a", BEFORE, 1), ("b", BEFORE, 1), ("b", NOW, 1), assignments=handed)

    assert found.value("customer_retention", "manager:M1", "t12m") == 0.0
    assert found.value("customer_retention", "manager:M2", "t12m") == 1.0


def test_shares_of_60_20_20_concentrate_at_0_44_and_a_negative_total_is_left_out() -> None:
    found = sold(("a", NOW, 40), ("a2", NOW, 20), ("b", NOW, 20), ("c", NOW, 20), ("d", NOW, -5), ("~", NOW, 900),
                 parents={"a2": "a"})  # fmt: skip
    measure = found.measure("customer_concentration", "portfolio", "t12m")

    assert measure.value.floats[0] == pytest.approx(0.44, abs=1e-12)
    assert measure.n is not None
    assert measure.n.values.tolist() == [3]


@given(st.integers(1, 8))
@settings(max_examples=4)
def test_equal_customers_concentrate_at_one_over_their_number(count: int) -> None:
    found = sold(*((f"c{at}", NOW, 7) for at in range(count)))

    assert portfolio(found, "customer_concentration") == pytest.approx(1 / count, abs=1e-12)


def test_the_top_40_percent_bring_80_percent() -> None:
    found = sold(*((name, NOW, amount) for name, amount in zip("abcde", (50, 30, 10, 5, 5), strict=True)))

    assert portfolio(found, "pareto_customers") == pytest.approx(0.4, abs=1e-12)
    assert portfolio(found, "pareto_sales") == pytest.approx(0.8, abs=1e-12)


def test_without_sales_there_is_no_concentration() -> None:
    found = sold(("a", BEFORE, 5))

    assert reason(found, "customer_concentration", "quarter") == "no_data"
