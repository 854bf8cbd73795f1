"""What a series of months says, by rules: no one writes a headline, and none is bolder than its data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

ENOUGH = 8
"""Below so many known points a series says nothing but its values."""
STREAK = 3


@dataclass(frozen=True)
class Trend:
    """What may be said of a series: runs that end with its last point, and how often the target was reached.

    `months` counts the known points; `met` those that reached the target, None where there is none.
    """

    months: int
    rises: int
    falls: int
    on_target: int
    off_target: int
    met: int | None
    is_best: bool
    is_worst: bool

    @property
    def is_rising(self) -> bool:
        return self.rises >= STREAK

    @property
    def is_falling(self) -> bool:
        return self.falls >= STREAK


def trend(values: Sequence[float | None], reached: Sequence[bool | None]) -> Trend | None:
    """What a series says, higher being better; None below eight known points or where the last is unknown.

    `reached` says of each point whether it reached the target of its own time; None where there was none. A gap ends
    every run.
    """
    known = [value for value in values if value is not None]
    if len(known) < ENOUGH or values[-1] is None:
        return None
    judged = [each for each in reached if each is not None]
    return Trend(
        months=len(known),
        rises=_steps(values, 1),
        falls=_steps(values, -1),
        on_target=_ending(reached, wanted=True),
        off_target=_ending(reached, wanted=False),
        met=sum(judged) if judged else None,
        is_best=known[-1] > max(known[:-1]),
        is_worst=known[-1] < min(known[:-1]),
    )


def _steps(values: Sequence[float | None], sign: int) -> int:
    """How many steps in a row go up (sign 1) or down (−1) at the end of the series."""
    count = 0
    for after, before in zip(reversed(values), list(reversed(values))[1:], strict=False):
        if after is None or before is None or (after - before) * sign <= 0:
            break
        count += 1
    return count


def _ending(reached: Sequence[bool | None], *, wanted: bool) -> int:
    count = 0
    for each in reversed(reached):
        if each is not wanted:
            break
        count += 1
    return count


def ahead(counts: Sequence[int]) -> tuple[int, ...]:
    """How many of ranked counts may be named together: one, two or both, where the next one is smaller."""
    following = [*counts, 0, 0]
    return tuple(size for size in (1, 2) if size <= len(counts) and following[size - 1] > following[size])


def leaders(counts: Sequence[int], total: int) -> int:
    """How many of ranked counts, at most two, stand clear of the rest and make half of the total; 0 where none do."""
    return next((size for size in ahead(counts) if sum(counts[:size]) * 2 >= total), 0)
