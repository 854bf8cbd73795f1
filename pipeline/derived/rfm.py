"""Recencies: how long ago each customer last bought, as it stood at the end of each of the last months."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.periods import add_months

if TYPE_CHECKING:
    from pipeline.engine.exact import Integers

_MONTHS = 24


@derived()
def recencies(inputs: Inputs) -> pd.DataFrame:
    """One row per customer and month end, for the as-of date and the 24 months before it: days since its last sale.

    Sales above zero count, of all accounts of a group. Of a customer that had not bought yet there is no row. Each row
    holds on one day only, `from_on`. Rows stand on the customer's top account.
    """
    bought = _days_of_sales(inputs)
    names, customer = np.unique(bought["customer_id"].to_numpy(dtype=object).astype(str), return_inverse=True)
    day = bought["sold_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    ends = _month_ends(inputs)
    at = _last_before(customer.astype(np.int64), day, ends, names.size)
    end, who = np.nonzero(at >= 0)
    last = at[end, who]
    customers = pd.Series(names[who], dtype="str")
    return pd.DataFrame(
        {
            "account_id": customers,
            "customer_id": customers,
            "last_sold_on": bought["sold_on"].to_numpy()[last].astype("datetime64[s]"),
            "days": pd.Series(ends[end] - day[last], dtype="Int64"),
            "from_on": ends[end].astype("datetime64[D]").astype("datetime64[s]"),
            "until_on": (ends[end] + 1).astype("datetime64[D]").astype("datetime64[s]"),
            "_from": pd.Series(bought["_from"].to_numpy(dtype=object)[last], dtype="str"),
        }
    )


def _days_of_sales(inputs: Inputs) -> pd.DataFrame:
    """One row per customer and day on which it bought, by customer and day, with a row that says so."""
    sales = inputs.made("sales")
    counted = (sales["net_amount"] > 0).fillna(False).astype(bool)
    counted &= (sales["sold_on"] < np.datetime64(inputs.until_on)).fillna(False)
    counted &= sales["customer_id"].isin(inputs.tables["accounts"]["customer_id"])
    rows = sales.loc[counted, ["customer_id", "sold_on", "_from"]]
    rows = rows.sort_values(["customer_id", "sold_on", "_from"], kind="stable")
    return rows.drop_duplicates(["customer_id", "sold_on"], ignore_index=True)


def _month_ends(inputs: Inputs) -> Integers:
    """The as-of date and the days that end a window so many months earlier, as days since 1970."""
    days = [add_months(inputs.until_on, -back) - timedelta(days=1) for back in range(_MONTHS + 1)]
    return np.array(days, dtype="datetime64[D]").astype(np.int64)


def _last_before(customer: Integers, day: Integers, ends: Integers, count: int) -> Integers:
    """For each end and customer the position of its last row up to that day; -1 where there is none."""
    span = np.int64(1) << 24  # more than any day
    first = np.searchsorted(customer, np.arange(count))
    wanted = np.arange(count) * span + ends[:, None]
    at = np.searchsorted(customer * span + day, wanted, side="right") - 1
    found: Integers = np.where(at >= first, at, -1)
    return found
