"""Benefits: what a customer was given beside what it bought, and whether what the service plan promises was given."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.plan_windows import AFTER, Standings, started, windows_due
from pipeline.derived.touchpoints import kept, shaped
from pipeline.engine.matching import Activity, Due

_GIVEN_BY_ACTIVITY = ("training", "introduction")
"""Activities that give the customer something, where the export notes them as activities alone."""
_KEY = ["account_id", "kind", "given_on"]
_COLUMNS = (
    "account_id", "customer_id", "kind", "given_on", "description", "worth_amount", "currency", "_from",
)  # fmt: skip


@derived()
def value_added(inputs: Inputs) -> pd.DataFrame:
    """One row per thing given by the cut-off: rows of `benefits`, and trainings and introductions held as activities.

    An activity of the kind and day of a benefit of the account is that benefit, and counts once. `worth_amount` is
    empty where nothing is said of it.
    """
    parts = [_benefits(inputs), _activities(inputs)]
    rows = pd.concat([each for each in parts if each is not None] or [_empty()], ignore_index=True)
    noted = rows["_from"].str.startswith("activities:")
    again = pd.MultiIndex.from_frame(rows[_KEY]).isin(pd.MultiIndex.from_frame(rows.loc[~noted, _KEY]))
    return rows[~(noted & again)].reset_index(drop=True)


def _benefits(inputs: Inputs) -> pd.DataFrame | None:
    if not inputs.has("benefits"):
        return None
    rows = inputs.tables["benefits"]
    return _until(rows.assign(_from=sources("benefits", rows)), inputs)


def _activities(inputs: Inputs) -> pd.DataFrame | None:
    if not inputs.has("activities"):
        return None
    rows = inputs.tables["activities"]
    held = ~rows["status"].isin(["planned", "cancelled"]) & rows["kind"].isin(_GIVEN_BY_ACTIVITY)
    rows = rows[held]
    named = rows.assign(
        given_on=rows["held_on"],
        description=pd.Series(None, index=rows.index, dtype="str"),  # what came of it is our own note
        worth_amount=pd.Series(pd.NA, index=rows.index, dtype="Int64"),
        currency=pd.Series(None, index=rows.index, dtype="str"),
        _from=sources("activities", rows),
    )
    return _until(named.drop_duplicates(_KEY), inputs)


def _until(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    known = rows["given_on"].notna() & (rows["given_on"] < np.datetime64(inputs.until_on))
    return rows.loc[known, list(_COLUMNS)]


def _empty() -> pd.DataFrame:
    kinds = {"given_on": "datetime64[s]", "worth_amount": "Int64"}
    return pd.DataFrame({name: pd.Series(dtype=kinds.get(name, "str")) for name in _COLUMNS})


@derived("value_added", "relationships", after=AFTER)
def enablement(inputs: Inputs) -> pd.DataFrame:
    """One row per window in which something is due to be given to a customer, with what was given.

    Lines and windows are as for touchpoints; one thing given keeps one window. Windows before the first thing that the
    export notes are left out. `state` is kept, late, missed or open.
    """
    standings = Standings.of(inputs)
    lines = inputs.policy.all("enablement")
    began = inputs.starts.get("value_added", inputs.until_on)
    given = _given(inputs.tables["value_added"])
    rows: list[dict[str, Any]] = []
    for customer, since in started(inputs):
        windows = windows_due(lines, customer, since, began, standings, inputs)
        dues = [
            Due(each.line.name, each.line.kinds, False, each.from_on, each.until_on, each.line.grace_days)
            for each in windows
        ]
        rows += kept(customer, dues, given.get(customer, ()), inputs)
    return shaped(rows, inputs)


def _given(rows: pd.DataFrame) -> dict[str, list[Activity]]:
    """What each customer was given, oldest first."""
    found: dict[str, list[Activity]] = {}
    ordered = rows.sort_values(["given_on", "_from"], kind="stable")
    for customer, day, kind, row in zip(
        ordered["customer_id"], ordered["given_on"], ordered["kind"], ordered["_from"], strict=True
    ):
        each = Activity(day.date(), str(kind), is_met=False, is_cancelled=False, source=str(row))
        found.setdefault(str(customer), []).append(each)
    return found
