"""Charts for a screen: where their marks stand, in per cent of a field that has the width of the window.

Templates draw them. Text keeps its size whatever the width, and every mark says in words what it shows.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from itertools import pairwise
from typing import Any

from pipeline.press.figures import Figure
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.view import View
from pipeline.sections import Content

_LEFT, _RIGHT, _TOP, _FOOT = 4.0, 10.0, 16.0, 16.0
"""Per cent of the field left free beside, above and below the marks; at the right the target has its name."""
_ENOUGH = 3
_LOW = 0.15
"""Below this height there is no room for a value under its point."""
_COLUMN = 0.62
"""The width of a column, of the room that it has."""


@dataclass(frozen=True)
class Mark:
    """One month of a chart: where it stands, what it is called, what is printed, and all of it in words."""

    x: str
    y: str
    edge: str
    label: str
    month: str
    year: str
    printed: str
    said: str
    figure: str
    is_missed: bool
    on: str
    is_known: bool = True
    is_below: bool = False
    """Whether its value stands below the point, where the line leaves it upwards on either side."""
    left: str = ""
    upper: str = ""
    width: str = ""
    height: str = ""


def line(
    view: View, months: Sequence[Reading], label: str, shown: Sequence[Printed] | None = None
) -> Content | None:
    """A rate by month with its target; None where fewer than three months are known."""
    known = [each.value for each in months if each.value is not None]
    if len(known) < _ENOUGH:
        return None
    target = next((each.target for each in reversed(months) if each.target is not None), None)
    floor, top = _scale([*known, *([target] if target is not None else [])])
    heights = [None if each.value is None else (each.value - floor) / (top - floor) for each in months]
    anchor, figures = view.series(months, label, shown)
    marks = _marks(view, months, heights, figures)
    return {
        "anchor": anchor,
        "label": label,
        "marks": marks,
        "step": _percent(_room(len(marks))),
        "segments": [(a, b) for a, b in pairwise(marks) if a.is_known and b.is_known],
        "target_y": "" if target is None else _y((target - floor) / (top - floor)),
        "target": "" if target is None else view.printer.printed(target, "share").text,
        "floor": view.printer.printed(floor, "share", decimals=0).text,
        "top": view.printer.printed(top, "share", decimals=0).text,
        "floor_y": _y(0),
        "top_y": _y(1),
    }


def columns(view: View, months: Sequence[Reading], label: str, shown: Sequence[Printed]) -> Content | None:
    """Amounts by month from zero; None where fewer than three months have one."""
    known = [each.value for each in months if each.value]
    if len(known) < _ENOUGH:
        return None
    top, low = max(*known, 0.0), min(*known, 0.0)
    zero = -low / (top - low)
    heights = [None if each.value is None else (each.value - low) / (top - low) for each in months]
    anchor, figures = view.series(months, label, shown)
    marks = _marks(view, months, heights, figures, zero)
    return {
        "anchor": anchor,
        "label": label,
        "marks": marks,
        "step": _percent(_room(len(marks))),
        "zero_y": _y(zero),
    }


def _scale(values: Sequence[float]) -> tuple[float, float]:
    """The first and last tenth of the axis: all of the values, and never less than two tenths."""
    floor = math.floor(min(values) * 10 - 1e-9) / 10
    floor = max(floor, 0.0)
    top = min(max(math.ceil(max(values) * 10 + 1e-9) / 10, floor + 0.2), 1.0)
    return min(floor, round(top - 0.2, 1)), top


def _marks(
    view: View,
    months: Sequence[Reading],
    heights: Sequence[float | None],
    figures: Sequence[Figure],
    zero: float | None = None,
) -> list[Mark]:
    left = iter(figures)
    made = [
        _mark(view, at, len(months), month, height, next(left) if month.is_known else None, zero)
        for at, (month, height) in enumerate(zip(months, heights, strict=True))
    ]
    return [replace(mark, is_below=is_trough(heights, at)) for at, mark in enumerate(made)]


def is_trough(heights: Sequence[float | None], at: int) -> bool:
    """Whether a point lies lower than what is beside it, with room for its value below."""
    own = heights[at]
    beside = [each for each in (*heights[max(at - 1, 0) : at], *heights[at + 1 : at + 2]) if each is not None]
    return own is not None and own > _LOW and bool(beside) and all(own < each for each in beside)


def _mark(
    view: View,
    at: int,
    count: int,
    month: Reading,
    height: float | None,
    figure: Figure | None,
    zero: float | None,
) -> Mark:
    room = _room(count)
    x = _LEFT + room * (at + 0.5)
    y = _y(height or 0)
    first = at == 0 or month.from_on.month == 1
    return Mark(
        x=_percent(x),
        y=y,
        edge=_percent(x - room / 2),
        label=view.printer.month_name(month.from_on),
        month=view.printer.month(month.from_on),
        year=view.printer.year(month.from_on) if first else "",
        printed=figure.printed.number if figure else "–",
        said=said(view, month, figure.printed if figure else None),
        figure=figure.id if figure else "",
        is_missed=month.verdict in ("bad", "watch"),
        on=month.from_on.isoformat(),
        is_known=figure is not None,
        **_column(x, room, height, zero),
    )


def _room(count: int) -> float:
    """The width that each of the marks has."""
    return (100 - _LEFT - _RIGHT) / count


def _column(x: float, room: float, height: float | None, zero: float | None) -> dict[str, Any]:
    """Left and upper edge, width and height of a column; it hangs from zero where it is negative."""
    if zero is None or height is None:
        return {}
    field = 100 - _TOP - _FOOT
    return {
        "left": _percent(x - room * _COLUMN / 2),
        "upper": _y(max(height, zero)),
        "width": _percent(room * _COLUMN),
        "height": _percent(abs(height - zero) * field),
    }


def said(view: View, month: Reading, printed: Printed | None) -> str:
    """A month in words: its name, its value, its target, whether it was met, and the number of cases."""
    _ = view.gettext
    name = view.printer.month(month.from_on)
    if printed is None:
        return _("{month}: {value}").format(month=name, value=view.reason(month))
    parts = [_("{month}: {value}").format(month=name, value=printed.text)]
    if month.target is not None:
        parts.append(_("target {aim}").format(aim=view.printed(month, "target").text))
        parts.append(_("target missed") if month.verdict in ("bad", "watch") else _("target met"))
    return ("，" if view.is_han else ", ").join(parts)


def _y(height: float) -> str:
    """Where a height between 0 and 1 stands below the upper edge."""
    return _percent(_TOP + (1 - height) * (100 - _TOP - _FOOT))


def _percent(value: float) -> str:
    return f"{Decimal(repr(round(value, 2))).normalize():f}%"
