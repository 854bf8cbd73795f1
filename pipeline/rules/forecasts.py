"""Which forecasts and how many answers count."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field

from pipeline.rules import rule
from pipeline.settings import Model


@rule("forecast")
class ForecastRule(Model):
    """The forecast that counts: the last one made at least so many months before its month begins."""

    lag_months: Annotated[int, Field(ge=0)] = 1
    fewest_periods: Annotated[int, Field(ge=2)] = 6
    """Months from which on a tracking signal is told."""
    valid_from: date


@rule("survey")
class SurveyRule(Model):
    """The number of answers below which a score is not told."""

    fewest_answers: Annotated[int, Field(ge=1)] = 5
    valid_from: date
