"""What a section sees: its own metrics and tables of one subject, and the means to print them.

A view refuses whatever its section did not declare. Every number that it prints becomes a figure of the document.
"""

from __future__ import annotations

import contextlib
import string
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import pandas as pd
from babel.lists import format_list
from markupsafe import Markup

from pipeline.errors import RenderError, SettingsError, nearest
from pipeline.periods import Window, add_months, month_start, window_ending
from pipeline.press.charts import fitting
from pipeline.press.edition import Edition, Press
from pipeline.press.figures import Chart, Figure, Register
from pipeline.press.printing import NOT_KNOWN, Printed, Printer, half_up
from pipeline.press.slices import Reading, Slice, by_key, inside, month_of, part_of, readable, unknown
from pipeline.press.svg import MM, Ink
from pipeline.press.terms import breakdown_name, metric_name, name_in_sentence, part_name
from pipeline.press.typeset import Phrase, Run, breaks, marked_up
from pipeline.sections import SECTIONS, Section

Words = str | Phrase | Figure
_HEADLINE_WIDTH, _LEAD_WIDTH, _NAME_WIDTH = 160 * MM, 130 * MM, 166 * MM
_HEADLINE_SIZE = {
    ("client", True): 20.0,
    ("client", False): 19.0,
    ("internal", True): 16.0,
    ("internal", False): 15.0,
}
"""By audience, and whether the script is Han; restricted pages are set like internal ones."""
_LEAD_SIZE, _NAME_SIZE = 9.0, 16.0
_LEAD_LINES = {True: 3, False: 4}
_NAME_LINES = 4


@dataclass(frozen=True)
class View:
    """One section's view of one subject."""

    section: Section
    slice: Slice
    edition: Edition
    press: Press
    register: Register
    catalogue: Mapping[str, Any]
    present: tuple[str, ...] = ()
    """The sections that the document holds, in order."""
    _by_key: Mapping[tuple[str, str, str, str], list[Reading]] = field(default_factory=dict)

    @property
    def window(self) -> Window:
        return self.edition.window

    @property
    def is_han(self) -> bool:
        return self.press.language.is_han

    @property
    def printer(self) -> Printer:
        return self.press.printer

    @property
    def ink(self) -> Ink:
        return self.press.ink

    def gettext(self, text: str) -> str:
        """The text in the document's language."""
        return self.press.gettext(text)

    def ngettext(self, one: str, many: str, count: int) -> str:
        """The text for a number of things in the document's language."""
        return self.press.ngettext(one, many, count)

    # Reading

    def reading(self, metric: str, breakdown: str = "") -> Reading:
        """The reading of the document's window; where there is none, one that is not known."""
        return self._reading(metric, breakdown, self.window)

    def trend(
        self, metric: str, breakdown: str = "", months: int = 12, window: str = "month"
    ) -> tuple[Reading, ...]:
        """The readings of the months up to the window's last one, oldest first; unknown ones among them.

        With another `window` (t12m) those of the windows of that name that end with each of these months.
        """
        until = self.window.until_on
        if window == "month":
            ends = [add_months(until, -back) for back in reversed(range(months))]
            return tuple(self._reading(metric, breakdown, month_of(add_months(end, -1), end)) for end in ends)
        first = month_start(until - timedelta(days=1))
        earlier = [_required(self, window, add_months(first, -back)) for back in reversed(range(months - 1))]
        return tuple(self._reading(metric, breakdown, each) for each in [*earlier, self.over(window).window])

    def over(self, window: str) -> View:
        """The same view over another window that ends on the same day: `t12m`, `ytd`. SettingsError KB-1052."""
        found = next((each for each in self.edition.period.windows() if each.name == window), None)
        if found is None or found.until_on != self.window.until_on:
            raise SettingsError(
                where=f"section {self.section.name}",
                what=f"asks for the window {window!r}, which does not end with the document's",
                nearest=nearest(window, [each.name for each in self.edition.period.windows()]),
                fix="ask for month, ytd or t12m, which end with every month",
                code="KB-1052",
            )
        return replace(self, edition=replace(self.edition, window=found))

    def members(self, kind: str) -> tuple[View, ...]:
        """The views of the document's members of a kind (customer, manager), by id; none in a client's document."""
        return tuple(
            replace(self, slice=each, _by_key=by_key(each))
            for each in self.slice.members
            if each.subject.kind == kind
        )

    def breakdowns(self, metric: str) -> tuple[str, ...]:
        """The breakdowns of a metric that have a reading in the document's window, sorted."""
        self._require_declared(metric, self.section.metrics, "metric")
        found = {key[1] for key in self._by_key if key[0] == metric and key[2] == self.window.name}
        return tuple(sorted(found - {""}))

    def rows(self, table: str, dated: str | None = None) -> pd.DataFrame:
        """The subject's rows of a table; with `dated`, those that fall into the window by that column."""
        self._require_declared(table, self.section.tables, "table")
        rows = readable(self.slice, table)
        return rows if dated is None else inside(rows, dated, self.window)

    def _reading(self, metric: str, breakdown: str, window: Window) -> Reading:
        self._require_declared(metric, self.section.metrics, "metric")
        rows = self._by_key.get((metric, breakdown, window.name, window.period), [])
        own = [row for row in rows if row.currency in ("", self.slice.currency)]
        if own:
            return next((row for row in own if row.currency), own[0])
        reason = "no_rate" if rows else "no_data"
        return unknown(self.slice.subject, metric, breakdown, window, reason, self.catalogue[metric])

    def _require_declared(self, name: str, declared: Sequence[str], kind: str) -> None:
        if name not in declared:
            raise SettingsError(
                where=f"section {self.section.name}",
                what=f"asks for the {kind} {name!r}, which it does not declare",
                nearest=nearest(name, declared),
                fix=f"declare it in the section's {kind}s",
                code="KB-1047",
            )

    # Printing

    def name(self, metric: str, breakdown: str = "") -> str:
        """A metric's short name in client documents."""
        made = metric_name(self.gettext, metric) or self.catalogue[metric].label(self.press.language.name)
        part = self._part(breakdown)
        return f"{made}{'　' if self.is_han else ', '}{part}" if part else made

    def _part(self, breakdown: str) -> str:
        """A breakdown's name; the lines of the service plan are named by the policy."""
        label, _, line = breakdown.partition("=")
        return (
            self.edition.lines.get(line, line) if label == "line" else breakdown_name(self.gettext, breakdown)
        )

    def inline(self, metric: str) -> str:
        """A metric's name as it stands within a sentence."""
        name = name_in_sentence(self.gettext, metric) or self.name(metric)
        return name if self.is_han else name[:1].lower() + name[1:]

    def listed(self, names: Sequence[str]) -> str:
        """Names joined as the language joins them."""
        return str(format_list(list(names), locale=self.press.language.lists))

    def printed(self, reading: Reading, part: str = "value") -> Printed:
        """A part of a reading as it is printed: value, numerator, denominator, missed, n, low, before and so on."""
        value = part_of(reading, part)
        if part in ("numerator", "denominator", "n", "missed"):
            return self.printer.count(value)
        if part == "attainment":
            return self.printer.printed(value, "share")
        return self.printer.printed(value, reading.unit, reading.currency, self._decimals(reading))

    def in_one_unit(self, values: Sequence[float | None]) -> tuple[list[Printed], str]:
        """Amounts of one table, column or chart in one scale, and its unit; what is not known is told as such."""
        printed, unit = self.printer.common_money([each or 0.0 for each in values], self.slice.currency)
        known = zip(printed, values, strict=True)
        return [NOT_KNOWN if value is None else shown for shown, value in known], unit

    def _decimals(self, reading: Reading) -> int | None:
        """One decimal more where a miss would be rounded up to its target."""
        if (
            reading.unit != "share"
            or reading.value is None
            or reading.target is None
            or reading.verdict == "good"
        ):
            return None
        same = half_up(reading.value * 100, 1) == half_up(reading.target * 100, 1)
        return 2 if same else None

    def figure(self, reading: Reading, part: str = "value", printed: Printed | None = None) -> Figure:
        """A part of a reading as a figure of the document. It must be printed exactly once by the template."""
        shown = printed or self.printed(reading, part)
        label = self._label(reading, part)
        return self.register.of_reading(reading, part, part_of(reading, part), shown, label)

    def quote(self, reading: Reading, part: str = "value", printed: Printed | None = None) -> Phrase:
        """The same number as text, for a headline or title that repeats a figure of its page."""
        return self.phrase((printed or self.printed(reading, part)).text)

    def series(
        self, readings: Sequence[Reading], label: str, shown: Sequence[Printed] | None = None
    ) -> tuple[str, list[Figure]]:
        """The figures of a chart, and the anchor that the chart must carry (empty where all stand elsewhere).

        `shown` says how each reading is printed there, where that is in another unit than by itself.
        """
        anchor = self.register.next_id
        printed = shown or [self.printed(reading) for reading in readings]
        made = [
            self.register.of_reading(reading, "value", reading.value, each, label, anchor)
            for reading, each in zip(readings, printed, strict=True)
            if reading.is_known
        ]
        return (anchor if self.register.next_id != anchor else ""), made

    def counted(self, table: str, rows: int, value: float, label: str, unit: str = "count") -> Figure:
        """A number counted in rows of a table, as a figure of the document."""
        return self.register.of_rows(table, rows, value, self.printer.printed(value, unit), label)

    def counted_series(
        self, table: str, rows: Sequence[int], values: Sequence[float], label: str, unit: str = "count"
    ) -> tuple[str, list[Figure]]:
        """The figures of a chart (or column) counted in rows of a table, and the anchor it must carry."""
        anchor = self.register.next_id
        made = [
            self.register.of_rows(
                table, count, value, self.printer.printed(value, unit), label, anchor, position
            )
            for position, (count, value) in enumerate(zip(rows, values, strict=True))
        ]
        return (anchor if self.register.next_id != anchor else ""), made

    def chart(self, anchor: str, drawing: Markup) -> Chart:
        """A drawing that carries the anchor of its figures."""
        return Chart(drawing, anchor)

    def _label(self, reading: Reading, part: str) -> str:
        extra = part_name(self.gettext, part)
        name = self.name(reading.metric, reading.breakdown)
        return f"{name}{'　' if self.is_han else ', '}{extra}" if extra else name

    # Text

    def phrase(self, text: Words) -> Phrase:
        """A text (or a figure) to stand in a page."""
        if isinstance(text, Phrase):
            return text
        if isinstance(text, Figure):
            run = Run(text.printed.text, text.anchor if text.is_anchor else "", is_figure=True)
            return Phrase((run,), self.is_han)
        return Phrase((Run(text),), self.is_han)

    def title(self, text: str) -> Phrase:
        """A text to stand alone: with a capital where the script has them."""
        return self.phrase(text if self.is_han else text[:1].upper() + text[1:])

    def fitted(self, text: str, width: float) -> Phrase:
        """A name from the data, cut with an ellipsis where it is wider than `width` points in a table."""
        return self.phrase(fitting(text, width, self.ink))

    def say(self, template: str, **values: Words) -> Phrase:
        """A sentence: the template's `{names}` filled with figures, phrases and text."""
        runs: list[Run] = []
        for literal, name, _, _ in string.Formatter().parse(template):
            if literal:
                runs.append(Run(literal))
            if name:
                runs.extend(self.phrase(values[name]).runs)
        return Phrase(tuple(runs), self.is_han)

    def joined(self, *sentences: Phrase | None) -> Phrase:
        """Sentences one after the other, those that are missing left out."""
        said = [sentence for sentence in sentences if sentence]
        gap = () if self.is_han else (Run(" "),)
        runs = [run for at, each in enumerate(said) for run in ((gap if at else ()) + each.runs)]
        return Phrase(tuple(runs), self.is_han)

    def headline(self, *candidates: Phrase) -> Markup:
        """The first of the candidates that fits on two lines, broken where a reader would break it."""
        is_short = "masthead" in self.present  # a report without a cover sets its headlines smaller
        audience = "client" if self.section.audience == "client" and not is_short else "internal"
        size = _HEADLINE_SIZE[audience, self.is_han]
        for phrase in candidates:
            with contextlib.suppress(RenderError):
                return self._broken(phrase, "display", size, _HEADLINE_WIDTH, 2, spaced=True)
        raise RenderError(
            where=f"section {self.section.name}",
            what="no headline fits on two lines",
            fix="add a shorter candidate to the section",
            code="KB-1320",
        )

    def lead(self, phrase: Phrase) -> Markup:
        """The lead under a headline, broken into even lines."""
        return self._broken(phrase, "text", _LEAD_SIZE, _LEAD_WIDTH, _LEAD_LINES[self.is_han])

    def client_name(self) -> Markup:
        """The client's name as the cover prints it, broken into lines."""
        name = self.phrase(self.slice.subject.named(in_han=self.is_han))
        return self._broken(name, "text", _NAME_SIZE, _NAME_WIDTH, _NAME_LINES)

    def _broken(
        self, phrase: Phrase, role: str, size: float, width: float, most: int, *, spaced: bool = False
    ) -> Markup:
        face = self.ink.faces[self.ink.brand.weight(role)]
        return marked_up(phrase, breaks(phrase, partial(face.width, size=size), width, most), spaced=spaced)

    def distance(self, reading: Reading) -> tuple[Printed, bool] | None:
        """How far a figure lies from its target, as a reader works it out from what is printed, and whether above.

        Points for shares, else the difference in the figure's unit; None where one of the two is not known.
        """
        if reading.value is None or reading.target is None:
            return None
        if reading.unit == "share":
            decimals = self._decimals(reading) or 1
            both = [half_up(value * 100, decimals) for value in (reading.value, reading.target)]
            return self.printer.points((both[0] - both[1]) / 100, decimals), both[0] >= both[1]
        difference = Decimal(repr(reading.value)) - Decimal(repr(reading.target))
        shown = self.printer.printed(abs(float(difference)), reading.unit, reading.currency)
        return shown, difference >= 0

    def title_of(self, section: str) -> str:
        """The title of a section in the document's language."""
        return self.gettext(SECTIONS.get(section).title)

    def this(self) -> str:
        """The document's window within a sentence: this quarter, this month."""
        _ = self.gettext
        names = {
            "month": _("this month"),
            "quarter": _("this quarter"),
            "half": _("this half-year"),
            "year": _("this year"),
        }
        return names.get(self.window.name, _("this period"))

    def day(self, day: date) -> str:
        """A day as the document prints it in a table: without its year, unless it is another than the window's."""
        same = day.year == self.window.last_on.year
        return self.printer.short_day(day) if same else self.printer.day(day)

    def reason(self, reading: Reading) -> str:
        """Why a reading is not known, for a reader."""
        _ = self.gettext
        reasons = {
            "no_data": _("no data"),
            "not_positive": _("nothing to measure"),
            "short_history": _("history too short"),
            "no_rate": _("no exchange rate"),
            "input_missing": _("not recorded"),
            "too_few": _("too few answers"),
            "low_coverage": _("too little recorded"),
            "not_sold": _("nothing sold"),
            "withheld": _("data under review"),
        }
        return reasons.get(reading.reason, _("no data"))


def _required(view: View, name: str, until_on: date) -> Window:
    """The window of that name that ends before a month's first day. SettingsError KB-1053 where none does."""
    found = window_ending(name, until_on)
    if found is None:
        raise SettingsError(
            where=f"section {view.section.name}",
            what=f"asks for the trend of the window {name!r}, which does not end with every month",
            fix="ask for month or t12m",
            code="KB-1053",
        )
    return found


def view_of(
    section: Section,
    subject: Slice,
    edition: Edition,
    press: Press,
    register: Register,
    catalogue: Mapping[str, Any],
    present: tuple[str, ...] = (),
) -> View:
    """A section's view, with the readings looked up by metric, breakdown, window and period."""
    return View(section, subject, edition, press, register, catalogue, present, by_key(subject))
