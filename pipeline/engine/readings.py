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

from pipeline.catalogue import facts_used
from pipeline.engine.cube import first_edge
from pipeline.engine.evaluate import WHOLE, Breakdown, Evaluator
from pipeline.engine.quantities import Measure
from pipeline.engine.replays import played
from pipeline.facts import FACTS
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Period, Window, add_months, window_ending
from pipeline.policy import Policy
from pipeline.schema import SCALE

TREND_MONTHS = 24


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
        stated = [(fact, each) for fact, each in evaluator.sums.statements.items() if fact in used]
        found |= {(name, value) for _fact, each in stated for value in each.values_of(name)}
        named = [FACTS.get(fact).values.get(name, ()) for fact in used]
        if metric.parts is not None:
            named.append(metric.parts(evaluator.policy, evaluator.edges.last))
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
            if is_trend and not _heard_of(metric, breakdown, evaluator, window.until_on):
                continue
            measure = evaluator.measure(metric, kind, window, breakdown)
            yield Series(metric, kind, window, breakdown, measure, is_trend)


def _heard_of(metric: Metric, breakdown: Breakdown, evaluator: Evaluator, until_on: date) -> bool:
    """Whether a value found in the data had occurred by then: what comes up later adds nothing to a past month."""
    begins: dict[Breakdown, int] = evaluator.once(("begins", metric.name), lambda: _begins(metric, evaluator))
    at = evaluator.edges.at(until_on)
    return at is None or begins.get(breakdown, 0) <= at


def _begins(metric: Metric, evaluator: Evaluator) -> dict[Breakdown, int]:
    """The first edge at which there was anything of each breakdown value found in the data; past the last: nothing."""
    used, fixed = facts_used(metric), {name for fact in facts_used(metric) for name in FACTS.get(fact).values}
    made: dict[Breakdown, int] = {}
    for (fact, breakdown), cube in evaluator.sums.cubes.items():
        if fact in used and breakdown[0] in metric.breakdowns and breakdown[0] not in ("", *fixed):
            first = first_edge(cube)
            made[breakdown] = min(first, made.get(breakdown, first))
    return made


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


def printed(breakdown: Breakdown) -> str:
    """A breakdown as readings name it, e.g. `unit=kg`; empty for the whole."""
    return "=".join(breakdown) if breakdown != WHOLE else ""


def alive(series: Series, evaluator: Evaluator) -> npt.NDArray[np.bool_]:
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


ADDITIVE = frozenset({"money", "count", "quantity"})
"""Units of flows, whose targets add up: three months' make a quarter's."""


def adds_up(metric: Metric) -> bool:
    """Whether targets of parts of a window make the window's; of a rate or a position the last day's target holds."""
    return metric.unit in ADDITIVE and all(FACTS.get(name).kind != "stock" for name in facts_used(metric))


def goals_of(
    series: Series, ids: Sequence[str], at: npt.NDArray[np.int64], aims: Sequence[Target]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """The target of each of the subjects for the window, and the distance that still counts as near."""
    aim, near = _goals(series.metric, printed(series.breakdown), series.kind, series.window, ids, aims)
    return aim[at], near[at]


def goals(
    metric: Metric, breakdown: str, kind: str, window: Window, ids: Sequence[str], aims: Sequence[Target]
) -> npt.NDArray[np.float64]:
    """What a metric of each subject should reach in a window; not a number where nothing is said."""
    return _goals(metric, breakdown, kind, window, ids, aims)[0]


def _goals(
    metric: Metric, breakdown: str, kind: str, window: Window, ids: Sequence[str], aims: Sequence[Target]
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """What a metric of each subject should reach in a window (not a number where nothing is said), and what is near.

    A target of the subject itself comes before one of all; those of flows add up where they fill the window.
    """
    aim, near = np.full(len(ids), np.nan), np.zeros(len(ids))
    mine: dict[str, list[Target]] = {}
    for each in aims:
        if each.concerns(metric.name, breakdown, kind):
            mine.setdefault(each.subject_id, []).append(each)
    place: dict[str, Any] = {name: at for at, name in enumerate(ids)} if mine else {}
    for subject, theirs in sorted(mine.items()):
        at = place.get(subject) if subject else slice(None)
        found = None if at is None else _goal(theirs, window, is_sum=adds_up(metric))
        if found is not None:
            aim[at], near[at] = found
    return aim, near


def _goal(theirs: Sequence[Target], window: Window, *, is_sum: bool) -> tuple[float, float] | None:
    """The sum of the targets that fill the window; else the last one in force on its last day."""
    spans = [each for each in theirs if is_sum and each.to_on is not None]
    inside = [each for each in spans if each.inside(window)]
    days = sum((each.to_on - each.from_on).days for each in inside if each.to_on is not None)
    if inside and days == window.days:
        return sum(each.value for each in inside), sum(each.near for each in inside)
    in_force = [each for each in theirs if not (is_sum and each.to_on is not None) and each.in_force(window)]
    return (in_force[-1].value, in_force[-1].near) if in_force else None
