"""The whale curve: contribution added up from the most to the least profitable customer; where it falls, profit is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import HAIR, HALF, RULE, TICK, VALUE, Scale
from pipeline.press.lorenz import thinned
from pipeline.press.svg import MM, Drawing, Ink

HEIGHT = 52 * MM
_LINE = 10.5
_STEPS = (25, 50, 100, 200, 500, 1000)


@dataclass(frozen=True)
class Peak:
    """The highest point of the curve, in per cent, with what stands beside it on two lines."""

    customers: float
    contribution: float
    lines: tuple[str, str]


def levels(most: float) -> list[float]:
    """At most five round shares from 0 to just above the highest, 100 among them."""
    top = most if most > 102 else 100.0  # a hair above 100 is not worth another step
    step = next((each for each in _STEPS if top / each <= 4), _STEPS[-1])
    count = int(-(-top // step))
    return [float(step * at) for at in range(count + 1)]


def whale(
    points: Sequence[tuple[float, float]],
    peak: Peak | None,
    ink: Ink,
    title: str,
    *,
    axes: tuple[str, str],
    width: float = HALF,
) -> Markup:
    """The curve from (0, 0) to (100, 100), in per cent of the customers and of what is left in the end.

    The line at 100 is dashed: what stands above it is taken away again by customers who cost more than they bring.
    """
    drawing = Drawing(width, HEIGHT, ink, title)
    marks = levels(max(up for _across, up in points))
    x = Scale(0, 100, 8 * MM, width - 3 * MM)
    y = Scale(0, marks[-1], HEIGHT - 9 * MM, 5 * MM)
    _frame(drawing, marks, x, y, axes)
    placed = [(x(across), y(up)) for across, up in thinned(points)]
    drawing.area([*placed, (x(100), y(0)), (x(0), y(0))], "accent-tint")
    drawing.line((x(0), y(100)), (x(100), y(100)), "ink", RULE, "2.6 2")
    drawing.path(placed, "accent", 1.8)
    if peak is not None:
        _marked(drawing, peak, x, y)
    return drawing.markup()


def _frame(drawing: Drawing, marks: Sequence[float], x: Scale, y: Scale, axes: tuple[str, str]) -> None:
    for mark in marks:
        colour, stroke = ("ink-3", RULE) if mark == 0 else ("rule-2", HAIR)
        drawing.line((x(0), y(mark)), (x(100), y(mark)), colour, stroke)
        drawing.middle_text(x(0) - 4, y(mark), f"{mark:g}", TICK, "ink-3", anchor="end")
    for share in (0, 25, 50, 75, 100):
        drawing.text(x(share), y(0) + 10, f"{share}", TICK, "ink-3", anchor="middle")
    drawing.text(x(100), y(0) + 20, axes[0], TICK, "ink-2", anchor="end")
    drawing.text(0, y(marks[-1]) - 7, axes[1], TICK, "ink-2")


def _marked(drawing: Drawing, peak: Peak, x: Scale, y: Scale) -> None:
    """The peak with its foot on the axis; its words below the curve, at the side where there is room."""
    across, up = x(peak.customers), y(peak.contribution)
    drawing.line((across, up), (across, y(0)), "ink", HAIR, "1.6 1.6")
    drawing.dot(across, up, 2.8, "ink")
    is_right = peak.customers > 50
    place = across + (-5 if is_right else 5)
    top = (up + y(0)) / 2
    for at, line in enumerate(peak.lines):
        drawing.text(
            place, top + at * _LINE, line, VALUE, "ink", anchor="end" if is_right else "start", strong=True
        )
