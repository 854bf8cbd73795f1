"""Goals: where each of a customer's own goals began, where it stands from which day on, and where it should be."""

from __future__ import annotations

from datetime import date

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, derived, sources
from pipeline.periods import add_months

_TOLD = (
    "outcome_id unit better baseline_on method confidence attribution_pct benefit_key confirmed_on".split()
)
"""What a goal's rows say of it as it was exported."""
_BASELINE, _AGAIN, _CURRENT = range(3)


@derived("outcomes")
def goals(inputs: Inputs) -> pd.DataFrame:
    """One row per goal and span in which its measured value stayed the same: baseline, measurements, current value.

    `goal` numbers the goals of a customer (as text) by their id. `reached` and `distance` are how far it has come and
    has to go, both positive in the direction that is better; empty without a baseline or a target. `expires_on` is the
    day from which the span's measurement is too old to be evidence; the baseline is no measurement.
    """
    outcomes = numbered(inputs.tables["outcomes"])
    values = _values(outcomes, inputs)
    at = pd.Index(outcomes["outcome_id"]).get_indexer(pd.Index(values["outcome_id"]))
    rows = outcomes.take(at).reset_index(drop=True)
    direction = pd.Series(np.where(rows["better"] == "lower", -1, 1), dtype="Int64")
    base, target = rows["baseline_value"], rows["target_value"]
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("account_id", "customer_id", *_TOLD)},
            "title": rows["goal"],
            "goal": rows["goal_no"].astype("str"),
            "confirmed_by": confirmers(rows, inputs),
            "evidence": values["evidence"],
            "is_measured": values["order"] != _BASELINE,
            "expires_on": expiry(values["from_on"], inputs),
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


def numbered(outcomes: pd.DataFrame) -> pd.DataFrame:
    """The outcomes by customer and id, each with the number (as text) that it has within its customer."""
    rows = outcomes.sort_values(["customer_id", "outcome_id"], kind="stable", ignore_index=True)
    number = rows.groupby("customer_id").cumcount() + 1
    return rows.assign(goal_no=number.astype("str"))


def confirmers(outcomes: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """Who confirmed each outcome, by name: a contact of the same customer, or the text itself where it is no contact's id.

    Another customer's contact is nobody's business here and stays empty.
    """
    said = outcomes["confirmed_by"]
    if not inputs.has("contacts"):
        return said
    contacts = inputs.tables["contacts"]
    keys = zip(contacts["customer_id"], contacts["contact_id"], strict=True)
    names = dict(zip(keys, contacts["name"], strict=True))
    known = set(contacts["contact_id"])
    found = [
        names.get((customer, who), None if who in known else who)
        for customer, who in zip(outcomes["customer_id"], said, strict=True)
    ]
    return pd.Series(found, index=outcomes.index, dtype=said.dtype)


def expiry(days: pd.Series, inputs: Inputs) -> pd.Series:
    """The day on which evidence of each day no longer counts, by the rule of that day."""
    found: dict[date, np.datetime64] = {}
    for day in sorted(set(days.dt.date)):
        months = inputs.policy.at("value", day).evidence_months
        found[day] = np.datetime64(add_months(day, months), "s")
    return pd.Series([found[day] for day in days.dt.date], index=days.index, dtype="datetime64[s]")


def _values(outcomes: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The values of each goal over time, each in force until the next; what comes last on a day wins."""
    pieces = [
        _measured(outcomes, "baseline_on", "baseline_value", _BASELINE),
        _measured(outcomes, "current_on", "current_value", _CURRENT),
    ]
    if inputs.has("outcome_values"):
        measured = inputs.tables["outcome_values"]
        measured = measured[measured["outcome_id"].isin(outcomes["outcome_id"])]
        again = _measured(measured, "measured_on", "value", _AGAIN)
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
            "evidence": rows["evidence"],
            "_measured": pd.Series("", index=rows.index, dtype="str"),
        }
    )
