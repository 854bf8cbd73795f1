"""Service: the promised clocks, how long things took, what cases were about, and what customers said."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from pipeline import charts
from pipeline.sections import N_, Content, section
from pipeline.slices import Reading
from pipeline.svg import MM
from pipeline.typeset import Phrase

if TYPE_CHECKING:
    from pipeline.view import View

_HOUR = 10_000
_CLOCKS = ("first_reply", "resolution", "green_channel")
_TIMES = {
    "first_reply": ("first_reply_median", "first_reply_p90"),
    "resolution": ("resolution_median", "resolution_p90"),
}
_PADDING = 4.0
"""Millimetres before the text of a column that follows numbers."""
_MOST_TOPICS, _MOST_MISSES = 6, 8


@section(
    title=N_("Service and satisfaction"),
    audience="client",
    metrics=(
        "sla_attainment",
        "first_reply_median",
        "first_reply_p90",
        "resolution_median",
        "resolution_p90",
        "csat",
        "cases",
    ),
    tables=("service_clocks",),
    evidence=("sla_attainment", "csat"),
)
def service(view: View) -> Content:
    """Headline, the table of clocks, satisfaction and topics side by side, the deadlines that were missed."""
    opened = view.rows("service_clocks", "opened_on")
    voice = view.reading("csat").is_known
    topics_ = ranked_topics(opened)
    return {
        "headline": view.headline(*headlines(view)),
        "lead": view.lead(lead(view, opened)),
        "clocks": clocks(view, opened),
        "satisfaction": satisfaction(view, charts.HALF if topics_ else charts.FULL) if voice else None,
        "topics": topics(view, topics_, charts.HALF if voice else charts.FULL) if topics_ else None,
        "misses": misses(view, opened),
    }


def headlines(view: View) -> list[Phrase]:
    """Which clocks kept their target, then what satisfaction did."""
    _ = view.gettext
    kept, csat = view.reading("sla_attainment"), view.reading("csat")
    this = view.this()
    service_ = {
        "good": _("Promised response times were kept {this}"),
        "watch": _("Promised response times were just missed {this}"),
        "bad": _("Promised response times were missed {this}"),
        "none": _("Response times {this}") if kept.is_known else "",
    }[kept.verdict].format(this=this)
    voice = {
        "good": _("satisfaction reached its target"),
        "watch": _("satisfaction was just below its target"),
        "bad": _("satisfaction fell short of its target"),
        "none": "",
    }[csat.verdict]
    if service_ and voice:
        text = _("{service}; {voice}").format(service=service_, voice=voice)
        return [view.phrase(text), view.phrase(service_)]
    if service_:
        return [view.phrase(service_)]
    return [
        view.phrase(
            voice[:1].upper() + voice[1:] if voice else _("Service and satisfaction {this}").format(this=this)
        )
    ]


def lead(view: View, opened: pd.DataFrame) -> Phrase:
    """How many cases came in, how many are open, and how many answers satisfaction rests on."""
    _ = view.gettext
    said: list[Phrase | None] = []
    cases, csat = view.reading("cases"), view.reading("csat")
    if cases.value:
        text = view.ngettext("{n} case was opened {this}.", "{n} cases were opened {this}.", int(cases.value))
        said.append(view.say(text, n=view.figure(cases), this=view.this()))
        open_ = _still_open(opened)
        if open_:
            text = view.ngettext("{n} is still open.", "{n} are still open.", open_)
            said.append(view.say(text, n=view.counted("service_clocks", open_, open_, _("Cases still open"))))
        else:
            said.append(view.phrase(_("All of them are resolved.")))
    else:
        said.append(view.phrase(_("No case was opened {this}.").format(this=view.this())))
    if spans_target(csat):
        text = view.ngettext(
            "With {n} answer the interval of satisfaction spans the target.",
            "With {n} answers the interval of satisfaction spans the target.",
            int(csat.n or 0),
        )
        said.append(view.say(text, n=view.figure(csat, "n")))
    return view.joined(*said)


def spans_target(reading: Reading) -> bool:
    """Whether the interval of a share holds its target, so that the answers do not decide."""
    if reading.low is None or reading.high is None or reading.target is None:
        return False
    return reading.low < reading.target < reading.high


def _still_open(opened: pd.DataFrame) -> int:
    rows = opened[opened["clock"] == "resolution"] if len(opened) else opened
    return int((~rows["is_stopped"].astype(bool)).sum()) if len(rows) else 0


# Clocks


def clocks(view: View, opened: pd.DataFrame) -> Content | None:
    """One row a clock: rate, deadlines, median and nine in ten against the limit; None where no clock ran."""
    _ = view.gettext
    readings = {clock: view.reading("sla_attainment", f"clock={clock}") for clock in _CLOCKS}
    shown = [clock for clock in _CLOCKS if readings[clock].is_known]
    if not shown:
        return None
    target = view.reading("sla_attainment").target
    known = [reading.value * 100 for reading in readings.values() if reading.value is not None]
    floor = charts.rate_floor(known, None if target is None else target * 100)
    rows = [_clock_row(view, clock, readings[clock], opened, target, floor) for clock in shown]
    aim = "" if target is None else _("Target {aim}").format(aim=f"{target * 100:g}")
    return {
        "title": clocks_title(view, [readings[clock] for clock in shown], target),
        "measure": view.phrase(clocks_measure(view, target)),
        "rows": rows,
        "floor": f"{floor:g}",
        "aim": aim,
        "aim_at": _place(view, charts.rate_place(target * 100, floor), aim) if target is not None else "0",
        "limit": _("Limit"),
        "limit_at": _place(view, charts.LIMIT_PLACE * charts.LIMIT_CELL, _("Limit")),
    }


def _place(view: View, centre: float, label: str) -> str:
    """From where a label begins in the head of a column, in millimetres, so that its middle is at `centre`."""
    return f"{_PADDING + centre - view.ink.width(label, charts.TICK, strong=True) / MM / 2:.2f}"


def clocks_measure(view: View, target: float | None) -> str:
    """How the clocks run, and what the signs in the table are."""
    _ = view.gettext
    if target is None:
        return _(
            "By the contract's clock; at the right, bar to the median, line to nine in ten, upright: the limit"
        )
    return _(
        "By the contract's clock; upright: target and, at the right, the limit; bar to the median, line to nine in ten"
    )


def clocks_title(view: View, readings: list[Reading], target: float | None) -> Phrase:
    """Which clocks fell short of the target of all clocks together."""
    _ = view.gettext
    if target is None:
        return view.phrase(_("Promised deadlines by clock"))
    short = [each for each in readings if each.value is not None and each.value < target]
    if not short:
        return view.phrase(_("Every clock kept the target"))
    names = view.listed([_clock_inline(view, each.breakdown.partition("=")[2]) for each in short])
    return view.phrase(_("Short of the target: {names}").format(names=names))


def _clock_inline(view: View, clock: str) -> str:
    name = _clock_name(view, clock)
    return name if view.is_han else name[:1].lower() + name[1:]


def _clock_name(view: View, clock: str) -> str:
    _ = view.gettext
    return {
        "first_reply": _("First reply"),
        "resolution": _("Resolution"),
        "green_channel": _("Green channel"),
    }[clock]


def _clock_row(
    view: View, clock: str, reading: Reading, opened: pd.DataFrame, target: float | None, floor: float
) -> Content:
    found = _limits(opened, clock)
    times = [view.reading(name) for name in _TIMES[clock]] if clock in _TIMES else []
    missed = target is not None and reading.value is not None and reading.value < target
    said = [view.printed(each).text for each in times]
    name = _clock_name(view, clock)
    return {
        "name": name,
        "limit": limits(view, found),
        "value": view.figure(reading),
        "met": view.figure(reading, "numerator"),
        "due": view.figure(reading, "denominator"),
        "rate": charts.rate_cell(
            None if reading.value is None else reading.value * 100,
            None if target is None else target * 100,
            floor,
            view.ink,
            f"{name}: {view.printed(reading).text}",
            is_missed=missed,
        ),
        "median": view.figure(times[0]) if times and times[0].is_known else None,
        "ninetieth": view.figure(times[1]) if times and times[1].is_known else None,
        "against": charts.limit_cell(
            times[0].value, times[1].value, (found[0], found[-1]), view.ink, f"{name}: {' / '.join(said)}"
        )
        if times and found and times[0].is_known
        else None,
    }


def _limits(opened: pd.DataFrame, clock: str) -> list[float]:
    rows = opened[opened["clock"] == clock] if len(opened) else opened
    return sorted({int(hours) / _HOUR for hours in rows["limit_hours"].dropna()}) if len(rows) else []


def limits(view: View, found: Sequence[float]) -> Phrase:
    """The limit, or from which to which the limits of the window's cases go."""
    if not found:
        return view.phrase("")
    if len(found) == 1:
        return view.phrase(view.printer.duration(found[0]).text)
    least, most = (view.printer.duration(each) for each in (found[0], found[-1]))
    return view.phrase(f"{least.number}–{most.text}")


# Satisfaction


def satisfaction(view: View, width: float) -> Content:
    """The window's share of satisfied answers with its interval, after those of its last months."""
    _ = view.gettext
    whole = view.reading("csat")
    months = [] if view.window.name == "month" else list(view.trend("csat", months=3))
    anchor, _figures = view.series([*months, whole], _("Satisfaction, with its interval"))
    labels = [*(view.printer.month_name(each.from_on) for each in months), _this_window(view)]
    rows = [_interval(view, each, label) for each, label in zip([*months, whole], labels, strict=True)]
    title = satisfaction_title(view, whole)
    said = ", ".join(f"{row.label} {row.printed} (n {row.count})" for row in rows)
    aim = "" if whole.target is None else _("Target {aim}").format(aim=view.printed(whole, "target").number)
    target = None if whole.target is None else whole.target * 100
    return {
        "title": title,
        "measure": view.phrase(_("Answers of 4 or 5 of 5, with their 95% interval, %")),
        "chart": view.chart(
            anchor, charts.intervals(rows, target, view.ink, f"{title.plain}. {said}", aim=aim, width=width)
        ),
    }


def _this_window(view: View) -> str:
    text = view.this()
    return text if view.is_han else text[:1].upper() + text[1:]


def _interval(view: View, reading: Reading, label: str) -> charts.Interval:
    percent = [None if part is None else part * 100 for part in (reading.value, reading.low, reading.high)]
    return charts.Interval(
        label=label,
        value=percent[0],
        low=percent[1],
        high=percent[2],
        printed=view.printed(reading).number,
        count=view.printer.count(reading.n).number,
        is_missed=reading.verdict in ("bad", "watch"),
    )


def satisfaction_title(view: View, whole: Reading) -> Phrase:
    """Whether the target was reached, and whether the answers are enough to say so."""
    _ = view.gettext
    if whole.target is None or whole.low is None or whole.high is None:
        return view.phrase(_("Satisfaction {this}").format(this=view.this()))
    if whole.low >= whole.target:
        return view.phrase(_("Satisfaction clearly above the target"))
    if whole.high < whole.target:
        return view.phrase(_("Satisfaction clearly below the target"))
    if whole.verdict == "good":
        return view.phrase(_("Satisfaction above the target, on few answers"))
    return view.phrase(_("Satisfaction below the target, on few answers"))


# Topics


def ranked_topics(opened: pd.DataFrame) -> list[tuple[str, int]]:
    """What the cases of the window were about, with their number, the most frequent first."""
    rows = opened[opened["clock"] == "resolution"] if len(opened) else opened
    counts = rows["category"].dropna().value_counts() if len(rows) else pd.Series(dtype="int64")
    return sorted(
        ((str(name), int(count)) for name, count in counts.items()), key=lambda each: (-each[1], each[0])
    )


def topics(view: View, ranked: list[tuple[str, int]], width: float) -> Content:
    """The topics of the window's cases, ranked; the least of many together."""
    _ = view.gettext
    total = sum(count for _name, count in ranked)
    lines = ranked if len(ranked) <= _MOST_TOPICS else ranked[: _MOST_TOPICS - 1]
    rest = total - sum(count for _name, count in lines)
    lines = [*lines, *([(_("Other"), rest)] if rest else [])]
    numbers = [count for _name, count in lines]
    anchor, figures = view.counted_series("service_clocks", numbers, numbers, _("Cases by topic"))
    title, tall = topics_title(view, ranked, total)
    bars = [
        charts.Bar(name, count, figure.printed.number, is_named=at < tall)
        for at, ((name, count), figure) in enumerate(zip(lines, figures, strict=True))
    ]
    said = ", ".join(f"{name} {count}" for name, count in lines)
    measure = view.ngettext("Topic of {n} case", "Topics of {n} cases", total).format(n=total)
    drawing = charts.ranked_bars(bars, view.ink, f"{title.plain}. {said}", row=7.2 * MM, width=width)
    return {"title": title, "measure": view.phrase(measure), "chart": view.chart(anchor, drawing)}


def topics_title(view: View, ranked: list[tuple[str, int]], total: int) -> tuple[Phrase, int]:
    """The topics that make half of the cases, where one or two do."""
    _ = view.gettext
    for count in (1, 2):
        share = sum(number for _name, number in ranked[:count])
        if total >= 4 and share * 2 >= total and len(ranked) > count:
            names = view.listed([name for name, _number in ranked[:count]])
            text = _("{topics}: {n} of {total} cases")
            return view.say(text, topics=names, n=str(share), total=str(total)), count
    return view.phrase(_("What the cases were about")), 0


# Missed deadlines


def misses(view: View, opened: pd.DataFrame) -> Content | None:
    """The deadlines that were missed, the longest overrun first; None where none was."""
    _ = view.gettext
    if not len(opened):
        return None
    rows = opened[opened["is_due"].astype(bool) & ~opened["is_met"].astype(bool)]
    if rows.empty:
        return None
    open_ = ~rows["is_stopped"].astype(bool)
    over = ((rows["elapsed_hours"] - rows["limit_hours"]) / _HOUR).where(~open_, float("inf"))
    rows = rows.assign(over=over.astype("float64"), is_open=open_)
    shown = rows.sort_values(["over", "case_id", "clock"], ascending=[False, True, True], kind="stable").head(
        _MOST_MISSES
    )
    title = view.ngettext("{n} deadline was missed", "{n} deadlines were missed", len(rows))
    plain = _("The longest overrun first")
    left = len(rows) - len(shown)
    more = view.ngettext("{n} more is not listed", "{n} more are not listed", left).format(n=left)
    return {
        "title": view.title(title.format(n=view.printer.few(len(rows)))),
        "measure": view.phrase(f"{plain}{'；' if view.is_han else '; '}{more}" if left else plain),
        "rows": [_miss_row(view, row) for row in shown.to_dict("records")],
    }


def _miss_row(view: View, row: Mapping[Hashable, Any]) -> Content:
    _ = view.gettext
    is_open = bool(row["is_open"])
    limit, taken = (int(str(row[name])) / _HOUR for name in ("limit_hours", "elapsed_hours"))
    category = row["category"]
    return {
        "case": str(row["case_id"]),
        "topic": view.phrase(category if isinstance(category, str) else "–"),
        "clock": _clock_name(view, str(row["clock"])),
        "opened": view.phrase(view.day(pd.Timestamp(str(row["opened_on"])))),
        "limit": view.printer.duration(limit).text,
        "taken": "–" if is_open else view.printer.duration(taken).text,
        "over": "–" if is_open else view.printer.duration(taken - limit).text,
        "state": _("Open") if is_open else _("Closed"),
        "chip": "missed" if is_open else "",
    }
