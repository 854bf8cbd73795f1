"""Joint projects: what we do together with a customer, how far it is, and how its revenue is shared."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.commitments import DROPPED
from pipeline.derived.contracts import binding
from pipeline.schema import SCALE

_CARRIED = (
    "account_id",
    "customer_id",
    "project_id",
    "kind",
    "name",
    "starts_on",
    "ends_on",
    "currency",
    "result",
)
_DONE = frozenset({"done", "closed", "completed", "finished"})


@derived("projects")
def joint_projects(inputs: Inputs) -> pd.DataFrame:
    """One row per project begun or planned by the cut-off, as it stands then: it holds from the as-of date on.

    `state` is planned, running, done or dropped. `shared_pct` is our share of its revenue: what the account's contract
    in force on the first day says, else the project itself; empty where neither says one. `our_amount` is that share of
    `revenue_amount`, half a ten-thousandth rounded up.
    """
    rows = inputs.tables["projects"].reset_index(drop=True)
    cut_off = np.datetime64(inputs.until_on)
    state = _state(rows, cut_off)
    contract, share = _contracted(rows, inputs)
    share = share.fillna(rows["share_pct"]).astype("Int64")
    last = pd.Series(cut_off.astype("datetime64[s]") - np.timedelta64(1, "D"), index=rows.index)
    return rows[list(_CARRIED)].assign(
        state=pd.Series(state, index=rows.index, dtype="str"),
        revenue_amount=rows["revenue_amount"],
        shared_pct=share,
        our_amount=_part(rows["revenue_amount"], share),
        from_on=last,
        until_on=pd.Series(np.datetime64("NaT"), index=rows.index, dtype="datetime64[s]"),
        _from=("projects:" + rows["_row"].astype("str") + contract).astype("str"),
    )


@derived("projects")
def finished_projects(inputs: Inputs) -> pd.DataFrame:
    """The projects that are done, on the day they ended; those of which no such day is told are left out."""
    rows = inputs.made("joint_projects")
    rows = rows[(rows["state"] == "done") & (rows["ends_on"] < np.datetime64(inputs.until_on))]
    return rows.drop(columns=["from_on", "until_on"]).reset_index(drop=True)


def _state(rows: pd.DataFrame, cut_off: np.datetime64) -> np.ndarray:
    """What the export says; of a project that it says nothing of, what its dates say."""
    status = rows["status"].str.lower()
    ended = rows["ends_on"] < cut_off
    begun = ~(rows["starts_on"] >= cut_off)
    return np.select(
        [status.isin(DROPPED), ~begun, status.isin(_DONE) | (status.isna() & ended)],
        ["dropped", "planned", "done"],
        default="running",
    )


def _contracted(rows: pd.DataFrame, inputs: Inputs) -> tuple[pd.Series, pd.Series]:
    """The contract that shares a project's revenue, as a further source, and our share by it; of several the latest."""
    source = pd.Series("", index=rows.index, dtype="str")
    share = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    if not inputs.has("contracts"):
        return source, share
    contracts = binding(inputs.tables["contracts"])
    contracts = contracts[contracts["revenue_share_pct"].notna()]
    ordered: Any = contracts.sort_values(["starts_on", "contract_id"], kind="stable")
    for contract in ordered.to_dict("records"):
        begun = ~(rows["starts_on"] < contract["starts_on"])
        covered = (
            (rows["account_id"] == contract["account_id"])
            & begun
            & ~(rows["starts_on"] > contract["ends_on"])
        )
        source = source.where(~covered, f" contracts:{contract['_row']}")
        share = share.where(~covered, contract["revenue_share_pct"])
    return source, share


def _part(amount: pd.Series, share: pd.Series) -> pd.Series:
    """A share in ten-thousandths of an amount, exact, half up."""
    doubled = 2 * amount.astype("Int64") * share
    return ((doubled + SCALE) // (2 * SCALE)).astype("Int64")
