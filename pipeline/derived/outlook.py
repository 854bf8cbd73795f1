"""What is known of an account beyond its trade: growth of its industry, cover by contracts, potential, a pain point."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.schema import SCALE

OUTLOOK_YEARS = 3
_BEGINNING = np.datetime64("1990-01-01", "s")


@derived()
def account_levels(inputs: Inputs) -> pd.DataFrame:
    """One row per account and level that holds over a span: `level` (potential, pain_point, growth, cover), `value`.

    `growth` is the change of the industry's market from the year before, held from that year until the next known
    one; `cover` is 1 while a contract still runs for three years or more. Groups count their top account's industry.
    """
    accounts = inputs.tables["accounts"]
    parts = [_potential(accounts), _pain_points(accounts)]
    if inputs.has("market"):
        parts.append(_growth(accounts, inputs.tables["market"]))
    if inputs.has("contracts"):
        parts.append(_cover(inputs.tables["contracts"]))
    return pd.concat(parts, ignore_index=True)


def _levels(rows: pd.DataFrame, level: str, value: pd.Series, on: object, until: object) -> pd.DataFrame:
    made = pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "customer_id": rows["customer_id"],
            "currency": rows["currency"],
            "level": pd.Series(level, index=rows.index, dtype="str"),
            "value": value.astype("Int64"),
            "from_on": pd.Series(on, index=rows.index, dtype="datetime64[s]"),
            "until_on": pd.Series(until, index=rows.index, dtype="datetime64[s]"),
            "_from": rows["_from"],
        }
    )
    return made[made["value"].notna()]


def _potential(accounts: pd.DataFrame) -> pd.DataFrame:
    rows = accounts.assign(_from="accounts:" + accounts["_row"])
    return _levels(rows, "potential", rows["potential_amount"], _BEGINNING, pd.NaT)


def _pain_points(accounts: pd.DataFrame) -> pd.DataFrame:
    rows = accounts[accounts["pain_point"].notna()]
    rows = rows.assign(_from="accounts:" + rows["_row"])
    return _levels(rows, "pain_point", pd.Series(1, index=rows.index), _BEGINNING, pd.NaT)


def _growth(accounts: pd.DataFrame, market: pd.DataFrame) -> pd.DataFrame:
    sizes = market.groupby(["industry", "year"], as_index=False).agg(
        amount=("market_amount", "sum"),
        _market=("_row", lambda rows: " ".join(f"market:{row}" for row in rows)),
    )
    before = sizes.assign(year=sizes["year"] + 1)
    joined = sizes.merge(before, on=["industry", "year"], suffixes=("", "_before"))
    joined = joined[joined["amount_before"] > 0]
    growth = ((joined["amount"] - joined["amount_before"]) * SCALE) // joined["amount_before"]
    joined = joined.assign(growth=growth).sort_values(["industry", "year"], kind="stable")
    joined["next"] = joined.groupby("industry")["year"].shift(-1)
    tops = accounts[accounts["account_id"] == accounts["customer_id"]]
    rows = tops.merge(joined, on="industry")
    rows["_from"] = rows["_market"] + " " + rows["_market_before"]
    return _levels(rows, "growth", rows["growth"], _new_year(rows["year"]), _new_year(rows["next"]))


def _new_year(years: pd.Series) -> pd.Series:
    return pd.to_datetime(years.astype("str"), format="%Y", errors="coerce").astype("datetime64[s]")


def _cover(contracts: pd.DataFrame) -> pd.DataFrame:
    rows = contracts[contracts["ends_on"].notna() & contracts["starts_on"].notna()]
    until = rows["ends_on"] - pd.DateOffset(years=OUTLOOK_YEARS) if len(rows) else rows["ends_on"]
    rows = rows.assign(_from="contracts:" + rows["_row"])
    return _levels(
        rows, "cover", pd.Series(1, index=rows.index), rows["starts_on"], until.astype("datetime64[s]")
    )
