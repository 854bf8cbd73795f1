"""Goals: where each of a customer's own goals began, where it stands from which day on, and where it should be."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, derived, sources


@derived("outcomes")
def goals(inputs: Inputs) -> pd.DataFrame:
    """One row per goal and span in which its measured value stayed the same: baseline, measurements, current value.

    `goal` numbers the goals of a customer (as text) by their id. `reached` and `distance` are how far it has come and
    has to go, both positive in the direction that is better; empty without a baseline or a target.
    """
    outcomes = inputs.tables["outcomes"]
    outcomes = outcomes.sort_values(["customer_id", "outcome_id"], kind="stable", ignore_index=True)
    number = outcomes.groupby("customer_id").cumcount() + 1
    outcomes = outcomes.assign(goal_no=number.astype("str"))
    values = _values(outcomes, inputs)
    at = pd.Index(outcomes["outcome_id"]).get_indexer(pd.Index(values["outcome_id"]))
    rows = outcomes.take(at).reset_index(drop=True)
    direction = pd.Series(np.where(rows["better"] == "lower", -1, 1), dtype="Int64")
    base, target = rows["baseline_value"], rows["target_value"]
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("account_id", "customer_id", "outcome_id", "unit", "better")},
            "title": rows["goal"],
            "goal": rows["goal_no"].astype("str"),
            "from_on": values["from_on"],
            "until_on": values["until_on"],
            "baseline": base,
            "target": target,
            "value": values["value"],
            "reached": (values["value"] - base) * direction,
            "distance": (target - base) * direction,
            "_from": "outcomes:" + rows["_row"] + values["_measured"],
        }
    )


def _values(outcomes: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The values of each goal over time, each in force until the next; what comes last on a day wins."""
    pieces = [
        _measured(outcomes, "baseline_on", "baseline_value", 0),
        _measured(outcomes, "current_on", "current_value", 2),
    ]
    if inputs.has("outcome_values"):
        measured = inputs.tables["outcome_values"]
        measured = measured[measured["outcome_id"].isin(outcomes["outcome_id"])]
        again = _measured(measured, "measured_on", "value", 1)
        pieces.append(again.assign(_measured=" " + sources("outcome_values", measured).loc[again.index]))
    rows = pd.concat(pieces, ignore_index=True)
    rows = rows[
        rows["from_on"].notna() & rows["value"].notna() & (rows["from_on"] < np.datetime64(inputs.until_on))
    ]
    rows = rows.sort_values(["outcome_id", "from_on", "order"], kind="stable", ignore_index=True)
    last = (
        np.r_[begins(rows["outcome_id"].to_numpy(), rows["from_on"].to_numpy())[1:], [True]]
        if len(rows)
        else []
    )
    rows = rows[np.asarray(last, dtype=bool)].reset_index(drop=True)
    return rows.assign(until_on=rows.groupby("outcome_id")["from_on"].shift(-1))


def _measured(rows: pd.DataFrame, on: str, value: str, order: int) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "outcome_id": rows["outcome_id"],
            "from_on": rows[on],
            "value": rows[value],
            "order": order,
            "_measured": pd.Series("", index=rows.index, dtype="str"),
        }
    )
