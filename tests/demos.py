"""The demo company's month, from its exports to its readings, made once for all tests of a session."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from pipeline import run
from pipeline.context import Context
from tests.runs import readings
from tests.ten_accounts import ten_accounts

STAGES = ("ingest", "validate", "compute")
DEMO = ten_accounts()


def demo_context(output: Path, *, jobs: int = 1) -> Context:
    """The demo's month, to be written below a folder."""
    return run.context_of(
        workspace=DEMO, output=output, exports=None, period=None, as_of=None, today=date(2026, 10, 8),
        fonts=output, jobs=jobs, quiet=True,
    )  # fmt: skip


def computed_demo(factory: pytest.TempPathFactory) -> Context:
    """The demo's month, computed; test processes that run side by side share it."""
    base = factory.getbasetemp()
    context = demo_context((base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demo")
    with _alone(context.run.parent):
        for name in STAGES:
            run.stage(name)(context)
    return context


def demo_readings(context: Context) -> pd.DataFrame:
    """The readings of the demo's month."""
    return readings(context.run)


def _alone(folder: Path) -> _Lock:
    folder.mkdir(parents=True, exist_ok=True)
    return _Lock(folder / ".making")


class _Lock:
    """Waits until no other test process makes the same run."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> None:
        import fcntl

        self._stream = self._path.open("w")
        fcntl.flock(self._stream, fcntl.LOCK_EX)

    def __exit__(self, *_: object) -> None:
        self._stream.close()
