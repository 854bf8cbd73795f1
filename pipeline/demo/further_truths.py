"""More of what is true of the demo: perfect orders, recommendation, deals, forecasts; counted while it is made. Pure."""

from __future__ import annotations

import numpy as np

from pipeline.demo.calendar import Month
from pipeline.demo.chance import Flags, Integers
from pipeline.demo.deals import Deals
from pipeline.demo.forecasts import Forecasts
from pipeline.demo.orders import CANCELLED, DELIVERED, RETURNED, Lines, Orders
from pipeline.demo.service import Answers
from pipeline.demo.truths import BASES, Counts, Span, by_client, in_yuan
from pipeline.demo.world import World

WINDOWS = ("month", "quarter")
"""The windows in which most things are counted; deals in all that end with the last whole month."""


def perfect_counts(world: World, windows: tuple[Span, ...], orders: Orders, lines: Lines) -> Counts:
    """Orders in full, on the date of the basis, documents right and undamaged; due as for OTIF."""
    is_perfect = (
        _in_full(orders, lines)
        & (orders.status == DELIVERED)
        & orders.is_document_correct
        & orders.is_undamaged
    )
    counted = (orders.status != CANCELLED) & (orders.status != RETURNED)
    found: dict[str, Integers] = {}
    for basis in BASES:
        day: Integers = getattr(orders, f"{basis}_on")
        for window in _chosen(windows):
            kept = counted & window.holds(day) & is_perfect & (orders.delivered_on <= day)
            found[f"perfect/{basis}/{window.name}"] = by_client(world, orders.account, kept.astype(np.int64))
    return found


def _in_full(orders: Orders, lines: Lines) -> Flags:
    in_full = np.ones(orders.account.size, dtype=np.bool_)
    in_full[lines.order[lines.delivered_quantity < lines.quantity]] = False
    return in_full


def _chosen(windows: tuple[Span, ...]) -> list[Span]:
    return [window for window in windows if window.name in WINDOWS]


def recommendation_counts(world: World, windows: tuple[Span, ...], answers: Answers) -> Counts:
    """Answers to the question of recommendation: 9 and 10, 7 and 8, 0 to 6."""
    found: dict[str, Integers] = {}
    ranks = {"promoters": (9, 10), "passives": (7, 8), "detractors": (0, 6)}
    for window in _chosen(windows):
        kept = window.holds(answers.answered_on) & answers.is_nps
        for name, (low, high) in ranks.items():
            ranked = kept & (answers.score >= low) & (answers.score <= high)
            found[f"{name}/{window.name}"] = by_client(world, answers.account, ranked.astype(np.int64))
    return found


def deal_counts(world: World, windows: tuple[Span, ...], deals: Deals) -> Counts:
    """Won and lost by the day of closing, and what was won in hundredths of the client's currency."""
    found: dict[str, Integers] = {}
    for window in windows:
        closed = window.holds(deals.closed_on)
        won, lost = closed & deals.is_won, closed & ~deals.is_won
        found[f"won/{window.name}"] = by_client(world, deals.account, won.astype(np.int64))
        found[f"lost/{window.name}"] = by_client(world, deals.account, lost.astype(np.int64))
        found[f"won_cents/{window.name}"] = by_client(world, deals.account, np.where(won, deals.cents, 0))
    return found


def sold_counts(world: World, month: Month, orders: Orders, lines: Lines) -> Counts:
    """Net sales of the month by client in ten-thousandths of CNY."""
    is_sold = (orders.status != CANCELLED)[lines.order]
    amounts = np.where(is_sold, in_yuan(world, orders, lines), 0)
    return {f"sold/{month.number}": by_client(world, orders.account[lines.order], amounts)}


def forecast_counts(world: World, month: Month, forecasts: Forecasts | None) -> Counts:
    """What was forecast in time for the month by client, in ten-thousandths of CNY; -1 where nothing was."""
    if forecasts is None:
        return {}
    amounts = np.full(len(world.clients), -1, dtype=np.int64)
    frozen = np.flatnonzero(~forecasts.is_correction)
    amounts[forecasts.account[frozen]] = forecasts.hundreds[frozen] * 1_000_000
    return {f"forecast/{month.number}": amounts}
