"""Standings: what each customer was (its class, its band) and from which day on, for tables of the second wave."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import pandas as pd

from pipeline.engine.evaluate import Evaluator
from pipeline.metrics import METRICS
from pipeline.periods import add_months, window_ending

COLUMNS = ("customer_id", "metric", "text", "from_on")


def standings(evaluator: Evaluator, metrics: Sequence[str]) -> pd.DataFrame:
    """One row for each change of what a metric of words says of a customer, in force from `from_on` on.

    It is known on the day after a month ends; a customer of whom nothing is known any more has no text from then on.
    """
    pieces = [_changes(evaluator, name) for name in metrics]
    if not pieces:
        pieces = [pd.DataFrame({name: pd.Series(dtype="str") for name in COLUMNS})]
    return pd.concat(pieces, ignore_index=True)


def _changes(evaluator: Evaluator, name: str) -> pd.DataFrame:
    metric = METRICS.get(name)
    ids = np.array(evaluator.subjects["customer"].ids, dtype=object)
    before = np.full(ids.size, None, dtype=object)
    pieces = []
    for day in _month_ends(evaluator):
        window = window_ending(metric.windows[0], day, evaluator.fiscal_start)
        said = evaluator.measure(metric, "customer", window).text if window else None
        now = np.array(said, dtype=object) if said is not None else np.full(ids.size, None, dtype=object)
        changed = np.flatnonzero(now != before)
        pieces.append(_rows(ids[changed], name, now[changed], day))
        before = now
    evaluator.forget()
    return pd.concat(pieces, ignore_index=True) if pieces else _rows(ids[:0], name, ids[:0], date.min)


def _month_ends(evaluator: Evaluator) -> Iterator[date]:
    day = evaluator.edges.first
    while day < evaluator.edges.last:
        day = min(add_months(day, 1), evaluator.edges.last)
        yield day


def _rows(ids: np.ndarray, metric: str, texts: np.ndarray, day: date) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "customer_id": pd.Series(ids, dtype="str"),
            "metric": pd.Series(metric, index=range(ids.size), dtype="str"),
            "text": pd.Series(texts, dtype="str"),
            "from_on": pd.Series(np.datetime64(day, "s"), index=range(ids.size), dtype="datetime64[s]"),
        }
    )
