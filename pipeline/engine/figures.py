"""Figures: what metrics said of managers year to date at the end of each month, for tables of the last wave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.engine.evaluate import Evaluator
from pipeline.engine.readings import goals
from pipeline.metrics import METRICS
from pipeline.periods import add_months, window_ending

COLUMNS = ("metric", "breakdown", "manager_id", "until_on", "value", "target", "better")


def figures(evaluator: Evaluator, asked: Sequence[tuple[str, str]]) -> pd.DataFrame:
    """One row per metric, manager and month: the value year to date and what it should reach, in natural units.

    `until_on` is the day after the month ends, or after the as-of date. Not a number where it is not known, or where
    nothing says what should be reached.
    """
    pieces = [piece for metric, breakdown in asked for piece in _of_metric(evaluator, metric, breakdown)]
    evaluator.forget()
    if not pieces:
        return pd.DataFrame({name: pd.Series(dtype=_DTYPES.get(name, "str")) for name in COLUMNS})
    made = pd.concat([pd.DataFrame(piece) for piece in pieces], ignore_index=True)
    return made.astype({name: _DTYPES.get(name, "str") for name in COLUMNS})


_DTYPES = {"until_on": "datetime64[s]", "value": "float64", "target": "float64"}


def _of_metric(evaluator: Evaluator, name: str, breakdown: str) -> Iterator[dict[str, Any]]:
    metric = METRICS.get(name)
    label, _, value = breakdown.partition("=")
    ids = evaluator.subjects["manager"].ids
    for until_on in month_ends(evaluator.edges.first, evaluator.edges.last):
        window = window_ending("ytd", until_on, evaluator.fiscal_start)
        assert window is not None
        found = evaluator.measure(metric, "manager", window, (label, value)).value
        yield {
            "metric": name,
            "breakdown": breakdown,
            "manager_id": np.array(ids, dtype=object),
            "until_on": np.datetime64(until_on, "s"),
            "value": np.where(found.known, found.floats, np.nan),
            "target": goals(metric, breakdown, "manager", window, ids, evaluator.aims),
            "better": metric.better,
        }


def month_ends(first: date, until_on: date) -> Iterator[date]:
    """The day after each month's end, from the month of `first` on; the last is `until_on`, whether or not a month ends."""
    day = first.replace(day=1)
    while day < until_on:
        day = min(add_months(day, 1), until_on)
        yield day
