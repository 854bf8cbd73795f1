"""Value delivered: by class of confidence and never added together, each claim with its evidence, failures last."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.press import value_charts
from pipeline.press.claim_table import claim_table
from pipeline.press.claims import Amounts, Claim, amounts, claims_of, class_in_sentence
from pipeline.press.class_totals import Total, classes, notes, totals_by_class, totals_of
from pipeline.press.goals import Goal, goals_of, in_own_unit, with_unit
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST_PAIRS = 2
_VISIBLE = 0.05
"""A change smaller than this share of the bar cannot be seen on bars from zero."""


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
def value(view: View) -> Content | None:
    """Headline, base and now of the largest claims beside the classes, every claim with its evidence."""
    goals = goals_of(view)
    claims = claims_of(view, goals)
    if not claims:
        return None
    totals = totals_of(view)
    scale = amounts(
        view, [each for total in totals for each in (total.now.value, total.to_date.value) if each]
    )
    is_joined = "goals" in view.present and len(goals) == 1
    pairs = [] if is_joined else base_now(view, claims)
    by_class = classes(view, totals, scale, is_wide=not pairs)
    return {
        "headline": view.headline(*headlines(view, totals, claims, scale)),
        "lead": view.lead(lead(view, totals, claims)),
        "is_joined": is_joined,
        "pairs": pairs,
        "classes": by_class,
        "table": claim_table(view, claims, totals_by_class(totals), scale),
        "notes": None if by_class else notes(view, totals, scale),
    }


def headlines(view: View, totals: Sequence[Total], claims: Sequence[Claim], scale: Amounts) -> list[Phrase]:
    """What the two surest classes with an amount come to, never as one sum; else why no amount is counted."""
    _ = view.gettext
    valued = [total for total in totals if total.now.value]
    if not valued:
        return [view.phrase(_nothing_counted(view, claims))]
    first, *others = [
        (
            class_in_sentence(view, total.confidence),
            view.quote(total.now, printed=scale.printed(total.now.value)),
        )
        for total in valued
    ]
    alone = view.say(_("Value {name}: {amount}"), name=first[0], amount=first[1])
    if not others:
        return [alone]
    both = view.say(
        _("Value {name}: {amount}; {other}: {more}"),
        name=first[0],
        amount=first[1],
        other=others[0][0],
        more=others[0][1],
    )
    return [both, alone]


def _nothing_counted(view: View, claims: Sequence[Claim]) -> str:
    _ = view.gettext
    standings = {claim.standing for claim in claims}
    if standings == {"failed"}:
        return _("Not achieved, so no value is counted")
    if standings == {"expired"}:
        return _("The evidence has expired, so no value is counted")
    return _("No value is counted in money yet")


def lead(view: View, totals: Sequence[Total], claims: Sequence[Claim]) -> Phrase:
    """How the amounts are made, and what no longer counts or was not achieved."""
    _ = view.gettext
    has_value = any(total.now.value for total in totals)
    several = sum(total.has_claims for total in totals) > 1
    return view.joined(
        view.phrase(_("Value is the stated amount times our share in it.")) if has_value else None,
        view.phrase(_("Classes of confidence are never added together.")) if several else None,
        _gone(view, claims),
        _failed(view, claims),
    )


def _gone(view: View, claims: Sequence[Claim]) -> Phrase | None:
    count = sum(claim.standing == "expired" for claim in claims)
    if not count:
        return None
    text = view.ngettext(
        "{n} claim whose evidence has expired no longer counts.",
        "{n} claims whose evidence has expired no longer count.",
        count,
    )
    figure = view.counted("value_claims", count, count, view.gettext("Claims with expired evidence"))
    return view.say(text, n=figure)


def _failed(view: View, claims: Sequence[Claim]) -> Phrase | None:
    count = sum(claim.standing == "failed" for claim in claims)
    if not count or count == len(claims):
        return None
    text = view.ngettext(
        "{n} was not achieved and stands last.", "{n} were not achieved and stand last.", count
    )
    return view.say(text, n=view.counted("value_claims", count, count, view.gettext("Claims not achieved")))


# Base and now


def base_now(view: View, claims: Sequence[Claim]) -> list[Content]:
    """The claims worth most in the surest classes, as bars before and now, where bars can show the change."""
    goals = [claim.goal for claim in claims if claim.standing == "counted" and claim.goal is not None]
    drawn = [goal for goal in goals if is_visible(goal)][:_MOST_PAIRS]
    return [_pair(view, goal) for goal in drawn]


def is_visible(goal: Goal) -> bool:
    """Whether bars from zero can show how the goal's value has changed."""
    base, now = goal.baseline.value, goal.now.value
    if base is None or now is None or min(base, now) < 0:
        return False
    most = max(base, now, goal.target.value or 0.0)
    return most > 0 and abs(now - base) / most >= _VISIBLE


def _pair(view: View, goal: Goal) -> Content:
    _ = view.gettext
    base, now, aim = (
        in_own_unit(each.value, goal.places).number for each in (goal.baseline, goal.now, goal.target)
    )
    days = [goal.baseline_on, goal.measured_on]
    names = [_("Baseline"), _("Now")]
    labels = [
        name if day is None else _("{name}, {day}").format(name=name, day=view.printer.month(day))
        for name, day in zip(names, days, strict=True)
    ]
    title = view.say(
        _("{goal}: from {base} to {now}"), goal=goal.title, base=base, now=with_unit(view, now, goal.unit)
    )
    has_aim = goal.target.value is not None and goal.target.value >= 0
    drawing = value_charts.base_now(
        value_charts.BaseNow(
            labels=(labels[0], labels[1]),
            values=(goal.baseline.value or 0.0, goal.now.value or 0.0),
            printed=(base, now),
            aim=goal.target.value if has_aim else None,
            aim_printed=_("Target {aim}").format(aim=aim),
        ),
        view.ink,
        title.plain,
    )
    anchor, _figures = view.series(
        [goal.baseline, goal.now, goal.target],
        _("Goals: before and now"),
        [in_own_unit(each.value, goal.places) for each in (goal.baseline, goal.now, goal.target)],
    )
    way = _("lower is better") if goal.better == "lower" else _("higher is better")
    return {
        "title": title,
        "measure": view.phrase(_("{unit}, {way}").format(unit=goal.unit, way=way) if goal.unit else way),
        "chart": view.chart(anchor, drawing),
    }
