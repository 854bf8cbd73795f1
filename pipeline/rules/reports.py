"""Who gets which document."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pipeline.rules import rules
from pipeline.settings import Model


@rules("report")
class ReportRule(Model):
    """Who gets what: a kind of document at the end of a window, for customers of some classes or bands."""

    kind: str
    window: Literal["month", "quarter", "half", "year"] = "quarter"
    classes: tuple[str, ...] = ()
    bands: tuple[str, ...] = ()
    """Bands of revenue beside the classes: whoever is in one of either is meant; both empty: everyone."""
    edition: str = "full"
    at_risk: bool = False
    """Beside classes and bands: whoever has a warning that puts business at risk."""
    where_asked: bool = False
    """Only for customers of whom a contact asks for this edition (`report_edition`)."""
    language: str = ""
    valid_from: date
