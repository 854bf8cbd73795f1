"""What runs of earlier months found, from the profiles that they left beside this run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

from pipeline import store
from pipeline.gate.profiles import Kept

MOST_MONTHS = 12


@dataclass(frozen=True)
class Earlier:
    """The profile of an earlier run, the file it was read from and the hash of that file."""

    path: Path
    sha256: str
    said: Kept

    @property
    def run(self) -> Path:
        return self.path.parents[1]


def before(run: Path, as_of: date) -> list[Earlier]:
    """The last twelve runs beside this one that ended before `as_of`, oldest first.

    A run that was stopped counts: what it found is what people have mended since.
    """
    found = [
        _earlier(path) for path in sorted(run.parent.glob("*/quality/profile.json")) if path.parents[1] != run
    ]
    older = [each for each in found if each.said["as_of"] < str(as_of)]
    return sorted(older, key=lambda each: (each.said["as_of"], each.said["period"]))[-MOST_MONTHS:]


def _earlier(path: Path) -> Earlier:
    said: Kept = store.read_json(path)
    known: Kept = {
        **said,
        "headers": said.get("headers", {}),
        "offered": said.get("offered", sum(said["rows"].values())),
    }
    return Earlier(path, store.sha256_of_file(path), known)
