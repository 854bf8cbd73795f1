"""The client's goals: where each began, where it stands, where it should be, and how it got there."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press import value_charts
from pipeline.press.goal_paths import paths
from pipeline.press.goals import (
    Goal,
    chip_of,
    goals_of,
    in_own_unit,
    progress_printed,
    unit_line,
)
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View


@section(
    title=N_("Your goals"),
    audience="client",
    metrics=("goals_reached", "goal_progress", "goal_baseline", "goal_now", "goal_target", "claim_value"),
    tables=("goals", "value_claims"),
    evidence=("goal_now",),
)
def goals(view: View) -> Content | None:
    """Headline, the table from baseline to target, and the measurements of each goal over time."""
    found = goals_of(view)
    if not found:
        return None
    return {
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(lead(view, found)),
        "table": table(view, found),
        "paths": paths(view, found),
    }


def with_target(found: Sequence[Goal]) -> list[Goal]:
    """The goals of which can be said how far they have come."""
    return [goal for goal in found if goal.progress.is_known]


def headlines(view: View, found: Sequence[Goal]) -> list[Phrase]:
    """How many goals are reached; of one alone, how far it has come."""
    _ = view.gettext
    judged = with_target(found)
    if not judged:
        return [view.phrase(_("Where your goals stand"))]
    if len(judged) == 1:
        return _of_one(view, judged[0])
    reached, few = sum(goal.is_reached for goal in judged), view.printer.few
    if reached == len(judged):
        return [view.title(_("All {all} goals are reached").format(all=few(len(judged))))]
    if not reached:
        return [view.title(_("None of the {all} goals is reached yet").format(all=few(len(judged))))]
    text = view.ngettext("{met} of {all} goals is reached", "{met} of {all} goals are reached", reached)
    return [view.title(text.format(met=few(reached), all=few(len(judged))))]


def _of_one(view: View, goal: Goal) -> list[Phrase]:
    _ = view.gettext
    progress = goal.progress.value or 0.0
    if goal.state == "expired":
        said = _("the evidence has expired")
    elif goal.state == "unmeasured":
        said = _("not measured yet")
    elif progress >= 1:
        said = _("target reached")
    elif progress < 0:
        said = _("further from the target than at the baseline")
    elif not progress:
        said = _("no progress since the baseline")
    else:
        share = view.quote(goal.progress, printed=progress_printed(view, goal.progress))
        way = _("not achieved, {share} of the way to the target")
        if goal.state != "failed":
            way = _("{share} of the way to the target")
        said = view.say(way, share=share).plain
    return [view.say(_("{goal}: {said}"), goal=goal.title, said=said), view.title(said)]


def lead(view: View, found: Sequence[Goal]) -> Phrase:
    """When the goals were last measured, and which of them rest on evidence that has expired."""
    return view.joined(_measured(view, found), _expired(view, found), _without_target(view, found))


def _measured(view: View, found: Sequence[Goal]) -> Phrase | None:
    _ = view.gettext
    days = sorted(goal.measured_on for goal in found if goal.state not in ("unmeasured", "expired"))
    if not days:
        return None
    first, last = view.printer.day(days[0]), view.printer.day(days[-1])
    if first == last:
        return view.say(_("Last measured on {day}."), day=last)
    return view.say(_("Last measured between {first} and {last}."), first=first, last=last)


def _expired(view: View, found: Sequence[Goal]) -> Phrase | None:
    count = sum(goal.state == "expired" for goal in found)
    if not count:
        return None
    text = view.ngettext(
        "The evidence for one goal has expired; it is to be measured again.",
        "The evidence for {n} goals has expired; they are to be measured again.",
        count,
    )
    return view.title(text.format(n=view.printer.few(count)))


def _without_target(view: View, found: Sequence[Goal]) -> Phrase | None:
    open_ = [goal for goal in found if goal.state == "no_target"]
    if not open_:
        return None
    text = view.ngettext(
        "One goal has no baseline or target, so its progress is not counted.",
        "{n} goals have no baseline or target, so their progress is not counted.",
        len(open_),
    )
    return view.title(text.format(n=view.printer.few(len(open_))))


# The table


def table(view: View, found: Sequence[Goal]) -> Content:
    """From the baseline by now to the target, a line for each goal; the anchors of its four columns of figures."""
    _ = view.gettext
    columns = [
        view.series(
            [_part(goal, part) for goal in found], label, [_shown(view, goal, part) for goal in found]
        )[0]
        for part, label in (
            ("baseline", _("Goals: baseline")),
            ("now", _("Goals: now")),
            ("target", _("Goals: target")),
            ("progress", _("Goals: progress")),
        )
    ]
    names = ("baseline_id", "now_id", "target_id", "progress_id")
    return {
        "title": table_title(view, found),
        "measure": measure(view, found),
        "zero_at": f"{value_charts.track_place(0):.2f}",
        "aim_at": f"{value_charts.track_place(1):.2f}",
        "rows": [_row(view, goal) for goal in found],
        **dict(zip(names, columns, strict=True)),
    }


def _part(goal: Goal, part: str) -> Reading:
    reading: Reading = getattr(goal, part)
    return reading


def _shown(view: View, goal: Goal, part: str) -> Printed:
    reading = _part(goal, part)
    return progress_printed(view, reading) if part == "progress" else in_own_unit(reading.value, goal.places)


def table_title(view: View, found: Sequence[Goal]) -> Phrase:
    """Which goal is farthest from its target; where all are reached, or there is one alone, what the table shows."""
    _ = view.gettext
    short = [goal for goal in with_target(found) if goal.state in ("short", "failed")]
    if len(found) == 1 or not short:
        return view.phrase(_("From the baseline to the target"))
    last = min(short, key=lambda goal: goal.progress.value or 0.0)
    return view.say(_("{goal} is farthest from its target"), goal=last.title)


def measure(view: View, found: Sequence[Goal]) -> Phrase:
    """What the columns say, with the number of goals behind the headline."""
    _ = view.gettext
    reached = view.reading("goals_reached")
    plain = _("Values in each goal's own unit; the line runs from the baseline to the target")
    if not reached.is_known or len(found) == 1:
        return view.phrase(plain)
    counts = view.say(
        _("Reached: {met} of {all} goals with a target"),
        met=view.figure(reached, "numerator"),
        all=view.figure(reached, "denominator"),
    )
    return view.say("{plain}{mark}{counts}", plain=plain, mark="；" if view.is_han else ". ", counts=counts)


def _row(view: View, goal: Goal) -> Content:
    kind, word = chip_of(view, goal.state)
    progress = progress_printed(view, goal.progress)
    return {
        "title": view.phrase(goal.title),
        "unit": view.phrase(unit_line(view, goal)),
        "baseline": _shown(view, goal, "baseline").number,
        "baseline_on": view.phrase(view.day(goal.baseline_on)) if goal.baseline_on else "",
        "now": _shown(view, goal, "now").number,
        "now_on": view.phrase(view.day(goal.measured_on)) if goal.state != "unmeasured" else "",
        "target": _shown(view, goal, "target").number,
        "track": value_charts.track_cell(
            goal.progress.value, view.ink, f"{goal.title}: {progress.text}", state=goal.state
        ),
        "progress": progress.number,
        "chip": kind,
        "state": word,
    }
