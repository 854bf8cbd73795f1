"""The edge of the program: the clock, the environment and the arguments are read here and handed in."""

from __future__ import annotations

import os
import sys
from collections.abc import MutableMapping
from datetime import date
from pathlib import Path

from pipeline.cli import Environment
from pipeline.cli import main as command_line


def main() -> int:
    """Run `kambook` with this process's arguments and environment."""
    settle_arrow(os.environ)
    home = os.environ.get("XDG_DATA_HOME")
    data_home = Path(home) if home else Path.home() / ".local" / "share"
    today = date.today()  # noqa: DTZ011  # the user's own day
    environment = Environment(today, data_home, Path.cwd(), dict(os.environ))
    try:
        return command_line(environment, sys.argv[1:])
    except KeyboardInterrupt:
        return 130


def settle_arrow(environment: MutableMapping[str, str]) -> None:
    """Have Arrow take its memory from the system, here and in the workers, unless the user says otherwise.

    With its own allocator ingest and the gate take a fifth more of the processor (`tests/benchmarks/ingest.py`).
    Arrow reads the variable when it is loaded, so that nothing may load it before.
    """
    environment.setdefault("ARROW_DEFAULT_MEMORY_POOL", "system")


if __name__ == "__main__":
    sys.exit(main())
