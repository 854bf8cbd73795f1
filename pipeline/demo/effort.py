"""The hours that looking after each client takes, month by month. Pure."""

from __future__ import annotations

import numpy as np

from pipeline.demo.calendar import Month
from pipeline.demo.columns import Columns, chosen, days, decimals
from pipeline.demo.tables import Names
from pipeline.demo.world import World, drawn_rows

_ACTIVITIES = ("客户管理", "现场服务")
_RATE_CENTS = (26_000, 32_000)
_ON_SITE_FROM = 10
"""Hours a month from which part of them are spent at the client's."""
_MONTHS_KEPT = 24
"""Hours are written down since then."""


def effort_columns(names: Names, world: World, month: Month) -> Columns | None:
    """The `cost_to_serve` table of a whole month; None before hours were written down."""
    if not 0 <= month.ago < _MONTHS_KEPT:
        return None
    account, key = drawn_rows(world, month, "effort", lambda client: 100 * min(client.monthly_hours, 1))
    hours = world.column(lambda client: client.monthly_hours)[account]
    on_site = np.flatnonzero(hours >= _ON_SITE_FROM)
    every = np.concatenate([np.arange(account.size, dtype=np.int64), on_site])
    activity = np.repeat(np.array([0, 1], dtype=np.int64), [account.size, on_site.size])
    share = np.where(hours[every] >= _ON_SITE_FROM, np.where(activity == 1, 60, 40), 100)
    spent = (
        hours[every] * share * world.chance.between("hours", key[every] + activity.astype(np.uint64), 70, 130)
    )
    return {
        "account_id": names.of_accounts(account[every]),
        "month_on": days(np.full(every.size, month.first_on, dtype=np.int64)),
        "activity": chosen(_ACTIVITIES, activity),
        "hours": decimals(spent // 1_000 * 10),
        "rate_amount": decimals(np.array(_RATE_CENTS, dtype=np.int64)[activity]),
        "currency": chosen(("CNY",), np.zeros(every.size, dtype=np.int64)),
    }
