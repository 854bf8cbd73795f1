"""Use by month: columns from zero, and what would have been usual for the account as a rule across each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import FULL, RULE, TICK, VALUE, Scale
from pipeline.press.printing import UNKNOWN
from pipeline.press.svg import MM, Drawing, Ink


@dataclass(frozen=True)
class MonthOfUse:
    """One month: what was used and how that is printed, what was usual; None is not known."""

    label: str
    value: float | None
    printed: str
    usual: float | None
    is_recent: bool
    year: str = ""


def use_by_month(months: Sequence[MonthOfUse], ink: Ink, title: str, *, height: float = 36 * MM) -> Markup:
    """The months of one module, the document's window in accent; a month without a feed is a gap, never a zero."""
    drawing = Drawing(FULL, height, ink, title)
    bottom = height - 25
    known = [value for month in months for value in (month.value, month.usual) if value is not None]
    y = Scale(0, max([*known, 0.0]) or 1.0, bottom, 12)
    step = drawing.width / max(len(months), 1)
    for at, month in enumerate(months):
        x = step * (at + 0.5)
        _column(drawing, month, x, step * 0.6, y)
        drawing.text(x, bottom + 11, month.label, TICK, "ink-2", anchor="middle")
        if month.year:
            edge = x - step / 2
            drawing.text(edge + (4 if at else 0), bottom + 23, month.year, TICK, "ink-3")
            if at:
                drawing.line((edge, bottom + 3), (edge, bottom + 25), "rule", 0.5)
    drawing.line((0, bottom), (drawing.width, bottom), "ink", RULE)
    return drawing.markup()


def _column(drawing: Drawing, month: MonthOfUse, x: float, width: float, y: Scale) -> None:
    top = y(0)
    if month.value is None:
        drawing.text(x, y(0) - 4, UNKNOWN, VALUE, "ink-3", anchor="middle")
    elif month.value:
        top = min(y(month.value), y(0) - 0.5)
        drawing.box(x - width / 2, top, width, y(0) - top, "accent" if month.is_recent else "neutral")
    if month.usual is not None:
        drawing.line((x - width * 0.68, y(month.usual)), (x + width * 0.68, y(month.usual)), "ink", 1.5)
        top = min(top, y(month.usual))
    if month.value is not None:
        drawing.text(x, top - 4, month.printed, VALUE, "ink", anchor="middle", strong=month.is_recent)
