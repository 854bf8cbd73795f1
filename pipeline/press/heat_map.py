"""The heat map: rows by columns, the darker the more; every value is printed, so that no shade has to be read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from pipeline.press.charts import CATEGORY, FULL, RULE, TICK, VALUE, fitting
from pipeline.press.svg import MM, Drawing, Ink

ROW, HEAD = 5.6 * MM, 6 * MM
LABELS, TOTALS = 40 * MM, 17 * MM
_WIDEST = 18 * MM
"""A field is no wider, however few columns there are."""
_GAP, _MARK = 0.8, 1.7
_SHADES = ((0.6, "accent", "paper"), (0.25, "accent-mid", "ink"), (0.0, "accent-tint", "ink"))
"""From which share of the largest value on, with the colour of the field and of its digits."""


@dataclass(frozen=True)
class Cell:
    """One field: its value, what is printed in it, and whether it carries a mark. None: there is nothing to say."""

    value: float | None
    printed: str = ""
    is_marked: bool = False


@dataclass(frozen=True)
class Row:
    """One row: its label, its fields, and what stands at its end."""

    label: str
    cells: tuple[Cell, ...]
    total: str = ""


def room(columns: int, width: float = FULL) -> float:
    """The width of one field, for those who choose what to print in it."""
    return _step(columns, width) - 2 * _GAP


def _step(columns: int, width: float) -> float:
    return min((width - LABELS - TOTALS) / max(columns, 1), _WIDEST)


def heat_map(
    rows: Sequence[Row],
    heads: Sequence[str],
    ink: Ink,
    title: str,
    *,
    total: str,
    width: float = FULL,
) -> Markup:
    """The fields under their heads, totals at the right; `total` heads that column. Shades go by the largest value."""
    step = _step(len(heads), width)
    end = LABELS + step * len(heads) + TOTALS
    drawing = Drawing(end, HEAD + ROW * len(rows) + 1, ink, title)
    most = max((each.value or 0.0 for row in rows for each in row.cells), default=0.0)
    for at, head in enumerate(heads):
        drawing.text(
            LABELS + step * (at + 0.5),
            HEAD - 5,
            fitting(head, step - 2, ink, TICK),
            TICK,
            "ink-2",
            anchor="middle",
        )
    drawing.text(end, HEAD - 5, total, TICK, "ink-2", anchor="end")
    drawing.line((0, HEAD - 0.5), (end, HEAD - 0.5), "ink", RULE)
    for at, row in enumerate(rows):
        _row(drawing, row, HEAD + ROW * at, step, most)
    return drawing.markup()


def shade(value: float, most: float) -> tuple[str, str]:
    """The colour of a field and of the digits in it, by its share of the largest value."""
    share = value / most if most > 0 else 0.0
    return next((field, digits) for least, field, digits in _SHADES if share >= least)


def _row(drawing: Drawing, row: Row, top: float, step: float, most: float) -> None:
    middle = top + ROW / 2
    drawing.middle_text(0, middle, fitting(row.label, LABELS - 6, drawing.ink), CATEGORY, "ink")
    for at, cell in enumerate(row.cells):
        if cell.value is not None and cell.value > 0:
            _field(drawing, cell, LABELS + step * at, top, step, most)
        elif cell.value is not None:
            drawing.middle_text(
                LABELS + step * (at + 0.5), middle, cell.printed, TICK, "ink-3", anchor="middle"
            )
    drawing.middle_text(drawing.width, middle, row.total, VALUE, "ink", anchor="end", strong=True)


def _field(drawing: Drawing, cell: Cell, left: float, top: float, step: float, most: float) -> None:
    field, digits = shade(cell.value or 0.0, most)
    drawing.box(left + _GAP, top + _GAP, step - 2 * _GAP, ROW - 2 * _GAP, field)
    drawing.middle_text(left + step / 2, top + ROW / 2, cell.printed, TICK, digits, anchor="middle")
    if cell.is_marked:
        drawing.dot(left + step - _GAP - _MARK - 0.8, top + _GAP + _MARK + 0.8, _MARK, digits)
