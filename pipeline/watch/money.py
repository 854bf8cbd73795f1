"""Money of early warning in one currency: what an account bought, and what a year with it is worth. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs
from pipeline.engine.fx import flow_rates, rates_of
from pipeline.schema import NO_ACCOUNT, SCALE
from pipeline.watch.statistics import Codes, Flags

SPAN = 8_000_000
"""More than any day since 1970: what a code is multiplied with in a key."""


def day_numbers(days: Any) -> Codes:
    """Days since 1970-01-01."""
    found: Codes = np.asarray(days).astype("datetime64[D]").astype(np.int64)
    return found


def in_reporting(
    amounts: pd.Series, currencies: pd.Series, days: pd.Series, inputs: Inputs, *, is_position: bool = False
) -> tuple[Codes, Flags]:
    """Ten-thousandths of the reporting currency, and where no rate or amount is known (0).

    What falls on a day converts by policy's rule of the day, a position (what is owed) at the rate of the day.
    """
    fx = inputs.tables.get("fx")
    rates = rates_of(fx) if is_position else flow_rates(fx, inputs.policy.all("currency"))
    target = inputs.settings.company.currency
    made = amounts.fillna(0).to_numpy(dtype=np.int64).copy()
    unknown = amounts.isna().to_numpy(dtype=bool).copy()
    day, names = day_numbers(days), currencies.fillna(target).to_numpy(dtype=object)
    for currency in sorted(set(names.tolist()) - {target}):
        rows = np.flatnonzero(names == currency)
        made[rows], missing = rates.converted(made[rows], currency, target, day[rows])
        unknown[rows] |= missing
    return made, unknown


@dataclass(frozen=True)
class Book:
    """What each account (or customer) bought, in the reporting currency, so that any span of days can be added up."""

    names: pd.Index
    keys: Codes
    sums: Codes
    unknown: Codes

    @cached_property
    def codes(self) -> dict[str, int]:
        """The position of each name."""
        return {str(name): at for at, name in enumerate(self.names)}

    def between(self, names: Any, from_day: Codes, until_day: Codes) -> tuple[Codes, Flags]:
        """Sales in [from, until) of each name, and whether all of it is known."""
        return self._between(self.names.get_indexer(pd.Index(names)).astype(np.int64), from_day, until_day)

    def _between(self, codes: Codes, from_day: Codes, until_day: Codes) -> tuple[Codes, Flags]:
        low, high = (np.searchsorted(self.keys, codes * SPAN + day) for day in (from_day, until_day))
        there = codes >= 0
        total = np.where(there, self.sums[high] - self.sums[low], 0)
        return total, ~there | (self.unknown[high] == self.unknown[low])

    def year_before(self, names: Any, days: Any) -> tuple[Codes, Flags]:
        """Sales of the 365 days before each day."""
        until = day_numbers(days)
        return self.between(names, until - 365, until)

    def is_worth(self, name: str, day: Any, least: int) -> bool:
        """Whether the 365 days before a day came to at least so much; unknown money is not held against it."""
        until, code = day_numbers([day]), np.array([self.codes.get(name, -1)], dtype=np.int64)
        total, known = self._between(code, until - 365, until)
        return bool(~known[0] or total[0] >= least)

    def table(self, days: Any, span: int = 365) -> tuple[Codes, Flags]:
        """Names × days: the sales of so many days before each day, and whether all of it is known."""
        until, codes = day_numbers(days), np.arange(len(self.names), dtype=np.int64)[:, None]
        return self._between(codes, until[None, :] - span, until[None, :])

    def first_day(self, name: str, otherwise: int) -> int:
        """The first day, in days since 1970, on which a name bought anything."""
        code = self.codes.get(name, -1)
        at = int(np.searchsorted(self.keys, code * SPAN)) if code >= 0 else 0
        return int(self.keys[at] % SPAN) if code >= 0 else otherwise


def sold(inputs: Inputs) -> pd.DataFrame:
    """The sales of accounts that are known, dated and by the cut-off."""
    rows = inputs.made("sales")
    kept = (
        rows["sold_on"].notna()
        & (rows["sold_on"] < np.datetime64(inputs.until_on))
        & (rows["account_id"] != NO_ACCOUNT)
    )
    return rows[kept].sort_values(["account_id", "sold_on", "_from"], kind="stable", ignore_index=True)


def book(rows: pd.DataFrame, by: str, inputs: Inputs) -> Book:
    """The sales book of rows of `sold`, by account_id or customer_id."""
    ordered = rows.sort_values([by, "sold_on"], kind="stable", ignore_index=True)
    amounts, unknown = in_reporting(ordered["net_amount"], ordered["currency"], ordered["sold_on"], inputs)
    names = pd.Index(ordered[by].unique())
    keys = names.get_indexer(pd.Index(ordered[by])) * SPAN + day_numbers(ordered["sold_on"])
    return Book(names, keys, _running(amounts), _running(unknown.astype(np.int64)))


def _running(values: npt.NDArray[np.int64]) -> Codes:
    return np.concatenate([[0], np.cumsum(values)])


def scaled(amount: float) -> int:
    """An amount of policy in ten-thousandths."""
    return round(amount * SCALE)
