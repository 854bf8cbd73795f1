"""Bullets: one scale for all rows, the target at one place, a long one cut with a notch."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.fonts import faces
from pipeline.press.attainment import CAP, WIDTH, bullet, place
from pipeline.press.brand import brand
from pipeline.press.svg import Ink
from pipeline.press.typeset import Face


@pytest.fixture(scope="module")
def ink(installed_fonts: Path) -> Ink:
    widths = {
        each.weight: Face(each.path) for each in faces(installed_fonts) if each.family == "Noto Sans SC"
    }
    return Ink(brand("industrial", Path("/nowhere")), "Noto Sans SC", widths)


@given(st.floats(-10, 10), st.floats(-10, 10))
def test_more_attained_is_never_drawn_shorter(one: float, other: float) -> None:
    low, high = sorted((one, other))

    assert 0 <= place(low) <= place(high) <= WIDTH


def test_the_target_stands_at_one_place(ink: Ink) -> None:
    at = f'x1="{place(1.0):.2f}"'.rstrip("0")

    assert all(at in str(bullet(each, ink, "t", is_missed=False)) for each in (0.2, 1.0, 2.0, None))


def test_met_is_solid_missed_is_outlined_unknown_is_dotted(ink: Ink) -> None:
    met, missed, unknown = (
        str(bullet(each, ink, "t", is_missed=state))
        for each, state in ((1.1, False), (0.8, True), (None, False))
    )

    assert ink["accent-tint"] not in met
    assert ink["accent-tint"] in missed
    assert "<rect" not in unknown
    assert "stroke-dasharray" in unknown


def test_a_bar_past_the_scale_has_a_notch(ink: Ink) -> None:
    notch = f'fill="{ink["paper"]}"'

    assert notch in str(bullet(CAP + 0.5, ink, "t", is_missed=False))
    assert notch not in str(bullet(CAP - 0.01, ink, "t", is_missed=False))


def test_each_drawing_says_its_number(ink: Ink) -> None:
    assert "<title>净销售额: 112.0</title>" in str(bullet(1.12, ink, "净销售额: 112.0", is_missed=False))
