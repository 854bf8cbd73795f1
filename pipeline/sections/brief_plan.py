"""The account brief's plan: touchpoints promised, objectives of the plan, products to offer, last contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import brief_actions
from pipeline.press import brief_plan as plan
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Plan and next steps"),
    audience="internal",
    metrics=("cadence_compliance",),
    tables=("touchpoints", "objectives", "commitments", "whitespace", "activities"),
)
def brief_plan(view: View) -> Content | None:
    """What was promised, what is aimed at, what to offer, what was done last."""
    blocks = {
        "cadence": plan.cadence(view),
        "objectives": plan.objectives(view),
        "actions": brief_actions.actions(view),
        "offers": plan.offers(view),
        "activities": plan.activities(view),
    }
    return blocks if any(blocks.values()) else None
