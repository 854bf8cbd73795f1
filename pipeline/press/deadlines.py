"""Promised deadlines: which clocks kept their target, how long things took against the limit, which were missed."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import pandas as pd

from pipeline.press import charts, comparisons
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MOST = 8
_HOUR = 10_000
_CLOCKS = ("first_reply", "resolution", "green_channel")
_TIMES = {
    "first_reply": ("first_reply_median", "first_reply_p90"),
    "resolution": ("resolution_median", "resolution_p90"),
    "green_channel": ("green_reply_median", "green_reply_p90"),
}
_PADDING = 4.0


"""Millimetres before the text of a column that follows numbers."""


def clocks(view: View, opened: pd.DataFrame) -> Content | None:
    """One row a clock: rate, deadlines, median and nine in ten against the limit; None where no clock ran."""
    _ = view.gettext
    readings = {clock: view.reading("sla_attainment", f"clock={clock}") for clock in _CLOCKS}
    shown = [clock for clock in _CLOCKS if readings[clock].is_known]
    if not shown:
        return None
    target = view.reading("sla_attainment").target
    known = [reading.value * 100 for reading in readings.values() if reading.value is not None]
    floor = charts.rate_floor(known, None if target is None else target * 100)
    rows = [_clock_row(view, clock, readings[clock], opened, target, floor) for clock in shown]
    aim = "" if target is None else _("Target {aim}").format(aim=f"{target * 100:g}")
    return {
        "title": clocks_title(view, [readings[clock] for clock in shown], target),
        "measure": view.phrase(clocks_measure(view, target)),
        "rows": rows,
        "floor": f"{floor:g}",
        "aim": aim,
        "aim_at": _place(view, comparisons.rate_place(target * 100, floor), aim)
        if target is not None
        else "0",
        "limit": _("Limit"),
        "limit_at": _place(view, comparisons.LIMIT_PLACE * comparisons.LIMIT_CELL, _("Limit")),
    }


def _place(view: View, centre: float, label: str) -> str:
    """From where a label begins in the head of a column, in millimetres, so that its middle is at `centre`."""
    return f"{_PADDING + centre - view.ink.width(label, charts.TICK, strong=True) / MM / 2:.2f}"


def clocks_measure(view: View, target: float | None) -> str:
    """How the clocks run, and what the signs in the table are."""
    _ = view.gettext
    if target is None:
        return _(
            "By the contract's clock; at the right, bar to the median, line to nine in ten, upright: the limit"
        )
    return _(
        "By the contract's clock; upright: target and, at the right, the limit; bar to the median, line to nine in ten"
    )


def clocks_title(view: View, readings: list[Reading], target: float | None) -> Phrase:
    """Which clocks fell short of the target of all clocks together."""
    _ = view.gettext
    if target is None:
        return view.phrase(_("Promised deadlines by clock"))
    short = [each for each in readings if each.value is not None and each.value < target]
    if not short:
        return view.phrase(_("Every clock kept the target"))
    names = view.listed([_clock_inline(view, each.breakdown.partition("=")[2]) for each in short])
    return view.phrase(_("Short of the target: {names}").format(names=names))


def _clock_inline(view: View, clock: str) -> str:
    name = _clock_name(view, clock)
    return name if view.is_han else name[:1].lower() + name[1:]


def _clock_name(view: View, clock: str) -> str:
    _ = view.gettext
    return {
        "first_reply": _("First reply"),
        "resolution": _("Resolution"),
        "green_channel": _("Green channel"),
    }[clock]


def _clock_row(
    view: View, clock: str, reading: Reading, opened: pd.DataFrame, target: float | None, floor: float
) -> Content:
    found = _limits(opened, clock)
    times = [view.reading(name) for name in _TIMES[clock]] if clock in _TIMES else []
    missed = target is not None and reading.value is not None and reading.value < target
    said = [view.printed(each).text for each in times]
    name = _clock_name(view, clock)
    return {
        "name": name,
        "limit": limits(view, found),
        "value": view.figure(reading),
        "met": view.figure(reading, "numerator"),
        "due": view.figure(reading, "denominator"),
        "rate": comparisons.rate_cell(
            None if reading.value is None else reading.value * 100,
            None if target is None else target * 100,
            floor,
            view.ink,
            f"{name}: {view.printed(reading).text}",
            is_missed=missed,
        ),
        "median": view.figure(times[0]) if times and times[0].is_known else None,
        "ninetieth": view.figure(times[1]) if times and times[1].is_known else None,
        "against": comparisons.limit_cell(
            times[0].value, times[1].value, (found[0], found[-1]), view.ink, f"{name}: {' / '.join(said)}"
        )
        if times and found and times[0].is_known
        else None,
    }


def _limits(opened: pd.DataFrame, clock: str) -> list[float]:
    rows = opened[opened["clock"] == clock] if len(opened) else opened
    return sorted({int(hours) / _HOUR for hours in rows["limit_hours"].dropna()}) if len(rows) else []


def limits(view: View, found: Sequence[float]) -> Phrase:
    """The limit, or from which to which the limits of the window's cases go."""
    if not found:
        return view.phrase("")
    if len(found) == 1:
        return view.phrase(view.printer.duration(found[0]).text)
    least, most = (view.printer.duration(each) for each in (found[0], found[-1]))
    return view.phrase(f"{least.number}–{most.text}")


# Satisfaction


def misses(view: View, opened: pd.DataFrame) -> Content | None:
    """The deadlines that were missed, the longest overrun first; None where none was."""
    _ = view.gettext
    if not len(opened):
        return None
    rows = opened[opened["is_due"].astype(bool) & ~opened["is_met"].astype(bool)]
    if rows.empty:
        return None
    open_ = ~rows["is_stopped"].astype(bool)
    over = ((rows["elapsed_hours"] - rows["limit_hours"]) / _HOUR).where(~open_, float("inf"))
    rows = rows.assign(over=over.astype("float64"), is_open=open_)
    shown = rows.sort_values(["over", "case_id", "clock"], ascending=[False, True, True], kind="stable").head(
        _MOST
    )
    title = view.ngettext("{n} deadline was missed", "{n} deadlines were missed", len(rows))
    plain = _("The longest overrun first")
    left = len(rows) - len(shown)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return {
        "title": view.title(title.format(n=view.printer.few(len(rows)))),
        "measure": view.phrase(f"{plain}{'；' if view.is_han else '; '}{more}" if left else plain),
        "rows": [_miss_row(view, row) for row in shown.to_dict("records")],
    }


def _miss_row(view: View, row: Mapping[Hashable, Any]) -> Content:
    _ = view.gettext
    is_open = bool(row["is_open"])
    limit, taken = (int(str(row[name])) / _HOUR for name in ("limit_hours", "elapsed_hours"))
    category = row["category"]
    return {
        "case": str(row["case_id"]),
        "topic": view.phrase(category if isinstance(category, str) else "–"),
        "clock": _clock_name(view, str(row["clock"])),
        "opened": view.phrase(view.day(pd.Timestamp(str(row["opened_on"])))),
        "limit": view.printer.duration(limit).text,
        "taken": "–" if is_open else view.printer.duration(taken).text,
        "over": "–" if is_open else view.printer.duration(taken - limit).text,
        "state": _("Open") if is_open else _("Closed"),
        "chip": "missed" if is_open else "",
    }
