"""The waterfall: what a change is made of, each part beginning where the one before it ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from pipeline.press.charts import CATEGORY, FULL, HAIR, RULE, VALUE, Scale, fitting
from pipeline.press.svg import MM, Drawing, Ink

ROW, BAR = 7.5 * MM, 16.0
LABELS = 39.5 * MM
_GAP, _OUTLINE = 5.0, 1.1


@dataclass(frozen=True)
class Part:
    """One part of a change, or the whole of it."""

    label: str
    value: float
    printed: str


def ends(parts: Sequence[Part]) -> list[float]:
    """Where each part ends; the last is the sum of all."""
    return list(accumulate(part.value for part in parts))


def waterfall(parts: Sequence[Part], whole: Part, ink: Ink, title: str, *, width: float = FULL) -> Markup:
    """The parts below one another, starting at 0 of the change, and the whole under a rule.

    Parts that add are solid, those that take away outlined with their value in signal; values stand at the right
    of their bars.
    """
    drawing = Drawing(width, ROW * (len(parts) + 1) + 1.5 * MM, ink, title)
    stops = ends(parts)
    room = max(ink.width(each.printed, VALUE, strong=True) for each in (*parts, whole)) + 2 * _GAP
    low, high = min(0.0, whole.value, *stops), max(0.0, whole.value, *stops)
    x = Scale(low, high if high > low else low + 1, LABELS, width - room)
    for at, (part, stop) in enumerate(zip(parts, stops, strict=True)):
        _step(drawing, part, stop - part.value, x, ROW * (at + 0.5))
        drawing.line((x(stop), ROW * (at + 0.5)), (x(stop), ROW * (at + 1.5)), "ink-2", HAIR)
    _whole(drawing, whole, x, ROW * len(parts))
    drawing.line((x(0), 0), (x(0), drawing.height), "ink", RULE)
    return drawing.markup()


def _step(drawing: Drawing, part: Part, start: float, x: Scale, y: float) -> None:
    left, right = sorted((x(start), x(start + part.value)))
    drawing.middle_text(0, y, fitting(part.label, LABELS - _GAP, drawing.ink), CATEGORY, "ink")
    if part.value < 0:
        drawing.outline(left, y - BAR / 2, max(right - left, _OUTLINE), BAR, "signal", _OUTLINE)
    elif part.value:
        drawing.box(left, y - BAR / 2, max(right - left, 0.5), BAR, "accent")
    colour = "signal" if part.value < 0 else "ink"
    drawing.middle_text(right + _GAP, y, part.printed, VALUE, colour, strong=part.value < 0)


def _whole(drawing: Drawing, whole: Part, x: Scale, top: float) -> None:
    y = top + ROW / 2 + 0.75 * MM
    left, right = sorted((x(0), x(whole.value)))
    drawing.line((0, top), (drawing.width, top), "ink", RULE)
    drawing.middle_text(0, y, whole.label, CATEGORY, "ink", strong=True)
    drawing.box(left, y - BAR / 2, max(right - left, 0.5), BAR, "ink")
    drawing.middle_text(right + _GAP, y, whole.printed, VALUE, "ink", strong=True)
