"""Service: the promised clocks, how long things took, what cases were about, and what customers said.

What customers said stands below the clocks where there is room for it, else on a page of its own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from pipeline.press import charts, comparisons, quotes, voices
from pipeline.press.deadlines import clocks, misses
from pipeline.press.messages import leaders
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST_TOPICS, _ENOUGH = 6, 4
_ROWS_BESIDE = 3
"""How many missed deadlines and quotes together stand below the clocks, the answers and the topics."""


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
        "cases",
        "csat",
        "csat_other_scales",
        "nps",
        "response_rate",
        "criticism_acted_share",
    ),
    tables=("service_clocks", "comments"),
    evidence=("sla_attainment", "csat", "csat_other_scales", "nps", "criticism_acted_share"),
)
def service(view: View) -> Content:
    """The pages of the section: clocks, topics and misses; what was said below them or on a page of its own."""
    opened, said = view.rows("service_clocks", "opened_on"), quotes.quotes(view)
    if opened.empty and not view.reading("sla_attainment").is_known:
        return {"pages": [voices.voice(view, said)]}
    missed = misses(view, opened)
    if is_apart(view, said, missed):
        return {"pages": [clock_page(view, opened, missed), voices.voice(view, said)]}
    return {"pages": [clock_page(view, opened, missed, said)]}


def is_apart(view: View, said: pd.DataFrame, missed: Content | None) -> bool:
    """Whether what was said needs a page of its own: a score to tell of, or more rows than stand below the clocks."""
    rows = len(missed["rows"]) if missed else 0
    return view.reading("nps").is_known or (len(said) > 0 and rows + len(said) > _ROWS_BESIDE)


def clock_page(
    view: View, opened: pd.DataFrame, missed: Content | None, said: pd.DataFrame | None = None
) -> Content:
    """The page of the clocks; with `said` what customers said as well."""
    _ = view.gettext
    ranked, has_voice = ranked_topics(opened), said is not None and view.reading("csat").is_known
    width = charts.HALF if ranked else charts.FULL
    return {
        "title": _("Service") if said is None else view.title_of("service"),
        "headline": view.headline(*headlines(view, has_voice=has_voice)),
        "lead": view.lead(lead(view, opened, has_voice=has_voice)),
        "clocks": clocks(view, opened),
        "satisfaction": voices.satisfaction(view, width) if has_voice else None,
        "topics": topics(view, ranked, charts.HALF if has_voice else charts.FULL) if ranked else None,
        "answers": None,
        "misses": missed,
        "said": None if said is None else quotes.said(view, said),
    }


def headlines(view: View, *, has_voice: bool) -> list[Phrase]:
    """Which clocks kept their target, then what satisfaction did where the page tells of it."""
    _ = view.gettext
    kept = view.reading("sla_attainment")
    this = view.this()
    service_ = {
        "good": _("Promised response times were kept {this}"),
        "watch": _("Promised response times were just missed {this}"),
        "bad": _("Promised response times were missed {this}"),
        "none": _("Response times {this}") if kept.is_known else "",
    }[kept.verdict].format(this=this)
    voice = voices.verdict_words(view) if has_voice else ""
    if service_ and voice:
        text = _("{service}; {voice}").format(service=service_, voice=voice)
        return [view.phrase(text), view.phrase(service_)]
    if service_:
        return [view.phrase(service_)]
    return [view.title(voice) if voice else view.phrase(_("Service {this}").format(this=this))]


def lead(view: View, opened: pd.DataFrame, *, has_voice: bool) -> Phrase:
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
    if has_voice and voices.spans_target(csat):
        text = view.ngettext(
            "With {n} answer the interval of satisfaction spans the target.",
            "With {n} answers the interval of satisfaction spans the target.",
            int(csat.n or 0),
        )
        said.append(view.say(text, n=view.figure(csat, "n")))
    return view.joined(*said)


def _still_open(opened: pd.DataFrame) -> int:
    rows = opened[opened["clock"] == "resolution"] if len(opened) else opened
    return int((~rows["is_stopped"].astype(bool)).sum()) if len(rows) else 0


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
