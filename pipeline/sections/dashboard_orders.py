"""The dashboard's orders: the rate by month and by three dates, and every order of twelve months to sort and filter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline.press import screen_charts
from pipeline.press.goals import day_of, records, text_of
from pipeline.press.spells import choice, longest, spells
from pipeline.sections import N_, Content, section
from pipeline.sections.orders import headlines

if TYPE_CHECKING:
    from pipeline.press.view import View

_METRIC, _LINES = "otif_orders", "otif_lines"
_PROMISED = "basis=first_promised"
_MOST_ROWS = 320
"""Orders that the page lists, the newest; more would make it slow to open on a telephone."""


@section(
    title=N_("Orders and delivery"),
    audience="client",
    metrics=("otif_orders", "otif_lines"),
    tables=("deliveries",),
    evidence=("otif_orders", "otif_orders@t12m"),
)
def dashboard_orders(view: View) -> Content:
    """The line of twelve months, the three dates in each span, the orders one by one."""
    _ = view.gettext
    months = view.trend(_METRIC, _PROMISED)
    name = view.name(_METRIC)
    label = view.say(_("{name} by month"), name=name).plain
    return {
        "spells": [_spell(each) for each in spells(view)],
        "measure": view.phrase(_("On time in full, %, by first promised date")),
        "chart": screen_charts.line(view, months, label),
        "chart_title": view.phrase(label),
        "table": table(longest(view)),
    }


def _spell(view: View) -> Content:
    reading = view.reading(_METRIC, _PROMISED)
    return {
        **choice(view),
        "headline": headlines(view, reading, None)[0],
        "rows": [
            row
            for basis in ("requested", "first_promised", "last_promised")
            if (row := _by_date(view, basis))
        ],
    }


def _by_date(view: View, basis: str) -> Content | None:
    """The rate by one of the three dates, by order and by line; None where neither is known."""
    _ = view.gettext
    names = {
        "requested": _("Requested"),
        "first_promised": _("First promise"),
        "last_promised": _("Last promise"),
    }
    orders, lines = (view.reading(metric, f"basis={basis}") for metric in (_METRIC, _LINES))
    if not orders.is_known and not lines.is_known:
        return None
    return {
        "name": names[basis],
        "orders": view.figure(orders) if orders.is_known else None,
        "lines": view.figure(lines) if lines.is_known else None,
        "met": view.figure(orders, "numerator") if orders.is_known else None,
        "due": view.figure(orders, "denominator") if orders.is_known else None,
    }


# The orders one by one


def table(view: View) -> Content | None:
    """The orders of the longest span by the first promised date, the newest first; None where there is none."""
    _ = view.gettext
    rows = view.rows("deliveries", "due_on")
    rows = rows[rows["basis"] == "first_promised"] if len(rows) else rows
    if not len(rows):
        return None
    rows = rows.sort_values(["due_on", "order_id"], ascending=[False, True], kind="stable")
    shown = [_row(view, each) for each in records(rows.head(_MOST_ROWS))]
    left_out = len(rows) - len(shown)
    text = view.ngettext("{n} older order is not listed.", "{n} older orders are not listed.", left_out)
    words = _state_words(view)
    return {
        "rows": shown,
        "states": [(state, words[state]) for state in words if any(row["state"] == state for row in shown)],
        "left_out": view.phrase(text.format(n=view.printer.count(left_out).text)) if left_out else None,
    }


def _row(view: View, row: Mapping[str, Any]) -> Content:
    state = state_of(row)
    due, actual = day_of(row["due_on"]), day_of(row["delivered_on"])
    late = row["days_late"]
    return {
        "order": str(row["order_id"]),
        "product": text_of(row["product_name"]) or "–",
        "due_on": due.isoformat() if due else "",
        "due": view.printer.day(due) if due else "–",
        "actual_on": actual.isoformat() if actual else "",
        "actual": view.printer.day(actual) if actual else "–",
        "late": "" if pd.isna(late) else str(int(late)),
        "late_shown": "–" if pd.isna(late) else view.printer.count(float(late)).number,
        "cause": text_of(row["delay_cause"]) or "–",
        "state": state,
        "chip": {"met": "met", "late": "missed", "open": "missed", "short": "near"}.get(state, "unknown"),
        "word": _state_words(view)[state],
    }


def state_of(row: Mapping[str, Any]) -> str:
    """What became of an order: met, late, short, open, cancelled, or unjudged where too little is recorded."""
    if row["is_cancelled"]:
        return "cancelled"
    if not (row["is_due"] and row["is_quantified"]):
        return "unjudged"
    if row["is_met"]:
        return "met"
    if pd.isna(row["delivered_on"]):
        return "open"
    return "short" if row["is_on_time"] else "late"


def _state_words(view: View) -> dict[str, str]:
    _ = view.gettext
    return {
        "met": _("Met"),
        "late": _("Delivered late"),
        "short": _("Short"),
        "open": _("Overdue"),
        "cancelled": _("Cancelled"),
        "unjudged": _("Not judged"),
    }
