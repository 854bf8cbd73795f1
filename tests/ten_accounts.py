"""The demo's first ten clients in canonical files, for tests that read exports themselves or want a small company."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from pipeline.demo import write_canonical


@cache
def ten_accounts() -> Path:
    """A workspace of `write_canonical`, made once a process and removed at its end; not to be written in."""
    folder = Path(tempfile.mkdtemp(prefix="kambook-ten-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    write_canonical(folder, accounts=10)
    return folder
