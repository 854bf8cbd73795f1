"""From what size on a figure that changed since it was first told is worth saying."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.rules import rules
from pipeline.settings import Model


@rules("restatement")
class RestatementRule(Model):
    """A figure of this unit is restated when it differs by at least an amount, and by at least a share of what it was.

    A metric's own line stands before its unit's. Where there is neither, every difference counts.
    """

    unit: str = ""
    metric: str = ""
    at_least: Annotated[float, Field(ge=0)] = 0.0
    at_least_share: Annotated[float, Field(ge=0)] = 0.0
    valid_from: date
