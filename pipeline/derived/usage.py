"""Use of products: what an account used in each month, and what would have been usual for it. No feed is not no use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, begins, derived
from pipeline.schema import SCALE

_KEYS = ["account_id", "product_id", "measure"]
_SAME = ["customer_id", "product_name", *_KEYS]
"""What all rows of an account, product and measure have in common."""
_SEASON = 12
_EACH_MONTH = 2
"""How many values of every month of the year make two seasons."""


@derived("usage")
def usage_months(inputs: Inputs) -> pd.DataFrame:
    """One row per account, product, measure and month, from the first the feed told of to the last whole one.

    `quantity`, `seats` and `active_seats` are empty in a month without a feed (`is_fed` false). `usual_quantity` is
    the median of the known months before, as many as policy looks back on; where every month of the year is known twice
    among them, the effect of the month (the median of its values over the median of all) is taken out before and put
    back; an unfinished month has none. `level_share` is the quantity over that, empty where either is not known or
    nothing was usual. `module` names product and measure, as quantities of different measures are never added.
    """
    rows = inputs.tables["usage"]
    rows = rows[rows["month_on"].notna() & (rows["month_on"] < np.datetime64(inputs.until_on))]
    rows = rows.assign(measure=rows["measure"].fillna(""), product_id=rows["product_id"].fillna(""))
    ordered = rows.sort_values([*_KEYS, "month_on"], kind="stable").reset_index(drop=True)
    last = np.datetime64(inputs.until_on, "M") - np.timedelta64(1, "M")
    every = _every_month(ordered, last)
    filled = ordered.reindex(every.at).reset_index(drop=True)
    told = ordered.reindex(columns=_SAME).iloc[every.before].reset_index(drop=True)
    quantity = filled["quantity"].astype("Int64")
    usual = pd.Series(_usual(quantity, every, last, inputs), dtype="Int64")
    return pd.DataFrame(
        {
            **{name: told[name].astype("str") for name in _SAME},
            "month_on": pd.Series(every.month.astype("datetime64[s]")),
            "is_fed": pd.Series(every.at >= 0, dtype=bool),
            "quantity": quantity,
            "seats": filled["seats"].astype("Int64"),
            "active_seats": filled["active_seats"].astype("Int64"),
            "usual_quantity": usual,
            "level_share": _share(quantity, usual),
            "module": (told["product_id"] + ":" + told["measure"]).astype("str"),
            "_from": ("usage:" + ordered["_row"].iloc[every.before].astype("str")).reset_index(drop=True),
        }
    )


@dataclass(frozen=True)
class _Months:
    """Every month of every series (account, product and measure), one series after the other."""

    month: npt.NDArray[np.datetime64]
    at: npt.NDArray[np.int64]
    """The row that tells of the month; -1 without a feed."""
    before: npt.NDArray[np.int64]
    """That row, or the last one before it."""
    starts: npt.NDArray[np.int64]
    """Where each series begins, and at the end how many months there are."""


def _every_month(ordered: pd.DataFrame, last: np.datetime64) -> _Months:
    """The months from the first of each series to the last whole one; rows come by series, then by month."""
    month = ordered["month_on"].to_numpy().astype("datetime64[M]")
    first = begins(*(ordered[name].to_numpy(dtype=object) for name in _KEYS))
    firsts = np.flatnonzero(first)
    ends = np.maximum(month[np.r_[firsts[1:], len(month)][: firsts.size] - 1], last)
    lengths = (ends - month[firsts]).astype(np.int64) + 1
    starts = np.r_[0, np.cumsum(lengths)].astype(np.int64)
    series = np.repeat(np.arange(firsts.size), lengths)
    into = np.arange(starts[-1]) - starts[series]
    place = starts[np.cumsum(first) - 1] + (month - month[firsts][np.cumsum(first) - 1]).astype(np.int64)
    at = np.full(int(starts[-1]), -1, dtype=np.int64)
    at[place] = np.arange(len(month))  # a key has one row a month: the gate sees to it
    return _Months(month[firsts][series] + into, at, np.maximum.accumulate(at) if at.size else at, starts)


def _share(quantity: pd.Series, usual: pd.Series) -> pd.Series:
    """The quantity over what is usual, in ten-thousandths, half up."""
    base = usual.where(usual > 0)
    return ((2 * quantity * SCALE + base) // (2 * base)).astype("Int64")


def _usual(quantity: pd.Series, every: _Months, last: np.datetime64, inputs: Inputs) -> list[Any]:
    """What is usual in each month, of the months of its series before it alone; empty where it is not known."""
    values = [None if pd.isna(each) else float(each) for each in quantity]
    numbers = every.month.astype(np.int64)
    seasons = (numbers % _SEASON).tolist()
    rules = {
        int(each): inputs.policy.find("usage", each.astype("datetime64[M]").astype("datetime64[D]").item())
        for each in np.unique(numbers)
    }
    found: list[Any] = []
    for first, end in pairwise(every.starts.tolist()):
        for at in range(first, end):
            rule = rules[int(numbers[at])] if every.month[at] <= last else None
            since = at if rule is None else max(first, at - rule.months)
            known = [(values[each], seasons[each]) for each in range(since, at) if values[each] is not None]
            enough = rule is not None and len(known) >= rule.fewest_months
            found.append(int(np.floor(usual_of(known, seasons[at]) + 0.5)) if enough else pd.NA)
    return found


def usual_of(known: Sequence[tuple[Any, int]], wanted: int) -> float:
    """The median of values with their months of the year (0-11), without the months' effects and with the wanted one's.

    The effects are known where every month of the year stands at least twice among the values and none is 0 or less.
    """
    level = float(median([value for value, _ in known]))
    by_season: dict[int, list[float]] = {}
    for value, season in known:
        by_season.setdefault(season, []).append(value)
    fewest = min((len(each) for each in by_season.values()), default=0)
    if len(by_season) < _SEASON or fewest < _EACH_MONTH or level <= 0:
        return level
    effects = {season: median(each) / level for season, each in by_season.items()}
    if min(effects.values()) <= 0:
        return level
    return float(median([value / effects[season] for value, season in known]) * effects[wanted])
