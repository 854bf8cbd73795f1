"""What was once agreed by a person, kept below `tests/golden/`; `pytest --snapshot-update` makes it anew, to be read again."""

from __future__ import annotations

import re
from pathlib import Path

from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation


class TextGolden(SingleFileSnapshotExtension):
    """One text file for each agreed thing."""

    _write_mode = WriteMode.TEXT
    file_extension = "txt"

    @classmethod
    def dirname(cls, *, test_location: PyTestLocation) -> str:
        return str(Path(__file__).parent / "golden" / test_location.basename)


class DrawingGolden(TextGolden):
    """A drawing; any browser shows it."""

    file_extension = "svg"


def spaced(svg: object) -> str:
    """A drawing with one element a line, so that a change can be read."""
    return re.sub(r"(?<=>)(?=<)", "\n", str(svg)) + "\n"
