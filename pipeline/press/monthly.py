"""Readings by month as the points of a chart."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.press.charts import Point
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.view import View


def points(view: View, readings: Sequence[Reading], printed: Sequence[Printed]) -> list[Point]:
    """A point a month, named by it; the year stands below the first one and below each January."""
    return [
        Point(
            label=view.printer.month_name(each.from_on),
            value=each.value,
            printed=shown.number,
            year=view.printer.year(each.from_on) if at == 0 or each.from_on.month == 1 else "",
        )
        for at, (each, shown) in enumerate(zip(readings, printed, strict=True))
    ]
