from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.matching import Activity, Due, matched

FIRST = date(2026, 1, 1)


def day(number: int) -> date:
    return FIRST + timedelta(days=number)


def due(first: int, until: int, line: str = "visit", **more: object) -> Due:
    kinds = more.pop("kinds", ("visit",))
    return Due(line, kinds, bool(more.pop("met", False)), day(first), day(until), **more)  # type: ignore[arg-type]


def held(number: int, kind: str = "visit", *, met: bool = False, cancelled: bool = False) -> Activity:
    return Activity(day(number), kind, met, cancelled, f"activities:{kind}-{number}")


def states(dues: list[Due], *activities: Activity, until: int = 100) -> list[str]:
    return [
        each["state"] for each in matched(dues, sorted(activities, key=lambda each: each.day), day(until))
    ]


def test_what_is_held_in_its_window_is_kept() -> None:
    assert states([due(0, 10)], held(0)) == states([due(0, 10)], held(9)) == ["kept"]
    assert states([due(0, 10)], held(10)) == ["missed"]


def test_one_activity_keeps_one_window() -> None:
    assert states([due(0, 10), due(0, 10)], held(5)) == ["kept", "missed"]
    assert states([due(0, 10), due(0, 10)], held(5), held(6)) == ["kept", "kept"]


def test_the_earliest_deadline_comes_first() -> None:
    assert states([due(0, 30), due(0, 10)], held(5), held(20)) == ["kept", "kept"]


def test_of_equal_deadlines_the_line_that_asks_for_a_kind_comes_first() -> None:
    anything = due(0, 10, line="any", kinds=())

    made = matched([anything, due(0, 10)], [held(5)], day(100))

    assert {each["line"]: each["state"] for each in made} == {"any": "missed", "visit": "kept"}


def test_only_what_the_line_asks_for_counts() -> None:
    assert states([due(0, 10)], held(5, "call")) == ["missed"]
    assert states([due(0, 10, met=True)], held(5)) == ["missed"]
    assert states([due(0, 10, met=True)], held(5, met=True)) == ["kept"]


def test_soon_after_the_window_is_late_then_missed() -> None:
    window = due(0, 10, grace_days=3)

    assert states([window], held(10)) == states([window], held(12)) == ["late"]
    assert states([window], held(13)) == ["missed"]


def test_what_keeps_a_window_does_not_make_up_for_another() -> None:
    assert states([due(0, 10, grace_days=5), due(10, 20)], held(12)) == ["missed", "kept"]
    assert states([due(0, 10, grace_days=5), due(10, 20)], held(12), held(13)) == ["late", "kept"]
    assert states([due(0, 10, grace_days=5), due(10, 20)], held(12), held(19)) == ["late", "kept"]


def test_called_off_is_cancelled_unless_it_was_held_after_all() -> None:
    assert states([due(0, 10)], held(5, cancelled=True)) == ["cancelled"]
    assert states([due(0, 10)], held(5, cancelled=True), held(8)) == ["kept"]


def test_a_window_that_is_not_over_is_open_unless_it_was_kept() -> None:
    assert states([due(0, 10)], until=9) == ["open"]
    assert states([due(0, 10)], held(3), until=9) == ["kept"]
    assert states([due(0, 10)], until=10) == ["missed"]


def test_a_missed_window_has_no_source() -> None:
    kept, missed = matched([due(0, 10), due(10, 20)], [held(3)], day(100))

    assert (kept["source"], kept["held_on"]) == ("activities:visit-3", day(3))
    assert (missed["source"], missed["held_on"]) == ("", None)


def test_a_line_that_takes_anything_leaves_to_another_what_only_that_can_use() -> None:
    month, half = due(0, 30, "month", kinds=()), due(0, 180, "half", kinds=("meeting",))
    meeting, visit = held(5, "meeting"), held(20)

    made = matched([month, half], [meeting, visit], day(200))

    assert {each["line"]: (each["state"], each["held_on"]) for each in made} == {
        "month": ("kept", day(20)),
        "half": ("kept", day(5)),
    }


def test_an_exchange_may_go_through_several_windows() -> None:
    lines = [due(0, 10, "a", kinds=()), due(0, 20, "b", kinds=("x", "y")), due(0, 30, "c", kinds=("x",))]

    assert states(lines, held(1, "x"), held(2, "y"), held(3, "z")) == ["kept"] * 3


windows = st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(0, 5)).map(
    lambda each: due(each[0], each[0] + each[1], grace_days=each[2])
)


@given(st.lists(windows, max_size=8), st.lists(st.integers(0, 90).map(held), max_size=8))
def test_no_activity_is_used_twice_and_none_outside_its_time(
    dues: list[Due], activities: list[Activity]
) -> None:
    ordered = sorted(activities, key=lambda each: each.day)
    made = matched(dues, ordered, day(100))
    used = [each["held_on"] for each in made if each["state"] in ("kept", "late")]

    assert len(made) == len(dues)
    assert all(used.count(each) <= [one.day for one in activities].count(each) for each in used)
    for row in made:
        if row["state"] == "kept":
            assert row["from_on"] <= row["held_on"] < row["until_on"]
        if row["state"] == "late":
            assert row["until_on"] <= row["held_on"]


@given(st.lists(windows, max_size=8), st.lists(st.integers(0, 90).map(held), max_size=8))
def test_for_one_line_as_many_windows_are_kept_as_can_be(dues: list[Due], activities: list[Activity]) -> None:
    made = matched(dues, sorted(activities, key=lambda each: each.day), day(100))

    assert sum(each["state"] == "kept" for each in made) == most(dues, activities)


KINDS = ("visit", "meeting", "review")
lines = st.tuples(windows, st.sets(st.sampled_from(KINDS)), st.booleans()).map(
    lambda each: replace(
        each[0], kinds=tuple(sorted(each[1])), face_to_face=each[2], line="/".join(sorted(each[1]))
    )
)
doings = st.tuples(st.integers(0, 90), st.sampled_from(KINDS), st.booleans()).map(
    lambda each: held(each[0], each[1], met=each[2])
)


@given(st.lists(lines, max_size=7), st.lists(doings, max_size=7))
def test_for_many_lines_too_as_many_windows_are_kept_as_can_be(
    dues: list[Due], activities: list[Activity]
) -> None:
    made = matched(dues, sorted(activities, key=lambda each: each.day), day(100))

    assert sum(each["state"] == "kept" for each in made) == most(dues, activities)


def most(dues: list[Due], activities: list[Activity]) -> int:
    """The size of the largest matching, by augmenting paths."""
    taken: dict[int, int] = {}

    def place(activity: int, seen: set[int]) -> bool:
        for at, each in enumerate(dues):
            inside = each.from_on <= activities[activity].day < each.until_on
            if inside and each.suits(activities[activity]) and at not in seen:
                seen.add(at)
                if at not in taken or place(taken[at], seen):
                    taken[at] = activity
                    return True
        return False

    return sum(place(each, set()) for each in range(len(activities)))
