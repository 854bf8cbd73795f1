"""Whom a manager serves: each account with its class, sales, overdue money, touchpoints kept, and what is due next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import next_steps
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading, held_within
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.schema import SCALE
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 18
_NAME, _STEP = 40 * MM, 80 * MM
_SIGNS = {"up": "↑", "down": "↓", "same": "→", "new": "+"}


@section(
    title=N_("Accounts served"),
    audience="internal",
    metrics=(
        "net_sales",
        "sales_growth",
        "overdue_amount",
        "cadence_compliance",
        "customer_class",
        "class_move",
    ),
    tables=("holdings", "touchpoints", "commitments"),
    evidence=("net_sales@ytd",),
)
def served(view: View) -> Content | None:
    """The accounts held on the last day, the largest first."""
    shares = held(view)
    accounts = [each for each in view.members("account") if each.slice.subject.subject_id in shares]
    if not accounts:
        return None
    accounts.sort(key=lambda each: (-(_sales(each).value or 0.0), each.slice.subject.subject_id))
    customers = {each.slice.subject.subject_id: each for each in view.members("customer")}
    owner = dict(zip(*(view.rows("holdings")[name] for name in ("account_id", "customer_id")), strict=True))
    groups = [(each, customers[owner[each.slice.subject.subject_id]]) for each in accounts]
    shown = groups[:_MOST]
    amounts, late, unit = _amounts(view, accounts)
    rows = [
        _row(account, customer, shares, (amount, overdue))
        for (account, customer), amount, overdue in zip(shown, amounts, late, strict=False)
    ]
    return {
        "title": view.phrase(title(view, groups)),
        "measure": view.phrase(_measure(view)),
        "unit": unit,
        "has_shares": any(share < SCALE for share in shares.values()),
        "rows": rows,
        "rest": _rest(view, groups[_MOST:]),
    }


def held(view: View) -> dict[str, int]:
    """The share of each account that is held on the window's last day, in ten-thousandths."""
    rows = view.rows("holdings")
    now = held_within(rows, view.window.last_on, view.window.until_on)
    return {str(account): int(share) for account, share in zip(now["account_id"], now["share"], strict=True)}


def _sales(account: View) -> Reading:
    return account.over("ytd").reading("net_sales")


def _amounts(view: View, accounts: list[View]) -> tuple[list[Printed], list[Printed], str]:
    """Sales of the year and overdue money of each, both columns in the one unit that the head names."""
    sales = [_sales(each).value for each in accounts]
    printed, unit = view.in_one_unit([*sales, *(each.reading("overdue_amount").value for each in accounts)])
    return printed[: len(sales)], printed[len(sales) :], unit


# What the table says


def title(view: View, groups: list[tuple[View, View]]) -> str:
    """How many accounts have money overdue or a touchpoint missed, where some have; else how many there are."""
    _ = view.gettext
    overdue = sum(bool(account.reading("overdue_amount").value) for account, _customer in groups)
    behind = sum(_kept(customer) not in (None, True) for _account, customer in groups)
    every = len(groups)
    few = view.printer.few
    if overdue and behind:
        text = _("Of {all} accounts {overdue} have money overdue, {behind} a touchpoint missed this year")
        return text.format(all=few(every), overdue=few(overdue), behind=few(behind))
    if overdue:
        return _("Of {all} accounts {overdue} have money overdue").format(
            all=few(every), overdue=few(overdue)
        )
    if behind:
        text = _("Of {all} accounts {behind} have a touchpoint missed this year")
        return text.format(all=few(every), behind=few(behind))
    return view.ngettext("{n} account", "{n} accounts", every).format(n=every)


def _kept(customer: View) -> bool | None:
    """Whether every touchpoint due this year was kept; None where none was due."""
    reading = customer.over("ytd").reading("cadence_compliance")
    return None if reading.value is None else reading.value >= 1


def _measure(view: View) -> str:
    _ = view.gettext
    return _(
        "By sales this year; the whole account, whoever else shares it. Touchpoints: kept ÷ due this year, of the customer"
    )


# Rows


def _row(account: View, customer: View, shares: dict[str, int], amounts: tuple[Printed, Printed]) -> Content:
    year = account.over("ytd")
    sales, growth = year.reading("net_sales"), year.reading("sales_growth")
    overdue = account.reading("overdue_amount")
    share = shares[account.slice.subject.subject_id]
    step = next_steps.next_step(account, customer)
    return {
        "name": account.fitted(account.slice.subject.named(in_han=account.is_han), _NAME),
        "class": _class(customer),
        "move": _SIGNS.get(customer.reading("class_move").text or "", ""),
        "share": account.printer.printed(share / SCALE, "share", decimals=0).text if share < SCALE else "",
        "sales": year.figure(sales, printed=amounts[0]) if sales.is_known else None,
        "growth": year.figure(growth, printed=account.printer.change(growth.value))
        if growth.value is not None
        else None,
        "overdue": account.figure(overdue, printed=amounts[1]) if overdue.is_known else None,
        "is_overdue": bool(overdue.value),
        "touches": _touches(customer),
        "step": next_steps.said(account, step, _STEP) if step else None,
        "is_late": step is not None and step.is_late,
    }


def _class(customer: View) -> str:
    text = customer.over("t12m").reading("customer_class").text
    return standing_name(customer.gettext, text) if text else ""


def _touches(customer: View) -> Phrase | None:
    """Touchpoints kept of those due this year."""
    year = customer.over("ytd")
    reading = year.reading("cadence_compliance")
    if not reading.denominator:
        return None
    return year.say(
        "{kept}/{due}", kept=year.figure(reading, "numerator"), due=year.figure(reading, "denominator")
    )


def _rest(view: View, groups: list[tuple[View, View]]) -> Phrase | None:
    """How many further accounts there are."""
    if not groups:
        return None
    text = view.ngettext("{n} more account", "{n} more accounts", len(groups))
    return view.say(
        text, n=view.counted("holdings", len(groups), len(groups), view.gettext("Accounts not listed"))
    )
