"""Decisions needed: what the figures put forward by the rules of policy, who decides, and by when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.press import members
from pipeline.press.decision_cases import Case, cases_of
from pipeline.press.excerpts import excerpt
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.rules.decisions import DecisionRule
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 20
_WHAT, _ABOUT, _WHY, _OWNER = 42 * MM, 46 * MM, 41 * MM, 20 * MM
_MOST_NAMES = 4


@section(
    title=N_("Decisions needed"),
    audience="internal",
    metrics=("business_at_risk", "overdue_amount", "class_move", "net_sales"),
    tables=(
        "warnings",
        "interventions",
        "late_positions",
        "plan_duties",
        "open_changes",
        "role_duties",
        "commitments",
        "open_deals",
    ),
    evidence=("net_sales@ytd", "business_at_risk@month"),
)
def decisions(view: View) -> Content | None:
    """A row for each rule and person who decides: what, about whom, why, by when; None where nothing is needed."""
    month = view.over("month")
    rules: dict[str, DecisionRule] = {each.rule: each for each in view.edition.decisions}
    groups = grouped(cases_of(month), rules)
    if not groups:
        return None
    shown = groups[:_MOST]
    names = members.brief_names(view, view.members("customer"))
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view, groups)),
        "lead": view.lead(lead(view)),
        "rows": [row(month, own, rules[own[0].rule], names) for own in shown],
        "more": members.more(view, len(groups) - len(shown)),
    }


def grouped(cases: Sequence[Case], rules: Mapping[str, DecisionRule]) -> list[list[Case]]:
    """Cases of one rule and matter that the same person decides, together; those due first, of these by rule and size."""
    found: dict[tuple[str, str, str], list[Case]] = {}
    for each in cases:
        found.setdefault((each.rule, each.what, each.owner), []).append(each)
    order = list(dict.fromkeys(each.rule for each in cases))
    days = {name: rule.due_days for name, rule in rules.items()}
    groups = [sorted(own, key=lambda case: -(case.amount or 0.0)) for own in found.values()]
    return sorted(
        groups,
        key=lambda own: (
            days[own[0].rule],
            order.index(own[0].rule),
            -sum(case.amount or 0.0 for case in own),
        ),
    )


# The page's sentence


def headlines(view: View, groups: list[list[Case]]) -> list[Phrase]:
    """How many decisions are needed, of how many people."""
    _ = view.gettext
    people = {own[0].owner for own in groups}
    few = view.printer.few
    text = view.ngettext("{n} decision is needed", "{n} decisions are needed", len(groups))
    said = view.title(text.format(n=few(len(groups))))
    text = view.ngettext("{decisions}, from {n} person", "{decisions}, from {n} people", len(people))
    return [view.say(text, decisions=said, n=few(len(people))), said]


def lead(view: View) -> Phrase:
    """By what the table was made."""
    _ = view.gettext
    return view.phrase(
        _(
            "Put forward by the rules of policy alone, from the figures of the last day; the first to decide comes first."
        )
    )


# Rows


def row(view: View, own: list[Case], rule: DecisionRule, names: Mapping[str, str]) -> Content:
    """One decision."""
    _ = view.gettext
    told = list(dict.fromkeys(names.get(each.customer_id, each.customer_id) for each in own))
    return {
        "what": excerpt(what(view, own[0]), _WHAT, 2, view.ink),
        "about": excerpt(members.some(view, told, _MOST_NAMES).plain, _ABOUT, 2, view.ink),
        "why": excerpt(why(view, own, rule), _WHY, 2, view.ink),
        "owner": view.fitted(own[0].owner, _OWNER)
        if own[0].owner
        else view.phrase(_("Head of key accounts")),
        "due": view.day(view.window.last_on + timedelta(days=rule.due_days)),
    }


def what(view: View, case: Case) -> str:
    """What is to be decided."""
    _ = view.gettext
    return {
        "warning_unowned": _("Say who acts on the warnings"),
        "risk_without_rescue": _("Begin a rescue, or say why not"),
        "overdue_long": _("Agree payment, or stop credit"),
        "moved_without_plan": _("Agree a plan for the new class"),
        "plan_missing": _("Have the promised account plans written"),
        "change_unconfirmed": _("Get both sides to confirm the change, or stop work"),
        "role_missing": _("Name {role}").format(role=role_name(view, case.what)),
        "promise_overdue": _("Keep the overdue promise, or agree a new day"),
        "deal_overdue": _("Close the deal, or give it a new day"),
    }[case.rule]


def role_name(view: View, role: str) -> str:
    """A role of ours."""
    _ = view.gettext
    return {
        "owner": _("an account manager"),
        "backup": _("a backup manager"),
        "technical": _("technical support"),
        "executive": _("an executive sponsor"),
    }.get(role, role)


def why(view: View, own: list[Case], rule: DecisionRule) -> str:
    """How many, how much and since when."""
    _ = view.gettext
    told: list[str] = []
    amount = sum(each.amount or 0.0 for each in own)
    if amount:
        shown = view.printer.money(amount, view.slice.currency).text
        text = _("{amount} overdue") if rule.rule == "overdue_long" else _("{amount} at risk")
        told.append(text.format(amount=shown))
    elif len(own) > 1:
        told.append(view.ngettext("{n} case", "{n} cases", len(own)).format(n=len(own)))
    since = min((each.since_on for each in own if each.since_on), default=None)
    if since is not None:
        text = (
            _("due since {day}")
            if rule.rule in ("overdue_long", "promise_overdue", "deal_overdue")
            else _("since {day}")
        )
        told.append(text.format(day=view.day(since)))
    if not told:
        told.append(_("no account plan in force"))
    return members.sentence_part(view, told)
