"""Fanning out: the same results whatever the number of workers, and a dead worker costs its item only."""

from __future__ import annotations

import os
import signal

import pytest

from pipeline.fan_out import map_items

_GREETING: list[str] = []


def _doubled(number: int) -> int:
    if number < 0:
        raise ValueError(number)
    return 2 * number


def _deadly(number: int) -> int:
    if number == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def _greet(text: str) -> None:
    _GREETING.append(text)


def _greeted(name: str) -> str:
    return f"{_GREETING[0]} {name}"


@pytest.mark.parametrize("jobs", [1, 2])
def test_results_come_in_the_order_of_the_items(jobs: int) -> None:
    outcomes = list(map_items(_doubled, [3, 1, 2], jobs))

    assert [(each.item, each.result, each.error) for each in outcomes] == [
        (3, 6, None),
        (1, 2, None),
        (2, 4, None),
    ]


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_error_belongs_to_its_item(jobs: int) -> None:
    outcomes = list(map_items(_doubled, [1, -1, 2], jobs))

    assert [each.result for each in outcomes] == [2, None, 4]
    assert isinstance(outcomes[1].error, ValueError)


def test_a_dead_worker_costs_only_the_item_that_killed_it() -> None:
    outcomes = list(map_items(_deadly, [1, 2, 3, 4, 5], 2))

    assert [each.result for each in outcomes] == [1, 2, None, 4, 5]
    assert [each.item for each in outcomes if each.error is not None] == [3]


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_worker_is_begun_before_its_first_item(jobs: int) -> None:
    _GREETING.clear()

    assert [
        each.result for each in map_items(_greeted, ["a", "b"], jobs, initializer=_greet, initargs=("hello",))
    ] == [
        "hello a",
        "hello b",
    ]


def test_nothing_to_do_starts_nothing() -> None:
    _GREETING.clear()

    assert list(map_items(_greeted, [], 2, initializer=_greet, initargs=("hello",))) == []
    assert _GREETING == []
