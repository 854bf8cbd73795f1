"""The account brief's risks: open warnings with evidence and play, competitors, rescues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import brief_people, members, warning_changes, warning_lists
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Risks"),
    audience="internal",
    metrics=("revenue_protected",),
    tables=("warnings", "competitor_events", "interventions"),
)
def brief_risks(view: View) -> Content | None:
    """What endangers the business, who else courts the customer, what was offered to keep it."""
    blocks = {
        "open": _open(view),
        "rivals": brief_people.rivals(view),
        "rescues": warning_changes.rescues(view),
    }
    return blocks if any(blocks.values()) else None


def _open(view: View) -> Content | None:
    _ = view.gettext
    rows = warning_lists.open_rows(view)
    if rows.empty:
        return None
    people = members.full_names(view, view.members("manager"))
    ordered = rows.sort_values(["is_at_stake"], ascending=False, kind="stable")
    told = [
        *warning_lists.merged(view, ordered[ordered["is_at_stake"].astype(bool)]),
        *warning_lists.merged(view, ordered[~ordered["is_at_stake"].astype(bool)]),
    ]
    customer = view.slice.subject.subject_id
    return {
        "title": _title(view, len(rows)),
        "measure": view.phrase(_("What puts business at risk first, then gaps in our own cover")),
        "rows": [warning_lists.line(view, each, people, customer) for each in told],
    }


def _title(view: View, count: int) -> Phrase:
    text = view.ngettext("{n} open warning", "{n} open warnings", count)
    return view.title(text.format(n=view.printer.few(count)))
