from __future__ import annotations

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.judging import Alarm, Limits, alarms
from pipeline.watch.statistics import Floats

LIMITS = Limits()
NOISE = [100.0, 103, 98, 101, 97, 102, 99, 100, 104, 96, 101, 99]
SERIES = st.lists(st.one_of(st.floats(0, 1000), st.just(float("nan"))), min_size=1, max_size=36)


def lower(value: Floats, expected: Floats) -> np.ndarray:
    return np.asarray(value <= 0.8 * expected)


def found(values: list[float], limits: Limits = LIMITS, period: int = 12) -> list[Alarm]:
    return alarms(np.array([values]), np.arange(len(values)) % period, limits, lower)


def told(values: list[float], limits: Limits = LIMITS) -> list[tuple[int, int, int | None, str]]:
    return [(each.since, each.raised, each.until, each.ground) for each in found(values, limits)]


def test_a_drop_that_lasts_is_told_since_it_began() -> None:
    assert told([*NOISE, 50, 51, 49]) == [(12, 13, None, "level")]


def test_a_drop_of_one_month_is_not_told() -> None:
    assert told([*NOISE, 50, 101, 99]) == []


def test_a_warning_is_over_once_it_is_back_for_long_enough() -> None:
    assert told([*NOISE, 50, 51, 99, 101, 100]) == [(12, 13, 15, "level")]


def test_what_has_lasted_for_long_is_the_usual() -> None:
    low = [50.0, 51, 49, 50, 52, 50, 49, 51, 50, 50, 51, 49, 50, 51, 50, 49]

    assert told([*NOISE, *low]) == [(12, 13, 25, "level")]


def test_a_missing_month_is_no_drop_and_no_return() -> None:
    gone = float("nan")

    assert told([*NOISE, gone, gone, gone]) == []
    assert told([*NOISE, 50, gone, 51, gone, gone]) == [(12, 14, None, "level")]


def test_no_series_is_judged_before_it_has_a_history() -> None:
    assert told([*NOISE[:6], 50, 50, 50]) == []
    assert told([*NOISE[:8], 50, 50]) == [(8, 9, None, "level")]


def test_a_dip_of_a_season_that_was_seen_twice_is_none() -> None:
    year = [100.0, 60, 101, 99, 102, 98, 100, 101, 99, 100, 102, 98]
    again = [value + 1 for value in year]

    assert told([*year, *again, *year], replace(LIMITS, lasting=1)) == []
    assert told([*year, *again, 100, 30], replace(LIMITS, lasting=1)) == [(25, 25, None, "level")]


def test_a_slow_decline_is_told_by_its_drift() -> None:
    noisy = [100.0, 130, 75, 115, 90, 125, 70, 110, 95, 120, 80, 105] * 2
    falling = [52.0, 44, 49, 42, 47, 43, 48, 45]

    assert [each.ground for each in found([*noisy, *falling], period=99)] == ["drift"]


def test_where_all_of_the_past_is_the_same_the_lowest_in_a_row_counts() -> None:
    assert told([5.0] * 10 + [2.0, 2.0]) == [(10, 11, None, "count")]
    assert told([5.0] * 10 + [2.0, 5.0, 2.0]) == []


def test_what_does_not_matter_is_not_told() -> None:
    calm = [100.0, 100.1, 99.9, 100.05, 99.95, 100, 100.1, 99.9, 100, 100.05]

    assert told([*calm, 90, 90, 90]) == []
    assert told([*calm, 79, 79]) == [(10, 11, None, "level")]


@given(st.floats(0, 1e6), st.integers(1, 60))
def test_a_constant_series_never_warns(value: float, length: int) -> None:
    assert told([value] * length) == []


@given(SERIES, SERIES)
def test_what_comes_later_changes_no_warning_but_its_end(values: list[float], later: list[float]) -> None:
    alone = found(values)
    followed = [each for each in found([*values, *later]) if each.raised < len(values)]

    assert [replace(each, until=None) for each in followed] == [replace(each, until=None) for each in alone]
    assert [
        after.until for before, after in zip(alone, followed, strict=True) if before.until is not None
    ] == [before.until for before in alone if before.until is not None]


@given(SERIES, st.lists(SERIES, max_size=3))
def test_a_series_is_judged_by_itself_alone(values: list[float], others: list[list[float]]) -> None:
    rows = [[*each, *[float("nan")] * len(values)][: len(values)] for each in (*others, values)]
    together = alarms(np.array(rows), np.arange(len(values)) % 12, LIMITS, lower)

    assert [replace(each, series=0) for each in together if each.series == len(others)] == found(values)


@given(SERIES, st.floats(-500, 500))
def test_shifting_all_months_changes_nothing_but_the_share(values: list[float], shift: float) -> None:
    def always(value: Floats, expected: Floats) -> np.ndarray:
        return np.asarray(value < expected)

    whole = [round(value) if value == value else value for value in values]
    seasons = np.arange(len(values)) % 12
    one, other = (
        [
            (each.since, each.raised, each.until)
            for each in alarms(np.array([whole]) + by, seasons, LIMITS, always)
        ]
        for by in (0.0, float(round(shift)))
    )
    assert one == other
