"""Evidence of value."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.rules import rule
from pipeline.settings import Model


@rule("value")
class ValueRule(Model):
    """For how many months evidence of value counts after it was last measured."""

    evidence_months: Annotated[int, Field(ge=1)] = 12
    valid_from: date
