"""Touchpoints: what the service plan promised each customer, window by window, and whether it was kept."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.plan_windows import AFTER, Standings, Window, dates, started, top_rows, windows_due
from pipeline.engine.matching import Activity, Due, matched


@derived("activities", "relationships", after=AFTER)
def touchpoints(inputs: Inputs) -> pd.DataFrame:
    """One row per window in which a touchpoint is due to a customer, with the activity that kept it.

    A line applies by the customer's class, band and stage on the window's first day, by the rule of that day; who
    lapsed is promised nothing. Windows before the first activity of the export are left out: a feed that had not
    begun is no missed visit. Activities on any account of a group count for the customer; one keeps one window.
    `state` is kept, late, missed, cancelled or open; the window itself is the evidence of what was missed.
    """
    standings = Standings.of(inputs)
    lines = inputs.policy.all("plan")
    began = inputs.starts.get("activities", inputs.until_on)
    activities = _activities(inputs)
    rows: list[dict[str, Any]] = []
    for customer, since in started(inputs):
        windows = windows_due(lines, customer, since, began, standings, inputs)
        rows += kept(customer, [_due(each) for each in windows], activities.get(customer, ()), inputs)
    return shaped(rows, inputs)


def _due(window: Window) -> Due:
    line = window.line
    return Due(
        line.name,
        line.kinds,
        line.face_to_face,
        window.from_on,
        window.until_on,
        line.grace_days,
        line.both_sides,
    )


def kept(
    customer: str, dues: Sequence[Due], activities: Sequence[Activity], inputs: Inputs
) -> list[dict[str, Any]]:
    """What became of what was due to a customer."""
    return [{"customer_id": customer, **each} for each in matched(dues, activities, inputs.until_on)]


def _activities(inputs: Inputs) -> dict[str, list[Activity]]:
    """The activities of each customer up to the cut-off, oldest first."""
    rows = inputs.tables["activities"]
    known = rows["held_on"].notna() & (rows["held_on"] < np.datetime64(inputs.until_on))
    rows = rows[known & (rows["status"] != "planned")]
    rows = rows.sort_values(["held_on", "activity_id"], kind="stable")
    found: dict[str, list[Activity]] = {}
    is_joint = rows["manager_id"].notna() & rows["contact_id"].notna()
    for customer, day, kind, status, is_met, joint, row in zip(
        rows["customer_id"], rows["held_on"], rows["kind"], rows["status"],
        rows["is_face_to_face"].fillna(False).astype(bool), is_joint, rows["_row"], strict=True,
    ):  # fmt: skip
        activity = Activity(
            day.date(), str(kind), bool(is_met), status == "cancelled", f"activities:{row}", bool(joint)
        )
        found.setdefault(str(customer), []).append(activity)
    return found


def shaped(rows: list[dict[str, Any]], inputs: Inputs) -> pd.DataFrame:
    """Windows with what became of them as a table; each stands on the customer's top account."""
    made = pd.DataFrame(
        rows, columns=["customer_id", "line", "from_on", "until_on", "state", "held_on", "source"]
    )
    days = {name: dates(made[name]) for name in ("from_on", "until_on", "held_on")}
    due = days["until_on"] - pd.Timedelta(days=1)
    texts = {name: made[name].astype("str") for name in ("customer_id", "line", "state")}
    tops = "accounts:" + made["customer_id"].map(top_rows(inputs)).astype("str")
    return pd.DataFrame(
        {
            "account_id": texts["customer_id"],
            **texts,
            "from_on": days["from_on"],
            "due_on": due,
            "held_on": days["held_on"],
            "days_late": (days["held_on"] - due).dt.days.clip(lower=0).astype("Int64"),
            "open_until_on": days["held_on"].where(made["state"] == "kept", due),
            "_from": (tops + " " + made["source"].astype("str")).str.strip(),
        }
    )
