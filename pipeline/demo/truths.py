"""What is true of the demo, counted while it is made: held against the pipeline by tests. Pure.

Counts are columns by client and add up month by month. The definitions, in words, stand in the file itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from pipeline.demo.calendar import Month, day_number, last_whole_month
from pipeline.demo.chance import Flags, Integers
from pipeline.demo.market import RATE_UNIT
from pipeline.demo.money import Invoices, Payments
from pipeline.demo.orders import CANCELLED, RETURNED, Lines, Orders
from pipeline.demo.service import (
    GREEN_REPLY_HOURS,
    REPLY_HOURS,
    RESOLVE_HOURS,
    Answers,
    Cases,
)
from pipeline.demo.world import World
from pipeline.periods import add_months

Counts = dict[str, Integers]
"""By name, one whole number a client."""

BASES = ("requested", "first_promised", "last_promised")


@dataclass(frozen=True)
class Span:
    """A window of day numbers, the end not included."""

    name: str
    from_on: int
    until_on: int

    def holds(self, days: Integers) -> Flags:
        return (days >= self.from_on) & (days < self.until_on)


def spans(until: date) -> tuple[Span, ...]:
    """The windows that end with the last whole month, and its month a year before."""
    month = last_whole_month(until)
    after = add_months(month, 1)
    begins = {
        "month": month,
        "quarter": add_months(month, -((month.month - 1) % 3)),
        "ytd": date(month.year, 1, 1),
        "t12m": add_months(after, -12),
    }
    ended = [Span(name, day_number(begun), day_number(after)) for name, begun in begins.items()]
    year_ago = Span("month_year_ago", day_number(add_months(month, -12)), day_number(add_months(after, -12)))
    return (*ended, year_ago)


def judged(until: date) -> int:
    """The first day after the last whole month: the moment at which everything is judged."""
    return day_number(add_months(last_whole_month(until), 1))


def added(one: Counts, other: Counts) -> Counts:
    """The sums, name by name."""
    both = {name: one[name] + other[name] for name in one.keys() & other.keys()}
    return {**one, **other, **both}


def no_counts() -> Counts:
    """Nothing yet."""
    return {}


def counted(
    world: World,
    month: Month,
    until: date,
    orders: Orders,
    lines: Lines,
    invoices: Invoices,
    payments: Payments,
    cases: Cases,
    answers: Answers,
) -> Counts:
    """Everything that one month's rows add."""
    windows = spans(until)
    found = {f"orders/{month.number}": month_activity(world, orders)}
    found |= order_counts(world, windows, orders, lines)
    found |= money_counts(world, judged(until), orders, invoices, payments)
    for window in (window for window in windows if window.name in {"month", "quarter"}):
        found |= case_counts(world, window, cases) | answer_counts(world, window, answers)
    return found


def by_client(world: World, account: Integers, values: Integers) -> Integers:
    """The sum of each client's values."""
    totals = np.zeros(len(world.clients), dtype=np.int64)
    np.add.at(totals, account, values)
    return totals


def order_counts(world: World, windows: tuple[Span, ...], orders: Orders, lines: Lines) -> Counts:
    """Net sales in own currency (hundredths) and CNY (ten-thousandths), and delivery on three bases."""
    found: dict[str, Integers] = {}
    account = orders.account
    is_sold = (orders.status != CANCELLED)[lines.order]
    converted = in_yuan(world, orders, lines)
    for window in windows:
        kept = is_sold & window.holds(orders.ordered_on)[lines.order]
        buyer = account[lines.order]
        found[f"net/{window.name}"] = by_client(world, buyer, np.where(kept, lines.net_cents, 0))
        found[f"yuan/{window.name}"] = by_client(world, buyer, np.where(kept, converted, 0))
    return found | _delivery_counts(world, windows, orders, lines)


def in_yuan(world: World, orders: Orders, lines: Lines) -> Integers:
    """Net amounts at the last rate on or before the day of the order; exact, as foreign prices are whole."""
    rate = np.full(orders.account.size, RATE_UNIT, dtype=np.int64)
    currency = [client.currency for client in world.clients]
    for position in np.flatnonzero(world.currency() > 0).tolist():
        rows = orders.account == position
        rate[rows] = world.rates[currency[position]].on(orders.ordered_on[rows])
    return lines.net_cents * rate[lines.order] // 100


def _delivery_counts(world: World, windows: tuple[Span, ...], orders: Orders, lines: Lines) -> Counts:
    found: dict[str, Integers] = {}
    short = lines.delivered_quantity < lines.quantity
    in_full = np.ones(orders.account.size, dtype=np.bool_)
    in_full[lines.order[short]] = False
    counted = (orders.status != CANCELLED) & (orders.status != RETURNED)
    for basis in BASES:
        day: Integers = getattr(orders, f"{basis}_on")
        on_time = orders.delivered_on <= day
        for window in (window for window in windows if window.name in {"month", "quarter"}):
            due = counted & window.holds(day)
            name = f"{basis}/{window.name}"
            found[f"due/{name}"] = by_client(world, orders.account, due.astype(np.int64))
            found[f"on_time/{name}"] = by_client(world, orders.account, (due & on_time).astype(np.int64))
            found[f"otif/{name}"] = by_client(
                world, orders.account, (due & on_time & in_full).astype(np.int64)
            )
    return found


def month_activity(world: World, orders: Orders) -> Integers:
    """How many orders each client placed, neither cancelled nor returned."""
    counted = (orders.status != CANCELLED) & (orders.status != RETURNED)
    return by_client(world, orders.account, counted.astype(np.int64))


def money_counts(world: World, moment: int, orders: Orders, invoices: Invoices, payments: Payments) -> Counts:
    """Receivables, and what of them is overdue, in hundredths of the client's currency before `moment`."""
    account = orders.account[invoices.order]
    paid = np.zeros(account.size, dtype=np.int64)
    np.add.at(paid, payments.invoice, np.where(payments.paid_on < moment, payments.cents, 0))
    rest = np.where(invoices.issued_on < moment, invoices.gross_cents - paid, 0)
    overdue = np.where(invoices.due_on < moment - 1, rest, 0)
    return {
        "receivables": by_client(world, account, rest),
        "overdue": by_client(world, account, overdue),
    }


def case_counts(world: World, window: Span, cases: Cases) -> Counts:
    """Due and met on each clock for the cases opened in a window, judged at its end."""
    moment = window.until_on * 1_440
    kept = window.holds(cases.opened_at // 1_440)
    reply = world.column(lambda client: client.reply_hours, REPLY_HOURS)
    resolve = world.column(lambda client: client.resolve_hours, RESOLVE_HOURS)
    green = world.column(lambda client: client.green_reply_hours, GREEN_REPLY_HOURS)
    replied = (cases.first_reply_at, cases.reply_paused_minutes)
    clocks = {
        "first_reply": (kept, reply, *replied),
        "green_channel": (kept & cases.is_green, green, *replied),
        "resolution": (kept, resolve, cases.resolved_at, cases.paused_minutes),
    }
    found: dict[str, Integers] = {}
    for name, (rows, hours, stopped, paused) in clocks.items():
        deadline = cases.opened_at + paused + hours[cases.account] * 60
        is_stopped = stopped < moment
        due = rows & (is_stopped | (deadline < moment))
        met = due & is_stopped & (stopped <= deadline)
        found[f"due/{name}/{window.name}"] = by_client(world, cases.account, due.astype(np.int64))
        found[f"met/{name}/{window.name}"] = by_client(world, cases.account, met.astype(np.int64))
    found[f"cases/{window.name}"] = by_client(world, cases.account, kept.astype(np.int64))
    return found


def answer_counts(world: World, window: Span, answers: Answers) -> Counts:
    """CSAT answers of a window, and those of 4 and 5."""
    kept = window.holds(answers.answered_on) & ~answers.is_nps
    return {
        f"answers/{window.name}": by_client(world, answers.account, kept.astype(np.int64)),
        f"pleased/{window.name}": by_client(
            world, answers.account, (kept & (answers.score >= 4)).astype(np.int64)
        ),
    }


def money_text(hundredths: int) -> str:
    """Money with two decimals."""
    return _decimal(hundredths, 2)


def fine_text(ten_thousandths: int) -> str:
    """Money with four decimals."""
    return _decimal(ten_thousandths, 4)


def _decimal(number: int, places: int) -> str:
    whole, rest = divmod(abs(number), 10**places)
    return f"{'-' if number < 0 else ''}{whole}.{rest:0{places}d}"
