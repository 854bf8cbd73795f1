"""Stated facts: figures said of a subject itself (the target of a team, the market of an industry), by subject."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.cube import Contributions, Setting, day_number, in_currency
from pipeline.engine.exact import Integers
from pipeline.engine.fx import Rates
from pipeline.engine.ownership import days_of
from pipeline.engine.quantities import Quantity, reason_code
from pipeline.facts import Fact

_FAR = 4_000_000


@dataclass(frozen=True)
class Statements:
    """The rows of a stated fact, in the reporting currency: whose, from when until when, how much, known or not."""

    kind: npt.NDArray[Any]
    subject: npt.NDArray[Any]
    day: Integers
    until: Integers
    value: Integers
    reasons: npt.NDArray[np.int8]
    labels: Mapping[str, npt.NDArray[Any]] = field(default_factory=dict)
    """By the columns that the fact adds up over, what each row has there."""

    def inside(
        self, fact: Fact, from_on: date | None, until_on: date, breakdown: tuple[str, str] = ("", "")
    ) -> npt.NDArray[np.bool_]:
        """Which rows count in a window: those that fall into it, or those that hold on its last day."""
        until = day_number(until_on)
        chosen = (
            self.labels[breakdown[0]] == breakdown[1] if breakdown[0] else np.ones(self.day.size, dtype=bool)
        )
        if fact.until:
            return np.asarray(chosen & (self.day < until) & (self.until >= until))
        return np.asarray(chosen & (self.day >= day_number(from_on or date.min)) & (self.day < until))

    def values_of(self, name: str) -> set[str]:
        """What the rows have in a column."""
        return {each for each in self.labels.get(name, ()) if isinstance(each, str)}


def statements(fact: Fact, rows: pd.DataFrame, setting: Setting) -> Statements:
    """The rows of a stated fact's table, measured and converted at the rate of their day."""
    measured = fact.measure(rows)
    count = len(rows)
    day = days_of(rows[fact.on], _FAR)
    value = measured.to_numpy(dtype=np.int64, na_value=0)
    known = measured.notna().to_numpy()
    money = fact.unit == "money" and "currency" in rows.columns
    currency = (
        rows["currency"].fillna(setting.currency).to_numpy(dtype=object)
        if money
        else np.full(count, "", dtype=object)
    )
    nobody = np.zeros(count, dtype=np.int64)
    nothing = np.full(count, "", dtype=object)
    whole = np.ones(count, dtype=np.int64)
    lines = Contributions(np.arange(count), nobody, nobody, nothing, currency, day, day, value, known, whole)
    target = np.full(count, setting.currency, dtype=object)
    amounts, reasons = in_currency(lines, target, day, _rates(fact, setting))
    return Statements(
        rows["subject_kind"].to_numpy(dtype=object),
        rows["subject_id"].to_numpy(dtype=object),
        day,
        days_of(rows[fact.until], _FAR) if fact.until else day,
        amounts,
        reasons,
        {name: rows[name].to_numpy(dtype=object) for name in fact.by},
    )


def _rates(fact: Fact, setting: Setting) -> Rates:
    return setting.closing_rates if fact.until else setting.flow_rates


def of_subjects(
    found: Statements | None,
    fact: Fact,
    kind: str,
    ids: tuple[str, ...],
    span: tuple[date, date],
    breakdown: tuple[str, str] = ("", ""),
) -> Quantity:
    """What is stated of every subject of a kind in a window; not known where nothing is."""
    values = np.zeros(len(ids), dtype=np.int64)
    reasons = np.full(len(ids), reason_code("no_data"), dtype=np.int8)
    if found is None:
        return Quantity(values, fact.scale, reasons)
    rows = np.flatnonzero(found.inside(fact, *span, breakdown) & (found.kind == kind))
    at = pd.Index(list(ids)).get_indexer(pd.Index(found.subject[rows]))
    rows, at = rows[at >= 0], at[at >= 0]
    np.add.at(values, at, found.value[rows])
    reasons[at] = 0
    np.maximum.at(reasons, at, found.reasons[rows])
    return Quantity(values, fact.scale, reasons)
