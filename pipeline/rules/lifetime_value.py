"""The scenarios of customer lifetime value."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules import rule
from pipeline.settings import Model


class LifetimeScenario(Model):
    """Which share of customers stays each year, what a later year is worth, and what becomes of the margin."""

    retention: Annotated[float, Field(ge=0, le=1)]
    discount: Annotated[float, Field(gt=0)]
    margin_factor: Annotated[float, Field(gt=0)] = 1.0


@rule("lifetime_value")
class LifetimeValueRule(Model):
    """Lifetime value (A6) in three scenarios; retention is the portfolio's own where it has customers enough."""

    margin: Literal["contribution", "gross_profit"] = "contribution"
    own_retention_from: Annotated[int, Field(ge=1)] = 25
    low: LifetimeScenario
    base: LifetimeScenario
    high: LifetimeScenario
    valid_from: date

    @model_validator(mode="after")
    def _scenarios_rise(self) -> LifetimeValueRule:
        for one, other in pairwise((self.low, self.base, self.high)):
            if (
                one.retention > other.retention
                or one.discount < other.discount
                or one.margin_factor > other.margin_factor
            ):
                message = (
                    "from low to high, retention and margin_factor must not fall and discount must not rise"
                )
                raise ValueError(message)
        return self
