"""Charts that compare: rates by two counts, causes by size, times against limits, shares with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import CATEGORY, HAIR, HALF, RULE, TICK, VALUE, Scale, fitting, rate_floor, ticks
from pipeline.press.printing import UNKNOWN
from pipeline.press.svg import MM, Drawing, Ink


@dataclass(frozen=True)
class DotRow:
    """A rate counted in two ways; `is_missed` says it of the first."""

    label: str
    first: float | None
    second: float | None
    printed: tuple[str, str]
    is_missed: bool = False
    is_strong: bool = False


def dot_rows(
    rows: Sequence[DotRow],
    target: float | None,
    ink: Ink,
    title: str,
    *,
    heads: tuple[str, str],
    aim: str,
    width: float = HALF,
) -> Markup:
    """Rates near 100 %: the dot is the first way of counting, the tick the second; values at the right."""
    row, top = 6.25 * MM, 5 * MM
    drawing = Drawing(width, top + row * len(rows) + 5 * MM, ink, title)
    values = [value for each in rows for value in (each.first, each.second)]
    floor = rate_floor(values, target)
    left, right = 25 * MM, width - 28 * MM
    x = Scale(floor, 100, left, right)
    base = top + row * len(rows)
    if target is not None:
        drawing.box(x(target), top, x(100) - x(target), base - top, "accent-tint")
        half = ink.width(aim, TICK, strong=True) / 2
        centre = min(max(x(target), left + half), right + MM - half)
        drawing.text(centre, top - 4.5, aim, TICK, "ink-2", anchor="middle", strong=True)
    for at, each in enumerate(rows):
        _dot_row(drawing, each, x, top + row * (at + 0.5))
    if target is not None:
        drawing.line((x(target), top), (x(target), base), "ink", RULE, "2.4 1.8")
    drawing.line((left, base), (right, base), "ink-3", RULE)
    for end in (floor, 100):
        drawing.text(x(end), base + 9, f"{end:g}", TICK, "ink-3", anchor="middle")
    for place, head in zip((width - 14 * MM, width), heads, strict=True):
        drawing.text(place, top - 4.5, head, TICK, "ink-2", anchor="end")
    return drawing.markup()


def _dot_row(drawing: Drawing, row: DotRow, x: Scale, y: float) -> None:
    drawing.middle_text(0, y, row.label, CATEGORY, "ink")
    drawing.line((x.start, y), (x.end, y), "rule", 0.5)
    if row.first is not None and row.second is not None:
        drawing.line((x(row.first), y), (x(row.second), y), "accent", 1.3)
    if row.second is not None:
        drawing.line((x(row.second), y - 4), (x(row.second), y + 4), "accent", 1.6)
    if row.first is not None and row.is_missed:
        drawing.ring(x(row.first), y, 3.2, "signal", 1.7)
    elif row.first is not None:
        drawing.dot(x(row.first), y, 3.5, "accent")
    colour = "signal" if row.is_missed else "ink"
    drawing.middle_text(
        drawing.width - 14 * MM, y, row.printed[0], CATEGORY, colour, anchor="end", strong=True
    )
    drawing.middle_text(drawing.width, y, row.printed[1], CATEGORY, "ink", anchor="end")


@dataclass(frozen=True)
class Bar:
    """One cause or topic; `is_named` where the chart's title speaks of it."""

    label: str
    value: float
    printed: str
    is_named: bool = False


def ranked_bars(
    bars: Sequence[Bar], ink: Ink, title: str, *, row: float = 5.3 * MM, width: float = HALF
) -> Markup:
    """Causes or topics by size, from zero; the bars that the title names in the accent."""
    left = 32 * MM
    drawing = Drawing(width, row * len(bars) + 4, ink, title)
    room = max(ink.width(bar.printed, CATEGORY, strong=True) for bar in bars) + 6
    x = Scale(0, max(*(bar.value for bar in bars), 1.0), left, width - room)
    for at, bar in enumerate(bars):
        y = 2 + row * (at + 0.5)
        drawing.middle_text(0, y, fitting(bar.label, left - 4, ink), CATEGORY, "ink")
        drawing.box(left, y - 4, x(bar.value) - left, 8, "accent" if bar.is_named else "neutral")
        drawing.middle_text(x(bar.value) + 4, y, bar.printed, CATEGORY, "ink", strong=bar.is_named)
    drawing.line((left, 0), (left, drawing.height), "ink", RULE)
    return drawing.markup()


def rate_cell(
    value: float | None, target: float | None, floor: float, ink: Ink, title: str, *, is_missed: bool
) -> Markup:
    """A rate in a table's cell, 32 × 5 mm; floor and target stand at the same place in every row."""
    drawing = Drawing(32 * MM, 5 * MM, ink, title)
    x = Scale(floor, 100, 0, drawing.width - 3)
    y = drawing.height / 2
    drawing.line((0, y), (drawing.width, y), "rule", 0.6)
    if target is not None:
        drawing.line((x(target), 1), (x(target), drawing.height - 1), "ink", 1.5)
    if value is not None and is_missed:
        drawing.ring(x(value), y, 3.2, "signal", 1.7)
    elif value is not None:
        drawing.dot(x(value), y, 3.5, "accent")
    return drawing.markup()


def rate_place(value: float, floor: float) -> float:
    """Where a value stands in a cell of rates, in millimetres from its left edge."""
    return Scale(floor, 100, 0, 32 * MM - 3)(value) / MM


LIMIT_PLACE = 0.8


"""Where in its cell the limit stands, as a share of the cell's width."""
LIMIT_CELL = 26.0


def limit_cell(
    median: float | None, ninetieth: float | None, limits: tuple[float, float], ink: Ink, title: str
) -> Markup:
    """A time against its limit, 26 × 5 mm: bar to the median, line to nine in ten, the limit at one place.

    Where cases had different limits a second, thinner rule stands at the shortest. What passes the drawing's end
    is cut there with an open end.
    """
    drawing = Drawing(LIMIT_CELL * MM, 5 * MM, ink, title)
    least, most = limits
    end = most / LIMIT_PLACE
    x = Scale(0, end, 0, drawing.width)
    y = drawing.height / 2
    if median is not None:
        drawing.box(0, y - 3.5, x(median), 7, "accent")
    if ninetieth is not None:
        drawing.line((0, y), (x(ninetieth), y), "accent", 0.9)
        if ninetieth <= end:
            drawing.line((x(ninetieth), y - 3), (x(ninetieth), y + 3), "accent", 0.9)
        else:
            _arrow_head(drawing, y)
    drawing.line((0.4, y - 5), (0.4, y + 5), "ink", RULE)
    drawing.line((x(most), y - 6), (x(most), y + 6), "ink", 1.5)
    if least < most:
        drawing.line((x(least), y - 6), (x(least), y + 6), "ink", 0.6)
    return drawing.markup()


def _arrow_head(drawing: Drawing, y: float) -> None:
    end = drawing.width - 0.5
    drawing.path([(end - 3, y - 3), (end, y), (end - 3, y + 3)], "accent", 0.9)


@dataclass(frozen=True)
class Interval:
    """A share with its interval, in per cent."""

    label: str
    value: float | None
    low: float | None
    high: float | None
    printed: str
    count: str
    is_missed: bool = False


def intervals(
    rows: Sequence[Interval], target: float | None, ink: Ink, title: str, *, aim: str, width: float = HALF
) -> Markup:
    """Shares of small samples, 52 mm high: dot and 95 % bar, the number of answers under the axis."""
    drawing = Drawing(width, 52 * MM, ink, title)
    gutter = ink.width(aim, TICK, strong=True) + 4 if target is not None else 2
    left, right, top, bottom = 6.2 * MM, drawing.width - gutter, 3.5, 43.5 * MM
    lows = [each.low for each in rows if each.low is not None]
    floor = max(min([*lows, 80.0 if target is None else target - 5]) // 20 * 20, 0)
    y = Scale(floor, 100, bottom, top)
    for tick in ticks(floor, 100):
        is_base = tick == floor
        drawing.line(
            (left, y(tick)), (right, y(tick)), "ink-3" if is_base else "rule-2", RULE if is_base else HAIR
        )
        drawing.middle_text(left - 3, y(tick), f"{tick:g}", TICK, "ink-3", anchor="end")
    if target is not None:
        drawing.line((left, y(target)), (right, y(target)), "ink", RULE, "2.6 2")
        drawing.middle_text(right + 3, y(target), aim, TICK, "ink-2", strong=True)
    step = (right - left) / len(rows)
    for at, each in enumerate(rows):
        _interval(drawing, each, left + step * (at + 0.5), y, target, is_last=at == len(rows) - 1)
    drawing.text(0, bottom + 24, "n", TICK, "ink-3")
    return drawing.markup()


def _interval(
    drawing: Drawing, row: Interval, x: float, y: Scale, target: float | None, *, is_last: bool
) -> None:
    bottom = y.start
    drawing.text(x, bottom + 12, row.label, TICK, "ink-2", anchor="middle")
    drawing.text(x, bottom + 24, row.count, TICK, "ink-3", anchor="middle")
    if row.value is None or row.low is None or row.high is None:
        drawing.text(x, bottom - 6, UNKNOWN, VALUE, "ink-3", anchor="middle")
        return
    drawing.line((x, y(row.low)), (x, y(row.high)), "accent" if is_last else "accent-mid", 4)
    if row.is_missed:
        drawing.ring(x, y(row.value), 3.4, "signal", 1.7)
    else:
        drawing.dot(x, y(row.value), 3.8, "accent")
    middle = y(row.value)
    if (
        target is not None and abs(middle - y(target)) < 7
    ):  # off the target line, or the digits are struck through
        middle = y(target) + (7 if row.is_missed else -7)
    elif any(abs(middle - y(tick)) < 4 for tick in ticks(y.low, y.high)):
        middle += -6 if middle > y(y.low) - 4 else 6  # off the rule of the scale
    colour = "signal" if row.is_missed else "ink"
    drawing.middle_text(x + 7, middle, row.printed, VALUE, colour, strong=is_last)
