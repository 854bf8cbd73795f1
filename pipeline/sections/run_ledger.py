"""The run's ledger: which documents were due this time, which were made whole, and what is withheld and why."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.gate.wording import rule
from pipeline.press import members
from pipeline.press.excerpts import excerpt
from pipeline.press.reports import REPORTS
from pipeline.press.run_ledger import Entry, Ledger, Line
from pipeline.press.svg import MM
from pipeline.press.typeset import Phrase
from pipeline.sections import N_, SECTIONS, Content, section

if TYPE_CHECKING:
    from pipeline.press.view import View

_MOST = 12
_NAME, _WHAT, _WHY = 42 * MM, 40 * MM, 84 * MM
_NOTHING = "KB-1310"
_OF_THE_GATE = "KB-122"


@section(title=N_("Documents of this run"), audience="internal")
def run_ledger(view: View) -> Content | None:
    """A row for each kind of document, and what is withheld; None where the document was made outside a run."""
    ledger = view.edition.ledger
    if not ledger.lines:
        return None
    return {
        "report": members.report_name(view),
        "headline": view.headline(*headlines(view, ledger)),
        "lead": "",
        "kinds": kinds(view, ledger),
        "withheld": withheld(view, ledger),
    }


# The page's sentence


def headlines(view: View, ledger: Ledger) -> list[Phrase]:
    """How many documents are due, and how many of them are withheld."""
    _ = view.gettext
    due, held = sum(each.due for each in ledger.lines), sum(each.withheld for each in ledger.lines)
    text = view.ngettext("{n} document is due", "{n} documents are due", due)
    said = view.phrase(text.format(n=due))
    if not held:
        return [view.say(_("{due}, none is withheld"), due=said), said]
    text = view.ngettext("{due}, {n} of them is withheld", "{due}, {n} of them are withheld", held)
    return [view.say(text, due=said, n=str(held)), said]


# By kind


def kinds(view: View, ledger: Ledger) -> Content:
    """Due, made whole, made in part and withheld, by kind."""
    _ = view.gettext
    columns = {
        name: column(view, [getattr(each, name) for each in ledger.lines], label)
        for name, label in (
            ("due", _("Documents due, by kind")),
            ("whole", _("Documents made whole, by kind")),
            ("partial", _("Documents made in part, by kind")),
            ("withheld", _("Documents withheld, by kind")),
        )
    }
    return {
        "title": view.phrase(_("Documents by kind")),
        "measure": view.phrase(
            _("As the schedule asks for them; what fails while being made is on the page of the run")
        ),
        "anchors": {name: anchor for name, (anchor, _cells) in columns.items()},
        "rows": [
            {
                "name": view.phrase(kind_name(view, each)),
                **{name: cells[at] for name, (_anchor, cells) in columns.items()},
            }
            for at, each in enumerate(ledger.lines)
        ],
    }


def column(view: View, counts: list[int], label: str) -> tuple[str, list[str]]:
    """A column of counts, each a figure."""
    anchor, figures = view.counted_series("documents", counts, [float(each) for each in counts], label)
    return anchor, [figure.printed.number for figure in figures]


def kind_name(view: View, line: Line | Entry) -> str:
    """What a kind of document is called."""
    kind = line.kind if isinstance(line, Line) else str(line["kind"])
    return view.gettext(REPORTS[kind].title) if kind in REPORTS else kind


# What is withheld


def withheld(view: View, ledger: Ledger) -> Content | None:
    """What is withheld, wholly or a section of it, and why."""
    _ = view.gettext
    if not ledger.withheld:
        return None
    ranked = sorted(ledger.withheld, key=lambda each: (each["section"] is not None, str(each["id"])))
    shown = ranked[:_MOST]
    return {
        "title": view.phrase(_("What is withheld, and why")),
        "measure": view.phrase(_("Whole documents first; the page of data quality says what to mend")),
        "rows": [
            {
                "name": view.fitted(
                    ledger.names.get((each["subject_kind"], each["subject_id"]), str(each["subject_id"])),
                    _NAME,
                ),
                "what": excerpt(what(view, each), _WHAT, 2, view.ink),
                "why": excerpt(why(view, each, ledger), _WHY, 2, view.ink),
            }
            for each in shown
        ],
        "more": members.more(view, len(ranked) - len(shown)),
    }


def what(view: View, entry: Entry) -> str:
    """The document, and the section of it where only that is left out."""
    name = kind_name(view, entry)
    found = SECTIONS.find(entry["section"]) if entry["section"] else None
    if found is None:
        return name
    return view.gettext("{document}: {section}").format(document=name, section=view.gettext(found.title))


def why(view: View, entry: Entry, ledger: Ledger) -> str:
    """The reason in words."""
    _ = view.gettext
    if entry["code"] == _NOTHING:
        return _("There is nothing to report.")
    if not str(entry["code"]).startswith(_OF_THE_GATE):
        return str(entry["reason"])
    checks = str(entry["reason"]).split("; ")
    return " ".join(ledger.whys.get(each) or rule(_, each.partition(".")[2]) for each in checks)
