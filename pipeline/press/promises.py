"""Drawings of commitments: a square for each that fell due, and the days ahead with what falls due in them.

A square says by its shape what became of the commitment: solid kept, half filled late, struck out dropped. A bar says
by its texture whose it is: solid ours, outlined the client's, hatched both sides'.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from markupsafe import Markup

from pipeline.periods import add_months, month_start
from pipeline.press.charts import FULL, HAIR, RULE, TICK, VALUE
from pipeline.press.svg import MM, Drawing, Ink

Outcome = Literal["kept", "late", "dropped"]
Whose = Literal["ours", "client", "both"]
SIDE, GAP, GROUP_GAP = 6.25 * MM, 1.25 * MM, 4.5 * MM
SIGN = 2.5 * MM
_SMALLEST = 1.6 * MM


@dataclass(frozen=True)
class Group:
    """The commitments with one outcome: how many, and the words under their squares."""

    outcome: Outcome
    count: int
    label: str


def squares(groups: Sequence[Group], ink: Ink, title: str, width: float = FULL) -> Markup:
    """One square a commitment, group by group, name and number below; they shrink where there are too many."""
    side = fitting_side([group.count for group in groups], width)
    gap = side * GAP / SIDE
    drawing = Drawing(width, side + 16, ink, title)
    x = 0.0
    for group in groups:
        for at in range(group.count):
            square(drawing, group.outcome, x + at * (side + gap), 0, side)
        is_miss = group.outcome != "kept"
        drawing.text(x, side + 12, group.label, VALUE, "ink", strong=is_miss)
        label = ink.width(group.label, VALUE, strong=is_miss)
        x += max(group.count * (side + gap) - gap, label) + GROUP_GAP
    return drawing.markup()


def fitting_side(counts: Sequence[int], width: float) -> float:
    """The side of the squares, so that all stand on one line."""
    room = width - GROUP_GAP * max(len(counts) - 1, 0)
    return max(min(SIDE, room / max(sum(counts), 1) / (1 + GAP / SIDE)), _SMALLEST)


def square(drawing: Drawing, outcome: Outcome, x: float, y: float, side: float) -> None:
    """One square: solid, half filled below its diagonal, or struck out."""
    if outcome == "kept":
        drawing.box(x, y, side, side, "accent")
        return
    stroke = max(side / 12, 0.7)
    colour = "signal" if outcome == "late" else "ink-3"
    drawing.outline(x, y, side, side, colour, stroke)
    if outcome == "late":
        drawing.area([(x, y + side), (x + side, y + side), (x + side, y)], colour)
    else:
        drawing.line((x, y + side), (x + side, y), colour, stroke)


def sign(outcome: Outcome, ink: Ink, title: str) -> Markup:
    """The square as a sign in a table."""
    drawing = Drawing(SIGN, SIGN, ink, title)
    square(drawing, outcome, 0, 0, SIGN)
    return drawing.markup()


# The days ahead

CELL, ROW, TALL, HEAD = 102 * MM, 7.5 * MM, 10 * MM, 10 * MM
_BAR, _DIAMOND, _CLEAR = 2.8 * MM, 4.2, 2.5
_EDGE = _DIAMOND + 1


@dataclass(frozen=True)
class Horizon:
    """The days ahead on the width of a cell."""

    first_on: date
    days: int = 90
    width: float = CELL
    row: float = ROW
    """How high a line is."""

    def __call__(self, day: date) -> float:
        return self.after((day - self.first_on).days)

    def after(self, days: float) -> float:
        """Where a day stands; at either end there is room for half a diamond."""
        return _EDGE + days / self.days * (self.width - 2 * _EDGE)

    @property
    def last_on(self) -> date:
        return self.first_on + timedelta(days=self.days - 1)

    @property
    def months(self) -> tuple[date, ...]:
        """The first days of the months that begin within it."""
        found = [add_months(month_start(self.first_on), number) for number in range(self.days // 28 + 2)]
        return tuple(each for each in found if self.first_on < each <= self.last_on)


def horizon_head(horizon: Horizon, names: Sequence[str], ink: Ink, title: str) -> Markup:
    """The head of the timeline: months by name, weeks as ticks. `names`: of the first day's month, then of `months`."""
    drawing = Drawing(horizon.width, HEAD, ink, title)
    places = [0.0, *(horizon(month) for month in horizon.months)]
    for at, (x, name) in enumerate(zip(places, names, strict=True)):
        room = (places[at + 1] if at + 1 < len(places) else horizon.width) - x
        if at:
            drawing.line((x, 0), (x, HEAD), "rule", 0.5)
        if ink.width(name, TICK, strong=True) + 4 <= room:
            drawing.text(x + (3.5 if at else 0), 8, name, TICK, "ink", strong=True)
    for week in range(1, horizon.days // 7 + 1):
        x = horizon.after(week * 7)
        drawing.line((x, HEAD - 4), (x, HEAD), "ink-3", 0.5)
    return drawing.markup()


def ahead(horizon: Horizon, due_on: date, printed: str, whose: Whose, ink: Ink, title: str) -> Markup:
    """A commitment to come: a bar as long as there is time left, a diamond on the day it is due, the date beside it."""
    drawing = _row(horizon, ink, title)
    x, y = horizon(due_on), horizon.row / 2
    _bar(drawing, x, y, whose)
    width = ink.width(printed, VALUE, strong=True)
    left = label_start(x, width, horizon.width)
    end = left + width + _CLEAR if left > x else x
    drawing.box(left - _CLEAR, y - 5, end - left + _CLEAR, 10, "paper")
    _diamond(drawing, x, y, _DIAMOND + 1, "paper")
    _diamond(drawing, x, y, _DIAMOND, "ink")
    drawing.middle_text(left, y, printed, VALUE, "ink", strong=True)
    return drawing.markup()


def _diamond(drawing: Drawing, x: float, y: float, radius: float, fill: str) -> None:
    drawing.area([(x - radius, y), (x, y - radius), (x + radius, y), (x, y + radius)], fill)


def label_start(x: float, width: float, room: float) -> float:
    """Where the date begins: right of the diamond at `x`, left of it where the cell ends before the date does."""
    beside = _DIAMOND + 1.5 + _CLEAR
    return x + beside if x + beside + width <= room else max(x - beside - width, 0.0)


def overdue(horizon: Horizon, said: str, ink: Ink, title: str) -> Markup:
    """A commitment whose day has passed: the late sign at the very beginning, and the words."""
    drawing = _row(horizon, ink, title)
    y = horizon.row / 2
    square(drawing, "late", 0, y - SIGN / 2, SIGN)
    width = ink.width(said, VALUE, strong=True)
    drawing.box(SIGN + 2, y - 5, width + 6, 10, "paper")
    drawing.middle_text(SIGN + 4, y, said, VALUE, "signal", strong=True)
    return drawing.markup()


def beyond(horizon: Horizon, printed: str, whose: Whose, ink: Ink, title: str) -> Markup:
    """A commitment due after the days ahead: the bar runs out of the cell, the date stands over its end."""
    drawing = _row(horizon, ink, title)
    y = horizon.row / 2
    _bar(drawing, horizon.width, y, whose)
    left = horizon.width - ink.width(printed, VALUE, strong=True) - 14
    drawing.box(left - _CLEAR, y - 5, horizon.width - left + _CLEAR, 10, "paper")
    drawing.middle_text(left, y, printed, VALUE, "ink", strong=True)
    end = horizon.width - 2
    drawing.line((end - 8, y), (end, y), "ink", RULE)
    drawing.path([(end - 3, y - 3), (end, y), (end - 3, y + 3)], "ink", RULE)
    return drawing.markup()


def _row(horizon: Horizon, ink: Ink, title: str) -> Drawing:
    drawing = Drawing(horizon.width, horizon.row, ink, title)
    for month in horizon.months:
        drawing.line((horizon(month), 0), (horizon(month), horizon.row), "rule", 0.5)
    return drawing


def _bar(drawing: Drawing, x: float, y: float, whose: Whose) -> None:
    if x <= 0:
        return
    top = y - _BAR / 2
    if whose == "ours":
        drawing.box(0, top, x, _BAR, "accent")
        return
    drawing.outline(0, top, x, _BAR, "accent", 1)
    if whose == "both":
        hatch(drawing, 0, top, x, _BAR)


def hatch(drawing: Drawing, x: float, y: float, width: float, height: float, step: float = 3.0) -> None:
    """Lines at 45° cut to a rectangle: the renderer has no patterns that print well."""
    offset = step
    while offset < width + height:
        start = (x + min(offset, width), y + max(offset - width, 0))
        end = (x + max(offset - height, 0), y + min(offset, height))
        drawing.line(start, end, "accent", HAIR * 2)
        offset += step
