"""Next steps: what either side has promised for the days ahead."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import duties
from pipeline.sections import N_, Content, section
from pipeline.sections.commitments import ahead_words

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 6


@section(
    title=N_("Next steps"),
    audience="client",
    metrics=("commitments_overdue_share", "commitments_kept_share"),
    tables=("commitments",),
    evidence=("commitments_kept_share", "commitments_overdue_share"),
)
def next_steps(view: View) -> Content | None:
    """The open commitments of both sides, those overdue first; None where none is open."""
    ahead = duties.to_come(view)
    if ahead.empty:
        return None
    text = view.gettext("Definitions, sources and the index of figures stand in the full edition.")
    return {
        "headline": view.headline(view.title(ahead_words(view, ahead))),
        "lead": view.lead(view.phrase(text)),
        "ahead": duties.timeline(view, ahead.head(_MOST)),
    }
