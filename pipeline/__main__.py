"""The edge of the program: the clock, the environment and the arguments are read here and handed in."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path

from pipeline.cli import Environment
from pipeline.cli import main as command_line


def main() -> int:
    """Run `kambook` with this process's arguments and environment."""
    home = os.environ.get("XDG_DATA_HOME")
    data_home = Path(home) if home else Path.home() / ".local" / "share"
    environment = Environment(today=date.today(), data_home=data_home, here=Path.cwd())  # noqa: DTZ011  # the user's own day
    try:
        return command_line(environment, sys.argv[1:])
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
