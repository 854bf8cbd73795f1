"""Marks of customers' classes, and their names around a field: shapes that survive a grey printer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pipeline.press.charts import RULE, TICK
from pipeline.press.svg import MM, Drawing

BIG, SMALL = 3.2, 1.9
GAP = 3 * MM
_NAME, _SIGN = 9.5, 11.0
"""The size of a class's name, and the room for its mark before it."""


@dataclass(frozen=True)
class Zone:
    """A class as the frame names it: its name, and how many customers and how much of the sales that is."""

    name: str
    said: str


def shape(drawing: Drawing, kind: str, x: float, y: float, colour: str) -> None:
    """The mark of a class: circle, triangle, square; a small dot for the rest."""
    if kind == "core_value":
        drawing.dot(x, y, BIG, colour)
    elif kind == "high_potential":
        drawing.area([(x - 3.3, y + 2.6), (x + 3.3, y + 2.6), (x, y - 3.2)], colour)
    elif kind == "maintain":
        drawing.box(x - 2.6, y - 2.6, 5.2, 5.2, colour)
    elif kind == "to_optimise":
        drawing.ring(x, y, 2.0, colour, 1.1)
    else:
        drawing.dot(x, y, SMALL, colour)


def zone_row(
    drawing: Drawing,
    zones: Mapping[str, Zone],
    wanted: Mapping[str, tuple[float, float]],
    bounds: tuple[float, float],
    top: float,
) -> None:
    """The names of classes from left to right, each near the span that it is wanted over; those without customers left out."""
    spans = {kind: span for kind, span in wanted.items() if kind in zones}
    rooms = [_room(drawing, zones[kind]) for kind in spans]
    for kind, span in zip(spans, side_by_side(list(spans.values()), rooms, bounds), strict=True):
        _zone(drawing, zones[kind], kind, span, top)


def side_by_side(
    wanted: Sequence[tuple[float, float]], rooms: Sequence[float], bounds: tuple[float, float]
) -> list[tuple[float, float]]:
    """Spans from left to right, each at least as wide as its room and as near to where it is wanted as they allow."""
    if not wanted:
        return []
    lefts: list[float] = []
    edge, end = bounds
    for (left, _right), room in zip(wanted, rooms, strict=True):
        lefts.append(max(left, edge))
        edge = lefts[-1] + room + GAP
    limit = end
    for at in reversed(range(len(lefts))):
        lefts[at] = min(lefts[at], limit - rooms[at])
        limit = lefts[at] - GAP
    ends = [*(left - GAP for left in lefts[1:]), end]
    return [
        (left, max(left + room, min(right, stop)))
        for left, (_left, right), room, stop in zip(lefts, wanted, rooms, ends, strict=True)
    ]


def _room(drawing: Drawing, zone: Zone) -> float:
    """The width that a class's name and what is said of it take."""
    name = drawing.ink.width(zone.name, _NAME, strong=True) + _SIGN
    return max(name, drawing.ink.width(zone.said, TICK))


def _zone(drawing: Drawing, zone: Zone, kind: str, span: tuple[float, float], top: float) -> None:
    """A class's name and what is said of it over a rule; a heavy one for core value."""
    left, right = span
    shape(drawing, kind, left + BIG, top + 6.5, "ink")
    drawing.text(left + _SIGN, top + 10, zone.name, _NAME, "ink", strong=True)
    drawing.text(left, top + 20, zone.said, TICK, "ink-2")
    drawing.line((left, top + 24.5), (right, top + 24.5), "ink", 2 if kind == "core_value" else RULE)
