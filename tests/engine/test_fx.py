from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.cube import day_number
from pipeline.engine.fx import Rates, flow_rates, monthly_averages, rates_of
from pipeline.rules.finance import CurrencyRule
from tests.tables import frame

Rate = tuple[str, str, str, str]
DAILY: list[Rate] = [
    ("2026-01-10", "EUR", "CNY", "7.80"),
    ("2026-02-10", "EUR", "CNY", "7.60"),
    ("2026-01-10", "CNY", "JPY", "20"),
]


def table(rates: Sequence[Rate]) -> Any:
    columns = ("rate_on", "currency", "to_currency", "rate")
    return frame("fx", [dict(zip(columns, each, strict=True)) for each in rates])


def converted(rates: Rates, amount: str, pair: str, day: str) -> float | None:
    """The amount in the second currency of `EUR>CNY`, or None where no rate is known."""
    source, _, target = pair.partition(">")
    exact = np.array([round(float(amount) * 10_000)], dtype=np.int64)
    found, missing = rates.converted(exact, source, target, np.array([day_number(date.fromisoformat(day))]))
    return None if missing[0] else float(found[0]) / 10_000


@pytest.mark.parametrize(
    ("pair", "day", "expected"),
    [
        ("EUR>CNY", "2026-01-10", 780.0),
        ("EUR>CNY", "2026-02-09", 780.0),
        ("EUR>CNY", "2026-02-10", 760.0),
        ("EUR>CNY", "2027-01-01", 760.0),
        ("CNY>CNY", "2020-01-01", 100.0),
    ],
)
def test_the_rate_is_the_last_known_on_or_before_the_day(pair: str, day: str, expected: float) -> None:
    assert converted(rates_of(table(DAILY)), "100", pair, day) == expected


def test_a_pair_is_used_the_other_way_round() -> None:
    assert converted(rates_of(table(DAILY)), "780", "CNY>EUR", "2026-01-20") == 100.0
    assert converted(rates_of(table(DAILY)), "100", "JPY>CNY", "2026-01-20") == 5.0


def test_two_currencies_are_linked_through_a_third() -> None:
    assert converted(rates_of(table(DAILY)), "1", "EUR>JPY", "2026-01-20") == 156.0


def test_a_rate_of_the_pair_itself_comes_before_its_inverse() -> None:
    rates = [*DAILY, ("2026-01-01", "CNY", "EUR", "0.125")]

    assert converted(rates_of(table(rates)), "100", "CNY>EUR", "2026-01-20") == 12.5


@pytest.mark.parametrize(
    ("pair", "day"), [("EUR>CNY", "2026-01-09"), ("GBP>CNY", "2026-03-01"), ("EUR>JPY", "2026-01-09")]
)
def test_without_a_rate_the_amount_is_not_known(pair: str, day: str) -> None:
    assert converted(rates_of(table(DAILY)), "100", pair, day) is None


def test_without_a_table_only_the_same_currency_converts() -> None:
    assert converted(rates_of(None), "100", "CNY>CNY", "2026-01-01") == 100.0
    assert converted(rates_of(None), "100", "EUR>CNY", "2026-01-01") is None


def test_the_order_of_the_rates_does_not_matter() -> None:
    turned = rates_of(table(DAILY[::-1]))

    assert converted(turned, "100", "EUR>CNY", "2026-02-09") == 780.0


def test_a_monthly_average_is_in_force_from_the_first_of_its_month() -> None:
    rates = [
        ("2026-01-10", "EUR", "CNY", "7.80"),
        ("2026-01-20", "EUR", "CNY", "7.70"),
        ("2026-02-10", "EUR", "CNY", "7.60"),
    ]
    averages = rates_of(monthly_averages(table(rates)))

    assert converted(averages, "100", "EUR>CNY", "2026-01-01") == 775.0
    assert converted(averages, "100", "EUR>CNY", "2026-01-31") == 775.0
    assert converted(averages, "100", "EUR>CNY", "2026-02-01") == 760.0


def test_a_monthly_average_is_rounded_half_up_in_its_last_digit() -> None:
    rates = [("2026-01-10", "EUR", "CNY", "7.00000001"), ("2026-01-20", "EUR", "CNY", "7.00000002")]

    assert monthly_averages(table(rates))["rate"].tolist() == [700_000_002]


def test_averages_leave_the_table_as_it_was() -> None:
    fx = table(DAILY)
    before = fx.copy(deep=True)

    monthly_averages(fx)

    assert fx.equals(before)


@given(st.lists(st.integers(-(10**12), 10**12), min_size=1, max_size=10), st.integers(0, 400))
def test_each_amount_is_converted_by_itself(amounts: list[int], back: int) -> None:
    rates = rates_of(table(DAILY))
    day = day_number(date(2026, 6, 1)) - back
    together, missing = rates.converted(
        np.array(amounts, np.int64), "EUR", "CNY", np.full(len(amounts), day, np.int64)
    )

    for at, amount in enumerate(amounts):
        alone, absent = rates.converted(np.array([amount], np.int64), "EUR", "CNY", np.array([day]))
        assert (together[at], missing[at]) == (alone[0], absent[0])


TWICE_A_MONTH: list[Rate] = [
    ("2026-01-01", "EUR", "CNY", "7"), ("2026-01-20", "EUR", "CNY", "8"),
    ("2026-02-01", "EUR", "CNY", "9"), ("2026-02-20", "EUR", "CNY", "10"),
    ("2026-01-15", "CNY", "JPY", "20"), ("2026-02-25", "CNY", "JPY", "24"),
]  # fmt: skip
CHANGES = [
    CurrencyRule(flows="day", valid_from=date(2026, 1, 10)),
    CurrencyRule(flows="month_average", valid_from=date(2026, 1, 25)),
    CurrencyRule(flows="day", valid_from=date(2026, 2, 10)),
]


@pytest.mark.parametrize(
    ("pair", "day", "expected"),
    [
        ("EUR>CNY", "2026-01-02", 7.0),
        ("EUR>CNY", "2026-01-24", 8.0),
        ("EUR>CNY", "2026-01-25", 7.5),
        ("EUR>CNY", "2026-02-09", 9.5),
        ("EUR>CNY", "2026-02-10", 9.0),
        ("EUR>CNY", "2026-02-28", 10.0),
        ("EUR>JPY", "2026-01-14", None),
        ("EUR>JPY", "2026-01-25", 150.0),
        ("EUR>JPY", "2026-02-10", 180.0),
        ("CNY>CNY", "2026-01-25", 1.0),
    ],
)
def test_a_flow_converts_by_the_rule_of_its_day(pair: str, day: str, expected: float | None) -> None:
    assert converted(flow_rates(table(TWICE_A_MONTH), CHANGES), "1", pair, day) == expected


@given(st.dates(date(2026, 1, 1), date(2026, 3, 1)), st.dates(date(2026, 1, 1), date(2026, 3, 1)))
def test_a_rule_changes_no_day_before_its_own(day: date, begins: date) -> None:
    later = [*CHANGES[:1], CurrencyRule(flows="month_average", valid_from=max(begins, date(2026, 1, 11)))]
    was, now = (flow_rates(table(TWICE_A_MONTH), rules) for rules in (CHANGES[:1], later))

    by_rule = rates_of(monthly_averages(table(TWICE_A_MONTH))) if day >= later[1].valid_from else was
    assert converted(now, "1", "EUR>CNY", day.isoformat()) == converted(
        by_rule, "1", "EUR>CNY", day.isoformat()
    )


def test_without_rates_nothing_is_known() -> None:
    assert converted(flow_rates(None, CHANGES), "1", "EUR>CNY", "2026-02-01") is None
