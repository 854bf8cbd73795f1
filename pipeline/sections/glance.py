"""At a glance: did we deliver, where do we stand, what fell short, what is needed from the client."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING

from pipeline.press import charts, monthly, requests, results
from pipeline.press.kpis import is_few, kpis, needs_two_lines
from pipeline.press.messages import trend
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_OTIF, _PROMISED = "otif_orders", "basis=first_promised"
_KPIS = (
    ("net_sales", ""),
    (_OTIF, _PROMISED),
    ("sla_attainment", ""),
    ("csat", ""),
    ("resolution_median", ""),
    ("first_reply_median", ""),
)
_MOST_KPIS = 5


@section(
    title=N_("At a glance"),
    audience="client",
    metrics=(
        "net_sales",
        "sales_growth",
        "otif_orders",
        "sla_attainment",
        "csat",
        "resolution_median",
        "first_reply_median",
        "commitments_kept_share",
        "commitments_late",
        "commitments_dropped",
    ),
    tables=("deliveries", "commitments", "requirement_changes"),
)
def glance(view: View) -> Content:
    """Headline, at most five figures with target and trend, what was delivered and what was not, what we ask for.

    The columns of sales fill a page that asks for nothing.
    """
    _ = view.gettext
    shown = chosen(view)
    judged = [reading for reading in shown if reading.verdict != "none"]
    content = {
        "headline": view.headline(*headlines(view, judged)),
        "lead": view.lead(lead(view, judged)),
        "kpis": kpis(view, shown),
        "two_lines": needs_two_lines(view, shown),
        "note": view.phrase(note(view)),
        "done": results.told(view, chain(results.done(view), promises_kept(view))),
        "missed": results.told(view, chain(results.missed(view), promises_broken(view))),
        "done_title": _("What we delivered"),
        "missed_title": _("What we did not"),
        "has_targets": bool(judged),
        "nothing_done": view.phrase(_("No agreed figure met its target.")),
        "nothing_missed": view.phrase(_("No agreed figure was missed.")),
        "requests": requests.panel(view),
    }
    return {**content, "sales": None if content["requests"] else sales(view)}


def chosen(view: View) -> list[Reading]:
    """The figures of the strip: those that are known or have a target, at most five."""
    readings = [view.reading(metric, breakdown) for metric, breakdown in _KPIS]
    return [each for each in readings if each.is_known or each.target is not None][:_MOST_KPIS]


def reached(reading: Reading) -> bool:
    """Whether a figure with a target reached it."""
    return reading.verdict == "good"


def headlines(view: View, judged: list[Reading]) -> list[Phrase]:
    """What the page says in one sentence, the fullest first."""
    _ = view.gettext
    if judged and all(is_few(each) for each in judged):
        return [view.phrase(_("Few cases {this}: read the figures with care").format(this=view.this()))]
    met = view.listed([view.inline(each.metric) for each in judged if reached(each)])
    short = view.listed([view.inline(each.metric) for each in judged if not reached(each)])
    this = view.this()
    if not judged:
        return [view.phrase(_("Orders and service {this} at a glance").format(this=this))]
    if not short:
        return [view.phrase(_("All agreed figures met their target {this}").format(this=this))]
    if len(judged) == 1:
        return [view.phrase(_("Target missed for {short}").format(short=short))]
    if not met:
        return [
            view.phrase(_("No agreed figure met its target {this}").format(this=this)),
            view.phrase(_("No agreed figure met its target")),
        ]
    return [
        view.phrase(_("Target met for {met}; missed for {short}").format(met=met, short=short)),
        view.phrase(_("Target missed for {short}").format(short=short)),
        view.phrase(_("Some agreed figures fell short {this}").format(this=this)),
    ]


def lead(view: View, judged: list[Reading]) -> Phrase:
    """How many of the agreed figures reached their target, and how far the worst lies from it."""
    _ = view.gettext
    if not judged:
        return view.phrase(
            _("No targets have been agreed yet; the figures stand beside those of a year earlier.")
        )
    good = [each for each in judged if reached(each)]
    return view.joined(_counts(view, good, len(judged)), *_farthest(view, judged), _best(view, good))


def _counts(view: View, good: list[Reading], judged: int) -> Phrase | None:
    """How many of several agreed figures reached their target; one alone is told by its name."""
    _ = view.gettext
    if judged == 1:
        name = view.title(view.inline(good[0].metric)).plain if good else ""
        return view.phrase(_("{name} reached its target.").format(name=name)) if good else None
    if not good:
        return view.phrase(_("None of the {all} agreed figures reached its target.").format(all=judged))
    return view.phrase(
        _("{met} of {all} agreed figures reached their target.").format(met=len(good), all=judged)
    )


def _farthest(view: View, judged: list[Reading]) -> Iterator[Phrase]:
    short = [each for each in judged if not reached(each) and each.unit == "share"]
    if not short:
        return
    worst = min(short, key=lambda each: (each.value or 0) - (each.target or 0))
    found = view.distance(worst)
    if found is not None:
        text = view.gettext("{name} fell short by {gap}.")
        yield view.say(text, name=view.title(view.inline(worst.metric)), gap=found[0].text)


def _best(view: View, good: list[Reading]) -> Phrase | None:
    """The delivery figure where it did well, in words of its trend."""
    months = view.trend(_OTIF, _PROMISED)
    found = trend([each.value for each in months], [None] * len(months))
    if found is None or not found.is_best or not any(each.metric == _OTIF for each in good):
        return None
    return view.phrase(view.gettext("Delivery on time in full was the best of twelve months."))


# The strip of figures


def note(view: View) -> str:
    """What the signs of the strip mean, once."""
    return view.gettext("Trend by month over twelve months; target dashed; hollow point: target missed.")


# What was delivered and what was not


def promises_kept(view: View) -> Iterator[results.Finding]:
    """That all of our commitments that fell due were kept."""
    share = view.reading("commitments_kept_share", "side=ours")
    if share.value == 1:
        yield results.Finding("commitments", partial(_kept, view, share))


def promises_broken(view: View) -> Iterator[results.Finding]:
    """How many of our commitments came late or not at all."""
    if _broken(view):
        yield results.Finding("commitments", partial(_not_kept, view))


def _broken(view: View) -> int:
    readings = [view.reading(f"commitments_{name}", "side=ours") for name in ("late", "dropped")]
    return sum(int(each.value or 0) for each in readings)


def _kept(view: View, share: Reading) -> tuple[Phrase, Phrase]:
    due = int(share.denominator or 0)
    heading = view.ngettext("Our commitment was kept", "Our commitments were kept", due)
    text = view.ngettext("{n} fell due and was kept by its day.", "{n} fell due, all were kept by their day.", due)  # fmt: skip
    return view.phrase(heading), view.say(text, n=view.figure(share, "denominator"))


def _not_kept(view: View) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    share = view.reading("commitments_kept_share", "side=ours")
    late, dropped = (view.reading(f"commitments_{name}", "side=ours") for name in ("late", "dropped"))
    heading = view.ngettext("{n} commitment of ours not kept", "{n} commitments of ours not kept", _broken(view))  # fmt: skip
    said: list[Phrase | None] = [
        view.say(
            view.ngettext("{met} of {due} was kept by its day.", "{met} of {due} were kept by their day.", int(share.denominator or 0)),
            met=view.figure(share, "numerator"),
            due=view.figure(share, "denominator"),
        )
    ]  # fmt: skip
    for reading, text in ((late, _("Late or overdue: {n}.")), (dropped, _("Dropped: {n}."))):
        if reading.value:
            said.append(view.say(text, n=view.figure(reading)))
    return view.title(heading.format(n=view.printer.few(_broken(view)))), view.joined(*said)


def sales(view: View) -> Content | None:
    """Net sales by month, where at least three months are known."""
    _ = view.gettext
    months = view.trend("net_sales")
    known = [each for each in months if each.value]
    if len(known) < 3:
        return None
    amounts = [each.value for each in months]
    printed, unit = view.printer.common_money([each or 0.0 for each in amounts], view.slice.currency)
    points = monthly.points(view, months, printed)
    anchor, _figures = view.series(
        months, view.say(_("{name} by month"), name=view.name("net_sales")).plain, printed
    )
    title = sales_title(view)
    drawing = charts.columns(points, view.ink, _alternative(view, months), height=36 * MM)
    return {
        "title": title,
        "measure": view.phrase(_("Net sales without tax, {unit}").format(unit=unit)),
        "chart": view.chart(anchor, drawing),
    }


def sales_title(view: View) -> Phrase:
    """What the columns say: the change on the year before, where there is one."""
    _ = view.gettext
    growth = view.reading("sales_growth")
    if growth.value is None:
        return view.phrase(_("Net sales by month"))
    change = view.quote(growth, printed=view.printer.printed(abs(growth.value), "share"))
    if abs(growth.value) < 0.005:
        return view.phrase(_("Net sales about as high as a year earlier"))
    text = (
        _("Net sales {change} above the year before")
        if growth.value > 0
        else _("Net sales {change} below the year before")
    )
    return view.say(text, change=change)


def _alternative(view: View, months: tuple[Reading, ...]) -> str:
    said = [f"{view.printer.month(each.from_on)} {view.printed(each).text}" for each in months]
    return f"{view.name('net_sales')}: {', '.join(said)}"
