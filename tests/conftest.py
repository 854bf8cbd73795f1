"""What every test may ask for."""

from __future__ import annotations

import os
from pathlib import Path

import hypothesis
import pytest

from pipeline.fonts import font_folder

# Two busy cores make time meaningless: an example that is slow today says nothing of the code.
hypothesis.settings.register_profile("kambook", deadline=None)
hypothesis.settings.load_profile("kambook")


@pytest.fixture(scope="session")
def checkout() -> Path:
    """The folder that holds Makefile, pipeline/ and tests/."""
    return Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def installed_fonts() -> Path:
    """The folder of the fonts that `make setup` fetched."""
    data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return font_folder(Path(data_home))
