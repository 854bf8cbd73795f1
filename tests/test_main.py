"""The edge of the program: what it settles before anything else is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from pipeline.__main__ import settle_arrow

CHECKOUT = Path(__file__).resolve().parents[1]
SOURCE = (
    "import contextlib, io, sys; from pipeline.__main__ import main\n"
    "with contextlib.redirect_stdout(io.StringIO()): main()\n"
    "assert 'pyarrow' not in sys.modules\n"
    "import pandas, pyarrow; print(pyarrow.default_memory_pool().backend_name)"
)


@pytest.mark.parametrize(("said", "pool"), [(None, "system"), ("mimalloc", "mimalloc")])
def test_arrow_takes_its_memory_from_the_system_unless_the_user_says_otherwise(
    said: str | None, pool: str
) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("ARROW_")}
    environment |= {"PYTHONPATH": str(CHECKOUT)} | ({"ARROW_DEFAULT_MEMORY_POOL": said} if said else {})
    command = [sys.executable, "-c", SOURCE, "--version"]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)

    assert ended.stdout.strip() == pool


def test_what_the_environment_says_stays() -> None:
    environment = {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
    settle_arrow(environment)

    assert environment == {"ARROW_DEFAULT_MEMORY_POOL": "jemalloc"}
