"""The lines of the run's index: one for each document that the schedule asked for, with what became of it and why."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.gate.wording import rule
from pipeline.pages import in_words
from pipeline.press.orders import NOTHING_TO_REPORT
from pipeline.press.reports import REPORTS
from pipeline.press.tables import AUDIENCES
from pipeline.sections import SECTIONS

Gettext = Callable[[str], str]
Entry = Mapping[str, Any]
Names = Mapping[tuple[str, str], str]
STATES = ("failed", "withheld", "partial", "made", "unchanged")
"""What can become of a document, what needs a person first."""
_PLAIN_EDITION = "full"
_OF_THE_GATE = "KB-122"
"""How the codes begin with which validation withholds; their reason is the checks that failed."""


@dataclass(frozen=True)
class Why:
    """A reason why something was left out or failed, and where to look it up."""

    text: str
    code: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """One document of the schedule. `name` is its subject's; paths are below the run's folder, empty where not made."""

    state: str
    kind: str
    audience: str
    subject_kind: str
    subject_id: str
    name: str
    period: str
    language: str
    edition: str
    pages: int | None
    path: str
    reasons: tuple[Why, ...]
    fix: str

    @property
    def json(self) -> str:
        """The list of the document's figures, beside it."""
        return f"{self.path.rpartition('.')[0]}.json" if self.path else ""

    @property
    def format(self) -> str:
        """The kind of file, as a link names it: PDF or HTML."""
        return self.path.rpartition(".")[2].upper()

    @property
    def needs_a_look(self) -> bool:
        return self.state in ("failed", "withheld", "partial")


def lines_of(_: Gettext, manifest: Entry, names: Names, whys: Mapping[str, str]) -> tuple[Line, ...]:
    """A line for each document, worst first, then by audience, kind and subject.

    `whys` says of a check (`table.expectation`) what does not hold, in the language of the page; where it is silent,
    the check's name stands for it.
    """
    left_out: dict[str, list[Entry]] = {}
    for entry in manifest["withheld"]:
        left_out.setdefault(entry["id"], []).append(entry)
    made = {each["id"] for each in manifest["documents"]}
    found = [
        *(_failed(each, names) for each in manifest["failed"]),
        *(
            _withheld(_, entries, names, whys)
            for task, entries in left_out.items()
            if task not in made
        ),
        *(_made(_, each, left_out.get(each["id"], ()), names, whys) for each in manifest["documents"]),
    ]  # fmt: skip
    return tuple(sorted(found, key=_place))


def _place(line: Line) -> tuple[Any, ...]:
    worst = STATES.index(line.state) if line.needs_a_look else len(STATES)
    kinds = [*REPORTS, line.kind]
    return (worst, AUDIENCES.index(line.audience), kinds.index(line.kind), line.subject_id, line.period)


def _line(entry: Entry, names: Names, state: str, **more: Any) -> Line:
    report = REPORTS.get(entry["kind"])
    edition = str(entry.get("edition", _PLAIN_EDITION))
    told = {"pages": None, "path": "", "reasons": (), "fix": "", **more}
    return Line(
        state=state,
        kind=entry["kind"],
        audience=entry.get("audience") or (report.audience if report else AUDIENCES[-1]),
        subject_kind=entry["subject_kind"],
        subject_id=entry["subject_id"],
        name=names.get((entry["subject_kind"], entry["subject_id"]), entry["subject_id"]),
        period=entry["period"],
        language=entry["language"],
        edition="" if edition == _PLAIN_EDITION else edition,
        **told,
    )


def _failed(entry: Entry, names: Names) -> Line:
    reasons = (Why(entry["error"], entry["code"]),)
    return _line(entry, names, "failed", reasons=reasons, fix=entry.get("fix") or "")


def _withheld(_: Gettext, entries: Sequence[Entry], names: Names, whys: Mapping[str, str]) -> Line:
    return _line(entries[0], names, "withheld", reasons=_reasons(_, entries, whys))


def _made(
    _: Gettext, document: Entry, left_out: Sequence[Entry], names: Names, whys: Mapping[str, str]
) -> Line:
    state = "partial" if left_out else document["state"]
    told = {"pages": document["pages"], "path": document["path"], "reasons": _reasons(_, left_out, whys)}
    return _line(document, names, state, **told)


def _reasons(_: Gettext, entries: Iterable[Entry], whys: Mapping[str, str]) -> tuple[Why, ...]:
    return tuple(why for entry in entries for why in _reasons_of(_, entry, whys))


def _reasons_of(_: Gettext, entry: Entry, whys: Mapping[str, str]) -> list[Why]:
    """One for each check that failed, with the way to what was found; of any other reason its own words."""
    if entry["code"] == NOTHING_TO_REPORT:
        return [Why(_("There is nothing to report."), entry["code"])]
    if not entry["code"].startswith(_OF_THE_GATE):
        return [Why(_without(_, entry, entry["reason"]), entry["code"])]
    return [
        Why(
            _without(_, entry, whys.get(check) or rule(_, check.partition(".")[2])),
            entry["code"],
            f"quality/index.html#q={check.partition('.')[2]}",
        )
        for check in entry["reason"].split("; ")
    ]


def _without(_: Gettext, entry: Entry, reason: str) -> str:
    if entry["section"] is None:
        return reason
    section = SECTIONS.find(entry["section"])
    title = _(section.title) if section else in_words(entry["section"])
    return _("Without “{section}”: {reason}").format(section=title, reason=reason)
