"""Commitments: what either side promised the other, and what became of it. Only what the client may see."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, derived, sources

_CARRIED = ("account_id", "customer_id", "action_id", "description", "side", "owner", "due_on", "done_on")
DROPPED = frozenset({"dropped", "cancelled", "canceled", "withdrawn", "rejected"})
"""Words by which an export says that something will not be done any more."""


def _visible(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.tables["actions"]
    return rows[rows["is_client_visible"].fillna(False).astype(bool) & rows["due_on"].notna()]


@derived("actions")
def commitments(inputs: Inputs) -> pd.DataFrame:
    """One row per commitment that the client may see: `state` is kept, late, dropped, overdue or open.

    Kept is done by its day, late done after it, overdue neither done nor dropped by the cut-off. What was done after
    the cut-off is not known yet. `days_late` counts from the day it was due: to the day it was done (negative: early),
    of an overdue one to the last day before the cut-off.
    """
    rows = _visible(inputs)
    cut_off = np.datetime64(inputs.until_on)
    done = rows["done_on"].where(rows["done_on"] < cut_off)
    state = np.select(
        [
            done.notna() & (done <= rows["due_on"]),
            done.notna(),
            rows["status"].str.lower().isin(DROPPED),
            rows["due_on"] < cut_off,
        ],
        ["kept", "late", "dropped", "overdue"],
        default="open",
    )
    made = rows[list(_CARRIED)].assign(
        done_on=done,
        state=pd.Series(state, index=rows.index, dtype="str"),
        days_late=_days_late(rows["due_on"], done, state == "overdue", cut_off),
        _from=sources("actions", rows),
    )
    return made.reset_index(drop=True)


def _days_late(
    due: pd.Series, done: pd.Series, is_overdue: npt.NDArray[np.bool_], cut_off: np.datetime64
) -> pd.Series:
    """Days after the due day; empty for what is still to come and for what was dropped."""
    until = done.where(~is_overdue, pd.Timestamp(cut_off) - pd.Timedelta(days=1))
    return (until - due).dt.days.astype("Int64")


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
