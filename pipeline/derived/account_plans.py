"""Account plans as a whole: who has one and should, when it was last worked on, and what became of its actions."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.commitments import DROPPED

_REVIEW = "review"


@derived("plans", after=("customer_class",))
def plan_duties(inputs: Inputs) -> pd.DataFrame:
    """One row per customer whose class is promised a plan (policy), on its top account: `has_plan` is 1 or 0.

    An objective that is still to come, on any account of the group, makes a plan. It holds on the as-of date.
    """
    rule = inputs.policy.at("account_plan", inputs.until_on - timedelta(days=1))
    accounts = inputs.tables["accounts"]
    tops = accounts[accounts["account_id"] == accounts["customer_id"]]
    tops = tops[tops["customer_id"].isin(_of_classes(inputs, set(rule.classes)))]
    planned = _running(inputs).sort_values("plan_id", kind="stable").drop_duplicates("customer_id")
    found = dict(zip(planned["customer_id"], planned["_row"], strict=True))
    plan = tops["customer_id"].map(found)
    origin = ("accounts:" + tops["_row"]).where(plan.isna(), "plans:" + plan.astype("str"))
    made = tops[["account_id", "customer_id"]].assign(
        has_plan=plan.notna().astype("int64").astype("Int64"), _from=origin.astype("str")
    )
    return _as_of(made, inputs)


def _of_classes(inputs: Inputs, classes: set[str]) -> set[str]:
    """The customers that are of one of these classes on the as-of date."""
    if inputs.standings is None:
        return set()
    rows = inputs.standings[inputs.standings["metric"] == "customer_class"]
    last = rows.sort_values("from_on", kind="stable").drop_duplicates("customer_id", keep="last")
    return set(last.loc[last["text"].isin(classes), "customer_id"])


def _running(inputs: Inputs) -> pd.DataFrame:
    """The objectives that are neither dropped nor due before the as-of date."""
    rows = inputs.tables["plans"]
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    status = rows["status"].fillna("").str.strip().str.lower()
    return rows[(rows["due_on"] >= last) & ~status.isin(DROPPED)]


@derived("plans")
def plan_touches(inputs: Inputs) -> pd.DataFrame:
    """One row per account with a running plan: the days since it was last worked on, empty where it never was.

    Worked on is: an action of the plan was done, or a review was held with the account. Holds on the as-of date.
    """
    plans = _running(inputs).sort_values("plan_id", kind="stable")
    accounts = plans.drop_duplicates("account_id").reset_index(drop=True)
    touches = pd.concat([_actions_done(inputs), _reviews(inputs)], ignore_index=True)
    touches = touches[touches["day"] < np.datetime64(inputs.until_on)]
    last = touches.sort_values(["account_id", "day", "_from"], kind="stable")
    last = last.drop_duplicates("account_id", keep="last").set_index("account_id")
    found = last.reindex(accounts["account_id"]).reset_index(drop=True)
    end = pd.Timestamp(inputs.until_on) - pd.Timedelta(days=1)
    origin = ("plans:" + accounts["_row"]).astype("str") + (" " + found["_from"]).fillna("").astype("str")
    made = accounts[["account_id", "customer_id"]].assign(
        touched_on=found["day"], idle_days=(end - found["day"]).dt.days.astype("Int64"), _from=origin
    )
    return _as_of(made, inputs)


def _touches(rows: pd.DataFrame, day: str, table: str) -> pd.DataFrame:
    made = {"account_id": rows["account_id"], "day": rows[day], "_from": f"{table}:" + rows["_row"]}
    return pd.DataFrame(made).dropna(subset="day").astype({"account_id": "str", "_from": "str"})


def _actions_done(inputs: Inputs) -> pd.DataFrame:
    """The actions of plans that were done, by account."""
    if not inputs.has("actions"):
        return _touches(inputs.tables["plans"].iloc[:0], "due_on", "actions")
    rows = inputs.tables["actions"]
    return _touches(rows[rows["plan_id"].notna()], "done_on", "actions")


def _reviews(inputs: Inputs) -> pd.DataFrame:
    if not inputs.has("activities"):
        return _touches(inputs.tables["plans"].iloc[:0], "due_on", "activities")
    rows = inputs.tables["activities"]
    held = (rows["kind"] == _REVIEW) & ~rows["status"].isin(["planned", "cancelled"])
    return _touches(rows[held], "held_on", "activities")


@derived("actions")
def plan_actions(inputs: Inputs) -> pd.DataFrame:
    """One row per action of a plan, seen by the client or not: `state` is kept, late, overdue, dropped or open."""
    rows = inputs.tables["actions"]
    rows = rows[rows["plan_id"].notna() & rows["due_on"].notna()].reset_index(drop=True)
    cut_off = np.datetime64(inputs.until_on)
    done = rows["done_on"].where(rows["done_on"] < cut_off)
    kept = rows[["account_id", "customer_id", "action_id", "plan_id", "side", "due_on"]]
    return kept.assign(
        state=pd.Series(_states(rows, done, cut_off), index=rows.index, dtype="str"),
        _from=("actions:" + rows["_row"]).astype("str"),
    )


def _states(rows: pd.DataFrame, done: pd.Series, cut_off: np.datetime64) -> npt.NDArray[np.str_]:
    """What became of each action by the cut-off; what was done after it is not known yet."""
    return np.select(
        [
            done.notna() & (done <= rows["due_on"]),
            done.notna(),
            rows["status"].str.lower().isin(DROPPED),
            rows["due_on"] < cut_off,
        ],
        ["kept", "late", "dropped", "overdue"],
        default="open",
    )


def _as_of(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The rows hold from the as-of date on: a plan as it was before is not known."""
    last = np.datetime64(inputs.until_on, "s") - np.timedelta64(1, "D")
    return rows.reset_index(drop=True).assign(
        from_on=pd.Series(last, index=range(len(rows)), dtype="datetime64[s]"),
        until_on=pd.Series(np.datetime64("NaT"), index=range(len(rows)), dtype="datetime64[s]"),
    )
