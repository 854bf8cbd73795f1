"""The pay draft's first page: what is to be paid, part by part, with base salary and bonus; for finance to check."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import members, pay_tables
from pipeline.press.pay_words import cents, mode_name
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.derived.pay_statement import Statement
    from pipeline.press.view import View

_PARTS = ("base_salary", "bonus", "commission", "commission_clawback")


@section(
    title=N_("Pay draft"),
    audience="restricted",
    metrics=(*_PARTS, "pay_draft"),
    tables=("pay_lines",),
    evidence=("base_salary", "pay_draft"),
)
def pay(view: View) -> Content | None:
    """The sum, its parts of the month and of the year, base salary and bonus line by line; None without any line."""
    draft = pay_tables.draft_of(view)
    if not draft.lines:
        return None
    return {
        "report": members.report_name(view),
        "period": view.printer.period(view.window.period),
        "headline": view.headline(*_headlines(view)),
        "facts": _facts(view, draft),
        "sum": _parts(view, draft),
        "base": pay_tables.base(view, draft),
        "bonus": pay_tables.bonus(view, draft),
    }


def _headlines(view: View) -> list[Phrase]:
    """What is to be paid for the month, and of which parts it is made."""
    _ = view.gettext
    whole = view.reading("pay_draft")
    if whole.value is None:
        return [
            view.phrase(_("A part of the pay cannot be told yet: {reason}").format(reason=view.reason(whole)))
        ]
    amount = cents(view, whole.value).text
    told = [(name, view.reading(name).value) for name in _PARTS]
    parts = [
        f"{_part_name(view, name)}{'' if view.is_han else ' '}{cents(view, value).text}"
        for name, value in told
        if value
    ]
    short = view.phrase(_("{amount} to be paid for the month").format(amount=amount))
    if len(parts) < 2:
        return [short]
    text = _("{amount} to be paid for the month: {parts}")
    return [view.phrase(text.format(amount=amount, parts=view.listed(parts))), short]


def _part_name(view: View, part: str) -> str:
    _ = view.gettext
    names = (_("base salary"), _("bonus"), _("commission"), _("clawback"))
    return dict(zip(_PARTS, names, strict=True))[part]


def _facts(view: View, draft: Statement) -> list[Content]:
    """Whose draft it is, and by which plan it was made."""
    _ = view.gettext
    about = view.slice.subject
    where = [each for each in (about.team_name, about.lead_name) if each]
    return [
        {"name": _("Manager"), "value": f"{about.name} {about.subject_id}"},
        {"name": _("Team, lead"), "value": ("，" if view.is_han else ", ").join(where) or "–"},
        {"name": _("Plan of pay"), "value": _plan(view, draft)},
        {"name": _("Status"), "value": _("draft for finance to check; not an order to pay")},
    ]


def _plan(view: View, draft: Statement) -> str:
    _ = view.gettext
    line = next((each for each in draft.lines if each.plan), None)
    plan = next((each for each in view.edition.pay_plans if line and each.name == line.plan), None)
    if line is None or plan is None or line.plan_from_on is None:
        return _("no plan in force")
    text = _("{mode} ({name}, in force since {day})")
    return text.format(mode=mode_name(_, plan.mode), name=plan.name, day=view.printer.day(line.plan_from_on))


def _parts(view: View, draft: Statement) -> Content:
    """The parts of the sum, this month and since the year began."""
    _ = view.gettext
    year = view.over("ytd")
    rows = [_part(view, year, name) for name in _PARTS]
    whole, so_far = view.reading("pay_draft"), year.reading("pay_draft")
    return {
        "title": view.phrase(_("The sum and its parts")),
        "measure": view.phrase(
            view.ngettext(
                "In {currency}, before tax and social insurance; every cent stands in one of the {n} line below",
                "In {currency}, before tax and social insurance; every cent stands in one of the {n} lines below",
                _cash_lines(draft),
            ).format(currency=view.printer.currency(view.slice.currency), n=_cash_lines(draft))
        ),
        "rows": [
            each for each in rows if each["month"] is not None or each["year"] is not None or each["why"]
        ],
        "total": {
            "month": _exact(view, whole),
            "year": _exact(year, so_far),
            "why": "" if whole.is_known else view.reason(whole),
        },
    }


def _cash_lines(draft: Statement) -> int:
    return sum(len(draft.of(part)) for part in pay_tables.CASH_PARTS)


def _part(view: View, year: View, name: str) -> Content:
    month, so_far = view.reading(name), year.reading(name)
    is_paid = bool(month.value) or bool(so_far.value) or month.reason == "low_coverage"
    return {
        "name": view.title(_part_name(view, name)),
        "month": _exact(view, month) if is_paid else None,
        "year": _exact(year, so_far) if is_paid else None,
        "why": view.reason(month) if is_paid and not month.is_known else "",
    }


def _exact(view: View, reading: Reading) -> object:
    return view.figure(reading, printed=cents(view, reading.value)) if reading.is_known else None
