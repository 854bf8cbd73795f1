"""Profitability: who brings contribution and who takes it away, and where hours and cost go against what comes back."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import numpy as np

from pipeline.metrics.whale_curve import whale_curve
from pipeline.press import cells, members, strip, whale
from pipeline.press.printing import NOT_KNOWN, Printed
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.terms import standing_name
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("contribution", "t12m", "t12m"),
    Wanted("contribution_margin", "t12m", "t12m"),
    Wanted("cost_to_serve", "t12m", "t12m"),
    Wanted("cost_to_serve_share", "t12m", "t12m"),
    Wanted("service_hours", "t12m", "t12m"),
)
SHARES = ("hours_share", "sales_share", "cost_share", "contribution_share")
CLASSES = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
BANDS = ("strategic", "key", "base", "below")
_ENOUGH, _MOST = 5, 7
_NAME, _CELL = 32 * MM, 40 * MM
_STEADY = 0.05
"""A class whose shares of cost and contribution lie nearer to each other is not spoken of."""


@section(
    title=N_("Profitability"),
    audience="internal",
    metrics=(
        *(each.metric for each in FIGURES),
        *SHARES,
        "net_sales",
        "whale_peak",
        "whale_peak_customers",
        "whale_loss",
        "cost_above_contribution",
    ),
    evidence=("whale_peak@t12m",),
)
def profitability(view: View) -> Content | None:
    """The strip, the whale curve beside those who leave least, and resources against value by class and band."""
    year = view.over("t12m")
    if not year.reading("cost_to_serve").value:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(year)),
        "lead": "",
        **strip.strip(view, strip.known(view, FIGURES)),
        "curve": curve(year),
        "least": least(year),
        "resources": resources(year),
    }


# The page's sentence


def headlines(view: View) -> list[Phrase]:
    """What is left of sales after the cost to serve, and what customers who cost more than they bring take away."""
    _ = view.gettext
    margin, loss = view.reading("contribution_margin"), view.reading("whale_loss")
    said = view.say(_("{share} of sales are left after the cost to serve"), share=view.quote(margin))
    count = sum(is_lost(each) for each in view.members("customer"))
    if not loss.value or not count:
        return [view.say(_("{left}; no customer loses money"), left=said), said]
    text = view.ngettext(
        "{left}; {n} customer takes {amount} away again",
        "{left}; {n} customers take {amount} away again",
        count,
    )
    return [view.say(text, left=said, n=view.printer.few(count), amount=view.quote(loss)), said]


# The curve


def curve(view: View) -> Content | None:
    """The whale curve; None for a handful of customers, or where all of them together leave nothing."""
    _ = view.gettext
    amounts = [each.reading("contribution").value for each in view.members("customer")]
    known = np.array([each for each in amounts if each], dtype=np.float64)
    peak, crowd = view.reading("whale_peak"), view.reading("whale_peak_customers")
    if known.size < _ENOUGH or peak.value is None or crowd.value is None:
        return None
    anchor, _figures = view.series([crowd, peak], _("Whale curve"))
    lines = (
        _("{n} of customers").format(n=view.printed(crowd).text),
        _("bring {n} of what is left").format(n=view.printed(peak).text),
    )
    points = [(float(across) * 100, float(up) * 100) for across, up in whale_curve(known)]
    title = curve_title(view, peak)
    drawing = whale.whale(
        points,
        whale.Peak(crowd.value * 100, peak.value * 100, lines),
        view.ink,
        f"{title.plain}. {', '.join(lines)}",
        axes=(_("Customers, %, most profitable first"), _("Contribution, %")),
    )
    text = view.ngettext(
        "{n} customer with sales or effort; dashed: what is left in the end",
        "{n} customers with sales or effort; dashed: what is left in the end",
        int(known.size),
    )
    return {
        "title": title,
        "measure": view.phrase(text.format(n=int(known.size))),
        "chart": view.chart(anchor, drawing),
    }


def curve_title(view: View, peak: Reading) -> Phrase:
    """Whether the curve rises above what is left by more than a twentieth."""
    _ = view.gettext
    above = (peak.value or 1.0) - 1
    if above < _STEADY:
        return view.phrase(_("Hardly anything is lost on the way"))
    return view.say(
        _("{share} more is earned than is left"), share=view.printer.printed(above, "share", decimals=0).text
    )


# Who leaves least


def least(view: View) -> Content | None:
    """The customers with sales of whom the smallest share is left after the cost to serve."""
    _ = view.gettext
    found = sorted(
        (
            each
            for each in view.members("customer")
            if is_lost(each) or each.reading("contribution_margin").value is not None
        ),
        key=_place,
    )
    if len(found) < _ENOUGH:
        return None
    shown = found[:_MOST]
    names = members.full_names(view, shown)
    left = [each.reading("contribution") for each in shown]
    cost = [each.reading("cost_to_serve") for each in shown]
    printed, unit = members.scaled(view, [each.value or 0.0 for each in (*left, *cost)])
    margins = [each.reading("contribution_margin") for each in shown]
    columns = {
        "cost": members.column(view, cost, _("Cost to serve by customer"), printed[len(shown) :]),
        "left": members.column(view, left, _("Contribution by customer"), printed[: len(shown)]),
        "margin": members.column(view, margins, _("Contribution margin by customer")),
    }
    return {
        "title": least_title(view, [each.value or 0.0 for each in left]),
        "measure": view.say(_("Twelve months, {unit}; lowest margin after cost to serve first"), unit=unit),
        "anchors": {name: made["anchor"] for name, made in columns.items()},
        "rows": [
            {
                "name": view.fitted(names[each.slice.subject.subject_id], _NAME),
                **{name: made["cells"][at].number for name, made in columns.items()},
                "is_lost": (left[at].value or 0.0) < 0,
            }
            for at, each in enumerate(shown)
        ],
    }


def is_lost(customer: View) -> bool:
    """Whether a customer costs more than it brings."""
    return (customer.reading("contribution").value or 0.0) < 0


def _place(customer: View) -> tuple[float, float, str]:
    """Those who cost more than they bring by how much that is, then the others by what is left of their sales."""
    left = (customer.reading("contribution").value or 0.0) if is_lost(customer) else 0.0
    margin = customer.reading("contribution_margin").value or 0.0
    return left, 0.0 if is_lost(customer) else margin, customer.slice.subject.subject_id


def least_title(view: View, amounts: list[float]) -> Phrase:
    """How many of them cost more than they bring."""
    _ = view.gettext
    lost = sum(each < 0 for each in amounts)
    if not lost:
        return view.phrase(_("Where the least is left"))
    text = view.ngettext(
        "{n} customer costs more than it brings", "{n} customers cost more than they bring", lost
    )
    return view.title(text.format(n=view.printer.few(lost)))


# Resources against value


def resources(view: View) -> Content | None:
    """Hours, sales, cost and contribution by class and by band, in per cent of all; None where there is one group only."""
    _ = view.gettext
    groups = [
        (name, [each for each in values if view.reading("cost_share", f"{name}={each}").is_known])
        for name, values in (("class", CLASSES), ("band", BANDS))
    ]
    told = [(name, each) for name, values in groups if len(values) > 1 for each in values]
    if not told:
        return None
    names = [f"{name}={each}" for name, each in told]
    columns = {
        metric: members.column(
            view, [view.reading(metric, each) for each in names], view.title(view.name(metric)).plain
        )
        for metric in SHARES
    }
    gaps = [view.reading("cost_above_contribution", each) for each in names]
    gap = members.column(
        view, gaps, _("Cost above contribution, points"), [points(view, each) for each in gaps]
    )
    both = [
        (view.reading("cost_share", each).value, view.reading("contribution_share", each).value)
        for each in names
    ]
    most = max((value or 0.0 for pair in both for value in pair), default=0.0)
    widest = widest_of(gaps)
    return {
        "title": resources_title(view, widest),
        "measure": view.phrase(
            _("Twelve months, % of all; upper bar: cost to serve, lower bar: contribution")
        ),
        "anchors": {**{name: made["anchor"] for name, made in columns.items()}, "gap": gap["anchor"]},
        "rows": [
            {
                "name": view.title(standing_name(_, each)),
                "is_first": at > 0 and told[at - 1][0] != name,
                **{metric: columns[metric]["cells"][at].number for metric in SHARES},
                "gap": gap["cells"][at].number,
                "bar": cells.bars_in_pair(
                    *both[at],
                    most,
                    view.ink,
                    f"{columns['cost_share']['cells'][at].text}, {columns['contribution_share']['cells'][at].text}",
                    width=_CELL,
                ),
                "is_widest": widest is not None and gaps[at] is widest,
            }
            for at, (name, each) in enumerate(told)
        ],
    }


def points(view: View, reading: Reading) -> Printed:
    """A difference of shares in points with its sign."""
    if reading.value is None:
        return NOT_KNOWN
    shown = view.printer.points(Decimal(repr(reading.value)))
    if not shown.number.strip("0."):
        return shown
    sign = "+" if reading.value > 0 else "−"
    return Printed(f"{sign}{shown.number}", shown.unit, f"{sign}{shown.text}")


def widest_of(gaps: list[Reading]) -> Reading | None:
    """The class or band whose cost lies farthest above its contribution; None where all lie near each other."""
    known = [each for each in gaps if each.value is not None and each.value >= _STEADY]
    return max(known, key=lambda each: each.value or 0.0, default=None)


def resources_title(view: View, widest: Reading | None) -> Phrase:
    """The group that takes most above what it brings."""
    _ = view.gettext
    if widest is None or widest.numerator is None or widest.denominator is None:
        return view.phrase(_("Resources against value"))
    name = standing_name(_, widest.breakdown.partition("=")[2])
    cost, left = (view.printer.printed(each, "share").text for each in (widest.numerator, widest.denominator))
    text = _("{name}: {cost} of the cost, {left} of the contribution")
    return view.title(text.format(name=name, cost=cost, left=left))
