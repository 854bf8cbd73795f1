"""When the demo's managers met or spoke to their clients, were to and did not, or will. Pure.

What is promised comes round every so many months; of what was not held some was cancelled and some never arranged.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.calendar import Month, date_of, day_number, last_whole_month
from pipeline.demo.chance import Flags, Integers, Keys
from pipeline.demo.columns import Columns, chosen, days, flags, labels
from pipeline.demo.contacts import contact_count
from pipeline.demo.customers import Customer
from pipeline.demo.tables import Names, contact_ids
from pipeline.demo.world import World, drawn_rows, is_served
from pipeline.periods import add_months

KINDS = (
    "visit",
    "review",
    "executive_meeting",
    "training",
    "call",
    "sync",
    "demo",
    "introduction",
    "case_study",
)
STATUSES = ("held", "cancelled", "planned")
_HELD, _CANCELLED, _PLANNED = range(3)
_PROMISED: tuple[Callable[[Customer], int], ...] = (
    lambda client: client.visit_every,
    lambda client: client.review_every,
    lambda client: client.executive_every,
    lambda client: client.training_every,
)
"""Months between promised touchpoints of the first kinds."""
_IN_PERSON = np.array([100, 45, 100, 70, 0, 0, 30, 40, 10], dtype=np.int64)
_FREE_WEIGHTS = (52, 30, 8, 5, 5)
_FREE_MONTHS = 24
"""Calls and the like are kept that long."""
_SAID = ("已确认下月交付排期", "跟进备件到货", "讨论扩容方案", "复盘上月工单", "确认培训名单", "")

_HAPPENED, _CALLED_OFF, _NEVER_ARRANGED, _MOVED = range(4)
_FATES = {"missed": _NEVER_ARRANGED, "cancelled": _CALLED_OFF, "moved": _MOVED}
_Part = tuple[Integers, Keys, Integers, Integers, Integers]

# account, kind, months ago: what became of it
_TOLD = {
    ("A-0011", 0, 4): "missed",
    ("A-0011", 0, 7): "cancelled",
    ("A-0011", 0, 9): "moved",
}


@dataclass(frozen=True)
class Touchpoints:
    """Aligned columns, one entry a touchpoint."""

    year: int
    account: Integers
    number: Integers
    key: Keys
    kind: Integers
    status: Integers
    held_on: Integers


def touchpoints_of(world: World, month: Month, first_number: int) -> Touchpoints:
    """The month's touchpoints in the order of their days, those of an unfinished month to its end."""
    parts = [_promised(world, month, kind) for kind in range(len(_PROMISED))]
    parts.append(_free(world, month))
    account, key, kind, status, day = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    sequence = np.lexsort((key, account, day))
    return Touchpoints(
        year=month.year,
        account=account[sequence],
        number=first_number + np.arange(account.size, dtype=np.int64),
        key=key[sequence],
        kind=kind[sequence],
        status=np.where(day > world.until, _PLANNED, status)[sequence],
        held_on=day[sequence],
    )


def _promised(world: World, month: Month, kind: int) -> _Part:
    """Account, key, kind, status and day of the touchpoints of one kind that fall due in a month."""
    every = world.column(_PROMISED[kind])
    clients = np.arange(every.size, dtype=np.int64)
    phase = world.chance.below(f"phase {kind}", world.chance.keys("phase", clients), np.maximum(every, 1))
    serving = np.array([is_served(client, month) for client in world.clients])
    due = serving & (every > 0) & ((month.number + phase) % np.maximum(every, 1) == 0)
    account = np.flatnonzero(due).astype(np.int64)
    key = world.chance.keys("touchpoint", account, np.array([month.number * 10 + kind], dtype=np.int64))
    fate = _fates(world, month, kind, account, key)
    day = _days(world, month, account, key)
    again = np.flatnonzero(fate == _MOVED)
    kept = np.flatnonzero(fate != _NEVER_ARRANGED)
    status = np.where(fate == _HAPPENED, _HELD, _CANCELLED)
    return (
        np.concatenate([account[kept], account[again]]),
        np.concatenate([key[kept], key[again] + np.uint64(1)]),
        np.full(kept.size + again.size, kind, dtype=np.int64),
        np.concatenate([status[kept], np.full(again.size, _HELD, dtype=np.int64)]),
        np.concatenate([day[kept], np.minimum(day[again] + 5, month.last_on)]),
    )


def _fates(world: World, month: Month, kind: int, account: Integers, key: Keys) -> Integers:
    """Held, called off, never arranged, or called off and held later in the month."""
    missed = world.column(lambda client: client.missed_percent)[account]
    fate = np.where(
        world.chance.happens("missed", key, missed),
        _CALLED_OFF + world.chance.below("how missed", key, 3),
        _HAPPENED,
    )
    told = [_TOLD.get((world.clients[at].account_id, kind, month.ago), "") for at in account.tolist()]
    for position, what in enumerate(told):
        if what:
            fate[position] = _FATES[what]
    return fate


def _days(world: World, month: Month, account: Integers, key: Keys) -> Integers:
    """Working days, early enough for a second try in the same month."""
    after = add_months(date_of(month.first_on), 1)
    days_ = world.workdays.within(month.first_on, day_number(after) - 1)
    drawn = days_[world.chance.below("touch day", key, max(days_.size - 6, 1))]
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    return np.maximum(drawn, signed)


def _free(world: World, month: Month) -> _Part:
    """Calls and the like, which nobody promised; nothing of them is planned ahead."""
    amount = 1 if month.ago < _FREE_MONTHS else 0
    account, key = drawn_rows(world, month, "touch", lambda client: client.monthly_touches * amount)
    working = world.workdays.within(month.first_on, month.last_on)
    if not working.size:
        account, key, working = account[:0], key[:0], np.array([month.first_on], dtype=np.int64)
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    day = working[world.chance.below("touch day", key, working.size)]
    kind = len(_PROMISED) + world.chance.one_of("free kind", key, _FREE_WEIGHTS)
    held = np.zeros(account.size, dtype=np.int64)
    return account, key, kind, held, np.minimum(np.maximum(day, signed), month.last_on)


def touchpoint_columns(names: Names, world: World, touched: Touchpoints, owners: Integers) -> Columns:
    """The `activities` table."""
    chance, is_held = world.chance, touched.status == _HELD
    known = world.column(contact_count)[touched.account]
    return {
        "activity_id": labels("AT", touched.year, touched.number, 5),
        "account_id": names.of_accounts(touched.account),
        "manager_id": chosen(names.managers, owners - 1),
        "contact_id": contact_ids(touched.account, chance.below("touched", touched.key, known)),
        "kind": chosen(KINDS, touched.kind),
        "held_on": days(touched.held_on),
        "status": chosen(STATUSES, touched.status),
        "is_face_to_face": flags(_in_person(world, touched)),
        "outcome": chosen(
            _SAID,
            chance.below("said", touched.key, len(_SAID)),
            is_held & chance.happens("noted", touched.key, 40),
        ),
    }


def _in_person(world: World, touched: Touchpoints) -> Flags:
    return world.chance.happens("in person", touched.key, _IN_PERSON[touched.kind])


# The first three months: account, kind, days since signing, status
_BEGINNINGS: tuple[tuple[str, str, int, str], ...] = (
    ("A-0010", "kickoff", 3, "held"),
    ("A-0010", "sync", 4, "held"),
    ("A-0010", "sync", 16, "held"),
    ("A-0010", "sync", 25, "held"),
    ("A-0010", "review", 37, "held"),
    ("A-0010", "review", 51, "held"),
    ("A-0010", "review", 65, "held"),
    ("A-0010", "review", 79, "held"),
    ("A-0010", "review", 93, "planned"),
    ("A-0010", "training", 44, "held"),
    ("A-0023", "kickoff", 5, "cancelled"),
    ("A-0023", "sync", 3, "held"),
    ("A-0023", "sync", 10, "held"),
    ("A-0023", "sync", 17, "held"),
    ("A-0023", "sync", 24, "held"),
    ("A-0023", "review", 39, "held"),
    ("A-0023", "review", 60, "planned"),
)


def beginning_rows(
    clients: tuple[Customer, ...], owners: dict[str, str], until: date
) -> Iterator[dict[str, str]]:
    """Activities of the clients that have just begun: kick-off, syncs and reviews, one week's sync forgotten."""
    by_id = {client.account_id: client for client in clients}
    year = last_whole_month(until).year % 100
    for number, (account, kind, since, status) in enumerate(_BEGINNINGS, 1):
        if account in by_id:
            yield {
                "activity_id": f"AT-{year:02d}-B{number:03d}",
                "account_id": account,
                "manager_id": owners[account],
                "contact_id": f"C-{int(account[2:]):04d}-1",
                "kind": kind,
                "held_on": (by_id[account].signed_on + timedelta(days=since)).isoformat(),
                "status": status,
                "is_face_to_face": "true" if kind in {"kickoff", "training"} else "false",
                "outcome": "",
            }


def visits(world: World, account: str, months: int) -> dict[str, str]:
    """What became of a client's promised visit in each of the last whole months, for one that promises it monthly."""
    position = next(at for at, client in enumerate(world.clients) if client.account_id == account)
    found: dict[str, str] = {}
    for month in world.months:
        if 0 <= month.ago < months:
            touched = touchpoints_of(world, month, 1)
            own = (touched.account == position) & (touched.kind == 0)
            status = {STATUSES[status] for status in touched.status[own].tolist()}
            found[date_of(month.first_on).isoformat()[:7]] = _became(status)
    return found


def _became(statuses: set[str]) -> str:
    if "held" in statuses:
        return "kept, moved" if "cancelled" in statuses else "kept"
    return "cancelled" if "cancelled" in statuses else "missed"
