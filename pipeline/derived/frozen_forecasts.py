"""Frozen forecasts: for each account, product and month the forecast that counts, what was sold, and a naïve forecast."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, derived, joined, sources
from pipeline.engine.fx import flow_rates
from pipeline.periods import add_months
from pipeline.schema import NO_ACCOUNT

_REST = ""
"""The product of a forecast for all that has no forecast of its own."""
_CELL = ["account_id", "product_id", "month"]


@derived("forecasts")
def frozen_forecasts(inputs: Inputs) -> pd.DataFrame:
    """One row per account, product (empty: the rest of the account) and month that is over by the cut-off.

    The forecast that counts is the last one made by the policy's lag before the month; where there is none it is 0,
    so that a missing forecast is an error of 100 %. An account counts from its first month with a frozen forecast on.
    All amounts are in the currency in which the account's latest forecast was made, so that no rate moves a forecast;
    `naive` is what was sold a year earlier.
    """
    over = np.datetime64(inputs.until_on, "M").astype(np.int64)
    frozen = _frozen(inputs)
    sold = _sold(inputs, frozen)
    rows = frozen.merge(sold, on=_CELL, how="outer", suffixes=("", "_sold"), sort=True)
    first = frozen.groupby("account_id")["month"].min().reindex(rows["account_id"]).to_numpy()
    rows = rows[(rows["month"] >= first) & (rows["month"] < over)]
    earlier = sold.assign(month=sold["month"] + 12).rename(
        columns={"amount": "naive", "_from": "_from_naive"}
    )
    return _shaped(rows.merge(earlier, on=_CELL, how="left"), inputs)


def _frozen(inputs: Inputs) -> pd.DataFrame:
    """The forecasts that count by cell, those of several managers added up."""
    rows = inputs.tables["forecasts"]
    rows = rows[(rows["account_id"] != NO_ACCOUNT) & rows["amount"].notna()]
    month = rows["period_on"].to_numpy().astype("datetime64[M]")
    rows = rows.assign(
        month=month.astype(np.int64),
        product_id=rows["product_id"].fillna(_REST),
        _from=sources("forecasts", rows),
    )
    rows = rows[rows["made_on"].to_numpy() <= _freeze_days(month, inputs)].sort_values(
        "made_on", kind="stable"
    )
    latest = rows.groupby([*_CELL, rows["manager_id"].fillna("")], sort=True).tail(1)
    days = latest["made_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return _by_cell(latest, latest["amount"], days, inputs)


def _freeze_days(months: Any, inputs: Inputs) -> Any:
    """The last day on which a forecast of each month could be made and still count, by the rule of that month."""
    found: dict[Any, np.datetime64] = {}
    for month in np.unique(months):
        first: date = month.astype("datetime64[D]").astype(date)
        lag = inputs.policy.at("forecast", first).lag_months
        found[month] = np.datetime64(add_months(first, -lag), "s")
    return np.array([found[month] for month in months], dtype="datetime64[s]")


def _sold(inputs: Inputs, frozen: pd.DataFrame) -> pd.DataFrame:
    """What the accounts with forecasts bought, by cell."""
    sales = inputs.made("sales")
    sales = sales[sales["account_id"].isin(frozen["account_id"].unique())]
    sales = sales[sales["sold_on"] < np.datetime64(inputs.until_on)]
    rows = sales.assign(
        month=sales["sold_on"].to_numpy().astype("datetime64[M]").astype(np.int64),
        product_id=_forecast_product(sales, frozen),
    )
    days = rows["sold_on"].to_numpy().astype("datetime64[D]").astype(np.int64)
    return _by_cell(rows, rows["net_amount"], days, inputs)


def _forecast_product(sales: pd.DataFrame, frozen: pd.DataFrame) -> pd.Series:
    """The product where the account has a forecast of it, or none for its rest; else the rest."""
    named = pd.MultiIndex.from_frame(frozen[["account_id", "product_id"]].drop_duplicates())
    with_rest = set(frozen.loc[frozen["product_id"] == _REST, "account_id"])
    product = sales["product_id"].fillna(_REST)
    own = pd.MultiIndex.from_arrays([sales["account_id"], product]).isin(named)
    return product.where(own | ~sales["account_id"].isin(with_rest), _REST)


def _by_cell(rows: pd.DataFrame, amount: pd.Series, days: Any, inputs: Inputs) -> pd.DataFrame:
    """Amounts in the forecast's currency added up by account, product and month; unknown where one of them is."""
    rows = rows[[*_CELL, "currency", "_from"]].assign(amount=amount, day=days)
    rows = rows.sort_values([*_CELL, "_from"], kind="stable", ignore_index=True)
    rows["amount"] = _in_currency(rows, _currencies(rows["account_id"], inputs), inputs)
    first = begins(*(rows[name].to_numpy() for name in _CELL))
    made = rows.loc[first, _CELL].reset_index(drop=True)
    starts = np.flatnonzero(first)
    if not starts.size:
        return made.assign(amount=pd.Series(dtype="Int64"), _from=pd.Series(dtype="str"))
    total = np.add.reduceat(rows["amount"].to_numpy(dtype=np.int64, na_value=0), starts)
    missing = np.add.reduceat(rows["amount"].isna().to_numpy().astype(np.int64), starts)
    return made.assign(
        amount=pd.Series(total, dtype="Int64").where(missing == 0),
        _from=pd.Series(joined(rows["_from"], first), dtype="str"),
    )


def _currencies(accounts: pd.Series, inputs: Inputs) -> Any:
    """The currency of each account's latest forecast known by the cut-off."""
    rows = inputs.tables["forecasts"]
    rows = rows[rows["made_on"] < np.datetime64(inputs.until_on)]
    latest = rows.sort_values(["made_on", "period_on", "_row"], kind="stable").groupby("account_id").tail(1)
    return latest.set_index("account_id")["currency"].reindex(accounts).to_numpy(dtype=object)


def _in_currency(rows: pd.DataFrame, target: Any, inputs: Inputs) -> pd.Series:
    """The amounts in the target currency of each row at the rate of its day; unknown without a rate."""
    own = rows["currency"].to_numpy(dtype=object)
    foreign = np.flatnonzero(own != target)
    made = rows["amount"].copy()
    if not foreign.size:
        return made
    rates = flow_rates(inputs.tables.get("fx"), inputs.policy.all("currency"))
    for source, to in sorted(set(zip(own[foreign], target[foreign], strict=True))):
        at = foreign[(own[foreign] == source) & (target[foreign] == to)]
        amounts = rows["amount"].iloc[at]
        found, absent = rates.converted(
            amounts.to_numpy(dtype=np.int64, na_value=0), source, to, rows["day"].to_numpy(dtype=np.int64)[at]
        )
        made.iloc[at] = pd.array(found, dtype="Int64")
        made.iloc[at[absent | amounts.isna().to_numpy()]] = pd.NA
    return made


def _shaped(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    customers = inputs.tables["accounts"].set_index("account_id")["customer_id"]
    month = rows["month"].to_numpy().astype("datetime64[M]").astype("datetime64[s]")
    texts = [rows[name].fillna("") for name in ("_from", "_from_sold", "_from_naive")]
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "customer_id": pd.Series(customers.reindex(rows["account_id"]).to_numpy(), dtype="str"),
            "product_id": rows["product_id"],
            "currency": pd.Series(_currencies(rows["account_id"], inputs), dtype="str"),
            "period_on": pd.Series(month),
            "has_forecast": rows["_from"].notna(),
            "forecast": rows["amount"].where(rows["_from"].notna(), 0),
            "actual": rows["amount_sold"].where(rows["_from_sold"].notna(), 0),
            "naive": rows["naive"].where(rows["_from_naive"].notna(), 0),
            "_from": (texts[0] + " " + texts[1] + " " + texts[2]).str.split().str.join(" ").astype("str"),
        }
    )
