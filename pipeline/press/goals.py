"""A customer's goals as pages tell them: where each began, stands and should be, and what may be said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press.printing import NOT_KNOWN, Printed, grouped, half_up
from pipeline.press.slices import Reading
from pipeline.press.view import View
from pipeline.schema import SCALE

STATES = ("reached", "short", "failed", "expired", "unmeasured", "no_target")
"""What is said of a goal; only the first three are a judgement."""
_MOST_PLACES = 4


@dataclass(frozen=True)
class Goal:
    """One goal on the last day of the document's window.

    `rows` are its measurements up to then, the baseline first: (day, value in the goal's own unit).
    """

    number: str
    outcome_id: str
    title: str
    unit: str
    better: str
    baseline: Reading
    now: Reading
    target: Reading
    progress: Reading
    baseline_on: date | None
    measured_on: date
    state: str
    rows: tuple[tuple[date, float], ...]

    @property
    def is_reached(self) -> bool:
        """Whether it stands at its target or better, by evidence fresh or not."""
        return self.progress.value is not None and self.progress.value >= 1

    @property
    def places(self) -> int:
        """How many decimals its values are printed with."""
        values = [each.value for each in (self.baseline, self.now, self.target) if each.value is not None]
        return decimals(values)


def decimals(values: Sequence[float]) -> int:
    """The fewest decimals that say these values exactly; where two are not enough, the fewest that keep them apart."""
    exact = [Decimal(repr(value)) for value in values]
    for places in range(_MOST_PLACES + 1):
        shown = [half_up(value, places) for value in exact]
        is_exact = shown == exact
        is_apart = places >= 2 and len(set(shown)) == len(set(exact))
        if is_exact or is_apart:
            return places
    return _MOST_PLACES


def goals_of(view: View) -> tuple[Goal, ...]:
    """The customer's goals: those judged by their progress, best first, then those that cannot be judged."""
    rows = up_to(view.rows("goals"), view)
    unvalued = _claimed_without_amount(view)
    found = [
        _goal(view, group.sort_values("from_on"), is_unvalued=str(number) in unvalued)
        for number, group in rows.groupby("goal", sort=True)
    ]
    return tuple(sorted(found, key=_order))


def up_to(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    """The rows that begin before the window ends."""
    return rows[rows["from_on"] < np.datetime64(view.window.until_on)] if len(rows) else rows


def in_force(rows: pd.DataFrame, view: View) -> pd.DataFrame:
    """The rows that hold on the window's last day."""
    last = np.datetime64(view.window.until_on - timedelta(days=1))
    begun = up_to(rows, view)
    return begun[begun["until_on"].isna() | (begun["until_on"] > last)] if len(begun) else begun


def _claimed_without_amount(view: View) -> set[str]:
    numbers = {str(each) for each in in_force(view.rows("value_claims"), view)["goal"]}
    return {each for each in numbers if not view.reading("claim_value", f"goal={each}").is_known}


def _order(goal: Goal) -> tuple[int, float, int]:
    is_judged = goal.state in ("reached", "short", "failed")
    return 0 if is_judged else 1, -(goal.progress.value or 0.0), int(goal.number)


def _goal(view: View, rows: pd.DataFrame, *, is_unvalued: bool) -> Goal:
    last = records(rows)[-1]
    number = str(last["goal"])
    progress = view.reading("goal_progress", f"goal={number}")
    return Goal(
        number=number,
        outcome_id=str(last["outcome_id"]),
        title=text_of(last["title"]),
        unit=text_of(last["unit"]),
        better=text_of(last["better"]),
        baseline=view.reading("goal_baseline", f"goal={number}"),
        now=view.reading("goal_now", f"goal={number}"),
        target=view.reading("goal_target", f"goal={number}"),
        progress=progress,
        baseline_on=day_of(last["baseline_on"]),
        measured_on=pd.Timestamp(last["from_on"]).date(),
        state=_state(view, last, progress.value, is_unvalued=is_unvalued),
        rows=tuple(
            (pd.Timestamp(day).date(), int(value) / SCALE)
            for day, value in zip(rows["from_on"], rows["value"], strict=True)
        ),
    )


def _state(view: View, last: Mapping[str, Any], progress: float | None, *, is_unvalued: bool) -> str:
    """Short of the target is failed where nothing was gained, or where the claim on it counts for nothing."""
    if not last["is_measured"]:
        return "unmeasured"
    if pd.Timestamp(last["expires_on"]).date() < view.window.until_on:
        return "expired"
    if progress is None:
        return "no_target"
    if progress >= 1:
        return "reached"
    return "failed" if progress <= 0 or is_unvalued else "short"


def records(rows: pd.DataFrame) -> list[Mapping[str, Any]]:
    """The rows of a table as mappings from column to cell."""
    return [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]


def text_of(value: object) -> str:
    """A cell of text; empty where it is."""
    return value if isinstance(value, str) else ""


def day_of(value: object) -> date | None:
    """A cell of a date column."""
    return None if pd.isna(value) else pd.Timestamp(value).date()  # type: ignore[arg-type,call-overload]


# Printing


def in_own_unit(value: float | None, places: int) -> Printed:
    """A goal's value as a bare number; its unit stands beside the goal's name."""
    if value is None:
        return NOT_KNOWN
    digits = grouped(half_up(value, places))
    return Printed(digits, "", digits)


def with_unit(view: View, number: str, unit: str) -> str:
    """A number and a unit from the data as they stand in a sentence."""
    is_sign = bool(unit) and not unit[0].isalnum()
    return f"{number}{unit}" if view.is_han or is_sign or not unit else f"{number} {unit}"


def unit_line(view: View, goal: Goal) -> str:
    """The goal's unit and which direction is better."""
    _ = view.gettext
    way = _("lower is better") if goal.better == "lower" else _("higher is better")
    return _("{unit}, {way}").format(unit=goal.unit, way=way) if goal.unit else way


def progress_printed(view: View, reading: Reading) -> Printed:
    """The way gone in per cent, with as many decimals as keep a goal that is short below 100."""
    if reading.value is None:
        return NOT_KNOWN
    short = reading.value < 1
    places = next((each for each in (1, 2, 3) if not short or half_up(reading.value * 100, each) < 100), 4)
    return view.printer.printed(reading.value, "share", decimals=places)


def chip_of(view: View, state: str) -> tuple[str, str]:
    """How a goal's state is marked, and its word."""
    _ = view.gettext
    return {
        "reached": ("met", _("Reached")),
        "short": ("near", _("On the way")),
        "failed": ("missed", _("Not achieved")),
        "expired": ("near", _("Expired")),
        "unmeasured": ("unknown", _("Not measured")),
        "no_target": ("unknown", _("No target")),
    }[state]
