"""Requirement changes: what the customer asked to be changed, who has confirmed it, and what it costs in money and days."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.commitments import DROPPED

_CARRIED = ("account_id", "customer_id", "change_id", "description", "currency", "delay_days")
_DAYS = ("confirmed_by_us_on", "confirmed_by_client_on", "delivered_on")


@derived("change_requests")
def requirement_changes(inputs: Inputs) -> pd.DataFrame:
    """One row per change asked for by the cut-off: `state` is delivered, dropped or open.

    `is_confirmed` is confirmed by both sides, `effect_amount` what the change costs the customer. What was confirmed or delivered after the cut-off is not known yet.
    """
    rows = inputs.tables["change_requests"]
    cut_off = np.datetime64(inputs.until_on)
    rows = rows[rows["asked_on"].notna() & (rows["asked_on"] < cut_off)].reset_index(drop=True)
    days = {name: rows[name].where(rows[name] < cut_off) for name in _DAYS}
    state = np.select(
        [days["delivered_on"].notna(), rows["status"].str.lower().isin(DROPPED)],
        ["delivered", "dropped"],
        default="open",
    )
    return rows[["asked_on", *_CARRIED]].assign(
        **days,
        effect_amount=rows["cost_amount"],
        state=pd.Series(state, index=rows.index, dtype="str"),
        is_confirmed=days["confirmed_by_us_on"].notna() & days["confirmed_by_client_on"].notna(),
        _from=sources("change_requests", rows),
    )


@derived("change_requests")
def open_changes(inputs: Inputs) -> pd.DataFrame:
    """The changes neither delivered nor dropped on the as-of date; they hold from that date on.

    Since when one that was dropped was no longer open is not recorded, so the past is not known.
    """
    rows = inputs.made("requirement_changes")
    rows = rows[rows["state"] == "open"].reset_index(drop=True)
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    return rows.assign(
        from_on=pd.Series(last, index=rows.index, dtype="datetime64[s]"),
        until_on=pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
    )
