"""Whether dates can be true: not absurd, and in their order. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd

from pipeline.gate.checks import (
    CheckColumn,
    Surroundings,
    boolean,
    day_number,
    days_since_1970,
    seconds_since_1970,
)
from pipeline.periods import add_months

FIRST_PLAUSIBLE = date(1990, 1, 1)
PLAUSIBLE_MONTHS_AHEAD = 60


def plausible(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether the day lies between 1990 and five years after the as-of date."""
    days = days_since_1970(rows[check.column])
    last = day_number(add_months(around.as_of, PLAUSIBLE_MONTHS_AHEAD))
    return boolean(days.isna() | days.between(day_number(FIRST_PLAUSIBLE), last))


def days_after(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """How many days the date lies after the other one."""
    (other,) = check.arguments
    return days_since_1970(rows[check.column]) - days_since_1970(rows[other])


def seconds_after(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """How many seconds the moment lies after the other one."""
    (other,) = check.arguments
    return seconds_since_1970(rows[check.column]) - seconds_since_1970(rows[other])
