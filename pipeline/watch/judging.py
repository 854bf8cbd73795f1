"""Judging series point by point: when a warning is raised, since when it was so, and when it is over. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from pipeline.watch.statistics import Codes, Flags, Floats, drift_limit, expected, robust_score, smoothed

Enough = Callable[[Floats, Floats], Flags]
"""From the values and what was expected: whether they differ by so much that it matters."""
_GROUNDS = ("level", "drift", "count")
_NOT_OPEN = -1


@dataclass(frozen=True)
class Limits:
    """When a point is outside, and how long it must stay so."""

    threshold: float = 3.5
    """Robust standard deviations below what was expected."""
    drift: float = 3.0
    """Standard deviations of the EWMA; the drift of a series."""
    weight: float = 0.2
    zone: float = 0.5
    """Scores nearer to zero do not count as drift."""
    points: int = 8
    """Clean points from which a series is judged."""
    lasting: int = 2
    """Points in a row that must be outside before a warning, and inside before it is over."""
    settled: int = 12
    """Points after which what a warning was about has become usual."""


@dataclass(frozen=True)
class Alarm:
    """One warning about one series; points are columns."""

    series: int
    since: int
    raised: int
    until: int | None
    """The point at which it was over; None while it holds."""
    score: float
    """How far outside the point was at which it was raised, in units of the limit: 1 is just outside."""
    observed: float
    expected: float
    seasons: int
    points: int
    ground: str
    """level, drift, or count where all of the past is the same."""


def alarms(values: Floats, seasons: Codes, limits: Limits, matters: Enough) -> list[Alarm]:
    """Every warning about these series, oldest first by series; `values` is series × points, NaN where not reported.

    A point is judged by the clean points before it: those that belong to no warning. It is outside where it lies
    below its expectation by more than the threshold, or the EWMA of such scores below its limit; where all of the past
    is the same, so that no spread can be measured, where it is lower than every point before. Nothing that comes later
    changes what was raised, since when, and how far outside it was.
    """
    watch = _Watch(values, seasons, limits, matters)
    for at in range(values.shape[1]):
        watch.move_on(at)
    return sorted([*watch.over, *watch.open.values()], key=lambda each: (each.series, each.raised))


@dataclass(frozen=True)
class _Point:
    """One point of every series, judged."""

    known: Flags
    outside: Flags
    score: Floats
    expected: Floats
    seasons: Codes
    points: Codes
    ground: Codes


class _Watch:
    """What is remembered of each series between two points."""

    def __init__(self, values: Floats, seasons: Codes, limits: Limits, matters: Enough) -> None:
        self.values, self.seasons, self.limits, self.matters = values, seasons, limits, matters
        count = len(values)
        self.clean = np.zeros(values.shape, dtype=np.bool_)
        self.drift = np.zeros(count)
        self.outside = np.zeros(count, dtype=np.int64)
        self.inside = np.zeros(count, dtype=np.int64)
        self.since = np.full(count, _NOT_OPEN, dtype=np.int64)
        self.raised = np.full(count, _NOT_OPEN, dtype=np.int64)
        self.open: dict[int, Alarm] = {}
        self.over: list[Alarm] = []

    def move_on(self, at: int) -> None:
        """Judge one more point of every series, and begin and end warnings by it."""
        point = self._judged(at)
        begins = point.outside & (self.outside == 0) & (self.raised == _NOT_OPEN)
        self.since = np.where(begins, at, self.since)
        self.outside = np.where(point.known, np.where(point.outside, self.outside + 1, 0), self.outside)
        self.inside = np.where(point.known, np.where(point.outside, 0, self.inside + 1), self.inside)
        lasts = point.outside & (self.raised == _NOT_OPEN) & (self.outside >= self.limits.lasting)
        for series in np.flatnonzero(lasts).tolist():
            self._raise(series, at, point)
        quiet = self.raised == _NOT_OPEN
        self.clean[:, at] = quiet & ~point.outside & ~np.isnan(self.values[:, at])
        for series in np.flatnonzero(
            quiet & point.known & ~point.outside & (self.since != _NOT_OPEN)
        ).tolist():
            self._forgive(series, at)
        for series in sorted(self.open):
            self._end(series, at)

    def _judged(self, at: int) -> _Point:
        """How one point compares with the clean points before it."""
        limits, now = self.limits, self.values[:, at]
        past = np.where(self.clean[:, :at], self.values[:, :at], np.nan)
        usual = expected(past, self.seasons[:at], int(self.seasons[at]))
        known = ~np.isnan(now) & (usual.points >= limits.points)
        score = np.where(known, robust_score(now, usual.level, usual.spread), np.nan)
        self.drift = smoothed(self.drift, score, limits.weight, limits.zone, limits.threshold + limits.zone)
        by_level = score / -limits.threshold
        by_drift = np.where(known, -self.drift / drift_limit(limits.weight, limits.drift), np.nan)
        lowest = known & (usual.spread == 0) & (now < np.fmin.reduce(past, axis=1, initial=np.inf))
        ground = np.where(lowest, 2, np.where(np.nan_to_num(by_drift) > np.nan_to_num(by_level), 1, 0))
        strongest = np.where(lowest, 1.0, np.fmax(by_level, by_drift))
        outside = known & (strongest >= 1) & self.matters(now, usual.level)
        return _Point(known, outside, strongest, usual.level, usual.seasons, usual.points, ground)

    def _raise(self, series: int, at: int, point: _Point) -> None:
        self.open[series] = Alarm(
            series, int(self.since[series]), at, None, float(point.score[series]), float(self.values[series, at]),
            float(point.expected[series]), int(point.seasons[series]), int(point.points[series]),
            _GROUNDS[int(point.ground[series])],
        )  # fmt: skip
        self.raised[series] = at

    def _forgive(self, series: int, at: int) -> None:
        """Points outside that did not last belong to the usual after all."""
        first = int(self.since[series])
        self.clean[series, first:at] = ~np.isnan(self.values[series, first:at])
        self.since[series] = _NOT_OPEN

    def _end(self, series: int, at: int) -> None:
        """End a warning that is back inside for long enough, or so old that this is the usual now."""
        alarm = self.open[series]
        is_back = self.inside[series] >= self.limits.lasting
        is_usual = at - alarm.raised >= self.limits.settled
        if not (is_back or is_usual):
            return
        self.over.append(replace(self.open.pop(series), until=at))
        if is_usual and not is_back:
            self.clean[series, : alarm.since] = False
            self.clean[series, alarm.since : at + 1] = ~np.isnan(self.values[series, alarm.since : at + 1])
        self.drift[series] = 0.0
        self.outside[series] = 0
        self.since[series] = self.raised[series] = _NOT_OPEN
