"""Groups of companies as they were on a run's last day: `parents` has their history, `accounts` the present. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import pandas as pd


def with_groups(tables: Mapping[str, pd.DataFrame], day: date) -> dict[str, pd.DataFrame]:
    """The tables, each account under the parent that it had on a day.

    An account of which `parents` says nothing keeps its `parent_id`, and so does one whose last row there has ended:
    what came after that is the present. One that joined its first group later was in none.
    """
    accounts, parents = tables.get("accounts"), tables.get("parents")
    if accounts is None or parents is None:
        return dict(tables)
    history = parents.dropna(subset=["account_id"])
    moment = pd.Timestamp(day)
    begun, ended = ~(history["from_on"] > moment), history["to_on"] <= moment
    held = history[begun & ~ended].sort_values("from_on", kind="stable", na_position="first")
    in_force = dict(zip(held["account_id"], held["parent_id"], strict=True))
    later = dict.fromkeys(history.loc[~begun, "account_id"])
    known = {**later, **in_force}
    own = zip(accounts["account_id"], accounts["parent_id"], strict=True)
    found = [known.get(account, parent) for account, parent in own]
    return {
        **tables,
        "accounts": accounts.assign(parent_id=pd.Series(found, index=accounts.index, dtype="str")),
    }
