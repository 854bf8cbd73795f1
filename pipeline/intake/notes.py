"""What ingest has to say that stops nothing: notes in the form of findings, for `quality/findings.json`. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

Note = dict[str, Any]
_EXAMPLES = 5


def note(
    table: str,
    truth: str,
    why: str,
    rows: int,
    *,
    severity: str = "info",
    examples: Iterable[tuple[str, int | None]] = (),
) -> Note:
    """A finding of the run: `truth` names what is not so, `why` says it in a sentence; examples are (source, line)."""
    shown = sorted(examples, key=lambda each: (each[0], each[1] or 0))[:_EXAMPLES]
    return {
        "table": table,
        "expectation": truth,
        "severity": severity,
        "scope": "run",
        "subject_id": None,
        "section": None,
        "why": why,
        "rows": rows,
        "examples": [{"source": source, "line": line} for source, line in shown],
    }


def in_order(notes: Sequence[Note]) -> list[Note]:
    """Notes by severity, table, truth and text: the same in every run."""
    ranks = {"critical": 0, "warning": 1, "info": 2}
    return sorted(
        notes, key=lambda each: (ranks[each["severity"]], each["table"], each["expectation"], each["why"])
    )
