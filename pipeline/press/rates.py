"""Rates of several people side by side: each with its interval and its cases, and who differs by more than chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist

from pipeline.press import members, spans
from pipeline.press.charts import rate_floor
from pipeline.press.slices import Reading, part_of
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

CELL = 34 * MM
_BESIDE, _ALONE = 20.0, 45.0
"""Millimetres of the column of names: of two tables beside each other, of one alone."""
_RISK, _FEWEST = 0.05, 5
_MOST_NAMED = 3
LONG = 25
"""Of more rows a table may be cut by the end of a page."""


@dataclass(frozen=True)
class Rated:
    """Somebody's rate with its interval; None where it is not known."""

    name: str
    reading: Reading
    span: tuple[float, float] | None


def rated(name: str, reading: Reading) -> Rated:
    """The rate with the metric's own interval, else that of its counts."""
    if reading.low is not None and reading.high is not None:
        return Rated(name, reading, (reading.low, reading.high))
    if reading.numerator is None or reading.denominator is None:
        return Rated(name, reading, None)
    return Rated(name, reading, spans.interval(reading.numerator, reading.denominator))


def is_beyond_chance(hits: float, cases: float, share: float, many: int) -> bool:
    """Whether a rate differs from a share by more than chance explains among so many who are compared with it.

    The normal approximation with Bonferroni's correction at 5 %; too few cases for it say nothing.
    """
    if cases * min(share, 1 - share) < _FEWEST:
        return False
    z = abs(hits - cases * share) / sqrt(cases * share * (1 - share))
    return 2 * (1 - NormalDist().cdf(z)) * max(many, 1) < _RISK


def apart(people: Sequence[Rated], whole: Reading) -> tuple[list[str], list[str]]:
    """Those whose rate lies below the whole, and those above it, by more than chance."""
    share = whole.value
    if share is None:
        return [], []
    found = [
        each
        for each in people
        if each.reading.numerator is not None
        and each.reading.denominator is not None
        and is_beyond_chance(each.reading.numerator, each.reading.denominator, share, len(people))
    ]
    low = [each.name for each in found if (each.reading.value or 0.0) < share]
    return low, [each.name for each in found if each.name not in low]


def apart_words(view: View, people: Sequence[Rated], whole: Reading) -> Phrase | None:
    """Who lies clearly below or above the whole, few of them by name; None where nobody does."""
    _ = view.gettext
    low, high = apart(people, whole)
    names = low or high
    if not names:
        return None
    rate = view.inline(whole.metric)
    if len(names) > _MOST_NAMED:
        text = (
            _("{n} clearly below the whole in {rate}") if low else _("{n} clearly above the whole in {rate}")
        )
        return view.phrase(text.format(n=view.printer.few(len(names)), rate=rate))
    text = (
        _("{names} clearly below the whole in {rate}")
        if low
        else _("{names} clearly above the whole in {rate}")
    )
    return view.phrase(text.format(names=view.listed(names), rate=rate))


def table(view: View, people: Sequence[Rated], whole: Reading, *, is_alone: bool) -> Content:
    """The rate of everyone and of the whole: value, cases, interval, with the target at one place."""
    _ = view.gettext
    name = view.title(view.name(whole.metric)).plain
    everyone = [*people, rated(members.whole_name(view), whole)]
    readings = [each.reading for each in everyone]
    values = members.column(view, readings, _("{rate} by manager").format(rate=name))
    cases = [part_of(each, "denominator") for each in readings]
    counts = members.made_column(
        view,
        readings,
        "denominator",
        cases,
        [view.printer.count(each) for each in cases],
        _("{rate}: cases by manager").format(rate=name),
    )
    aim = next((each for each in readings if each.target is not None), None)
    target = None if aim is None or aim.target is None else aim.target * 100
    floor = rate_floor([each.span[0] * 100 for each in everyone if each.span], target)
    width = _ALONE if is_alone else _BESIDE
    said = "" if aim is None else _("Target {aim}").format(aim=view.printed(aim, "target").number)
    return {
        "title": title(view, people, whole),
        "measure": view.phrase(measure(view, target)),
        "anchors": {"value": values["anchor"], "count": counts["anchor"]},
        "name_width": f"{width:g}",
        "floor": f"{floor:g}",
        "aim": said,
        "aim_at": ""
        if target is None
        else spans.aim_left(view.ink, said, spans.scale(floor, CELL)(target), CELL),
        "rows": [
            {
                "name": view.fitted(each.name, (width - 2) * MM),
                "value": values["cells"][at].number,
                "count": counts["cells"][at].number,
                "span": span(view, each, target, floor, values["cells"][at].text),
                "is_whole": at == len(people),
            }
            for at, each in enumerate(everyone)
        ],
        "is_long": len(people) > LONG,
    }


def span(view: View, each: Rated, target: float | None, floor: float, printed: str) -> object:
    """The cell of one row."""
    value = each.reading.value
    low, high = (None, None) if each.span is None else (each.span[0] * 100, each.span[1] * 100)
    drawn = spans.Span(
        None if value is None else value * 100,
        low,
        high,
        is_missed=each.reading.verdict in ("bad", "watch"),
    )
    return spans.span_cell(drawn, target, floor, view.ink, f"{each.name} {printed}", width=CELL)


def measure(view: View, target: float | None) -> str:
    """How a row is read."""
    _ = view.gettext
    if target is None:
        return _("Year to date, %; bar: 95% interval")
    return _("%; bar: 95% interval; upright: target; hollow: missed")


def title(view: View, people: Sequence[Rated], whole: Reading) -> Phrase:
    """How many intervals lie wholly below the target; without one, whether anybody differs by more than chance."""
    _ = view.gettext
    name = view.title(view.name(whole.metric)).plain
    aimed = [each for each in people if each.span is not None and each.reading.target is not None]
    if not aimed:
        if any(apart(people, whole)):
            return view.phrase(_("{rate}: differences beyond chance").format(rate=name))
        return view.phrase(_("{rate}: the differences may be chance").format(rate=name))
    below = sum(each.span[1] < (each.reading.target or 0.0) for each in aimed if each.span)
    if not below:
        return view.phrase(_("{rate}: no interval below the target").format(rate=name))
    if below == len(aimed):
        return view.phrase(_("{rate}: all intervals below the target").format(rate=name))
    text = view.ngettext(
        "{rate}: {n} of {all} intervals below the target",
        "{rate}: {n} of {all} intervals below the target",
        below,
    )
    few = view.printer.few
    return view.phrase(text.format(rate=name, n=few(below), all=few(len(aimed))))
