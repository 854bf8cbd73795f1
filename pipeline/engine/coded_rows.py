"""A fact table with numbers in place of its ids, words and days: looked up once for all facts that are measured on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.ownership import days_of

if TYPE_CHECKING:
    from pipeline.engine.cube import Setting
    from pipeline.engine.exact import Integers

FAR = 4_000_000
"""Days since 1970 of what has no day: far past any export."""
_NOTHING = np.array("", dtype=object)


@dataclass(frozen=True)
class Credits:
    """A line for each row and manager who is credited with it, rows in order."""

    row: Integers
    post: Integers
    weight: Integers


@dataclass(frozen=True)
class Words:
    """The words of a column in ascending order, and the position of each row's; -1 where it has none."""

    place: Integers
    names: tuple[str, ...]


@dataclass(frozen=True)
class CodedRows:
    """The rows of a fact table; each column is turned into numbers when it is first asked for."""

    rows: pd.DataFrame
    setting: Setting
    _days: dict[str, Integers] = field(default_factory=dict, repr=False, compare=False)
    _credits: dict[str, Credits] = field(default_factory=dict, repr=False, compare=False)
    _words: dict[str, Words] = field(default_factory=dict, repr=False, compare=False)

    def __len__(self) -> int:
        return len(self.rows)

    @cached_property
    def account(self) -> Integers:
        return self.setting.directory.account_codes(self.rows["account_id"])

    @cached_property
    def manager(self) -> Integers:
        """The manager whom the row itself names, or NOBODY."""
        return self.setting.directory.manager_codes(self.rows.get("manager_id"), len(self))

    @cached_property
    def product_id(self) -> npt.NDArray[Any]:
        return self.rows["product_id"].to_numpy(dtype=object)

    @cached_property
    def product(self) -> Integers:
        """The position among the products; -1 where there is none of that id."""
        products = pd.Index(self.setting.directory.products)
        return products.get_indexer(pd.Index(self.product_id)).astype(np.int64)

    @cached_property
    def currency(self) -> npt.NDArray[Any]:
        return self.rows["currency"].to_numpy(dtype=object)

    @property
    def nothing(self) -> npt.NDArray[Any]:
        """An empty text for each row."""
        return np.broadcast_to(_NOTHING, len(self))

    def days(self, column: str) -> Integers:
        """Days since 1970; FAR where there is none."""
        if column not in self._days:
            self._days[column] = days_of(self.rows[column], FAR)
        return self._days[column]

    def credits(self, on: str) -> Credits:
        """Who served each row's account on the day in a column, in his post of that day."""
        if on not in self._credits:
            days, setting = self.days(on), self.setting
            row, manager, weight = setting.ownership.credits(self.account, days, self.manager)
            self._credits[on] = Credits(row, setting.directory.posts.at(manager, days[row]), weight)
        return self._credits[on]

    def words(self, column: str) -> Words:
        """The texts of a column as numbers."""
        if column not in self._words:
            codes, found = pd.factorize(self.rows[column])
            names = sorted(name for name in found if isinstance(name, str))
            rank = {name: at for at, name in enumerate(names)}
            ranks = np.array([*(rank.get(name, -1) for name in found), -1], dtype=np.int64)
            self._words[column] = Words(ranks[codes], tuple(names))
        return self._words[column]
