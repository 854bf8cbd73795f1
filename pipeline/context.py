"""What every stage is given: the workspace, the run's folder, settings, period, workers and the log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    variables: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)
    """The environment, where a mapping may say that the address of a database is kept."""
    only: tuple[str, ...] = ()
    """Customer ids to make documents for; empty: all that the schedule asks for."""
    kept: Path | None = None
    """Mappings, aliases and corrections of an earlier run, where this one repeats it."""

    @property
    def reading(self) -> Path:
        """The folder whose mappings, aliases and corrections read the exports: the workspace, or what a run kept."""
        return self.kept or self.workspace
