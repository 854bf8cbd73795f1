"""The matrix of value and potential: every customer at its place, the borders between classes, who moved and from where.

Across stand sales on a logarithmic scale, upwards a share in per cent. The shape of a mark is the customer's class, so
that one that is classed by what neither axis shows can still be read.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import FULL, HAIR, RULE, TICK, VALUE, Scale
from pipeline.press.class_marks import BIG, GAP, SMALL, Zone, shape, zone_row
from pipeline.press.labels import Box, Found, Wanted, around, leader, placed
from pipeline.press.svg import MM, Drawing, Ink

LEFT, TOP = 9.2 * MM, 16.5 * MM
FIELD = 76 * MM
_UNDER, _LANE, _FOOT = 10 * MM, 8 * MM, 10.5 * MM
_LABEL = 10.0
_START = 2.4
_SHORTEST_ARROW = 11.0
_LEAST_ZONE = 30 * MM
"""Room at the right that the first class keeps for its name, however few are in it."""

HIGH_MARKS = ("core_value", "high_potential", "maintain")


@dataclass(frozen=True)
class Place:
    """A customer: its sales (above zero), its share upwards (None: not known), its class; `before` is where it was."""

    sales: float
    share: float | None
    kind: str
    label: str = ""
    before: tuple[float, float] | None = None
    is_mover: bool = False


@dataclass(frozen=True)
class Border:
    """A border of sales: where it stands, from where to where a customer keeps its class, what is printed beside it."""

    at: float
    keeps: tuple[float, float]
    label: str


@dataclass(frozen=True)
class Field:
    """The field: borders of medium and high value, the border of potential in per cent, ticks, titles, the classes."""

    medium: Border
    high: Border
    potential: float
    potential_label: str
    ticks: Sequence[tuple[float, str]]
    across: str
    upwards: str
    lane: str
    zones: Mapping[str, Zone]


@dataclass(frozen=True)
class Drawn:
    """The drawing, and the names for which no place was found."""

    drawing: Markup
    nameless: tuple[str, ...]


def decades(low: float, high: float) -> list[float]:
    """Round amounts from `low` to `high`: 1 and 3 of each power of ten; powers alone where these are many."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    steps = (1, 3) if len(powers) <= 5 else (1,)
    return [step * 10.0**power for power in powers for step in steps if low <= step * 10.0**power <= high]


def extent(amounts: Sequence[float]) -> tuple[float, float]:
    """The span of a logarithmic axis: all amounts, with a little air on both sides."""
    return min(amounts) / 1.35, max(amounts) * 1.35


def matrix(places: Sequence[Place], field: Field, ink: Ink, title: str) -> Drawn:
    """The field, 170 mm wide, with the names of the classes above and below it.

    Customers whose share is not known stand in a lane under the field.
    """
    has_lane = any(place.share is None for place in places)
    height = TOP + FIELD + _UNDER + _FOOT + (_LANE if has_lane else 0)
    drawing = Drawing(FULL, height, ink, title)
    x, y = _scales(places, field)
    lane = TOP + FIELD + _LANE / 2 + 2
    fixed = _ground(drawing, field, x, y, lane if has_lane else None)
    _zones(drawing, field, x, height)
    spots = [_spot(place, x, y, lane) for place in places]
    arrows = [_arrow(drawing, place, spot, x, y) for place, spot in zip(places, spots, strict=True)]
    for wanted in (False, True):
        for place, spot in zip(places, spots, strict=True):
            if place.is_mover == wanted:
                _mark(drawing, place, *spot)
    lines = [line for line in arrows if line is not None]
    nameless = _named(drawing, places, spots, fixed, lines, field, x)
    return Drawn(drawing.markup(), nameless)


def _scales(places: Sequence[Place], field: Field) -> tuple[Scale, Scale]:
    """Powers of ten across, per cent upwards; the class of high value has room for its name."""
    starts = [place.before[0] for place in places if place.before is not None]
    amounts = [*(place.sales for place in places), *starts, field.medium.at, field.high.at]
    low, high = (math.log10(each) for each in extent(amounts))
    least = (FULL - LEFT - _LEAST_ZONE) / (FULL - LEFT)
    border = math.log10(field.high.at)
    high = max(high, low + (border - low) / least)
    return Scale(low, high, LEFT, FULL - 0.5), Scale(0, 100, TOP + FIELD, TOP)


def _spot(place: Place, x: Scale, y: Scale, lane: float) -> tuple[float, float]:
    return x(math.log10(place.sales)), lane if place.share is None else y(place.share)


def _ground(drawing: Drawing, field: Field, x: Scale, y: Scale, lane: float | None) -> list[Box]:
    """The field itself: class of high value tinted, bands in which a class is kept, borders, ticks. What text takes."""
    top, bottom = y(100), y(0)
    core = x(math.log10(field.high.at))
    drawing.box(core, top, x.end - core, bottom - top, "accent-tint")
    for border in (field.medium, field.high):
        left, right = (x(math.log10(each)) for each in border.keeps)
        drawing.box(left, top, right - left, bottom - top, "panel")
    for start, end in (
        ((LEFT, top), (x.end, top)), ((LEFT, bottom), (x.end, bottom)),
        ((LEFT, top), (LEFT, bottom)), ((x.end, top), (x.end, bottom)),
    ):  # fmt: skip
        drawing.line(start, end, "rule", 0.5)
    _upwards(drawing, field, y, x)
    _across(drawing, field, x, bottom, lane)
    return _borders(drawing, field, x, y)


def _upwards(drawing: Drawing, field: Field, y: Scale, x: Scale) -> None:
    for share in (0, 25, 50, 75, 100):
        drawing.middle_text(LEFT - 4, y(share), f"{share}", TICK, "ink-3", anchor="end")
    drawing.text(0, y(100) - 16, field.upwards, TICK, "ink-2")
    drawing.line((LEFT, y(field.potential)), (x.end, y(field.potential)), "ink-2", RULE)


def _across(drawing: Drawing, field: Field, x: Scale, bottom: float, lane: float | None) -> None:
    foot = bottom if lane is None else lane + _LANE / 2
    if lane is not None:
        drawing.line((LEFT, foot), (x.end, foot), "rule", 0.5)
        drawing.middle_text(LEFT + 4, lane, field.lane, TICK, "ink-3")
    for amount, label in field.ticks:
        at = x(math.log10(amount))
        drawing.line((at, foot), (at, foot + 3), "ink-3", 0.5)
        drawing.text(at, foot + 11, label, TICK, "ink-3", anchor="middle")
    drawing.text(x.end, foot + 22, field.across, TICK, "ink-2", anchor="end")


def _borders(drawing: Drawing, field: Field, x: Scale, y: Scale) -> list[Box]:
    """The lines of the borders, what is printed at their heads; the box of the words inside the field."""
    places = [x(math.log10(border.at)) for border in (field.medium, field.high)]
    width = drawing.ink.width(field.medium.label, TICK)
    start = places[0] if places[0] + width + 6 < places[1] else places[0] - width
    for at, left, label in zip(
        places, (start, places[1]), (field.medium.label, field.high.label), strict=True
    ):
        drawing.line((at, y(100) - 2.5), (at, y(0)), "ink-2", RULE)
        drawing.text(left, y(100) - 5, label, TICK, "ink-2")
    width = drawing.ink.width(field.potential_label, TICK)
    drawing.text(LEFT + 5, y(field.potential) - 4, field.potential_label, TICK, "ink-2")
    return [Box(LEFT + 3, y(field.potential) - 11, LEFT + 7 + width, y(field.potential) - 1)]


def _zones(drawing: Drawing, field: Field, x: Scale, height: float) -> None:
    """The classes around the field: potential and high value above it, the others below."""
    core, medium = x(math.log10(field.high.at)), x(math.log10(field.medium.at))
    half = (medium - GAP + LEFT) / 2
    above = {"high_potential": (medium, core - GAP), "core_value": (core, x.end)}
    below = {
        "not_classed": (LEFT, half - GAP / 2),
        "to_optimise": (half + GAP / 2, medium - GAP),
        "maintain": (medium, x.end),
    }
    for row, top in ((above, 0.0), (below, height - _FOOT)):
        zone_row(drawing, field.zones, row, (LEFT, x.end), top)


def _arrow(
    drawing: Drawing, place: Place, spot: tuple[float, float], x: Scale, y: Scale
) -> tuple[tuple[float, float], tuple[float, float]] | None:
    """From where a customer was to where it is; nothing where that is hardly a step."""
    if place.before is None or place.share is None:
        return None
    start = x(math.log10(place.before[0])), y(place.before[1])
    length = math.hypot(spot[0] - start[0], spot[1] - start[1])
    if length < _SHORTEST_ARROW:
        return None
    ux, uy = (spot[0] - start[0]) / length, (spot[1] - start[1]) / length
    tip = spot[0] - ux * (BIG + 1), spot[1] - uy * (BIG + 1)
    back = tip[0] - ux * 5, tip[1] - uy * 5
    drawing.line(start, back, "ink", 0.9)
    drawing.area(
        [tip, (back[0] - uy * 2.2, back[1] + ux * 2.2), (back[0] + uy * 2.2, back[1] - ux * 2.2)], "ink"
    )
    drawing.ring(*start, _START, "ink", 0.9)
    return start, spot


def _mark(drawing: Drawing, place: Place, x: float, y: float) -> None:
    colour = "ink" if place.is_mover else "accent" if place.label else "accent-mid"
    shape(drawing, place.kind, x, y, colour)


def _named(
    drawing: Drawing,
    places: Sequence[Place],
    spots: Sequence[tuple[float, float]],
    fixed: Sequence[Box],
    lines: Sequence[tuple[tuple[float, float], tuple[float, float]]],
    field: Field,
    x: Scale,
) -> tuple[str, ...]:
    """The names beside their points, movers first; those that found no place."""
    pairs = list(zip(places, spots, strict=True))
    chosen = sorted(
        (pair for pair in pairs if pair[0].label), key=lambda pair: (not pair[0].is_mover, -pair[0].sales)
    )
    taken = [*fixed, *(around(*spot, _radius(place)) for place, spot in pairs)]
    taken += [around(*line[0], _START + 0.5) for line in lines]
    borders = [(math.log10(each.at)) for each in (field.medium, field.high)]
    level = TOP + FIELD * (1 - field.potential / 100)
    walls = [((x(each), TOP), (x(each), TOP + FIELD)) for each in borders]
    walls.append(((LEFT, level), (x.end, level)))
    frame = Box(LEFT + 1, TOP + 1, FULL - 1.5, drawing.height - _FOOT - _UNDER)
    asked = [
        Wanted(*spot, _radius(place), drawing.ink.width(place.label, VALUE, strong=place.is_mover), _LABEL)
        for place, spot in chosen
    ]
    found = placed(asked, frame, taken, lines, walls)
    shown = [place for place, _spot_ in chosen]
    for place, wanted, one in zip(shown, asked, found, strict=True):
        if one is not None:
            _label(drawing, place, wanted, one)
    return tuple(place.label for place, one in zip(shown, found, strict=True) if one is None)


def _radius(place: Place) -> float:
    return BIG if place.kind in HIGH_MARKS else SMALL


def _label(drawing: Drawing, place: Place, wanted: Wanted, found: Found) -> None:
    if found.is_far:
        drawing.line(*leader(wanted, found), "ink-3", HAIR)
    middle = (found.box.top + found.box.bottom) / 2
    drawing.middle_text(found.box.left, middle, place.label, VALUE, "ink", strong=place.is_mover)
