"""What customers said: satisfaction with its interval, recommendation, and how many of those asked answered."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.press import charts, comparisons, quotes
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

if TYPE_CHECKING:
    import pandas as pd


def spans_target(reading: Reading) -> bool:
    """Whether the interval of a share holds its target, so that the answers do not decide."""
    if reading.low is None or reading.high is None or reading.target is None:
        return False
    return reading.low < reading.target < reading.high


# The page


def voice(view: View, said: pd.DataFrame) -> Content:
    """The page of what customers said: satisfaction, recommendation and answers, "you said – we did"."""
    _ = view.gettext
    was_asked = bool(view.reading("response_rate").is_known or view.reading("nps").n)
    return {
        "title": _("What you told us"),
        "clocks": None,
        "topics": None,
        "misses": None,
        "headline": view.headline(*headlines(view)),
        "lead": view.lead(lead(view)),
        "satisfaction": satisfaction(view, charts.HALF if was_asked else charts.FULL),
        "answers": answers(view),
        "said": quotes.said(view, said),
    }


def headlines(view: View) -> list[Phrase]:
    """What became of the criticism, else what satisfaction did, else only what the page is about."""
    _ = view.gettext
    acted = view.reading("criticism_acted_share")
    about = _("What you told us {this}").format(this=view.this())
    words = verdict_words(view)
    if acted.value is not None:
        about = _criticism_words(view, acted.value)
    if not words:
        return [view.title(about)]
    if acted.value is None:
        return [view.title(words)]
    both = _("{service}; {voice}").format(service=words, voice=about)
    return [view.title(both), view.title(about)]


def _criticism_words(view: View, share: float) -> str:
    """How much of the criticism was acted on, within a sentence."""
    _ = view.gettext
    if share == 1:
        return _("every criticism has been acted on")
    return _("part of the criticism is still to be acted on") if share else _("no criticism has been acted on yet")  # fmt: skip


def lead(view: View) -> Phrase:
    """On how many answers the page rests, how many criticisms there were, and what became of them."""
    _ = view.gettext
    csat, acted = view.reading("csat"), view.reading("criticism_acted_share")
    comments = view.rows("comments", "answered_on")
    said: list[Phrase | None] = []
    if csat.is_known:
        text = view.ngettext("Satisfaction rests on {n} answer.", "Satisfaction rests on {n} answers.", int(csat.n or 0))  # fmt: skip
        said.append(view.say(text, n=view.figure(csat, "n")))
    if acted.is_known:
        text = view.ngettext(
            "{met} of {due} critical comment has been acted on.",
            "{met} of {due} critical comments have been acted on.",
            int(acted.denominator or 0),
        )
        met, due = (view.figure(acted, part) for part in ("numerator", "denominator"))
        said.append(view.say(text, met=met, due=due))
    elif len(comments) and not comments["is_critical"].astype(bool).any():
        said.append(view.phrase(_("No comment came with a low score.")))
    silent = int((~comments["may_quote"].astype(bool)).sum())
    if silent:
        text = view.ngettext("{n} comment is not quoted, for want of consent.", "{n} comments are not quoted, for want of consent.", silent)  # fmt: skip
        said.append(view.say(text, n=view.counted("comments", silent, silent, _("Comments not quoted"))))
    return view.joined(*said)


# Satisfaction


def verdict_words(view: View) -> str:
    """What satisfaction did against its target, within a sentence; empty where nothing may be said."""
    _ = view.gettext
    csat = view.reading("csat")
    return {
        "good": _("satisfaction reached its target, on few answers")
        if spans_target(csat)
        else _("satisfaction reached its target"),
        "watch": _("satisfaction was just below its target"),
        "bad": _("satisfaction fell short of its target"),
        "none": "",
    }[csat.verdict]


def satisfaction(view: View, width: float) -> Content | None:
    """The window's share of satisfied answers with its interval, after those of its last months; None without answers."""
    _ = view.gettext
    whole = view.reading("csat")
    if not whole.is_known:
        return None
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


# Recommendation and response


def answers(view: View) -> Content | None:
    """Recommendation, satisfaction on other scales and how many of those asked answered; None where nobody was asked."""
    _ = view.gettext
    lines = [line for line in (_recommendation(view), *_other_scales(view), _response(view)) if line]
    if not lines:
        return None
    return {
        "title": answers_title(view),
        "measure": view.phrase(_("Surveys sent {this} and answers given {this}").format(this=view.this())),
        "rows": lines,
    }


def answers_title(view: View) -> Phrase:
    """How many of the surveys sent came back, in plain words."""
    _ = view.gettext
    rate = view.reading("response_rate")
    if rate.value is None:
        return view.phrase(_("Recommendation and answers"))
    if rate.value == 1:
        return view.phrase(_("Every survey sent was answered"))
    if rate.value >= 0.5:
        return view.phrase(_("More than half of the surveys were answered") if rate.value > 0.5 else _("Half of the surveys were answered"))  # fmt: skip
    return view.phrase(_("Less than half of the surveys were answered"))


def _line(name: str, value: object, note: object, *, is_unknown: bool = False) -> Content:
    return {"name": name, "value": value, "note": note, "is_unknown": is_unknown}


def _recommendation(view: View) -> Content | None:
    """The net promoter score with its interval; with too few answers only how many there are."""
    _ = view.gettext
    score = view.reading("nps")
    if not score.n:
        return None
    counted = view.figure(score, "n")
    count = int(score.n)
    if not score.is_known:
        text = view.ngettext("{n} answer: too few for a score", "{n} answers: too few for a score", count)
        return _line(view.name("nps"), view.phrase("–"), view.say(text, n=counted), is_unknown=True)
    text = view.ngettext("{n} answer, {low} to {high}", "{n} answers, {low} to {high}", count)
    low, high = (view.figure(score, part) for part in ("low", "high"))
    return _line(view.name("nps"), view.figure(score), view.say(text, n=counted, low=low, high=high))


def _other_scales(view: View) -> list[Content]:
    """Satisfaction on each scale other than five, never added together."""
    _ = view.gettext
    made = []
    for breakdown in view.breakdowns("csat_other_scales"):
        share = view.reading("csat_other_scales", breakdown)
        if share.is_known:
            name = _("Satisfied, scale of {most}").format(most=breakdown.partition("=")[2])
            text = view.ngettext("{n} answer", "{n} answers", int(share.n or 0))
            made.append(_line(name, view.figure(share), view.say(text, n=view.figure(share, "n"))))
    return made


def _response(view: View) -> Content | None:
    """How many of the surveys sent were answered."""
    _ = view.gettext
    rate = view.reading("response_rate")
    if not rate.is_known:
        return None
    note = view.say(
        _("{answered} of {asked} surveys"),
        answered=view.figure(rate, "numerator"),
        asked=view.figure(rate, "denominator"),
    )
    return _line(_("Surveys answered"), view.figure(rate), note)
