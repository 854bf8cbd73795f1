from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.statistics import (
    discoveries,
    drift_limit,
    expected,
    longest_gaps,
    lowest_by_chance,
    middle,
    more_than_before,
    robust_score,
    smoothed,
)

AMOUNTS = st.floats(-1e6, 1e6, allow_nan=False)


@pytest.mark.parametrize(
    ("values", "value"),
    [
        ([3, 1, 2], 2),
        ([4, 1, 2, 3], 2.5),
        ([1, np.nan, 3], 2),
        ([np.nan], np.nan),
        ([], np.nan),
    ],
)
def test_the_median_leaves_out_what_is_not_known(values: list[float], value: float) -> None:
    assert middle(np.array([values], dtype=np.float64))[0] == pytest.approx(value, nan_ok=True)


@given(st.lists(AMOUNTS, min_size=1, max_size=12))
def test_the_median_is_that_of_numpy(values: list[float]) -> None:
    assert middle(np.array(values)) == pytest.approx(np.median(values))


def test_a_score_counts_robust_standard_deviations() -> None:
    assert robust_score(np.array([6.0]), np.array([10.0]), np.array([0.5]))[0] == pytest.approx(0.6745 * -8)


def test_without_spread_there_is_no_score() -> None:
    assert np.isnan(robust_score(np.array([6.0]), np.array([10.0]), np.array([0.0]))[0])


SEASONS = np.arange(24) % 12


def year(*, peak: float) -> list[float]:
    return [10.0] * 11 + [peak]


def test_a_season_seen_twice_is_expected_again() -> None:
    usual = expected(np.array([year(peak=30) + year(peak=34)]), SEASONS, 11)

    assert usual.level[0] == pytest.approx(32)
    assert usual.seasons[0] == 2


def test_a_season_seen_once_excuses_as_much_as_it_explained_then() -> None:
    low, high = (expected(np.array([year(peak=peak)]), SEASONS[:12], 11) for peak in (4, 30))

    assert (low.level[0], high.level[0]) == (4, 10)


def test_a_season_never_seen_is_expected_to_be_like_the_others() -> None:
    assert expected(np.array([[10.0, 12, 14]]), SEASONS[:3], 11).level[0] == 12


def test_two_seasons_leave_the_spread_less_certain_than_it_looks() -> None:
    past = np.array([[8.0, 12.0] * 12])
    apart, same = expected(past, np.arange(24), 99), expected(past, np.arange(24) % 2, 1)

    assert apart.spread[0] == 2
    assert same.spread[0] == 0  # all of it is season
    assert expected(np.array([[1.0, 5, 3, 5]]), np.array([0, 1, 0, 1]), 0).spread[0] == pytest.approx(
        0.5 * 3**0.5
    )


@given(st.lists(AMOUNTS, min_size=3, max_size=30), AMOUNTS)
def test_shifting_all_points_shifts_the_expectation_and_leaves_the_spread(
    values: list[float], shift: float
) -> None:
    seasons = np.arange(len(values)) % 12
    one, other = (expected(np.array([values]) + by, seasons, len(values) % 12) for by in (0.0, shift))

    assert other.level[0] == pytest.approx(one.level[0] + shift, abs=1e-5)
    assert other.spread[0] == pytest.approx(one.spread[0], abs=1e-5)


def test_a_drift_needs_scores_outside_the_zone() -> None:
    inside, outside = np.zeros(1), np.zeros(1)
    for _ in range(50):
        inside = smoothed(inside, np.array([-0.9]), 0.2, 1.0, 4.5)
        outside = smoothed(outside, np.array([-2.5]), 0.2, 1.0, 4.5)

    assert inside[0] == 0
    assert outside[0] == pytest.approx(-1.5, abs=0.01)
    assert outside[0] < -drift_limit(0.2, 3.0)


def test_one_score_alone_is_no_drift_however_far_it_lies() -> None:
    assert smoothed(np.zeros(1), np.array([-1e9]), 0.2, 1.0, 4.5)[0] > -drift_limit(0.2, 3.0)


def test_a_score_that_is_not_known_leaves_the_drift_as_it_was() -> None:
    assert smoothed(np.array([-0.4]), np.array([np.nan]), 0.2, 1.0, 4.5)[0] == -0.4


def test_the_limit_of_a_drift_is_in_its_own_standard_deviations() -> None:
    assert drift_limit(0.2, 3.0) == pytest.approx(1.0)


def test_the_chance_that_the_newest_are_the_lowest() -> None:
    assert lowest_by_chance(8, 2) == pytest.approx(1 / 45)


def test_as_many_events_as_before_in_the_same_time_are_no_surprise() -> None:
    assert more_than_before(0, 5, 0.1) == 1.0
    assert more_than_before(3, 0, 0.1) == pytest.approx(0.001)
    assert more_than_before(1, 1, 0.5) == pytest.approx(0.75)


@given(st.integers(0, 12), st.integers(0, 12), st.floats(0.05, 0.95))
def test_one_more_event_is_never_less_of_a_surprise(recent: int, before: int, share: float) -> None:
    assert more_than_before(recent + 1, before, share) <= more_than_before(recent, before, share) + 1e-12


def test_discoveries_are_those_of_benjamini_and_hochberg() -> None:
    """The fifteen p-values of their example at q = 0.05: four stand out."""
    chances = np.array(
        [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1.0]
    )  # fmt: skip

    assert discoveries(chances, 0.05).tolist() == [True] * 4 + [False] * 11
    assert discoveries(chances[::-1], 0.05).tolist() == [False] * 11 + [True] * 4
    assert discoveries(np.zeros(0), 0.05).size == 0


def test_the_limit_of_a_gap_waits_for_enough_of_them() -> None:
    limits = longest_gaps(np.full(10, 7.0), 3.5, 8, 36)

    assert np.isnan(limits[:7]).all()
    assert limits[7:] == pytest.approx([7.0, 7.0, 7.0])  # always seven days: the eighth is late


def test_irregular_accounts_may_wait_for_longer() -> None:
    chance = np.random.default_rng(7)
    irregular = np.median([longest_gaps(chance.exponential(10, 40), 3.5, 8, 36)[-1] for _ in range(200)])

    assert 50 < irregular < 90  # 10 days on average: one gap of e^5 to e^9


@given(st.lists(st.floats(1, 400), min_size=1, max_size=60), st.lists(st.floats(1, 400), max_size=10))
def test_later_gaps_change_no_limit_before_them(gaps: list[float], later: list[float]) -> None:
    alone = longest_gaps(np.array(gaps), 3.5, 8, 12)
    followed = longest_gaps(np.array([*gaps, *later]), 3.5, 8, 12)

    np.testing.assert_array_equal(followed[: len(gaps)], alone)


def test_no_gap_no_limit() -> None:
    assert longest_gaps(np.zeros(0), 3.5, 8, 36).size == 0
