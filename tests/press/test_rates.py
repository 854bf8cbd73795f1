"""Rates side by side: who differs by more than chance, and who only seems to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.rates import apart, is_beyond_chance, rated
from tests import portraits
from tests.portfolios import YEAR


def test_few_cases_say_nothing() -> None:
    assert not is_beyond_chance(0, 20, 0.8, 1)  # 20 % of 20 cases are four
    assert is_beyond_chance(0, 40, 0.8, 1)


def test_the_more_are_compared_the_more_it_takes() -> None:
    assert is_beyond_chance(70, 100, 0.8, 1)
    assert not is_beyond_chance(70, 100, 0.8, 30)


@given(st.integers(1, 5000), st.floats(0.05, 0.95), st.integers(1, 40))
def test_a_rate_like_the_whole_never_differs(cases: int, share: float, many: int) -> None:
    assert not is_beyond_chance(cases * share, cases, share, many)


@given(st.floats(0, 1), st.integers(1, 30))
def test_to_differ_among_many_is_to_differ_alone(hits: float, many: int) -> None:
    if is_beyond_chance(hits * 400, 400, 0.7, many):
        assert is_beyond_chance(hits * 400, 400, 0.7, 1)


def test_those_apart_are_told_by_side() -> None:
    pairs = {"甲": (50, 100), "乙": (79, 100), "丙": (99, 100), "丁": (3, 3)}
    people = [rated(name, portraits.rate("otif_orders", pair, YEAR)) for name, pair in pairs.items()]
    whole = portraits.rate("otif_orders", (800, 1000), YEAR)

    assert apart(people, whole) == (["甲"], ["丙"])


def test_without_a_whole_nobody_is_apart() -> None:
    people = [rated("甲", portraits.rate("otif_orders", (1, 100), YEAR))]

    assert apart(people, portraits.rate("otif_orders", None, YEAR)) == ([], [])


@pytest.mark.parametrize(("pair", "span"), [((13, 15), (0.621, 0.963)), (None, None)])
def test_a_rate_without_an_interval_of_its_own_has_that_of_its_counts(
    pair: tuple[int, int] | None, span: tuple[float, float] | None
) -> None:
    found = rated("甲", portraits.rate("otif_orders", pair, YEAR)).span

    assert found is None if span is None else found == pytest.approx(span, abs=0.0005)
