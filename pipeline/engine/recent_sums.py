"""Sums by subject that were asked for lately: of thousands of accounts not all of them can be held at once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

Sum = tuple[Any, Any, int]
"""A fact added up: values and gaps by subject and edge (gaps: None where all is known), and the reason of the gaps."""


class RecentSums:
    """Sums by key, each made when it is first asked for; the one asked for last stands last."""

    def __init__(self) -> None:
        self._held: dict[Hashable, Sum] = {}

    def __len__(self) -> int:
        return len(self._held)

    def get(self, key: Hashable, make: Callable[[], Sum]) -> Sum:
        """The sum under this key."""
        found = self._held.pop(key) if key in self._held else make()
        self._held[key] = found
        return found

    def trim(self, most: int) -> None:
        """Let go of what was not asked for the longest time until no more than so many bytes are held."""
        sizes = {key: _size(each) for key, each in self._held.items()}
        over = sum(sizes.values()) - most
        for key, size in sizes.items():
            if over <= 0:
                return
            del self._held[key]
            over -= size


def _size(each: Sum) -> int:
    values, gaps, _ = each
    return int(values.nbytes) + (0 if gaps is None else int(gaps.nbytes))
