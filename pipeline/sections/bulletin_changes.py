"""The early-warning bulletin's second part: what is new and what ended, hand-overs that are owed, rescues."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import warning_changes
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("What moved this month"),
    audience="internal",
    metrics=("handover_in_time", "revenue_protected"),
    tables=("warnings", "warning_outcomes", "handovers", "interventions"),
)
def bulletin_changes(view: View) -> Content | None:
    """Warnings raised and ended, hand-overs against their clock, rescues; None where there is nothing of all that."""
    blocks = {
        "moved": warning_changes.moved(view),
        "clock": warning_changes.clock(view),
        "rescues": warning_changes.rescues(view),
    }
    return blocks if any(blocks.values()) else None
