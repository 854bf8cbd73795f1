"""Weighted scores."""

from __future__ import annotations

from datetime import date

from pipeline.rules import rule, rules
from pipeline.settings import Model


class ScoreWeight(Model):
    """One measure of a weighted score, with the value that earns 0 and the value that earns 1."""

    metric: str
    breakdown: str = ""
    weight: float
    zero_at: float
    full_at: float


@rules("score")
@rule("identification")
class ScoreRule(Model):
    """A weighted score: its measures and the coverage below which there is no score."""

    name: str
    weights: tuple[ScoreWeight, ...]
    coverage_floor: float = 0.6
    valid_from: date
