"""The drawings of commitments: squares that fit, dates that never stand on their diamond, lines within their box."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press import promises
from pipeline.press.promises import CELL, GAP, GROUP_GAP, SIDE, Group, Horizon, fitting_side, label_start
from pipeline.press.svg import MM, Drawing, Ink
from tests.section_pages import inks

FIRST = date(2026, 10, 1)
COUNTS = st.lists(st.integers(0, 40), min_size=1, max_size=3)


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    return inks(installed_fonts)["industrial"]


@given(COUNTS)
def test_squares_of_all_groups_stand_on_one_line(counts: list[int]) -> None:
    side = fitting_side(counts, 170 * MM)
    taken = sum(counts) * side * (1 + GAP / SIDE) + GROUP_GAP * (len(counts) - 1)

    assert side <= SIDE
    assert taken <= 170 * MM + 0.01 or sum(counts) > 80


def test_a_square_says_by_its_shape_what_became_of_it(ink: Ink) -> None:
    kept, late, dropped = (str(promises.sign(outcome, ink, "x")) for outcome in ("kept", "late", "dropped"))

    assert "polygon" not in kept
    assert "line" not in kept
    assert "polygon" in late
    assert "<line" in dropped
    assert ink["signal"] not in dropped


def test_squares_carry_a_name_and_a_number_for_each_group(ink: Ink) -> None:
    drawn = str(promises.squares([Group("kept", 6, "兑现6项"), Group("late", 2, "延期2项")], ink, "t"))

    assert drawn.count("<rect") == 8
    assert drawn.count("<polygon") == 2
    assert "兑现6项" in drawn
    assert "延期2项" in drawn


@given(st.integers(0, 89), st.floats(10, 90))
def test_a_date_stands_beside_its_diamond_within_the_cell(day: int, width: float) -> None:
    horizon = Horizon(FIRST)
    x = horizon(FIRST + timedelta(days=day))
    left = label_start(x, width, CELL)

    assert left >= 0
    assert left + width <= CELL
    assert left >= x + 4.2 or left + width <= x - 4.2


@given(st.integers(0, 89))
def test_the_diamond_stands_within_the_cell(day: int) -> None:
    x = Horizon(FIRST)(FIRST + timedelta(days=day))

    assert 4.2 <= x <= CELL - 4.2


def test_the_months_are_those_that_begin_within_the_days(ink: Ink) -> None:
    horizon = Horizon(date(2026, 12, 1))

    assert horizon.months == (date(2027, 1, 1), date(2027, 2, 1))
    assert horizon.last_on == date(2027, 2, 28)
    assert Horizon(date(2026, 9, 15)).months == (date(2026, 10, 1), date(2026, 11, 1), date(2026, 12, 1))
    drawn = str(promises.horizon_head(horizon, ["12月", "1月", "2月"], ink, "t"))
    assert drawn.count("<line") == 2 + 12


@given(width=st.floats(1, 300), height=st.floats(4, 20))
def test_hatching_never_leaves_its_rectangle(ink: Ink, width: float, height: float) -> None:
    drawing = Drawing(400, 40, ink, "t")
    promises.hatch(drawing, 3, 5, width, height)

    for part in drawing.parts:
        x1, y1, x2, y2 = (float(found) for found in re.findall(r'[xy][12]="([-\d.]+)"', str(part)))
        assert 3 - 0.01 <= min(x1, x2) <= max(x1, x2) <= 3 + width + 0.01
        assert 5 - 0.01 <= min(y1, y2) <= max(y1, y2) <= 5 + height + 0.01


@pytest.mark.parametrize(("whose", "fill"), [("ours", True), ("client", False), ("both", False)])
def test_a_bar_says_by_its_texture_whose_it_is(ink: Ink, whose: promises.Whose, fill: bool) -> None:
    drawn = str(promises.ahead(Horizon(FIRST), date(2026, 10, 20), "10月20日", whose, ink, "t"))

    assert (f'fill="{ink["accent"]}"' in drawn) is fill
    assert (drawn.count("<line") > 10) is (whose == "both")
    assert "10月20日" in drawn
