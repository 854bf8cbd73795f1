"""Who has to act on a warning: whoever held the role at the account on the day it was raised. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.engine.ownership import NOBODY
from pipeline.engine.subjects import people
from pipeline.watch.money import day_numbers


def owners_on(accounts: pd.Series, days: pd.Series, inputs: Inputs) -> pd.Series:
    """The owner of each account on its day; of several the one with the largest share; none where nobody owned it."""
    found = people(_about(accounts, inputs), inputs.settings.company.currency)
    codes = pd.Index(found.directory.accounts).get_indexer(pd.Index(accounts)).astype(np.int64)
    nobody = np.full(codes.size, NOBODY, dtype=np.int64)
    rows, managers, weights = found.ownership.credits(codes, day_numbers(days), nobody)
    order = np.lexsort((managers, -weights, rows))
    first = order[np.r_[True, rows[order][1:] != rows[order][:-1]]] if rows.size else order
    names = np.array([*found.directory.managers, None], dtype=object)
    return pd.Series(names[managers[first]], index=accounts.index, dtype="str")


def _about(accounts: pd.Series, inputs: Inputs) -> dict[str, pd.DataFrame]:
    """Managers, and what accounts and assignments say of these accounts."""
    tables = {
        name: inputs.tables[name] for name in ("accounts", "assignments", "managers") if inputs.has(name)
    }
    return {
        name: rows[rows["account_id"].isin(accounts)].reset_index(drop=True) if "account_id" in rows else rows
        for name, rows in tables.items()
    }


def in_role(accounts: pd.Series, days: pd.Series, role: str, inputs: Inputs) -> pd.Series:
    """Who had a role at each account on its day; none where nobody had it."""
    if not inputs.has("assignments"):
        return pd.Series(None, index=accounts.index, dtype="str")
    rows = inputs.tables["assignments"]
    held = rows[rows["role"] == role].sort_values("manager_id", kind="stable")
    asked = pd.DataFrame({"account_id": accounts, "day": days, "at": accounts.index})
    pairs = asked.merge(held[["account_id", "manager_id", "from_on", "to_on"]], on="account_id")
    since = pairs["from_on"].isna() | (pairs["from_on"] <= pairs["day"])
    inside = since & (pairs["to_on"].isna() | (pairs["to_on"] > pairs["day"]))
    found = pairs[inside].drop_duplicates("at").set_index("at")["manager_id"]
    return found.reindex(accounts.index).astype("str")


def leads_of(managers: pd.Series, inputs: Inputs) -> pd.Series:
    """Whom each manager reports to; none where nobody is named."""
    if not inputs.has("managers"):
        return pd.Series(None, index=managers.index, dtype="str")
    rows = inputs.tables["managers"]
    above: dict[Any, Any] = dict(zip(rows["manager_id"], rows["reports_to_id"], strict=True))
    return managers.map(above).astype("str")
