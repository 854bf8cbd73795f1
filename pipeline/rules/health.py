"""How well a relationship is: measures, their weights, and what alone is enough to call it ill."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules import rule
from pipeline.settings import Model

WindowName = Literal["", "month", "quarter", "half", "ytd", "year", "t12m"]


class HealthMeasure(Model):
    """One measure: the value that earns 0 and the value that earns 1, and in between a line."""

    metric: str
    breakdown: str = ""
    window: WindowName = ""
    """The window that ends with the one asked for; empty: that one itself."""
    weight: Annotated[float, Field(gt=0)]
    zero_at: float
    full_at: float

    @model_validator(mode="after")
    def _distances_are_some(self) -> HealthMeasure:
        if self.zero_at == self.full_at:
            message = f"{self.metric}: zero_at and full_at must differ"
            raise ValueError(message)
        return self


class Veto(Model):
    """A measure that alone makes the score 0, beyond a value on one side."""

    metric: str
    breakdown: str = ""
    window: WindowName = ""
    above: float | None = None
    below: float | None = None

    @model_validator(mode="after")
    def _one_side_is_said(self) -> Veto:
        if (self.above is None) == (self.below is None):
            message = f"{self.metric}: say either above or below"
            raise ValueError(message)
        return self


@rule("health")
class HealthRule(Model):
    """The health of a customer: below the share of weights that exist there is no score; vetoes have no weight."""

    coverage_floor: Annotated[float, Field(ge=0, le=1)] = 0.6
    weights: Annotated[tuple[HealthMeasure, ...], Field(min_length=1)]
    vetoes: tuple[Veto, ...] = ()
    valid_from: date

    @model_validator(mode="after")
    def _each_is_named_once(self) -> HealthRule:
        for named in (self.weights, self.vetoes):
            names = [each.metric for each in named]
            if len(set(names)) < len(names):
                message = "a metric is named twice; it is told by its name"
                raise ValueError(message)
        return self
