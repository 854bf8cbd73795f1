"""`ground_truth.json`: the truths of `truths` by client, and the stories that the demo tells. Pure."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from pipeline.demo.calendar import date_of, last_whole_month
from pipeline.demo.chance import Integers
from pipeline.demo.customers import Customer
from pipeline.demo.dirt import UNOWNED_CENTS
from pipeline.demo.further_stories import (
    FURTHER_DEFINITIONS,
    customer_truths,
    further_stories,
    further_truth,
    manager_truths,
)
from pipeline.demo.market import RATE_UNIT
from pipeline.demo.people import Assignment, hand_over_on, shared_from
from pipeline.demo.troubles import TROUBLE_DEFINITIONS, troubles
from pipeline.demo.truths import BASES, Counts, fine_text, judged, money_text, spans
from pipeline.demo.world import World
from pipeline.periods import add_months

DEFINITIONS = {
    "net_sales": "net_amount of the lines of orders by ordered_on; cancelled orders left out, returns negative",
    "net_sales_cny": "each line at the last rate on or before its order's ordered_on; exact to four decimals",
    "otif": "orders whose basis date lies in the window, without cancelled ones and returns; on time: delivered_on is on"
    " or before that date; otif: on time and every line delivered_quantity >= quantity",
    "receivables": "gross_amount of invoices and credit notes issued by as_of less payments paid by as_of, in the"
    " client's currency; cny at the last rate on or before as_of, rounded half-up to four decimals; overdue: due_on before as_of",
    "sla": "cases opened in the window, judged at its end; calendar hours less pauses; first_reply and"
    " resolution: every case; green_channel: first reply of the cases that used it; pauses do not stop its clock",
    "csat": "answers of kind csat by answered_on; satisfied: score 4 or 5",
    "retention": "active on a day: an order, neither cancelled nor returned, in the twelve months up to it",
    "to_on": "the first day on which an assignment no longer holds",
}


def ground_truth(world: World, served: tuple[Assignment, ...], counts: Counts, until: date) -> dict[str, Any]:
    """Everything but the dirt and the seed. Money is text with its decimals, counts are whole numbers."""
    as_of = date_of(judged(until) - 1)
    return {
        "schema": 1,
        "as_of": as_of.isoformat(),
        "until": until.isoformat(),
        "months": len([month for month in world.months if month.ago >= 0]),
        "windows": {
            span.name: [date_of(span.from_on).isoformat(), date_of(span.until_on).isoformat()]
            for span in spans(until)
        },
        "definitions": {**DEFINITIONS, **FURTHER_DEFINITIONS, **TROUBLE_DEFINITIONS},
        "accounts": {
            client.account_id: {
                **_truth(world, client, position, counts, until),
                **further_truth(world, position, counts, until),
            }
            for position, client in enumerate(world.clients)
        },
        "customers": customer_truths(world, counts),
        "managers": manager_truths(world, served, counts),
        "portfolio": _portfolio(counts, until),
        "without_account": {"net_sales": {"month": money_text(UNOWNED_CENTS)}},
        "retention": _retention(world, counts, until),
        "stories": {**_stories(served, until), **further_stories(world, until)},
        "planted": troubles(world, served, until),
    }


def _truth(world: World, client: Customer, position: int, counts: Counts, until: date) -> dict[str, Any]:
    own = {name: int(values[position]) for name, values in counts.items()}
    names = [span.name for span in spans(until)]
    closing = _closing_rate(world, client, until)
    return {
        "currency": client.currency,
        "net_sales": {name: money_text(own[f"net/{name}"]) for name in names},
        "net_sales_cny": {name: fine_text(own[f"yuan/{name}"]) for name in names},
        "otif": {basis: _parts(own, basis, ("due", "on_time", "otif")) for basis in BASES},
        "receivables": {
            "amount": money_text(own["receivables"]),
            "cny": fine_text((own["receivables"] * closing + 50) // 100),
            "overdue": money_text(own["overdue"]),
        },
        "sla": {
            clock: _parts(own, clock, ("due", "met"))
            for clock in ("first_reply", "green_channel", "resolution")
        },
        "cases": {window: own[f"cases/{window}"] for window in ("month", "quarter")},
        "csat": {
            window: {"answers": own[f"answers/{window}"], "satisfied": own[f"pleased/{window}"]}
            for window in ("month", "quarter")
        },
    }


def _parts(own: dict[str, int], subject: str, parts: tuple[str, ...]) -> dict[str, dict[str, int]]:
    return {
        window: {part: own[f"{part}/{subject}/{window}"] for part in parts} for window in ("month", "quarter")
    }


def _closing_rate(world: World, client: Customer, until: date) -> int:
    if client.currency == "CNY":
        return RATE_UNIT
    closing = np.array([judged(until) - 1], dtype=np.int64)
    return int(world.rates[client.currency].on(closing)[0])


def _portfolio(counts: Counts, until: date) -> dict[str, Any]:
    names = [span.name for span in spans(until)]
    unowned = {name: 0 if name == "month_year_ago" else UNOWNED_CENTS * 100 for name in names}
    return {
        "net_sales_cny": {
            name: fine_text(int(counts[f"yuan/{name}"].sum()) + unowned[name]) for name in names
        }
    }


def _retention(world: World, counts: Counts, until: date) -> dict[str, Any]:
    after = date_of(judged(until))
    return {
        window: _kept(world, counts, add_months(after, -months), after)
        for window, months in (("month", 1), ("quarter", 3), ("t12m", 12))
    }


def _kept(world: World, counts: Counts, start: date, end: date) -> dict[str, Any]:
    """Who was active at the start and at the end, as accounts and as customers (groups are one level deep)."""
    before, now = (_active(world, counts, day) for day in (start, end))
    top = {client.account_id: client.parent_id or client.account_id for client in world.clients}
    return {
        "accounts": _overlap(before, now),
        "customers": _overlap({top[account] for account in before}, {top[account] for account in now}),
        "lost": sorted(before - now),
        "new": sorted(now - before),
    }


def _overlap(before: set[str], now: set[str]) -> dict[str, int]:
    return {"active_at_start": len(before), "kept": len(before & now), "new": len(now - before)}


def _active(world: World, counts: Counts, day: date) -> set[str]:
    """Accounts with an order in the twelve months before a first of a month."""
    number = day.year * 12 + day.month - 1
    placed: Integers = sum(
        (counts.get(f"orders/{month}", np.zeros(1, dtype=np.int64)) for month in range(number - 12, number)),
        np.zeros(len(world.clients), dtype=np.int64),
    )
    return {world.clients[at].account_id for at in np.flatnonzero(placed).tolist()}


def _stories(served: tuple[Assignment, ...], until: date) -> dict[str, Any]:
    begins, last = hand_over_on("A-0004", until), last_whole_month(until)
    owners = [row.manager_id for row in served if row.account_id == "A-0004" and row.role == "owner"]
    shares = [
        {"manager_id": row.manager_id, "share_pct": row.share_pct}
        for row in served
        if row.account_id == "A-0002" and row.share_pct not in {"", "1"}
    ]
    return {
        "group": {"parent": "A-0001", "children": ["A-0002", "A-0003"]},
        "rich": "A-0004",
        "sparse_and_long_name": "A-0005",
        "in_trouble": {
            "account_id": "A-0006",
            "signs": ["falling sales", "late deliveries", "overdue invoices", "slow service"],
        },
        "foreign": {"A-0007": "EUR", "A-0008": "USD"},
        "real_drop": {"account_id": "A-0008", "since": add_months(last, -3).isoformat()},
        "seasonal_dip_only": {"account_id": "A-0004", "months": "Lunar New Year's"},
        "lapsed": "A-0009",
        "new": {"account_id": "A-0010", "signed_on": add_months(last, -2).replace(day=6).isoformat()},
        "hand_over": {
            "account_id": "A-0004",
            "from_manager_id": owners[0],
            "to_manager_id": owners[1],
            "from_on": begins.isoformat(),
        },
        "split": {"account_id": "A-0002", "from_on": shared_from(until).isoformat(), "shares": shares},
    }
