"""Charts of goals and value: from zero where they are bars, one texture a class, nothing drawn for what is unknown."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from pipeline.press import value_charts
from pipeline.press.brand import brand
from pipeline.press.svg import MM, Ink
from pipeline.press.value_charts import BaseNow, ClassBar, Course, Step

_SVG = "{http://www.w3.org/2000/svg}"
CLASSES = ("measured", "confirmed", "modelled", "estimated")
AMOUNTS = st.one_of(st.none(), st.floats(0, 1e9))


class Even:
    """A face whose characters are all half an em wide."""

    def width(self, text: str, size: float) -> float:
        return 0.5 * size * len(text)


def _ink(name: str) -> Ink:
    found = brand(name, Path("/nowhere"))
    return Ink(found, "Noto Sans SC", dict.fromkeys(found.weights, Even()))  # type: ignore[arg-type]


@pytest.fixture(params=["industrial", "warm"])
def ink(request: pytest.FixtureRequest) -> Ink:
    return _ink(request.param)


def parsed(drawing: Markup) -> ET.Element:
    """The drawing as a tree, after what holds for every drawing."""
    tree = ET.fromstring(str(drawing))
    title = tree.find(f"{_SVG}title")
    assert title is not None
    assert title.text
    for banned in ("nan", "inf", "style=", "var(", "currentColor", "text-anchor", "None"):
        assert banned not in str(drawing)
    return tree


def boxes(tree: ET.Element, fill: str) -> list[ET.Element]:
    return [each for each in tree.iter(f"{_SVG}rect") if each.get("fill") == fill]


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def texts(tree: ET.Element) -> dict[str, float]:
    return {each.text or "": number(each, "x") for each in tree.iter(f"{_SVG}text")}


def bars(*values: float | None) -> list[ClassBar]:
    return [
        ClassBar(name, name, value, "–" if value is None else f"{value:g}")
        for name, value in zip(CLASSES, values, strict=False)
    ]


def test_each_class_of_confidence_has_its_own_texture(ink: Ink) -> None:
    drawn = [str(value_charts.swatch(each, ink, "x")) for each in CLASSES]

    assert len(set(drawn)) == 4
    measured, confirmed, modelled, estimated = (parsed(Markup(each)) for each in drawn)
    assert boxes(measured, ink["accent"])
    assert boxes(confirmed, ink["accent-mid"])
    assert not boxes(confirmed, ink["accent"])
    assert len(list(modelled.iter(f"{_SVG}line"))) > 3
    assert not list(estimated.iter(f"{_SVG}line"))
    assert not boxes(estimated, ink["accent"])


@given(st.floats(0, 50), st.floats(0, 50), st.floats(1, 200), st.floats(1, 40))
def test_hatching_stays_inside_its_bar_and_at_45_degrees(
    x: float, y: float, width: float, height: float
) -> None:
    for (x1, y1), (x2, y2) in value_charts.hatching(x, y, width, height):
        assert x - 1e-6 <= min(x1, x2)
        assert max(x1, x2) <= x + width + 1e-6
        assert y - 1e-6 <= min(y1, y2)
        assert max(y1, y2) <= y + height + 1e-6
        assert x2 - x1 == pytest.approx(y1 - y2, abs=1e-6)


@given(st.lists(AMOUNTS, min_size=1, max_size=4))
def test_class_bars_share_a_zero_and_a_scale(values: list[float | None]) -> None:
    ink = _ink("warm")
    tree = parsed(value_charts.class_bars(bars(*values), ink, "价值"))

    outlined = [each for each in tree.iter(f"{_SVG}rect") if each.get("stroke")] + boxes(tree, ink["accent"])
    assert len(outlined) == sum(bool(value) for value in values)
    assert all(number(each, "x") < 1 for each in outlined)
    assert all(number(each, "x") + number(each, "width") <= value_charts.SIDE + 1 for each in outlined)


def test_a_class_without_an_amount_has_a_text_and_no_bar(ink: Ink) -> None:
    for draw in (value_charts.class_bars, value_charts.wide_class_bars):
        tree = parsed(draw([ClassBar("measured", "实测", None, "未计金额")], ink, "价值"))
        assert "未计金额" in texts(tree)
        assert not list(tree.iter(f"{_SVG}rect"))


@given(
    st.floats(0, 1e6, allow_subnormal=False),
    st.floats(0, 1e6, allow_subnormal=False),
    st.one_of(st.none(), st.floats(0, 1e6, allow_subnormal=False)),
)
def test_before_and_now_begin_at_zero_and_are_true_to_their_values(
    base: float, now: float, aim: float | None
) -> None:
    ink = _ink("industrial")
    pair = BaseNow(("基线", "现值"), (base, now), ("b", "n"), aim, "目标")
    tree = parsed(value_charts.base_now(pair, ink, "甲"))

    (before,), (after,) = boxes(tree, ink["neutral"]), boxes(tree, ink["accent"])
    assert number(before, "x") == number(after, "x") == pytest.approx(40 * MM, abs=0.01)
    if max(base, now) > 0:
        widths = number(before, "width"), number(after, "width")
        assert widths[0] * now == pytest.approx(widths[1] * base, abs=0.02 * max(base, now))


def test_a_value_jumps_past_the_target(ink: Ink) -> None:
    near = BaseNow(("基线", "现值"), (6.82, 5.59), ("6.82", "5.59"), 5.80, "目标5.80")
    tree = parsed(value_charts.base_now(near, ink, "甲"))
    tick = next(
        number(each, "x1")
        for each in tree.iter(f"{_SVG}line")
        if each.get("stroke") == ink["ink"] and each.get("stroke-width") == "1.5"
    )

    assert texts(tree)["5.59"] > tick


@pytest.mark.parametrize(("state", "is_filled"), [("reached", True), ("short", False), ("failed", False)])
def test_a_goal_that_is_not_reached_is_a_hollow_point(ink: Ink, state: str, is_filled: bool) -> None:
    tree = parsed(value_charts.track_cell(0.9, ink, "甲", state=state))
    (point,) = tree.iter(f"{_SVG}circle")

    assert (point.get("fill") == ink["accent"]) is is_filled
    assert (point.get("stroke") == ink["signal"]) is (state == "failed")


@given(st.one_of(st.none(), st.floats(-1e6, 1e6)))
def test_a_track_keeps_the_target_in_place_and_the_point_inside(progress: float | None) -> None:
    ink = _ink("warm")
    tree = parsed(value_charts.track_cell(progress, ink, "甲", state="short"))
    points = list(tree.iter(f"{_SVG}circle"))

    assert len(points) == (progress is not None)
    assert all(0 <= number(each, "cx") <= value_charts.TRACK_MM * MM for each in points)
    assert any(
        number(each, "x1") == pytest.approx(value_charts.track_place(1) * MM, abs=0.01)
        for each in tree.iter(f"{_SVG}line")
    )


def path(values: list[float], aim: float | None) -> Course:
    days = [date(2025, 1, 1) + timedelta(days=91 * at) for at in range(len(values))]
    made = [Step(day, value, f"v{at}") for at, (day, value) in enumerate(zip(days, values, strict=True))]
    return Course(tuple(made), aim, "目标", ("2025年1月", "2026年9月"), "short")


@given(
    st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=9),
    st.one_of(st.none(), st.floats(-1e6, 1e6)),
    st.booleans(),
)
def test_measurements_over_time_lie_inside_their_drawing(
    values: list[float], aim: float | None, is_full: bool
) -> None:
    size = {"width": 54 * MM, "height": 30 * MM}
    tree = parsed(value_charts.path_line(path(values, aim), _ink("warm"), "甲", **size, is_full=is_full))

    points = list(tree.iter(f"{_SVG}circle"))
    assert len(points) == len(values)
    assert all(0 <= number(each, "cy") <= 30 * MM and 0 <= number(each, "cx") <= 54 * MM for each in points)
    shown = {each for each in texts(tree) if each.startswith("v")}
    expected = {f"v{at}" for at in range(len(values))} if is_full else {"v0", f"v{len(values) - 1}"}
    assert shown == expected
    assert ("目标" in texts(tree)) is (aim is not None)
