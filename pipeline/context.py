"""What every stage is given: the workspace, the run's folder, settings, period, workers and the log."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from pipeline.log import Log
from pipeline.periods import Period
from pipeline.policy import Policy
from pipeline.settings import Settings


@dataclass(frozen=True)
class Context:
    """One run: where it reads and writes, and what it is for."""

    workspace: Path
    run: Path
    exports: Path
    settings: Settings
    policy: Policy
    period: Period
    fonts: Path
    log: Log
    jobs: int = 2
    only: tuple[str, ...] = ()
    """Customer ids to make documents for; empty: all that the schedule asks for."""
