"""Receivables: what is open and overdue, how old it is, and who owes it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.derived.ledger import BUCKETS
from pipeline.press import comparisons, members, monthly, strip
from pipeline.press.bridges import is_zero
from pipeline.press.messages import trend
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("receivables", "month"),
    Wanted("overdue_share", "month"),
    Wanted("dso_countback", "month"),
    Wanted("weighted_days_late", "t12m"),
    Wanted("collection_effectiveness", "month"),
)
_OLD = BUCKETS[BUCKETS.index("61-90") :]
_MOST = 10
_NAME_ROOM = 46 * MM
_STEADY = 0.005
"""A share that moves by less than half a point has not moved."""
_CENT = 0.005


@section(
    title=N_("Receivables"),
    audience="internal",
    metrics=(*(each.metric for each in FIGURES), "ageing", "overdue_amount"),
    tables=("late_positions",),
    evidence=("receivables@month",),
)
def portfolio_receivables(view: View) -> Content | None:
    """The strip, receivables by age, what was overdue by month, and the customers who owe it."""
    month = view.over("month")
    if not month.reading("receivables").value:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(month)),
        "lead": "",
        **strip.strip(view, strip.known(view, FIGURES)),
        "ages": ages(month),
        "months": months(month),
        "debtors": debtors(month),
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """How much of the receivables is overdue, and whether that is more than a month before."""
    _ = view.gettext
    share, amount = view.reading("overdue_share"), view.reading("overdue_amount")
    if share.value is None or not amount.value:
        return [view.phrase(_("Nothing is overdue"))]
    said = view.say(
        _("{amount} overdue, {share} of the receivables"), amount=view.quote(amount), share=view.quote(share)
    )
    if share.before is None:
        return [said]
    step = share.value - share.before
    if abs(step) < _STEADY:
        return [view.say(_("{overdue}, as a month before"), overdue=said), said]
    points = view.printer.points(Decimal(repr(step))).text
    text = (
        _("{overdue}, {points} more than a month before")
        if step > 0
        else _("{overdue}, {points} less than a month before")
    )
    return [view.say(text, overdue=said, points=points), said]


# By age, by month


def bucket_name(view: View, bucket: str) -> str:
    """A span of days past the due date."""
    _ = view.gettext
    if bucket == "not_due":
        return _("Not due")
    if bucket.endswith("+"):
        return _("Over {n} days").format(n=int(bucket[:-1]) - 1)
    return _("{span} days").format(span=bucket.replace("-", "–"))


def ages(view: View) -> Content | None:
    """The receivables by days past their due dates; the bars add up to the receivables."""
    _ = view.gettext
    readings = [each for each in bucket_readings(view) if each.is_known]
    if not readings:
        return None
    printed, unit = members.amounts(view, readings)
    if any(each.value and is_zero(shown) for each, shown in zip(readings, printed, strict=True)):
        printed, unit = [view.printed(each) for each in readings], ""
    anchor, _figures = view.series(readings, _("Receivables by age"), printed)
    bars = [
        comparisons.Bar(
            bucket_name(view, each.breakdown.partition("=")[2]),
            each.value or 0.0,
            shown.number if unit else shown.text,
            is_named=each.breakdown != "bucket=not_due",
        )
        for each, shown in zip(readings, printed, strict=True)
    ]
    title = ages_title(view, readings)
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    drawing = comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}", row=7 * MM)
    return {
        "title": title,
        "measure": view.say(_("By days past the due date, {unit}, with tax"), unit=unit)
        if unit
        else view.phrase(_("By days past the due date, with tax")),
        "chart": view.chart(anchor, drawing),
    }


def bucket_readings(view: View) -> list[Reading]:
    """The ageing by bucket, from not due to the oldest."""
    return [view.reading("ageing", f"bucket={name}") for name in BUCKETS]


def ages_title(view: View, readings: list[Reading]) -> Phrase:
    """Whether what is overdue is young or old: older than 60 days is a third of it or more."""
    _ = view.gettext
    late = [each for each in readings if each.breakdown != "bucket=not_due"]
    total = sum(max(each.value or 0.0, 0.0) for each in late)
    if total <= 0:
        return view.phrase(_("Nothing is past its due date"))
    old = sum(max(each.value or 0.0, 0.0) for each in late if each.breakdown.partition("=")[2] in _OLD)
    if old * 3 >= total:
        return view.phrase(_("A third or more of it is older than 60 days"))
    young = late[0].value or 0.0
    if young * 2 >= total:
        return view.phrase(_("Most of it is overdue by 30 days or less"))
    return view.phrase(_("Receivables by age"))


def months(view: View) -> Content | None:
    """What was overdue at the end of each month; None where fewer than three are known."""
    _ = view.gettext
    readings = view.trend("overdue_amount")
    if sum(each.is_known for each in readings) < 3:
        return None
    title = months_title(view, readings)
    chart, unit = monthly.half_columns(view, readings, _("Overdue by month"), title, 43 * MM)
    return {
        "title": title,
        "measure": view.say(_("Overdue at the end of each month, {unit}"), unit=unit),
        "chart": chart,
    }


def months_title(view: View, readings: tuple[Reading, ...]) -> Phrase:
    """What overdue amounts did; below eight months, and where nothing stands out, the chart's name."""
    _ = view.gettext
    found = trend([each.value for each in readings], [None] * len(readings))
    few = view.printer.few
    if found is None:
        return view.phrase(_("Overdue by month"))
    if found.is_rising:
        return view.phrase(
            _("Overdue amounts rose for {months} months running").format(months=few(found.rises))
        )
    if found.is_falling:
        return view.phrase(
            _("Overdue amounts fell for {months} months running").format(months=few(found.falls))
        )
    if found.is_best:
        return view.phrase(_("More overdue than in {months} months").format(months=few(found.months)))
    if found.is_worst:
        return view.phrase(_("Less overdue than in {months} months").format(months=few(found.months)))
    return view.phrase(_("Overdue by month"))


# By customer


def debtors(view: View) -> Content | None:
    """The customers with overdue amounts, the largest first; None where there are none."""
    _ = view.gettext
    found = sorted(
        (each for each in view.members("customer") if (each.reading("overdue_amount").value or 0.0) >= _CENT),
        key=lambda each: (-(each.reading("overdue_amount").value or 0.0), each.slice.subject.subject_id),
    )
    if not found:
        return None
    shown = found[:_MOST]
    names = members.full_names(view, shown)
    overdue = [each.reading("overdue_amount") for each in shown]
    open_ = [each.reading("receivables") for each in shown]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in (*open_, *overdue)])
    late = [each.over("t12m").reading("weighted_days_late") for each in shown]
    columns = {
        "open": members.column(view, open_, _("Receivables by customer"), printed[: len(shown)]),
        "overdue": members.column(view, overdue, _("Overdue by customer"), printed[len(shown) :]),
        "share": members.column(
            view, [each.reading("overdue_share") for each in shown], _("Overdue share by customer")
        ),
        "late": members.column(view, late, _("Weighted days late by customer"), days_of(view, late)),
    }
    days = [oldest(each) for each in shown]
    anchor = view.register.next_id
    for at, (count, most) in enumerate(days):
        if most is not None:
            shown_days = view.printer.count(most)
            view.register.of_rows(
                "late_positions", count, most, shown_days, _("Oldest overdue invoice by customer"), anchor, at
            )
    return {
        "title": debtors_title(view, found),
        "measure": view.phrase(_("Customers with overdue amounts on the last day, with tax")),
        "unit": unit,
        "anchors": {
            **{name: each["anchor"] for name, each in columns.items()},
            "oldest": anchor if view.register.next_id != anchor else "",
        },
        "rows": [
            {
                "name": view.fitted(names[each.slice.subject.subject_id], _NAME_ROOM),
                **{name: column["cells"][at].number for name, column in columns.items()},
                "oldest": view.printer.count(days[at][1]).number,
                "invoices": str(days[at][0] or "–"),
            }
            for at, each in enumerate(shown)
        ],
        "more": members.more(view, len(found) - len(shown)),
    }


def days_of(view: View, readings: list[Reading]) -> list[Printed]:
    """Days with one decimal each, so that they stand below one another."""
    return [view.printer.printed(each.value, "score", decimals=1) for each in readings]


def oldest(view: View) -> tuple[int, float | None]:
    """How many invoices are overdue on the last day, and by how many days the oldest of them."""
    rows = view.rows("late_positions")
    if rows.empty:
        return 0, None
    last = np.datetime64(view.window.last_on)
    begun, ended = pd.to_datetime(rows["from_on"]), pd.to_datetime(rows["until_on"])
    held = rows[(begun <= last) & (ended.isna() | (ended > last))]
    return (len(held), float(held["days_late"].max())) if len(held) else (0, None)


def debtors_title(view: View, found: list[View]) -> Phrase:
    """How few customers owe half of what is overdue."""
    _ = view.gettext
    owed = [each.reading("overdue_amount").value or 0.0 for each in found]
    total, reached = sum(owed), 0.0
    for place, amount in enumerate(owed, start=1):
        reached += amount
        if reached * 2 >= total and place < len(owed):
            text = view.ngettext(
                "{few} of {n} customers owes half of what is overdue",
                "{few} of {n} customers owe half of what is overdue",
                place,
            )
            return view.title(text.format(few=view.printer.few(place), n=len(owed)))
    return view.phrase(_("Who owes what is overdue"))
