"""Which product suggests which: how often customers buy both, and the next best ones for each customer. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from pipeline.rules.whitespace import WhitespaceRule

Integers = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_BLOCK = 512
_NEVER = np.iinfo(np.int32).max


@dataclass(frozen=True)
class Bought:
    """Who buys what: pairs of customer and product by position, each once, among so many of both."""

    customer: Integers
    product: Integers
    customers: int
    products: int

    def matrix(self, begin: int, end: int) -> npt.NDArray[np.float32]:
        """1 where a customer of the span buys a product."""
        made = np.zeros((end - begin, self.products), dtype=np.float32)
        mine = (self.customer >= begin) & (self.customer < end)
        made[self.customer[mine] - begin, self.product[mine]] = 1
        return made


@dataclass(frozen=True)
class Pairs:
    """By two products: how many customers buy both; by one: how many buy it; and how many customers there are."""

    together: Integers
    buyers: Integers
    customers: int

    @property
    def confidence(self) -> Floats:
        """Of those who buy the first (row) the share that buys the second (column)."""
        return _divided(self.together, self.buyers[:, None])

    @property
    def lift(self) -> Floats:
        """How many times oftener the second is bought by those who buy the first than by all; the same both ways."""
        return _divided(self.together * self.customers, self.buyers[:, None] * self.buyers[None, :])


def _divided(top: Integers, bottom: Integers) -> Floats:
    under = np.broadcast_to(bottom, top.shape)
    return np.divide(top, under, out=np.zeros(top.shape), where=under > 0)


def pairs(bought: Bought) -> Pairs:
    """The counts of every two products, added up over blocks of customers by matrix multiplication."""
    together = np.zeros((bought.products, bought.products), dtype=np.int64)
    for begin in range(0, bought.customers, _BLOCK):
        block = bought.matrix(begin, min(begin + _BLOCK, bought.customers))
        together += np.rint(block.T @ block).astype(np.int64)  # counts of a block are exact in 32 bits
    return Pairs(together, np.diagonal(together).copy(), bought.customers)


@dataclass(frozen=True)
class Suggestions:
    """The next best products: customer, product, the bought product that suggests it, and the place from 1 on."""

    customer: Integers
    product: Integers
    because: Integers
    place: Integers


def suggestions(bought: Bought, found: Pairs, rule: WhitespaceRule) -> Suggestions:
    """For each customer the products it does not buy that are most often bought with one that it does.

    By confidence, then lift, then the number of customers; of equal ones the smaller product id comes first, then the
    smaller id of the one that suggests it. None below the policy's support.
    """
    because, product = _order(found, rule)
    rank = np.full(found.together.shape, _NEVER, dtype=np.int32)
    rank[because, product] = np.arange(because.size, dtype=np.int32)
    blocks = [
        _of_block(bought, rank, rule.most_suggestions, begin) for begin in range(0, bought.customers, _BLOCK)
    ]
    nothing = np.zeros((3, 0), dtype=np.int64)
    customer, place, chosen = np.concatenate([nothing, *blocks], axis=1)
    return Suggestions(customer, product[chosen], because[chosen], place)


def _order(found: Pairs, rule: WhitespaceRule) -> tuple[Integers, Integers]:
    """The pairs that policy lets suggest, the best first."""
    because, product = np.nonzero(found.together >= max(rule.together_from, 1))
    both, first, second = found.together[because, product], found.buyers[because], found.buyers[product]
    confidence, lift = both / first, both * found.customers / (first * second)
    fits = (confidence >= rule.confidence_from) & (lift > rule.lift_above) & (because != product)
    keys = (because, product, -both, -lift, -confidence)
    order = np.flatnonzero(fits)[np.lexsort([key[fits] for key in keys])]
    return because[order], product[order]


def _of_block(bought: Bought, rank: npt.NDArray[np.int32], most: int, begin: int) -> Integers:
    """Customer, place and rank of the best suggestions of a block of customers."""
    has = bought.matrix(begin, min(begin + _BLOCK, bought.customers)) > 0
    best = np.full(has.shape, _NEVER, dtype=np.int32)
    for product in range(bought.products):
        buyers = np.flatnonzero(has[:, product])
        best[buyers] = np.minimum(best[buyers], rank[product])
    best[has] = _NEVER
    top = np.sort(best, axis=1)[:, :most]
    customer, place = np.nonzero(top < _NEVER)
    return np.stack([customer + begin, place + 1, top[customer, place]]).astype(np.int64)
