"""Open deals: what is in the pipeline now. The stage of a deal is overwritten in place, so its past is not known."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources

_CARRIED = (
    "account_id", "customer_id", "manager_id", "product_id", "opportunity_id", "kind", "stage", "amount", "currency",
    "opened_on", "expected_on",
)  # fmt: skip


@derived("opportunities")
def open_deals(inputs: Inputs) -> pd.DataFrame:
    """One row per deal that is open on the as-of date; it holds from that date on, so earlier windows have no figure."""
    deals = inputs.tables["opportunities"]
    cut_off = np.datetime64(inputs.until_on)
    opened = deals["opened_on"].isna() | (deals["opened_on"] < cut_off)
    closed = deals["closed_on"] < cut_off
    undated = deals["closed_on"].isna() & deals["is_won"].notna()
    rows = deals[opened & ~closed & ~undated].reset_index(drop=True)
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    return pd.DataFrame(
        {
            **{name: rows[name] for name in _CARRIED},
            "from_on": pd.Series(last, index=rows.index, dtype="datetime64[s]"),
            "until_on": pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
            "_from": sources("opportunities", rows),
        }
    )
