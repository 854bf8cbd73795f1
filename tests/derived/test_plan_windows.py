from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from pipeline.derived.plan_windows import Span, in_force, joined_spans, without
from pipeline.rules.service_plan import RolesRule

FIRST = date(2026, 1, 1)
DAYS = st.integers(0, 40)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def covered(spans: list[Span]) -> set[date]:
    return {first + timedelta(days=at) for first, last in spans for at in range((last - first).days)}


SPANS = st.lists(st.tuples(DAYS, DAYS).map(lambda pair: (day(min(pair)), day(max(pair)))), max_size=5)


@given(st.tuples(DAYS, DAYS).map(lambda pair: (day(min(pair)), day(max(pair)))), SPANS)
def test_what_is_left_of_a_span_is_what_nothing_covers(span: Span, held: list[Span]) -> None:
    left = without(span, held)

    assert covered(left) == covered([span]) - covered(held)
    assert left == sorted(left)
    assert all(first < last for first, last in left)


@given(SPANS)
def test_joined_spans_cover_the_same_days_and_do_not_touch(spans: list[Span]) -> None:
    made = joined_spans([each for each in spans if each[0] < each[1]])

    assert covered(made) == covered(spans)
    assert all(one[1] < other[0] for one, other in pairwise(made))


def test_of_a_name_the_latest_line_in_force_counts() -> None:
    old = RolesRule(name="key", roles=("owner",), valid_from=date(2020, 1, 1))
    new = RolesRule(name="key", roles=(), valid_from=date(2026, 1, 1))
    other = RolesRule(name="all", roles=("owner",), valid_from=date(2026, 6, 1))

    assert in_force([new, old, other], date(2025, 12, 31)) == [old]
    assert in_force([new, old, other], date(2026, 6, 1)) == [new, other]
