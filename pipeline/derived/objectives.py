"""Objectives of account plans: what was aimed at, what is known of it, and how it stands."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.commitments import DROPPED
from pipeline.schema import SCALE

_DONE = frozenset({"done", "completed", "complete", "met", "achieved", "closed"})
_BEHIND = frozenset({"at_risk", "at risk", "behind", "late", "delayed", "off_track", "off track"})
_MISSED = frozenset({"missed", "failed"})
_RUNNING = frozenset({"on_track", "on track", "in_progress", "in progress", "running", "active", "open"})
_KEPT = ("account_id", "customer_id", "plan_id", "objective", "metric", "baseline", "target", "due_on")
Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


@derived("plans", after=("customer_class",))
def objectives(inputs: Inputs) -> pd.DataFrame:
    """One row per objective, as it stands on the as-of date: `state` is met, on_the_way, behind, missed, dropped or unknown.

    `basis` is measured where the objective's metric is one of the catalogue: `actual` is then its reading of the
    account. Reached on its day is met, not reached missed; before that an amount that is reached is met already, what
    lies on the straight line from the baseline to the target or beyond it is on the way, else behind. Where nothing can
    be measured the basis is stated, and the state what the plan says of itself; where it says nothing, unknown.
    """
    rows = inputs.tables["plans"]
    rows = rows[rows["due_on"].notna()].reset_index(drop=True)
    known = _actuals(rows, inputs)
    measured = known["value"].notna().to_numpy() & rows["target"].notna().to_numpy()
    status = rows["status"].fillna("").str.strip().str.lower()
    is_due = (rows["due_on"] < np.datetime64(inputs.until_on)).to_numpy()
    state = np.where(measured, _measured(rows, known, is_due), _stated(status, is_due))
    state = np.where(status.isin(DROPPED), "dropped", state)
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    made = rows[list(_KEPT)].assign(
        actual=_exact(known["value"], measured),
        read_from_on=known["from_on"].where(pd.Series(measured)),
        read_until_on=known["until_on"].where(pd.Series(measured)),
        basis=pd.Series(np.where(measured, "measured", "stated"), dtype="str"),
        state=pd.Series(state, dtype="str"),
        from_on=pd.Series(last, index=rows.index, dtype="datetime64[s]"),
        until_on=pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
        _from=("plans:" + rows["_row"]).astype("str"),
    )
    return made.reset_index(drop=True)


def _actuals(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """What is known of each objective's metric, row by row."""
    if inputs.actuals is None:
        nowhere = pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]")
        empty = {"value": np.full(len(rows), np.nan), "adds_up": False, "better": ""}
        return pd.DataFrame({**empty, "from_on": nowhere, "until_on": nowhere})
    found = inputs.actuals.drop_duplicates("plan_id").set_index("plan_id")
    return found.reindex(rows["plan_id"]).reset_index(drop=True)


def _exact(values: pd.Series, measured: Mask) -> pd.Series:
    """The figures in ten-thousandths, as the plan holds its target."""
    scaled = np.where(measured, np.rint(values.fillna(0).to_numpy(dtype=np.float64) * SCALE), 0)
    return pd.Series(scaled.astype(np.int64), dtype="Int64").where(pd.Series(measured))


def _measured(rows: pd.DataFrame, known: pd.DataFrame, is_due: Mask) -> npt.NDArray[np.object_]:
    """How each objective stands by its figure; of those that cannot be measured it means nothing."""
    actual = known["value"].to_numpy(dtype=np.float64)
    baseline, target = (
        rows[name].to_numpy(dtype=np.float64, na_value=np.nan) / SCALE for name in ("baseline", "target")
    )
    falls = np.where(np.isnan(baseline), known["better"].to_numpy() == "lower", target < baseline)
    sums = known["adds_up"].fillna(False).to_numpy(dtype=bool)
    reached = np.where(falls, actual <= target, actual >= target)
    path = _path(np.where(sums, 0.0, baseline), target, rows, known)
    ahead = np.where(falls, actual <= path, actual >= path)
    found = np.select(
        [is_due & reached, is_due, reached & sums & ~falls, (reached & ~sums) | ahead],
        ["met", "missed", "met", "on_the_way"],
        default="behind",
    )
    return np.asarray(found, dtype=object)


def _path(start: Floats, target: Floats, rows: pd.DataFrame, known: pd.DataFrame) -> Floats:
    """Where a figure should be by the days gone by since its window began, on the way to its target on the due day."""
    gone = (known["until_on"] - known["from_on"]).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    until = rows["due_on"] + pd.Timedelta(days=1)
    whole = (until - known["from_on"]).dt.days.to_numpy(dtype=np.float64, na_value=np.nan)
    share = np.divide(gone, whole, out=np.ones_like(gone), where=whole > 0)
    found: Floats = start + (target - start) * np.minimum(share, 1.0)
    return found


def _stated(status: pd.Series, is_due: Mask) -> npt.NDArray[np.object_]:
    """How each objective stands by the plan's own words; what is due and not done is missed."""
    found = np.select(
        [
            status.isin(_DONE),
            status.isin(_MISSED) | (is_due & status.isin(_RUNNING | _BEHIND)),
            status.isin(_BEHIND),
            status.isin(_RUNNING),
        ],
        ["met", "missed", "behind", "on_the_way"],
        default="unknown",
    )
    return np.asarray(found, dtype=object)
