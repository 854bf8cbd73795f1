"""Matching: windows in which something is due against what was held, one to one, earliest deadline first. Pure."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any


@dataclass(frozen=True)
class Due:
    """One touchpoint due in [from_on, until_on), of any of these kinds (none: of any kind)."""

    line: str
    kinds: tuple[str, ...]
    face_to_face: bool
    from_on: date
    until_on: date
    grace_days: int = 0
    both_sides: bool = False

    @property
    def late_until_on(self) -> date:
        """The first day that is too late even for a late one."""
        return self.until_on + timedelta(days=self.grace_days) if self.until_on < date.max else self.until_on

    def suits(self, activity: Activity) -> bool:
        """Whether an activity is what the line asks for."""
        asked = (activity.is_met or not self.face_to_face) and (activity.is_joint or not self.both_sides)
        return asked and (not self.kinds or activity.kind in self.kinds)


@dataclass(frozen=True)
class Activity:
    """Something held on a day, or called off; `source` is the row that says so.

    `is_met`: face to face; `is_joint`: it is known who was there of both sides.
    """

    day: date
    kind: str
    is_met: bool
    is_cancelled: bool
    source: str
    is_joint: bool = False


def matched(dues: Sequence[Due], activities: Sequence[Activity], until_on: date) -> list[dict[str, Any]]:
    """Each due touchpoint with its state, and the activity that kept it; activities come oldest first.

    First what was held keeps the windows it lies in, as many as can be: an activity that one line took goes to another
    where something else can keep the first. Then what is left over makes up late for a window that was missed, within
    its days of grace, by the same exchange. One activity keeps one window. A window that was called off and not made up
    for is cancelled; one that is not over by `until_on` is open.
    """
    ordered = sorted(dues, key=lambda due: (due.from_on, due.until_on, due.line))
    held = [each for each in activities if not each.is_cancelled]
    called_off = [each for each in activities if each.is_cancelled]
    kept = _as_many_as_can_be(ordered, held, _assigned(ordered, held, {}))
    kept, late = _made_up(ordered, held, kept)
    gone = _assigned(ordered, called_off, kept | late)
    found = {place: held[at] for place, at in (kept | late).items()}
    found |= {place: called_off[at] for place, at in gone.items()}
    return [
        _row(due, _state(place, due, kept, late, gone, until_on), found.get(place))
        for place, due in enumerate(ordered)
    ]


Places = dict[int, int]
"""By the place of a due touchpoint the place of the activity that keeps it."""


def _assigned(dues: Sequence[Due], activities: Sequence[Activity], taken: Places) -> Places:
    """Which activity goes to which due touchpoint: the earliest deadline first, then the narrower line."""
    waiting = [place for place in range(len(dues)) if place not in taken]
    active: list[int] = []
    found: Places = {}
    for at, activity in enumerate(activities):
        while waiting and dues[waiting[0]].from_on <= activity.day:
            active.append(waiting.pop(0))
        active = [place for place in active if activity.day < dues[place].until_on]
        fitting = [place for place in active if dues[place].suits(activity)]
        if fitting:
            best = min(
                fitting, key=lambda place: (dues[place].until_on, not dues[place].kinds, dues[place].line)
            )
            active.remove(best)
            found[best] = at
    return found


def _as_many_as_can_be(dues: Sequence[Due], activities: Sequence[Activity], kept: Places) -> Places:
    """What keeps each window once no exchange would keep one more, the earliest deadline first."""
    for place in _missing(dues, kept):
        span = dues[place].from_on, dues[place].until_on
        kept = _exchanged(place, span, dues, activities, kept, frozenset()) or kept
    return kept


def _made_up(dues: Sequence[Due], activities: Sequence[Activity], kept: Places) -> tuple[Places, Places]:
    """What keeps each window, and what makes up late for those that nothing keeps, the earliest deadline first."""
    late: Places = {}
    for place in _missing(dues, kept):
        span = dues[place].until_on, dues[place].late_until_on
        made = _exchanged(place, span, dues, activities, kept, frozenset(late.values()))
        if made is not None:
            late = {**late, place: made.pop(place)}
            kept = made
    return kept, late


def _missing(dues: Sequence[Due], kept: Places) -> list[int]:
    return sorted((at for at in range(len(dues)) if at not in kept), key=lambda at: (dues[at].until_on, at))


def _exchanged(
    place: int,
    span: tuple[date, date],
    dues: Sequence[Due],
    activities: Sequence[Activity],
    kept: Places,
    spent: frozenset[int],
) -> Places | None:
    """The windows with what keeps them once this one has an activity of the span; None where none can be spared.

    The shortest augmenting path (Berge 1957), found breadth first: who gives an activity up takes another of its window.
    """
    holder = {at: window for window, at in kept.items()}
    wanted_by: dict[int, int] = {}
    asking = [place]
    for window in asking:  # grows by the windows that are asked to give way
        days = span if window == place else (dues[window].from_on, dues[window].until_on)
        for at in _between(activities, *days):
            if at in wanted_by or at in spent or not dues[window].suits(activities[at]):
                continue
            wanted_by[at] = window
            if at not in holder:
                return _along(at, place, wanted_by, kept)
            asking.append(holder[at])
    return None


def _along(at: int, place: int, wanted_by: Places, kept: Places) -> Places:
    """Every window of the path takes the activity that it asked for."""
    made = dict(kept)
    window = wanted_by[at]
    while window != place:
        made[window], at = at, kept[window]
        window = wanted_by[at]
    return {**made, place: at}


def _between(activities: Sequence[Activity], from_on: date, until_on: date) -> range:
    """The places of the activities of a span of days; they come oldest first."""
    low = bisect_left(activities, from_on, key=lambda each: each.day)
    return range(low, bisect_left(activities, until_on, key=lambda each: each.day))


def _state(place: int, due: Due, kept: Places, late: Places, gone: Places, until_on: date) -> str:
    if place in kept:
        return "kept"
    if due.until_on > until_on:
        return "open"
    return "late" if place in late else "cancelled" if place in gone else "missed"


def _row(due: Due, state: str, activity: Activity | None) -> dict[str, Any]:
    return {
        "line": due.line,
        "from_on": due.from_on,
        "until_on": due.until_on,
        "state": state,
        "held_on": activity.day if activity is not None and state in ("kept", "late") else None,
        "source": activity.source if activity is not None and state != "open" else "",
    }
