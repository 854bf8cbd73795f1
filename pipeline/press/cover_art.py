"""The art of a cover: the client's own year, a mark a week. It costs nothing, never repeats, and is true."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import Scale
from pipeline.press.svg import MM, Drawing, Ink

PAGE_WIDTH = 210 * MM
WEEKS = 52
_ROWS = 4


@dataclass(frozen=True)
class Week:
    """A week of orders: how many fell due and which share of them was met, in per cent; no orders, no share."""

    orders: int
    rate: float | None
    is_missed: bool = False


def lines(weeks: Sequence[Week], target: float | None, ink: Ink, title: str, height: float) -> Markup:
    """A line a week, as high as its rate; a hollow head where the target was missed."""
    drawing = Drawing(PAGE_WIDTH, height, ink, title)
    drawing.box(0, 0, PAGE_WIDTH, height, "cover-art")
    y = Scale(floor_of(weeks), 100, height, 0.105 * height)
    if target is not None:
        drawing.line((0, y(target)), (PAGE_WIDTH, y(target)), "cover-line", 0.75)
    step = PAGE_WIDTH / max(len(weeks), 1)
    for at, week in enumerate(weeks):
        if week.rate is not None:
            _stem(drawing, week, step * (at + 0.5), y(week.rate))
    return drawing.markup()


def _stem(drawing: Drawing, week: Week, x: float, y: float) -> None:
    if week.is_missed:
        y = min(y, drawing.height - 9)  # a week in which nothing was met still shows its head
        drawing.line((x, drawing.height), (x, y), "cover-stem", 2.2)
        drawing.ring(x, y, 3.2, "cover-missed", 1.7, fill="cover-art")
    else:
        drawing.line((x, drawing.height), (x, y), "cover-met", 3.4)
        drawing.dot(x, y, 3.8, "cover-met")


def floor_of(weeks: Sequence[Week]) -> float:
    """Where the lines begin: the round number below the lowest rate."""
    lowest = min((week.rate for week in weeks if week.rate is not None), default=0.0)
    return max(lowest - 5, 0.0) // 10 * 10 if lowest < 90 else 80.0


def circles(weeks: Sequence[Week], target: float | None, ink: Ink, title: str, height: float) -> Markup:
    """A circle a week, as large as its orders, a row a quarter; hollow where the target was missed."""
    del target  # the circles say it by being hollow
    drawing = Drawing(PAGE_WIDTH, height, ink, title)
    drawing.box(0, 0, PAGE_WIDTH, height, "cover-art")
    columns = max(len(weeks) // _ROWS, 1)
    step = PAGE_WIDTH / columns
    most = max((week.orders for week in weeks), default=1) or 1
    first = height - step * (_ROWS - 0.36) * 1.16
    for at, week in enumerate(weeks):
        if week.orders:
            row = at // columns
            radius = step * (0.14 + 0.32 * (week.orders / most) ** 0.5)
            _circle(drawing, week, (step * (at % columns + 0.5), first + step * 1.16 * row), radius, row)
    return drawing.markup()


def _circle(drawing: Drawing, week: Week, place: tuple[float, float], radius: float, row: int) -> None:
    if week.is_missed:
        drawing.ring(*place, radius, "cover-missed", 1.5, fill="cover-art")
    else:
        drawing.dot(*place, radius, ("cover-met-3", "cover-met-2", "cover-met-2", "cover-met")[row])


Motif = Callable[[Sequence[Week], "float | None", Ink, str, float], Markup]
MOTIFS: dict[str, Motif] = {"lines": lines, "circles": circles}
