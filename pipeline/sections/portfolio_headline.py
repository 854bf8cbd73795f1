"""The portfolio's first page: how the year stands in at most five figures, and why sales are not what they were."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from pipeline.press import charts, members, monthly, strip
from pipeline.press.bridges import bridge
from pipeline.press.messages import trend
from pipeline.press.slices import Reading
from pipeline.press.strip import Wanted
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

FIGURES = (
    Wanted("net_sales", "ytd"),
    Wanted("sales_growth", "ytd"),
    Wanted("gross_margin", "ytd"),
    Wanted("net_revenue_retention", "t12m", "t12m"),
    Wanted("turnover_days", "t12m", "t12m"),
    Wanted("won_value", "ytd"),
    Wanted("win_rate", "ytd"),
    Wanted("sales_cycle", "ytd"),
    Wanted("customer_retention", "t12m", "t12m"),
    Wanted("new_customer_rate", "t12m", "t12m"),
    Wanted("otif_orders", "ytd", breakdown="basis=first_promised"),
    Wanted("csat", "ytd"),
    Wanted("open_pipeline_value", "month"),
    Wanted("activities", "ytd"),
)
"""Sales, growth, profit, what is kept, money in; where an export has none of them, what comes after in the list."""
_MONTHS_HEIGHT = 34 * MM


@section(
    title=N_("Portfolio report"),
    audience="internal",
    metrics=(*(each.metric for each in FIGURES), "sales_target", "sales_attainment", "sales_bridge"),
    evidence=("net_sales@ytd", "won_value@ytd"),
)
def portfolio_headline(view: View) -> Content:
    """The sentence of the report, the strip, the bridge of sales, and sales by month."""
    year = view.over("ytd")
    shown = strip.known(view, wanted(view))
    return {
        "title": members.report_name(view),
        "period": view.printer.period(view.window.period),
        "headline": view.headline(*headlines(view, [reading for _wanted, reading in shown])),
        "lead": view.lead(lead(view)),
        **strip.strip(view, shown, year.reading("sales_target")),
        "note": note(view, shown),
        "bridge": bridge(year),
        "months": months(view),
    }


def wanted(view: View) -> tuple[Wanted, ...]:
    """The figures of the strip; deals won are left out where they are the sales."""
    year = view.over("ytd")
    same = year.reading("won_value").value == year.reading("net_sales").value
    return tuple(each for each in FIGURES if not (same and each.metric == "won_value"))


# The page's sentence


def headlines(view: View, shown: list[Reading]) -> list[Phrase]:
    """Sales against last year and target, then the figures of the strip that fall short; the fullest first."""
    _ = view.gettext
    sold = sales_words(view)
    short = [
        view.inline(each.metric)
        for each in shown
        if each.verdict in ("bad", "watch") and each.metric != "net_sales"  # told in the words above
    ]
    if not short:
        return [sold]
    text = _("{sales}; target missed for {names}")
    return [view.say(text, sales=sold, names=view.listed(short)), sold]


def sales_words(view: View) -> Phrase:
    """What sales did this year: growth, and how much of the target that is."""
    _ = view.gettext
    year = view.over("ytd")
    sales, growth = year.reading("net_sales"), year.reading("sales_growth")
    reached = year.reading("sales_attainment")
    if sales.value is None:
        return view.phrase(_("Customers and deals this year"))
    if growth.value is None:
        said = view.say(_("Sales of {amount} this year"), amount=view.quote(sales))
    elif half_percent(growth.value) == 0:
        said = view.phrase(_("Sales this year are level with the year before"))
    else:
        text = (
            _("Sales this year are up {change}")
            if growth.value > 0
            else _("Sales this year are down {change}")
        )
        said = view.say(text, change=view.printer.printed(abs(growth.value), "share").text)
    if reached.value is None:
        return said
    return view.say(_("{sales}, {share} of the target reached"), sales=said, share=view.quote(reached))


def half_percent(share: float) -> Decimal:
    """A share in per cent as it is printed, to tell a change from none."""
    return Decimal(repr(share * 100)).quantize(Decimal("0.1"))


def lead(view: View) -> Phrase:
    """Of how many customers and managers the report tells, and up to which day."""
    _ = view.gettext
    customers, managers = (len(view.members(kind)) for kind in ("customer", "manager"))
    told: list[Phrase | None] = []
    if customers:
        text = view.ngettext("{n} customer, groups rolled up", "{n} customers, groups rolled up", customers)
        told.append(view.say(text, n=view.counted("customers", customers, customers, _("Customers"))))
    if managers:
        text = view.ngettext("{n} account manager", "{n} account managers", managers)
        told.append(view.say(text, n=view.counted("managers", managers, managers, _("Account managers"))))
    told.append(view.phrase(_("data to {day}").format(day=view.printer.day(view.window.last_on))))
    return members.sentence(view, told)


def note(view: View, shown: list[tuple[Wanted, Reading]]) -> Phrase:
    """How the strip is to be read, and what share of the target was reached."""
    _ = view.gettext
    year = view.over("ytd")
    reached = year.reading("sales_attainment")
    said = [view.phrase(_("Line: twelve months; dashed: target; hollow point: target missed."))]
    if reached.is_known and any(reading.metric == "net_sales" for _wanted, reading in shown):
        said.append(view.say(_("Of the sales target {share} is reached."), share=year.figure(reached)))
    return view.joined(*said)


# Sales by month


def months(view: View) -> Content | None:
    """The columns of twelve months; None where fewer than three are known."""
    _ = view.gettext
    readings = view.trend("net_sales")
    known = [each for each in readings if each.is_known]
    if len(known) < 3:
        return None
    printed, unit = members.amounts(view, readings)
    anchor, _figures = view.series(readings, _("Net sales by month"), printed)
    points = monthly.points(view, readings, printed)
    title = months_title(view, readings)
    said = ", ".join(f"{point.label} {point.printed}" for point in points)
    drawing = charts.columns(points, view.ink, f"{title.plain}. {said}", height=_MONTHS_HEIGHT, strong=1)
    return {
        "title": title,
        "measure": view.say(_("Net sales, {unit}, without tax"), unit=unit),
        "chart": view.chart(anchor, drawing),
    }


def months_title(view: View, readings: tuple[Reading, ...]) -> Phrase:
    """What the last months say; below eight of them, and where nothing stands out, the chart's name."""
    _ = view.gettext
    found = trend([each.value for each in readings], [None] * len(readings))
    few = view.printer.few
    if found is None:
        return view.phrase(_("Net sales by month"))
    if found.is_rising:
        return view.phrase(_("Sales have risen for {months} months running").format(months=few(found.rises)))
    if found.is_falling:
        return view.phrase(_("Sales have fallen for {months} months running").format(months=few(found.falls)))
    if found.is_best or found.is_worst:
        month = view.printer.month(readings[-1].from_on)
        text = (
            _("{month} was the best of {months} months")
            if found.is_best
            else _("{month} was the weakest of {months} months")
        )
        return view.say(text, month=month, months=few(found.months))
    return view.phrase(_("Net sales by month"))
