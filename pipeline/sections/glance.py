"""At a glance: did we deliver, where do we stand, what fell short."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from pipeline import charts
from pipeline.errors import RenderError
from pipeline.messages import ENOUGH, trend
from pipeline.sections import N_, Content, section
from pipeline.slices import Reading
from pipeline.svg import MM
from pipeline.typeset import Phrase

if TYPE_CHECKING:
    from pipeline.view import View

_OTIF, _PROMISED = "otif_orders", "basis=first_promised"
_KPIS = (
    ("net_sales", ""),
    (_OTIF, _PROMISED),
    ("sla_attainment", ""),
    ("csat", ""),
    ("resolution_median", ""),
    ("first_reply_median", ""),
)
_MOST_KPIS, _MOST_FINDINGS = 5, 3
_SIZES = (26.0, 22.0, 18.0)
_COLUMN = 30.8 * MM
_NAME_SIZE, _UNIT_SIZE, _UNIT_GAP = 8.0, 9.0, 3.5
_FEW_ANSWERS, _FEW_CASES = 30, 5
_NOTABLE = 0.10
"""A time that moved by less than a tenth is no news."""


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
    ),
    tables=("deliveries",),
)
def glance(view: View) -> Content:
    """Headline, at most five figures with target and trend, what was delivered and what was not."""
    _ = view.gettext
    shown = chosen(view)
    judged = [reading for reading in shown if reading.verdict != "none"]
    return {
        "headline": view.headline(*headlines(view, judged)),
        "lead": view.lead(lead(view, judged)),
        "kpis": kpis(view, shown),
        "two_lines": any(
            view.ink.width(view.name(each.metric), _NAME_SIZE, strong=True) > _COLUMN for each in shown
        ),
        "note": view.phrase(note(view)),
        "done": findings(view, done(view)),
        "missed": findings(view, missed(view)),
        "done_title": _("What we delivered"),
        "missed_title": _("What we did not"),
        "nothing_done": view.phrase(_("No agreed figure met its target.")),
        "nothing_missed": view.phrase(_("No agreed figure was missed.")),
        "sales": sales(view),
    }


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
        count = view.printer.few(len(judged))
        return [
            view.phrase(
                _("All {count} agreed figures met their target {this}").format(count=count, this=this)
            ),
            view.phrase(_("Every agreed figure met its target")),
        ]
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
    return view.joined(_counts(view, len(good), len(judged)), *_farthest(view, judged), _best(view, good))


def _counts(view: View, good: int, judged: int) -> Phrase | None:
    """How many of several agreed figures reached their target; one alone is told by its name."""
    _ = view.gettext
    if judged == 1:
        return None
    if not good:
        return view.phrase(_("None of the {all} agreed figures reached its target.").format(all=judged))
    return view.phrase(_("{met} of {all} agreed figures reached their target.").format(met=good, all=judged))


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


def kpis(view: View, shown: list[Reading]) -> list[Content]:
    """Each figure with its target, state, trend and the number of cases; all in one size."""
    made = [_kpi(view, reading) for reading in shown]
    size = _common_size(view, made)
    return [{**each, "size": f"{size:g}"} for each in made]


def _kpi(view: View, reading: Reading) -> Content:
    figure = view.figure(reading) if reading.is_known else None
    return {
        "name": view.name(reading.metric),
        "figure": figure,
        "against": against(view, reading),
        "chips": chips(view, reading),
        "is_missed": reading.verdict in ("bad", "watch"),
        "spark": spark(view, reading),
        "basis": basis(view, reading),
    }


def _common_size(view: View, made: list[Content]) -> float:
    """The largest size at which every figure and its unit fit the column. RenderError KB-1321 where none does."""
    figures = [each["figure"] for each in made if each["figure"] is not None]
    display, text = (view.ink.brand.weight(role) for role in ("display", "text"))
    for size in _SIZES:
        widths = [
            view.ink.faces[display].width(each.printed.number, size)
            + _UNIT_GAP
            + view.ink.faces[text].width(each.unit, _UNIT_SIZE)
            for each in figures
        ]
        if max(widths, default=0) <= _COLUMN:
            return size
    raise RenderError(
        where="section glance",
        what="a figure is too wide for its column",
        fix="print it with fewer decimals or in a larger unit",
        code="KB-1321",
    )


def against(view: View, reading: Reading) -> Phrase:
    """Target and distance in words; without a target what it was before."""
    _ = view.gettext
    found = view.distance(reading)
    if reading.target is not None:
        aim = view.printed(reading, "target").number
        if reading.unit == "money":
            aim = view.printed(reading, "target").text
        if found is None:
            return view.phrase(_("Target {aim}").format(aim=aim))
        text = _("Target {aim}, +{gap}") if found[1] else _("Target {aim}, −{gap}")
        return view.phrase(text.format(aim=aim, gap=found[0].text))
    if reading.metric == "net_sales":
        growth = view.reading("sales_growth")
        if growth.value is not None:
            shown = view.printer.change(growth.value)
            return view.say(_("Year on year {change}"), change=view.figure(growth, printed=shown))
    if reading.before and reading.is_known:
        return view.say(_("Before: {before}"), before=view.figure(reading, "before"))
    return view.phrase(_("Nothing to compare"))


def chips(view: View, reading: Reading) -> list[dict[str, str]]:
    """The states of a figure: met as a plain word, everything else as a chip that says which."""
    _ = view.gettext
    if not reading.is_known:
        return [{"kind": "unknown", "label": _("No data")}]
    made = []
    if reading.verdict == "bad":
        made.append({"kind": "missed", "label": _("Missed")})
    if reading.verdict == "watch":
        made.append({"kind": "near", "label": _("Near")})
    if is_few(reading):
        made.append(
            {"kind": "near", "label": _("Few answers") if reading.metric == "csat" else _("Few cases")}
        )
    elif months := short_history(view, reading):
        made.append(
            {
                "kind": "near",
                "label": view.ngettext("{n} month only", "{n} months only", months).format(n=months),
            }
        )
    if not made and reading.verdict == "good":
        made.append({"kind": "met", "label": _("Met")})
    return made[:2]


def is_few(reading: Reading) -> bool:
    """Whether a share rests on so few cases that its verdict could as well be the other one."""
    if reading.unit != "share" or reading.n is None or reading.target is None:
        return False
    if reading.low is not None and reading.high is not None:
        return reading.n < _FEW_ANSWERS and reading.low < reading.target < reading.high
    return reading.n < _FEW_CASES


def short_history(view: View, reading: Reading) -> int:
    """How many months there are, where the first lies fewer than eight months back; else 0."""
    known = [each.is_known for each in view.trend(reading.metric, reading.breakdown, 24)]
    if True not in known:
        return 0
    months = len(known) - known.index(True)
    return months if months < ENOUGH else 0


def spark(view: View, reading: Reading) -> object:
    """The trend of twelve months; None where fewer than three are known."""
    if not reading.is_known:
        return None
    months = view.trend(reading.metric, reading.breakdown)
    values = [each.value for each in months]
    if sum(value is not None for value in values) < 3:
        return None
    missed = months[-1].verdict in ("bad", "watch")  # of the month that the point stands for
    said = [f"{view.printer.month_name(each.from_on)} {view.printed(each).text}" for each in months]
    title = f"{view.name(reading.metric)}: {', '.join(said)}"
    return charts.sparkline(values, reading.target, view.ink, title, is_missed=missed)


def basis(view: View, reading: Reading) -> Phrase:
    """What the figure rests on: how many, and by which rule; the reason where it is not known."""
    _ = view.gettext
    if not reading.is_known:
        return view.phrase(view.reason(reading))
    if reading.metric == "net_sales":
        words = {"ordered": _("orders, without tax"), "invoiced": _("invoiced, without tax")}
        return view.phrase(words.get(view.edition.sales_basis, _("without tax")))
    counted = view.figure(reading, "n") if reading.n is not None else None
    if counted is None:
        return view.phrase("")
    if reading.metric == "csat" and reading.low is not None and reading.high is not None:
        low, high = (view.printed(reading, part).number for part in ("low", "high"))
        text = view.ngettext("{n} answer, {low}–{high}", "{n} answers, {low}–{high}", int(reading.n or 0))
        return view.say(text, n=counted, low=low, high=high)
    count = int(reading.n or 0)
    texts = {
        _OTIF: view.ngettext("{n} order, first promise", "{n} orders, first promise", count),
        "sla_attainment": view.ngettext("{n} deadline", "{n} deadlines", count),
    }
    return view.say(texts.get(reading.metric, view.ngettext("{n} case", "{n} cases", count)), n=counted)


def note(view: View) -> str:
    """What the signs of the strip mean, once."""
    return view.gettext("Trend by month over twelve months; target dashed; hollow point: target missed.")


# What was delivered and what was not


@dataclass(frozen=True)
class Finding:
    """One line of "did" or "did not", made only where it is printed; `section` is where it is told in full."""

    section: str
    made: Callable[[], tuple[Phrase, Phrase]]


def findings(view: View, found: Iterator[Finding]) -> list[Content]:
    """The first findings, with the section whose page they refer to where the document has it."""
    made: list[Content] = []
    for each in found:
        if len(made) == _MOST_FINDINGS:
            break
        heading, text = each.made()
        made.append(
            {
                "heading": heading,
                "text": text,
                "page_of": each.section if each.section in view.present else "",
            }
        )
    return made


def done(view: View) -> Iterator[Finding]:
    """What went well, the most important first."""
    for reading, section_name in _judged(view):
        if reached(reading):
            yield Finding(section_name, partial(_judged_finding, view, reading))
    for metric in ("resolution_median", "first_reply_median"):
        if (moved := _moved(view.reading(metric))) is not None and moved < -_NOTABLE:
            yield Finding("service", partial(_time_finding, view, metric, is_better=True))
    for clock in ("first_reply", "resolution", "green_channel"):
        reading = view.reading("sla_attainment", f"clock={clock}")
        if reading.value == 1:
            yield Finding("service", partial(_clock_finding, view, reading))


def missed(view: View) -> Iterator[Finding]:
    """What did not go well, the most important first."""
    for reading, section_name in _judged(view):
        if reading.verdict in ("bad", "watch"):
            yield Finding(section_name, partial(_judged_finding, view, reading))
    rows = view.rows("deliveries", "due_on")
    rows = rows[(rows["basis"] == "first_promised") & rows["is_due"]] if len(rows) else rows
    open_ = int(rows["delivered_on"].isna().sum()) if len(rows) else 0
    if open_:
        yield Finding("orders", partial(_open_finding, view, open_))
    for metric in ("resolution_median", "first_reply_median"):
        if (moved := _moved(view.reading(metric))) is not None and moved > _NOTABLE:
            yield Finding("service", partial(_time_finding, view, metric, is_better=False))


def _judged(view: View) -> list[tuple[Reading, str]]:
    return [
        (view.reading(_OTIF, _PROMISED), "orders"),
        (view.reading("sla_attainment"), "service"),
        (view.reading("csat"), "service"),
    ]


def _judged_finding(view: View, reading: Reading) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    heading = view.say(_("{name} {value}"), name=view.name(reading.metric), value=view.figure(reading))
    found = view.distance(reading)
    gap = found[0].text if found else ""
    texts = {
        (_OTIF, True): _(
            "{met} of {due} orders arrived on the first promised date and in full: {gap} above target."
        ),
        (_OTIF, False): _(
            "{met} of {due} orders arrived on the first promised date and in full: {gap} below target."
        ),
        ("sla_attainment", True): _("{met} of {due} promised deadlines were kept: {gap} above target."),
        ("sla_attainment", False): _("{met} of {due} promised deadlines were kept: {gap} below target."),
        ("csat", True): _("{met} of {due} answers gave four or five of five: {gap} above target."),
        ("csat", False): _("{met} of {due} answers gave four or five of five: {gap} below target."),
    }
    met, due = view.figure(reading, "numerator"), view.figure(reading, "denominator")
    return heading, view.say(texts[reading.metric, reached(reading)], met=met, due=due, gap=view.phrase(gap))


def _moved(reading: Reading) -> float | None:
    """By which share a time has moved against the period before."""
    if reading.value is None or not reading.before or (reading.n or 0) < _FEW_CASES:
        return None
    return reading.value / reading.before - 1


def _time_finding(view: View, metric: str, *, is_better: bool) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    reading = view.reading(metric)
    heading = view.say(_("{name} {value}"), name=view.name(metric), value=view.figure(reading))
    text = (
        _("Down from {before} the period before.") if is_better else _("Up from {before} the period before.")
    )
    return heading, view.say(text, before=view.figure(reading, "before"))


def _clock_finding(view: View, reading: Reading) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    name = view.name(reading.metric, reading.breakdown).replace("　", "，")
    heading = view.say(_("{name} {value}"), name=name, value=view.figure(reading))
    text = view.ngettext(
        "The only deadline was kept.", "All {due} deadlines were kept.", int(reading.denominator or 0)
    )
    return heading, view.say(text, due=view.figure(reading, "denominator"))


def _open_finding(view: View, count: int) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    figure = view.counted("deliveries", count, count, _("Orders overdue and not delivered"))
    heading = view.ngettext("{n} order still open", "{n} orders still open", count)
    return view.say(heading, n=figure), view.phrase(
        _("Past the first promised date, not delivered by the cut-off.")
    )


# Sales


def sales(view: View) -> Content | None:
    """Net sales by month, where at least three months are known."""
    _ = view.gettext
    months = view.trend("net_sales")
    known = [each for each in months if each.value]
    if len(known) < 3:
        return None
    amounts = [each.value for each in months]
    printed, unit = view.printer.common_money([each or 0.0 for each in amounts], view.slice.currency)
    points = [
        charts.Point(
            label=view.printer.month_name(each.from_on),
            value=each.value,
            printed=shown.number,
            year=view.printer.year(each.from_on) if at == 0 or each.from_on.month == 1 else "",
        )
        for at, (each, shown) in enumerate(zip(months, printed, strict=True))
    ]
    anchor, _figures = view.series(months, view.say(_("{name} by month"), name=view.name("net_sales")).plain)
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
