"""Charts of a weighted score: the score with what missing measures could do, and the points of one measure."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.press.charts import RULE, TICK
from pipeline.press.svg import MM, Drawing, Ink

WIDTH, HEIGHT = 112 * MM, 7.5 * MM
_LENGTH = 100 * MM
CELL, ROW = 22 * MM, 4.25 * MM
_BAR, _WHISKER, _CAP = 8.0, 0.8, 2.2
_FULL = 100.0


def score_bar(score: float | None, low: float | None, high: float | None, ink: Ink, title: str) -> Markup:
    """From 0 to 100: the score as a bar, a whisker under it from the worst to the best of what is missing."""
    drawing = Drawing(WIDTH, HEIGHT, ink, title)
    if score is not None:
        drawing.box(0, 1, _at(score), _BAR, "accent")
    if low is not None and high is not None and high > low:
        middle = 1 + _BAR + 4.5
        drawing.line((_at(low), middle), (_at(high), middle), "ink", _WHISKER)
        for end in (low, high):
            drawing.line((_at(end), middle - _CAP), (_at(end), middle + _CAP), "ink", _WHISKER)
    drawing.line((0.4, 0), (0.4, 2 + _BAR), "ink", RULE)
    drawing.line((_at(_FULL), 0), (_at(_FULL), 2 + _BAR), "ink", 1.5)
    drawing.middle_text(_at(_FULL) + 4, 1 + _BAR / 2, "100", TICK, "ink-2")
    return drawing.markup()


def _at(score: float) -> float:
    return min(max(score, 0.0), _FULL) / _FULL * _LENGTH


def _edges(width: float, top: float, height: float) -> list[tuple[tuple[float, float], tuple[float, float]]]:
    """The outline of a bar, open at its beginning, where the axis stands."""
    bottom = top + height
    return [((0, top), (width, top)), ((width, top), (width, bottom)), ((width, bottom), (0, bottom))]


def points_bar(points: float | None, weight: float, most: float, ink: Ink, title: str) -> Markup:
    """The points of a measure within its weight, on one scale for all rows: `most` is as long as the cell."""
    drawing = Drawing(CELL, ROW, ink, title)
    middle, top = ROW / 2, (ROW - _BAR) / 2
    scale = (CELL - 1.5) / most
    if points is None:
        drawing.line((0, middle), (weight * scale, middle), "ink-3", 0.8, "0.8 2.4")
    elif points >= weight:
        drawing.box(0, top, points * scale, _BAR, "accent")
    elif points > 0:
        drawing.box(0, top, points * scale, _BAR, "accent-tint")
        for start, end in _edges(points * scale, top, _BAR):
            drawing.line(start, end, "accent", 0.9)
    drawing.line((0.4, 0), (0.4, ROW), "ink", RULE)
    drawing.line((weight * scale, 0), (weight * scale, ROW), "ink", 1.5)
    return drawing.markup()
