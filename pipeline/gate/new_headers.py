"""Headers that nobody maps: for information where people have seen them before, a warning the first time. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

from pipeline.gate.deletions import joined
from pipeline.gate.expectations import Gettext
from pipeline.gate.findings import Finding
from pipeline.gate.profiles import Kept
from pipeline.intake.notes import listed

TRUTH = "headers_are_mapped"
NAMES, VALUES = "names", "values"
"""The keys of a note of ingest for what it speaks of one by one, and for what is filled in; a finding has neither."""


def headers_of(notes: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    """The headers that are neither mapped nor ignored, by the first table that reads their file."""
    found: dict[str, set[str]] = {}
    for note in notes:
        if note["expectation"] == TRUTH:
            found.setdefault(note["table"], set()).update(note.get(NAMES, ()))
    return {table: sorted(names) for table, names in sorted(found.items())}


def judged_notes(
    notes: Iterable[Mapping[str, Any]], before: Sequence[Kept], gettext: Gettext
) -> list[Finding]:
    """The notes of ingest as findings, said in a language; one on headers that nobody has seen before is a warning."""
    seen = {(table, name) for kept in before for table, names in kept["headers"].items() for name in names}
    return [_judged(note, seen, gettext) for note in notes]


def _judged(note: Mapping[str, Any], seen: set[tuple[str, str]], gettext: Gettext) -> Finding:
    text: str = note["why"]
    why = gettext(text).format(**note.get(VALUES, {}))
    plain = cast(
        "Finding", {key: said for key, said in note.items() if key not in (NAMES, VALUES)} | {"why": why}
    )
    if note["expectation"] != TRUTH:
        return plain
    new = [name for name in note.get(NAMES, ()) if (note["table"], name) not in seen]
    if not new:
        return plain
    first = gettext("For the first time: {headers}.").format(headers=listed(new))
    return {**plain, "severity": "warning", "why": joined(plain["why"], first)}
