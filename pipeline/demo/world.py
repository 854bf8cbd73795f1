"""What every month of the demo is made from: clients as columns, calendar, prices, rates, the end of the export. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.calendar import (
    Month,
    Workdays,
    day_number,
    months_until,
    near_new_year,
    weekdays,
    workdays_between,
)
from pipeline.demo.chance import Chance, Integers, Keys
from pipeline.demo.crowd import customers
from pipeline.demo.customers import Customer, level_at
from pipeline.demo.market import CURRENCIES, RateSeries, rate_days, rate_series

MEAN_LINES_PERCENT = 189
"""Order lines for a hundred orders (the weights of LINE_COUNTS)."""
LINE_COUNTS = (45, 29, 18, 8)
"""How often an order has one, two, three or four lines."""

_SEASON = (88, 88, 100, 100, 101, 104, 95, 97, 104, 103, 114, 108)
_PEAK_SEASON = (84, 84, 94, 96, 104, 116, 88, 92, 106, 118, 152, 124)


@dataclass(frozen=True)
class World:
    """All that rows of any month are drawn from; day numbers count from 1970-01-01."""

    chance: Chance
    clients: tuple[Customer, ...]
    months: tuple[Month, ...]
    workdays: Workdays
    until: int
    rates: dict[str, RateSeries]
    orders: Integers
    """How many orders: client × month."""

    def column(self, value: Callable[[Customer], int | None], otherwise: int = 0) -> Integers:
        """One whole number of each client."""
        found = (value(client) for client in self.clients)
        return np.array([otherwise if number is None else number for number in found], dtype=np.int64)

    def currency(self) -> Integers:
        """The index in CURRENCIES of each client's currency."""
        return self.column(lambda client: CURRENCIES.index(client.currency))

    def position(self, month: Month) -> int:
        """The month's column in `orders`."""
        return month.number - self.months[0].number

    def ordering_days(self, month: Month) -> Integers:
        """The days of a month on which orders come in: working days, or weekdays where all of it is a holiday."""
        worked = self.workdays.within(month.first_on, month.last_on)
        days = np.arange(month.first_on, month.last_on + 1, dtype=np.int64)
        return worked if worked.size else days[weekdays(days)]


def world(seed: int, accounts: int, months: int, lines: int | None, until: date) -> World:
    """The world of one demo; `lines` scales the orders so that about as many order lines come out."""
    chance = Chance(seed)
    clients = customers(chance, accounts, until)
    span = months_until(until, months)
    first = date(span[0].year, span[0].of_year, 1)
    workdays = workdays_between(first - timedelta(days=60), until + timedelta(days=800))
    days = rate_days(first, until)
    rates = {currency: rate_series(chance, currency, days) for currency in CURRENCIES if currency != "CNY"}
    expected = np.array(
        [[_expected(client, month, workdays) for month in span] for client in clients], dtype=np.int64
    )
    orders = _drawn_counts(chance, _scaled(expected, lines), span)
    return World(chance, clients, span, workdays, day_number(until), rates, orders)


def _expected(client: Customer, month: Month, workdays: Workdays) -> int:
    """Ten-thousandths of an order that a client is expected to place in a month."""
    signed = day_number(client.signed_on)
    if month.last_on < signed:
        return 0
    share = _share_of_month(client, max(month.first_on, signed), month, workdays)
    level = level_at(client.order_levels, month.ago, 100)
    grown = 1_200 - client.growth_percent * month.ago
    return client.monthly_orders * season(client, month) * level * grown * share // 12_000_000


def _share_of_month(client: Customer, first: int, month: Month, workdays: Workdays) -> int:
    """Per cent of a usual month in which the client can order; a foreign one does not keep Chinese holidays."""
    if month.ago < 0:
        return (month.last_on - first + 1) * 100 // 30 if client.is_foreign else 0
    return (
        100
        * workdays.within(first, month.last_on).size
        // workdays.within(month.first_on, month.last_on).size
    )


def season(client: Customer, month: Month) -> int:
    """Per cent of a usual month; in China Lunar New Year takes half of one month and something of its neighbour."""
    usual = (_PEAK_SEASON if client.is_seasonal else _SEASON)[month.of_year - 1]
    if client.is_foreign:
        return min(usual, 105) if month.of_year > 2 else 98
    return usual * {0: 52, 1: 96}.get(near_new_year(month), 100) // 100


def _scaled(expected: Integers, lines: int | None) -> Integers:
    """The expectations, multiplied so that about `lines` order lines come of them."""
    if lines is None:
        return expected
    total = int(expected.sum())
    multiplied: Integers = expected * (lines * 1_000_000 // MEAN_LINES_PERCENT) // total
    return multiplied


def _drawn_counts(chance: Chance, expected: Integers, months: tuple[Month, ...]) -> Integers:
    """Whole orders: a little more or less than expected, the fraction decided by chance."""
    client = np.arange(expected.shape[0], dtype=np.int64)[:, None]
    keys = chance.keys(
        "orders of month", client, np.array([[month.number for month in months]], dtype=np.int64)
    )
    uneven = expected * chance.between("uneven", keys, 86, 114) // 100
    return (uneven + chance.below("fraction", keys, 10_000)) // 10_000


def drawn_rows(
    made: World, month: Month, kind: str, monthly: Callable[[Customer], int]
) -> tuple[Integers, Keys]:
    """Client and key of each row of a month, by hundredths of a row a client has in a month; none without orders."""
    clients = np.arange(len(made.clients), dtype=np.int64)
    number = np.array([month.number], dtype=np.int64)
    share = 30 if month.ago >= 0 else month.last_on - month.first_on + 1
    serving = np.array([is_served(client, month) for client in made.clients])
    expected = made.column(monthly) * serving * share // 30
    keys = made.chance.keys(f"{kind}s of month", clients, number)
    counts = (expected + made.chance.below("fraction", keys, 100)) // 100
    account = np.repeat(clients, counts)
    return account, made.chance.keys(kind, account, number, running(counts))


def is_served(client: Customer, month: Month) -> bool:
    """Whether a client is one in a month: signed, and not lost yet."""
    return day_number(client.signed_on) <= month.last_on and level_at(client.order_levels, month.ago, 100) > 0


def running(counts: Integers) -> Integers:
    """0 … n-1 within each of the counts."""
    ends = np.cumsum(counts)
    return np.arange(int(counts.sum()), dtype=np.int64) - np.repeat(ends - counts, counts)
