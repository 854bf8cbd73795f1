"""The heat map, the whale curve and bars in pairs: every value is printed, nothing unknown is drawn, shades follow sizes."""

from __future__ import annotations

import itertools
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press import cells, heat_map, whale
from pipeline.press.svg import MM, Ink
from tests.section_pages import inks


@pytest.fixture(scope="module", params=["industrial", "warm"])
def ink(request: pytest.FixtureRequest, installed_fonts: Path) -> Ink:
    return inks(installed_fonts)[request.param]


def texts(svg: object) -> list[str]:
    return re.findall(r"<text[^>]*>([^<]*)</text>", str(svg))


def drawn(ink: Ink, *rows: tuple[float | None, ...]) -> str:
    made = [
        heat_map.Row(
            f"客户{at}",
            tuple(heat_map.Cell(each, "" if each is None else f"{each:g}") for each in row),
            f"{sum(each or 0 for each in row):g}",
        )
        for at, row in enumerate(rows)
    ]
    return str(heat_map.heat_map(made, ["P1", "P2", "P3"], ink, "空白", total="合计"))


def test_every_value_of_the_map_is_printed_with_heads_and_totals(ink: Ink) -> None:
    said = texts(drawn(ink, (10.0, 4.0, None), (0.0, 1.0, 2.0)))

    assert said == ["P1", "P2", "P3", "合计", "客户0", "10", "4", "14", "客户1", "0", "1", "2", "3"]


def test_what_is_not_known_or_nothing_has_no_field(ink: Ink) -> None:
    assert drawn(ink, (10.0, None, 0.0)).count("<rect") == 1


def test_a_marked_field_carries_a_dot(ink: Ink) -> None:
    cell = heat_map.Cell(5.0, "5", is_marked=True)
    made = str(heat_map.heat_map([heat_map.Row("甲", (cell,))], ["P1"], ink, "空白", total=""))

    assert made.count("<circle") == 1


@given(st.floats(0.01, 1e9), st.floats(0.01, 1e9))
def test_the_larger_of_two_values_is_never_the_lighter(one: float, other: float) -> None:
    order = ["accent-tint", "accent-mid", "accent"]
    most = max(one, other)

    shades = [order.index(heat_map.shade(each, most)[0]) for each in sorted((one, other))]

    assert shades == sorted(shades)
    assert shades[-1] == 2


def test_digits_on_a_dark_field_are_light() -> None:
    assert heat_map.shade(10, 10) == ("accent", "paper")
    assert heat_map.shade(3, 10) == ("accent-mid", "ink")
    assert heat_map.shade(1, 10) == ("accent-tint", "ink")


@given(st.floats(0, 20_000))
def test_the_axis_of_the_whale_holds_the_curve_and_100_on_few_lines(most: float) -> None:
    marks = whale.levels(most)

    assert marks[0] == 0
    assert marks[-1] >= min(most, 102) - 2
    assert marks[-1] >= 100
    assert len(marks) <= 22
    assert len({round(after - before, 6) for before, after in itertools.pairwise(marks)}) == 1


def test_the_whale_names_its_peak_on_the_side_with_room(ink: Ink) -> None:
    points = [(0.0, 0.0), (20.0, 120.0), (60.0, 150.0), (100.0, 100.0)]
    peak = whale.Peak(60.0, 150.0, ("60%的客户", "带来150%"))

    made = str(whale.whale(points, peak, ink, "鲸鱼曲线", axes=("客户，%", "贡献，%")))

    assert {"60%的客户", "带来150%", "150", "100"} <= set(texts(made))
    assert 'stroke-dasharray="2.6 2"' in made
    ends = [float(x) for x in re.findall(r'<text x="([\d.]+)"[^>]*>(?:60%的客户)', made)]
    assert 0 < ends[0] < 83 * MM * 0.6


def test_a_pair_of_bars_has_none_for_what_is_not_known_and_an_outline_below_zero(ink: Ink) -> None:
    both = str(cells.bars_in_pair(0.4, 0.2, 0.4, ink, "40%，20%", width=40 * MM))
    one = str(cells.bars_in_pair(0.4, None, 0.4, ink, "40%", width=40 * MM))
    below = str(cells.bars_in_pair(0.4, -0.1, 0.4, ink, "40%，−10%", width=40 * MM))

    assert [both.count("<rect"), one.count("<rect"), below.count("<rect")] == [2, 1, 2]
    widths = [float(each) for each in re.findall(r'<rect[^>]* width="([\d.]+)"', both)]
    assert widths[0] == pytest.approx(2 * widths[1], rel=0.01)
    assert ink["signal"] in below
    assert ink["signal"] not in both
