"""Anonymous aggregates of many customers: what may be told of a group so that nothing can be told of one in it.

A cell is told only of at least five customers of whom none has more than half of the sales. A total is told only where
what is not told of it is itself such a cell, so that no difference of what is told reveals less. Parts that are too
small are joined with their neighbour instead of left out beside a total. Numbers of customers stand in bands of five.

Source: the threshold and (n, k) dominance rules of A. Hundepool et al., Statistical Disclosure Control (2012), ch. 4.
"""

from __future__ import annotations

import statistics
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

FEWEST = 5
"""Customers in a cell."""
LARGEST = 0.5
"""The share of a cell's sales that one customer may have."""
FOR_QUARTILES = 8
"""From this number on each quarter holds two customers, so that its border lies between two of them."""


@dataclass(frozen=True)
class Member:
    """One customer's part in a cell: its group, its value, and its sales, by which it may dominate."""

    customer_id: str
    group: str
    value: float
    sales: float


@dataclass(frozen=True)
class Cell:
    """What may be told of a group: median, the borders of its middle half, and a band of its number."""

    median: float
    low: float | None
    high: float | None
    band: tuple[int, int]


def may_be_told(members: Collection[Member]) -> bool:
    """Whether a cell holds enough customers, none of whom dominates it. Without any sales nobody can say who does."""
    sales = [max(each.sales, 0.0) for each in members]
    return len(sales) >= FEWEST and 0 < max(sales) <= LARGEST * sum(sales)


def cell(members: Sequence[Member]) -> Cell | None:
    """The members as a cell; None where it may not be told."""
    if not may_be_told(members):
        return None
    values = sorted(each.value for each in members)
    has_quartiles = len(values) >= FOR_QUARTILES
    low, median, high = statistics.quantiles(values, n=4, method="inclusive")
    return Cell(median, low if has_quartiles else None, high if has_quartiles else None, band(len(values)))


def band(number: int) -> tuple[int, int]:
    """The first and the last number of the band of five in which a number lies."""
    first = number // FEWEST * FEWEST
    return first, first + FEWEST - 1


def groups(members: Iterable[Member]) -> dict[str, list[Member]]:
    """The members by group, in the order of the groups' names."""
    found: dict[str, list[Member]] = {}
    for each in members:
        found.setdefault(each.group, []).append(each)
    return dict(sorted(found.items()))


def told_groups(members: Iterable[Member]) -> frozenset[str]:
    """The groups that may be told; members without a group are in none."""
    return frozenset(name for name, own in groups(members).items() if name and may_be_told(own))


def total(members: Sequence[Member]) -> Cell | None:
    """All members as a cell; None where subtracting what is told of groups would leave less than a cell."""
    told = told_groups(members)
    rest = [each for each in members if each.group not in told]
    return cell(members) if not rest or may_be_told(rest) else None


def parts(members: Sequence[Member], borders: Sequence[float]) -> tuple[tuple[tuple[int, int], int], ...]:
    """How many members lie between each two borders, as ((first, last) class, number); none where all is one part.

    Class 0 lies below the first border. A class that may not be told is joined with the next, the last with the one
    before it.
    """
    classes: list[list[Member]] = [[] for _ in range(len(borders) + 1)]
    for each in members:
        classes[sum(each.value >= border for border in borders)].append(each)
    joined: list[tuple[tuple[int, int], list[Member]]] = []
    for at, own in enumerate(classes):
        if joined and not may_be_told(joined[-1][1]):
            joined[-1] = ((joined[-1][0][0], at), joined[-1][1] + own)
        else:
            joined.append(((at, at), list(own)))
    while len(joined) > 1 and not may_be_told(joined[-1][1]):
        (_first, last), own = joined.pop()
        joined[-1] = ((joined[-1][0][0], last), joined[-1][1] + own)
    return tuple((span, len(own)) for span, own in joined) if len(joined) > 1 else ()


def cells(members: Sequence[Member]) -> Mapping[str, Cell]:
    """The cell of each group that may be told."""
    told = told_groups(members)
    made = {name: cell(own) for name, own in groups(members).items() if name in told}
    return {name: each for name, each in made.items() if each is not None}
