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

    @property
    def late_until_on(self) -> date:
        """The first day that is too late even for a late one."""
        return self.until_on + timedelta(days=self.grace_days) if self.until_on < date.max else self.until_on

    def suits(self, activity: Activity) -> bool:
        """Whether an activity is what the line asks for."""
        return (not self.kinds or activity.kind in self.kinds) and (activity.is_met or not self.face_to_face)


@dataclass(frozen=True)
class Activity:
    """Something held on a day, or called off; `source` is the row that says so."""

    day: date
    kind: str
    is_met: bool
    is_cancelled: bool
    source: str


def matched(dues: Sequence[Due], activities: Sequence[Activity], until_on: date) -> list[dict[str, Any]]:
    """Each due touchpoint with its state, and the activity that kept it; activities come oldest first.

    First what was held keeps the window it lies in, then what is left over makes up late for a window that was
    missed, within its days of grace; a window that has two takes the other where one of them can make up for another.
    One activity keeps one window. A window that was called off and not made up for is cancelled; one that is not over
    by `until_on` is open.
    """
    ordered = sorted(dues, key=lambda due: (due.from_on, due.until_on, due.line))
    held = [each for each in activities if not each.is_cancelled]
    called_off = [each for each in activities if each.is_cancelled]
    kept, late = _made_up(ordered, held, _assigned(ordered, held, {}))
    gone = _assigned(ordered, called_off, kept | late)
    return [
        _row(due, _state(place, due, kept, late, gone, until_on), (kept | late | gone).get(place))
        for place, due in enumerate(ordered)
    ]


def _assigned(
    dues: Sequence[Due], activities: Sequence[Activity], taken: dict[int, Activity]
) -> dict[int, Activity]:
    """Which activity goes to which due touchpoint by place: the earliest deadline first, then the narrower line."""
    waiting = [place for place in range(len(dues)) if place not in taken]
    active: list[int] = []
    found: dict[int, Activity] = {}
    for activity in activities:
        while waiting and dues[waiting[0]].from_on <= activity.day:
            active.append(waiting.pop(0))
        active = [place for place in active if activity.day < dues[place].until_on]
        fitting = [place for place in active if dues[place].suits(activity)]
        if fitting:
            best = min(fitting, key=lambda at: (dues[at].until_on, not dues[at].kinds, dues[at].line, at))
            active.remove(best)
            found[best] = activity
    return found


def _made_up(
    dues: Sequence[Due], activities: Sequence[Activity], assigned: dict[int, Activity]
) -> tuple[dict[int, Activity], dict[int, Activity]]:
    """What keeps each window, and what makes up late for those that nothing keeps, the earliest deadline first."""
    kept: dict[int, Activity] = dict(assigned)
    late: dict[int, Activity] = {}
    missed = sorted((at for at in range(len(dues)) if at not in kept), key=lambda at: (dues[at].until_on, at))
    for place in missed:
        due = dues[place]
        for activity in _between(activities, due.until_on, due.late_until_on):
            if (
                due.suits(activity)
                and (instead := _freed(activity, dues, activities, kept, late)) is not None
            ):
                kept, late = kept | instead, {**late, place: activity}
                break
    return kept, late


def _freed(
    activity: Activity,
    dues: Sequence[Due],
    activities: Sequence[Activity],
    kept: dict[int, Activity],
    late: dict[int, Activity],
) -> dict[int, Activity] | None:
    """What keeps the activity's window instead of it (nothing, where it keeps none); None where it cannot be spared."""
    used = {id(each) for each in (*kept.values(), *late.values())}
    if id(activity) not in used:
        return {}
    for place in (at for at, each in kept.items() if each is activity):
        due = dues[place]
        spare = [each for each in _between(activities, due.from_on, due.until_on) if id(each) not in used]
        fitting = [each for each in spare if due.suits(each)]
        return {place: fitting[0]} if fitting else None
    return None


def _between(activities: Sequence[Activity], from_on: date, until_on: date) -> Sequence[Activity]:
    """The activities of a span of days; they come oldest first."""
    low = bisect_left(activities, from_on, key=lambda each: each.day)
    return activities[low : bisect_left(activities, until_on, key=lambda each: each.day)]


def _state(
    place: int,
    due: Due,
    kept: dict[int, Activity],
    late: dict[int, Activity],
    gone: dict[int, Activity],
    until_on: date,
) -> str:
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
