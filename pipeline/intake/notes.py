"""What ingest has to say that stops nothing: notes in the form of findings, for `quality/findings.json`. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

Note = dict[str, Any]
_EXAMPLES = 5
_SHOWN = 20


def note(
    table: str,
    truth: str,
    why: str,
    rows: int,
    *,
    severity: str = "info",
    examples: Iterable[tuple[str, int | None]] = (),
    values: Mapping[str, str] | None = None,
    names: Sequence[str] = (),
) -> Note:
    """A finding of the run: `truth` names what is not so, `why` says it in a sentence; examples are (source, line).

    `why` is a text of the catalogues with names in braces for what `values` gives: the gate translates it and fills
    them in. `names` are what it speaks of, one by one, for the gate to tell what is new of them.
    """
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
        **({"values": dict(values)} if values else {}),
        **({"names": list(names)} if names else {}),
    }


def listed(names: Iterable[str]) -> str:
    """Names one after the other, in any language; of many only the first."""
    shown = [*names]
    return " · ".join([*shown[:_SHOWN], *(["…"] if len(shown) > _SHOWN else [])])


def in_order(notes: Sequence[Note]) -> list[Note]:
    """Notes by severity, table, truth and text: the same in every run."""
    ranks = {"critical": 0, "warning": 1, "info": 2}

    def place(each: Note) -> tuple[int, str, str, str, str]:
        filled = json.dumps(each.get("values", {}), sort_keys=True)
        return ranks[each["severity"]], each["table"], each["expectation"], each["why"], filled

    return sorted(notes, key=place)
