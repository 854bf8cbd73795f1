"""From how many rows the facts of a figure were made: for the sidecar of a document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Any

import numpy as np
import pandas as pd

from pipeline.catalogue import facts_used
from pipeline.engine.evaluate import Breakdown, Facts
from pipeline.engine.quantities import Quantity, Samples
from pipeline.evidence.basis import Access, in_breakdown
from pipeline.facts import FACTS, Fact
from pipeline.metrics import METRICS
from pipeline.periods import Window
from pipeline.policy import Policy, load_policy
from pipeline.resources import built_in


@cache
def _built_in_policy() -> Policy:
    return load_policy(built_in("data"))


class _Tracer:
    """Stands in for an evaluator where only the look-ups matter: answers zeros and notes what was asked."""

    def __init__(self, policy: Policy | None) -> None:
        self.asked: list[Access] = []
        self.fiscal_start = 1
        self._policy = policy

    @property
    def policy(self) -> Policy:
        """The company's policy, else the built-in one: a rule may say which facts are read."""
        return self._policy or _built_in_policy()

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        del kind
        begins = None if fact.kind == "stock" else window.from_on
        self.asked.append(Access(fact.name, begins, window.until_on, breakdown))
        nothing = np.zeros(0, dtype=np.int64)
        if fact.kind == "sample":
            return Samples(nothing, nothing, 1, fact.scale)
        return Quantity.of(np.zeros(1, dtype=np.int64), fact.scale)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        del kind
        self.asked.append(Access(fact.name, None, until_on, breakdown))
        return Quantity.of(np.zeros(1, dtype=np.int64), fact.scale)


def facts_of(
    metric: str,
    window: Window,
    breakdown: str,
    tables: Mapping[str, pd.DataFrame],
    policy: Policy | None = None,
) -> list[dict[str, Any]]:
    """The facts of a plain metric in a window, and from how many of these rows each was made: for a sidecar.

    `tables` holds the fact tables of one subject only. Facts of tables that are not there are left out.
    """
    label, _, value = breakdown.partition("=")
    tracer = _Tracer(policy)
    METRICS.get(metric).measure(Facts(tracer, "customer", window, (label, value)))  # type: ignore[arg-type]
    counts: dict[str, int] = {}
    for access in dict.fromkeys(tracer.asked):
        fact = FACTS.get(access.fact)
        if fact.table in tables:
            rows = in_breakdown(tables[fact.table], access.breakdown)
            counts[fact.name] = counts.get(fact.name, 0) + _rows_counted(fact, rows, access)
    return [{"name": name, "rows": rows} for name, rows in sorted(counts.items())]


def facts_named(
    metric: str, _window: Window, _breakdown: str, _tables: Mapping[str, pd.DataFrame]
) -> list[dict[str, Any]]:
    """The facts of a metric, for the sidecar of a document about many: `explain` counts their rows when it is asked."""
    return [{"name": name, "rows": None} for name in sorted(facts_used(METRICS.get(metric)))]


def _rows_counted(fact: Fact, rows: pd.DataFrame, access: Access) -> int:
    measured = fact.measure(rows)
    counted = measured.notna() if fact.kind == "sample" else (measured != 0).fillna(True)
    day = rows[fact.on]
    until = np.datetime64(access.until_on)
    if fact.kind == "stock":
        holds = (day < until) & (rows[fact.until].isna() | (rows[fact.until] >= until))
        return int((counted & holds).sum())
    return int((counted & (day < until) & (day >= np.datetime64(access.from_on or date.min))).sum())
