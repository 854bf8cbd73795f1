"""Whom the demo company meets at its clients. Pure.

Every person here is invented, and nobody has an address or a number.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.cast import STORIED
from pipeline.demo.chance import Chance
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

_SURNAMES = (
    "白 柏 岑 池 褚 樊 费 葛 华 简 康 黎 骆 孟 宁 欧 潘 裴 戚 冉 单 舒 陶 汪 卫 项 邢 游 喻 詹".split()
)
_GIVEN = "子墨 思齐 雨桐 嘉言 景行 若水 文渊 一诺 亦辰 书瑶 明远 知夏 承泽 念初 安之 朝歌".split()
_FOREIGN = {
    "A-0007": ("Jorna Weidthal", "Timmo Askerbrandt", "Lisbet Holmenau"),
    "A-0008": ("Darrow Quillby", "Mavis Tolliden", "Corwin Eastlake-Reyd"),
    "A-0019": ("Sietske Hoogvliet-Maan", "Ruben Tasseler", "Femke Oudewater"),
    "A-0020": ("Halden Brackwater", "Odessa Pinmoor", "Truitt Salvenger"),
    "A-0021": ("Devika Selvarajan-Toh", "Marcus Lim Aranel", "Iskandar Teoh"),
}
_ROLES = (
    ("procurement", "采购经理", "Purchasing Manager"),
    ("technical", "设备主管", "Maintenance Lead"),
    ("economic_buyer", "运营副总", "VP Operations"),
)
_EDITIONS = {"procurement": "procurement", "economic_buyer": "executive", "executive": "executive"}

# account, role, title, days from the last day of the last whole month to leaving, hours to the hand-over, both if any
_FURTHER: tuple[tuple[str, str, str, int | None, int | None], ...] = (
    ("A-0011", "business", "仓储运营总监", None, None),
    ("A-0011", "executive", "集团副总裁", None, None),
    ("A-0011", "coach", "信息化项目经理", None, None),
    ("A-0013", "business", "工厂物流经理", None, None),
    ("A-0014", "executive", "首席运营官", None, None),
    ("A-0017", "economic_buyer", "供应链总监", -47, None),
    ("A-0018", "business", "生产计划经理", -41, 20),
    ("A-0018", "business", "生产计划经理", None, None),
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
    left_at: datetime | None = None
    handed_over_at: datetime | None = None
    visited_on: date | None = None
    edition: str = ""


def contacts(chance: Chance, clients: tuple[Customer, ...], until: date) -> tuple[Contact, ...]:
    """Two or three people at each client, and those with a story."""
    usual = (
        _contact(chance, client, number, place, until)
        for number, client in enumerate(clients, 1)
        for place in range(contact_count(client))
    )
    return (*usual, *further(chance, clients, until))


def contact_count(client: Customer) -> int:
    """How many people of a client are known, besides those with a story."""
    return 3 if client.monthly_orders >= 400 else 2


def contact_id(number: int, place: int) -> str:
    """The id of a client's contact: the client's running number from 1 and the person's place from 0."""
    return f"C-{number:04d}-{place + 1}"


def _contact(chance: Chance, client: Customer, number: int, place: int, until: date) -> Contact:
    draw = chance.of("contact", number * 10 + place)
    role, title, title_en = _ROLES[place]
    local = _SURNAMES[draw("surname", len(_SURNAMES))] + _GIVEN[draw("given", len(_GIVEN))]
    person = Contact(
        contact_id(number, place),
        client.account_id,
        _FOREIGN[client.account_id][place] if client.is_foreign else local,
        title_en if client.is_foreign else title,
        role,
        client.locale,
        client.signed_on,
    )
    if number <= STORIED:
        return person
    visited = max(last_whole_month(until) - timedelta(days=draw("visited", 400)), client.signed_on)
    return replace(
        person, edition=_EDITIONS.get(role, "business"), visited_on=visited if place == 0 else None
    )


def further(chance: Chance, clients: tuple[Customer, ...], until: date) -> tuple[Contact, ...]:
    """The people with a story: those who decide, one who left unseen, and one who handed over to the next."""
    cut_off = add_months(last_whole_month(until), 1) - timedelta(days=1)
    numbers = {client.account_id: number for number, client in enumerate(clients, 1)}
    found: list[Contact] = []
    for place, (account, role, title, left, handed) in enumerate(_FURTHER):
        if account in numbers:
            client = clients[numbers[account] - 1]
            person = _further(chance, client, (numbers[account], place), (role, title))
            found.append(_left(person, cut_off, left, handed) if left is not None else person)
    return _succeeded(tuple(found))


def _further(
    chance: Chance, client: Customer, number_and_place: tuple[int, int], role_and_title: tuple[str, str]
) -> Contact:
    number, place = number_and_place
    role, title = role_and_title
    draw = chance.of("further contact", place)
    name = _SURNAMES[draw("surname", len(_SURNAMES))] + _GIVEN[draw("given", len(_GIVEN))]
    begun = client.signed_on + timedelta(days=15)
    return Contact(
        contact_id(number, 4 + place), client.account_id, name, title, role, client.locale, begun,
        edition=_EDITIONS.get(role, "business"),
    )  # fmt: skip


def _left(person: Contact, cut_off: date, days: int, hours: int | None) -> Contact:
    left = datetime.combine(cut_off + timedelta(days=days), datetime.min.time()) + timedelta(hours=17)
    return replace(
        person, left_at=left, handed_over_at=None if hours is None else left + timedelta(hours=hours)
    )


def _succeeded(people: tuple[Contact, ...]) -> tuple[Contact, ...]:
    """Whoever follows one who handed over begins the day after and is visited within the week."""
    began = {
        (person.account_id, person.role): person.handed_over_at.date()
        for person in people
        if person.handed_over_at
    }
    return tuple(
        replace(
            person,
            from_on=began[person.account_id, person.role],
            visited_on=began[person.account_id, person.role] + timedelta(days=6),
        )
        if person.left_at is None and (person.account_id, person.role) in began
        else person
        for person in people
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
            "is_primary": "true" if person.contact_id.split("-")[2] == "1" else "false",
            "is_backup": "true" if person.contact_id.split("-")[2] == "2" else "false",
            "active_from_on": person.from_on.isoformat(),
            "left_at": moment_text(person.left_at),
            "handed_over_at": moment_text(person.handed_over_at),
            "visited_on": person.visited_on.isoformat() if person.visited_on else "",
            "report_edition": person.edition,
        }


def moment_text(moment: datetime | None) -> str:
    """A time of the service desk's clock with its offset; empty where it has not come."""
    return f"{moment.isoformat()}+08:00" if moment else ""
