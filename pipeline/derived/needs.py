"""Needs: what each customer needs from us, who of ours looks after it, until when, and how far it is. Internal."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.commitments import DROPPED

DONE = frozenset({"done", "closed", "met", "resolved", "completed", "fulfilled"})
"""Words by which an export says that a need is met."""
_CARRIED = (
    "account_id",
    "customer_id",
    "need_id",
    "kind",
    "description",
    "raised_on",
    "owner_id",
    "due_on",
    "status",
)


@derived("needs")
def customer_needs(inputs: Inputs) -> pd.DataFrame:
    """One row per need raised by the cut-off: `state` is met, dropped, overdue, open or unknown (no status is said).

    `is_owned`: somebody who is still with us has it; `is_planned`: so, and its due date and state are said, too.
    `since_on` is the day it was raised; of a need without one it is the as-of date.
    """
    rows = inputs.tables["needs"]
    cut_off = np.datetime64(inputs.until_on)
    rows = rows[~(rows["raised_on"] >= cut_off)].reset_index(drop=True)
    state = _state(rows, cut_off)
    owned = rows["owner_id"].notna() & ~rows["owner_id"].isin(_gone(inputs))
    last = pd.Timestamp(cut_off) - pd.Timedelta(days=1)
    return rows[list(_CARRIED)].assign(
        state=pd.Series(state, index=rows.index, dtype="str"),
        is_owned=owned.astype(bool),
        is_planned=(owned & rows["due_on"].notna() & (state != "unknown")).astype(bool),
        since_on=rows["raised_on"].fillna(last).astype("datetime64[s]"),
        _from=sources("needs", rows),
    )


def _state(rows: pd.DataFrame, cut_off: np.datetime64) -> np.ndarray:
    status = rows["status"].str.lower()
    return np.select(
        [status.isin(DONE), status.isin(DROPPED), rows["due_on"] < cut_off, status.isna()],
        ["met", "dropped", "overdue", "unknown"],
        default="open",
    )


def _gone(inputs: Inputs) -> set[str]:
    """Those of ours who have left by the cut-off."""
    if not inputs.has("managers"):
        return set()
    managers = inputs.tables["managers"]
    return set(managers.loc[managers["left_on"] < np.datetime64(inputs.until_on), "manager_id"])


@derived("needs")
def open_needs(inputs: Inputs) -> pd.DataFrame:
    """The needs neither met nor dropped on the as-of date; they hold from that date on, the past is not known."""
    rows = inputs.made("customer_needs")
    rows = rows[rows["state"].isin(["open", "overdue", "unknown"])].reset_index(drop=True)
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    return rows.assign(
        from_on=pd.Series(last, index=rows.index, dtype="datetime64[s]"),
        until_on=pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
    )
