"""Charts of a scorecard: how far each figure came on the way to its target, on one scale for all rows."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.press.charts import RULE, TICK
from pipeline.press.svg import MM, Drawing, Ink

WIDTH, HEIGHT = 35 * MM, 5 * MM
CAP = 1.3
"""Attainment up to which bars are drawn; a longer one is cut, and a notch says so."""
_BAR, _NOTCH = 9.0, 2.2
_INDENT = 4
"""Millimetres from the edge of the bars' column to where they begin."""


def place(attainment: float) -> float:
    """Where an attainment lies on the bar, in points from its left end."""
    return min(max(attainment, 0.0), CAP) / CAP * WIDTH


def aim_at(label: str, ink: Ink) -> str:
    """Where the label of the target begins in the head of the bars' column, in millimetres."""
    return f"{(place(1.0) - ink.width(label, TICK, strong=True) / 2) / MM + _INDENT:.1f}"


def bullet(attainment: float | None, ink: Ink, title: str, *, is_missed: bool) -> Markup:
    """One row: solid where the target is met, outlined where it is missed, dotted where it is not known."""
    drawing = Drawing(WIDTH, HEIGHT, ink, title)
    middle = HEIGHT / 2
    if attainment is None:
        drawing.line((0, middle), (place(1.0), middle), "ink-3", 0.8, "0.8 2.4")
    else:
        _bar(drawing, attainment, middle, is_missed=is_missed)
    drawing.line((0.4, 0), (0.4, HEIGHT), "ink", RULE)
    drawing.line((place(1.0), 0), (place(1.0), HEIGHT), "ink", 1.5)
    return drawing.markup()


def _bar(drawing: Drawing, attainment: float, middle: float, *, is_missed: bool) -> None:
    width, top = place(attainment), middle - _BAR / 2
    if is_missed:
        drawing.box(0, top, width, _BAR, "accent-tint")
        for start, end in _edges(width, top):
            drawing.line(start, end, "accent", 0.9)
    else:
        drawing.box(0, top, width, _BAR, "accent")
    if attainment > CAP:
        drawing.box(width - 3 * _NOTCH, top - 0.5, _NOTCH, _BAR + 1, "paper")


def _edges(width: float, top: float) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The outline of a bar, open at its beginning, where the axis stands."""
    bottom = top + _BAR
    return [((0, top), (width, top)), ((width, top), (width, bottom)), ((width, bottom), (0, bottom))]
