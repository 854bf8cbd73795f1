"""Rescues of customers at risk: what was offered, what it cost, and how it ended."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.press import members
from pipeline.press.excerpts import excerpt
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.schema import SCALE
from pipeline.sections import Content

_MOST_RESCUES = 6
_NAME, _OFFER = 38 * MM, 40 * MM


def rescues(view: View) -> Content | None:
    """The rescues that were under way in twelve months, those still open first."""
    _ = view.gettext
    rows = view.rows("interventions")
    first = np.datetime64(view.over("t12m").window.from_on)
    rows = rows[rows["opened_on"].notna() & (rows["closed_on"].isna() | (rows["closed_on"] >= first))]
    if rows.empty:
        return None
    rows = rows.assign(is_over=rows["closed_on"].notna()).sort_values(
        ["is_over", "opened_on", "customer_id"], kind="stable"
    )
    names = members.full_names(view, view.members("customer"))
    shown = rows.head(_MOST_RESCUES).to_dict("records")
    cost, anchors = {}, {}
    for name, label in (
        ("cost_amount", _("Cost of rescues")),
        ("revenue_at_stake_amount", _("At stake in rescues")),
    ):
        anchors[name] = view.register.next_id
        cost[name] = [_amount(view, row, name, label, anchors[name], at) for at, row in enumerate(shown)]
        anchors[name] = anchors[name] if view.register.next_id != anchors[name] else ""
    return {
        "title": rescues_title(view),
        "measure": view.phrase(
            _("Rescues of the last twelve months: what was offered, what it cost, how it ended")
        ),
        "anchors": {"cost": anchors["cost_amount"], "stake": anchors["revenue_at_stake_amount"]},
        "rows": [
            {
                "name": view.fitted(names.get(str(row["customer_id"]), str(row["customer_id"])), _NAME),
                "offered": excerpt(str(row["offered"]), _OFFER, 2, view.ink)
                if isinstance(row["offered"], str)
                else "–",
                "opened": view.day(row["opened_on"].date()),
                "cost": cost["cost_amount"][at],
                "stake": cost["revenue_at_stake_amount"][at],
                "state": state(view, row),
                "is_lost": outcome(row) == "lost",
            }
            for at, row in enumerate(shown)
        ],
        "more": members.more(view, len(rows) - len(shown)),
    }


def _amount(view: View, row: Any, column: str, label: str, anchor: str, at: int) -> str:
    if pd.isna(row[column]):
        return "–"
    value = float(row[column]) / SCALE
    shown = view.printer.money(value, str(row["currency"]))
    view.register.of_rows("interventions", 1, value, shown, label, anchor, at)
    return shown.text


def outcome(row: Any) -> str:
    """How a rescue ended: kept, lost, or open."""
    said = str(row["outcome"]).lower() if isinstance(row["outcome"], str) else ""
    return "open" if pd.isna(row["closed_on"]) else said


def state(view: View, row: Any) -> str:
    """The outcome in words, with the day on which it was known."""
    _ = view.gettext
    names = {"kept": _("kept"), "lost": _("lost"), "open": _("under way")}
    said = names.get(outcome(row), outcome(row))
    if pd.isna(row["closed_on"]):
        return said
    return _("{state}, {day}").format(state=said, day=view.day(row["closed_on"].date()))


def rescues_title(view: View) -> Phrase:
    """What rescues that ended in twelve months kept."""
    _ = view.gettext
    year = view.over("t12m")
    kept, success = year.reading("revenue_protected"), year.reading("intervention_success")
    if not success.denominator:
        return view.phrase(_("Rescues under way"))
    text = _("Rescues that ended: {kept} of {all} kept the customer, {amount} of business")
    few = view.printer.few
    return view.title(
        text.format(
            kept=few(int(success.numerator or 0)),
            all=few(int(success.denominator)),
            amount=view.printed(kept).text if kept.value else "0",
        )
    )
