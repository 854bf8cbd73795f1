"""Exchange rates: the last known rate on or before a day, directly, the other way round, or through one currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.exact import Integers, divided_by_rate, times_rate
from pipeline.rules.finance import CurrencyRule

Days = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Series:
    """The rates of one pair: days since 1970 in ascending order, and the rate from each of them on."""

    days: Days
    rates: Integers


@dataclass(frozen=True)
class Rates:
    """All pairs of the `fx` table, by (currency, to_currency); days before `since` go by the rates of `before`."""

    pairs: Mapping[tuple[str, str], Series]
    since: int = 0
    before: Rates | None = None

    def converted(
        self, amounts: Integers, currency: str, to_currency: str, days: Days
    ) -> tuple[Integers, npt.NDArray[np.bool_]]:
        """Amounts of one currency in another at each row's day, and where no rate is known (the amount is then 0)."""
        made, missing = self._of_pairs(amounts, currency, to_currency, days)
        if self.before is None:
            return made, missing
        earlier = days < self.since
        old, absent = self.before.converted(amounts, currency, to_currency, days)
        return np.where(earlier, old, made), np.where(earlier, absent, missing)

    def _of_pairs(
        self, amounts: Integers, currency: str, to_currency: str, days: Days
    ) -> tuple[Integers, npt.NDArray[np.bool_]]:
        if currency == to_currency or not amounts.size:
            return amounts, np.zeros(amounts.size, dtype=np.bool_)
        direct = self.pairs.get((currency, to_currency))
        if direct is not None:
            return _applied(times_rate, direct, amounts, days)
        inverse = self.pairs.get((to_currency, currency))
        if inverse is not None:
            return _applied(divided_by_rate, inverse, amounts, days)
        return self._through_a_third(amounts, currency, to_currency, days)

    def _through_a_third(
        self, amounts: Integers, currency: str, to_currency: str, days: Days
    ) -> tuple[Integers, npt.NDArray[np.bool_]]:
        for between in sorted({name for pair in self.pairs for name in pair} - {currency, to_currency}):
            if self._linked(currency, between) and self._linked(between, to_currency):
                first, missing = self._of_pairs(amounts, currency, between, days)
                second, missing_too = self._of_pairs(first, between, to_currency, days)
                return second, missing | missing_too
        return np.zeros_like(amounts), np.ones(amounts.size, dtype=np.bool_)

    def _linked(self, one: str, other: str) -> bool:
        return (one, other) in self.pairs or (other, one) in self.pairs


def _applied(
    convert: object, series: Series, amounts: Integers, days: Days
) -> tuple[Integers, npt.NDArray[np.bool_]]:
    at = np.searchsorted(series.days, days, side="right") - 1
    missing = at < 0
    rates = series.rates[np.maximum(at, 0)]
    known = np.where(missing, 0, amounts)
    return convert(known, rates), missing  # type: ignore[operator]


def rates_of(fx: pd.DataFrame | None) -> Rates:
    """The rates of an `fx` table (canonical columns); no table, no pairs."""
    if fx is None or fx.empty:
        return Rates({})
    ordered = fx.sort_values(["currency", "to_currency", "rate_on"], kind="stable")
    groups = ordered.groupby(["currency", "to_currency"], sort=True)
    return Rates({(str(pair[0]), str(pair[1])): _series(rows) for pair, rows in groups})


def flow_rates(fx: pd.DataFrame | None, rules: Sequence[CurrencyRule]) -> Rates:
    """The rates at which flows convert, each by the rule of its own day; `rules` come oldest first.

    What fell on a day before the first rule goes by that.
    """
    made: Rates | None = None
    for flows, same in groupby(rules, key=lambda rule: rule.flows):
        by_month = fx is not None and flows == "month_average"
        pairs = rates_of(monthly_averages(fx) if fx is not None and by_month else fx).pairs
        since = int(np.datetime64(next(same).valid_from, "D").astype(np.int64))
        made = Rates(pairs) if made is None else Rates(pairs, since, made)
    return made or rates_of(fx)


def monthly_averages(fx: pd.DataFrame) -> pd.DataFrame:
    """The mean rate of each month, in force from the month's first day; half-up in the rate's last digit."""
    month = fx["rate_on"].dt.to_period("M").dt.to_timestamp()
    grouped = fx.assign(rate_on=month.astype(fx["rate_on"].dtype)).groupby(
        ["currency", "to_currency", "rate_on"]
    )
    sums = grouped["rate"].agg(["sum", "count"]).reset_index()
    rate = (sums["sum"].astype("int64") * 2 + sums["count"]) // (2 * sums["count"])
    return sums.assign(rate=rate.astype("Int64"))[["rate_on", "currency", "to_currency", "rate"]]


def _series(rows: pd.DataFrame) -> Series:
    days = rows["rate_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return Series(days, rows["rate"].to_numpy(dtype=np.int64))
