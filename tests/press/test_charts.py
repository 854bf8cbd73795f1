"""Charts: true to their values, whole in themselves, readable without colour; nothing is drawn for what is unknown."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from syrupy.assertion import SnapshotAssertion

from pipeline.press import charts, comparisons, cover_art
from pipeline.press.brand import brand
from pipeline.press.charts import Point
from pipeline.press.comparisons import Bar, DotRow, Interval
from pipeline.press.svg import Drawing, Ink, number
from tests.goldens import DrawingGolden, spaced

_SVG = "{http://www.w3.org/2000/svg}"
RATES = st.one_of(st.none(), st.floats(0, 100))
SERIES = st.lists(RATES, min_size=1, max_size=13).filter(
    lambda values: any(value is not None for value in values)
)


class Even:
    """A face whose characters are all half an em wide."""

    def width(self, text: str, size: float) -> float:
        return 0.5 * size * len(text)


@pytest.fixture(params=["industrial", "warm"])
def ink(request: pytest.FixtureRequest) -> Ink:
    return _ink(request.param)


def _ink(name: str) -> Ink:
    found = brand(name, Path("/nowhere"))
    return Ink(found, "Noto Sans SC", dict.fromkeys(found.weights, Even()))  # type: ignore[arg-type]


def parsed(drawing: Markup) -> ET.Element:
    """The drawing as a tree, after what holds for every drawing."""
    tree = ET.fromstring(str(drawing))
    title = tree.find(f"{_SVG}title")
    assert title is not None
    assert title.text
    assert tree.get("role") == "img"
    for banned in ("nan", "inf", "style=", "var(", "currentColor", "text-anchor", "None"):
        assert banned not in str(drawing)
    return tree


def texts(tree: ET.Element) -> list[str]:
    return [each.text or "" for each in tree.iter(f"{_SVG}text")]


def points(values: list[float | None], target: float | None = 95) -> list[Point]:
    return [
        Point(f"{at + 1}月", value, "–" if value is None else f"{value:.1f}", str(400 + at),
              is_missed=value is not None and target is not None and value < target,
              year="2026年" if at == 0 else "")
        for at, value in enumerate(values)
    ]  # fmt: skip


@given(SERIES, st.one_of(st.none(), st.floats(1, 100)))
def test_any_series_of_rates_can_be_drawn(values: list[float | None], target: float | None) -> None:
    tree = parsed(
        charts.line_with_zone(
            points(values, target), target, _ink("warm"), "准时足量率", zone="目标区", counted="单数"
        )
    )

    known = [value for value in values if value is not None]
    assert len(tree.findall(f".//{_SVG}circle")) == len(known)
    assert [f"{value:.1f}" for value in known] == [
        each for each in texts(tree) if re.fullmatch(r"\d+\.\d", each)
    ]


def test_a_gap_breaks_the_line_and_is_marked(ink: Ink) -> None:
    tree = parsed(charts.line_with_zone(points([93, 94, None, 95, 96]), 95, ink, "甲", zone="", counted="n"))

    assert len(tree.findall(f"{_SVG}polyline")) == 2
    assert "–" in texts(tree)


def test_a_miss_is_hollow_and_a_hit_is_full(ink: Ink) -> None:
    tree = parsed(charts.line_with_zone(points([94, 96]), 95, ink, "甲", zone="", counted="n"))
    missed, met = tree.findall(f"{_SVG}circle")

    assert missed.get("fill") == ink["paper"]
    assert missed.get("stroke") == ink["signal"]
    assert met.get("fill") == ink["accent"]
    assert met.get("stroke") is None


@given(SERIES)
def test_labels_stay_on_the_drawing_and_off_the_axis(values: list[float | None]) -> None:
    tree = parsed(charts.line_with_zone(points(values), 95, _ink("industrial"), "甲", zone="", counted="n"))
    height = float(tree.get("height", "0").removesuffix("pt"))

    for each in tree.iter(f"{_SVG}text"):
        assert 0 < float(each.get("y", "-1")) <= height


@given(st.lists(st.floats(0, 100), max_size=12), st.one_of(st.none(), st.floats(0, 100)))
def test_the_scale_of_rates_holds_all_values(values: list[float], target: float | None) -> None:
    floor = charts.rate_floor(values, target)

    assert 0 <= floor <= 92
    assert all(value >= floor for value in [*values, *([] if target is None else [target])])
    marks = charts.ticks(floor, 100)
    assert marks[0] == floor
    assert marks[-1] == 100
    assert len(marks) <= 6


def test_a_sparkline_of_one_level_is_a_level_line(ink: Ink) -> None:
    tree = parsed(charts.sparkline([100.0, 100.0, None, 100.0], None, ink, "甲", is_missed=False))

    assert len(tree.findall(f"{_SVG}polyline")) == 1
    assert (
        len(tree.findall(f"{_SVG}circle")) == 2
    )  # the point that stands alone is the last one, which is larger


@given(st.lists(st.one_of(st.none(), st.floats(-1e9, 1e9)), min_size=1, max_size=13))
def test_columns_begin_at_zero(values: list[float | None]) -> None:
    drawn = [Point(f"{at}月", value, f"{value}") for at, value in enumerate(values)]
    tree = parsed(charts.columns(drawn, _ink("warm"), "净销售额"))

    line = tree.findall(f"{_SVG}line")[0]
    zero = float(line.get("y1", "0"))
    boxes = tree.findall(f"{_SVG}rect")
    assert len(boxes) == sum(value not in (None, 0) for value in values)
    for box in boxes:
        top, height = float(box.get("y", "0")), float(box.get("height", "0"))
        assert min(abs(top - zero), abs(top + height - zero)) < 0.6


def test_negative_columns_are_signal_and_labelled_below(ink: Ink) -> None:
    tree = parsed(charts.columns([Point("1月", 5.0, "5"), Point("2月", -5.0, "−5")], ink, "甲", strong=0))
    up, down = tree.findall(f"{_SVG}rect")

    assert down.get("fill") == ink["signal"] != up.get("fill")
    labels = {each.text: float(each.get("y", "0")) for each in tree.iter(f"{_SVG}text")}
    assert labels["−5"] > float(down.get("y", "0"))


def test_bars_named_by_the_title_stand_out_and_long_names_are_cut(ink: Ink) -> None:
    bars = [Bar("物料短缺" * 10, 21, "21", is_named=True), Bar("其他", 5, "5")]
    tree = parsed(comparisons.ranked_bars(bars, ink, "原因"))
    first, second = tree.findall(f"{_SVG}rect")

    assert first.get("fill") == ink["accent"]
    assert second.get("fill") == ink["neutral"]
    assert float(first.get("width", "0")) / float(second.get("width", "1")) == pytest.approx(21 / 5, rel=0.01)
    assert any(text.endswith("…") for text in texts(tree))


def test_dot_rows_print_both_rates_in_columns(ink: Ink) -> None:
    rows = [
        DotRow("要求日", 92.7, 95.9, ("92.7", "95.9"), is_missed=True),
        DotRow("首次承诺日", None, None, ("–", "–")),
    ]
    tree = parsed(comparisons.dot_rows(rows, 95, ink, "甲", heads=("按订单", "按订单行"), aim="目标95"))

    assert {"92.7", "95.9", "–", "目标95"} <= set(texts(tree))
    assert len(tree.findall(f"{_SVG}circle")) == 1


def test_a_time_beyond_the_drawing_ends_open(ink: Ink) -> None:
    inside = parsed(comparisons.limit_cell(10, 40, (48, 48), ink, "甲"))
    beyond = parsed(comparisons.limit_cell(10, 400, (48, 48), ink, "甲"))

    assert not inside.findall(f"{_SVG}polyline")
    assert len(beyond.findall(f"{_SVG}polyline")) == 1


def test_different_limits_are_both_drawn(ink: Ink) -> None:
    one = parsed(comparisons.limit_cell(10, 40, (48, 48), ink, "甲"))
    two = parsed(comparisons.limit_cell(10, 40, (24, 48), ink, "甲"))

    assert len(two.findall(f"{_SVG}line")) == len(one.findall(f"{_SVG}line")) + 1


def test_an_interval_without_answers_has_no_mark(ink: Ink) -> None:
    rows = [Interval("7月", None, None, None, "–", "–"), Interval("本季", 86.7, 62.1, 96.3, "86.7", "15")]
    tree = parsed(comparisons.intervals(rows, 85, ink, "满意度", aim="目标85.0"))

    assert len(tree.findall(f"{_SVG}circle")) == 1
    assert {"15", "86.7", "目标85.0"} <= set(texts(tree))


@pytest.mark.parametrize("motif", ["lines", "circles"])
def test_the_cover_draws_a_mark_for_each_week_with_orders(motif: str, ink: Ink) -> None:
    weeks = [cover_art.Week(3, 100.0), cover_art.Week(0, None), cover_art.Week(2, 50.0, is_missed=True)]
    tree = parsed(cover_art.MOTIFS[motif](weeks, 95.0, ink, "甲", 300))

    assert len(tree.findall(f"{_SVG}circle")) == 2


@pytest.mark.parametrize("motif", ["lines", "circles"])
def test_without_orders_the_cover_is_a_plain_field(motif: str, ink: Ink) -> None:
    tree = parsed(cover_art.MOTIFS[motif]([], None, ink, "甲", 300))

    assert not tree.findall(f"{_SVG}circle")


def test_labels_are_escaped(ink: Ink) -> None:
    drawing = Drawing(10, 10, ink, "甲 & <乙>")
    drawing.text(0, 0, "<script>", 7, "ink")

    assert texts(parsed(drawing.markup())) == ["<script>"]


@pytest.mark.parametrize(
    ("value", "expected"), [(0.0, "0"), (-0.001, "0"), (1.5, "1.5"), (2.0, "2"), (1 / 3, "0.33")]
)
def test_coordinates_are_short(value: float, expected: str) -> None:
    assert number(value) == expected


def test_the_line_chart_is_drawn_as_it_was_agreed(snapshot: SnapshotAssertion) -> None:
    values = [93.8, 94.5, 95.4, 94.9, 93.3, None, 91.0, 92.0, 91.6, 93.9, 95.3, 96.2]
    drawn = charts.line_with_zone(
        points(values), 95, _ink("industrial"), "准时足量率", zone="目标区 ≥95.0", counted="单数"
    )

    assert spaced(drawn) == snapshot(extension_class=DrawingGolden)
