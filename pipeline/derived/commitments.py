"""Commitments: what either side promised the other, and what became of it. Only what the client may see."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources

_CARRIED = ("account_id", "customer_id", "action_id", "description", "side", "owner", "due_on", "done_on")
_DROPPED = frozenset({"dropped", "cancelled", "canceled"})


def _visible(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.tables["actions"]
    return rows[rows["is_client_visible"].fillna(False).astype(bool) & rows["due_on"].notna()]


@derived("actions")
def commitments(inputs: Inputs) -> pd.DataFrame:
    """One row per commitment that the client may see: `state` is kept, late, dropped, overdue or open.

    Kept is done by its day, late done after it, overdue neither done nor dropped by the cut-off. What was done after
    the cut-off is not known yet.
    """
    rows = _visible(inputs)
    cut_off = np.datetime64(inputs.until_on)
    done = rows["done_on"].where(rows["done_on"] < cut_off)
    state = np.select(
        [
            done.notna() & (done <= rows["due_on"]),
            done.notna(),
            rows["status"].str.lower().isin(_DROPPED),
            rows["due_on"] < cut_off,
        ],
        ["kept", "late", "dropped", "overdue"],
        default="open",
    )
    made = rows[list(_CARRIED)].assign(
        done_on=done, state=pd.Series(state, index=rows.index, dtype="str"), _from=sources("actions", rows)
    )
    return made.reset_index(drop=True)


@derived("actions")
def open_commitments(inputs: Inputs) -> pd.DataFrame:
    """The commitments not done and not dropped on the as-of date; they hold from that date on, the past is not known."""
    rows = inputs.made("commitments")
    rows = rows[rows["state"].isin(["open", "overdue"])].reset_index(drop=True)
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    return rows.assign(
        from_on=pd.Series(last, index=rows.index, dtype="datetime64[s]"),
        until_on=pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
    )
