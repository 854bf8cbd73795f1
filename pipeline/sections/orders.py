"""Orders and delivery: the rate by month, the three dates, the causes, and the orders that came late."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline import charts
from pipeline.messages import ENOUGH, Trend, trend
from pipeline.sections import N_, Content, section
from pipeline.slices import Reading
from pipeline.svg import MM
from pipeline.typeset import Phrase

if TYPE_CHECKING:
    from pipeline.view import View

_METRIC, _LINES = "otif_orders", "otif_lines"
_BASES = ("requested", "first_promised", "last_promised")
_PROMISED = "basis=first_promised"
_LONGEST, _MOST_CAUSES = 8, 5
_ENOUGH_FOR_CAUSES = 3
_PRODUCT_WIDTH, _CAUSE_WIDTH = 38 * MM, 27 * MM


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


def due_rows(view: View) -> pd.DataFrame:
    """The orders that fell due in the window by the first promised date."""
    rows = view.rows("deliveries", "due_on")
    return rows[(rows["basis"] == "first_promised") & rows["is_due"].astype(bool)] if len(rows) else rows


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
    named = [each for each in _counted(view, short) if each[0] is not None]
    if len(named) < 2 or not len(short):
        return first
    share = sum(count for _name, count in named[:2])
    causes_ = view.listed([str(name) for name, _count in named[:2]])
    text = view.ngettext(
        "The other one did not: {causes}.",
        "{share} of the {missed} others were held up by {causes}.",
        len(short),
    )
    missed = view.figure(reading, "missed")
    return view.joined(first, view.say(text, share=str(share), missed=missed, causes=causes_))


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
    drawing = charts.dot_rows(
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


def _dot_row(view: View, label: str, pair: tuple[Reading, Reading], target: float | None) -> charts.DotRow:
    first, second = pair
    missed = target is not None and first.value is not None and first.value < target
    return charts.DotRow(
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


def _counted(view: View, short: pd.DataFrame) -> list[tuple[str | None, int]]:
    """Causes with the number of orders, the most frequent first; orders without a cause under None, last."""
    del view
    if not len(short):
        return []
    counts = short["delay_cause"].value_counts(dropna=True)
    named = sorted(
        ((str(name), int(count)) for name, count in counts.items()), key=lambda each: (-each[1], each[0])
    )
    unnamed = int(short["delay_cause"].isna().sum())
    return [*named, *([(None, unnamed)] if unnamed else [])]


def causes(view: View, short: pd.DataFrame) -> Content | None:
    """The causes of the orders that were late or short, ranked; None where all were met."""
    _ = view.gettext
    counted = _counted(view, short)
    if not counted:
        return None
    named = [(name, count) for name, count in counted if name is not None]
    shown = named[:_MOST_CAUSES]
    rest = sum(count for _name, count in named[_MOST_CAUSES:])
    unnamed = sum(count for name, count in counted if name is None)
    lines = [(str(name), count) for name, count in shown]
    lines += [(_("Other"), rest)] if rest else []
    lines += [(_("No cause recorded"), unnamed)] if unnamed else []
    title, tall = causes_title(view, shown, len(short))
    numbers = [count for _name, count in lines]
    anchor, figures = view.counted_series("deliveries", numbers, numbers, _("Late or short orders by cause"))
    bars = [
        charts.Bar(name, count, figure.printed.number, is_named=at < tall)
        for at, ((name, count), figure) in enumerate(zip(lines, figures, strict=True))
    ]
    said = ", ".join(f"{name} {count}" for name, count in lines)
    return {
        "title": title,
        "measure": view.phrase(
            view.ngettext("Main cause of {n} order", "Main cause of {n} orders", len(short)).format(
                n=len(short)
            )
        ),
        "chart": view.chart(anchor, charts.ranked_bars(bars, view.ink, f"{title.plain}. {said}")),
    }


def causes_title(view: View, named: Sequence[tuple[str, int]], total: int) -> tuple[Phrase, int]:
    """The cause (or the two) that explains most, and how many bars the title speaks of."""
    _ = view.gettext
    if not named or total < 4:
        return view.phrase(_("What held up late or short orders")), 0
    first = named[0]
    if first[1] * 2 >= total:
        return view.say(
            _("{cause}: {n} of {total} orders"), cause=first[0], n=str(first[1]), total=str(total)
        ), 1
    if len(named) > 1 and (first[1] + named[1][1]) * 2 >= total:
        both = view.listed([first[0], named[1][0]])
        share = str(first[1] + named[1][1])
        return view.say(_("{cause}: {n} of {total} orders"), cause=both, n=share, total=str(total)), 2
    return view.phrase(_("No single cause stands out")), 0


# Late list


def late(view: View, short: pd.DataFrame) -> Content | None:
    """The orders that came late or short, the longest delay first, those still open on top; None where none did."""
    _ = view.gettext
    if not len(short):
        return None
    cut_off = np.datetime64(view.window.until_on)
    open_ = short["delivered_on"].isna()
    waited = (
        ((cut_off - short["due_on"]).dt.days - 1)
        .where(open_, short["days_late"].astype("Float64"))
        .astype("int64")
    )
    rows = short.assign(waited=waited, is_open=open_)
    rows = rows.sort_values(["is_open", "waited", "order_id"], ascending=[False, False, True], kind="stable")
    shown = rows.head(_LONGEST)
    anchor, figures = view.counted_series(
        "deliveries", [1] * len(shown), [float(each) for each in shown["waited"]], _("Days late, by order")
    )
    lines = [
        _late_row(view, row, figure.printed.number)
        for row, figure in zip(shown.itertuples(), figures, strict=True)
    ]
    return {
        "title": late_title(view, shown),
        "measure": view.phrase(late_measure(view, len(shown), len(short))),
        "rows": lines,
        "anchor": anchor,
    }


def late_title(view: View, shown: pd.DataFrame) -> Phrase:
    """How many of the listed orders are still open, else the longest delay."""
    open_ = int(shown["is_open"].sum())
    if open_:
        text = view.ngettext("{n} late order is still open", "{n} late orders are still open", open_)
        return view.title(text.format(n=view.printer.few(open_)))
    if len(shown) == 1:
        return view.phrase(view.gettext("The one order that came late or short"))
    text = view.gettext("The {n} longest delays")
    return view.phrase(text.format(n=view.printer.few(len(shown))))


def late_measure(view: View, shown: int, total: int) -> str:
    """How the days are counted, and how many orders the list leaves out."""
    plain = view.gettext("Days from the first promised date")
    if total == shown:
        return plain
    left = view.ngettext("{n} more is not listed", "{n} more are not listed", total - shown).format(
        n=total - shown
    )
    return f"{plain}{'；' if view.is_han else '; '}{left}"


def _late_row(view: View, row: object, waited: str) -> Content:
    _ = view.gettext
    delivered = getattr(row, "delivered_on", None)
    is_open = bool(getattr(row, "is_open", False))
    cause = getattr(row, "delay_cause", None)
    product = getattr(row, "product_name", None)
    state, chip = _("Delivered"), ""
    if is_open:
        state, chip = _("Overdue"), "missed"
    elif not bool(getattr(row, "is_in_full", True)):
        state, chip = _("Short"), "near"
    return {
        "order": str(getattr(row, "order_id", "")),
        "product": view.fitted(product if isinstance(product, str) else "–", _PRODUCT_WIDTH),
        "promised": view.phrase(view.day(_date(getattr(row, "due_on", None)))),
        "actual": view.phrase("–" if is_open else view.day(_date(delivered))),
        "waited": waited,
        "cause": view.fitted(cause if isinstance(cause, str) else "–", _CAUSE_WIDTH),
        "state": state,
        "chip": chip,
    }


def _date(value: object) -> pd.Timestamp:
    return pd.Timestamp(value)  # type: ignore[arg-type]  # a cell of a date column
