"""Business at risk: customers with a warning that holds, each once, however many warnings there are about it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby, pairwise
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.watch.rows import sources_in

_FAR = np.datetime64("2200-01-01", "s")


@derived()
def at_risk(inputs: Inputs) -> pd.DataFrame:
    """One row for each span in which the same warnings held about a customer: what is at stake, and how many hold.

    Of an account that several warnings are about, the largest amount counts; accounts of a group add up. Unknown where
    any of them is. Only rules that policy says put business at risk: nobody in a role of ours is a gap, not a risk of
    its own. Rows stand on the customer's top account, in the reporting currency.
    """
    rows = inputs.made("warnings")
    rows = rows[rows["is_at_stake"]].sort_values("customer_id", kind="stable")
    rows = rows.assign(over_on=rows["until_on"].fillna(pd.Timestamp(_FAR)).astype("datetime64[s]"))
    records: list[dict[str, Any]] = rows.to_dict("records")  # type: ignore[assignment]
    spans = [
        span
        for customer, own in groupby(records, key=lambda row: str(row["customer_id"]))
        for span in _spans(customer, list(own))
    ]
    made = pd.DataFrame(spans, columns=["customer_id", "from_on", "until_on", "at_stake_amount", "_from"])
    return pd.DataFrame(
        {
            "account_id": made["customer_id"].astype("str"),
            "customer_id": made["customer_id"].astype("str"),
            "currency": pd.Series(inputs.settings.company.currency, index=made.index, dtype="str"),
            "from_on": made["from_on"].astype("datetime64[s]"),
            "until_on": pd.to_datetime(made["until_on"])
            .where(pd.to_datetime(made["until_on"]) < pd.Timestamp(_FAR))
            .astype("datetime64[s]"),
            "at_stake_amount": made["at_stake_amount"].astype("Int64"),
            "_from": made["_from"].astype("str"),
        }
    )


def _spans(customer: str, rows: list[dict[str, Any]]) -> Iterator[tuple[object, ...]]:
    edges = sorted({day for row in rows for day in (row["raised_on"], row["over_on"])})
    for first, until in pairwise(edges):
        holding = [row for row in rows if row["raised_on"] <= first < row["over_on"]]
        if holding:
            yield (
                customer,
                first,
                until,
                _stake(holding),
                " ".join(sources_in(row["_from"] for row in holding)),
            )


def _stake(holding: list[dict[str, Any]]) -> int | None:
    amounts: dict[str, int] = {}
    for row in holding:
        if pd.isna(row["at_stake_amount"]):
            return None
        amounts[row["account_id"]] = max(int(row["at_stake_amount"]), amounts.get(row["account_id"], 0))
    return sum(amounts.values())
