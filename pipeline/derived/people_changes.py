"""People: hand-overs on both sides, who stands in for whom, and which roles of a decision are known."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, begins, derived, joined, sources
from pipeline.schema import SCALE

_HOUR = 3600
_FAR = np.datetime64("2200-01-01", "s")
_NEAR = np.datetime64("1990-01-01", "s")


@derived("contacts")
def handovers(inputs: Inputs) -> pd.DataFrame:
    """One row per contact who left (`side` client) and per owner of ours who was replaced (`side` ours).

    `is_met`: handed over within the policy's hours of the change. `is_due`: handed over, or the hours have passed by
    the cut-off. A change of ours happens as the day begins on which the assignment is over, in the company's zone.
    """
    rows = pd.concat([_contacts_left(inputs), _owners_replaced(inputs)], ignore_index=True)
    cut_off = pd.Timestamp(inputs.until_on, tz=inputs.settings.company.zone)
    rows = rows[rows["changed_at"] < cut_off].reset_index(drop=True)
    handed = rows["handed_over_at"].where(rows["handed_over_at"] < cut_off)
    local = rows["changed_at"].dt.tz_convert(inputs.settings.company.zone).dt.tz_localize(None)
    limit = pd.to_timedelta(_limits(local, inputs), unit="s")
    elapsed = (handed - rows["changed_at"]).dt.total_seconds()
    return pd.DataFrame(
        {
            **{
                name: rows[name]
                for name in ("account_id", "customer_id", "manager_id", "person_id", "side", "_from")
            },
            "left_on": local.dt.normalize().astype("datetime64[s]"),
            "handed_over_at": handed,
            "hours": (elapsed.clip(lower=0) * SCALE / _HOUR).round().astype("Int64"),
            "is_due": (handed.notna() | (rows["changed_at"] + limit < cut_off)).astype(bool),
            "is_met": (handed.notna() & (handed <= rows["changed_at"] + limit)).astype(bool),
        }
    )


def _limits(days: pd.Series, inputs: Inputs) -> Any:
    """The seconds allowed for each hand-over, by the rule of its day."""
    rules = {day: inputs.policy.at("contact", day).handover_hours * _HOUR for day in set(days.dt.date)}
    return [rules[day] for day in days.dt.date]


def _contacts_left(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.tables["contacts"]
    rows = rows[rows["left_at"].notna()]
    return _changes(rows, "contact_id", "client", rows["left_at"], "contacts")


def _owners_replaced(inputs: Inputs) -> pd.DataFrame:
    """Owners whose assignment is over while the account has another from that day on."""
    if not inputs.has("assignments"):
        return _contacts_left(inputs).iloc[:0]
    rows = inputs.tables["assignments"]
    rows = rows[rows["account_id"].isin(inputs.tables["accounts"]["account_id"])]
    owners = rows[rows["role"].fillna("owner") == "owner"]
    over = owners[owners["to_on"].notna()]
    pairs = over.merge(owners, on="account_id", suffixes=("", "_next"))
    follows = (pairs["from_on_next"] <= pairs["to_on"]) & (
        pairs["to_on_next"].isna() | (pairs["to_on_next"] > pairs["to_on"])
    )
    other = pairs["manager_id_next"] != pairs["manager_id"]
    stays = follows & ~other
    keys = ["account_id", "manager_id", "from_on"]
    replaced = pairs[follows & other][keys].drop_duplicates()
    kept = pairs[stays][keys].drop_duplicates()
    chosen = over.merge(replaced, on=keys)
    chosen = chosen[~pd.MultiIndex.from_frame(chosen[keys]).isin(pd.MultiIndex.from_frame(kept))]
    zone = inputs.settings.company.zone
    return _changes(chosen, "manager_id", "ours", chosen["to_on"].dt.tz_localize(zone), "assignments")


def _changes(rows: pd.DataFrame, person: str, side: str, changed: pd.Series, table: str) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": rows["account_id"],
            "customer_id": rows["customer_id"],
            "manager_id": pd.Series(None, index=rows.index, dtype="str"),
            "person_id": rows[person],
            "side": pd.Series(side, index=rows.index, dtype="str"),
            "changed_at": changed.dt.tz_convert("UTC"),
            "handed_over_at": rows["handed_over_at"],
            "_from": (table + ":") + rows["_row"].astype("str"),
        }
    )


@derived("contacts")
def new_contacts(inputs: Inputs) -> pd.DataFrame:
    """One row per contact who came to an account that had one before: visited within the policy's days or not.

    `is_due`: visited, or the days have passed by the cut-off.
    """
    rows = inputs.tables["contacts"]
    rows = rows[rows["active_from_on"].notna()]
    first = rows.groupby("account_id")["active_from_on"].transform("min")
    rows = rows[(rows["active_from_on"] > first) & (rows["active_from_on"] < np.datetime64(inputs.until_on))]
    rows = rows.reset_index(drop=True)
    days = [inputs.policy.at("contact", day).visit_days for day in rows["active_from_on"].dt.date]
    limit = rows["active_from_on"] + pd.to_timedelta(pd.Series(days, dtype="int64"), unit="D")
    visited = rows["visited_on"].where(rows["visited_on"] < np.datetime64(inputs.until_on))
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("account_id", "customer_id", "contact_id", "active_from_on")},
            "visited_on": visited,
            "is_due": visited.notna() | (limit < np.datetime64(inputs.until_on)),
            "is_met": (visited <= limit).fillna(False).astype(bool),
            "_from": sources("contacts", rows),
        }
    )


@derived("contacts")
def client_roles(inputs: Inputs) -> pd.DataFrame:
    """One row per customer, role and span in which at least one contact has it: roles of a decision, and `backup`.

    The roles are those that policy expects. Spans that touch or overlap are one. Rows stand on the top account.
    """
    rows = inputs.tables["contacts"]
    zone = inputs.settings.company.zone
    left = rows["left_at"].dt.tz_convert(zone).dt.tz_localize(None).dt.normalize()
    held = _held(rows, rows["role"], rows["active_from_on"], left, "contacts")
    expected = inputs.policy.at("contact", inputs.until_on - timedelta(days=1)).roles
    backups = rows["is_backup"].fillna(False).astype(bool)
    return _merged(pd.concat([held[held["role"].isin(expected)], held[backups].assign(role="backup")]))


@derived("assignments")
def our_roles(inputs: Inputs) -> pd.DataFrame:
    """One row per customer, role of ours (owner, technical, executive, backup) and span in which somebody has it."""
    rows = inputs.tables["assignments"]
    rows = rows[rows["account_id"].isin(inputs.tables["accounts"]["account_id"])]
    return _merged(_held(rows, rows["role"].fillna("owner"), rows["from_on"], rows["to_on"], "assignments"))


def _held(
    rows: pd.DataFrame, role: pd.Series, begins_on: pd.Series, ends_on: pd.Series, table: str
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "account_id": rows["customer_id"],
            "customer_id": rows["customer_id"],
            "role": role,
            "from_on": begins_on.fillna(pd.Timestamp(_NEAR)).astype("datetime64[s]"),
            "until_on": ends_on.fillna(pd.Timestamp(_FAR)).astype("datetime64[s]"),
            "_from": (table + ":") + rows["_row"].astype("str"),
        }
    )


def _merged(rows: pd.DataFrame) -> pd.DataFrame:
    """Spans of the same customer and role that touch or overlap, as one with all their sources; open at the end: empty."""
    rows = rows[(rows["from_on"] < rows["until_on"]) & rows["role"].notna()]
    rows = rows.sort_values(["customer_id", "role", "from_on", "_from"], kind="stable", ignore_index=True)
    keys = [rows[name].to_numpy() for name in ("customer_id", "role")]
    group = np.cumsum(begins(*keys))
    reached = rows.groupby(group)["until_on"].cummax().shift(1)
    starts = begins(*keys) | (rows["from_on"] > reached).to_numpy()
    until = rows.groupby(np.cumsum(starts))["until_on"].max().reset_index(drop=True)
    made = rows[starts].reset_index(drop=True)
    return made.assign(
        until_on=until.where(until < _FAR), _from=pd.Series(joined(rows["_from"], starts), dtype="str")
    )
