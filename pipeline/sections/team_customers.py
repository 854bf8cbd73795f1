"""A team's customers: class, sales, money overdue, health, business at risk, who serves them, what comes next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import members, next_steps
from pipeline.press.slices import Reading, held_within
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST, _SHORT = 30, 10
"""Rows at most; a table with more than a few may be cut by the end of a page."""
_NAME, _SERVER, _STEP = 31 * MM, 10.5 * MM, 34 * MM
_CHIP = 7.0
_SIGNS = {"up": "↑", "down": "↓", "new": "+"}


@section(
    title=N_("Customers served"),
    audience="internal",
    metrics=(
        "net_sales",
        "sales_growth",
        "overdue_amount",
        "customer_class",
        "class_move",
        "health",
        "business_at_risk",
        "customers_at_risk",
    ),
    tables=("holdings", "touchpoints", "commitments"),
    evidence=("net_sales@ytd",),
)
def team_customers(view: View) -> Content | None:
    """A row for each customer that the team serves on the last day: those at risk first, then by sales."""
    served = servers(view)
    found = [each for each in view.members("customer") if each.slice.subject.subject_id in served]
    if not found:
        return None
    ranked = sorted(found, key=_place)
    shown = ranked[:_MOST]
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view, found)),
        "lead": view.lead(lead(view, found)),
        **table(view, shown, served),
        "more": members.more(view, len(ranked) - len(shown)),
        "is_long": len(shown) > _SHORT,
    }


def servers(view: View) -> dict[str, list[str]]:
    """By customer the names of the managers who hold an account of it on the last day."""
    names = {
        each.slice.subject.subject_id: each.slice.subject.named(in_han=view.is_han)
        for each in view.members("manager")
    }
    rows = held_within(view.rows("holdings"), view.window.last_on, view.window.until_on)
    found: dict[str, list[str]] = {}
    for customer, manager in sorted(zip(rows["customer_id"], rows["manager_id"], strict=True)):
        own = found.setdefault(str(customer), [])
        name = names.get(str(manager), str(manager))
        if name not in own:
            own.append(name)
    return found


def risk(customer: View) -> Reading:
    """What of the customer's business is at risk on the last day."""
    return customer.over("month").reading("business_at_risk")


def _place(customer: View) -> tuple[float, float, str]:
    sales = customer.over("ytd").reading("net_sales").value or 0.0
    return -(risk(customer).value or 0.0), -sales, customer.slice.subject.subject_id


# The page's sentence


def headlines(view: View, found: list[View]) -> list[Phrase]:
    """How many customers are at risk, and how many have money overdue; else how many there are."""
    _ = view.gettext
    few = view.printer.few
    endangered = sum(bool(risk(each).value) for each in found)
    late = sum(bool(each.over("month").reading("overdue_amount").value) for each in found)
    if endangered and late:
        text = _("Of {all} customers {risky} are at risk, {late} have money overdue")
        return [view.title(text.format(all=few(len(found)), risky=few(endangered), late=few(late)))]
    if endangered:
        text = _("Of {all} customers {risky} are at risk")
        return [view.title(text.format(all=few(len(found)), risky=few(endangered)))]
    text = view.ngettext(
        "{n} customer, no warning puts its business at risk",
        "{n} customers, no warning puts their business at risk",
        len(found),
    )
    return [view.title(text.format(n=few(len(found))))]


def lead(view: View, found: list[View]) -> Phrase:
    """How the table is to be read."""
    _ = view.gettext
    if any(each.over("month").reading("health").is_known for each in found):
        return view.phrase(
            _(
                "Customers at risk first, then by sales this year. Health from 0 to 100; without enough data there is none."
            )
        )
    return view.phrase(_("Customers at risk first, then by sales this year."))


# Rows


def table(view: View, shown: list[View], served: dict[str, list[str]]) -> Content:
    """The columns, amounts in one unit, with the anchors of their figures."""
    _ = view.gettext
    year, month = [each.over("ytd") for each in shown], [each.over("month") for each in shown]
    sales = [each.reading("net_sales") for each in year]
    overdue = [each.reading("overdue_amount") for each in month]
    at_risk = [each.reading("business_at_risk") for each in month]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in (*sales, *overdue, *at_risk)])
    count = len(shown)
    growth = [each.reading("sales_growth") for each in year]
    health = [each.reading("health") for each in month]
    columns = {
        "sales": members.column(view, sales, _("Sales by customer"), printed[:count]),
        "growth": members.column(
            view, growth, _("Growth by customer"), [members.change(view, each) for each in growth]
        ),
        "overdue": members.column(view, overdue, _("Overdue by customer"), printed[count : 2 * count]),
        "health": members.column(
            view,
            health,
            _("Health by customer"),
            [view.printer.printed(each.value, "share", decimals=0) for each in health],
        ),
        "risk": members.column(view, at_risk, _("Business at risk by customer"), printed[2 * count :]),
    }
    names = members.full_names(view, shown)
    return {
        "unit": unit,
        "anchors": {name: made["anchor"] for name, made in columns.items()},
        "has": {name: any(not each.is_unknown for each in made["cells"]) for name, made in columns.items()},
        "rows": [
            {
                "name": view.fitted(names[each.slice.subject.subject_id], _NAME),
                "server": view.fitted(
                    members.enumerated(view, served[each.slice.subject.subject_id]), _SERVER
                ),
                "class": standing(each),
                **{name: made["cells"][at].number for name, made in columns.items()},
                "is_overdue": bool(overdue[at].value),
                "is_at_risk": bool(at_risk[at].value),
                **step(each),
            }
            for at, each in enumerate(shown)
        ],
    }


def standing(customer: View) -> str:
    """The customer's class, with an arrow where it rose or fell in the window."""
    text = customer.over("t12m").reading("customer_class").text
    if not text:
        return ""
    move = _SIGNS.get(customer.reading("class_move").text or "", "")
    name = customer.title(standing_name(customer.gettext, text)).plain
    return f"{name} {move}".strip()


def step(customer: View) -> Content:
    """What is due next at the customer."""
    found = next_steps.next_step(customer, customer)
    if found is None:
        return {"step": None, "is_late": False}
    chip = customer.ink.width(customer.gettext("Past due"), _CHIP, strong=True) + 4 * MM
    room = _STEP - (chip if found.is_late else 0)
    return {"step": next_steps.said(customer, found, room), "is_late": found.is_late}
