"""Who moved the sales: the customers that bought most more, and most less, than a year before."""

from __future__ import annotations

from collections.abc import Sequence

from pipeline.press import comparisons, members
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_MOST, _FEWEST = 3, 3


def moves(view: View) -> list[Content]:
    """Gains and losses of twelve months, each as ranked bars; none where too few customers were there a year before."""
    found = [
        (each, reading, step(reading))
        for each in view.members("customer")
        if (reading := each.reading("net_sales")).value is not None and reading.year_ago is not None
    ]
    gained = sorted((each for each in found if each[2] > 0), key=_place)
    lost = sorted((each for each in found if each[2] < 0), key=_place)
    if min(len(gained), len(lost)) < _FEWEST:
        return []
    _ = view.gettext
    return [
        _bars(
            view, gained, gained_title(view, [each[2] for each in gained]), _("Sales gained by customer"), "+"
        ),
        _bars(view, lost, lost_title(view, [-each[2] for each in lost]), _("Sales lost by customer"), "−"),
    ]


def step(reading: Reading) -> float:
    """By how much a reading lies above the one of a year before."""
    return (reading.value or 0.0) - (reading.year_ago or 0.0)


def _place(found: tuple[View, Reading, float]) -> tuple[float, str]:
    return -abs(found[2]), found[0].slice.subject.subject_id


def _bars(
    view: View, found: Sequence[tuple[View, Reading, float]], title: Phrase, label: str, sign: str
) -> Content:
    shown = found[:_MOST]
    names = members.brief_names(view, [each for each, _reading, _step in shown])
    plain, unit = view.printer.common_money(
        [abs(each) for _view, _reading, each in shown], view.slice.currency
    )
    printed = [Printed(f"{sign}{each.number}", each.unit, f"{sign}{each.text}") for each in plain]
    anchor = view.register.next_id
    for (_view, reading, change), each in zip(shown, printed, strict=True):
        view.register.of_reading(reading, "change", change, each, label, anchor)
    bars = [
        comparisons.Bar(names[each.slice.subject.subject_id], abs(change), shown_as.number, is_named=at == 0)
        for at, ((each, _reading, change), shown_as) in enumerate(zip(shown, printed, strict=True))
    ]
    said = ", ".join(f"{bar.label} {bar.printed}" for bar in bars)
    drawing = comparisons.ranked_bars(bars, view.ink, f"{title.plain}. {said}")
    return {
        "title": title,
        "measure": view.say(view.gettext("Twelve months against the year before, {unit}"), unit=unit),
        "chart": view.chart(anchor, drawing),
    }


def half_of(amounts: Sequence[float]) -> int:
    """How many of ranked amounts make half of all of them."""
    total, reached = sum(amounts), 0.0
    for place, amount in enumerate(amounts, start=1):
        reached += amount
        if reached * 2 >= total:
            return place
    return len(amounts)


def gained_title(view: View, amounts: Sequence[float]) -> Phrase:
    """How few customers make half of the gains."""
    few = half_of(amounts)
    text = view.ngettext(
        "{few} of {n} that grew makes half of the gain", "{few} of {n} that grew make half of the gain", few
    )
    return view.title(text.format(few=view.printer.few(few), n=len(amounts)))


def lost_title(view: View, amounts: Sequence[float]) -> Phrase:
    """How few customers make half of the losses."""
    few = half_of(amounts)
    text = view.ngettext(
        "{few} of {n} that shrank makes half of the loss",
        "{few} of {n} that shrank make half of the loss",
        few,
    )
    return view.title(text.format(few=view.printer.few(few), n=len(amounts)))
