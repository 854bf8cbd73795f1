"""The change of sales on the year before, taken apart by cause: price, volume, mix, new, lost, currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from pipeline.engine.exact import Integers, grouped_sums
from pipeline.engine.quantities import Quantity, reason_code
from pipeline.facts import account_fact, cell
from pipeline.words import Words

if TYPE_CHECKING:
    import pandas as pd

    from pipeline.engine.cells import Cells

PARTS = ("price", "volume", "mix", "new", "lost", "currency", "other")
_SOLD: dict[str, Any] = {"table": "sales", "on": "sold_on", "within": ("product_id", "unit", "currency")}
_BY_PART: dict[str, Any] = {"member": "account", "unit": "money", "by": {"part": PARTS}}


@cell(**_SOLD, unit="money", label=Words("按产品销售额", "sales by product"))
def sold_value(rows: pd.DataFrame) -> pd.Series:
    """What was sold of each product, converted at the rate of the day."""
    return rows["net_amount"]


@cell(
    **_SOLD, unit="quantity", label=Words("按产品销售额（原币）", "sales by product, in their own currency")
)
def sold_in_own_currency(rows: pd.DataFrame) -> pd.Series:
    """The same before conversion; a cell has one currency, so its amounts may be added."""
    return rows["net_amount"]


@cell(**_SOLD, unit="quantity", label=Words("按产品销售数量", "quantity by product"))
def sold_quantity(rows: pd.DataFrame) -> pd.Series:
    """How much was sold of each product, in its unit."""
    return rows["quantity"].fillna(0)


@account_fact(**_BY_PART, is_sum_of_values=True, label=Words("销售额变动", "change of sales"))
def bridge(f: Any) -> Quantity:
    """The change of an account's sales on the year before, or one part of it."""
    part = f.chosen("part")
    return _taken(f, (part,) if part else PARTS)


@account_fact(**_BY_PART, label=Words("可拆解销售额", "sales that can be taken apart"))
def bridge_base(f: Any) -> Quantity:
    """The size of an account's sales of both windows in cells with a quantity, whichever part is asked for."""
    return _taken(f, ("base",))


@account_fact(**_BY_PART, label=Words("两期销售额", "sales of both windows"))
def bridge_all(f: Any) -> Quantity:
    """The size of an account's sales of both windows, whichever part is asked for."""
    return _taken(f, ("all",))


class Sold(NamedTuple):
    """The cells of one window: value in the currency of the figure, value in their own currency, quantity."""

    value: Integers
    own: Integers
    quantity: Integers


def bridged(before: Sold, now: Sold, group: Integers, groups: int) -> dict[str, Integers]:
    """The parts of the change of each group (an account and unit), in the scale of the values; they add up exactly.

    Continuing cells have a quantity above zero in both windows. With q and p of the window before (0) and now (1),
    at the rates of the window before: volume (Q₁ − Q₀)·Σp₀q₀ ÷ Q₀, mix Σ(q₁ − q₀)p₀ − volume, price Σq₁(p₁ − p₀).
    Cells without any quantity cannot be taken apart: their change is `other`.
    """
    stays = (before.quantity > 0) & (now.quantity > 0)
    bare = (before.quantity == 0) & (now.quantity == 0)
    moved = np.where(stays, _scaled(before.value, now.quantity - before.quantity, before.quantity), 0)
    currency = np.where(stays, now.value - _at_old_rates(before, now), 0)
    change = now.value - before.value
    by_cell = {
        "price": np.where(stays, change - currency - moved, 0),
        "volume": np.zeros_like(change),
        "mix": moved,
        "new": np.where(stays | bare, 0, now.value),
        "lost": np.where(stays | bare, 0, -before.value),
        "currency": currency,
        "other": np.where(bare, change, 0),
    }
    parts = {name: grouped_sums(group, values, groups) for name, values in by_cell.items()}
    volume = _volume(before, now, stays, group, groups)
    return {**parts, "volume": volume, "mix": parts["mix"] - volume}


def _volume(before: Sold, now: Sold, stays: Any, group: Integers, groups: int) -> Integers:
    """(Q₁ − Q₀)·Σp₀q₀ ÷ Q₀ of each group's continuing cells."""
    old, new, worth = (
        grouped_sums(group, np.where(stays, each, 0), groups)
        for each in (before.quantity, now.quantity, before.value)
    )
    return _scaled(worth, new - old, old)


def _at_old_rates(before: Sold, now: Sold) -> Integers:
    """The value now at the mean rate of the window before; as it is where that is not known."""
    return np.where(before.own != 0, _scaled(now.own, before.value, before.own), now.value)


def _scaled(amounts: Integers, factors: Integers, divisors: Integers) -> Integers:
    """amount × factor ÷ divisor to the nearest unit; 0 where the divisor is."""
    share = np.divide(factors, divisors, out=np.zeros(amounts.size), where=divisors != 0)
    return np.rint(amounts * share).astype(np.int64)


def _sizes(before: Sold, now: Sold, group: Integers, groups: int) -> dict[str, Integers]:
    size = np.abs(before.value) + np.abs(now.value)
    has_quantity = (before.quantity != 0) | (now.quantity != 0)
    return {
        "base": grouped_sums(group, np.where(has_quantity, size, 0), groups),
        "all": grouped_sums(group, size, groups),
    }


class Known(NamedTuple):
    """Every part for every account, the scale of the amounts, and why an account's are not known."""

    parts: dict[str, Integers]
    scale: int
    reasons: Any


def _taken(f: Any, names: tuple[str, ...]) -> Quantity:
    """The sum of these parts of every account; unknown where the window a year ago is, or one of its cells."""
    known = f.once("bridge", lambda: _by_account(f))
    count = len(known.reasons)
    values = np.sum([known.parts.get(name, np.zeros(count, np.int64)) for name in names], axis=0)
    return Quantity(values, known.scale, known.reasons)


def _by_account(f: Any) -> Known:
    before, now = _cells(f.year_ago), _cells(f)
    count, scale = now[0].count, now[0].quantity.scale
    if before[0].short or now[0].short:
        return Known({}, scale, np.full(count, reason_code("short_history"), dtype=np.int8))
    group, owner = _groups(now[0])
    old, new = (Sold(*(each.quantity.values for each in window)) for window in (before, now))
    parts = {**bridged(old, new, group, owner.size), **_sizes(old, new, group, owner.size)}
    added = {name: grouped_sums(owner, values, count) for name, values in parts.items()}
    return Known(added, scale, _reasons((*before, *now), count))


def _cells(f: Any) -> tuple[Cells, Cells, Cells]:
    return f.cells.sold_value, f.cells.sold_in_own_currency, f.cells.sold_quantity


def _groups(cells: Cells) -> tuple[Integers, Integers]:
    """The account and unit of each cell as a number, and the account of each number."""
    units = np.asarray(cells.labels.get("unit", []), dtype=str)
    names, unit = np.unique(units, return_inverse=True)
    pairs, group = np.unique(cells.owners * (names.size + 1) + unit, return_inverse=True)
    return group.astype(np.int64), pairs // (names.size + 1)


def _reasons(windows: tuple[Cells, ...], count: int) -> Any:
    reasons = np.zeros(count, dtype=np.int8)
    for cells in windows:
        np.maximum.at(reasons, cells.owners, cells.quantity.reasons)
    return reasons
