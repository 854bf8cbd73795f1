"""Small drawings in the cells of tables."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.press.charts import RULE, Scale
from pipeline.press.svg import MM, Drawing, Ink

HEIGHT = 5 * MM
_BAR = 8.0
_THIN = 5.6


def bar(value: float, highest: float, ink: Ink, title: str, *, width: float, is_named: bool) -> Markup:
    """A bar from zero, on one scale for the whole column; those that the table speaks of in the accent."""
    drawing = Drawing(width, HEIGHT, ink, title)
    x = Scale(0, highest if highest > 0 else 1, 0, width - 2)
    if value > 0:
        drawing.box(0, (HEIGHT - _BAR) / 2, max(x(value), 0.5), _BAR, "accent" if is_named else "neutral")
    drawing.line((0.4, 0), (0.4, HEIGHT), "ink", RULE)
    return drawing.markup()


def bars_in_pair(
    first: float | None, second: float | None, highest: float, ink: Ink, title: str, *, width: float
) -> Markup:
    """Two bars from zero below one another, on one scale for the whole column: the first neutral, the second accent.

    A value below zero is a small outline at zero, whatever its size; None has no bar.
    """
    drawing = Drawing(width, HEIGHT, ink, title)
    x = Scale(0, highest if highest > 0 else 1, 0, width - 2)
    for value, top, fill in ((first, 1.6, "neutral"), (second, 1.6 + _THIN, "accent")):
        if value is not None and value > 0:
            drawing.box(0, top, max(x(value), 0.5), _THIN - 0.6, fill)
        elif value is not None and value < 0:
            drawing.outline(0, top, 3.0, _THIN - 0.6, "signal", 0.8)
    drawing.line((0.4, 0), (0.4, HEIGHT), "ink", RULE)
    return drawing.markup()
