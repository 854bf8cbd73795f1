"""What counts as whitespace, and when one product suggests another."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, field_validator

from pipeline.rules import rule
from pipeline.settings import Model

Attribute = Literal["industry", "band"]


@rule("whitespace")
class WhitespaceRule(Model):
    """Whitespace (G8): where peers are sought, and how many must stand behind a potential or a suggestion."""

    segments: tuple[tuple[Attribute, ...], ...]
    peers_from: Annotated[int, Field(ge=1)] = 3
    smallest_amount: Annotated[float, Field(ge=0)] = 0
    together_from: Annotated[int, Field(ge=1)] = 3
    confidence_from: Annotated[float, Field(ge=0, le=1)] = 0.3
    lift_above: Annotated[float, Field(ge=0)] = 1.0
    most_suggestions: Annotated[int, Field(ge=1)] = 3
    valid_from: date

    @field_validator("segments")
    @classmethod
    def _some_segment(cls, segments: tuple[tuple[Attribute, ...], ...]) -> tuple[tuple[Attribute, ...], ...]:
        if not segments:
            message = "name at least one, [] for the whole portfolio"
            raise ValueError(message)
        return segments
