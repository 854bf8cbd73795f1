"""Which customers are active, what class and band they are of, what stage a relationship is in."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from pipeline.rules import rule
from pipeline.settings import Model


@rule("active")
class ActiveRule(Model):
    """A customer is active on a day that has sales in the months before it."""

    months: int = 12
    valid_from: date


@rule("tier")
class TierRule(Model):
    """Value × potential classes (A3): borders, and by how much one must be passed before the class changes."""

    value_high_share: float = 0.10
    stable_variation: float = 0.25
    growing_industry_pct: float = 0.10
    headroom_share: float = 0.5
    hysteresis: float = 0.10
    valid_from: date


@rule("concentration")
class ConcentrationRule(Model):
    """The share of revenue from which a customer is named as a concentration."""

    customer_pct: float = 0.10
    valid_from: date


BandName = Literal["strategic", "key", "base"]


StageName = Literal["initial", "stable", "deep", "symbiosis"]


ClassName = Literal["core_value", "high_potential", "maintain", "to_optimise", "not_classed"]


class Band(Model):
    """A band of yearly revenue, in the reporting currency, from an amount on."""

    name: BandName
    from_amount: float


@rule("band")
class BandRule(Model):
    """Revenue bands (A4), highest first; below the last one a customer is in none."""

    bands: tuple[Band, ...]
    valid_from: date


class Stage(Model):
    """A stage of a relationship: it begins when the relationship is so many months old."""

    name: StageName
    after_months: Annotated[int, Field(ge=0)]


@rule("lifecycle")
class LifecycleRule(Model):
    """Stages by the age of the relationship (B3), youngest first."""

    stages: tuple[Stage, ...]
    valid_from: date
