"""Movements of class: which customers a run found in another class than when its longest window began."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.context import Context
from pipeline.periods import window_ending
from pipeline.press.run_lines import Gettext, Names

_METRICS = ("class_move", "class_before", "customer_class", "class_border")
_WINDOWS = ("year", "half", "quarter", "month")
_MOVES = ("down", "left", "up", "new")
"""What is shown, what needs a person first."""


@dataclass(frozen=True)
class Movement:
    """A customer whose class is another than when the window began. Codes of metrics; None where none is known."""

    customer_id: str
    move: str
    before: str | None
    now: str | None
    border: str | None


def movements_of(context: Context) -> tuple[list[Movement] | None, str]:
    """Who changed class in the longest window that the run closes, and that window's period."""
    period = context.period
    windows = [window_ending(name, period.until_on, period.fiscal_start) for name in _WINDOWS]
    longest = next((window for window in windows if window), None)
    if longest is None or not (context.run / "readings.parquet").is_file():
        return None, ""
    said = _texts(context.run, longest.name, period.until_on)
    if not said:
        return None, ""
    return moved(said), longest.period


def _texts(run: Path, window: str, until_on: date) -> dict[str, dict[str, str]]:
    """What the metrics of movement say of each customer: customer → metric → text."""
    wanted = (
        (pc.field("subject_kind") == "customer")
        & pc.field("metric").isin(_METRICS)
        & (pc.field("until_on") == until_on)
        & pc.field("window").isin([window, "t12m"])
    )
    columns = ["subject_id", "metric", "text"]
    found: dict[str, dict[str, str]] = {}
    for row in pq.read_table(run / "readings.parquet", columns=columns, filters=wanted).to_pylist():
        if row["text"]:
            found.setdefault(row["subject_id"], {})[row["metric"]] = row["text"]
    return found


def moved(said: Mapping[str, Mapping[str, str]]) -> list[Movement]:
    """The customers that moved, those that went down first."""
    found = [
        Movement(
            name,
            texts["class_move"],
            texts.get("class_before"),
            texts.get("customer_class"),
            texts.get("class_border"),
        )
        for name, texts in said.items()
        if texts.get("class_move") in _MOVES
    ]
    return sorted(found, key=lambda each: (_MOVES.index(each.move), each.customer_id))


def in_words(_: Gettext, each: Movement, names: Names) -> dict[str, str | None]:
    """A movement as the page tells it; None where the class or the border is not known."""
    moves = {
        "down": _("moved down"),
        "up": _("moved up"),
        "new": _("newly buying"),
        "left": _("no longer buying"),
    }
    classes = {
        "core_value": _("Core value"),
        "high_potential": _("High potential"),
        "maintain": _("Maintain"),
        "to_optimise": _("To optimise"),
        "not_classed": _("Not classed"),
    }
    borders = {
        "value": _("volume of sales"),
        "outlook": _("steadiness of sales"),
        "potential": _("potential"),
        "pain_point": _("pain point"),
    }
    return {
        "customer_id": each.customer_id,
        "name": names.get(("customer", each.customer_id), each.customer_id),
        "sign": {"down": "↓", "up": "↑", "new": "+", "left": "−"}[each.move],
        "move": moves[each.move],
        "before": classes.get(each.before or "", each.before),
        "now": classes.get(each.now or "", each.now),
        "border": borders.get(each.border or "", each.border),
    }
