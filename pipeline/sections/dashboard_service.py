"""The dashboard's service: deadlines kept in each span, the rate by month, and every case of twelve months."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press import screen_charts
from pipeline.press.goals import day_of, records, text_of
from pipeline.press.spells import choice, longest, spells
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_TIMES = {
    "first_reply": ("first_reply_median", "first_reply_p90"),
    "resolution": ("resolution_median", "resolution_p90"),
    "green_channel": ("green_reply_median", "green_reply_p90"),
}
_MOST_ROWS = 200


@section(
    title=N_("Service and satisfaction"),
    audience="client",
    metrics=(
        "sla_attainment",
        "first_reply_median",
        "first_reply_p90",
        "green_reply_median",
        "green_reply_p90",
        "resolution_median",
        "resolution_p90",
        "csat",
        "nps",
        "response_rate",
    ),
    tables=("service_clocks",),
    evidence=("sla_attainment", "sla_attainment@t12m", "csat", "csat@t12m"),
)
def dashboard_service(view: View) -> Content:
    """The clocks of each span, the line of twelve months, the cases one by one."""
    _ = view.gettext
    months = view.trend("sla_attainment")
    label = view.say(_("{name} by month"), name=view.name("sla_attainment")).plain
    return {
        "spells": [_spell(each) for each in spells(view)],
        "chart": screen_charts.line(view, months, label),
        "chart_title": view.phrase(label),
        "measure": view.phrase(_("Deadlines kept, %, by the contract's clock")),
        "table": table(longest(view)),
    }


def _spell(view: View) -> Content:
    voices = [view.reading(name) for name in ("csat", "nps", "response_rate")]
    return {
        **choice(view),
        "clocks": [row for clock in _TIMES if (row := _clock(view, clock))],
        "voices": [
            {
                "name": view.name(each.metric),
                "figure": view.figure(each),
                "n": view.figure(each, "n") if each.n else None,
            }
            for each in voices
            if each.is_known
        ],
    }


def _clock(view: View, clock: str) -> Content | None:
    """One clock's rate, deadlines and times; None where it did not run."""
    reading = view.reading("sla_attainment", f"clock={clock}")
    if not reading.is_known:
        return None
    median, ninetieth = (view.reading(name) for name in _TIMES[clock])
    return {
        "name": clock_names(view)[clock],
        "rate": view.figure(reading),
        "met": view.figure(reading, "numerator"),
        "due": view.figure(reading, "denominator"),
        "median": view.figure(median) if median.is_known else None,
        "ninetieth": view.figure(ninetieth) if ninetieth.is_known else None,
    }


def clock_names(view: View) -> dict[str, str]:
    """The clocks by name."""
    _ = view.gettext
    return {
        "first_reply": _("First reply"),
        "resolution": _("Resolution"),
        "green_channel": _("Green channel"),
    }


# The cases one by one


def table(view: View) -> Content | None:
    """The cases of the longest span, the newest first; None where there is none."""
    rows = view.rows("service_clocks", "opened_on")
    if not len(rows):
        return None
    cases = [_case(view, group) for _name, group in rows.groupby("case_id", sort=True)]
    ordered = sorted(cases, key=lambda each: each["opened_on"], reverse=True)
    shown, left_out = ordered[:_MOST_ROWS], len(ordered) - _MOST_ROWS
    text = view.ngettext("{n} older case is not listed.", "{n} older cases are not listed.", left_out)
    words = _state_words(view)
    return {
        "rows": shown,
        "states": [(state, words[state]) for state in words if any(row["state"] == state for row in shown)],
        "left_out": view.phrase(text.format(n=view.printer.count(left_out).text)) if left_out > 0 else None,
    }


def _case(view: View, clocks: pd.DataFrame) -> Content:
    by_clock = {str(row["clock"]): row for row in records(clocks)}
    first = next(iter(by_clock.values()))
    opened = day_of(first["opened_on"])
    state = state_of(by_clock)
    reply = by_clock.get("green_channel", by_clock.get("first_reply"))
    return {
        "case": str(first["case_id"]),
        "topic": text_of(first["category"]) or "–",
        "opened_on": opened.isoformat() if opened else "",
        "opened": view.printer.day(opened) if opened else "–",
        "reply": _taken(view, reply),
        "resolution": _taken(view, by_clock.get("resolution")),
        "state": state,
        "chip": {"met": "met", "missed": "missed"}.get(state, "unknown"),
        "word": _state_words(view)[state],
    }


def state_of(by_clock: Mapping[str, Mapping[str, Any]]) -> str:
    """Whether every deadline of a case was kept, one missed, or the case still runs within its time."""
    judged = [row for row in by_clock.values() if row["is_due"]]
    if any(not row["is_met"] for row in judged):
        return "missed"
    return "met" if judged and all(row["is_stopped"] for row in by_clock.values()) else "open"


def _taken(view: View, row: Mapping[str, Any] | None) -> Content:
    """How long a clock ran, as a number to sort by and as text with its limit; a running one has no time yet."""
    _ = view.gettext
    if row is None or not row["is_stopped"]:
        return {"sort": "", "text": "–", "limit": "", "is_missed": False}
    hours = int(row["elapsed_hours"]) / SCALE
    limit = row["limit_hours"]
    shown = "" if pd.isna(limit) else view.printer.duration(int(limit) / SCALE).text
    return {
        "sort": f"{hours:.4f}",
        "text": view.printer.duration(hours).text,
        "limit": _("limit {hours}").format(hours=shown) if shown else "",
        "is_missed": bool(row["is_due"]) and not bool(row["is_met"]),
    }


def _state_words(view: View) -> dict[str, str]:
    _ = view.gettext
    return {
        "met": _("Deadlines kept"),
        "missed": _("Deadline missed"),
        "open": _("Running"),
    }
