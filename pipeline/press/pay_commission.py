"""Commission on a pay draft: tier by tier, sale by sale with its split, rate and gate, and what is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from pipeline.derived.pay_statement import Statement
from pipeline.derived.pay_table import PayLine
from pipeline.press import members
from pipeline.press.pay_tables import BACK, SALES, together, total
from pipeline.press.pay_words import basis_name, cents, gate_name, natural, paid, plan_of, share, span_name
from pipeline.press.svg import MM
from pipeline.press.view import View
from pipeline.rules.pay import CommissionTerms
from pipeline.schema import SCALE
from pipeline.sections import Content

_NAME = 40 * MM


def commission(view: View, draft: Statement) -> Content | None:
    """What sales earned by tier, and each sale's line with its split, its rate and its gate."""
    _ = view.gettext
    lines = draft.of(SALES)
    if not lines:
        return None
    ordered = sorted(
        lines, key=lambda each: (each.earned_on or each.falls_on, each.deal_id, each.tier_pct or 0)
    )
    names = members.full_names(view, view.members("account"))
    plan = plan_of(view, ordered[0])
    terms = plan.commission if plan else None
    return {
        "title": view.phrase(_commission_title(view, ordered[0])),
        "measure": view.phrase(_terms(view, terms)),
        "tiers": _tiers(view, ordered, terms),
        "rows": [_sale(view, each, names, at) for at, each in enumerate(ordered)],
        "total": total(view, ordered, _("Commission of the month")),
    }


def _commission_title(view: View, line: PayLine) -> str:
    _ = view.gettext
    if line.attainment_pct is None or line.target_amount is None:
        return _("Commission by sale")
    text = _("Commission: {credited} credited of a target of {target}, {share}% attained")
    money = view.printer.money
    return text.format(
        credited=money(float((line.credited_amount or 0) / SCALE), line.currency).text,
        target=money(line.target_amount / SCALE, line.currency).text,
        share=share(line.attainment_pct),
    )


def _terms(view: View, terms: CommissionTerms | None) -> str:
    """How the plan pays, in a line."""
    _ = view.gettext
    if terms is None:
        return _("The plan it was made by is not in the policy any more")
    how = (
        _("each part of the sales at its tier's rate")
        if terms.how == "marginal"
        else _("all sales at the rate reached")
    )
    said = [
        _("On {basis}, attainment by {span}").format(
            basis=basis_name(_, terms.basis), span=span_name(_, terms.period)
        ),
        how,
    ]
    if terms.threshold:
        said.append(
            _("nothing below {share}% of the target").format(share=share(int(terms.threshold * SCALE)))
        )
    if terms.cap_amount is not None:
        said.append(_("at most {amount}").format(amount=cents(view, terms.cap_amount).text))
    return ("，" if view.is_han else ", ").join(said)


def _tiers(view: View, lines: Sequence[PayLine], terms: CommissionTerms | None) -> list[Content]:
    """The rates of the plan, with what fell into each this month."""
    _ = view.gettext
    if terms is None:
        return []
    made = []
    for tier in terms.tiers:
        start = int(tier.from_attainment * SCALE)
        own = [each for each in lines if each.tier_pct == start]
        fast = terms.accelerator
        made.append(
            {
                "start": share(start),
                "rate": f"{(tier.rate * 100).normalize():f}",
                "note": _("with the accelerator × {times}").format(times=f"{fast.times.normalize():f}")
                if fast is not None and tier.from_attainment >= fast.from_attainment
                else "",
                "sales": together(view, [each.base_amount for each in own], lines[0].currency),
                "paid": together(view, [each.amount for each in own], lines[0].currency),
                "count": len(own),
            }
        )
    return made


def _sale(view: View, line: PayLine, names: Mapping[str, str], at: int) -> Content:
    _ = view.gettext
    return {
        "day": _dated(view, line.earned_on),
        "deal": deal_name(line),
        "name": view.fitted(names.get(line.sold_to_id, line.sold_to_id), _NAME),
        "deal_amount": cents(view, natural(line.deal_amount), line.currency).number,
        "share": share(line.share_pct),
        "base": cents(view, natural(line.base_amount), line.currency).number,
        "rate": f"{(Decimal(line.rate) * 100).normalize():f}" if line.rate else "–",
        "gate": gate_name(_, line.gate),
        "amount": paid(view, line, f"{at}"),
    }


def deal_name(line: PayLine) -> str:
    """A deal's own id, without the table it stands in."""
    return line.deal_id.partition(":")[2] or line.deal_id


def _dated(view: View, day: date | None) -> str:
    return "–" if day is None else view.day(day)


# Clawbacks


def clawbacks(view: View, draft: Statement) -> Content | None:
    """What goes back because a sale came back or is not paid, and what is given back."""
    _ = view.gettext
    lines = draft.of(BACK)
    if not lines:
        return None
    names = members.full_names(view, view.members("account"))
    return {
        "title": view.phrase(_("Clawback: commission of sales that came back or stay unpaid")),
        "measure": view.phrase(
            _("Paid for the sale × share of its deal that came back, less what was taken before")
        ),
        "rows": [
            {
                "day": _dated(view, each.earned_on),
                "deal": deal_name(each),
                "name": view.fitted(names.get(each.sold_to_id, each.sold_to_id), _NAME),
                "paid": cents(view, natural(each.base_amount), each.currency).number,
                "back": share(each.reversed_pct),
                "gate": gate_name(_, each.gate),
                "amount": paid(view, each, f"{at}"),
            }
            for at, each in enumerate(lines)
        ],
        "total": total(view, lines, _("Clawback of the month")),
    }
