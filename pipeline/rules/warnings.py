"""When a warning is raised, what to do about it and who does it; and when a past one is said to have come true."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from pipeline.rules import rule, rules
from pipeline.settings import Model

WarningName = Literal[
    "sales_drop",
    "usage_drop",
    "payment_delay",
    "order_gap",
    "change_rate",
    "change_unconfirmed",
    "handover_late",
    "contact_unvisited",
    "single_threaded",
    "no_backup",
    "no_technical",
    "competitor",
]
Side = Literal["owner", "lead", "technical", "executive"]
Month = Annotated[int, Field(ge=1, le=12)]


@rules("warning")
class WarningRule(Model):
    """One rule of early warning. Which of the terms below it has depends on what it looks at."""

    rule: WarningName
    is_used: bool = True
    threshold: Annotated[float, Field(gt=0)] = 3.5
    """Robust standard deviations from what was expected."""
    points: Annotated[int, Field(ge=3)] = 8
    """Points of clean history (months, or gaps between orders) before anything is judged."""
    least_change: Annotated[float, Field(ge=0)] = 0
    """The smallest difference that matters: a share of what was expected, or days."""
    least_amount: Annotated[float, Field(ge=0)] = 0
    """Money below which nothing is raised, in the reporting currency: a year's sales, or what is paid late."""
    least_count: Annotated[int, Field(ge=1)] = 1
    """How many changes in the span, or contacts at the account."""
    chance: Annotated[float, Field(gt=0, lt=1)] = 0.05
    """The share of false discoveries allowed among exact p-values."""
    days: Annotated[int, Field(ge=0)] = 0
    """The days until it is raised, or the span that is looked at."""
    open_days: Annotated[int, Field(ge=1)] = 365
    """Days after which it is over where nothing says so."""
    kinds: tuple[str, ...] = ()
    """Kinds of sighting that count."""
    puts_at_risk: bool = True
    """Whether the customer's business counts as at risk while it holds; a gap on our side alone is no risk of its own."""
    owner: Side = "owner"
    """Who acts: the account's owner on the day, or the one with that role; the team's lead stands above the owner."""
    play: str
    play_en: str
    valid_from: date


@rule("baseline")
class BaselineRule(Model):
    """How a series is compared with its own past."""

    drift: Annotated[float, Field(gt=0)] = 3.0
    """Standard deviations of the EWMA from which a slow drift counts."""
    weight: Annotated[float, Field(gt=0, le=1)] = 0.2
    zone: Annotated[float, Field(ge=0)] = 0.5
    """Scores nearer to zero are no drift."""
    lasting: Annotated[int, Field(ge=1)] = 2
    """Months in a row before a warning is raised, and before it is over."""
    settled: Annotated[int, Field(ge=2)] = 12
    """Months after which what a warning was about has become usual."""
    together: Annotated[int, Field(ge=1)] = 3
    """Months of sales that are judged as one."""
    remembered: Annotated[int, Field(ge=3)] = 36
    """Gaps between orders that are remembered."""
    joined_months: tuple[Month, ...] = (1, 2)
    """Calendar months between which a feast moves: they are compared together only."""
    valid_from: date


@rule("back_test")
class BackTestRule(Model):
    """What past warnings are held to, and how many false ones there may be."""

    horizon_days: Annotated[int, Field(ge=1)] = 180
    """A warning has come true where the loss shows within so many days."""
    loss_share: Annotated[float, Field(gt=0, lt=1)] = 0.3
    """The loss: sales of half a year are lower by this share than in the same half a year before."""
    loss_amount: Annotated[float, Field(ge=0)] = 200_000
    """And by at least so much, in the reporting currency."""
    late_days: Annotated[int, Field(ge=1)] = 60
    """Or money is overdue by more than so many days …"""
    late_amount: Annotated[float, Field(ge=0)] = 50_000
    """… and it is at least so much, in the reporting currency."""
    budget_account_years: Annotated[float, Field(gt=0)] = 20
    """One false warning in so many years of an account is accepted."""
    valid_from: date
