"""Method and data: what each figure means, what was left out, and where every number comes from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from pipeline.press.figures import index
from pipeline.press.typeset import Phrase
from pipeline.press.versions import changes
from pipeline.sections import N_, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_EXPECTED = (
    ("net_sales", ""),
    ("otif_orders", "basis=first_promised"),
    ("sla_attainment", ""),
    ("resolution_median", ""),
    ("csat", ""),
)
"""What a client looks for in every report, so that the lack of it is said."""


@section(
    title=N_("Method and data"),
    audience="client",
    metrics=("net_sales", "otif_orders", "sla_attainment", "resolution_median", "csat"),
    tables=("deliveries",),
)
def method(view: View) -> Content:
    """Definitions of all that is printed before this page, special notes, data facts, and the index of all figures."""
    _ = view.gettext
    facts = data(view)  # before the index, which lists the figures among them
    return {
        "headline": view.headline(view.phrase(_("Every number can be traced to its source"))),
        "lead": view.lead(
            view.phrase(_("Definitions come from one catalogue; a change of definition is noted here."))
        ),
        "definitions": definitions(view),
        "notes": notes(view),
        "data": facts,
        "index": index(view.register.all()),
    }


def definitions(view: View) -> list[Content]:
    """Meaning and formula of every metric that the document prints, in the order of its pages."""
    language = view.press.language.name
    printed = [figure.reading.metric for figure in view.register.all() if figure.reading is not None]
    return [
        {
            "name": view.name(metric),
            "meaning": view.phrase(view.catalogue[metric].meaning(language)),
            "formula": view.phrase(view.catalogue[metric].formula(language)),
        }
        for metric in dict.fromkeys(printed)
    ]


def notes(view: View) -> list[dict[str, object]]:
    """What is unknown or withheld in this document, each with the sign that stands for it."""
    _ = view.gettext
    made: list[dict[str, object]] = []
    for metric, breakdown in _EXPECTED:
        reading = view.reading(metric, breakdown)
        if not reading.is_known:
            text = _("{name}: {reason}").format(name=view.name(metric), reason=view.reason(reading))
            made.append({"sign": "–", "state": _("Unknown"), "text": view.phrase(text)})
    made += [
        {"sign": "×", "state": _("Withheld"), "text": view.phrase(view.title_of(name))}
        for name in view.slice.withheld
    ]
    if changed := changes(view, view.slice.issued):
        text = view.ngettext(
            "{n} figure sent earlier; was, is and why stand before this section",
            "{n} figures sent earlier; was, is and why stand before this section",
            len(changed),
        )
        made.insert(
            0, {"sign": "†", "state": _("Restated"), "text": view.phrase(text.format(n=len(changed)))}
        )
    if not made:
        made.append(
            {"sign": "", "state": "", "text": view.phrase(_("Nothing is restated, unknown or withheld."))}
        )
    return made


def data(view: View) -> list[dict[str, object]]:
    """Cut-off, what is left out, currency, tolerance and the report's number."""
    _ = view.gettext
    facts: list[tuple[str, Phrase]] = [
        (_("Data cut-off"), cut_off(view)),
        (_("Left out"), left_out(view)),
        (_("Late from"), tolerance(view)),
        (_("Currency"), view.phrase(currency(view))),
        (_("Report number"), view.phrase(number(view))),
    ]
    return [{"name": name, "value": value} for name, value in facts if value]


def cut_off(view: View) -> Phrase:
    """The last day whose data are in the report, and the zone in which days are counted."""
    last = view.window.until_on - timedelta(days=1)
    text = view.gettext("end of {day} ({zone})")
    return view.say(text, day=view.printer.day(last), zone=view.edition.time_zone)


def left_out(view: View) -> Phrase:
    """How many orders of the window were cancelled and therefore not judged."""
    rows = view.rows("deliveries", "due_on")
    rows = (
        rows[(rows["basis"] == "first_promised") & rows["is_cancelled"].astype(bool)] if len(rows) else rows
    )
    if not len(rows):
        return view.phrase(view.gettext("nothing"))
    figure = view.counted("deliveries", len(rows), len(rows), view.gettext("Cancelled orders"))
    return view.say(view.ngettext("{n} cancelled order", "{n} cancelled orders", len(rows)), n=figure)


def tolerance(view: View) -> Phrase:
    """From which day after the promised date an order counts as late."""
    late = view.edition.late_days + 1
    text = view.ngettext("{n} day after the promised date", "{n} days after the promised date", late)
    return view.phrase(text.format(n=late))


def currency(view: View) -> str:
    """The currency of the amounts, with its code."""
    code = view.slice.currency
    return (
        code
        if not view.is_han or view.printer.currency(code) == code
        else f"{view.printer.currency(code)}（{code}）"
    )


def number(view: View) -> str:
    """The report's own number: kind, period, customer."""
    return f"CVR-{view.window.period}-{view.slice.subject.subject_id}"
