"""Modules in use: what each was used in the window, against its own usual; what may be proposed from that. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from pipeline.press.excerpts import excerpt
from pipeline.press.printing import Printed
from pipeline.press.slices import Reading
from pipeline.press.svg import MM
from pipeline.press.view import View
from pipeline.schema import SCALE

MOST_MODULES = 6
IDLE_BELOW, FULL_FROM = 0.70, 0.95
"""Shares of the seats in use below which fewer are enough, and from which more are needed."""
LOW_BELOW, HIGH_FROM = 0.90, 1.15
"""Use against the usual below which something is in its way, and from which the module outgrows it."""
_SCALED_FROM = 100_000
_LONGEST_NAME = 70 * MM


@dataclass(frozen=True)
class Module:
    """One product and measure in the window, its last months, and its name in the data."""

    key: str
    name: str
    measure: str
    used: Reading
    level: Reading
    seats: Reading
    months: tuple[Reading, ...]
    usual: tuple[float | None, ...]
    idle: int | None
    """Seats paid for and not in use in the last month told; None where that is not known."""
    is_fed: bool
    """Whether every month of the window was told of."""


def modules(view: View) -> list[Module]:
    """The modules with a feed in the last twelve months, those used most of their seats first, then by name."""
    rows = view.rows("usage_months")
    rows = rows[rows["month_on"] < pd.Timestamp(view.window.until_on)] if len(rows) else rows
    found = (
        [_module(view, str(key), own) for key, own in rows.groupby("module", sort=True)] if len(rows) else []
    )
    told = [each for each in found if each.used.is_known or any(month.is_known for month in each.months)]
    return sorted(told, key=lambda each: (-(each.seats.denominator or 0.0), each.name, each.measure))


def _module(view: View, key: str, rows: pd.DataFrame) -> Module:
    named = f"module={key}"
    last = rows[rows["month_on"] == rows["month_on"].max()].iloc[-1]
    in_window = rows[rows["month_on"] >= pd.Timestamp(view.window.from_on)]
    product = str(last["product_name"]) if isinstance(last["product_name"], str) else ""
    months = view.trend("usage_quantity", named)
    return Module(
        key=key,
        name=excerpt(product or str(last["product_id"]), _LONGEST_NAME, 1, view.ink),
        measure=excerpt(str(last["measure"]), _LONGEST_NAME, 1, view.ink),
        used=view.reading("usage_quantity", named),
        level=view.reading("usage_level", named),
        seats=view.reading("seats_active_share", named),
        months=months,
        usual=tuple(_usual(rows, each) for each in months),
        idle=_idle(rows),
        is_fed=bool(in_window["is_fed"].astype(bool).all()),
    )


def _usual(rows: pd.DataFrame, month: Reading) -> float | None:
    """What was usual for all accounts of the customer in a month; None where that of one is not known."""
    own = rows[rows["month_on"] == pd.Timestamp(month.from_on)]["usual_quantity"]
    return None if own.empty or own.isna().any() else int(own.sum()) / SCALE


def _idle(rows: pd.DataFrame) -> int | None:
    own = rows[rows["month_on"] == rows["month_on"].max()]
    if own["seats"].isna().any() or own["active_seats"].isna().any():
        return None
    return max(int(own["seats"].sum() - own["active_seats"].sum()) // SCALE, 0)


def proposal(module: Module) -> str:
    """Which proposal follows from a module's figures: feed, low, idle, full, high, or none."""
    if not module.is_fed:
        return "feed"
    level, seats = module.level.value, module.seats.value
    if level is not None and level < LOW_BELOW:
        return "low"
    if seats is not None and seats < IDLE_BELOW:
        return "idle"
    if seats is not None and seats >= FULL_FROM:
        return "full"
    return "high" if level is not None and level >= HIGH_FROM else "none"


def quantities(view: View, values: Sequence[float | None]) -> tuple[list[Printed], str]:
    """Quantities of one chart in one scale: whole numbers, from a hundred thousand on in 万 or k; with its name."""
    largest = max((abs(value) for value in values if value is not None), default=0.0)
    if largest < _SCALED_FROM:
        return [view.printer.printed(value, "quantity") for value in values], ""
    scaled, _unit = view.printer.common_money([value or 0.0 for value in values], "")
    unit = scaled[0].unit.strip()
    return [
        view.printer.printed(None, "quantity")
        if value is None
        else Printed(each.number, unit, f"{each.number}{unit}")
        for value, each in zip(values, scaled, strict=True)
    ], unit
