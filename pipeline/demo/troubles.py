"""The troubles that were planted in a demo, by client: what early warning is held to. Pure.

A trouble is clear where what it costs in orders, or days, is more than chance alone makes of such numbers; one that
is not clear cannot be told from chance by anybody, and is listed all the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from pipeline.demo.calendar import Month, date_of
from pipeline.demo.contacts import contacts
from pipeline.demo.customers import Customer, Steps, level_at
from pipeline.demo.people import HAND_OVERS, Assignment, hand_over_on, is_handed_over
from pipeline.demo.relations import change_rows
from pipeline.demo.rivals import sighting_rows
from pipeline.demo.truths import judged
from pipeline.demo.world import World, season

CLEAR = 2
"""Standard deviations of a count of orders: the square root of what was to be expected."""
TROUBLE_DEFINITIONS = {
    "planted.events": "troubles by the first day of what causes them; is_clear: of a fall in orders, that by as_of it costs"
    " at least two standard deviations (square root) of the orders to be expected since; other kinds always",
    "planted.without_role": "customers for whom nobody of ours has the role, a group as one",
}
_CONFIRMED_WITHIN = 14
_MANY, _MANY_WITHIN = 3, 90
_VISITED_WITHIN = 30
_HANDED_OVER_WITHIN = timedelta(hours=24)
_TO_INVOICE = 20
"""Days from the first orders of a month to the first invoices, roughly."""


def troubles(world: World, served: tuple[Assignment, ...], until: date) -> dict[str, Any]:
    """Everything that early warning has to find, and what must not be taken for more."""
    events = [
        *(event for client in world.clients for event in _of_figures(client, world)),
        *_of_people(world, until),
        *_of_changes(world, until),
        *_of_rivals(world, until),
    ]
    return {
        "events": sorted(events, key=lambda event: (event["account_id"], event["kind"], event["since"])),
        "without_role": {role: _without(world, served, role) for role in ("backup", "technical")},
    }


def _event(account: str, kind: str, since: date, *, is_clear: bool = True, about: str = "") -> dict[str, Any]:
    return {
        "account_id": account,
        "kind": kind,
        "since": since.isoformat(),
        "about": about,
        "is_clear": is_clear,
    }


def _of_figures(client: Customer, world: World) -> Iterator[dict[str, Any]]:
    """Falling orders and use, and payments that come later and later."""
    whole = [month for month in world.months if month.ago >= 0]
    if (fall := _first_worse(client.order_levels, 100, whole)) is not None:
        yield _event(
            client.account_id, "sales_drop", date_of(fall.first_on), is_clear=_is_clear(client, whole)
        )
    if client.seats and (drop := _first_worse(client.usage_levels, 100, whole)) is not None:
        yield _event(client.account_id, "usage_drop", date_of(drop.first_on))
    later = tuple((ago, -days) for ago, days in client.pays_late_levels)
    if (slip := _first_worse(later, later[0][1], whole)) is not None:
        due = date_of(slip.first_on) + timedelta(days=_TO_INVOICE + client.payment_days)
        if due <= date_of(whole[-1].last_on):
            yield _event(client.account_id, "payment_delay", due)


def _first_worse(steps: Steps, usual: int, months: list[Month]) -> Month | None:
    """The first month in which a level is below the usual one."""
    return next((month for month in months if level_at(steps, month.ago, usual) < usual), None)


def _is_clear(client: Customer, months: list[Month]) -> bool:
    """Whether the orders lost are more than chance makes of the number to be expected."""
    begun = [month for month in months if level_at(client.order_levels, month.ago, 100) < 100]
    usual = {month.number: client.monthly_orders * season(client, month) / 10_000 for month in begun}
    lost = sum(
        usual[month.number] * (100 - level_at(client.order_levels, month.ago, 100)) / 100 for month in begun
    )
    return bool(lost >= CLEAR * sum(usual.values()) ** 0.5)


def _of_people(world: World, until: date) -> Iterator[dict[str, Any]]:
    """Contacts who left and owners who went without a hand-over in time, and new contacts nobody visited in time."""
    as_of = date_of(judged(until) - 1)
    for person in contacts(world.chance, world.clients, until):
        if person.left_at and not _in_time(person.left_at, person.handed_over_at):
            yield _event(person.account_id, "handover_late", person.left_at.date(), about=person.contact_id)
        if _is_unvisited(person.from_on, person.visited_on, person.account_id, world, as_of):
            yield _event(person.account_id, "contact_unvisited", person.from_on, about=person.contact_id)
    for client in world.clients:
        if is_handed_over(client, until):
            begins, over = hand_over_on(client.account_id, until), HAND_OVERS[client.account_id]
            if over.done_after is None or over.done_after > 0:
                yield _event(client.account_id, "handover_late", begins)


def _in_time(left: datetime, handed: datetime | None) -> bool:
    return handed is not None and handed <= left + _HANDED_OVER_WITHIN


def _is_unvisited(begun: date, visited: date | None, account: str, world: World, as_of: date) -> bool:
    """Whether somebody new to an account, since its history began, was not visited in time."""
    client = next(each for each in world.clients if each.account_id == account)
    known_from = max(client.signed_on, date_of(world.months[0].first_on))
    limit = begun + timedelta(days=_VISITED_WITHIN)
    return begun > known_from and limit < as_of and (visited is None or visited > limit)


def _of_changes(world: World, until: date) -> Iterator[dict[str, Any]]:
    """Changes that one side did not confirm in time, and accounts that asked for many."""
    as_of = date_of(judged(until) - 1)
    asked: dict[str, list[date]] = {}
    for row in change_rows(world.clients, until):
        day = date.fromisoformat(row["asked_on"])
        asked.setdefault(row["account_id"], []).append(day)
        both = [row[name] for name in ("confirmed_by_us_on", "confirmed_by_client_on", "delivered_on")]
        limit = day + timedelta(days=_CONFIRMED_WITHIN)
        done = [date.fromisoformat(each) for each in both[:2] if each]
        if limit < as_of and (len(done) < 2 or max(done) > limit):
            yield _event(row["account_id"], "change_unconfirmed", day, about=row["change_id"])
    for account, days in asked.items():
        if len(days) >= _MANY and (days[-1] - days[-_MANY]).days < _MANY_WITHIN:
            yield _event(account, "change_rate", days[-_MANY])


def _of_rivals(world: World, until: date) -> Iterator[dict[str, Any]]:
    """Quotes and offers of competitors; a visit is none, and a win is a loss already."""
    for row in sighting_rows(world.chance, world.clients, until):
        if row["kind"] in ("quote", "offer"):
            yield _event(
                row["account_id"], "competitor", date.fromisoformat(row["seen_on"]), about=row["event_id"]
            )


def _without(world: World, served: tuple[Assignment, ...], role: str) -> list[str]:
    """The customers for none of whose accounts anybody has a role."""
    top = {client.account_id: client.parent_id or client.account_id for client in world.clients}
    filled = {top[row.account_id] for row in served if row.role == role}
    return sorted(set(top.values()) - filled)
