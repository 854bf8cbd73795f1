"""Every figure that a document prints: its id, where it stands, and the reading or rows that it was taken from."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
from markupsafe import Markup, escape

from pipeline.periods import Window
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading

FactsOf = Callable[[str, Window, str, Mapping[str, pd.DataFrame]], list[dict[str, Any]]]
"""metric, window, breakdown, tables of one subject → the facts it was made of, each with its number of rows (None: not counted)."""


@dataclass(frozen=True)
class Figure:
    """One printed number. `part` says what of the reading it is; without a reading it was counted in `table`.

    `anchor` is the id of the element on whose page it stands: its own, or that of the chart that it is part of.
    """

    id: str
    anchor: str
    printed: Printed
    value: float | None
    label: str
    part: str = "value"
    reading: Reading | None = None
    facts: tuple[tuple[str, int | None], ...] = ()
    is_anchor: bool = True
    """Whether this is the place where the anchor stands; a figure printed again refers to its first place."""

    @property
    def number(self) -> Markup:
        """The digits, anchored."""
        return self._anchored(self.printed.number)

    @property
    def unit(self) -> str:
        return self.printed.unit

    def __html__(self) -> str:
        return str(self._anchored(self.printed.text))

    def _anchored(self, text: str) -> Markup:
        if not self.is_anchor:
            return escape(text)
        return Markup('<span id="{}">{}</span>').format(self.anchor, text)

    @property
    def source(self) -> tuple[str, int]:
        """The fact (or table) with the most rows behind the figure, and how many those are (0: not counted)."""
        counted = [(name, rows or 0) for name, rows in self.facts]
        return max(counted, key=lambda each: each[1], default=("", 0))


@dataclass(frozen=True)
class Chart:
    """A drawing with the anchor of the figures that it prints."""

    drawing: Markup
    anchor: str

    def __html__(self) -> str:
        identity = Markup(' id="{}"').format(self.anchor) if self.anchor else Markup()
        return str(Markup('<div class="chart"{}>{}</div>').format(identity, self.drawing))


class Register:
    """The figures of one document, numbered in the order in which its sections print them.

    The same part of the same reading, printed alike, is one figure wherever it stands.
    """

    def __init__(self, facts_of: FactsOf, tables: Mapping[str, pd.DataFrame]) -> None:
        self._facts_of = facts_of
        self._tables = tables
        self._figures: dict[tuple[object, ...], Figure] = {}
        self._facts: dict[tuple[object, ...], tuple[tuple[str, int | None], ...]] = {}

    @property
    def next_id(self) -> str:
        """The id of the figure that is printed next."""
        return f"F{len(self._figures) + 1}"

    def all(self) -> tuple[Figure, ...]:
        """Every figure so far, in order."""
        return tuple(self._figures.values())

    def of_reading(
        self, reading: Reading, part: str, value: float | None, printed: Printed, label: str, anchor: str = ""
    ) -> Figure:
        """A figure taken from a reading; `anchor` where it is drawn in a chart that has one."""
        key = (*_identity(reading), part, printed)
        made = self._known_or_new(key, printed, value, label, anchor)
        if made.reading is not None:
            return made
        return self._kept(key, replace(made, part=part, reading=reading, facts=self._sources(reading)))

    def of_rows(
        self,
        table: str,
        rows: int,
        value: float | None,
        printed: Printed,
        label: str,
        anchor: str = "",
        position: int = 0,
    ) -> Figure:
        """A figure counted in, or read from, so many rows of a table; `position` tells those of a series apart."""
        key = (table, rows, label, printed, anchor, position)
        made = self._known_or_new(key, printed, value, label, anchor)
        return self._kept(key, replace(made, part="rows", facts=((table, rows),)))

    def _known_or_new(
        self, key: tuple[object, ...], printed: Printed, value: float | None, label: str, anchor: str
    ) -> Figure:
        if key in self._figures:
            return replace(self._figures[key], is_anchor=False)
        name = self.next_id
        return Figure(name, anchor or name, printed, value, label, is_anchor=not anchor)

    def _kept(self, key: tuple[object, ...], figure: Figure) -> Figure:
        self._figures.setdefault(key, figure)
        return figure

    def _sources(self, reading: Reading) -> tuple[tuple[str, int | None], ...]:
        window = Window(reading.window, reading.period, reading.from_on, reading.until_on)
        key = _identity(reading)
        if key not in self._facts:
            found = self._facts_of(reading.metric, window, reading.breakdown, self._tables)
            self._facts[key] = tuple((str(fact["name"]), fact["rows"]) for fact in found)
        return self._facts[key]


@dataclass(frozen=True)
class Entry:
    """One line of the index of figures: a figure, or all those of a chart."""

    id: str
    anchor: str
    printed: str
    label: str
    definition: int | None
    rows: int


def index(figures: Sequence[Figure]) -> tuple[Entry, ...]:
    """The index of figures: a line for each reading, and one for all that is drawn in a chart under one label.

    A reading's line shows its value, or the first part of it that is printed.
    """
    groups: dict[tuple[object, ...], list[Figure]] = {}
    for figure in figures:
        groups.setdefault(_group(figure), []).append(figure)
    return tuple(_entry(group) for group in groups.values())


def _identity(reading: Reading) -> tuple[object, ...]:
    return (
        reading.subject_kind,
        reading.subject_id,
        reading.metric,
        reading.breakdown,
        reading.window,
        reading.period,
    )


def _group(figure: Figure) -> tuple[object, ...]:
    reading = figure.reading
    if reading is None or figure.anchor != figure.id or not figure.is_anchor:
        return figure.anchor, figure.label
    return _identity(reading)


def _entry(group: Sequence[Figure]) -> Entry:
    first, last = group[0], group[-1]
    is_series = len(group) > 1 and first.anchor == last.anchor
    return Entry(
        id=f"{first.id}–{last.id}" if is_series else first.id,
        anchor=first.anchor,
        printed="" if is_series else first.printed.text,
        label=first.label,
        definition=first.reading.definition if first.reading else None,
        rows=sum(each.source[1] for each in group) if is_series else first.source[1],
    )


def as_json(figure: Figure, page: int, subject: tuple[str, str]) -> dict[str, Any]:
    """The figure as a sidecar says it; `page` counts from 1, `subject` is the document's."""
    reading = figure.reading
    return {
        "id": figure.id,
        "metric": reading.metric if reading else None,
        "subject_kind": reading.subject_kind if reading else subject[0],
        "subject_id": reading.subject_id if reading else subject[1],
        "window": reading.window if reading else None,
        "period": reading.period if reading else None,
        "breakdown": reading.breakdown if reading else "",
        "currency": reading.currency if reading else "",
        "definition": reading.definition if reading else None,
        "part": figure.part,
        "label": figure.label,
        "value": figure.value,
        "printed": figure.printed.text,
        "page": page,
        "facts": [{"name": name, "rows": rows} for name, rows in figure.facts],
    }
