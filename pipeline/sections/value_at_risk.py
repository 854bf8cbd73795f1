"""Value at risk: whose business early warnings put at risk, since when and who acts, and what rescues have kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.press import comparisons, members, monthly, rescues, strip
from pipeline.press.excerpts import excerpt
from pipeline.press.messages import trend
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.warning_names import warning_name
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("business_at_risk", "month"),
    Wanted("customers_at_risk", "month"),
    Wanted("open_warnings", "month"),
    Wanted("revenue_protected", "t12m", "t12m"),
    Wanted("warning_precision", "t12m", "t12m"),
)
_MOST = 10
_NAME, _RULES, _ACTOR = 38 * MM, 56 * MM, 23 * MM


@section(
    title=N_("Value at risk"),
    audience="internal",
    metrics=(*(each.metric for each in FIGURES), "net_sales", "intervention_success", "intervention_cost"),
    tables=("warnings", "interventions"),
    evidence=("open_warnings", "revenue_protected@t12m"),
)
def value_at_risk(view: View) -> Content | None:
    """The strip, warnings by rule, business at risk by month, the customers at risk, the rescues of twelve months."""
    month = view.over("month")
    if not month.reading("open_warnings").value and view.rows("interventions").empty:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view)),
        "lead": view.lead(lead(view)),
        **strip.strip(view, strip.known(view, FIGURES)),
        "rules": rules(month),
        "months": months(month),
        "customers": customers(month),
        "rescues": rescues.rescues(view),
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """How much business is at risk at how many customers, and what share of twelve months' sales that is."""
    _ = view.gettext
    risk, many = (
        view.over("month").reading("business_at_risk"),
        view.over("month").reading("customers_at_risk"),
    )
    sales = view.over("t12m").reading("net_sales")
    if not risk.value or not many.value:
        return [view.phrase(_("No warning puts business at risk"))]
    text = view.ngettext(
        "{amount} at risk at {n} customer", "{amount} at risk at {n} customers", int(many.value)
    )
    said = view.say(text, amount=view.quote(risk), n=view.printer.few(int(many.value)))
    share = members.share_of(risk.value, sales.value or 0.0)
    if share is None:
        return [said]
    shown = view.printer.printed(share, "share").text
    return [view.say(_("{risk}, as much as {share} of twelve months' sales"), risk=said, share=shown), said]


def lead(view: View) -> Phrase:
    """What the amount is, and what it is not."""
    _ = view.gettext
    return view.phrase(
        _(
            "At risk: a year's sales before the warning, each customer once. It is what is at stake, not what will be lost."
        )
    )


# Warnings by rule, business at risk by month


def rules(view: View) -> Content | None:
    """The open warnings by rule, the most frequent first."""
    _ = view.gettext
    told = [view.reading("open_warnings", each) for each in view.breakdowns("open_warnings")]
    found = sorted(
        (each for each in told if each.breakdown.startswith("rule=") and each.value),
        key=lambda each: (-(each.value or 0.0), each.breakdown),
    )
    if not found:
        return None
    anchor, figures = view.series(found, _("Open warnings by rule"))
    most = found[0].value
    bars = [
        comparisons.Bar(
            view.title(warning_name(_, each.breakdown.partition("=")[2])).plain,
            each.value or 0.0,
            figure.printed.text,
            is_named=each.value == most,
        )
        for each, figure in zip(found, figures, strict=True)
    ]
    title = rules_title(view, bars)
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    drawing = comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}")
    return {
        "title": title,
        "measure": view.phrase(_("Open on the last day; a customer may have several")),
        "chart": view.chart(anchor, drawing),
    }


def rules_title(view: View, bars: list[comparisons.Bar]) -> Phrase:
    """The most frequent kind, where one stands alone and there are several."""
    _ = view.gettext
    first = [each for each in bars if each.is_named]
    if len(first) != 1 or len(bars) < 2:
        return view.phrase(_("Open warnings by kind"))
    return view.phrase(
        _("Most frequent: {name}").format(name=first[0].label if view.is_han else first[0].label.lower())
    )


def months(view: View) -> Content | None:
    """Business at risk at the end of each month; None where fewer than three are known."""
    _ = view.gettext
    readings = view.trend("business_at_risk")
    if sum(each.is_known for each in readings) < 3:
        return None
    title = months_title(view, readings)
    chart, unit = monthly.half_columns(view, readings, _("Business at risk by month"), title, 48 * MM)
    return {
        "title": title,
        "measure": view.say(_("At the end of each month, {unit}"), unit=unit),
        "chart": chart,
    }


def months_title(view: View, readings: tuple[Reading, ...]) -> Phrase:
    """What the amount did; below eight months, and where nothing stands out, the chart's name."""
    _ = view.gettext
    found = trend([each.value for each in readings], [None] * len(readings))
    few = view.printer.few
    if found is not None and found.is_rising:
        return view.phrase(
            _("Business at risk rose for {months} months running").format(months=few(found.rises))
        )
    if found is not None and found.is_falling:
        return view.phrase(
            _("Business at risk fell for {months} months running").format(months=few(found.falls))
        )
    if found is not None and found.is_best:
        return view.phrase(_("More at risk than in {months} months").format(months=few(found.months)))
    return view.phrase(_("Business at risk by month"))


# Customers at risk


def open_warnings(view: View) -> pd.DataFrame:
    """The warnings that hold on the last day."""
    rows = view.rows("warnings")
    last = np.datetime64(view.window.last_on)
    return rows[(rows["raised_on"] <= last) & (rows["until_on"].isna() | (rows["until_on"] > last))]


def customers(view: View) -> Content | None:
    """The customers whose business is at risk, the largest first: what is at stake, since when, why, who acts."""
    _ = view.gettext
    found = sorted(
        (each for each in view.members("customer") if each.reading("business_at_risk").value),
        key=lambda each: (-(each.reading("business_at_risk").value or 0.0), each.slice.subject.subject_id),
    )
    if not found:
        return None
    shown = found[:_MOST]
    names, people = members.full_names(view, shown), members.full_names(view, view.members("manager"))
    readings = [each.reading("business_at_risk") for each in shown]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in readings])
    column = members.column(view, readings, _("Business at risk by customer"), printed)
    return {
        "title": customers_title(view, [each.reading("business_at_risk").value or 0.0 for each in found]),
        "measure": view.phrase(_("On the last day; since: the first of the warnings that hold")),
        "unit": unit,
        "anchor": column["anchor"],
        "rows": [
            {
                "name": view.fitted(names[each.slice.subject.subject_id], _NAME),
                "amount": column["cells"][at].number,
                **reasons(each, people),
            }
            for at, each in enumerate(shown)
        ],
        "more": members.more(view, len(found) - len(shown)),
    }


def reasons(customer: View, people: dict[str, str]) -> Content:
    """Since when a customer is at risk, by which warnings, and who acts."""
    rows = open_warnings(customer)
    rows = rows[rows["is_at_stake"].astype("bool")].sort_values(["raised_on", "rule"], kind="stable")
    if rows.empty:
        return {"since": "–", "rules": "–", "actors": "–"}
    told = list(dict.fromkeys(warning_name(customer.gettext, str(each)) for each in rows["rule"]))
    actors = list(dict.fromkeys(people.get(str(each), str(each)) for each in rows["actor_id"].dropna()))
    return {
        "since": customer.day(pd.Timestamp(rows["raised_on"].iloc[0]).date()),
        "rules": customer.title(excerpt(members.enumerated(customer, told), _RULES, 2, customer.ink)),
        "actors": customer.fitted(members.enumerated(customer, actors), _ACTOR) if actors else "–",
    }


def customers_title(view: View, amounts: list[float]) -> Phrase:
    """How few customers make half of what is at risk."""
    _ = view.gettext
    total, reached = sum(amounts), 0.0
    for place, amount in enumerate(amounts, start=1):
        reached += amount
        if reached * 2 >= total and place < len(amounts):
            text = view.ngettext(
                "{few} of {n} customers makes half of what is at risk",
                "{few} of {n} customers make half of what is at risk",
                place,
            )
            return view.title(text.format(few=view.printer.few(place), n=len(amounts)))
    return view.phrase(_("Whose business is at risk"))
