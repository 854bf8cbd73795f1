"""The service plan: touchpoints and benefits that are due, who serves whom, and the people on both sides."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from pipeline.rules import rule, rules
from pipeline.rules.customers import BandName, ClassName, StageName
from pipeline.settings import Model

ActivityKind = Literal[
    "kickoff", "sync", "visit", "review", "executive_meeting", "training", "demo", "case_study", "event",
    "introduction", "trial", "call",
]  # fmt: skip
BenefitKind = Literal["industry_report", "training", "introduction", "upgrade", "priority"]
RoleName = Literal["owner", "technical", "executive", "backup"]


class PlanLine(Model):
    """One line of the service plan: for whom, and how often; the latest of a name is in force.

    Empty `classes`, `bands` and `stages` mean any. `age_from_months` and `age_until_months` narrow a line to a span of
    the relationship: `once` is due within it, `week` and `two_weeks` count from its first day.
    """

    name: str
    label: str = ""
    label_en: str = ""
    per: Literal["once", "week", "two_weeks", "month", "quarter", "half", "year"]
    count: Annotated[int, Field(ge=0)] = 1
    classes: tuple[ClassName, ...] = ()
    bands: tuple[BandName, ...] = ()
    stages: tuple[StageName, ...] = ()
    age_from_months: Annotated[int, Field(ge=0)] = 0
    age_until_months: Annotated[int, Field(ge=1)] | None = None
    grace_days: Annotated[int, Field(ge=0)] = 14
    """What was done so many days after its window is late, afterwards it is missed."""
    valid_from: date


@rules("plan")
class PlanRule(PlanLine):
    """A touchpoint that is due (B1, B4-B7); empty `kinds` mean any."""

    kinds: tuple[ActivityKind, ...] = ()
    face_to_face: bool = False
    both_sides: bool = False
    """It counts only where the export names who was there of both sides: a manager and a contact."""


@rules("enablement")
class EnablementRule(PlanLine):
    """Something that is due to be given (B10): an issue of insight, a training, an introduction, an upgrade."""

    kinds: tuple[BenefitKind, ...]


@rules("roles")
class RolesRule(Model):
    """Who of ours serves customers of these classes or bands (B1, B2); the latest of a name is in force, no roles end it."""

    name: str
    classes: tuple[ClassName, ...] = ()
    bands: tuple[BandName, ...] = ()
    roles: tuple[RoleName, ...]
    valid_from: date


@rule("contact")
class ContactRule(Model):
    """People on both sides: the time for a hand-over, for a visit to a new contact, and the roles that must be known."""

    handover_hours: float = 24
    visit_days: Annotated[int, Field(ge=0)] = 30
    roles: tuple[str, ...] = ("economic_buyer", "procurement", "business", "technical", "executive")
    valid_from: date
