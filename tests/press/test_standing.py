"""Where customers stand between the borders: the median, the top share, what is open of a potential, where they were."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.standing import borders, headroom, standing
from pipeline.rules.customers import TierRule

TIER = TierRule(valid_from=date(2000, 1, 1))


def test_medium_is_the_median_of_those_who_buy_and_high_the_top_share() -> None:
    found = borders([0.0, -5.0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 100], TIER)

    assert found is not None
    assert (found.medium, found.last_high, found.first_below) == (55, 100, 90)
    assert found.high_for(100) == 90  # nobody is measured against himself
    assert found.high_for(95) == 100


def test_the_top_share_is_the_policys_and_holds_somebody() -> None:
    wide = TierRule(valid_from=date(2000, 1, 1), value_high_share=0.4)

    assert borders([1.0, 2, 3, 4, 5], wide).last_high == 4  # type: ignore[union-attr]
    assert borders([1.0, 2, 3], TIER).last_high == 3  # type: ignore[union-attr]
    assert borders([7.0], TIER).first_below == 7  # type: ignore[union-attr]


def test_where_nobody_buys_there_is_no_border() -> None:
    assert borders([0.0, -1.0], TIER) is None


@given(st.lists(st.floats(0.01, 1e9), min_size=1, max_size=80))
def test_the_top_share_is_at_or_above_its_border(amounts: list[float]) -> None:
    found = borders(amounts, TIER)

    assert found is not None
    assert sum(each >= found.last_high for each in amounts) >= max(1, len(amounts) // 10)
    assert found.first_below <= found.last_high
    assert found.medium <= found.last_high or len(amounts) == 1


@pytest.mark.parametrize(
    ("sales", "potential", "expected"),
    [(40.0, 100.0, 60.0), (130.0, 100.0, 0.0), (0.0, 100.0, 100.0), (40.0, None, None), (40.0, 0.0, None)],
)
def test_headroom_is_what_of_the_potential_is_open(
    sales: float, potential: float | None, expected: float | None
) -> None:
    assert headroom(sales, potential) == expected


def test_before_the_window_twelve_months_ended_earlier() -> None:
    found = standing(1_000.0, 4_000.0, in_window=300.0, year_ago=100.0)

    assert found.headroom == 75
    assert found.before == (800.0, 80.0)


@pytest.mark.parametrize(
    ("in_window", "year_ago", "potential"),
    [(None, 1.0, 9.0), (1.0, None, 9.0), (100.0, 0.0, 9.0), (1.0, 1.0, None)],
)
def test_what_was_not_known_or_not_bought_has_no_place_before(
    in_window: float | None, year_ago: float | None, potential: float | None
) -> None:
    assert standing(100.0, potential, in_window, year_ago).before is None
