"""Charts of the portfolio: parts that add up, curves that end where all is told, names that never lie on one another."""

from __future__ import annotations

import math
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from syrupy.assertion import SnapshotAssertion

from pipeline.press import cells, class_marks, lorenz, matrix, spans, waterfall
from pipeline.press.brand import brand
from pipeline.press.class_marks import Zone
from pipeline.press.matrix import Border, Field, Place
from pipeline.press.svg import MM, Ink
from pipeline.press.waterfall import Part
from tests.goldens import DrawingGolden, spaced

_SVG = "{http://www.w3.org/2000/svg}"
AMOUNTS = st.lists(st.floats(-1e6, 1e6).filter(lambda each: abs(each) > 1), min_size=1, max_size=8)
SALES = st.lists(st.floats(1, 1e8), min_size=1, max_size=60)


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


def number(element: ET.Element, name: str) -> float:
    return float(element.get(name, "nan"))


def boxes(tree: ET.Element, fill: str) -> list[ET.Element]:
    return [each for each in tree.iter(f"{_SVG}rect") if each.get("fill") == fill]


def texts(tree: ET.Element) -> dict[str, ET.Element]:
    return {each.text or "": each for each in tree.iter(f"{_SVG}text")}


# The waterfall


def parts(*values: float) -> list[Part]:
    return [Part(f"P{at}", value, f"{value:+.1f}") for at, value in enumerate(values)]


def spans_of(tree: ET.Element, ink: Ink) -> list[tuple[float, float]]:
    """Left and right end of each bar, outlined ones by their outer edge, from the top."""
    found = []
    for each in tree.iter(f"{_SVG}rect"):
        half = number(each, "stroke-width") / 2 if each.get("stroke") else 0.0
        left = number(each, "x") - half
        found.append((number(each, "y"), left, left + number(each, "width") + 2 * half))
    assert ink
    return [(left, right) for _y, left, right in sorted(found)]


def test_each_part_begins_where_the_one_before_it_ended(ink: Ink) -> None:
    tree = parsed(waterfall.waterfall(parts(30, 20, -10), Part("Sum", 40, "+40.0"), ink, "t"))
    first, second, third, whole = spans_of(tree, ink)

    assert first[1] == pytest.approx(second[0], abs=0.02)
    assert second[1] == pytest.approx(third[1], abs=0.02)
    assert whole == pytest.approx((first[0], third[0]), abs=0.02)


@given(AMOUNTS)
def test_the_bars_are_true_to_their_values_and_the_last_end_is_the_sum(values: list[float]) -> None:
    ink = _ink("warm")
    made = parts(*values)
    total = sum(values)
    tree = parsed(waterfall.waterfall(made, Part("Sum", total, f"{total:+.1f}"), ink, "t"))

    assert waterfall.ends(made)[-1] == pytest.approx(total)
    reach = max(0.0, total, *waterfall.ends(made)) - min(0.0, total, *waterfall.ends(made))
    room = max(len(each.printed) for each in (*made, Part("", 0, f"{total:+.1f}"))) * 7.5 / 2 + 10
    scale = (waterfall.FULL - room - waterfall.LABELS) / reach
    for value, (left, right) in zip(values, spans_of(tree, ink), strict=False):
        assert right - left == pytest.approx(max(abs(value) * scale, 0.5), abs=1.2)
        assert left >= waterfall.LABELS - 1
        assert right <= waterfall.FULL


def test_what_is_lost_is_hollow_and_what_is_gained_is_solid(ink: Ink) -> None:
    tree = parsed(waterfall.waterfall(parts(30, -10), Part("Sum", 20, "+20.0"), ink, "t"))

    assert len(boxes(tree, ink["accent"])) == 1
    hollow = [each for each in tree.iter(f"{_SVG}rect") if each.get("stroke") == ink["signal"]]
    assert [each.get("fill") for each in hollow] == [ink["paper"]]
    assert texts(tree)["-10.0"].get("fill") == ink["signal"]


def test_a_change_that_ends_below_zero_runs_to_the_left(ink: Ink) -> None:
    tree = parsed(waterfall.waterfall(parts(10, -40), Part("Sum", -30, "-30.0"), ink, "t"))
    first, _second, whole = spans_of(tree, ink)

    assert whole[1] == pytest.approx(first[0], abs=0.02)
    assert whole[0] == pytest.approx(waterfall.LABELS, abs=0.02)


def test_the_waterfall_is_drawn_as_it_was_agreed(snapshot: SnapshotAssertion) -> None:
    made = parts(256.8, 114.7, -37.9, 917.7, -517.1, 3.5)
    drawing = waterfall.waterfall(made, Part("Change", 737.7, "+737.7"), _ink("industrial"), "Bridge")

    assert spaced(drawing) == snapshot(extension_class=DrawingGolden)


# The curve of concentration


@given(SALES)
def test_the_curve_rises_from_nothing_to_all_and_bends_down(amounts: list[float]) -> None:
    points = lorenz.curve(amounts)

    assert points[0] == (0.0, 0.0)
    assert points[-1] == (100.0, 100.0)
    slopes = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in pairwise(points)]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(slopes))
    assert all(up >= across - 1e-6 for across, up in points)


def test_equal_customers_lie_on_the_diagonal() -> None:
    assert lorenz.curve([5.0] * 4) == [(0, 0), (25, 25), (50, 50), (75, 75), (100, 100)]


@given(st.integers(2, 2000), st.integers(2, 250))
def test_thinning_keeps_both_ends_and_the_order(count: int, most: int) -> None:
    points = [(float(at), float(at)) for at in range(count)]
    made = lorenz.thinned(points, most)

    assert len(made) <= max(most, 2)
    assert (made[0], made[-1]) == (points[0], points[-1])
    assert made == sorted(made)


@given(st.floats(5, 95), st.floats(0, 1), st.integers(5, 18))
def test_the_words_of_the_pair_stay_in_the_drawing_and_off_the_diagonal(
    customers: float, above: float, length: int
) -> None:
    least = max(customers, 100 - customers)
    mark = lorenz.Mark(customers, least + above * (100 - least), ("a" * length, "b" * length))
    tree = parsed(lorenz.lorenz([5.0, 3.0, 1.0], mark, _ink("warm"), "t", axes=("c", "d"), corner="Gini 0.3"))
    x0, x1 = 7 * MM, lorenz.HALF - 3 * MM
    y0, y1 = lorenz.HEIGHT - 9 * MM, 5 * MM

    sides = set()
    for line in mark.lines:
        left, base = number(texts(tree)[line], "x"), number(texts(tree)[line], "y")
        right = left + 0.5 * 7.5 * length
        assert x0 <= left
        assert right <= x1 + 0.01
        for across, down in ((left, base - 5.5), (right, base - 5.5), (left, base), (right, base)):
            sides.add(down > y0 + (across - x0) / (x1 - x0) * (y1 - y0))
    assert len(sides) == 1


def test_the_curve_is_drawn_as_it_was_agreed(snapshot: SnapshotAssertion) -> None:
    mark = lorenz.Mark(30.0, 73.5, ("30.0% of customers", "73.5% of sales"))
    amounts = [900.0, 200, 150, 120, 100, 80, 60, 40, 30, 20]
    drawing = lorenz.lorenz(
        amounts, mark, _ink("industrial"), "Curve", axes=("Customers, %", "Sales, %"), corner="Gini 0.580"
    )

    assert spaced(drawing) == snapshot(extension_class=DrawingGolden)


# The matrix


KINDS = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")


def field(medium: float = 1e5, high: float = 1e6, zones: int = 5) -> Field:
    return Field(
        medium=Border(medium, (medium * 0.9, medium * 1.1), f"median {medium:g}"),
        high=Border(high, (high * 0.8, high * 1.1), f"top from {high:g}"),
        potential=50.0,
        potential_label="above: with potential",
        ticks=[(each, f"{each:g}") for each in matrix.decades(*matrix.extent([medium / 9, high * 9]))],
        across="sales",
        upwards="open",
        lane="not recorded",
        zones={kind: Zone(kind, "12 customers, 30.0% of sales") for kind in KINDS[:zones]},
    )


def labels_of(tree: ET.Element, names: set[str]) -> dict[str, tuple[float, float, float, float]]:
    """The box of each name that is printed."""
    return {
        text: (
            number(each, "x"),
            number(each, "y") - 7.7,
            number(each, "x") + 0.5 * 7.5 * len(text),
            number(each, "y") + 2.3,
        )
        for text, each in texts(tree).items()
        if text in names
    }


PLACES = st.lists(
    st.tuples(
        st.floats(1e4, 1e7),
        st.one_of(st.none(), st.floats(0, 100)),
        st.sampled_from(KINDS),
        st.booleans(),
        st.booleans(),
    ),
    min_size=1,
    max_size=40,
)


@given(PLACES, st.floats(1e4, 3e5), st.floats(3.1e5, 1e7))
def test_no_name_lies_on_another_or_outside_and_none_is_lost_in_silence(
    rows: list[tuple[float, float | None, str, bool, bool]], medium: float, high: float
) -> None:
    places = [
        Place(
            sales,
            share,
            kind,
            label=f"Customer {at}" if is_named or moved else "",
            before=(sales * 3, 40.0) if moved else None,
            is_mover=moved,
        )
        for at, (sales, share, kind, is_named, moved) in enumerate(rows)
    ]
    drawn = matrix.matrix(places, field(medium, high), _ink("warm"), "t")
    tree = parsed(drawn.drawing)
    wanted = {place.label for place in places if place.label}
    found = labels_of(tree, wanted)

    assert found.keys() | set(drawn.nameless) == wanted
    assert not found.keys() & set(drawn.nameless)
    width = number(tree, "width") if tree.get("width", "").isdigit() else 170 * MM
    for name, (left, top, right, bottom) in found.items():
        assert left >= matrix.LEFT
        assert right <= width
        for other, box in found.items():
            if other != name:
                assert (
                    right <= box[0] + 0.1
                    or box[2] <= left + 0.1
                    or bottom <= box[1] + 0.1
                    or box[3] <= top + 0.1
                )


def test_hundreds_of_customers_have_a_mark_each(ink: Ink) -> None:
    places = [Place(1e4 * 1.01**at, at % 101, "not_classed") for at in range(400)]
    tree = parsed(matrix.matrix(places, field(zones=0), ink, "t").drawing)

    assert len([each for each in tree.iter(f"{_SVG}circle") if each.get("fill") == ink["accent-mid"]]) == 400


def test_a_customer_lies_where_its_sales_and_its_share_say(ink: Ink) -> None:
    places = [Place(1e5, 0.0, "core_value"), Place(1e6, 50.0, "core_value"), Place(1e7, 100.0, "core_value")]
    tree = parsed(matrix.matrix(places, field(zones=0), ink, "t").drawing)
    low, middle, top = (each for each in tree.iter(f"{_SVG}circle") if each.get("fill") == ink["accent-mid"])

    assert number(middle, "cx") - number(low, "cx") == pytest.approx(
        number(top, "cx") - number(middle, "cx"), abs=0.02
    )
    assert number(low, "cy") == pytest.approx(matrix.TOP + matrix.FIELD, abs=0.02)
    assert number(middle, "cy") == pytest.approx(matrix.TOP + matrix.FIELD / 2, abs=0.02)
    assert number(top, "cy") == pytest.approx(matrix.TOP, abs=0.02)


def test_each_class_has_a_shape_of_its_own(ink: Ink) -> None:
    drawn = {
        kind: str(matrix.matrix([Place(2e5, 20.0, kind)], field(zones=0), ink, "t").drawing) for kind in KINDS
    }

    assert len(set(drawn.values())) == len(KINDS)


def test_a_mover_is_drawn_with_a_hollow_start_and_an_arrow_to_where_it_is(ink: Ink) -> None:
    mover = Place(1e6, 80.0, "maintain", "Mover", before=(1e5, 20.0), is_mover=True)
    stayed = Place(1e6, 80.0, "maintain", "Mover")
    tree, other = (
        parsed(matrix.matrix([each], field(zones=0), ink, "t").drawing) for each in (mover, stayed)
    )

    assert [each.get("fill") for each in tree.iter(f"{_SVG}circle")] == [ink["paper"]]
    assert len(list(tree.iter(f"{_SVG}polygon"))) == len(list(other.iter(f"{_SVG}polygon"))) + 1
    assert texts(tree)["Mover"].get("font-weight") != texts(other)["Mover"].get("font-weight")


def test_hardly_a_step_has_no_arrow(ink: Ink) -> None:
    mover = Place(1e6, 80.0, "maintain", "Mover", before=(1.01e6, 80.5), is_mover=True)
    tree = parsed(matrix.matrix([mover], field(zones=0), ink, "t").drawing)

    assert not list(tree.iter(f"{_SVG}polygon"))


def test_who_has_no_known_potential_stands_in_a_lane_below_the_field(ink: Ink) -> None:
    known, unknown = Place(1e6, 10.0, "core_value"), Place(1e6, None, "core_value")
    tree = parsed(matrix.matrix([known, unknown], field(zones=0), ink, "t").drawing)
    alone = parsed(matrix.matrix([known], field(zones=0), ink, "t").drawing)

    assert max(number(each, "cy") for each in tree.iter(f"{_SVG}circle")) > matrix.TOP + matrix.FIELD
    assert "not recorded" in texts(tree)
    assert "not recorded" not in texts(alone)


@given(st.floats(-3, 12), st.floats(0.1, 12))
def test_ticks_are_round_and_inside(low: float, span: float) -> None:
    ticks = matrix.decades(10**low, 10 ** (low + span))

    assert all(10**low <= each <= 10 ** (low + span) for each in ticks)
    assert all(round(each / 10 ** math.floor(math.log10(each) + 1e-9)) in (1, 3) for each in ticks)


@given(
    st.lists(st.tuples(st.floats(20, 480), st.floats(0, 200)), min_size=1, max_size=3),
    st.lists(st.floats(20, 140), min_size=3, max_size=3),
)
def test_names_around_the_field_stand_beside_one_another(
    wanted: list[tuple[float, float]], rooms: list[float]
) -> None:
    asked = sorted((left, left + width) for left, width in wanted)
    found = class_marks.side_by_side(asked, rooms[: len(asked)], (26.0, 480.0))

    for (left, right), room in zip(found, rooms, strict=False):
        assert right - left >= room - 1e-6
        assert right <= 480 + 1e-6
    for one, other in pairwise(found):
        assert one[1] <= other[0] - class_marks.GAP + 1e-6


def test_the_matrix_is_drawn_as_it_was_agreed(snapshot: SnapshotAssertion) -> None:
    places = [
        Place(9e6, 55.0, "core_value", "Aldermoor"),
        Place(2e6, 33.0, "maintain", "Bexley"),
        Place(4e5, 62.0, "high_potential", "Cawdor", before=(2e5, 45.0), is_mover=True),
        Place(3e5, 5.0, "maintain", "Dunmore", before=(6e4, 30.0), is_mover=True),
        Place(2e4, 80.0, "to_optimise"),
        Place(3e4, 40.0, "not_classed"),
        Place(2.5e5, None, "maintain", "Elsworth"),
    ]
    drawn = matrix.matrix(places, field(), _ink("industrial"), "Matrix")

    assert drawn.nameless == ()
    assert spaced(drawn.drawing) == snapshot(extension_class=DrawingGolden)


# Cells


@pytest.mark.parametrize(
    ("hits", "cases", "low", "high"), [(13, 15, 0.621, 0.963), (4, 4, 0.510, 1.0), (960, 1200, 0.776, 0.822)]
)
def test_the_interval_of_a_share_is_wilsons(hits: float, cases: float, low: float, high: float) -> None:
    assert spans.interval(hits, cases) == pytest.approx((low, high), abs=0.0005)


def test_without_cases_there_is_no_interval(ink: Ink) -> None:
    assert spans.interval(0, 0) is None
    tree = parsed(spans.span_cell(spans.Span(None, None, None), 95, 50, ink, "t", width=96))

    assert not list(tree.iter(f"{_SVG}rect"))
    assert not list(tree.iter(f"{_SVG}circle"))


@given(st.floats(0, 100), st.floats(0, 50), st.floats(0, 50))
def test_an_interval_is_cut_at_the_scale_and_holds_its_share(
    value: float, below: float, above: float
) -> None:
    ink = _ink("warm")
    low, high = max(value - below, 0), min(value + above, 100)
    tree = parsed(spans.span_cell(spans.Span(value, low, high), 90, 40, ink, "t", width=96))
    bar, dot = next(tree.iter(f"{_SVG}rect")), next(tree.iter(f"{_SVG}circle"))

    assert 0 <= number(bar, "x") <= number(dot, "cx") + 0.01
    assert number(dot, "cx") <= number(bar, "x") + number(bar, "width") + 0.51
    assert number(bar, "x") + number(bar, "width") <= 96


def test_a_missed_share_is_hollow(ink: Ink) -> None:
    tree = parsed(spans.span_cell(spans.Span(70, 60, 80, is_missed=True), 95, 50, ink, "t", width=96))

    assert next(tree.iter(f"{_SVG}circle")).get("stroke") == ink["signal"]


@given(st.floats(0, 1e6), st.floats(1, 1e6))
def test_bars_of_a_column_begin_at_zero_on_one_scale(value: float, highest: float) -> None:
    ink = _ink("warm")
    value = min(value, highest)
    tree = parsed(cells.bar(value, highest, ink, "t", width=80, is_named=True))

    bars = boxes(tree, ink["accent"])
    assert len(bars) == (value > 0)
    for each in bars:
        assert number(each, "x") == 0
        assert number(each, "width") == pytest.approx(max(value / highest * 78, 0.5), abs=0.01)
