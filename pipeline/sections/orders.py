"""Orders and delivery: the rate by month, the three dates, the causes, and the orders that came late."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.press import charts, comparisons
from pipeline.press.lateness import causes, counted_causes, due_rows, late, main_causes
from pipeline.press.messages import ENOUGH, Trend, trend
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_METRIC, _LINES = "otif_orders", "otif_lines"
_BASES = ("requested", "first_promised", "last_promised")
_PROMISED = "basis=first_promised"
_ENOUGH_FOR_CAUSES = 3


@section(
    title=N_("Orders and delivery"),
    audience="client",
    metrics=("otif_orders", "otif_lines"),
    tables=("deliveries",),
    evidence=("otif_orders",),
)
def orders(view: View) -> Content:
    """Headline, the line of twelve months, dates and causes side by side, the longest delays."""
    reading = view.reading(_METRIC, _PROMISED)
    months = view.trend(_METRIC, _PROMISED)
    said = trend([each.value for each in months], [_reached(each) for each in months])
    due = due_rows(view)
    short = due[~due["is_met"].astype(bool)] if len(due) else due
    has_causes = len(short) >= _ENOUGH_FOR_CAUSES
    return {
        "headline": view.headline(*headlines(view, reading, said)),
        "lead": view.lead(lead(view, reading, short)),
        "line": line(view, reading, months, said),
        "bases": bases(view, charts.HALF if has_causes else charts.FULL),
        "causes": causes(view, short) if has_causes else None,
        "late": late(view, short),
    }


def _reached(reading: Reading) -> bool | None:
    return None if reading.verdict == "none" else reading.verdict == "good"


def headlines(view: View, reading: Reading, said: Trend | None) -> list[Phrase]:
    """The result of the window, with its trend where the months allow to speak of one."""
    _ = view.gettext
    name, this = view.name(_METRIC), view.this()
    if reading.value is None:
        return [view.phrase(_("No order fell due by its first promised date {this}").format(this=this))]
    value = view.quote(reading)
    if (reading.denominator or 0) < ENOUGH:
        due, met = view.quote(reading, "denominator"), view.quote(reading, "numerator")
        text = view.ngettext(
            "The one order due {this}: {met} on time and in full",
            "Of {due} orders due {this}, {met} came on time and in full",
            int(reading.denominator or 0),
        )
        return [view.say(text, due=due, met=met, this=this)]
    if said is not None and said.is_rising and reading.verdict == "good":
        text = _("{name} has risen for {months} months running, to {value} {this}")
        return [view.say(text, name=name, months=view.printer.few(said.rises), value=value, this=this)]
    if said is not None and said.is_falling and reading.verdict in ("bad", "watch"):
        text = _("{name} has fallen for {months} months running, to {value} {this}")
        return [view.say(text, name=name, months=view.printer.few(said.falls), value=value, this=this)]
    found = view.distance(reading)
    if found is None:
        return [view.say(_("{name} was {value} {this}"), name=name, value=value, this=this)]
    above = _("{name} was {value} {this}, {gap} above the target")
    below = _("{name} was {value} {this}, {gap} below the target")
    text = above if found[1] else below
    return [view.say(text, name=name, value=value, this=this, gap=found[0].text)]


def lead(view: View, reading: Reading, short: pd.DataFrame) -> Phrase:
    """How many orders were due and met, and what held up the others."""
    _ = view.gettext
    if reading.value is None:
        return view.phrase(_("The figures by the other dates stand below."))
    first = _result(view, reading)
    ahead = main_causes(counted_causes(view, short))
    if not ahead or len(short) == 1:
        return first
    share = sum(count for _name, count in ahead)
    names = view.listed([name for name, _count in ahead])
    text = _("{share} of the {missed} others were held up by {causes}.")
    missed = view.figure(reading, "missed")
    return view.joined(first, view.say(text, share=str(share), missed=missed, causes=names))


def _result(view: View, reading: Reading) -> Phrase:
    """The counts behind the rate; where the headline has told them, the rate."""
    _ = view.gettext
    if (reading.denominator or 0) >= ENOUGH:
        counts = _("Of {due} orders due {this}, {met} arrived on the first promised date and in full.")
        due, met = view.figure(reading, "denominator"), view.figure(reading, "numerator")
        return view.say(counts, due=due, met=met, this=view.this())
    value = view.figure(reading)
    if reading.target is None:
        return view.say(_("That is {value}."), value=value)
    return view.say(
        _("That is {value}; the target is {aim}."), value=value, aim=view.printed(reading, "target").text
    )


# The line of twelve months


def line(view: View, reading: Reading, months: tuple[Reading, ...], said: Trend | None) -> Content | None:
    """The rate by month with its target zone; None where no month is known."""
    _ = view.gettext
    if not any(each.is_known for each in months):
        return None
    target = reading.target
    points = [_point(view, each, at) for at, each in enumerate(months)]
    label = view.say(_("{name} by month"), name=view.name(_METRIC)).plain
    anchor, _figures = view.series(months, label)
    title = line_title(view, said)
    alternative = ", ".join(
        f"{view.printer.month(each.from_on)} {view.printed(each).text}" for each in months
    )
    drawing = charts.line_with_zone(
        points,
        None if target is None else target * 100,
        view.ink,
        f"{title.plain}. {alternative}",
        zone="" if target is None else _("Target ≥{aim}").format(aim=view.printed(reading, "target").number),
        counted=_("Orders"),
    )
    measure = _("On time in full, %, by first promised date; hollow points are below target")
    plain = _("On time in full, %, by first promised date")
    return {
        "title": title,
        "measure": view.phrase(measure if target is not None else plain),
        "chart": view.chart(anchor, drawing),
    }


def _point(view: View, month: Reading, at: int) -> charts.Point:
    return charts.Point(
        label=view.printer.month_name(month.from_on),
        value=None if month.value is None else month.value * 100,
        printed=view.printed(month).number,
        count=view.printer.count(month.denominator).number,
        is_missed=month.verdict in ("bad", "watch"),
        year=view.printer.year(month.from_on) if at == 0 or month.from_on.month == 1 else "",
    )


def line_title(view: View, said: Trend | None) -> Phrase:
    """The message of the line; below eight points, and where nothing stands out, its name."""
    _ = view.gettext
    few = view.printer.few
    if said is None:
        return view.say(_("{name} by month"), name=view.name(_METRIC))
    if said.is_rising:
        text = _("Rising for {months} months running, now at or above the target")
        other = _("Rising for {months} months running")
        return view.phrase((text if said.on_target else other).format(months=few(said.rises)))
    if said.is_falling:
        text = _("Falling for {months} months running, now below the target")
        other = _("Falling for {months} months running")
        return view.phrase((text if said.off_target else other).format(months=few(said.falls)))
    if said.met is not None and said.met == said.months:
        return view.phrase(_("At or above the target in every month"))
    if said.on_target >= 3:
        return view.phrase(
            _("At or above the target for {months} months running").format(months=few(said.on_target))
        )
    if said.off_target >= 3:
        return view.phrase(
            _("Below the target for {months} months running").format(months=few(said.off_target))
        )
    if said.met is not None:
        text = view.ngettext(
            "Target reached in {met} of {months} months",
            "Target reached in {met} of {months} months",
            said.met,
        )
        return view.phrase(text.format(met=said.met, months=said.months))
    return view.say(_("{name} by month"), name=view.name(_METRIC))


# Three dates


def bases(view: View, width: float) -> Content | None:
    """The rate by each of three dates, counted by order and by line; None where only one is known."""
    _ = view.gettext
    pairs = [
        (view.reading(_METRIC, f"basis={basis}"), view.reading(_LINES, f"basis={basis}")) for basis in _BASES
    ]
    if sum(first.is_known for first, _second in pairs) < 2:
        return None
    target = pairs[1][0].target
    names = {
        "requested": _("Requested"),
        "first_promised": _("First promise"),
        "last_promised": _("Last promise"),
    }
    rows = [_dot_row(view, names[basis], pair, target) for basis, pair in zip(_BASES, pairs, strict=True)]
    both = [each for pair in pairs for each in pair]
    anchor, _figures = view.series(both, _("On time in full by three dates"))
    said = ", ".join(f"{row.label} {row.printed[0]} / {row.printed[1]}" for row in rows)
    title = bases_title(view, [first for first, _second in pairs], target)
    drawing = comparisons.dot_rows(
        rows,
        None if target is None else target * 100,
        view.ink,
        f"{title.plain}. {said}",
        heads=(_("By order"), _("By line")),
        aim=""
        if target is None
        else _("Target {aim}").format(aim=view.printed(pairs[1][0], "target").number),
        width=width,
    )
    return {
        "title": title,
        "measure": view.phrase(_("On time in full, %; dot by order, tick by order line")),
        "chart": view.chart(anchor, drawing),
    }


def _dot_row(
    view: View, label: str, pair: tuple[Reading, Reading], target: float | None
) -> comparisons.DotRow:
    first, second = pair
    missed = target is not None and first.value is not None and first.value < target
    return comparisons.DotRow(
        label=label,
        first=None if first.value is None else first.value * 100,
        second=None if second.value is None else second.value * 100,
        printed=(view.printed(first).number, view.printed(second).number),
        is_missed=missed,
    )


def bases_title(view: View, readings: list[Reading], target: float | None) -> Phrase:
    """Whether the customer's own date was met too, measured by the target of the first promise."""
    _ = view.gettext
    requested, promised, _last = (each.value for each in readings)
    if target is None or requested is None or promised is None:
        return view.phrase(_("On time in full by three dates"))
    if requested >= target and promised >= target:
        return view.phrase(_("By the date you asked for: target met too"))
    if promised >= target:
        return view.phrase(_("By the date you asked for: still short"))
    if requested < target:
        return view.phrase(_("By the date you asked for: short as well"))
    return view.phrase(_("On time in full by three dates"))


# Causes
