"""Unapplied payments: money in that nobody has set against an invoice."""

from __future__ import annotations

import pandas as pd

from pipeline.derived import Inputs, derived, sources

_CARRIED = ("account_id", "customer_id", "payment_id", "paid_on", "currency", "amount")


@derived("payments")
def unapplied_payments(inputs: Inputs) -> pd.DataFrame:
    """One row per payment that names no invoice; it holds from its day on, since when it is applied the row names one."""
    rows = inputs.tables["payments"]
    rows = rows[rows["invoice_id"].isna()].reset_index(drop=True)
    return rows[list(_CARRIED)].assign(
        until_on=pd.Series(pd.NaT, index=rows.index, dtype="datetime64[s]"),
        _from=sources("payments", rows),
    )
