"""What an account's own use of a product is held against."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.rules import rule
from pipeline.settings import Model


@rule("usage")
class UsageRule(Model):
    """The usual use of a month: the median of the months before, as many as are looked back on, none with fewer known."""

    months: Annotated[int, Field(ge=1)] = 36
    fewest_months: Annotated[int, Field(ge=1)] = 6
    valid_from: date
