"""The dashboard's goals and value: where each goal stands, and what the claims come to by class of confidence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press.claims import amounts, claims_of, class_meaning, class_name
from pipeline.press.class_totals import totals_of
from pipeline.press.goals import Goal, chip_of, goals_of, in_own_unit, progress_printed, unit_line
from pipeline.sections import N_, Content, section
from pipeline.sections.goals import headlines

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Goals and value"),
    audience="client",
    metrics=(
        "goals_reached",
        "goal_progress",
        "goal_baseline",
        "goal_now",
        "goal_target",
        "claim_value",
        "value_realised",
        "value_to_date",
        "claims_to_date",
    ),
    tables=("goals", "value_claims"),
    evidence=("goal_now", "claims_to_date"),
)
def dashboard_value(view: View) -> Content | None:
    """The goals from baseline to target, and the classes of value, never added together."""
    found = goals_of(view)
    classes = _classes(view, found)
    if not found and not classes:
        return None
    return {
        "headline": headlines(view, found)[0] if found else None,
        "goals": [_goal(view, goal) for goal in found],
        "classes": classes,
    }


def _goal(view: View, goal: Goal) -> Content:
    kind, word = chip_of(view, goal.state)
    shown = {
        name: in_own_unit(getattr(goal, name).value, goal.places) for name in ("baseline", "now", "target")
    }
    figures = {
        name: view.figure(getattr(goal, name), printed=printed) if getattr(goal, name).is_known else None
        for name, printed in shown.items()
    }
    known = goal.progress.is_known
    way = min(max(goal.progress.value or 0.0, 0.0), 1.0)
    return {
        "title": view.phrase(goal.title),
        "unit": view.phrase(unit_line(view, goal)),
        **figures,
        "baseline_on": view.printer.day(goal.baseline_on) if goal.baseline_on else "",
        "now_on": view.printer.day(goal.measured_on) if goal.state != "unmeasured" else "",
        "progress": view.figure(goal.progress, printed=progress_printed(view, goal.progress))
        if known
        else None,
        "way": f"{way * 100:.1f}%",
        "chip": kind,
        "state": word,
    }


def _classes(view: View, found: Sequence[Goal]) -> list[Content]:
    """What each class of confidence comes to, as the report prints it, with what the class means."""
    if not claims_of(view, found):
        return []
    totals = totals_of(view)
    values = [each for total in totals for each in (total.now.value, total.to_date.value) if each]
    scale = amounts(view, values)
    return [
        {
            "name": class_name(view, total.confidence),
            "meaning": view.phrase(class_meaning(view, total.confidence)),
            "now": view.figure(total.now, printed=scale.printed(total.now.value))
            if total.now.is_known
            else None,
        }
        for total in totals
        if total.has_claims or total.now.value or total.to_date.value
    ]
