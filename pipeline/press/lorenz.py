"""The curve of concentration: how much of the sales hangs on how few of the customers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from markupsafe import Markup

from pipeline.press.charts import HAIR, HALF, RULE, TICK, VALUE, Scale
from pipeline.press.svg import MM, Drawing, Ink

HEIGHT = 52 * MM
_LINE = 10.5
_QUARTERS = (0, 25, 50, 75, 100)
_MOST_POINTS = 250
"""More than a printer can tell apart on 70 mm."""


@dataclass(frozen=True)
class Mark:
    """The point of the curve that is named, in per cent, with what stands beside it on two lines."""

    customers: float
    sales: float
    lines: tuple[str, str]


def curve(amounts: Sequence[float]) -> list[tuple[float, float]]:
    """Cumulative shares in per cent, the largest first, from (0, 0) to (100, 100). Amounts must be above zero."""
    ranked = sorted(amounts, reverse=True)
    total, count = sum(ranked), len(ranked)
    points = [
        (rank / count * 100, sold / total * 100) for rank, sold in enumerate(accumulate(ranked), start=1)
    ]
    return [(0.0, 0.0), *points[:-1], (100.0, 100.0)] if points else [(0.0, 0.0)]


def thinned(points: Sequence[tuple[float, float]], most: int = _MOST_POINTS) -> list[tuple[float, float]]:
    """At most so many of the points, evenly taken, the first and the last among them."""
    if len(points) <= most:
        return list(points)
    step = (len(points) - 1) / (most - 1)
    return [points[round(at * step)] for at in range(most)]


def lorenz(
    amounts: Sequence[float],
    mark: Mark | None,
    ink: Ink,
    title: str,
    *,
    axes: tuple[str, str],
    corner: str,
    width: float = HALF,
) -> Markup:
    """The curve over the diagonal on which all were equal; the area between them is what the Gini coefficient counts.

    `axes` name the shares across and upwards, `corner` is what stands below the diagonal.
    """
    drawing = Drawing(width, HEIGHT, ink, title)
    x = Scale(0, 100, 7 * MM, width - 3 * MM)
    y = Scale(0, 100, HEIGHT - 9 * MM, 5 * MM)
    _frame(drawing, x, y, axes)
    placed = [(x(across), y(up)) for across, up in thinned(curve(amounts))]
    drawing.area([*placed, (x(0), y(0))], "accent-tint")
    drawing.line((x(0), y(0)), (x(100), y(100)), "ink-3", RULE, "2.6 2")
    drawing.path(placed, "accent", 1.8)
    if mark is not None:
        _marked(drawing, mark, x, y)
    drawing.text(x(100) - 5, y(0) - 8, corner, VALUE, "ink-2", anchor="end")
    return drawing.markup()


def _frame(drawing: Drawing, x: Scale, y: Scale, axes: tuple[str, str]) -> None:
    for share in _QUARTERS:
        is_base = share == 0
        colour, stroke = ("ink-3", RULE) if is_base else ("rule-2", HAIR)
        drawing.line((x(0), y(share)), (x(100), y(share)), colour, stroke)
        drawing.middle_text(x(0) - 4, y(share), f"{share}", TICK, "ink-3", anchor="end")
        drawing.text(x(share), y(0) + 10, f"{share}", TICK, "ink-3", anchor="middle")
    drawing.text(x(100), y(0) + 20, axes[0], TICK, "ink-2", anchor="end")
    drawing.text(0, y(100) - 7, axes[1], TICK, "ink-2")


def _marked(drawing: Drawing, mark: Mark, x: Scale, y: Scale) -> None:
    """The named point with its feet on both axes; its words at the right, below the diagonal where that is too near."""
    place = x(mark.customers), y(mark.sales)
    drawing.line((place[0], y(0)), place, "ink", 0.6, "1.6 1.6")
    drawing.line((x(0), place[1]), place, "ink", 0.6, "1.6 1.6")
    drawing.dot(*place, 3.1, "ink")
    room = max(drawing.ink.width(line, VALUE, strong=True) for line in mark.lines)
    left, top = place[0] + 7, place[1] + 9
    foot = (y(0) - top - _LINE - 2) / (y(0) - y(100)) * 100
    if left + room > x(foot) - 3:  # the diagonal would run through the words
        left, top = max(place[0] + 7, x(76) - room / 2), y(42)
    if left + room > x(100):
        left, top = place[0] - 7 - room, y(20)
    for at, line in enumerate(mark.lines):
        drawing.text(left, top + _LINE * at, line, VALUE, "ink", strong=True)
