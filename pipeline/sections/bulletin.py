"""The early-warning bulletin's first part: what is at risk, customer by customer, and the gaps in our own cover."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import members, strip, warning_lists
from pipeline.press.strip import Wanted
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_FIGURES = (
    Wanted("business_at_risk", "month"),
    Wanted("customers_at_risk", "month"),
    Wanted("warnings_raised", "month"),
    Wanted("false_warnings_used", "t12m"),
    Wanted("revenue_protected", "t12m"),
)


@section(
    title=N_("Early-warning bulletin"),
    audience="internal",
    metrics=(*(each.metric for each in _FIGURES), "open_warnings"),
    tables=("warnings", "at_risk"),
    evidence=("open_warnings@month", "warnings_raised@month", "false_warnings_used@t12m"),
)
def bulletin(view: View) -> Content:
    """The month's sentence, five figures, business at risk by customer, gaps by rule."""
    rows = warning_lists.open_rows(view)
    return {
        "report": members.report_name(view),
        "period": view.printer.period(view.window.period),
        "headline": view.headline(*_headlines(view)),
        "lead": view.lead(warning_lists.sentence(view, rows)) if len(rows) else "",
        **_strip(view),
        "note": view.phrase(
            view.gettext(
                "At stake is not lost: it is what these customers bought in the year before it began."
            )
        ),
        "at_risk": warning_lists.at_risk(view, rows),
        "gaps": warning_lists.gaps(view, rows),
    }


def _strip(view: View) -> Content:
    """The strip; of its figures only the false warnings have a limit to be held to."""
    shown = strip.known(view, _FIGURES)
    made = strip.strip(view, shown)
    kept = []
    for (_wanted, reading), kpi in zip(shown, made["kpis"], strict=True):
        over = reading.metric == "false_warnings_used" and (reading.value or 0) > 1
        chips = [{"kind": "missed", "label": view.gettext("Over the budget")}] if over else []
        kept.append({**kpi, "chips": chips, "is_missed": over})
    return {**made, "kpis": kept}


def _headlines(view: View) -> list[Phrase]:
    """How much business of how many customers is at risk, and what is new."""
    _ = view.gettext
    month = view.over("month")
    stake, customers = month.reading("business_at_risk"), month.reading("customers_at_risk")
    if not customers.value:
        return [view.phrase(_("No customer's business is at risk this month"))]
    count = int(customers.value)
    if not stake.value:
        text = view.ngettext(
            "The business of {n} customer is at risk", "The business of {n} customers is at risk", count
        )
        return [view.phrase(text.format(n=view.printer.few(count)))]
    text = view.ngettext(
        "A year's business of {amount} with {n} customer is at risk",
        "A year's business of {amount} with {n} customers is at risk",
        count,
    )
    said = view.say(text, amount=view.quote(stake), n=view.printer.few(count))
    raised = int(month.reading("warnings_raised").value or 0)
    if not raised:
        return [view.say(_("{said}; nothing new this month"), said=said), said]
    more = view.ngettext("{said}; {n} new warning this month", "{said}; {n} new warnings this month", raised)
    return [view.say(more, said=said, n=view.printer.few(raised)), said]
