"""What a run says of itself: `log.jsonl` for machines, progress on stderr for a person."""

from __future__ import annotations

import contextlib
import errno
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


def _append(descriptor: int, line: bytes) -> None:
    """One write, so that lines of two processes never mix; taken back where the disk had no room for all of it."""
    written = os.write(descriptor, line)
    if written < len(line):
        os.ftruncate(descriptor, os.fstat(descriptor).st_size - written)
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "log.jsonl")


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
        """Append one event; the line reaches the disk whole or not at all. OSError where the disk is full."""
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
            _append(descriptor, line.encode())
        finally:
            os.close(descriptor)

    def say(self, text: str) -> None:
        """One line for a person, on stderr."""
        if not self.quiet:
            console = Console(stderr=True, highlight=False)
            console.print(text, markup=False, emoji=False, soft_wrap=True)

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
