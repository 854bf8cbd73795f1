"""Chance without a state: each draw is a hash of the seed, its purpose and the row's key. Pure.

A row's draws therefore depend on nothing but the row: another account or a new column changes no other row, the
order of drawing does not matter, and the bits are those of integer arithmetic on every machine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
Flags = npt.NDArray[np.bool_]


def _mixed(values: Keys) -> Keys:
    """The finaliser of splitmix64 (Steele, Lea, Flood 2014): every bit of the input moves every bit of the output."""
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def _salt(text: str) -> Keys:
    digest = hashlib.sha256(text.encode()).digest()
    return np.array([int.from_bytes(digest[:8], "big")], dtype=np.uint64)


@dataclass(frozen=True)
class Chance:
    """Draws for rows named by keys; `purpose` keeps the draws of one row apart."""

    seed: int

    def keys(self, kind: str, *parts: Integers) -> Keys:
        """One key a row, made of whole numbers such as account, month and running number (broadcast)."""
        salted = _mixed(_salt(f"{self.seed}/{kind}"))
        for part in parts:
            salted = _mixed(salted + np.asarray(part).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15))
        return salted

    def below(self, purpose: str, keys: Keys, limit: Integers | int) -> Integers:
        """Whole numbers 0 … limit-1; limits lie below 2³¹."""
        bits = _mixed(keys + _salt(purpose)) >> np.uint64(32)
        drawn: Integers = ((bits * np.asarray(limit).astype(np.uint64)) >> np.uint64(32)).astype(np.int64)
        return drawn

    def between(self, purpose: str, keys: Keys, low: Integers | int, high: Integers | int) -> Integers:
        """Whole numbers low … high, both included."""
        return np.asarray(low) + self.below(purpose, keys, np.asarray(high) - np.asarray(low) + 1)

    def happens(self, purpose: str, keys: Keys, percent: Integers | int) -> Flags:
        """True for about `percent` of the rows."""
        return self.below(purpose, keys, 100) < percent

    def one_of(self, purpose: str, keys: Keys, weights: Sequence[int] | Integers) -> Integers:
        """The index of a weight for each row, drawn in proportion."""
        borders = np.cumsum(np.asarray(weights, dtype=np.int64))
        return np.searchsorted(borders, self.below(purpose, keys, int(borders[-1])), side="right").astype(
            np.int64
        )

    def of(self, kind: str, number: int) -> Callable[[str, int], int]:
        """Single draws about one thing: (purpose, limit) → 0 … limit-1."""
        keys = self.keys(kind, np.array([number], dtype=np.int64))
        return lambda purpose, limit: int(self.below(purpose, keys, limit)[0])
