"""Success story: what was to be reached, what was done, what came of it, and what the client said; one page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.errors import RenderError
from pipeline.press.claims import Claim, claims_of, class_name
from pipeline.press.goals import (
    Goal,
    chip_of,
    goals_of,
    in_own_unit,
    progress_printed,
    records,
    text_of,
    unit_line,
)
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST_GOALS, _MOST_DEEDS = 4, 4
_LONGEST_QUOTE = 120
_DEED_WIDTH = 150 * MM


@section(
    title=N_("Success story"),
    audience="client",
    metrics=("goals_reached", "goal_progress", "goal_baseline", "goal_now", "goal_target", "claim_value"),
    tables=("goals", "value_claims", "commitments", "comments"),
    evidence=("goal_now",),
)
def story(view: View) -> Content:
    """The page. RenderError KB-1343 where the client has not agreed to it."""
    if not view.slice.subject.has_agreed:
        raise RenderError(
            where=f"success story of {view.slice.subject.subject_id}",
            what="the client has not agreed to it",
            fix="record the agreement in accounts.agreed_story, or take the rule out of policy/reports.toml",
            code="KB-1343",
        )
    found = goals_of(view)[:_MOST_GOALS]
    claims = {claim.number: claim for claim in claims_of(view, found)}
    return {
        "client": view.phrase(view.slice.subject.named(in_han=view.is_han)),
        "company": view.phrase(view.edition.company),
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(lead(view, found)),
        "goals": [_goal(view, goal, claims.get(goal.number)) for goal in found],
        "deeds": deeds(view),
        "quote": quote(view),
    }


def headlines(view: View, found: Sequence[Goal]) -> list[Phrase]:
    """The goal that came farthest, from where to where; else that goals were reached together."""
    _ = view.gettext
    best = found[0]
    base, now = (in_own_unit(each.value, best.places) for each in (best.baseline, best.now))
    both = view.phrase(_("What we reached together"))
    if not (best.baseline.is_known and best.now.is_known and best.is_reached):
        return [both]
    told = view.say(
        _("{goal}: from {base} to {now}"),
        goal=best.title,
        base=view.quote(best.baseline, printed=base),
        now=view.quote(best.now, printed=now),
    )
    return [told, both]


def lead(view: View, found: Sequence[Goal]) -> Phrase:
    """Of how many goals how many are reached, so that the story hides none that is not."""
    reached = sum(goal.state == "reached" for goal in found)
    text = view.ngettext(
        "{met} of {all} goal is reached; what is not reached is told as well.",
        "{met} of {all} goals are reached; what is not reached is told as well.",
        len(found),
    )
    return view.title(text.format(met=view.printer.few(reached), all=view.printer.few(len(found))))


def _goal(view: View, goal: Goal, claim: Claim | None) -> Content:
    kind, word = chip_of(view, goal.state)
    shown = {
        name: in_own_unit(getattr(goal, name).value, goal.places) for name in ("baseline", "now", "target")
    }
    figures = {
        name: view.figure(getattr(goal, name), printed=printed) if getattr(goal, name).is_known else None
        for name, printed in shown.items()
    }
    return {
        "title": view.phrase(goal.title),
        "unit": view.phrase(unit_line(view, goal)),
        **figures,
        "progress": view.figure(goal.progress, printed=progress_printed(view, goal.progress))
        if goal.progress.is_known
        else None,
        "confidence": class_name(view, claim.confidence) if claim and claim.confidence else "–",
        "chip": kind,
        "state": word,
    }


def deeds(view: View) -> list[Phrase]:
    """What was done: our commitments that were kept, the latest first."""
    rows = view.rows("commitments")
    kept = rows[(rows["side"] == "ours") & (rows["state"] == "kept")] if len(rows) else rows
    told = dict.fromkeys(text_of(each["description"]) for each in _latest(kept))
    return [view.fitted(text, _DEED_WIDTH) for text in told if text][:_MOST_DEEDS]


def _latest(rows: Any) -> list[Mapping[str, Any]]:
    return records(rows.sort_values(["due_on", "action_id"], ascending=[False, True])) if len(rows) else []


def quote(view: View) -> Phrase | None:
    """The latest praise that the client lets us quote; cut with a mark where it is long."""
    rows = view.rows("comments")
    if not len(rows):
        return None
    free = rows[
        rows["may_quote"].fillna(False).astype(bool) & ~rows["is_critical"].fillna(False).astype(bool)
    ]
    said = [
        text_of(each["comment"]).strip() for each in records(free.sort_values("answered_on", ascending=False))
    ]
    words = next((each for each in said if each), "")
    if not words:
        return None
    cut = words if len(words) <= _LONGEST_QUOTE else f"{words[:_LONGEST_QUOTE].rstrip()}…"
    return view.say(view.gettext("“{words}”"), words=cut)
