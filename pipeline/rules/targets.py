"""What metrics should reach, and how targets of those who lead are read."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pipeline.rules import rule, rules
from pipeline.settings import Model


@rules("target")
class TargetRule(Model):
    """What a metric should reach, from a day on; `near` is the distance that still counts as watch.

    An amount or a count is a target for one kind of window (`window`); a rate may be one for all.
    """

    metric: str
    breakdown: str = ""
    window: str = ""
    subject_kind: str = ""
    value: float
    near: float = 0.0
    valid_from: date


@rule("attainment")
class AttainmentRule(Model):
    """Whether the sales target of a manager who leads managers contains theirs, or is for own sales alone."""

    lead_targets: Literal["include_reports", "own"] = "include_reports"
    valid_from: date
