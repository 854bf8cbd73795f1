"""The account brief's first page: what to know before a visit, how the customer stands, its health."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import brief_standing, members, strip
from pipeline.press.strip import Wanted
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_FIGURES = (
    Wanted("net_sales", "ytd"),
    Wanted("sales_growth", "ytd"),
    Wanted("gross_margin", "ytd"),
    Wanted("otif_orders", "ytd", breakdown="basis=first_promised"),
    Wanted("csat", "ytd"),
    Wanted("sla_attainment", "ytd"),
    Wanted("win_rate", "ytd"),
)


@section(
    title=N_("Account brief"),
    audience="internal",
    metrics=(
        *(each.metric for each in _FIGURES),
        "customer_class",
        "class_before",
        "class_move",
        "revenue_band",
        "lifecycle_stage",
        "share_of_wallet",
        "contract_days_left",
        "contract_fulfilment",
        "receivables",
        "overdue_amount",
        "health",
        "health_vetoes",
        "open_warnings",
        "business_at_risk",
    ),
    evidence=("net_sales@t12m", "open_warnings@month", "customer_class@t12m"),
)
def brief(view: View) -> Content:
    """The customer in a sentence, facts, five figures, what its health is made of."""
    return {
        "report": members.report_name(view),
        "period": view.printer.period(view.window.period),
        "headline": view.headline(*_headlines(view)),
        "facts": brief_standing.facts(view),
        **_strip(view),
        "health": brief_standing.health(view),
    }


def _headlines(view: View) -> list[Phrase]:
    """The customer's name, and what is at risk or that nothing is; a name that is too long alone."""
    _ = view.gettext
    month = view.over("month")
    name = view.slice.subject.named(in_han=view.is_han)
    stake, count = month.reading("business_at_risk"), int(month.reading("open_warnings").value or 0)
    if stake.value:
        text = view.ngettext(
            "{name}: {amount} a year at risk, {n} warning",
            "{name}: {amount} a year at risk, {n} warnings",
            count,
        )
        said = view.say(text, name=name, amount=view.quote(stake), n=view.printer.few(count))
    elif count:
        text = view.ngettext("{name}: {n} gap in our cover", "{name}: {n} gaps in our cover", count)
        said = view.say(text, name=name, n=view.printer.few(count))
    else:
        said = view.say(_("{name}: no warning"), name=name)
    return [said, view.phrase(name)]


def _strip(view: View) -> Content:
    """The first five of the figures that are known."""
    return strip.strip(view, strip.known(view, _FIGURES))
