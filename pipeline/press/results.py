"""What was delivered and what was not: short findings by rules, the most important first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial

from pipeline.press.kpis import FEW_CASES
from pipeline.press.slices import Reading
from pipeline.press.typeset import Phrase
from pipeline.press.view import View
from pipeline.sections import Content

_OTIF, _PROMISED = "otif_orders", "basis=first_promised"
_MOST = 3
_NOTABLE = 0.10


"""A time that moved by less than a tenth is no news."""


@dataclass(frozen=True)
class Finding:
    """One line of "did" or "did not", made only where it is printed; `section` is where it is told in full."""

    section: str
    made: Callable[[], tuple[Phrase, Phrase]]


def told(view: View, found: Iterator[Finding]) -> list[Content]:
    """The first findings, with the section whose page they refer to where the document has it."""
    made: list[Content] = []
    for each in found:
        if len(made) == _MOST:
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
        if reading.verdict == "good":
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
    rows = (
        rows[(rows["basis"] == "first_promised") & rows["is_due"] & rows["is_quantified"]]
        if len(rows)
        else rows
    )
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
    return heading, view.say(
        texts[reading.metric, reading.verdict == "good"], met=met, due=due, gap=view.phrase(gap)
    )


def _moved(reading: Reading) -> float | None:
    """By which share a time has moved against the period before."""
    if reading.value is None or not reading.before or (reading.n or 0) < FEW_CASES:
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
    # A language may tell one of them in words: a figure that is made must be printed, so it is made only where it is.
    due = {"due": view.figure(reading, "denominator")} if "{due}" in text else {}
    return heading, view.say(text, **due)


def _open_finding(view: View, count: int) -> tuple[Phrase, Phrase]:
    _ = view.gettext
    figure = view.counted("deliveries", count, count, _("Orders overdue and not delivered"))
    heading = view.ngettext("{n} order still open", "{n} orders still open", count)
    return view.say(heading, n=figure), view.phrase(
        _("Past the first promised date, not delivered by the cut-off.")
    )


# Sales
