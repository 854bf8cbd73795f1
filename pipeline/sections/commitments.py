"""Commitments: what became of those that fell due, what is to come on either side, and the requirement changes.

The changes stand below the commitments where there is room for them, else on a page of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.press import changes, duties
from pipeline.press.slices import inside
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_PAGE = 248.0
_HEAD, _DUE, _AHEAD, _CHANGES = 47.0, 35.0, 33.0, 33.0
"""Heights in millimetres: what a page holds; its head and its blocks without their rows."""


@section(
    title=N_("Commitments and changes"),
    audience="client",
    metrics=(
        "commitments_kept_share",
        "commitments_kept",
        "commitments_late",
        "commitments_dropped",
        "commitments_overdue_share",
        "changes_confirmed_share",
        "changes_unconfirmed_share",
        "changes_delivered",
        "change_cost",
        "change_delay",
    ),
    tables=("commitments", "requirement_changes"),
    evidence=(
        "commitments_kept_share",
        "commitments_overdue_share",
        "changes_confirmed_share",
        "changes_unconfirmed_share",
        "change_cost",
        "change_delay",
    ),
)
def commitments(view: View) -> Content | None:
    """The pages of the section; None where there is neither a commitment nor a change."""
    due, ahead, changed = fallen_due(view), duties.to_come(view), changes.told(view)
    promised = not due.empty or not ahead.empty
    if not promised:
        return None if changed.empty else {"pages": [changes_page(view, changed)]}
    if changed.empty or height(view, due, ahead, changed) <= _PAGE:
        return {"pages": [promises_page(view, due, ahead, changed)]}
    return {"pages": [promises_page(view, due, ahead, changed.iloc[:0]), changes_page(view, changed)]}


def fallen_due(view: View) -> pd.DataFrame:
    """The commitments that fell due in the window, and what became of them."""
    rows = view.rows("commitments")
    return inside(rows[rows["state"] != "open"], "due_on", view.window) if len(rows) else rows


def height(view: View, due: pd.DataFrame, ahead: pd.DataFrame, changed: pd.DataFrame) -> float:
    """How high all of it stands on one page, in millimetres."""
    blocks = (_DUE * (not due.empty), _AHEAD * (not ahead.empty), _CHANGES * (not changed.empty))
    rows = (duties.settled_height(view, due), duties.timeline_height(ahead), changes.height(view, changed))
    return _HEAD + sum(blocks) + sum(rows)


def promises_page(view: View, due: pd.DataFrame, ahead: pd.DataFrame, changed: pd.DataFrame) -> Content:
    """The page of the commitments, with the changes where there are any."""
    _ = view.gettext
    return {
        "title": _("Commitments") if changed.empty else view.title_of("commitments"),
        "headline": view.headline(*headlines(view, due, ahead)),
        "lead": view.lead(lead(view, due)),
        "due": duties.settled(view, due),
        "ahead": duties.timeline(view, ahead),
        "changes": None if changed.empty else changes.changes(view, changed, changes.title(view, changed)),
    }


def changes_page(view: View, changed: pd.DataFrame) -> Content:
    """The page of the changes alone."""
    _ = view.gettext
    return {
        "title": _("Requirement changes"),
        "headline": view.headline(changes.title(view, changed)),
        "lead": view.lead(
            view.phrase(_("A change takes effect when both sides have confirmed it in writing."))
        ),
        "due": None,
        "ahead": None,
        "changes": changes.changes(view, changed, view.phrase(_("Asked, confirmed, delivered"))),
    }


def headlines(view: View, due: pd.DataFrame, ahead: pd.DataFrame) -> list[Phrase]:
    """What became of the commitments that fell due, and how many fall due next."""
    _ = view.gettext
    past, next_ = duties.outcome_words(view, due), ahead_words(view, ahead)
    if not past:
        return [view.title(next_)]
    if not duties.counts_ahead(view, ahead)["ahead"]:  # what is overdue is among those that were late
        return [view.title(past)]
    both = _("{past}; {next}").format(past=past, next=next_)
    return [view.title(both), view.title(past)]


def ahead_words(view: View, ahead: pd.DataFrame) -> str:
    """How many commitments fall due in the days ahead; else how many are overdue or due later."""
    counts = duties.counts_ahead(view, ahead)
    if counts["ahead"]:
        text = view.ngettext(
            "{n} falls due in the next {days} days", "{n} fall due in the next {days} days", counts["ahead"]
        )
        return text.format(n=duties.few(view, counts["ahead"]), days=duties.DAYS)
    if counts["overdue"]:
        text = view.ngettext("{n} is overdue", "{n} are overdue", counts["overdue"])
        return text.format(n=duties.few(view, counts["overdue"]))
    if counts["later"]:
        text = view.ngettext("{n} falls due later", "{n} fall due later", counts["later"])
        return text.format(n=duties.few(view, counts["later"]))
    return ""


def lead(view: View, due: pd.DataFrame) -> Phrase:
    """How many of each side's commitments were kept, and that none is left out."""
    _ = view.gettext
    said: list[Phrase | None] = []
    for side, text in (
        ("ours", _("We kept {met} of our {due}.")),
        ("client", _("You kept {met} of your {due}.")),
    ):
        share = view.reading("commitments_kept_share", f"side={side}")
        if share.is_known and len(due) > 1:
            met, all_ = (view.figure(share, part) for part in ("numerator", "denominator"))
            said.append(view.say(text, met=met, due=all_))
    if len(due) and (due["state"] != "kept").any():
        said.append(view.phrase(_("Late and dropped ones stay in the list.")))
    plain = view.phrase(_("Each commitment has an owner and a day on which it is due."))
    return view.joined(*said) if said else plain
