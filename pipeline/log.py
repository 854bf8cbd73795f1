"""What a run says of itself: `log.jsonl` for machines, progress on stderr for a person."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn


class Advance(Protocol):
    """A progress bar's handle."""

    def advance(self, steps: int = 1) -> None:
        """Move the bar on."""


@dataclass(frozen=True)
class _Bar:
    progress: Progress
    task: object

    def advance(self, steps: int = 1) -> None:
        self.progress.advance(self.task, steps)  # type: ignore[arg-type]  # rich's TaskID is an int


@dataclass(frozen=True)
class _Silent:
    def advance(self, steps: int = 1) -> None:
        """Show nothing: standard error is no terminal."""


@dataclass(frozen=True)
class Log:
    """Appends one JSON object a line to `path`; a person sees a line a stage and a bar on a terminal.

    Events carry ids, counts and codes only, never a client's values.
    """

    path: Path
    quiet: bool = False

    def event(
        self,
        stage: str,
        event: str,
        level: str = "info",
        *,
        subject_kind: str | None = None,
        subject_id: str | None = None,
        code: str | None = None,
        rows: int | None = None,
        seconds: float | None = None,
    ) -> None:
        """Append one event; the line reaches the disk whole or not at all (one write of an O_APPEND file)."""
        record = {
            "at": datetime.now(UTC).isoformat(timespec="milliseconds"),
            "level": level,
            "stage": stage,
            "event": event,
            "subject_kind": subject_kind,
            "subject_id": subject_id,
            "code": code,
            "rows": rows,
            "seconds": None if seconds is None else round(seconds, 3),
        }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        line = json.dumps(record, ensure_ascii=False) + "\n"
        descriptor = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            os.write(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def say(self, text: str) -> None:
        """One line for a person, on stderr."""
        if not self.quiet:
            Console(stderr=True, highlight=False).print(text, markup=False)

    @contextlib.contextmanager
    def progress(self, stage: str, total: int) -> Iterator[Advance]:
        """A bar on stderr where that is a terminal, else silence."""
        console = Console(stderr=True)
        if self.quiet or not console.is_terminal:
            yield _Silent()
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=console) as progress:
            yield _Bar(progress, progress.add_task(stage, total=total))
