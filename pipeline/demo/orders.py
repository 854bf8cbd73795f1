"""Orders and order lines of one month, for all clients at once, as the export of the last day shows them. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import NEVER, Month, day_number
from pipeline.demo.chance import Flags, Integers, Keys
from pipeline.demo.customers import Customer, level_at
from pipeline.demo.market import MIXES, PRODUCTS, list_prices, unit_costs
from pipeline.demo.world import LINE_COUNTS, World, running

STATUSES = ("delivered", "open", "partial", "cancelled", "returned")
DELIVERED, OPEN, PARTIAL, CANCELLED, RETURNED = range(5)
CAUSES = ("物料短缺", "运输延误", "备货差错", "客户改期未确认", "其他")
KINDS = ("", "new", "up_sell", "cross_sell", "renewal")
_MIX_NAMES = tuple(MIXES)
_SERVICE = np.array([product.is_service for product in PRODUCTS])
_SMALLEST = np.array([product.smallest for product in PRODUCTS], dtype=np.int64)
_LARGEST = np.array([product.largest for product in PRODUCTS], dtype=np.int64)


@dataclass(frozen=True)
class Orders:
    """Aligned columns, one entry an order; days are day numbers, NEVER for what has not happened."""

    year: int
    account: Integers
    number: Integers
    key: Keys
    kind: Integers
    status: Integers
    line_count: Integers
    ordered_on: Integers
    requested_on: Integers
    first_promised_on: Integers
    last_promised_on: Integers
    delivered_on: Integers
    shipped_first_on: Integers
    """When the first line left alone; NEVER where all lines go together."""
    is_document_correct: Flags
    is_undamaged: Flags
    cause: Integers
    """Index in CAUSES, -1 where the first promise was kept or nothing is delivered yet."""


@dataclass(frozen=True)
class Lines:
    """Aligned columns, one entry an order line; money is in hundredths of the order's currency."""

    order: Integers
    """Position of the line's order in its Orders."""
    line_no: Integers
    product: Integers
    quantity: Integers
    delivered_quantity: Integers
    unit_cents: Integers
    list_cents: Integers
    discount_cents: Integers
    net_cents: Integers
    cost_cents: Integers
    is_correct: Flags
    delivered_on: Integers
    """Where the line's delivery differs from the order's, else NEVER."""


def orders_of(world: World, month: Month, first_number: int) -> Orders:
    """The month's orders in the order of their days, numbered from `first_number` on."""
    account, key, is_return = _placed(world, month)
    day = _ordered_on(world, month, account, key)
    sequence = np.lexsort((key, account, day))
    account, key, is_return, day = account[sequence], key[sequence], is_return[sequence], day[sequence]
    lines = np.where(is_return, 1, 1 + world.chance.one_of("lines", key, LINE_COUNTS))
    dates = _dates(world, month, account, key, day, lines)
    status = _status(world, key, is_return, dates)
    delivered = np.where((status == DELIVERED), dates["delivered_on"], NEVER)
    late = (delivered > dates["first_promised_on"]) & (delivered < NEVER)
    return Orders(
        year=month.year,
        account=account,
        number=first_number + np.arange(account.size, dtype=np.int64),
        key=key,
        kind=_kind(world, month, account, key, is_return),
        status=status,
        line_count=lines,
        ordered_on=day,
        requested_on=np.where(is_return, NEVER, dates["requested_on"]),
        first_promised_on=np.where(is_return, NEVER, dates["first_promised_on"]),
        last_promised_on=np.where(is_return, NEVER, dates["last_promised_on"]),
        delivered_on=delivered,
        shipped_first_on=np.where(is_return, NEVER, dates["shipped_first_on"]),
        is_document_correct=world.chance.happens("document", key, 98),
        is_undamaged=world.chance.happens("undamaged", key, 99),
        cause=np.where(late, _cause(world, key, dates), -1),
    )


def _placed(world: World, month: Month) -> tuple[Integers, Keys, Flags]:
    """Client, key and whether it is a return, for each order of the month."""
    at = world.position(month)
    counts = world.orders[:, at]
    clients = np.arange(counts.size, dtype=np.int64)
    month_key = world.chance.keys("returns", clients, np.array([month.number], dtype=np.int64))
    before = world.orders[:, at - 1] if at else np.zeros_like(counts)
    returning = world.chance.happens("return", month_key, 14) & (counts > 0) & (before > 2) & (month.ago >= 0)
    account = np.concatenate([np.repeat(clients, counts), clients[returning]])
    is_return = np.arange(account.size) >= counts.sum()
    nth = np.concatenate([running(counts), np.full(int(returning.sum()), 1_000_000, dtype=np.int64)])
    key = world.chance.keys("order", account, np.array([month.number], dtype=np.int64), nth)
    return account, key, is_return


def _ordered_on(world: World, month: Month, account: Integers, key: Keys) -> Integers:
    days = world.ordering_days(month)
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    drawn = days[world.chance.below("day", key, days.size)]
    return np.maximum(
        drawn, world.workdays.on_or_after(np.maximum(signed, month.first_on)) * (signed > drawn)
    )


def _dates(
    world: World, month: Month, account: Integers, key: Keys, ordered: Integers, lines: Integers
) -> dict[str, Integers]:
    """What was asked for, promised, promised again and kept."""
    chance, workday = world.chance, world.workdays.on_or_after
    requested = workday(ordered + chance.between("lead", key, 6, 24))
    bumped = chance.happens("promised later", key, 16)
    first = workday(requested + bumped * chance.between("bump", key, 1, 6))
    moved = chance.happens("promised again", key, 13)
    last = workday(first + moved * chance.between("move", key, 2, 9))
    late = chance.happens("late", key, _levels(world, month, lambda client: client.late_levels)[account])
    longest = world.column(lambda client: client.longest_delay)[account]
    lead_in = np.maximum(last - chance.between("early", key, 0, 3), ordered + 1)
    delivered = np.where(late, workday(last + chance.between("delay", key, 1, longest)), lead_in)
    apart = chance.happens("two shipments", key, 16) & (lines > 1)
    shipped = np.maximum(delivered - chance.between("gap", key, 2, 6), ordered + 1)
    return {
        "requested_on": requested,
        "first_promised_on": first,
        "last_promised_on": last,
        "delivered_on": delivered,
        "shipped_first_on": np.where(apart & (shipped < delivered), shipped, NEVER),
    }


def _levels(world: World, month: Month, steps: Callable[[Customer], tuple[tuple[int, int], ...]]) -> Integers:
    """Per cent by client in a month."""
    return world.column(lambda client: level_at(steps(client), month.ago, 5))


def _status(world: World, key: Keys, is_return: Flags, dates: dict[str, Integers]) -> Integers:
    """As the export of the last day shows it."""
    begun = np.where(dates["shipped_first_on"] <= world.until, PARTIAL, OPEN)
    status = np.where(dates["delivered_on"] <= world.until, DELIVERED, begun)
    status = np.where(world.chance.happens("cancelled", key, 2), CANCELLED, status)
    return np.where(is_return, RETURNED, status)


def _kind(world: World, month: Month, account: Integers, key: Keys, is_return: Flags) -> Integers:
    """A new client's first order is new; a few others are sold across or up, or renewed."""
    drawn = world.chance.one_of("kind", key, (80, 0, 9, 7, 4))
    ordered_before = world.orders[:, : world.position(month)].sum(axis=1)[account] > 0
    signed = world.column(lambda client: day_number(client.signed_on))[account]
    is_young = signed > month.first_on - 60
    is_first = _first_seen(account) & ~ordered_before & is_young
    return np.where(is_return, 0, np.where(is_first, KINDS.index("new"), drawn))


def _first_seen(account: Integers) -> Flags:
    """True at the first entry of each client."""
    first = np.zeros(account.size, dtype=np.bool_)
    first[np.unique(account, return_index=True)[1]] = True
    return first


def _cause(world: World, key: Keys, dates: dict[str, Integers]) -> Integers:
    """A promise that was moved is more often the client's."""
    ours = world.chance.one_of("cause", key, (42, 27, 18, 5, 8))
    moved = world.chance.one_of("cause", key, (24, 14, 8, 48, 6))
    return np.where(dates["last_promised_on"] > dates["first_promised_on"], moved, ours)


def lines_of(world: World, orders: Orders) -> Lines:
    """The lines of the orders, in their order; a return has one line with negative quantity and money."""
    chance, is_return = world.chance, orders.status == RETURNED
    order = np.repeat(np.arange(orders.account.size, dtype=np.int64), orders.line_count)
    line_no = running(orders.line_count) + 1
    key = orders.key[order] + line_no.astype(np.uint64)
    product = _product(world, orders.account[order], key, is_return[order])
    sign = np.where(is_return[order], -1, 1)
    drawn = chance.between("quantity", key, _SMALLEST[product], _LARGEST[product])
    quantity = sign * np.where(is_return[order], np.maximum(drawn // 4, 1), drawn)
    money = _money(world, orders, order, product, quantity, key)
    return Lines(
        order=order,
        line_no=line_no,
        product=product,
        quantity=quantity,
        delivered_quantity=_delivered(world, orders, order, line_no, quantity),
        is_correct=chance.happens("line right", key, 98),
        delivered_on=_shipped_apart(world, orders, order, line_no),
        **money,
    )


def _product(world: World, account: Integers, key: Keys, is_return: Flags) -> Integers:
    """Drawn by the client's mix; parts alone come back."""
    mix = world.column(lambda client: _MIX_NAMES.index(client.mix))[account]
    drawn = [world.chance.one_of("product", key, MIXES[name]) for name in _MIX_NAMES]
    parts = 4 + world.chance.below("part", key, 6)
    return np.where(is_return, parts, np.choose(mix, drawn))


def _money(
    world: World, orders: Orders, order: Integers, product: Integers, quantity: Integers, key: Keys
) -> dict[str, Integers]:
    """Prices of the year less the client's discount; abroad whole units only, so that conversion is exact."""
    account = orders.account[order]
    currency = world.currency()[account]
    listed = list_prices(orders.year)[currency, product]
    kept = 100 - world.column(lambda client: client.discount_percent)[account]
    unit = np.where(currency == 0, listed * kept, np.maximum((listed * kept + 50) // 100, 1) * 100)
    reduced = world.chance.happens("discount", key, 6) & (quantity > 0)
    discount = reduced * (quantity * unit * world.chance.between("reduction", key, 2, 5) // 10_000 * 100)
    return {
        "unit_cents": unit,
        "list_cents": listed * 100,
        "discount_cents": discount,
        "net_cents": quantity * unit - discount,
        "cost_cents": quantity * unit_costs(orders.year)[currency, product] * 100,
    }


def _delivered(
    world: World, orders: Orders, order: Integers, line_no: Integers, quantity: Integers
) -> Integers:
    """All of it, a part of the first line of a short order, nothing of what has not left."""
    short_percent = world.column(lambda client: client.short_percent)[orders.account]
    short = (world.chance.happens("short", orders.key, short_percent) & (orders.status == DELIVERED))[order]
    missing = np.where(short & (line_no == 1), np.maximum(quantity // 4, 1) * (quantity > 1), 0)
    status = orders.status[order]
    gone = (status == DELIVERED) | (status == RETURNED) | ((status == PARTIAL) & (line_no == 1))
    return np.where(gone, quantity - missing, 0)


def _shipped_apart(world: World, orders: Orders, order: Integers, line_no: Integers) -> Integers:
    """The day of a first line that left before the others."""
    shipped = orders.shipped_first_on[order]
    apart = (line_no == 1) & (shipped <= world.until) & (orders.status[order] != CANCELLED)
    return np.where(apart, shipped, NEVER)
