"""Invoices, credit notes and payments of one month's orders. Pure.

Goods carry 13 % tax and services 6 %, exports none. What a client deducts for a credit note is a payment of its
negative amount, so that both items become zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pipeline.demo.calendar import NEVER, Month
from pipeline.demo.chance import Flags, Integers, Keys
from pipeline.demo.customers import level_at
from pipeline.demo.market import PRODUCTS
from pipeline.demo.orders import DELIVERED, RETURNED, Lines, Orders
from pipeline.demo.world import World

_TAX_PERCENT = np.array([6 if product.is_service else 13 for product in PRODUCTS], dtype=np.int64)


@dataclass(frozen=True)
class Invoices:
    """Aligned columns, one entry an invoice or credit note; money in hundredths of the order's currency."""

    order: Integers
    """Position of its order in the month's Orders."""
    issued_on: Integers
    due_on: Integers
    net_cents: Integers
    tax_cents: Integers
    is_credit_note: Flags
    is_disputed: Flags

    @property
    def gross_cents(self) -> Integers:
        return self.net_cents + self.tax_cents


@dataclass(frozen=True)
class Payments:
    """Aligned columns, one entry a payment."""

    invoice: Integers
    """Position of its invoice in the month's Invoices."""
    part: Integers
    """1, or 2 for the second of two."""
    paid_on: Integers
    cents: Integers


def invoices_of(world: World, month: Month, orders: Orders, lines: Lines) -> Invoices:
    """One for each order that is delivered or returned, some days afterwards; none after the end of the export."""
    issued = _issued_on(world, orders)
    order = np.flatnonzero(issued <= world.until).astype(np.int64)
    net, tax = _totals(world, orders, lines)
    account, key = orders.account[order], orders.key[order]
    terms = world.column(lambda client: client.payment_days)[account]
    is_credit = orders.status[order] == RETURNED
    return Invoices(
        order=order,
        issued_on=issued[order],
        due_on=issued[order] + np.where(is_credit, 0, terms),
        net_cents=net[order],
        tax_cents=tax[order],
        is_credit_note=is_credit,
        is_disputed=_is_unpaid(world, month, account, key)
        & world.chance.happens("disputed", key, 45)
        & ~is_credit,
    )


def _issued_on(world: World, orders: Orders) -> Integers:
    since = np.where(orders.status == RETURNED, orders.ordered_on, orders.delivered_on)
    has_left = (orders.status == DELIVERED) | (orders.status == RETURNED)
    known = np.where(has_left, since, world.until)
    issued = world.workdays.on_or_after(known + world.chance.between("invoicing", orders.key, 0, 4))
    return np.where(has_left, issued, NEVER)


def _totals(world: World, orders: Orders, lines: Lines) -> tuple[Integers, Integers]:
    """Net and tax of each order: what was delivered, each rate of tax rounded once."""
    delivered = lines.delivered_quantity * lines.unit_cents
    net = delivered - np.where(lines.delivered_quantity != 0, lines.discount_cents, 0)
    is_home = (world.currency()[orders.account] == 0)[lines.order]
    rate = np.where(is_home, _TAX_PERCENT[lines.product], 0)
    count = orders.account.size
    by_rate = {
        percent: _added(lines.order, np.where(rate == percent, net, 0), count) for percent in (0, 6, 13)
    }
    tax = sum(
        (_rounded(base * percent) for percent, base in by_rate.items()), np.zeros(count, dtype=np.int64)
    )
    return _added(lines.order, net, count), tax


def _added(groups: Integers, values: Integers, count: int) -> Integers:
    totals = np.zeros(count, dtype=np.int64)
    np.add.at(totals, groups, values)
    return totals


def _rounded(hundredths: Integers) -> Integers:
    """Hundredths to whole numbers, halves away from zero."""
    rounded: Integers = np.sign(hundredths) * ((np.abs(hundredths) + 50) // 100)
    return rounded


def _is_unpaid(world: World, month: Month, account: Integers, key: Keys) -> Flags:
    """Some clients leave invoices of the last half-year open."""
    percent = world.column(lambda client: client.unpaid_percent if month.ago <= 6 else 0)
    return world.chance.happens("unpaid", key, percent[account])


def payments_of(world: World, month: Month, orders: Orders, invoices: Invoices) -> Payments:
    """Each invoice paid at once or in two parts, sooner or later; nothing after the end of the export."""
    chance, order = world.chance, invoices.order
    account, key = orders.account[order], orders.key[order]
    first_on = _paid_on(world, month, account, key, invoices)
    second_on = world.workdays.on_or_after(
        np.minimum(first_on, world.until) + chance.between("rest", key, 10, 35)
    )
    in_parts = chance.happens("in parts", key, 13) & ~invoices.is_credit_note
    gross = invoices.gross_cents
    first = np.where(in_parts, gross * chance.between("part", key, 30, 75) // 100, gross)
    position = np.arange(order.size, dtype=np.int64)
    every = Payments(
        invoice=np.concatenate([position, position]),
        part=np.repeat(np.array([1, 2], dtype=np.int64), order.size),
        paid_on=np.concatenate([first_on, np.where(first_on <= world.until, second_on, NEVER)]),
        cents=np.concatenate([first, gross - first]),
    )
    return _happened(every, world.until)


def _paid_on(world: World, month: Month, account: Integers, key: Keys, invoices: Invoices) -> Integers:
    """Due day, a few days around it, and what this client is usually late in this month; returns with the next run."""
    chance = world.chance
    usual = world.column(lambda client: level_at(client.pays_late_levels, month.ago, 3))[account]
    late = chance.between("paying", key, -6, 5) + chance.below("paying late", key, 2 * usual + 1)
    late = np.where(invoices.is_credit_note, chance.between("clearing", key, 5, 25), late)
    paid = world.workdays.on_or_after(np.maximum(invoices.due_on + late, invoices.issued_on + 1))
    unpaid = _is_unpaid(world, month, account, key) & ~invoices.is_credit_note
    return np.where(unpaid, NEVER, paid)


def _happened(payments: Payments, until: int) -> Payments:
    """Payments by the end of the export, an invoice's parts together."""
    kept = np.flatnonzero((payments.paid_on <= until) & (payments.cents != 0))
    kept = kept[np.lexsort((payments.part[kept], payments.invoice[kept]))]
    return Payments(payments.invoice[kept], payments.part[kept], payments.paid_on[kept], payments.cents[kept])
