"""What customers could buy: the middle share of wallet of their peers who buy a product, times their own size. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_BLOCK = 512
"""How many customers are worked on at a time, so that memory stays small however many there are."""


@dataclass(frozen=True)
class Wallets:
    """Customers by position: how large they are, what they buy in all, and whether the size is stated or our sales.

    Amounts are in one scale; a size of zero or less is unknown. `segments` gives each customer's segment in each of
    the places where peers are sought, the narrowest first; sizes of both sources are never compared.
    """

    size: Floats
    bought: Floats
    is_stated: npt.NDArray[np.bool_]
    segments: tuple[Integers, ...]

    def groups(self, level: int) -> Integers:
        """The group of peers of each customer: the segment, apart by the source of the size."""
        found: Integers = np.unique(2 * self.segments[level] + self.is_stated, return_inverse=True)[1]
        return found.astype(np.int64)


@dataclass(frozen=True)
class Cells:
    """What each customer buys of each product: both by position, each pair once, amounts above zero."""

    customer: Integers
    product: Integers
    amount: Floats
    products: int


@dataclass(frozen=True)
class Potential:
    """Pairs of customer and product with whitespace, by position, and what it rests on.

    potential − current = whitespace. `share` is what peers spend on the product, as a share of their size; `level`
    where they were found, `peers` how many they are. `is_capped`: it was cut to what the customer has left to spend.
    `judged` is by customer, not by pair: for how many products there were peers enough.
    """

    customer: Integers
    product: Integers
    current: Floats
    whitespace: Floats
    share: Floats
    peers: Integers
    level: Integers
    is_capped: npt.NDArray[np.bool_]
    judged: Integers


def potentials(wallets: Wallets, cells: Cells, peers_from: int, least: float = 0.0) -> Potential:
    """The whitespace of every customer of known size; a customer is never its own peer.

    The peers of a pair are the other customers of its segment that buy the product; where they are too few the next
    wider segment counts. The sum over products never exceeds what is left of a stated size. Pairs with less whitespace
    than `least` are left out at once: where many buy much there are too many to be held.
    """
    sized = wallets.size[cells.customer] > 0
    known = Cells(cells.customer[sized], cells.product[sized], cells.amount[sized], cells.products)
    share = known.amount / wallets.size[known.customer]
    levels = [_level(wallets.groups(each), known, share) for each in range(len(wallets.segments))]
    blocks = [
        _listed(_block(wallets, known, levels, peers_from, at), least) for at in _blocks(wallets.size.size)
    ]
    names = Potential.__dataclass_fields__
    return Potential(**{name: np.concatenate([getattr(each, name) for each in blocks]) for name in names})


def _listed(made: Potential, least: float) -> Potential:
    """The pairs with so much whitespace; who was judged stays."""
    listed = made.whitespace >= least
    pairs = {name: getattr(made, name)[listed] for name in Potential.__dataclass_fields__ if name != "judged"}
    return Potential(**pairs, judged=made.judged)


def _blocks(count: int) -> Iterator[tuple[int, int]]:
    for first in range(0, max(count, 1), _BLOCK):
        yield first, min(first + _BLOCK, count)


@dataclass(frozen=True)
class _Level:
    """One place where peers are sought: by group and product how many buy and their middle share; by cell of the others."""

    group: Integers
    buyers: Integers
    middle: Floats
    middle_of_others: Floats


def _level(group: Integers, cells: Cells, share: Floats) -> _Level:
    groups = int(group.max()) + 1 if group.size else 0
    key = group[cells.customer] * cells.products + cells.product
    order = np.lexsort((share, key))
    count = np.bincount(key, minlength=groups * cells.products)
    first = np.cumsum(count) - count
    ordered = share[order]
    others = np.empty(share.size)
    others[order] = _middle_of_others(ordered, first[key[order]], count[key[order]])
    middle = _between(ordered, first, (count - 1) // 2, count // 2, count > 0)
    shape = (groups, cells.products)
    return _Level(group, count.reshape(shape), middle.reshape(shape), others)


def _between(
    ordered: Floats, first: Integers, low: Integers, high: Integers, known: npt.NDArray[np.bool_]
) -> Floats:
    """The mean of two places of each group; 0 where there are none."""
    last = max(ordered.size - 1, 0)
    padded = ordered if ordered.size else np.zeros(1)
    one, other = (padded[np.clip(first + place, 0, last)] for place in (low, high))
    return np.where(known, (one + other) / 2, 0.0)


def _middle_of_others(ordered: Floats, first: Integers, count: Integers) -> Floats:
    """For each value the median of the others of its group; 0 where there are none."""
    place = np.arange(ordered.size) - first
    low, high = (count - 2) // 2, (count - 1) // 2
    return _between(ordered, first, low + (low >= place), high + (high >= place), count > 1)


def _block(
    wallets: Wallets, cells: Cells, levels: Sequence[_Level], peers_from: int, span: tuple[int, int]
) -> Potential:
    """The pairs with whitespace of a span of customers."""
    begin, end = span
    current = np.zeros((end - begin, cells.products))
    mine = np.flatnonzero((cells.customer >= begin) & (cells.customer < end))
    at = (cells.customer[mine] - begin, cells.product[mine])
    current[at] = cells.amount[mine]
    share, peers, level = _judged(levels, peers_from, span, mine, at)
    size = np.maximum(wallets.size[begin:end], 0)[:, None]
    gap = np.where(level >= 0, np.maximum(share * size - current, 0), 0)
    cut = _fitting(gap, wallets, span)
    whitespace = gap * cut
    who, what = np.nonzero(whitespace > 0)
    return Potential(
        who + begin, what, current[who, what], whitespace[who, what], share[who, what], peers[who, what],
        level[who, what], np.broadcast_to(cut < 1, gap.shape)[who, what],
        judged=((level >= 0) & (size > 0)).sum(axis=1),
    )  # fmt: skip


def _judged(
    levels: Sequence[_Level],
    peers_from: int,
    span: tuple[int, int],
    mine: Integers,
    at: tuple[Integers, Integers],
) -> tuple[Floats, Integers, Integers]:
    """By customer of the span and product: the share of the nearest peers that are enough, how many, and where; else -1.

    `mine` are the cells of these customers and `at` where they stand: there the customer itself is left out.
    """
    begin, end = span
    shape = (end - begin, levels[0].buyers.shape[1])
    share, peers = np.zeros(shape), np.zeros(shape, dtype=np.int64)
    place = np.full(shape, -1, dtype=np.int64)
    for number, level in enumerate(levels):
        group = level.group[begin:end]
        buyers, middle = level.buyers[group], level.middle[group]
        buyers[at] -= 1
        middle[at] = level.middle_of_others[mine]
        found = (place < 0) & (buyers >= peers_from)
        share, peers = np.where(found, middle, share), np.where(found, buyers, peers)
        place = np.where(found, number, place)
    return share, peers, place


def _fitting(gap: Floats, wallets: Wallets, span: tuple[int, int]) -> Floats:
    """By which factor each customer's gaps fit into what it has left to spend; 1 where its size is only our sales."""
    begin, end = span
    total = gap.sum(axis=1)
    left = np.maximum(wallets.size[begin:end] - wallets.bought[begin:end], 0)
    fits = ~wallets.is_stated[begin:end] | (total <= left)
    factor = np.divide(left, total, out=np.ones(total.size), where=~fits)
    return np.asarray(factor)[:, None]
