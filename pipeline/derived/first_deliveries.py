"""First deliveries: whether the first order of a new relationship came on time, or early."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived

_BASIS = "first_promised"


@derived("deliveries", "relationships", after=("lifecycle_stage",))
def first_deliveries(inputs: Inputs) -> pd.DataFrame:
    """One row per customer whose relationship began within the export: its first order that was not cancelled.

    Against the date promised first. `days_early` is negative where it came late and empty where it has not come.
    Customers from before the first order of the export are left out: their first order is not in it.
    """
    rows = inputs.tables["deliveries"]
    rows = rows[(rows["basis"] == _BASIS) & ~rows["is_cancelled"].astype(bool)]
    began = inputs.starts.get("deliveries", inputs.until_on)
    since = (
        inputs.tables["relationships"].drop_duplicates("customer_id").set_index("customer_id")["started_on"]
    )
    started = since.reindex(rows["customer_id"]).set_axis(rows.index)
    rows = rows[(rows["ordered_on"] >= started) & (started >= np.datetime64(began))]
    first = rows.sort_values(["customer_id", "ordered_on", "order_id"], kind="stable").drop_duplicates(
        "customer_id"
    )
    early = (first["due_on"] - first["delivered_on"]).dt.days.astype("Int64")
    carried = ["account_id", "customer_id", "order_id", "ordered_on", "due_on", "delivered_on", "is_due"]
    made = first[carried].assign(days_early=early, is_on_time=(early >= 0).fillna(False).astype(bool))
    return made.assign(
        is_early=(early >= 1).fillna(False).astype(bool), _from=first["_from"].astype("str")
    ).reset_index(drop=True)
