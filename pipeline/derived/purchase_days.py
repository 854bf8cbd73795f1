"""Purchase days: on which days each account bought something, whatever the number of lines."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, derived, joined

_CARRIED = ("account_id", "customer_id", "sold_on")


@derived()
def purchase_days(inputs: Inputs) -> pd.DataFrame:
    """One row per account and day with a sale above zero; `_from` names every one of them. Returns are no purchase."""
    sales = inputs.made("sales")
    bought = (sales["net_amount"] > 0).fillna(False).astype(bool) & sales["sold_on"].notna()
    rows = sales[bought].sort_values(["account_id", "sold_on", "_from"], kind="stable", ignore_index=True)
    starts = begins(*(rows[name].to_numpy() for name in ("account_id", "sold_on")))
    made = rows.loc[np.flatnonzero(starts), list(_CARRIED)].reset_index(drop=True)
    return made.assign(_from=pd.Series(joined(rows["_from"], starts), dtype="str"))
