"""Shares of few cases in a table's cell: the point with the interval in which the truth lies, the target at one place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from markupsafe import Markup

from pipeline.engine.quantities import Quantity
from pipeline.metrics.voice import wilson
from pipeline.press.charts import TICK, Scale
from pipeline.press.svg import MM, Drawing, Ink

HEIGHT = 5 * MM
_RIGHT = 4.0
PAD = 4.0
"""Millimetres between a column of numbers and the cells after it."""


@dataclass(frozen=True)
class Span:
    """A share with its interval, in per cent; None where there is none."""

    value: float | None
    low: float | None
    high: float | None
    is_missed: bool = False


def interval(hits: float, cases: float) -> tuple[float, float] | None:
    """The 95 % interval of a share of cases; None without cases."""
    if cases <= 0:
        return None
    low, high = wilson(*(Quantity.of(np.array([each])) for each in (hits, cases)))
    return float(low.floats[0]), float(high.floats[0])


def scale(floor: float, width: float) -> Scale:
    """Where shares from `floor` to 100 stand in a cell of that width."""
    return Scale(floor, 100, 3.0, width - _RIGHT)


def span_cell(
    span: Span, target: float | None, floor: float, ink: Ink, title: str, *, width: float
) -> Markup:
    """One row: the interval as a bar, the share as a point, hollow where it misses its target.

    The scale runs from `floor` to 100 in every row; an interval that begins below it is cut there.
    """
    drawing = Drawing(width, HEIGHT, ink, title)
    x, y = scale(floor, width), HEIGHT / 2
    drawing.line((x.start, y), (x.end, y), "rule", 0.5)
    if span.low is not None and span.high is not None:
        drawing.box(x(span.low), y - 2.2, max(x(span.high) - x(span.low), 0.5), 4.4, "accent-mid")
    if target is not None:
        drawing.line((x(target), 0), (x(target), HEIGHT), "ink", 1.5)
    if span.value is not None and span.is_missed:
        drawing.ring(x(span.value), y, 3.0, "signal", 1.5)
    elif span.value is not None:
        drawing.dot(x(span.value), y, 3.2, "accent")
    return drawing.markup()


def aim_left(ink: Ink, label: str, place: float, width: float) -> str:
    """Where a target's label begins in the head of a column of cells, in millimetres: over its line, inside the column."""
    room = ink.width(label, TICK, strong=True)
    left = min(max(place - room / 2, 0.0), width - room)
    return f"{left / MM + PAD:.1f}"
