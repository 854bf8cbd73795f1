"""Readings: metric × subject × window, one row each, to the letter of the contract."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from pipeline.catalogue import facts_used
from pipeline.engine.evaluate import WHOLE, Breakdown, Evaluator
from pipeline.engine.quantities import REASONS, Measure, Quantity
from pipeline.engine.replays import played
from pipeline.facts import FACTS
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Period, Window, add_months, months_between, shifted, window_ending
from pipeline.policy import Policy
from pipeline.schema import SCALE

TREND_MONTHS = 24
_WORDS = pa.dictionary(pa.int32(), pa.string())
SCHEMA = pa.schema(
    [
        *(
            (name, _WORDS)
            for name in ("subject_kind", "subject_id", "metric", "breakdown", "window", "period")
        ),
        ("from_on", pa.date32()),
        ("until_on", pa.date32()),
        ("value", pa.float64()),
        ("text", _WORDS),
        *((name, _WORDS) for name in ("reason", "unit", "currency")),
        *(
            (name, pa.float64())
            for name in ("numerator", "denominator", "n", "low", "high", "before", "year_ago")
        ),
        ("target", pa.float64()),
        ("coverage", pa.float64()),
        ("verdict", _WORDS),
        ("definition", pa.int16()),
        ("audience", _WORDS),
    ]
)
SORTED_BY = ("metric", "subject_kind", "window", "until_on", "subject_id", "breakdown", "currency")


@dataclass(frozen=True)
class Target:
    """What a metric of a subject (or of every one, where the id is empty) should reach between two days."""

    metric: str
    breakdown: str
    subject_kind: str
    subject_id: str
    from_on: date
    to_on: date | None
    value: float
    near: float
    window: str = ""

    def concerns(self, metric: str, breakdown: str, kind: str) -> bool:
        """Whether it is a target for this metric of subjects of this kind."""
        return (self.metric, self.breakdown) == (metric, breakdown) and self.subject_kind in ("", kind)

    def in_force(self, window: Window) -> bool:
        """Whether it holds on the window's last day, for windows of this kind."""
        ended = self.to_on is not None and self.to_on <= window.last_on
        return self.from_on <= window.last_on and not ended and self.window in ("", window.name)

    def inside(self, window: Window) -> bool:
        """Whether its whole span lies in the window."""
        return self.to_on is not None and window.from_on <= self.from_on and self.to_on <= window.until_on


@dataclass(frozen=True)
class Series:
    """One evaluated metric: the measure of every subject of a kind in a window."""

    metric: Metric
    kind: str
    window: Window
    breakdown: Breakdown
    measure: Measure
    is_trend: bool


def windows_of(metric: Metric, period: Period) -> list[tuple[Window, bool]]:
    """The metric's windows that end on the as-of date, then those of its trend in the months before."""
    made = [(window, False) for window in period.windows() if window.name in metric.windows]
    if metric.trend:
        for back in range(1, TREND_MONTHS + 1):
            until = add_months(period.until_on, -back)
            if (window := window_ending(metric.trend, until, period.fiscal_start)) is not None:
                made.append((window, True))
    return made


def breakdowns_of(metric: Metric, evaluator: Evaluator) -> list[Breakdown]:
    """The breakdown values that occur in the data for a metric, with the whole where the metric is defined on it."""
    return evaluator.once(("breakdowns", metric.name), lambda: _breakdowns(metric, evaluator))


def _breakdowns(metric: Metric, evaluator: Evaluator) -> list[Breakdown]:
    made: list[Breakdown] = []
    for name in metric.breakdowns:
        if not name:
            made.append(WHOLE)
            continue
        used = facts_used(metric)
        found = {each for fact, each in evaluator.sums.cubes if each[0] == name and fact in used}
        named = [FACTS.get(fact).values.get(name, ()) for fact in used]
        made += sorted(found) + [(name, value) for value in dict.fromkeys(itertools.chain(*named))]
    return made


def targets(table: pd.DataFrame | None, policy: Policy) -> list[Target]:
    """Targets of the exports and of policy; the more particular come last and win.

    SettingsError KB-1021 where one names a metric that there is not: it would never be met, and nobody would know.
    """
    made = [
        Target(
            rule.metric,
            rule.breakdown,
            rule.subject_kind,
            "",
            rule.valid_from,
            None,
            rule.value,
            rule.near,
            rule.window,
        )
        for rule in policy.all("target")
    ]
    if table is not None:
        rows: Any = table.sort_values(["from_on", "subject_id"], kind="stable")
        made += [_target(row, policy) for row in rows.itertuples()]
    for each in made:
        METRICS.get(each.metric)
    return made


def _target(row: Any, policy: Policy) -> Target:
    return Target(
        str(row.metric),
        "" if pd.isna(row.breakdown) else str(row.breakdown),
        str(row.subject_kind),
        str(row.subject_id),
        row.from_on.date(),
        None if pd.isna(row.to_on) else row.to_on.date(),
        row.value / SCALE,
        _near(row, policy),
    )


def _near(row: Any, policy: Policy) -> float:
    """How near counts as watch, by policy: the rule for the same breakdown in force when the target begins, else any."""
    breakdown = "" if pd.isna(row.breakdown) else str(row.breakdown)
    rules = [
        rule
        for rule in policy.all("target")
        if rule.metric == row.metric and rule.subject_kind in ("", row.subject_kind)
    ]
    same = [rule for rule in rules if rule.breakdown == breakdown] or rules
    begun = [rule for rule in same if rule.valid_from <= row.from_on.date()] or same
    return float(begun[-1].near) if begun else 0.0


def evaluated(
    metric: Metric, evaluator: Evaluator, period: Period, kinds: Sequence[str] | None = None
) -> Iterator[Series]:
    """A metric over its subjects (of some kinds, or all), windows and breakdowns."""
    chosen = [
        kind for kind in metric.subjects if len(evaluator.subjects[kind]) and (kinds is None or kind in kinds)
    ]
    for kind in chosen:
        yield from (_replayed if metric.kind == "replayed" else _plain)(metric, evaluator, period, kind)


def measurable(metric: Metric, evaluator: Evaluator) -> bool:
    """Whether the exports brought rows for any table that the metric's facts are measured on; else it is left out."""
    tables = {FACTS.get(name).table for name in facts_used(metric)} - {""}
    return any(table in evaluator.sums.starts for table in tables)


def _plain(metric: Metric, evaluator: Evaluator, period: Period, kind: str) -> Iterator[Series]:
    for window, is_trend in windows_of(metric, period):
        for breakdown in breakdowns_of(metric, evaluator):
            measure = evaluator.measure(metric, kind, window, breakdown)
            yield Series(metric, kind, window, breakdown, measure, is_trend)


def _replayed(metric: Metric, evaluator: Evaluator, period: Period, kind: str) -> Iterator[Series]:
    wanted = {window.until_on: (window, is_trend) for window, is_trend in windows_of(metric, period)}
    name = next((window.name for window, _ in wanted.values()), None)
    for window, measure in replay(metric, evaluator, kind, name, period.until_on) if name else ():
        if window.until_on in wanted:
            yield Series(metric, kind, window, WHOLE, measure, wanted[window.until_on][1])


def replay(
    metric: Metric, evaluator: Evaluator, kind: str, name: str, until_on: date
) -> Iterator[tuple[Window, Measure]]:
    """A metric with memory, month by month from the first of data: each month sees what the one before decided."""
    for month in played(metric, evaluator, kind, name, until_on):
        yield month.window, month.measure


def columns_of(
    series: Series, evaluator: Evaluator, aims: list[Target], currency: Any, only: Any = None
) -> dict[str, Any]:
    """The readings of one series, by column. `currency` is one code or one for each subject; `only` a mask of them.

    Left out: subjects about whom nothing is known in a month of the trend, and, in a breakdown, subjects of whom
    no value of it is other than zero and that have no target of their own. Not a number stands for unknown until the rows are written.
    """
    measure, subjects = series.measure, evaluator.subjects[series.kind]
    value = measure.value
    keep = np.ones(len(subjects), dtype=bool) if only is None else np.asarray(only)
    if series.is_trend:
        keep = keep & value.known
    if series.breakdown != WHOLE:
        keep = keep & (_alive(series, evaluator) | _aimed_at(series, evaluator, aims))
    at = np.flatnonzero(keep)
    if not at.size:
        return {}
    ids = np.array(subjects.ids, dtype=object)[at]
    numbers = _taken(value if measure.text is None else None, at)
    aim, near = _aims(series, ids, aims)
    metric, window = series.metric, series.window
    return {
        **{name: _same(each, at.size) for name, each in (
            ("subject_kind", series.kind), ("metric", metric.name), ("breakdown", _printed(series.breakdown)),
            ("window", window.name), ("period", window.period), ("from_on", window.from_on),
            ("until_on", window.until_on), ("unit", metric.unit), ("audience", metric.audience),
        )},
        "subject_id": ids,
        "value": numbers,
        "text": _same(None, at.size) if measure.text is None else np.array(list(measure.text), dtype=object)[at],
        "reason": _REASONS[value.reasons[at]],
        "currency": np.broadcast_to(np.asarray(currency, dtype=object), (len(subjects),))[at],
        **{name: _taken(getattr(measure, name), at) for name in _CONTEXT},
        **{name: _taken(_other(series, evaluator, name), at) for name in ("before", "year_ago")},
        "target": aim,
        "verdict": verdicts(numbers, aim, near, metric.better),
        "definition": np.full(at.size, metric.definition, dtype=np.int16),
    }  # fmt: skip


_REASONS = np.array(REASONS, dtype=object)
_CONTEXT = ("numerator", "denominator", "n", "low", "high", "coverage")


def _same(value: Any, count: int) -> Any:
    return np.full(count, value, dtype=object)


def _printed(breakdown: Breakdown) -> str:
    return "=".join(breakdown) if breakdown != WHOLE else ""


def _taken(quantity: Quantity | None, at: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    if quantity is None:
        return np.full(at.size, np.nan)
    return np.where(quantity.known[at], quantity.floats[at], np.nan)


def _other(series: Series, evaluator: Evaluator, which: str) -> Quantity | None:
    """The same measure in the window before, or a year earlier; a metric with memory has none."""
    if series.metric.kind == "replayed":
        return None
    months = months_between(series.window) if which == "before" else 12
    window = shifted(series.window, -months, evaluator.fiscal_start)
    return evaluator.measure(series.metric, series.kind, window, series.breakdown).value


def _alive(series: Series, evaluator: Evaluator) -> npt.NDArray[np.bool_]:
    """The subjects with a value other than zero in some value of the breakdown, in this window."""
    window = series.window
    key = ("alive", series.metric.name, series.kind, window.from_on, window.until_on, series.breakdown[0])
    return evaluator.once(key, lambda: _living(series, evaluator))


def _living(series: Series, evaluator: Evaluator) -> npt.NDArray[np.bool_]:
    made = np.zeros(len(evaluator.subjects[series.kind]), dtype=bool)
    for breakdown in breakdowns_of(series.metric, evaluator):
        if breakdown[0] == series.breakdown[0]:
            value = evaluator.measure(series.metric, series.kind, series.window, breakdown)
            made |= value.value.known & (value.value.floats != 0)
            if value.n is not None:
                made |= value.n.floats > 0
    return made


def _aimed_at(series: Series, evaluator: Evaluator, aims: list[Target]) -> npt.NDArray[np.bool_]:
    """The subjects with a target of their own for this breakdown: a zero against a target is worth saying."""
    breakdown = _printed(series.breakdown)
    mine = {
        each.subject_id
        for each in aims
        if each.subject_id and each.concerns(series.metric.name, breakdown, series.kind)
    }
    ids = evaluator.subjects[series.kind].ids
    return np.array([name in mine for name in ids], dtype=bool) if mine else np.zeros(len(ids), dtype=bool)


ADDITIVE = frozenset({"money", "count", "quantity"})
"""Units of flows, whose targets add up: three months' make a quarter's."""


def adds_up(metric: Metric) -> bool:
    """Whether targets of parts of a window make the window's; of a rate or a position the last day's target holds."""
    return metric.unit in ADDITIVE and all(FACTS.get(name).kind != "stock" for name in facts_used(metric))


def _aims(series: Series, ids: Any, aims: list[Target]) -> tuple[Any, Any]:
    """The target of each subject for the window, and the distance that still counts as near; both of months add up."""
    aim, near = np.full(ids.size, np.nan), np.zeros(ids.size)
    breakdown = _printed(series.breakdown)
    mine = [each for each in aims if each.concerns(series.metric.name, breakdown, series.kind)]
    if not mine:
        return aim, near
    spans = [each for each in mine if adds_up(series.metric) and each.to_on is not None]
    for target in mine:
        if target not in spans and target.in_force(series.window):
            at = _of_target(target, ids)
            aim[at], near[at] = target.value, target.near
    for subject in sorted({each.subject_id for each in spans}):
        inside = [each for each in spans if each.subject_id == subject and each.inside(series.window)]
        days = sum((each.to_on - each.from_on).days for each in inside if each.to_on is not None)
        if inside and days == series.window.days:
            at = _of_target(inside[0], ids)
            aim[at], near[at] = sum(each.value for each in inside), sum(each.near for each in inside)
    return aim, near


def _of_target(target: Target, ids: Any) -> Any:
    return np.ones(ids.size, dtype=bool) if not target.subject_id else ids == target.subject_id


def verdicts(value: Any, aim: Any, near: Any, better: str) -> Any:
    """good: the target is reached; watch: missed by no more than `near`; bad: missed by more; none: no target."""
    made = np.full(np.size(value), "none", dtype=object)
    judged = ~np.isnan(value) & ~np.isnan(aim) & (better != "none")
    short = np.where(better == "lower", value - aim, aim - value)[judged]
    made[judged] = np.where(
        short <= _ROUNDING, "good", np.where(short <= near[judged] + _ROUNDING, "watch", "bad")
    )
    return made


_ROUNDING = 1e-12
"""Two floats this near are the same figure."""


def table_of(columns: list[dict[str, Any]]) -> pa.Table:
    """The readings of a metric in the order of the contract's key, so that no order of work shows."""
    joined = {name: np.concatenate([each[name] for each in columns]) for name in SCHEMA.names}
    order = (
        pd.DataFrame({name: joined[name] for name in SORTED_BY})
        .sort_values(list(SORTED_BY), kind="stable")
        .index
    )
    arrays = [_array(joined[field.name][order], field.type) for field in SCHEMA]
    return pa.Table.from_arrays(arrays, schema=SCHEMA)


def _array(values: Any, kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, type=pa.string()).dictionary_encode().cast(kind)
    return pa.array(values, type=kind, from_pandas=True)
