"""The tables of a pay draft: base salary, bonus by measure, commission by sale and tier, clawbacks, equity."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from pipeline.derived.pay_statement import Statement, statement
from pipeline.derived.pay_table import PARTS, Part, PayLine
from pipeline.press.pay_words import (
    cents,
    exact_share,
    gate_name,
    natural,
    paid,
    plan_of,
    share,
)
from pipeline.press.svg import MM
from pipeline.press.view import View
from pipeline.rules.pay import BonusMeasure
from pipeline.schema import SCALE
from pipeline.sections import Content

_NAME = 40 * MM
BASE, BONUS, SALES, BACK, VESTING = PARTS


def draft_of(view: View, window: str = "month") -> Statement:
    """The lines of the manager's draft of a window that ends with the document's."""
    span = view.over(window).window
    return statement(view.rows("pay_lines"), view.slice.subject.subject_id, span.from_on, span.until_on)


def total(view: View, lines: Sequence[PayLine], label: str) -> Content:
    """What lines add up to, to the cent; unknown while one of them is."""
    amounts = [natural(each.amount) for each in lines]
    if not lines or any(each is None for each in amounts):
        return {"figure": None}
    value = sum((each for each in amounts if each is not None), Decimal(0))
    shown = cents(view, value, lines[0].currency)
    return {"figure": view.register.of_rows("pay_lines", len(lines), float(value), shown, label)}


def together(view: View, amounts: Sequence[int | None], currency: str) -> str:
    """Amounts of several lines as one; unknown where one of them is."""
    if not amounts or any(each is None for each in amounts):
        return "–"
    return cents(view, natural(sum(each for each in amounts if each is not None)), currency).number


# Base salary


def base(view: View, draft: Statement) -> Content | None:
    """A twelfth of the yearly base, or the days of it that were served."""
    _ = view.gettext
    lines = draft.of(BASE)
    if not lines:
        return None
    return {
        "title": view.phrase(_("Base salary: a twelfth of the year's")),
        "measure": view.phrase(
            _(
                "The cents of twelve months make the year's base; a month cut by hiring or leaving is paid by its days"
            )
        ),
        "rows": [
            {
                "month": view.printer.month(each.falls_on),
                "base": cents(view, natural(each.base_amount), each.currency).number,
                "days": "–" if each.days is None else str(each.days),
                "gate": gate_name(_, each.gate),
                "amount": paid(view, each, f"{at}"),
            }
            for at, each in enumerate(lines)
        ],
    }


# Bonus


def bonus(view: View, draft: Statement) -> Content | None:
    """The measures of the bonus: what each has earned since the year began, what was given before, what is due now."""
    _ = view.gettext
    lines = draft.of(BONUS)
    if not lines:
        return None
    first = lines[0]
    year = draft_of(view, "ytd")
    text = _(
        "Earned to date = base to date {base} × {share}% × weight × attainment that counts; less what was given before"
    )
    return {
        "title": view.phrase(_("Bonus: year to date, less what was given before")),
        "measure": view.phrase(
            text.format(
                base=cents(view, natural(first.base_amount), first.currency).text,
                share=f"{Decimal(first.rate) * 100:f}".rstrip("0").rstrip(".") if first.rate else "–",
            )
        ),
        "rows": [_measure(view, each, year, at) for at, each in enumerate(lines)],
        "total": total(view, lines, _("Bonus of the month")),
    }


def _measure(view: View, line: PayLine, year: Statement, at: int) -> Content:
    _ = view.gettext
    rule = _bonus_rule(view, line)
    known = [natural(each.amount) for each in year.of(BONUS) if each.measure == line.measure]
    earned = (
        None if any(each is None for each in known) else sum((each for each in known if each), Decimal(0))
    )
    amount = natural(line.amount)
    before = None if earned is None or amount is None else earned - amount
    return {
        "name": measure_name(view, line.measure) if line.measure else gate_name(_, line.gate),
        "weight": share(line.weight_pct),
        "attained": exact_share(line.attainment_pct),
        "counts": exact_share(_counts(line, rule)),
        "limits": _limits(line, rule),
        "earned": cents(view, earned, line.currency).number if line.measure else "–",
        "before": cents(view, before, line.currency).number if line.measure else "–",
        "amount": paid(view, line, f"{at} {line.measure}"),
        "gate": gate_name(_, line.gate) if line.measure else "",
    }


def measure_name(view: View, measure: str) -> str:
    """A measure of a bonus, by its metric's name and the breakdown it has."""
    metric, _bracket, breakdown = measure.partition("[")
    named = view.catalogue[metric].label(view.press.language.name)
    made = named if view.is_han else named[:1].upper() + named[1:]
    return f"{made} {breakdown.rstrip(']')}".strip()


def _bonus_rule(view: View, line: PayLine) -> BonusMeasure | None:
    plan = plan_of(view, line)
    if plan is None or plan.bonus is None:
        return None
    metric = line.measure.partition("[")[0]
    return next((each for each in plan.bonus.measures if each.metric == metric), None)


def _counts(line: PayLine, rule: BonusMeasure | None) -> int | None:
    """What of the attainment counts: nothing below the floor, nothing above the cap."""
    if line.attainment_pct is None or rule is None:
        return line.attainment_pct
    if line.attainment_pct < int(rule.floor * SCALE):
        return 0
    return min(line.attainment_pct, int(rule.cap * SCALE))


def _limits(line: PayLine, rule: BonusMeasure | None) -> str:
    floor = int(rule.floor * SCALE) if rule is not None else None
    if floor is None and line.cap_pct is None:
        return "–"
    return f"{share(floor or 0)}–{share(line.cap_pct)}"


# Equity


def equity(view: View, draft: Statement) -> Content | None:
    """What vested this month and this year, grant by grant; it is no cash and not in the sum."""
    _ = view.gettext
    year = draft_of(view, "ytd").of(VESTING)
    if not year:
        return None
    grants = sorted(
        {(each.earned_on or each.falls_on, each.base_amount or 0, each.currency) for each in year}
    )
    return {
        "title": view.phrase(_("Equity that vested: not cash, and not in the sum")),
        "measure": view.phrase(
            _("At the worth of a unit on the day of its grant; a later price is not looked at")
        ),
        "rows": [_grant(view, grant, draft.of(VESTING), year) for grant in grants],
    }


def _grant(
    view: View, grant: tuple[date, int, str], month: Sequence[PayLine], year: Sequence[PayLine]
) -> Content:
    day, worth, currency = grant
    own = [each for each in month if (each.earned_on, each.base_amount or 0) == (day, worth)]
    so_far = [each for each in year if (each.earned_on, each.base_amount or 0) == (day, worth)]
    return {
        "day": view.printer.day(day),
        "worth": cents(view, natural(worth), currency).number,
        "vested_on": view.listed([view.day(each.falls_on) for each in own]) if own else "–",
        "units": _units(view, own),
        "amount": total(view, own, f"{view.gettext('Equity of the month')} {day}")["figure"],
        "year_units": _units(view, so_far),
        "year_amount": together(view, [each.amount for each in so_far], currency),
    }


def _units(view: View, lines: Sequence[PayLine]) -> str:
    return view.printer.count(sum(each.units or 0 for each in lines)).number if lines else "–"


CASH_PARTS: tuple[Part, ...] = (BASE, BONUS, SALES, BACK)
