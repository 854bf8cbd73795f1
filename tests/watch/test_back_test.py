from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.watch.back_test import Reach, Score, Share, foretold, judged, score, threshold_within

KINDS = {"drop": ("lost",), "slip": ("unpaid", "lost")}
UNTIL = np.datetime64("2026-10-01", "s")


def warnings(*rows: tuple[str, str, str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["customer_id", "rule", "raised_on"], dtype="str")
    return made.astype({"raised_on": "datetime64[s]"})


def events(*rows: tuple[str, str, str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["customer_id", "kind", "event_on"], dtype="str")
    return made.astype({"event_on": "datetime64[s]"})


def scored(told: pd.DataFrame, happened: pd.DataFrame, **more: Any) -> Score:
    reach = more.pop("reach", Reach(180))
    return score(told, happened, KINDS, reach, until_on=UNTIL, account_years=40, **more)


def test_a_warning_comes_true_with_an_event_of_its_kind_in_time() -> None:
    told = warnings(
        ("A", "drop", "2026-01-01"), ("A", "drop", "2025-06-01"), ("A", "slip", "2026-01-01"), ("B", "drop", "2026-01-01")
    )  # fmt: skip

    made = judged(told, events(("A", "lost", "2026-03-01"), ("A", "unpaid", "2026-02-01")), KINDS, Reach(180))
    assert [None if pd.isna(day) else f"{day:%m-%d}" for day in made["event_on"]] == [
        "03-01",
        None,
        "02-01",
        None,
    ]


def test_an_event_is_told_by_the_first_warning_in_reach() -> None:
    told = warnings(("A", "drop", "2026-02-01"), ("A", "slip", "2026-01-15"), ("A", "drop", "2025-01-01"))

    made = foretold(told, events(("A", "lost", "2026-03-01"), ("A", "lost", "2026-01-01")), KINDS, Reach(180))
    assert [None if pd.isna(day) else f"{day:%m-%d}" for day in made["warned_on"]] == ["01-15", None]


def test_reach_may_lie_before_the_warning() -> None:
    told, happened = warnings(("A", "drop", "2026-03-01")), events(("A", "lost", "2026-02-01"))

    assert judged(told, happened, KINDS, Reach(0, 30))["event_on"].notna().all()
    assert judged(told, happened, KINDS, Reach(0, 27))["event_on"].isna().all()


def test_a_warning_whose_time_is_not_over_is_not_decided() -> None:
    made = scored(
        warnings(("A", "drop", "2025-06-01"), ("B", "drop", "2026-06-01"), ("C", "drop", "2026-08-01")),
        events(("C", "lost", "2026-09-01"), ("D", "lost", "2026-09-01")),
    )

    assert made.precision == Share(1, 2)
    assert made.recall == Share(1, 2)
    assert made.lead_days.tolist() == [31]
    assert (made.false_alarms, made.false_per_account_year) == (1, 1 / 40)


def test_shares_have_the_interval_of_wilson() -> None:
    low, high = Share(13, 15).interval or (0, 0)

    assert (low, high) == (pytest.approx(0.621, abs=5e-4), pytest.approx(0.963, abs=5e-4))
    assert Share(0, 0).value is None
    assert Share(0, 0).interval is None


def test_nothing_told_and_nothing_happened() -> None:
    made = scored(warnings(), events())

    assert (made.precision, made.recall, made.false_alarms) == (Share(0, 0), Share(0, 0), 0)


def test_the_threshold_that_would_have_kept_the_budget() -> None:
    scores = np.array([1.0, 1.2, 1.9, 3.0])

    assert threshold_within(scores, 80, 20) == 1.0
    assert threshold_within(scores, 40, 20) == pytest.approx(1.2)
    assert threshold_within(scores, 0, 20) == pytest.approx(3.0)


@given(st.lists(st.floats(1, 50), max_size=30), st.floats(0, 500), st.floats(1, 50))
def test_above_that_threshold_no_more_are_left_than_allowed(
    scores: list[float], years: float, budget: float
) -> None:
    limit = threshold_within(np.array(scores), years, budget)
    left = sum(each >= limit for each in scores)

    assert left <= years / budget


DAYS = st.integers(0, 800).map(lambda days: f"{np.datetime64('2024-01-01') + days}")
NAMES = st.sampled_from(("A", "B"))
TOLD = st.lists(st.tuples(NAMES, st.sampled_from(("drop", "slip")), DAYS), max_size=8)
HAPPENED = st.lists(st.tuples(NAMES, st.sampled_from(("lost", "unpaid")), DAYS), max_size=8)


@given(TOLD, HAPPENED, st.integers(0, 300))
def test_matching_is_what_comparing_each_with_each_gives(
    told: list[tuple[str, str, str]], happened: list[tuple[str, str, str]], reach: int
) -> None:
    def meets(warning: tuple[str, str, str], event: tuple[str, str, str]) -> bool:
        days = int((np.datetime64(event[2]) - np.datetime64(warning[2])).astype(int))
        return warning[0] == event[0] and event[1] in KINDS[warning[1]] and 0 <= days <= reach

    made = judged(warnings(*told), events(*happened), KINDS, Reach(reach))
    back = foretold(warnings(*told), events(*happened), KINDS, Reach(reach))

    assert made["event_on"].notna().tolist() == [any(meets(one, each) for each in happened) for one in told]
    assert back["warned_on"].notna().tolist() == [any(meets(each, one) for each in told) for one in happened]
