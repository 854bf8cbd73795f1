"""The scorecard plan: which measures make the weighted score of those who serve accounts, and what each weighs."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from pipeline.errors import SettingsError
from pipeline.rules import rule
from pipeline.settings import Model

Perspective = Literal["finance", "customer", "process", "development"]
PERSPECTIVES: tuple[Perspective, ...] = ("finance", "customer", "process", "development")
_WHOLE = Decimal(100)


class ScorecardMeasure(Model):
    """One measure: what it weighs in percent, and how far from its target it still earns something.

    Attainment is the value over the target, or the target over the value where less is better. At `floor` and below
    it earns nothing, at the target all of its weight, above it up to `cap` times that. `target` holds where none is set
    for the subject in `targets.toml` or the exports; `step` is what one step better means, in the measure's unit.
    """

    perspective: Perspective
    metric: str
    breakdown: str = ""
    window: Literal["month", "ytd", "t12m"] = "ytd"
    weight: Annotated[Decimal, Field(gt=0)]
    target: Annotated[float, Field(gt=0)] | None = None
    floor: Annotated[float, Field(ge=0, lt=1)] = 0.0
    cap: Annotated[float, Field(ge=1, le=1.5)] = 1.0
    step: Annotated[float, Field(gt=0)] | None = None


@rule("scorecard")
class ScorecardRule(Model):
    """The measures of the weighted score, and the share of weights that must be measured for there to be one.

    SettingsError KB-1060 where the weights are not 100 % together, KB-1061 where a measure stands twice.
    """

    name: str
    name_en: str = ""
    measures: tuple[ScorecardMeasure, ...]
    coverage_floor: Annotated[float, Field(gt=0, le=1)] = 0.6
    valid_from: date

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        total = sum((each.weight for each in self.measures), Decimal(0))
        if total != _WHOLE:
            raise SettingsError(
                where=self._place,
                what=f"the weights add up to {total} %",
                fix="make them exactly 100; each weight is in percent",
                code="KB-1060",
            )
        return self

    @model_validator(mode="after")
    def _counts_once(self) -> Self:
        names = [each.metric for each in self.measures]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise SettingsError(
                where=self._place,
                what=f"counts {', '.join(twice)} twice",
                fix="name each measure once, whatever its breakdown or window",
                code="KB-1061",
            )
        return self

    @property
    def _place(self) -> str:
        return f"policy [[scorecard]] {self.name!r} from {self.valid_from}"
