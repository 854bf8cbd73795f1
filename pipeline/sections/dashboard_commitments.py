"""The dashboard's commitments: what either side promised, by when, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from pipeline.press.duties import DAYS
from pipeline.press.goals import day_of, records, text_of
from pipeline.press.spells import choice, longest, spells
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_SIDES = ("ours", "client")


@section(
    title=N_("Commitments"),
    audience="client",
    metrics=("commitments_kept_share", "commitments_overdue_share"),
    tables=("commitments",),
    evidence=("commitments_kept_share", "commitments_kept_share@t12m", "commitments_overdue_share"),
)
def dashboard_commitments(view: View) -> Content | None:
    """How many of each side's were kept in each span, and the list: what is due first, then what fell due."""
    rows = view.rows("commitments")
    if not len(rows):
        return None
    from_on = np.datetime64(longest(view).window.from_on)
    until_on = np.datetime64(view.window.until_on + timedelta(days=DAYS))
    listed = rows[(rows["due_on"] >= from_on) & (rows["due_on"] < until_on)]
    if not len(listed):
        return None
    ordered = listed.sort_values(["due_on", "action_id"], ascending=[False, True], kind="stable")
    shown = [_row(view, each) for each in records(ordered)]
    words = state_words(view)
    return {
        "spells": [_spell(each) for each in spells(view)],
        "rows": shown,
        "states": [(state, words[state]) for state in words if any(row["state"] == state for row in shown)],
    }


def _spell(view: View) -> Content:
    _ = view.gettext
    texts = {"ours": _("We kept {met} of our {due}."), "client": _("You kept {met} of your {due}.")}
    said = []
    for side in _SIDES:
        share = view.reading("commitments_kept_share", f"side={side}")
        if share.is_known:
            met, due = (view.figure(share, part) for part in ("numerator", "denominator"))
            said.append(view.say(texts[side], met=met, due=due))
    return {**choice(view), "said": view.joined(*said) if said else None}


def _row(view: View, row: Mapping[str, Any]) -> Content:
    _ = view.gettext
    due, state = day_of(row["due_on"]), text_of(row["state"])
    sides = {"ours": _("We"), "client": _("You"), "both": _("Both")}
    return {
        "text": view.phrase(text_of(row["description"]) or "–"),
        "side": sides.get(text_of(row["side"]), "–"),
        "owner": text_of(row["owner"]) or "–",
        "due_on": due.isoformat() if due else "",
        "due": view.printer.day(due) if due else "–",
        "state": state,
        "chip": {"kept": "met", "late": "near", "overdue": "missed"}.get(state, "unknown"),
        "word": state_words(view)[state],
    }


def state_words(view: View) -> dict[str, str]:
    """What can become of a commitment, in words."""
    _ = view.gettext
    return {
        "open": _("Still to do"),
        "overdue": _("Past due"),
        "kept": _("Kept"),
        "late": _("Late"),
        "dropped": _("Dropped"),
    }
