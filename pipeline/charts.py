"""The charts of the reports. Each says its values in its title, labels them at the data, and never draws what is unknown.

A value of None is a gap: a line breaks there, a dash stands in its place. Shares are drawn as they are printed, in
per cent. Sizes are in points; `MM` converts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from markupsafe import Markup

from pipeline.printing import UNKNOWN
from pipeline.svg import MM, Drawing, Ink

TICK, VALUE, CATEGORY = 7.0, 7.5, 7.75
_HAIR, _RULE, _BOLD = 0.35, 0.75, 1.4
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
    values: Sequence[float | None], target: float | None, ink: Ink, title: str, *, is_missed: bool
) -> Markup:
    """A trend beside a figure, 30.8 × 13 mm: the line, the target dashed, the last point only."""
    drawing = Drawing(30.8 * MM, 13 * MM, ink, title)
    known = [value for value in (*values, target) if value is not None]
    margin, right = 3.5, drawing.width - 4
    y = Scale(min(known), max(known), drawing.height - margin - 2, margin + 2)
    level = (min(known) == max(known)) * -(drawing.height / 2 - margin - 2)
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
        drawing.ring(*last, 2.4, "signal", _BOLD)
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
            (left, y(tick)), (right, y(tick)), "ink-3" if is_base else "rule-2", _RULE if is_base else _HAIR
        )
        drawing.middle_text(left - 5, y(tick), f"{tick:g}", TICK, "ink-3", anchor="end")
    if target is not None:
        drawing.line((left, y(target)), (right, y(target)), "ink", _RULE, "2.6 2")
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


@dataclass(frozen=True)
class DotRow:
    """A rate counted in two ways; `is_missed` says it of the first."""

    label: str
    first: float | None
    second: float | None
    printed: tuple[str, str]
    is_missed: bool = False
    is_strong: bool = False


def dot_rows(
    rows: Sequence[DotRow],
    target: float | None,
    ink: Ink,
    title: str,
    *,
    heads: tuple[str, str],
    aim: str,
    width: float = HALF,
) -> Markup:
    """Rates near 100 %: the dot is the first way of counting, the tick the second; values at the right."""
    row, top = 6.25 * MM, 5 * MM
    drawing = Drawing(width, top + row * len(rows) + 5 * MM, ink, title)
    values = [value for each in rows for value in (each.first, each.second)]
    floor = rate_floor(values, target)
    left, right = 25 * MM, width - 28 * MM
    x = Scale(floor, 100, left, right)
    base = top + row * len(rows)
    if target is not None:
        drawing.box(x(target), top, x(100) - x(target), base - top, "accent-tint")
        half = ink.width(aim, TICK, strong=True) / 2
        centre = min(max(x(target), left + half), right + MM - half)
        drawing.text(centre, top - 4.5, aim, TICK, "ink-2", anchor="middle", strong=True)
    for at, each in enumerate(rows):
        _dot_row(drawing, each, x, top + row * (at + 0.5))
    if target is not None:
        drawing.line((x(target), top), (x(target), base), "ink", _RULE, "2.4 1.8")
    drawing.line((left, base), (right, base), "ink-3", _RULE)
    for end in (floor, 100):
        drawing.text(x(end), base + 9, f"{end:g}", TICK, "ink-3", anchor="middle")
    for place, head in zip((width - 14 * MM, width), heads, strict=True):
        drawing.text(place, top - 4.5, head, TICK, "ink-2", anchor="end")
    return drawing.markup()


def _dot_row(drawing: Drawing, row: DotRow, x: Scale, y: float) -> None:
    drawing.middle_text(0, y, row.label, CATEGORY, "ink")
    drawing.line((x.start, y), (x.end, y), "rule", 0.5)
    if row.first is not None and row.second is not None:
        drawing.line((x(row.first), y), (x(row.second), y), "accent", 1.3)
    if row.second is not None:
        drawing.line((x(row.second), y - 4), (x(row.second), y + 4), "accent", 1.6)
    if row.first is not None and row.is_missed:
        drawing.ring(x(row.first), y, 3.2, "signal", 1.7)
    elif row.first is not None:
        drawing.dot(x(row.first), y, 3.5, "accent")
    colour = "signal" if row.is_missed else "ink"
    drawing.middle_text(
        drawing.width - 14 * MM, y, row.printed[0], CATEGORY, colour, anchor="end", strong=True
    )
    drawing.middle_text(drawing.width, y, row.printed[1], CATEGORY, "ink", anchor="end")


@dataclass(frozen=True)
class Bar:
    """One cause or topic; `is_named` where the chart's title speaks of it."""

    label: str
    value: float
    printed: str
    is_named: bool = False


def ranked_bars(
    bars: Sequence[Bar], ink: Ink, title: str, *, row: float = 5.3 * MM, width: float = HALF
) -> Markup:
    """Causes or topics by size, from zero; the bars that the title names in the accent."""
    left = 32 * MM
    drawing = Drawing(width, row * len(bars) + 4, ink, title)
    room = max(ink.width(bar.printed, CATEGORY, strong=True) for bar in bars) + 6
    x = Scale(0, max(*(bar.value for bar in bars), 1.0), left, width - room)
    for at, bar in enumerate(bars):
        y = 2 + row * (at + 0.5)
        drawing.middle_text(0, y, fitting(bar.label, left - 4, ink), CATEGORY, "ink")
        drawing.box(left, y - 4, x(bar.value) - left, 8, "accent" if bar.is_named else "neutral")
        drawing.middle_text(x(bar.value) + 4, y, bar.printed, CATEGORY, "ink", strong=bar.is_named)
    drawing.line((left, 0), (left, drawing.height), "ink", _RULE)
    return drawing.markup()


def fitting(label: str, width: float, ink: Ink, size: float = CATEGORY) -> str:
    """A label cut to a width, with an ellipsis where it had to be."""
    if ink.width(label, size) <= width:
        return label
    kept = label
    while kept and ink.width(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def rate_cell(
    value: float | None, target: float | None, floor: float, ink: Ink, title: str, *, is_missed: bool
) -> Markup:
    """A rate in a table's cell, 32 × 5 mm; floor and target stand at the same place in every row."""
    drawing = Drawing(32 * MM, 5 * MM, ink, title)
    x = Scale(floor, 100, 0, drawing.width - 3)
    y = drawing.height / 2
    drawing.line((0, y), (drawing.width, y), "rule", 0.6)
    if target is not None:
        drawing.line((x(target), 1), (x(target), drawing.height - 1), "ink", 1.5)
    if value is not None and is_missed:
        drawing.ring(x(value), y, 3.2, "signal", 1.7)
    elif value is not None:
        drawing.dot(x(value), y, 3.5, "accent")
    return drawing.markup()


def rate_place(value: float, floor: float) -> float:
    """Where a value stands in a cell of rates, in millimetres from its left edge."""
    return Scale(floor, 100, 0, 32 * MM - 3)(value) / MM


LIMIT_PLACE = 0.8
"""Where in its cell the limit stands, as a share of the cell's width."""
LIMIT_CELL = 26.0


def limit_cell(
    median: float | None, ninetieth: float | None, limits: tuple[float, float], ink: Ink, title: str
) -> Markup:
    """A time against its limit, 26 × 5 mm: bar to the median, line to nine in ten, the limit at one place.

    Where cases had different limits a second, thinner rule stands at the shortest. What passes the drawing's end
    is cut there with an open end.
    """
    drawing = Drawing(LIMIT_CELL * MM, 5 * MM, ink, title)
    least, most = limits
    end = most / LIMIT_PLACE
    x = Scale(0, end, 0, drawing.width)
    y = drawing.height / 2
    if median is not None:
        drawing.box(0, y - 3.5, x(median), 7, "accent")
    if ninetieth is not None:
        drawing.line((0, y), (x(ninetieth), y), "accent", 0.9)
        if ninetieth <= end:
            drawing.line((x(ninetieth), y - 3), (x(ninetieth), y + 3), "accent", 0.9)
        else:
            _arrow_head(drawing, y)
    drawing.line((0.4, y - 5), (0.4, y + 5), "ink", _RULE)
    drawing.line((x(most), y - 6), (x(most), y + 6), "ink", 1.5)
    if least < most:
        drawing.line((x(least), y - 6), (x(least), y + 6), "ink", 0.6)
    return drawing.markup()


def _arrow_head(drawing: Drawing, y: float) -> None:
    end = drawing.width - 0.5
    drawing.path([(end - 3, y - 3), (end, y), (end - 3, y + 3)], "accent", 0.9)


@dataclass(frozen=True)
class Interval:
    """A share with its interval, in per cent."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    printed: str
    count: str
    is_missed: bool = False


def intervals(
    rows: Sequence[Interval], target: float | None, ink: Ink, title: str, *, aim: str, width: float = HALF
) -> Markup:
    """Shares of small samples, 52 mm high: dot and 95 % bar, the number of answers under the axis."""
    drawing = Drawing(width, 52 * MM, ink, title)
    gutter = ink.width(aim, TICK, strong=True) + 4 if target is not None else 2
    left, right, top, bottom = 6.2 * MM, drawing.width - gutter, 3.5, 43.5 * MM
    lows = [each.low for each in rows if each.low is not None]
    floor = max(min([*lows, 80.0 if target is None else target - 5]) // 20 * 20, 0)
    y = Scale(floor, 100, bottom, top)
    for tick in ticks(floor, 100):
        is_base = tick == floor
        drawing.line(
            (left, y(tick)), (right, y(tick)), "ink-3" if is_base else "rule-2", _RULE if is_base else _HAIR
        )
        drawing.middle_text(left - 3, y(tick), f"{tick:g}", TICK, "ink-3", anchor="end")
    if target is not None:
        drawing.line((left, y(target)), (right, y(target)), "ink", _RULE, "2.6 2")
        drawing.middle_text(right + 3, y(target), aim, TICK, "ink-2", strong=True)
    step = (right - left) / len(rows)
    for at, each in enumerate(rows):
        _interval(drawing, each, left + step * (at + 0.5), y, target, is_last=at == len(rows) - 1)
    drawing.text(0, bottom + 24, "n", TICK, "ink-3")
    return drawing.markup()


def _interval(
    drawing: Drawing, row: Interval, x: float, y: Scale, target: float | None, *, is_last: bool
) -> None:
    bottom = y.start
    drawing.text(x, bottom + 12, row.label, TICK, "ink-2", anchor="middle")
    drawing.text(x, bottom + 24, row.count, TICK, "ink-3", anchor="middle")
    if row.value is None or row.low is None or row.high is None:
        drawing.text(x, bottom - 6, UNKNOWN, VALUE, "ink-3", anchor="middle")
        return
    drawing.line((x, y(row.low)), (x, y(row.high)), "accent" if is_last else "accent-mid", 4)
    if row.is_missed:
        drawing.ring(x, y(row.value), 3.4, "signal", 1.7)
    else:
        drawing.dot(x, y(row.value), 3.8, "accent")
    middle = y(row.value)
    if (
        target is not None and abs(middle - y(target)) < 7
    ):  # off the target line, or the digits are struck through
        middle = y(target) + (7 if row.is_missed else -7)
    elif any(abs(middle - y(tick)) < 4 for tick in ticks(y.low, y.high)):
        middle += -6 if middle > y(y.low) - 4 else 6  # off the rule of the scale
    colour = "signal" if row.is_missed else "ink"
    drawing.middle_text(x + 7, middle, row.printed, VALUE, colour, strong=is_last)


def columns(
    points: Sequence[Point], ink: Ink, title: str, *, height: float = 40 * MM, strong: int = 3
) -> Markup:
    """Amounts of few periods, 170 mm wide: from zero, the value on top, negatives below in signal, the last ones in accent."""
    drawing = Drawing(FULL, height, ink, title)
    values = [point.value for point in points if point.value is not None]
    low, high = min([*values, 0.0]), max([*values, 0.0])
    bottom = height - 25
    y = Scale(low, high if high > low else low + 1, bottom - (12 if low < 0 else 0), 12)
    step = drawing.width / len(points)
    xs = [step * (at + 0.5) for at in range(len(points))]
    for at, (point, x) in enumerate(zip(points, xs, strict=True)):
        _column(drawing, point, x, step * 0.6, y, is_recent=at >= len(points) - strong)
        drawing.text(x, bottom + 11, point.label, TICK, "ink-2", anchor="middle")
    drawing.line((0, y(0)), (drawing.width, y(0)), "ink", _RULE)
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
