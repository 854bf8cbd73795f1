"""Actuals: what the metric that an account plan's objective names says of its account, for tables of the second wave."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.engine.evaluate import Evaluator
from pipeline.engine.readings import adds_up
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Window, add_months, month_start, year_start
from pipeline.policy import Policy

COLUMNS = ("plan_id", "value", "from_on", "until_on", "adds_up", "better")


def actuals(evaluator: Evaluator, plans: pd.DataFrame | None) -> pd.DataFrame:
    """One row for each objective whose metric is one of the catalogue's: its value, and the window it was read over.

    An amount is read over the fiscal year in which the objective is due, a rate or a position over the year to date; of
    an objective whose day has passed up to the end of that month. `value` is not a number where nothing is known.
    """
    rows = list(_read(evaluator, plans)) if plans is not None else []
    evaluator.forget()
    made = pd.DataFrame(rows, columns=list(COLUMNS))
    kinds = {"plan_id": "str", "value": "float64", "adds_up": "bool", "better": "str"}
    days = {name: pd.to_datetime(made[name]).astype("datetime64[s]") for name in ("from_on", "until_on")}
    return made.assign(**days).astype(kinds)


def _read(evaluator: Evaluator, plans: pd.DataFrame) -> Iterator[tuple[Any, ...]]:
    accounts = {name: at for at, name in enumerate(evaluator.subjects["account"].ids)}
    for plan, account, named, due in zip(
        plans["plan_id"], plans["account_id"], plans["metric"], plans["due_on"], strict=True
    ):
        found = measured_by(named, evaluator.policy) if isinstance(named, str) else None
        if found is None or account not in accounts or pd.isna(due):
            continue
        metric, breakdown = found
        window = window_of(due.date(), evaluator.edges.last, evaluator.fiscal_start, adds_up=adds_up(metric))
        if window is None:
            continue
        value = evaluator.measure(metric, "account", window, breakdown).value
        at = accounts[account]
        figure = float(value.floats[at]) if value.known[at] else np.nan
        yield plan, figure, window.from_on, window.until_on, adds_up(metric), metric.better


def measured_by(named: str, policy: Policy) -> tuple[Metric, tuple[str, str]] | None:
    """The metric and breakdown of `otif_orders` or `otif_orders[basis=requested]`; None where the catalogue has none.

    A metric that is told only by a breakdown is read by the one for which policy sets a target, where that is one.
    """
    name, _, rest = named.strip().partition("[")
    metric = METRICS.find(name)
    if metric is None or "account" not in metric.subjects or metric.unit == "text":
        return None
    label, _, value = rest.rstrip("]").partition("=")
    if not rest and "" not in metric.breakdowns:
        aimed = {rule.breakdown for rule in policy.all("target") if rule.metric == name and rule.breakdown}
        label, _, value = next(iter(aimed)).partition("=") if len(aimed) == 1 else ("", "", "")
    return (metric, (label, value)) if label in metric.breakdowns else None


def window_of(due_on: date, until_on: date, fiscal_start: int, *, adds_up: bool) -> Window | None:
    """What an objective due on a day is read over in a run that ends before `until_on`; None before its year begins."""
    until = min(until_on, add_months(month_start(due_on), 1))
    first = year_start(due_on if adds_up else until - timedelta(days=1), fiscal_start)
    return Window("objective", f"{first}", first, until) if first < until else None
