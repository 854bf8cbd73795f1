"""What a series may say: nothing below eight points, and never more than its data."""

from __future__ import annotations

import pytest

from pipeline.press.messages import ahead, leaders, trend


def say(values: list[float | None], target: float | None = None) -> object:
    return trend(values, [None if value is None or target is None else value >= target for value in values])


def test_below_eight_points_a_series_says_nothing() -> None:
    assert say([1.0] * 7) is None
    assert say([None] * 5 + [1.0] * 7) is None


def test_without_the_last_point_it_says_nothing() -> None:
    assert say([1.0] * 11 + [None]) is None


@pytest.mark.parametrize(
    ("values", "rises", "falls", "best", "worst"),
    [
        ([5, 5, 5, 5, 5, 1, 2, 3, 6], 3, 0, True, False),
        ([5, 5, 5, 5, 5, 5, 4, 3, 2], 0, 3, False, True),
        ([1, 2, 3, 4, 5, 6, None, 7, 8], 1, 0, True, False),
        ([1, 2, 3, 4, 5, 6, 7, 8, 8], 0, 0, False, False),
    ],
)
def test_runs_end_with_the_last_point_and_break_at_gaps(
    values: list[float | None], rises: int, falls: int, best: bool, worst: bool
) -> None:
    said = trend(values, [None] * len(values))

    assert said is not None
    assert (said.rises, said.falls, said.is_best, said.is_worst) == (rises, falls, best, worst)
    assert said.met is None


def test_months_on_and_off_target_are_counted_from_the_end() -> None:
    said = trend([1, 1, 9, 9, 9, 1, 9, 9, 9], [False, False, True, True, True, False, True, True, True])

    assert said is not None
    assert (said.on_target, said.off_target, said.met, said.months) == (3, 0, 6, 9)


@pytest.mark.parametrize(
    ("counts", "together", "leading"),
    [
        ([21, 16, 11, 9, 5], (1, 2), 2),
        ([5, 1], (1, 2), 1),
        ([2, 2, 1], (2,), 2),
        ([2, 2, 2], (), 0),
        ([], (), 0),
        ([3], (1,), 1),
    ],
)
def test_causes_are_named_where_they_stand_clear(
    counts: list[int], together: tuple[int, ...], leading: int
) -> None:
    assert ahead(counts) == together
    assert leaders(counts, sum(counts)) == leading
