"""How much the demo's clients use the software, month by month. Pure.

A month without rows is a feed that did not come, not a client that did not work.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import Month, day_number
from pipeline.demo.chance import Integers
from pipeline.demo.columns import Columns, chosen, days, numbers
from pipeline.demo.customers import Customer, level_at
from pipeline.demo.tables import Names
from pipeline.demo.world import World, season

MEASURES = ("作业单量", "诊断次数")
_PRODUCTS = ("P31", "P33")
_EACH = (420, 3)
"""What one user does in a usual month, by product."""
_SECOND_FROM = 60
"""Users from which a client has the remote diagnosis, too."""


@dataclass(frozen=True)
class Usage:
    """Aligned columns, one entry a client and product in a month."""

    month_on: int
    account: Integers
    product: Integers
    quantity: Integers
    seats: Integers
    active_seats: Integers


def usage_of(world: World, month: Month) -> Usage:
    """A whole month's use; none of an unfinished one, none where the feed has ended."""
    first = np.array(
        [at for at, client in enumerate(world.clients) if _is_fed(client, month)], dtype=np.int64
    )
    seats = world.column(lambda client: client.seats)
    second = first[seats[first] >= _SECOND_FROM]
    account = np.concatenate([first, second])
    product = np.repeat(np.array([0, 1], dtype=np.int64), [first.size, second.size])
    key = world.chance.keys("usage", account, np.array([month.number], dtype=np.int64), product)
    level = world.column(lambda client: level_at(client.usage_levels, month.ago, 100))[account]
    usual = world.column(lambda client: season(client, month))[account]
    share = world.chance.between("use", key, 94, 106) * level * usual
    return Usage(
        month_on=month.first_on,
        account=account,
        product=product,
        quantity=seats[account] * np.array(_EACH, dtype=np.int64)[product] * share // 1_000_000,
        seats=seats[account],
        active_seats=np.minimum(seats[account] * world.chance.between("active", key, 84, 97) * level // 10_000, seats[account]),
    )  # fmt: skip


def _is_fed(client: Customer, month: Month) -> bool:
    since = day_number(client.signed_on) + 30
    return client.seats > 0 and month.ago >= max(client.feed_ended, 0) and month.first_on >= since


def usage_columns(names: Names, usage: Usage) -> Columns:
    """The `usage` table."""
    return {
        "account_id": names.of_accounts(usage.account),
        "product_id": chosen(_PRODUCTS, usage.product),
        "month_on": days(np.full(usage.account.size, usage.month_on, dtype=np.int64)),
        "measure": chosen(MEASURES, usage.product),
        "quantity": numbers(usage.quantity),
        "seats": numbers(usage.seats),
        "active_seats": numbers(usage.active_seats),
    }
