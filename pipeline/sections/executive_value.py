"""Value for executives: what it comes to by class of confidence, and the largest changes; claims stand in the full edition."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press.claims import amounts, claims_of
from pipeline.press.class_totals import classes, totals_of
from pipeline.press.goals import goals_of
from pipeline.sections import N_, Content, section
from pipeline.sections.value import base_now, headlines, lead

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Value delivered"),
    audience="client",
    metrics=(
        "value_realised",
        "value_to_date",
        "claims_to_date",
        "claim_value",
        "goal_progress",
        "goal_baseline",
        "goal_now",
        "goal_target",
    ),
    tables=("goals", "value_claims"),
    evidence=("claims_to_date",),
)
def executive_value(view: View) -> Content | None:
    """Headline, the largest changes, and the classes; None where no value is claimed."""
    claims = claims_of(view, goals_of(view))
    if not claims:
        return None
    totals = totals_of(view)
    scale = amounts(
        view, [each for total in totals for each in (total.now.value, total.to_date.value) if each]
    )
    pairs = base_now(view, claims)
    return {
        "headline": view.headline(*headlines(view, totals, claims, scale)),
        "lead": view.lead(lead(view, totals, claims)),
        "pairs": pairs,
        "classes": classes(view, totals, scale, is_wide=not pairs),
    }
