"""Who gets which document."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pipeline.rules import rules
from pipeline.settings import Model


@rules("report")
class ReportRule(Model):
    """Who gets what: a kind of document for accounts of some classes at the end of a window."""

    kind: str
    window: Literal["month", "quarter", "half", "year"] = "quarter"
    classes: tuple[str, ...] = ()
    edition: str = "full"
    language: str = ""
    valid_from: date
