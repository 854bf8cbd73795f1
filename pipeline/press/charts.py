"""The charts of the reports. Each says its values in its title, labels them at the data, and never draws what is unknown.

A value of None is a gap: a line breaks there, a dash stands in its place. Shares are drawn as they are printed, in
per cent. Sizes are in points; `MM` converts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from pipeline.press.printing import UNKNOWN
from pipeline.press.svg import MM, Drawing, Ink

TICK, VALUE, CATEGORY = 7.0, 7.5, 7.75
HAIR, RULE, BOLD = 0.35, 0.75, 1.4
FULL, HALF = 170 * MM, 83 * MM


@dataclass(frozen=True)
class Point:
    """One value of a series: where it stands, what is printed beside it, how many cases it rests on."""

    label: str
    value: float | None
    printed: str
    count: str = ""
    is_missed: bool = False
    year: str = ""
    """The year, where the point is the first of it."""


@dataclass(frozen=True)
class Scale:
    """Values from `low` to `high` on pixels from `start` to `end`."""

    low: float
    high: float
    start: float
    end: float

    def __call__(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.start + (inside - self.low) / ((self.high - self.low) or 1) * (self.end - self.start)


def stretches(points: Sequence[tuple[float, float] | None]) -> list[list[tuple[float, float]]]:
    """The unbroken runs of known points."""
    made: list[list[tuple[float, float]]] = [[]]
    for point in points:
        if point is None:
            made.append([])
        else:
            made[-1].append(point)
    return [run for run in made if run]


def rate_floor(values: Sequence[float | None], target: float | None) -> float:
    """Where a scale of rates begins: a round number below all values and the target, at least eight points below 100."""
    known = [value for value in (*values, target) if value is not None]
    lowest = min(known, default=0.0)
    for step, reach in ((2, 12), (5, 30), (10, 60)):
        floor = (lowest - 0.15 * (100 - lowest)) // step * step
        if 100 - floor <= reach:
            return float(min(max(floor, 0), 92))
    return float(max(lowest // 20 * 20, 0))


def ticks(low: float, high: float) -> list[float]:
    """Three or four round numbers from `low` to `high`, both included where they are round."""
    step = next(
        step for step in (2, 4, 5, 10, 20, 25) if (high - low) / step <= 5 and (high - low) % step == 0
    )
    return [low + step * count for count in range(round((high - low) / step) + 1)]


def sparkline(
    values: Sequence[float | None],
    target: float | None,
    ink: Ink,
    title: str,
    *,
    is_missed: bool,
    size: tuple[float, float] = (30.8 * MM, 13 * MM),
) -> Markup:
    """A trend beside a figure or in a table: the line, the target dashed, the last point only."""
    drawing = Drawing(*size, ink, title)
    known = [value for value in (*values, target) if value is not None]
    margin, right = min(5.5, drawing.height * 0.22), drawing.width - 4
    y = Scale(min(known), max(known), drawing.height - margin, margin)
    level = (min(known) == max(known)) * -(drawing.height / 2 - margin)
    step = right / max(len(values) - 1, 1)
    placed = [None if value is None else (step * at + 1, y(value) + level) for at, value in enumerate(values)]
    if target is not None:
        drawing.line((0, y(target) + level), (drawing.width, y(target) + level), "ink", 0.6, "2.2 1.8")
    for run in stretches(placed):
        drawing.path(run, "accent", 1.1)
        if len(run) == 1:
            drawing.dot(*run[0], 1.1, "accent")
    last = placed[-1]
    if last is not None and is_missed:
        drawing.ring(*last, 2.4, "signal", BOLD)
    elif last is not None:
        drawing.dot(*last, 2.6, "accent")
    return drawing.markup()


def line_with_zone(
    points: Sequence[Point], target: float | None, ink: Ink, title: str, *, zone: str, counted: str
) -> Markup:
    """A rate by month, 170 × 58 mm: the zone above the target tinted, every value printed, months and counts below.

    `zone` names the target zone, `counted` the row of counts. Values are in per cent.
    """
    values = [point.value for point in points]
    drawing = Drawing(FULL, 58 * MM, ink, title)
    left, right, top, bottom = 7.2 * MM, 167.8 * MM, 14.0, 44.5 * MM
    floor = rate_floor(values, target)
    y = Scale(floor, 100, bottom, top)
    _plot(drawing, y, (left, right), target, zone)
    step = (right - left) / len(points)
    xs = [left + step * (at + 0.5) for at in range(len(points))]
    placed = [None if value is None else (x, y(value)) for x, value in zip(xs, values, strict=True)]
    for run in stretches(placed):
        drawing.path(run, "accent", 1.8)
    for at, point in enumerate(points):
        _marked(drawing, points, placed, at, None if target is None else y(target), bottom)
        _below(drawing, point, xs[at], bottom)
    drawing.text(0, bottom + 24, counted, TICK, "ink-3")
    _years(drawing, points, xs, step, bottom)
    return drawing.markup()


def _plot(drawing: Drawing, y: Scale, span: tuple[float, float], target: float | None, zone: str) -> None:
    left, right = span
    if target is not None:
        drawing.box(left, y(100), right - left, y(target) - y(100), "accent-tint")
    for tick in ticks(y.low, 100):
        is_base = tick == y.low
        drawing.line(
            (left, y(tick)), (right, y(tick)), "ink-3" if is_base else "rule-2", RULE if is_base else HAIR
        )
        drawing.middle_text(left - 5, y(tick), f"{tick:g}", TICK, "ink-3", anchor="end")
    if target is not None:
        drawing.line((left, y(target)), (right, y(target)), "ink", RULE, "2.6 2")
        is_thin = y(target) - y(100) < 13
        drawing.text(left + 5, y(100) + (-4 if is_thin else 10.5), zone, TICK, "ink-2", strong=True)


def _marked(
    drawing: Drawing,
    points: Sequence[Point],
    placed: Sequence[tuple[float, float] | None],
    at: int,
    aim: float | None,
    bottom: float,
) -> None:
    """A month's point and value, on the side where lines leave room; the last three months strong."""
    place, point = placed[at], points[at]
    if place is None:
        return
    x, y = place
    if point.is_missed:
        drawing.ring(x, y, 3.0, "signal", 1.7)
    else:
        drawing.dot(x, y, 3.1, "accent")
    strong = at >= len(points) - 3
    colour = "signal" if point.is_missed else "ink" if strong else "ink-2"
    width = drawing.ink.width(point.printed, VALUE, strong=strong)
    dx, dy = label_place(placed, at, width, aim, bottom)
    drawing.middle_text(x + dx, y + dy, point.printed, VALUE, colour, anchor="middle", strong=strong)


_PLACES = ((0, -10), (0, 10), (7, -9), (-7, -9), (8, 9), (-8, 9), (0, -15), (0, 15), (15, -5), (-15, -5))


"""Where a label's middle may stand from its point, best first."""


def label_place(
    placed: Sequence[tuple[float, float] | None], at: int, width: float, aim: float | None, bottom: float
) -> tuple[float, float]:
    """How far from its point a label's middle stands so that no line runs through it.

    Peaks and slopes up to the last point are labelled above, troughs below; else the first place that is clear of
    the series, the neighbours' points and the target line at `aim`, between the drawing's top and `bottom`.
    """
    here = placed[at]
    assert here is not None
    near = [each for each in placed[max(at - 1, 0) : at + 2] if each is not None]
    is_trough = len(near) > 1 and all(each[1] <= here[1] for each in near) and near[0][1] < here[1] - 1
    order = sorted(range(len(_PLACES)), key=lambda place: (is_trough and _PLACES[place][1] < 0, place))

    def cost(place: int) -> tuple[int, int]:
        x, y = here[0] + _PLACES[place][0], here[1] + _PLACES[place][1]
        box = (x - width / 2 - 1, y - 4.8, x + width / 2 + 1, y + 4.8)
        hits = sum(_crosses(box, one, other) for one, other in pairwise(near))
        hits += 2 * sum(_crosses(box, each, each) for each in near)
        hits += aim is not None and box[1] < aim < box[3]
        hits += 9 * (box[1] < -1 or box[3] > bottom)
        return hits, order.index(place)

    dx, dy = _PLACES[min(range(len(_PLACES)), key=cost)]
    return float(dx), float(dy)


def _crosses(
    box: tuple[float, float, float, float], start: tuple[float, float], end: tuple[float, float]
) -> bool:
    """Whether a line passes through a box: looked at in steps finer than a label."""
    steps = 24
    for step in range(steps + 1):
        share = step / steps
        x, y = start[0] + share * (end[0] - start[0]), start[1] + share * (end[1] - start[1])
        if box[0] < x < box[2] and box[1] < y < box[3]:
            return True
    return False


def _below(drawing: Drawing, point: Point, x: float, bottom: float) -> None:
    ink3 = "ink-3"
    drawing.text(x, bottom + 12, point.label, TICK, "ink-2", anchor="middle")
    drawing.text(x, bottom + 24, point.count or UNKNOWN, TICK, ink3, anchor="middle")
    if point.value is None:
        drawing.text(x, bottom - 6, UNKNOWN, VALUE, ink3, anchor="middle")


def _years(
    drawing: Drawing, points: Sequence[Point], xs: Sequence[float], step: float, bottom: float
) -> None:
    for at, point in enumerate(points):
        if point.year:
            edge = xs[at] - step / 2
            drawing.text(edge + (4 if at else 0), bottom + 35, point.year, TICK, "ink-3")
            if at:
                drawing.line((edge, bottom + 3), (edge, bottom + 37), "rule", 0.5)


def fitting(label: str, width: float, ink: Ink, size: float = CATEGORY) -> str:
    """A label cut to a width, with an ellipsis where it had to be."""
    if ink.width(label, size) <= width:
        return label
    kept = label
    while kept and ink.width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def columns(
    points: Sequence[Point],
    ink: Ink,
    title: str,
    *,
    height: float = 40 * MM,
    strong: int = 3,
    width: float = FULL,
) -> Markup:
    """Amounts of few periods: from zero, the value on top, negatives below in signal, the last ones in accent."""
    drawing = Drawing(width, height, ink, title)
    values = [point.value for point in points if point.value is not None]
    low, high = min([*values, 0.0]), max([*values, 0.0])
    bottom = height - 25
    y = Scale(low, high if high > low else low + 1, bottom - (12 if low < 0 else 0), 12)
    step = drawing.width / len(points)
    xs = [step * (at + 0.5) for at in range(len(points))]
    for at, (point, x) in enumerate(zip(points, xs, strict=True)):
        _column(drawing, point, x, step * 0.6, y, is_recent=at >= len(points) - strong)
        drawing.text(x, bottom + 11, point.label, TICK, "ink-2", anchor="middle")
    drawing.line((0, y(0)), (drawing.width, y(0)), "ink", RULE)
    _years(drawing, points, xs, step, bottom - 12)
    return drawing.markup()


def _column(drawing: Drawing, point: Point, x: float, width: float, y: Scale, *, is_recent: bool) -> None:
    if point.value is None:
        drawing.text(x, y(0) - 4, UNKNOWN, VALUE, "ink-3", anchor="middle")
        return
    zero, top = y(0), y(point.value)
    is_negative = point.value < 0
    fill = "signal" if is_negative else "accent" if is_recent else "neutral"
    if point.value:
        drawing.box(x - width / 2, min(zero, top), width, max(abs(zero - top), 0.5), fill)
    label = top + 9.5 if is_negative else top - 4
    colour = "signal" if is_negative else "ink" if point.value else "ink-3"
    drawing.text(
        x, label, point.printed, VALUE, colour, anchor="middle", strong=is_recent and point.value != 0
    )
