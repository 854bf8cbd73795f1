"""The charts of goals and value: how far a goal has come, from where to where it moved, what claims of value come to.

How sure a value is shows as a texture, not as a colour, so that it survives any printer: measured is solid, confirmed
half-toned in an outline, modelled hatched, estimated an outline alone.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from pipeline.press.charts import BOLD, CATEGORY, FULL, HAIR, RULE, TICK, VALUE, Scale, fitting, label_place
from pipeline.press.svg import MM, Drawing, Ink

SIDE, MAIN, THIRD = 39.5 * MM, 126.5 * MM, 54 * MM
TRACK_MM = 30.0
_TRACK_LOW, _TRACK_HIGH = -0.2, 1.2
_STROKE, _HATCH, _HATCH_STEP = 0.8, 0.55, 2.6
_CLEAR = 12.0
"""How far two labels must be apart."""


def textured(
    drawing: Drawing, confidence: str, place: tuple[float, float], width: float, height: float
) -> None:
    """A bar from `place` (its top left) in the texture of its class of confidence."""
    x, y = place
    if confidence == "measured":
        drawing.box(x, y, width, height, "accent")
        return
    drawing.outline(x, y, width, height, "accent", _STROKE)
    if confidence == "confirmed" and width > 2 * _STROKE:
        inner = (x + _STROKE, y + _STROKE, width - 2 * _STROKE, height - 2 * _STROKE)
        drawing.box(*inner, "accent-mid")
    if confidence == "modelled":
        for start, end in hatching(x, y, width, height):
            drawing.line(start, end, "accent", _HATCH)


def hatching(
    x: float, y: float, width: float, height: float
) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """Lines at 45° cut to a rectangle: patterns and clips cost a renderer more than the lines themselves."""
    steps = [_HATCH_STEP * count for count in range(1, math.ceil((width + height) / _HATCH_STEP))]
    return [
        (
            (x + max(0.0, at - height), y + min(at, height)),
            (x + min(at, width), y + max(0.0, at - width)),
        )
        for at in steps
    ]


def swatch(confidence: str, ink: Ink, title: str) -> Markup:
    """The texture of a class of confidence beside its name, 4.6 × 2.2 mm."""
    drawing = Drawing(4.6 * MM, 2.2 * MM, ink, title)
    textured(drawing, confidence, (0, 0), drawing.width, drawing.height)
    return drawing.markup()


def track_place(share: float) -> float:
    """Where a share of the way stands in a track, in millimetres from its left edge."""
    return Scale(_TRACK_LOW, _TRACK_HIGH, 4, TRACK_MM * MM - 4)(share) / MM


def track_cell(progress: float | None, ink: Ink, title: str, *, state: str) -> Markup:
    """The way from the baseline to the target, 30 × 5 mm: both at the same place in every row.

    The point is filled where the goal is reached, hollow where it is not, and thick and in signal where it failed.
    What lies beyond the drawing is cut there. Nothing but the way is drawn where the progress is not known.
    """
    drawing = Drawing(TRACK_MM * MM, 5 * MM, ink, title)
    y = drawing.height / 2
    zero, aim = track_place(0) * MM, track_place(1) * MM
    drawing.line((0, y), (drawing.width, y), "rule", 0.6)
    drawing.line((zero, y - 3), (zero, y + 3), "ink-3", RULE)
    drawing.line((aim, 1), (aim, drawing.height - 1), "ink", 1.5)
    if progress is not None:
        x = track_place(progress) * MM
        colour = {"failed": "signal", "expired": "neutral"}.get(state, "accent")
        drawing.line((zero, y), (x, y), colour, 2.4)
        if state == "reached":
            drawing.dot(x, y, 3.4, "accent")
        else:
            drawing.ring(x, y, 3.1, colour, 1.7 if state == "failed" else BOLD)
    return drawing.markup()


@dataclass(frozen=True)
class BaseNow:
    """One quantity before and now; `aim` is its target, and how it is printed."""

    labels: tuple[str, str]
    values: tuple[float, float]
    printed: tuple[str, str]
    aim: float | None = None
    aim_printed: str = ""


def base_now(pair: BaseNow, ink: Ink, title: str, *, width: float = MAIN) -> Markup:
    """Two bars from zero, the target a tick through both; a value that would stand on the tick jumps past it."""
    row, left, bar = 6.25 * MM, 40 * MM, 9.0
    drawing = Drawing(width, 2 * row + (4.5 * MM if pair.aim is not None else 1), ink, title)
    most = max(*pair.values, pair.aim or 0.0, 0.0) or 1.0
    room = max(ink.width(each, VALUE, strong=True) for each in pair.printed) + 12
    x = Scale(0, most, left, width - room)
    for at, (label, value, printed) in enumerate(zip(pair.labels, pair.values, pair.printed, strict=True)):
        y, is_now = row * (at + 0.5), at == 1
        drawing.middle_text(0, y, fitting(label, left - 6, ink), CATEGORY, "ink", strong=is_now)
        drawing.box(left, y - bar / 2, x(value) - left, bar, "accent" if is_now else "neutral")
        place = _past(x(value) + 5, ink.width(printed, VALUE, strong=is_now), pair.aim, x)
        drawing.middle_text(place, y, printed, VALUE, "ink", strong=is_now)
    drawing.line((left, 0), (left, 2 * row), "ink", RULE)
    if pair.aim is not None:
        drawing.line((x(pair.aim), 0), (x(pair.aim), 2 * row), "ink", 1.5)
        half = ink.width(pair.aim_printed, TICK) / 2
        centre = min(x(pair.aim), width - half)
        drawing.text(centre, 2 * row + 8.5, pair.aim_printed, TICK, "ink-2", anchor="middle")
    return drawing.markup()


def _past(start: float, width: float, aim: float | None, x: Scale) -> float:
    """Where a label begins: at `start`, or behind the target's tick where that would run through it."""
    if aim is None or not start - 3 < x(aim) < start + width + 3:
        return start
    return x(aim) + 5


@dataclass(frozen=True)
class ClassBar:
    """What the claims of one class of confidence come to; None where there are claims but no amounts."""

    confidence: str
    label: str
    value: float | None
    printed: str


def class_bars(bars: Sequence[ClassBar], ink: Ink, title: str) -> Markup:
    """Value by class of confidence, 39.5 mm wide: each on a line of its own from a common zero, never stacked."""
    row = 10 * MM
    drawing = Drawing(SIDE, row * len(bars) - 3, ink, title)
    most = max((bar.value or 0.0 for bar in bars), default=0.0) or 1.0
    for at, bar in enumerate(bars):
        top = row * at
        drawing.text(0, top + 8, bar.label, CATEGORY, "ink-2")
        colour = "ink" if bar.value else "ink-3"
        drawing.text(SIDE, top + 8, bar.printed, CATEGORY, colour, anchor="end", strong=bool(bar.value))
        if bar.value:
            textured(drawing, bar.confidence, (0, top + 13), max(bar.value / most * SIDE, 2.5), 8)
        else:
            drawing.line((0, top + 17), (SIDE, top + 17), "rule", HAIR)
    return drawing.markup()


def wide_class_bars(bars: Sequence[ClassBar], ink: Ink, title: str, *, width: float = FULL) -> Markup:
    """The same with names at the left and values at the bars' ends, one line for each."""
    row, left = 6.25 * MM, 40 * MM
    drawing = Drawing(width, row * len(bars), ink, title)
    room = max((ink.width(bar.printed, CATEGORY, strong=True) for bar in bars), default=0.0) + 8
    x = Scale(0, max((bar.value or 0.0 for bar in bars), default=0.0) or 1.0, left, width - room)
    for at, bar in enumerate(bars):
        y = row * (at + 0.5)
        drawing.middle_text(0, y, bar.label, CATEGORY, "ink")
        end = left
        if bar.value:
            end = max(x(bar.value), left + 2.5)
            textured(drawing, bar.confidence, (left, y - 4), end - left, 8)
        drawing.middle_text(
            end + 5, y, bar.printed, CATEGORY, "ink" if bar.value else "ink-3", strong=bool(bar.value)
        )
    drawing.line((left, 0), (left, drawing.height), "ink", RULE)
    return drawing.markup()


@dataclass(frozen=True)
class Step:
    """A measurement: its day, its value, and how that is printed."""

    day: date
    value: float
    printed: str


@dataclass(frozen=True)
class Course:
    """The measurements of one goal, oldest first; `ends` are the days at the foot of the chart, as printed."""

    steps: tuple[Step, ...]
    aim: float | None
    aim_printed: str
    ends: tuple[str, str]
    state: str


def path_line(course: Course, ink: Ink, title: str, *, width: float, height: float, is_full: bool) -> Markup:
    """Measurements over time against the target (dashed); the scale is cut, both its ends are labelled.

    `is_full` prints every value, else the first and the last.
    """
    drawing = Drawing(width, height, ink, title)
    steps, last = course.steps, course.steps[-1]
    gutter = ink.width(last.printed, VALUE, strong=True) + 8
    y = _height_of(course, top=13.0, bottom=height - 27.0)
    x = Scale(steps[0].day.toordinal(), last.day.toordinal(), 4, width - gutter)
    places = [(x(each.day.toordinal()), y(each.value)) for each in steps]
    _aimed(drawing, course, y, (x.start - 4, x.end + 4), places)
    drawing.path(places, "accent", 1.6 if is_full else 1.2)
    for place in places[:-1]:
        drawing.dot(*place, 2.1 if is_full else 1.6, "accent")
    _last_point(drawing, places[-1], course.state)
    drawing.middle_text(places[-1][0] + 6, places[-1][1], last.printed, VALUE, "ink", strong=True)
    _labelled(drawing, course, places, None if course.aim is None else y(course.aim), is_full=is_full)
    drawing.line((0, height - 11), (x.end + 4, height - 11), "rule", 0.5)
    drawing.text(0, height - 2, course.ends[0], TICK, "ink-3")
    drawing.text(x.end + 4, height - 2, course.ends[1], TICK, "ink-3", anchor="end")
    return drawing.markup()


def _height_of(course: Course, top: float, bottom: float) -> Scale:
    values = [each.value for each in course.steps] + ([] if course.aim is None else [course.aim])
    low, high = min(values), max(values)
    if low == high:  # a level line runs through the middle
        return Scale(low - 1, high + 1, bottom, top)
    return Scale(low, high, bottom, top)


def _aimed(
    drawing: Drawing,
    course: Course,
    y: Scale,
    span: tuple[float, float],
    places: Sequence[tuple[float, float]],
) -> None:
    """The target as a dashed line with its name at the left, on the side away from the first point.

    Where the first point lies on it the name stands at the right.
    """
    if course.aim is None:
        return
    level = y(course.aim)
    drawing.line((span[0], level), (span[1], level), "ink", RULE, "2.6 2")
    height = level + 8.5 if places[0][1] < level else level - 3.5
    if abs(places[0][1] - level) < _CLEAR:
        drawing.text(span[1], height, course.aim_printed, TICK, "ink-2", anchor="end")
    else:
        drawing.text(span[0], height, course.aim_printed, TICK, "ink-2")


def _last_point(drawing: Drawing, place: tuple[float, float], state: str) -> None:
    if state == "reached":
        drawing.dot(*place, 2.8, "accent")
    else:
        colour = {"failed": "signal", "expired": "ink-3"}.get(state, "accent")
        drawing.ring(*place, 2.6, colour, BOLD)


def _labelled(
    drawing: Drawing,
    course: Course,
    places: Sequence[tuple[float, float]],
    aim: float | None,
    *,
    is_full: bool,
) -> None:
    """The values before the last one: all of them, or only the first."""
    shown = range(len(places) - 1) if is_full else range(1)
    for at in shown:
        label = course.steps[at].printed
        width = drawing.ink.width(label, VALUE)
        if at == 0:
            is_high = len(places) < 2 or places[1][1] >= places[0][1]
            drawing.text(0, places[0][1] + (-5 if is_high else 11), label, VALUE, "ink-2")
            continue
        dx, dy = label_place(places, at, width, aim, drawing.height - 12)
        drawing.middle_text(places[at][0] + dx, places[at][1] + dy, label, VALUE, "ink-2", anchor="middle")
