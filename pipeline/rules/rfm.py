"""How customers are scored by recency, frequency and monetary value, and what the scores together are called."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from pipeline.rules import rule
from pipeline.settings import Model

BEST = 5
"""The highest score; the lowest is 1."""
Score = Annotated[int, Field(ge=1, le=BEST)]
Breaks = tuple[float, float, float, float]


class RfmSegment(Model):
    """A name for customers whose scores lie between two each, borders included, with its words."""

    name: str
    zh: str
    en: str
    recency: tuple[Score, Score]
    value: tuple[Score, Score]

    def fits(self, recency: int, value: int) -> bool:
        """Whether a customer of these scores is of the segment."""
        return self.recency[0] <= recency <= self.recency[1] and self.value[0] <= value <= self.value[1]


@rule("rfm")
class RfmRule(Model):
    """Scores (A6) by fifths of the portfolio where it is large enough, else by fixed breaks, and their segments."""

    scores: Literal["quintiles", "fixed"] = "quintiles"
    quintiles_from: Annotated[int, Field(ge=BEST)] = 25
    recency_days: Breaks
    frequency: Breaks
    monetary_amount: Breaks
    segments: tuple[RfmSegment, ...]
    valid_from: date

    @model_validator(mode="after")
    def _breaks_go_one_way(self) -> RfmRule:
        falls = all(one > other for one, other in pairwise(self.recency_days))
        rises = all(
            one < other
            for breaks in (self.frequency, self.monetary_amount)
            for one, other in pairwise(breaks)
        )
        if not (falls and rises):
            message = "recency_days must fall, frequency and monetary_amount must rise"
            raise ValueError(message)
        return self

    @model_validator(mode="after")
    def _every_score_has_a_segment(self) -> RfmRule:
        for recency in range(1, BEST + 1):
            for value in range(1, BEST + 1):
                if self.segment(recency, value) is None:
                    message = f"no segment for recency {recency} and value {value}"
                    raise ValueError(message)
        return self

    def segment(self, recency: int, value: int) -> RfmSegment | None:
        """The first segment that fits."""
        return next((each for each in self.segments if each.fits(recency, value)), None)
