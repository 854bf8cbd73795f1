"""Small drawings in the cells of tables."""

from __future__ import annotations

from markupsafe import Markup

from pipeline.press.charts import RULE, Scale
from pipeline.press.svg import MM, Drawing, Ink

HEIGHT = 5 * MM
_BAR = 8.0


def bar(value: float, highest: float, ink: Ink, title: str, *, width: float, is_named: bool) -> Markup:
    """A bar from zero, on one scale for the whole column; those that the table speaks of in the accent."""
    drawing = Drawing(width, HEIGHT, ink, title)
    x = Scale(0, highest if highest > 0 else 1, 0, width - 2)
    if value > 0:
        drawing.box(0, (HEIGHT - _BAR) / 2, max(x(value), 0.5), _BAR, "accent" if is_named else "neutral")
    drawing.line((0.4, 0), (0.4, HEIGHT), "ink", RULE)
    return drawing.markup()
