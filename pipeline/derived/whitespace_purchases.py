"""Product purchases: what each account bought of each product in the months that policy calls active."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, begins, derived, joined
from pipeline.derived.commission_rows import flow_rates
from pipeline.engine.exact import grouped_sums
from pipeline.engine.ownership import days_of
from pipeline.periods import add_months

_FAR = 4_000_000
_KEY = ["account_id", "product_id"]


@derived()
def product_purchases(inputs: Inputs) -> pd.DataFrame:
    """One row per account and product with sales in the active months before the cut-off, in the company's currency.

    `amount` is net of returns, and empty where a rate is missing; `has_bought` tells whether anything was sold at all,
    and not only returned. Sales without a product are under the empty product. `_from` names every sale.
    """
    rows = _recent(inputs).sort_values([*_KEY, "sold_on", "_from"], kind="stable", ignore_index=True)
    rows = rows.assign(amount=_in_company_currency(rows, inputs))
    return _added(rows)


def _recent(inputs: Inputs) -> pd.DataFrame:
    """The sales of the active months, of accounts that are somebody's."""
    sales = inputs.made("sales")
    last_on = inputs.until_on - timedelta(days=1)
    since = add_months(inputs.until_on, -inputs.policy.at("active", last_on).months)
    day = sales["sold_on"]
    kept = ((day >= np.datetime64(since)) & (day < np.datetime64(inputs.until_on))).fillna(False)
    kept &= sales["account_id"].isin(inputs.tables["accounts"]["account_id"]) & sales["net_amount"].notna()
    return sales[kept].assign(product_id=sales.loc[kept, "product_id"].fillna(""))


def _in_company_currency(rows: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The amounts at the rates at which sales are converted everywhere; empty where there is none."""
    day = days_of(rows["sold_on"], _FAR)
    made: npt.NDArray[np.int64] = rows["net_amount"].to_numpy(dtype=np.int64, copy=True)
    known, rates = np.ones(made.size, dtype=np.bool_), flow_rates(inputs)
    codes, names = pd.factorize(rows["currency"])
    for code, currency in enumerate(names):
        at = np.flatnonzero(codes == code)
        made[at], absent = rates.converted(made[at], currency, inputs.settings.company.currency, day[at])
        known[at] = ~absent
    return pd.Series(made, dtype="Int64").where(pd.Series(known))


def _added(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows, sorted by account and product, as one row each."""
    account, product = (rows[name].to_numpy(dtype=object) for name in _KEY)
    first = begins(account, product)
    starts, group = np.flatnonzero(first), np.cumsum(first) - 1
    unknown = np.bincount(group[rows["amount"].isna().to_numpy()], minlength=starts.size) > 0
    sums = grouped_sums(group, rows["amount"].to_numpy(dtype=np.int64, na_value=0), starts.size)
    sold = np.bincount(group[(rows["net_amount"] > 0).to_numpy()], minlength=starts.size) > 0
    heads = rows.iloc[starts].reset_index(drop=True)
    return pd.DataFrame(
        {
            "account_id": heads["account_id"],
            "customer_id": heads["customer_id"],
            "product_id": heads["product_id"],
            "amount": pd.Series(sums, dtype="Int64").where(pd.Series(~unknown)),
            "has_bought": sold,
            "_from": pd.Series(joined(rows["_from"], first), dtype="str"),
        }
    )
