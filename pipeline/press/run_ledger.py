"""The ledger of a run as its portfolio report tells it: which documents are due, and what of them is withheld and why."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

Entry = Mapping[str, Any]
"""A document or what is withheld of one, as the record of a run names it: id, kind, subject, section, code, reason."""


@dataclass(frozen=True)
class Line:
    """One kind of document: how many are due, withheld wholly, and made without some of their sections."""

    kind: str
    due: int
    withheld: int
    partial: int

    @property
    def whole(self) -> int:
        """Documents with nothing left out."""
        return self.due - self.withheld - self.partial


@dataclass(frozen=True)
class Ledger:
    """What is due by kind, in the order of the kinds, and every entry of what is withheld."""

    lines: tuple[Line, ...] = ()
    withheld: tuple[Entry, ...] = ()
    names: Mapping[tuple[str, str], str] = field(default_factory=dict)
    """The names of those whom the entries are about, by kind and id."""
    whys: Mapping[str, str] = field(default_factory=dict)
    """What does not hold, in the document's language, by check."""


def lines_of(
    due: Iterable[tuple[str, str]], withheld: Sequence[Entry], order: Sequence[str]
) -> tuple[Line, ...]:
    """A line for each kind of which a document is due; `due` are kinds and ids of documents, each once."""
    kinds: dict[str, set[str]] = {}
    for kind, task in due:
        kinds.setdefault(kind, set()).add(task)
    whole = {each["id"] for each in withheld if each["section"] is None}
    partial = {each["id"] for each in withheld} - whole
    return tuple(
        Line(kind, len(tasks), len(tasks & whole), len(tasks & partial))
        for kind, tasks in sorted(kinds.items(), key=lambda each: order.index(each[0]))
    )
