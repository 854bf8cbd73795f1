"""Service: the promised clocks, how long things took, what cases were about, and what customers said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.press import charts, comparisons
from pipeline.press.deadlines import clocks, misses
from pipeline.press.messages import leaders
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST_TOPICS, _ENOUGH = 6, 4


@section(
    title=N_("Service and satisfaction"),
    audience="client",
    metrics=(
        "sla_attainment",
        "first_reply_median",
        "first_reply_p90",
        "green_reply_median",
        "green_reply_p90",
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
        "good": _("satisfaction reached its target, on few answers")
        if spans_target(csat)
        else _("satisfaction reached its target"),
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
        elif len(opened):
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
            anchor,
            comparisons.intervals(rows, target, view.ink, f"{title.plain}. {said}", aim=aim, width=width),
        ),
    }


def _this_window(view: View) -> str:
    text = view.this()
    return text if view.is_han else text[:1].upper() + text[1:]


def _interval(view: View, reading: Reading, label: str) -> comparisons.Interval:
    percent = [None if part is None else part * 100 for part in (reading.value, reading.low, reading.high)]
    return comparisons.Interval(
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
        comparisons.Bar(name, count, figure.printed.number, is_named=at < tall)
        for at, ((name, count), figure) in enumerate(zip(lines, figures, strict=True))
    ]
    said = ", ".join(f"{name} {count}" for name, count in lines)
    measure = view.ngettext("Topic of {n} case", "Topics of {n} cases", total).format(n=total)
    drawing = comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}", row=7.2 * MM, width=width)
    return {"title": title, "measure": view.phrase(measure), "chart": view.chart(anchor, drawing)}


def topics_title(view: View, ranked: list[tuple[str, int]], total: int) -> tuple[Phrase, int]:
    """The topics that make half of the cases, where one or two do."""
    _ = view.gettext
    size = leaders([number for _name, number in ranked], total)
    if total < _ENOUGH or not size or size == len(ranked):
        return view.phrase(_("What the cases were about")), 0
    names = view.listed([name for name, _number in ranked[:size]])
    share = str(sum(number for _name, number in ranked[:size]))
    return view.say(_("{topics}: {n} of {total} cases"), topics=names, n=share, total=str(total)), size


# Missed deadlines
