"""What was promised where a contract says nothing."""

from __future__ import annotations

from datetime import date
from typing import Literal

from pipeline.rules import rule
from pipeline.settings import Model


@rule("service")
class ServiceRule(Model):
    """Promised service where a contract says nothing: hours by clock and the calendar they run in."""

    reply_hours: float
    resolve_hours: float
    green_reply_hours: float
    calendar: Literal["calendar", "business"] = "calendar"
    opens: str = "09:00"
    closes: str = "18:00"
    valid_from: date


@rule("delivery")
class DeliveryRule(Model):
    """When a delivery counts as on time and in full."""

    late_days: int = 0
    early_days: int | None = None
    short_pct: float = 0.0
    valid_from: date
