"""Readings by month as the points of a chart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from pipeline.press import charts, members
from pipeline.press.charts import Point
from pipeline.press.figures import Chart
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
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


def half_columns(
    view: View, readings: Sequence[Reading], label: str, title: Phrase, height: float
) -> tuple[Chart, str]:
    """Amounts at the end of each month on half a page's width, and their unit; months are named by number alone."""
    printed, unit = members.narrow(view, readings, charts.HALF / len(readings) - 1.5, charts.VALUE)
    anchor, _figures = view.series(readings, label, printed)
    shown = [replace(each, label=each.label.removesuffix("月")) for each in points(view, readings, printed)]
    said = ", ".join(f"{point.label} {point.printed}" for point in shown)
    words = f"{title.plain}. {said}"
    drawing = charts.columns(shown, view.ink, words, height=height, strong=1, width=charts.HALF)
    return view.chart(anchor, drawing), unit
