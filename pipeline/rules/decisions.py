"""Which figures ask for a decision of those who lead, after how long, and by when it is due."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, get_args

from pydantic import Field

from pipeline.rules import rules
from pipeline.settings import Model

DecisionName = Literal[
    "warning_unowned",
    "risk_without_rescue",
    "overdue_long",
    "moved_without_plan",
    "plan_missing",
    "change_unconfirmed",
    "role_missing",
    "promise_overdue",
    "deal_overdue",
]
DECISIONS: tuple[str, ...] = get_args(DecisionName)
"""The order in which decisions are put forward: what cannot wait comes first."""


@rules("decision")
class DecisionRule(Model):
    """One rule that asks for decisions (G12): the case must have lasted `after_days`; it is due `due_days` after the period."""

    rule: DecisionName
    is_used: bool = True
    after_days: Annotated[int, Field(ge=0)] = 0
    due_days: Annotated[int, Field(ge=1)] = 14
    valid_from: date
