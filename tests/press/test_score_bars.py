"""The bars of a weighted score: lengths say what the numbers say, and what is not known is no bar."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipeline.fonts import faces
from pipeline.press.brand import brand
from pipeline.press.score_bars import points_bar, score_bar
from pipeline.press.svg import Ink
from pipeline.press.typeset import Face


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    widths = {
        each.weight: Face(each.path) for each in faces(installed_fonts) if each.family == "Noto Sans SC"
    }
    return Ink(brand("industrial", Path("/nowhere")), "Noto Sans SC", widths)


def boxes(drawing: object) -> list[float]:
    """The widths of what is filled."""
    return [float(found) for found in re.findall(r'<rect[^>]* width="([\d.]+)"', str(drawing))]


def test_a_bar_is_as_long_as_its_score(ink: Ink) -> None:
    half, whole = (boxes(score_bar(score, score, score, ink, "t"))[0] for score in (50.0, 100.0))

    assert half * 2 == pytest.approx(whole, abs=0.05)


def test_without_a_score_there_is_no_bar(ink: Ink) -> None:
    assert boxes(score_bar(None, None, None, ink, "t")) == []
    assert boxes(points_bar(None, 10, 25, ink, "t")) == []


def test_a_whisker_stands_where_something_is_missing(ink: Ink) -> None:
    lines = [
        str(score_bar(60.0, low, high, ink, "t")).count("<line") for low, high in ((60.0, 60.0), (50.0, 80.0))
    ]

    assert lines[1] == lines[0] + 3


def test_points_of_all_rows_have_one_scale(ink: Ink) -> None:
    small, large = (boxes(points_bar(points, points, 25, ink, "t"))[0] for points in (10.0, 25.0))

    assert large / small == pytest.approx(2.5, abs=0.02)


def test_a_measure_below_its_weight_is_outlined_and_one_at_it_is_not(ink: Ink) -> None:
    short, full = (str(points_bar(points, 10, 25, ink, "t")) for points in (9.0, 10.0))

    assert short.count("<line") == full.count("<line") + 3
