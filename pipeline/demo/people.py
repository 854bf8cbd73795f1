"""Who works at the demo company, who serves which client when, and whom they meet there. Pure.

Every person here is invented. Spans are closed-open: a `to_on` is the first day on which it no longer holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise

import numpy as np

from pipeline.demo.calendar import day_number, last_whole_month
from pipeline.demo.chance import Chance, Integers
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
_FIRST_OWNERS = {1: 1, 2: 1, 3: 4, 4: 3, 5: 4, 6: 3, 7: 5, 8: 5, 9: 2, 10: 4}
_HANDED_OVER, _HANDED_TO = "A-0004", 2
_SHARED, _SHARED_WITH = "A-0002", 2
_TECHNICAL = {"A-0001": 2, "A-0002": 3, "A-0004": 5, "A-0007": 3, "A-0010": 5}
_BACKUP = {"A-0002": 5, "A-0004": 1, "A-0006": 5}
_EXECUTIVE = {"A-0002": 4, "A-0004": 4}


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


def hand_over_on(until: date) -> date:
    """The first day of the new owner: the second Monday of the month three months before the last whole one."""
    first = add_months(last_whole_month(until), -3)
    return first + timedelta(days=-first.weekday() % 7 + 7)


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
    if client.account_id == _HANDED_OVER:
        owners = _handed_over(client, owner, until)
    elif client.account_id == _SHARED:
        owners = _shared(client, owner, until)
    else:
        owners = [Assignment(client.account_id, manager_id(owner), "owner", "1", client.signed_on)]
    return owners + _supporters(client)


def _handed_over(client: Customer, owner: int, until: date) -> list[Assignment]:
    begins = hand_over_on(until)
    done_at = f"{begins.isoformat()}T10:30:00+08:00"
    return [
        Assignment(client.account_id, manager_id(owner), "owner", "1", client.signed_on, begins, done_at),
        Assignment(client.account_id, manager_id(_HANDED_TO), "owner", "1", begins),
    ]


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


def team_member_rows(managers: int) -> Iterator[dict[str, str]]:
    """The `team_members` table: nobody has changed teams yet."""
    for row in manager_rows(managers):
        yield {"manager_id": row["manager_id"], "team_id": row["team_id"], "from_on": row["hired_on"]}


def _person(number: int) -> str:
    again, at = divmod(number - 1, len(_NAMES))
    return f"{_NAMES[at]}{again + 1}" if again else _NAMES[at]


_SURNAMES = (
    "白 柏 岑 池 褚 樊 费 葛 华 简 康 黎 骆 孟 宁 欧 潘 裴 戚 冉 单 舒 陶 汪 卫 项 邢 游 喻 詹".split()
)
_GIVEN = "子墨 思齐 雨桐 嘉言 景行 若水 文渊 一诺 亦辰 书瑶 明远 知夏 承泽 念初 安之 朝歌".split()
_FOREIGN = {
    "DE": ("Jorna Weidthal", "Timmo Askerbrandt", "Lisbet Holmenau"),
    "US": ("Darrow Quillby", "Mavis Tolliden", "Corwin Eastlake-Reyd"),
}
_ROLES = (
    ("procurement", "采购经理", "Purchasing Manager"),
    ("technical", "设备主管", "Maintenance Lead"),
    ("economic_buyer", "运营副总", "VP Operations"),
)


@dataclass(frozen=True)
class Contact:
    """A person at a client."""

    contact_id: str
    account_id: str
    name: str
    title: str
    role: str
    language: str
    from_on: date


def contacts(chance: Chance, clients: tuple[Customer, ...]) -> tuple[Contact, ...]:
    """Three people at each client; two at a small one."""
    return tuple(
        _contact(chance, client, number, place)
        for number, client in enumerate(clients, 1)
        for place in range(contact_count(client))
    )


def contact_count(client: Customer) -> int:
    """How many people of a client are known."""
    return 3 if client.monthly_orders >= 400 else 2


def contact_id(number: int, place: int) -> str:
    """The id of a client's contact: the client's running number from 1 and the person's place from 0."""
    return f"C-{number:04d}-{place + 1}"


def _contact(chance: Chance, client: Customer, number: int, place: int) -> Contact:
    draw = chance.of("contact", number * 10 + place)
    role, title, title_en = _ROLES[place]
    local = _SURNAMES[draw("surname", len(_SURNAMES))] + _GIVEN[draw("given", len(_GIVEN))]
    name = _FOREIGN[client.country][place] if client.is_foreign else local
    return Contact(
        contact_id(number, place),
        client.account_id,
        name,
        title_en if client.is_foreign else title,
        role,
        client.locale,
        client.signed_on,
    )


def contact_rows(people: tuple[Contact, ...]) -> Iterator[dict[str, str]]:
    """The `contacts` table; nobody's address or number is in it."""
    for person in people:
        yield {
            "contact_id": person.contact_id,
            "account_id": person.account_id,
            "name": person.name,
            "title": person.title,
            "role": person.role,
            "language": person.language,
            "is_primary": "true" if person.contact_id.endswith("-1") else "false",
            "is_backup": "true" if person.contact_id.endswith("-2") else "false",
            "active_from_on": person.from_on.isoformat(),
        }
