"""Pay in words: what a mode of pay, a basis or a gate is called, and amounts to the cent."""

from __future__ import annotations

from decimal import Decimal

from pipeline.derived.pay_table import PayLine
from pipeline.press.figures import Figure
from pipeline.press.printing import NOT_KNOWN, Printed, grouped, half_up
from pipeline.press.terms import Gettext
from pipeline.press.view import View
from pipeline.rules.pay import PayPlanRule
from pipeline.schema import SCALE

_CENTS = 2


def mode_name(_: Gettext, mode: str) -> str:
    """How a manager is paid."""
    return {
        "salary": _("annual salary with bonus"),
        "commission": _("base salary with commission"),
        "equity": _("salary with equity"),
    }[mode]


def basis_name(_: Gettext, basis: str) -> str:
    """What commission is paid on."""
    return {
        "ordered": _("sales ordered"),
        "invoiced": _("sales invoiced"),
        "collected": _("money collected"),
        "margin": _("margin of sales ordered"),
    }[basis]


def span_name(_: Gettext, period: str) -> str:
    """The span after which attainment begins anew."""
    return {"month": _("month"), "quarter": _("quarter"), "year": _("year")}[period]


def gate_name(_: Gettext, gate: str) -> str:
    """Why a line's amount is what it is; empty where it is simply paid."""
    return {
        "paid": "",
        "below_threshold": _("below the threshold"),
        "capped": _("at the cap"),
        "caught_up": _("earned before, due now"),
        "taken_back": _("taken back"),
        "given_back": _("given back"),
        "not_measured": _("waits for a measure"),
        "no_target": _("no target for the whole span"),
        "no_plan": _("no plan in force"),
        "no_base": _("the plan pays no base"),
        "short_history": _("history too short"),
        "not_known": _("not known"),
    }[gate]


def cents(view: View, value: float | Decimal | None, currency: str = "") -> Printed:
    """An amount to the cent, in the currency given or the document's."""
    if value is None:
        return NOT_KNOWN
    code = currency or view.slice.currency
    digits = grouped(half_up(value, _CENTS))
    unit = view.printer.currency(code)
    if view.is_han:
        return Printed(digits, unit, f"{digits}{unit}")
    return Printed(
        digits, unit, f"{unit}{digits}" if len(unit) == 1 or unit.endswith("$") else f"{unit} {digits}"
    )


def natural(amount: int | None) -> Decimal | None:
    """Ten-thousandths as an amount."""
    return None if amount is None else Decimal(amount) / SCALE


def paid(view: View, line: PayLine, place: str) -> Figure | None:
    """A line's amount as a figure of the document; `place` names the line within it. None where it is not known."""
    amount = natural(line.amount)
    if amount is None:
        return None
    shown = cents(view, amount, line.currency)
    return view.register.of_rows("pay_lines", 1, float(amount), shown, f"{line.part} {place}")


def share(pct: int | None) -> str:
    """Ten-thousandths in per cent, without needless zeros."""
    if pct is None:
        return "–"
    exact = half_up(Decimal(pct) / 100, _CENTS).normalize()
    return f"{exact:f}"


def exact_share(pct: int | None) -> str:
    """Ten-thousandths in per cent, to a hundredth: a column of them lines up."""
    return "–" if pct is None else grouped(half_up(Decimal(pct) / 100, _CENTS))


def plan_of(view: View, line: PayLine) -> PayPlanRule | None:
    """The plan that a line was made by."""
    return next(
        (
            plan
            for plan in reversed(view.edition.pay_plans)
            if plan.name == line.plan and plan.valid_from == line.plan_from_on
        ),
        None,
    )
