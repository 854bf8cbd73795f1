"""The statistics of early warning. Pure; every function looks only at what lies before the point it judges.

Series are rows and points in time are columns, NaN where nothing was reported. All of it is one-sided: the point
judged is compared with lower values being worse, so what must not rise is handed over with its sign turned.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Codes = npt.NDArray[np.int64]

NORMAL = 0.6745
"""The 75 % point of the normal distribution: MAD ÷ 0.6745 estimates a standard deviation (Iglewicz and Hoaglin 1993)."""


def middle(values: Floats) -> Floats:
    """The median along the last axis, NaN left out; NaN where nothing is left."""
    if not values.shape[-1]:
        return np.full(values.shape[:-1], np.nan)
    ordered = np.sort(values, axis=-1)
    count = (~np.isnan(values)).sum(axis=-1)
    low, high = (
        np.take_along_axis(ordered, at[..., None], axis=-1)[..., 0]
        for at in (np.maximum(count - 1, 0) // 2, count // 2 * (count > 0))
    )
    return np.where(count > 0, (low + high) / 2, np.nan)


@dataclass(frozen=True)
class Expectation:
    """What each series was expected to be at one point, from its own past alone."""

    level: Floats
    spread: Floats
    """MAD of the past around its expectation, widened for what a few seasons leave uncertain; 0: all the same."""
    seasons: Codes
    """How often the point's own season was seen before."""
    points: Codes
    """How many clean points the past has."""


def expected(past: Floats, seasons: Codes, season: int) -> Expectation:
    """What to expect of the next point, which lies in `season`; `past` is series × points, NaN where not clean.

    From the second time on that a season has been seen its effect, the median of what it differed from the level,
    is taken out of the past and put onto the expectation. Of a season seen once before, the lower of the level and
    that one point is expected: it excuses as much as it explained then. With n seasons the effect was fitted to the
    very points that the spread is measured on, so the spread is widened by √((n + 1) ÷ (n − 1)).

    Source: medians for month effects and MAD for spread, Iglewicz and Hoaglin, How to Detect and Handle Outliers,
    1993; the widening is the ratio of the standard errors of a new and a fitted residual of a group mean.
    """
    level = middle(past)
    effects, seen = _effects(past, seasons, level)
    residual = past - level[:, None] - effects[:, seasons]
    own = past[:, seasons == season]
    count = (~np.isnan(own)).sum(axis=1)
    once = np.where(count == 1, np.fmin(level, middle(own)), level)
    widened = np.where(count > 1, np.sqrt((count + 1) / np.maximum(count - 1, 1)), 1.0)
    spread = middle(np.abs(residual)) * widened
    known = effects[:, season] if season < effects.shape[1] else np.zeros(len(past))
    return Expectation(np.where(count > 1, level + known, once), spread, count.astype(np.int64), seen)


def _effects(past: Floats, seasons: Codes, level: Floats) -> tuple[Floats, Codes]:
    """By how much each season differed from the level, 0 where it was seen less than twice; and all points counted."""
    count = int(seasons.max(initial=0)) + 1
    effects = np.zeros((len(past), count))
    for season in range(count):
        own = past[:, seasons == season]
        twice = (~np.isnan(own)).sum(axis=1) > 1
        effects[twice, season] = (middle(own) - level)[twice]
    return effects, (~np.isnan(past)).sum(axis=1).astype(np.int64)


def robust_score(values: Floats, level: Floats, spread: Floats) -> Floats:
    """M = 0.6745 · (x − expected) ÷ MAD; NaN where the spread is 0 or not known.

    Source: Iglewicz and Hoaglin 1993 (modified z-score, |M| > 3.5)
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        score: Floats = np.where(spread > 0, NORMAL * (values - level) / spread, np.nan)
    return score


def smoothed(before: Floats, scores: Floats, weight: float, zone: float, most: float) -> Floats:
    """The EWMA after one more score: nearer to zero than the zone is zero, and no single score counts more than `most`.

    A score that is not known leaves it as it was.

    Source: Roberts 1959, Control Chart Tests Based on Geometric Moving Averages
    """
    clipped = np.clip(scores, -most, most)
    beyond = np.sign(clipped) * np.maximum(np.abs(clipped) - zone, 0)
    return np.where(np.isnan(scores), before, (1 - weight) * before + weight * beyond)


def drift_limit(weight: float, widths: float) -> float:
    """How low the EWMA may get: so many of its own standard deviations, √(λ ÷ (2 − λ)) of that of one score."""
    return float(widths * np.sqrt(weight / (2 - weight)))


def lowest_by_chance(before: int, lowest: int) -> float:
    """The chance that the `lowest` newest of all points are the lowest ones, where their order is chance alone. Exact."""
    return 1 / comb(before + lowest, lowest)


def more_than_before(recent: int, before: int, share: float) -> float:
    """The chance of at least `recent` of `recent + before` events in a span that is `share` of the time. Exact.

    Source: conditional test of two Poisson rates, Przyborowski and Wilenski 1940
    """
    count = recent + before
    return float(
        sum(
            comb(count, each) * share**each * (1 - share) ** (count - each)
            for each in range(recent, count + 1)
        )
    )


def discoveries(chances: Floats, rate: float) -> Flags:
    """Which of a family of exact p-values stand out, so that the share of false ones among them stays below `rate`.

    Source: Benjamini and Hochberg 1995
    """
    order = np.argsort(chances, kind="stable")
    within = chances[order] <= rate * np.arange(1, chances.size + 1) / max(chances.size, 1)
    last = np.flatnonzero(within).max(initial=-1)
    found = np.zeros(chances.size, dtype=np.bool_)
    found[order[: last + 1]] = True
    return found


def longest_gaps(gaps: Floats, threshold: float, least: int, remembered: int) -> Floats:
    """How long each next gap may get, from the gaps before it; `gaps` are those of one account, oldest first.

    The limit lies `threshold` robust standard deviations above the middle, measured on cube roots: the cube root of
    a gamma variable is nearly normal, so it fits regular and irregular accounts alike. It is never below the longest
    gap remembered: of an account that orders in bursts the middle says little. Entry i is the limit of the gap behind
    gap i; NaN before there are `least` gaps. No more than `remembered` gaps count.

    Source: Wilson and Hilferty 1931; Iglewicz and Hoaglin 1993
    """
    if not gaps.size:
        return np.zeros(0)
    padded = np.concatenate([np.full(remembered - 1, np.nan), np.cbrt(gaps)])
    windows = np.lib.stride_tricks.sliding_window_view(padded, remembered)
    level = middle(windows)
    spread = middle(np.abs(windows - level[:, None]))
    enough = np.arange(1, gaps.size + 1) >= least
    longest = np.fmax.reduce(windows, axis=1)
    return np.where(enough, np.fmax(level + threshold * spread / NORMAL, longest) ** 3, np.nan)
