"""Labels: a place beside the point, clear of points, lines and other labels; nothing is placed where it does not fit."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press.labels import Box, Found, Wanted, around, leader, placed

FRAME = Box(0, 0, 400, 300)
POINTS = st.lists(st.tuples(st.floats(0, 400), st.floats(0, 300)), min_size=1, max_size=30)
ENDS = st.tuples(st.floats(-50, 50), st.floats(-50, 50))


def wanted(x: float, y: float, width: float = 60.0) -> Wanted:
    return Wanted(x, y, 3.0, width, 10.0)


@given(POINTS)
def test_labels_are_inside_and_clear_of_points_and_of_one_another(points: list[tuple[float, float]]) -> None:
    taken = [around(x, y, 3.0) for x, y in points]
    found = [each.box for each in placed([wanted(*each) for each in points], FRAME, taken) if each]

    for box in found:
        assert FRAME.holds(box)
        assert not any(box.overlaps(each) for each in taken)
    assert not any(one.overlaps(other) for one, other in combinations(found, 2))


def test_a_lonely_point_has_its_label_at_the_right() -> None:
    (found,) = placed([wanted(100, 100)], FRAME, [around(100, 100, 3)])

    assert found is not None
    assert found.box.left == pytest.approx(104.5)
    assert (found.box.top + found.box.bottom) / 2 == 100
    assert not found.is_far


def test_at_the_right_edge_it_goes_to_the_left() -> None:
    (found,) = placed([wanted(390, 100)], FRAME, [around(390, 100, 3)])

    assert found is not None
    assert found.box.right < 390


def test_a_line_through_every_near_place_pushes_the_label_away_or_out() -> None:
    lines = [((0.0, float(y)), (400.0, float(y))) for y in range(0, 300, 9)]

    assert placed([wanted(200, 150)], FRAME, [], lines) == [None]


def test_what_should_not_be_crossed_is_crossed_only_where_there_is_no_other_place() -> None:
    wall = ((120.0, 0.0), (120.0, 300.0))
    (free,) = placed([wanted(100, 100)], FRAME, [], rather_not=[wall])
    walls = [((x, 0.0), (x, 300.0)) for x in (120.0, 80.0, 100.0)]
    (pressed,) = placed([wanted(100, 100)], FRAME, [], rather_not=walls)

    assert free is not None
    assert not free.box.crosses(*wall)
    assert pressed is not None


def test_a_far_label_has_a_line_to_its_point() -> None:
    label = wanted(100, 100)
    found = Found(Box(120, 80, 180, 90), is_far=True)

    assert leader(label, found) == ((100, 100), (120, 90))


@given(ENDS, ENDS)
def test_a_line_crosses_a_box_where_one_of_its_points_lies_inside(
    start: tuple[float, float], end: tuple[float, float]
) -> None:
    box = Box(-10, -5, 12, 6)
    steps = [at / 400 for at in range(401)]
    inside = any(
        -10 < start[0] + at * (end[0] - start[0]) < 12 and -5 < start[1] + at * (end[1] - start[1]) < 6
        for at in steps
    )

    if inside and start != end:
        assert box.crosses(start, end)
    if not box.crosses(start, end):
        assert not inside or start == end
