"""Whether amounts agree: in a currency that can be converted, with their parts, with what they are billed or paid for. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from babel.numbers import list_currencies

from pipeline.engine.exact import grouped_sums
from pipeline.gate.checks import CheckColumn, Surroundings, boolean, days_since_1970
from pipeline.schema import SCALE, TABLES

NOT_MONEY = frozenset({"XXX", "XTS"})
"""ISO 4217 codes for "no currency" and "test"."""
_FOREVER = 4_000_000  # days since 1970, far past any export


def iso_4217(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is a currency code, present or past."""
    values = rows[check.column]
    return boolean(values.isna() | values.isin(list_currencies() - NOT_MONEY))


def convertible(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """Whether `fx` links the currency to the reporting currency: directly, the other way round or through a third."""
    values = rows[check.column]
    near = _linked(around.tables.get("fx"), {around.currency})
    return boolean(values.isna() | values.isin(_linked(around.tables.get("fx"), near)))


def _linked(fx: pd.DataFrame | None, reached: set[str]) -> set[str]:
    if fx is None:
        return reached
    pairs = [(str(one), str(other)) for one, other in zip(fx["currency"], fx["to_currency"], strict=True)]
    return reached | {one for one, other in pairs if other in reached} | {b for a, b in pairs if a in reached}


def less(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """The value less the other columns."""
    rest = rows[check.column]
    for other in check.arguments:
        rest = rest - rows[other]
    return rest


def total_beyond(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """By how much the values of all rows with the same reference exceed the parent's column, without their signs.

    Currencies are never added together: a row is held against what its parent says in the same currency, with the
    other rows of that currency. A row that names none is in its parent's. Missing where nothing can be compared.
    """
    reference, column = check.arguments
    parent = TABLES[check.table].parents[reference]
    if parent not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    key = TABLES[parent].key[0]
    above = around.tables[parent].drop_duplicates(key)
    limits = pd.DataFrame({"reference": above[key], "currency": above["currency"], "limit": above[column]})
    return _beyond(rows, reference, check.column, limits)


def beyond_lines(check: CheckColumn, rows: pd.DataFrame, around: Surroundings) -> pd.Series[Any]:
    """By how much the values of all rows of an order exceed the net amounts of its lines, currency by currency.

    As `total_beyond`; missing where the order has no lines in that currency.
    """
    (reference,) = check.arguments
    if "order_lines" not in around.tables:
        return pd.Series(pd.NA, index=rows.index, dtype="Int64")
    lines = around.tables["order_lines"]
    orders = lines.groupby(["order_id", "currency"], dropna=False)["net_amount"].sum().reset_index()
    limits = orders.set_axis(["reference", "currency", "limit"], axis="columns")
    return _beyond(rows, reference, check.column, limits)


def _beyond(rows: pd.DataFrame, reference: str, column: str, limits: pd.DataFrame) -> pd.Series[Any]:
    """By how much rows of one `reference` and `currency` exceed their `limit`; `limits` has one of each."""
    single = limits.drop_duplicates("reference", keep=False)
    stated = dict(zip(single["reference"], single["currency"], strict=True))
    named = rows[reference]
    currency = rows["currency"].fillna(named.map(stated).astype("str"))
    totals = rows.groupby([named, currency], dropna=False)[column].transform("sum").astype("Int64")
    pairs = pd.DataFrame({"reference": named, "currency": currency})
    same = pairs.merge(limits, how="left", on=["reference", "currency"])["limit"]
    without = limits[limits["currency"].isna()].set_index("reference")["limit"]
    limit = same.set_axis(rows.index).astype("Int64").fillna(named.map(without).astype("Int64"))
    beyond: pd.Series[Any] = (totals.abs() - limit.abs()).mask(named.isna(), pd.NA)
    return beyond


def negative_only_with(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether the value is negative only where the other one is not positive: a return gives no money in."""
    (other,) = check.arguments
    against = rows[check.column].lt(0).fillna(value=False) & rows[other].gt(0).fillna(value=False)
    return boolean(~against)


def whole_within(check: CheckColumn, rows: pd.DataFrame, _: Surroundings) -> pd.Series[Any]:
    """Whether on each day of the row the shares of all rows with the same other columns make 1.

    A row holds from its `from_on` until the day before its `to_on`; a missing share is 1, and such a row is in order.
    """
    group = rows.groupby(list(check.arguments), dropna=False, sort=False).ngroup()
    first = days_since_1970(rows["from_on"]).fillna(0).to_numpy(dtype=np.int64)
    until = days_since_1970(rows["to_on"]).fillna(_FOREVER).to_numpy(dtype=np.int64)
    shares = rows[check.column].fillna(SCALE).to_numpy(dtype=np.int64)
    base = group.to_numpy(dtype=np.int64) * 2 * _FOREVER
    broken = _broken_days(base + first, base + np.maximum(first, until), shares)
    return boolean(pd.Series(~broken, index=rows.index) | rows[check.column].isna())


def _broken_days(
    first: npt.NDArray[np.int64], until: npt.NDArray[np.int64], shares: npt.NDArray[np.int64]
) -> npt.NDArray[np.bool_]:
    """For each span whether the shares of the spans over some day of it make another sum than SCALE.

    Between two bounds nothing changes, so the sum is taken at the bounds alone; how many of the stretches between
    them are broken up to a bound answers for any span.
    """
    bounds, places = np.unique(np.concatenate([first, until]), return_inverse=True)
    steps = grouped_sums(places.astype(np.int64), np.concatenate([shares, -shares]), len(bounds))
    broken = np.cumsum(steps) != SCALE
    so_far = np.concatenate([[0], np.cumsum(broken)])
    begin, end = places[: len(first)], places[len(first) :]
    return np.asarray((end > begin) & (so_far[end] > so_far[begin]))


def of_total(check: CheckColumn) -> dict[str, tuple[str, ...]]:
    """What `total_beyond` reads of other tables."""
    reference, column = check.arguments
    parent = TABLES[check.table].parents[reference]
    return {parent: (TABLES[parent].key[0], column, "currency")}
