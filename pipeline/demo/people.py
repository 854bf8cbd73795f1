"""Who works at the demo company, and who serves which client when. Pure.

Every person here is invented. Spans are closed-open: a `to_on` is the first day on which it no longer holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from pipeline.demo.calendar import day_number, last_whole_month
from pipeline.demo.chance import Integers
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

_NAMES = (
    "沈予安 顾明澈 陆知行 韩若溪 程屿 苏怀瑾 叶景初 唐亦凡 温书言 方既白 秦望舒 乔以宁 邵听澜 蒋砚秋 宋清越 谢云舟"
).split()
_TEAMS = (
    ("T1", "华东大客户部", "华东"),
    ("T2", "华南与海外大客户部", "华南"),
    ("T3", "中西部大客户部", "华中"),
)
_PAY_MODES = ("salary", "commission", "equity")

# Owner by client of those with a story: the manager's number, before any hand-over.
_FIRST_OWNERS = {
    1: 1,
    2: 1,
    3: 4,
    4: 3,
    5: 4,
    6: 3,
    7: 5,
    8: 5,
    9: 2,
    10: 4,
    11: 6,
    12: 6,
    13: 8,
    14: 6,
    15: 9,
    16: 8,
    17: 9,
    18: 7,
    19: 5,
    20: 5,
    21: 5,
    22: 6,
    23: 7,
    24: 8,
}
_SHARED, _SHARED_WITH = "A-0002", 2
_TECHNICAL = {
    "A-0001": 2,
    "A-0002": 3,
    "A-0004": 5,
    "A-0007": 3,
    "A-0010": 5,
    "A-0011": 9,
    "A-0013": 7,
    "A-0014": 9,
    "A-0018": 8,
}
_BACKUP = {"A-0002": 5, "A-0004": 1, "A-0006": 5, "A-0011": 8, "A-0012": 8, "A-0018": 9}
_EXECUTIVE = {"A-0002": 4, "A-0004": 4, "A-0011": 1, "A-0014": 7}


@dataclass(frozen=True)
class HandOver:
    """An account that goes from one owner to another; `done_after` are the days until it was handed over, if ever."""

    to_manager: int
    months_ago: int
    done_after: int | None


HAND_OVERS = {
    "A-0004": HandOver(2, 3, 0),
    "A-0014": HandOver(8, 5, 5),
    "A-0027": HandOver(8, 11, 0),
    "A-0031": HandOver(6, 2, None),
}
MANAGER_WHO_HOPES = 7
"""The number of the manager whose forecasts are always too high."""
MOVED_TEAM, _MOVED_FROM = 6, 0
"""The manager who changed teams, and the number of the team before."""


@dataclass(frozen=True)
class Assignment:
    """One manager's part in serving one account."""

    account_id: str
    manager_id: str
    role: str
    share_pct: str
    from_on: date
    to_on: date | None = None
    handed_over_at: str = ""


def manager_id(number: int) -> str:
    """The id of the manager with a running number from 1."""
    return f"M-{number:02d}"


def manager_count(accounts: int) -> int:
    """Five for the clients with a story, nine for a company of sixty, then one for every fifty."""
    if accounts <= 10:
        return 5
    return max(9, accounts // 50)


def hand_over_on(account: str, until: date) -> date:
    """The first day of an account's new owner: the second Monday of its month."""
    first = add_months(last_whole_month(until), -HAND_OVERS[account].months_ago)
    return first + timedelta(days=-first.weekday() % 7 + 7)


def is_handed_over(client: Customer, until: date) -> bool:
    """Whether a client has changed owners; not before it was one."""
    return client.account_id in HAND_OVERS and hand_over_on(client.account_id, until) > client.signed_on


def shared_from(until: date) -> date:
    """The first day of the split: the first Monday of the year before the last whole month's."""
    first = date(last_whole_month(until).year - 1, 1, 1)
    return first + timedelta(days=-first.weekday() % 7)


def assignments(clients: tuple[Customer, ...], until: date) -> tuple[Assignment, ...]:
    """Every assignment, account by account."""
    managers = manager_count(len(clients))
    return tuple(
        assignment
        for number, client in enumerate(clients, 1)
        for assignment in _assignments_of(client, _FIRST_OWNERS.get(number, number % managers + 1), until)
    )


def _assignments_of(client: Customer, owner: int, until: date) -> list[Assignment]:
    if is_handed_over(client, until):
        owners = _handed_over(client, owner, until)
    elif client.account_id == _SHARED:
        owners = _shared(client, owner, until)
    else:
        owners = [Assignment(client.account_id, manager_id(owner), "owner", "1", client.signed_on)]
    return owners + _supporters(client)


def _handed_over(client: Customer, owner: int, until: date) -> list[Assignment]:
    account, over = client.account_id, HAND_OVERS[client.account_id]
    begins = hand_over_on(account, until)
    before = Assignment(
        account, manager_id(owner), "owner", "1", client.signed_on, begins, _done_at(over, begins)
    )
    return [before, Assignment(account, manager_id(over.to_manager), "owner", "1", begins)]


def _done_at(over: HandOver, begins: date) -> str:
    if over.done_after is None:
        return ""
    return f"{(begins + timedelta(days=over.done_after)).isoformat()}T10:30:00+08:00"


def _shared(client: Customer, owner: int, until: date) -> list[Assignment]:
    begins = shared_from(until)
    return [
        Assignment(client.account_id, manager_id(owner), "owner", "1", client.signed_on, begins),
        Assignment(client.account_id, manager_id(owner), "owner", "0.6", begins),
        Assignment(client.account_id, manager_id(_SHARED_WITH), "owner", "0.4", begins),
    ]


def _supporters(client: Customer) -> list[Assignment]:
    roles = (("technical", _TECHNICAL), ("backup", _BACKUP), ("executive", _EXECUTIVE))
    return [
        Assignment(client.account_id, manager_id(of_client[client.account_id]), role, "", client.signed_on)
        for role, of_client in roles
        if client.account_id in of_client
    ]


def owners_at(rows: tuple[Assignment, ...], day: date) -> dict[str, str]:
    """The owner of each account on a day; of several, the one with the greatest share (listed first)."""
    found: dict[str, str] = {}
    for row in rows:
        if row.role == "owner" and row.from_on <= day and (row.to_on is None or day < row.to_on):
            found.setdefault(row.account_id, row.manager_id)
    return found


def owner_numbers(
    rows: tuple[Assignment, ...], clients: tuple[Customer, ...], account: Integers, days: Integers
) -> Integers:
    """The number of each row's owner on its day; of several, the one with the greatest share."""
    position = {client.account_id: at for at, client in enumerate(clients)}
    owned = [row for row in rows if row.role == "owner"]
    first = np.zeros(len(clients), dtype=np.int64)
    for row in reversed(owned):
        first[position[row.account_id]] = int(row.manager_id[2:])
    found: Integers = first[account]
    for before, row in pairwise(owned):
        if row.account_id == before.account_id and row.from_on > before.from_on:
            since = (account == position[row.account_id]) & (days >= day_number(row.from_on))
            found = np.where(since, int(row.manager_id[2:]), found)
    return found


def assignment_rows(rows: tuple[Assignment, ...]) -> Iterator[dict[str, str]]:
    """The `assignments` table."""
    for row in rows:
        yield {
            "account_id": row.account_id,
            "manager_id": row.manager_id,
            "role": row.role,
            "share_pct": row.share_pct,
            "from_on": row.from_on.isoformat(),
            "to_on": row.to_on.isoformat() if row.to_on else "",
            "handed_over_at": row.handed_over_at,
        }


def team_of(manager: int, managers: int) -> int:
    """The team's number (0 …) of a manager: neighbours sit together."""
    return (manager - 1) * team_count(managers) // managers


def team_count(managers: int) -> int:
    """Two teams for five managers, three for nine, then one for every eight."""
    if managers <= 5:
        return 2
    return max(3, managers // 8)


def team_rows(managers: int) -> Iterator[dict[str, str]]:
    """The `teams` table."""
    for number in range(team_count(managers)):
        _, name, region = _TEAMS[number % len(_TEAMS)]
        again = number // len(_TEAMS)
        yield {
            "team_id": f"T{number + 1}",
            "name": f"{name}{again + 1}组" if again else name,
            "region": region,
        }


def manager_rows(managers: int) -> Iterator[dict[str, str]]:
    """The `managers` table; the first of each team leads it."""
    leads: dict[int, int] = {}
    for number in range(1, managers + 1):
        team = team_of(number, managers)
        lead = leads.setdefault(team, number)
        yield {
            "manager_id": manager_id(number),
            "name": _person(number),
            "team_id": f"T{team + 1}",
            "reports_to_id": manager_id(lead) if lead != number else "",
            "hired_on": date(2015 + number * 5 % 8, 1 + number * 7 % 12, 1 + number * 11 % 28).isoformat(),
            "pay_mode": _PAY_MODES[number % 3],
            "base_amount": f"{180_000 + 12_000 * (number * 7 % 11)}.00",
            "currency": "CNY",
            "level": "高级客户经理" if lead == number else "客户经理",
        }


def team_member_rows(managers: int, until: date) -> Iterator[dict[str, str]]:
    """The `team_members` table; in a whole company one manager has changed teams."""
    for number, row in enumerate(manager_rows(managers), 1):
        member = {"manager_id": row["manager_id"], "team_id": row["team_id"], "from_on": row["hired_on"]}
        if number == MOVED_TEAM:
            moved = date(last_whole_month(until).year - 1, 7, 1).isoformat()
            yield {**member, "team_id": f"T{_MOVED_FROM + 1}", "to_on": moved}
            yield {**member, "from_on": moved}
        else:
            yield member


def _person(number: int) -> str:
    again, at = divmod(number - 1, len(_NAMES))
    return f"{_NAMES[at]}{again + 1}" if again else _NAMES[at]
