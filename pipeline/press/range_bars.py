"""Drawings of anonymous figures: the middle half of a group beside that of all, and classes by their number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import CATEGORY, HALF, VALUE
from pipeline.press.slices import Reading
from pipeline.press.svg import MM, Drawing, Ink

CELL_WIDTH, CELL_HEIGHT = 46 * MM, 8.75 * MM
_EDGE, _ROW, _BAR = 4.0, 7.2 * MM, 8.0


def ranges(own: Reading, everyone: Reading, ink: Ink, title: str) -> Markup:
    """On one scale: above the industry's middle half and median in the accent, below those of all in neutral."""
    told = [each for each in (own, everyone) if each.is_known]
    values = [v for each in told for v in (each.value, each.low, each.high) if v is not None]
    first, last = min(values), max(values)
    drawing = Drawing(CELL_WIDTH, CELL_HEIGHT, ink, title)
    for reading, y, fill, dot in ((own, 0.3, "accent-mid", "accent"), (everyone, 0.7, "neutral", "ink-3")):
        if reading.value is None:
            continue
        if reading.low is not None and reading.high is not None:
            left, right = _x(reading.low, first, last), _x(reading.high, first, last)
            drawing.box(left, CELL_HEIGHT * y - 2.2, max(right - left, 0.5), 4.4, fill)
        drawing.dot(_x(reading.value, first, last), CELL_HEIGHT * y, 3.2, dot)
    return drawing.markup()


def _x(value: float, first: float, last: float) -> float:
    if last == first:
        return CELL_WIDTH / 2
    return _EDGE + (value - first) / (last - first) * (CELL_WIDTH - 2 * _EDGE)


@dataclass(frozen=True)
class Part:
    """A class: its name, its number, and the number as printed."""

    label: str
    number: int
    printed: str


def parts(rows: Sequence[Part], ink: Ink, title: str, width: float = 2 * HALF) -> Markup:
    """A bar for each class, from a common zero, name at the left and number at its end."""
    names = max(ink.width(row.label, CATEGORY) for row in rows) + 8
    most = max(row.number for row in rows)
    room = width - names - max(ink.width(row.printed, VALUE, strong=True) for row in rows) - 6
    drawing = Drawing(width, _ROW * len(rows), ink, title)
    for at, row in enumerate(rows):
        middle = _ROW * (at + 0.5)
        long = room * row.number / most
        drawing.middle_text(0, middle, row.label, CATEGORY, "ink-2")
        drawing.box(names, middle - _BAR / 2, long, _BAR, "accent" if at == len(rows) - 1 else "neutral")
        drawing.middle_text(names + long + 4, middle, row.printed, VALUE, "ink", strong=True)
    return drawing.markup()
