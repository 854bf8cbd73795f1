"""The roster: who documents are about, and which manager serves which account from which day to which. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from itertools import pairwise

import numpy as np
import pandas as pd

from pipeline.engine.ownership import FOREVER, NOBODY, SPAN, Ownership
from pipeline.engine.subjects import People
from pipeline.schema import NO_ACCOUNT, SCALE

_EPOCH = date(1970, 1, 1).toordinal()
_CUSTOMER = ["customer_id", "name", "name_en", "industry", "region", "country", "currency", "locale", "brand"]


def customers(people: People, tables: Mapping[str, pd.DataFrame], as_of: date) -> pd.DataFrame:
    """One row a customer: its top account's columns, and its main owner on the as-of date."""
    tops = people.accounts.iloc[people.top_account]
    owners = people.ownership.main_owner(people.top_account, as_of.toordinal() - _EPOCH)
    ids = [people.directory.managers[owner] if owner >= 0 else None for owner in owners]
    names = _names(tables, "managers", "manager_id")
    rows = tops[_CUSTOMER].rename(columns={"locale": "language"}).reset_index(drop=True)
    return rows.assign(
        owner_id=pd.Series(ids, dtype="str"),
        owner_name=pd.Series([names.get(each or "") for each in ids], dtype="str"),
    )


def accounts(people: People) -> pd.DataFrame:
    """One row an account: its name and its customer."""
    rows = people.accounts[people.accounts["account_id"] != NO_ACCOUNT]
    return rows[["account_id", "customer_id", "name", "name_en"]].reset_index(drop=True)


def managers(people: People, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """One row a manager: name (the id where none is known), team and lead, when hired and when gone."""
    ids = list(people.directory.managers)
    known = tables.get("managers", pd.DataFrame({"manager_id": pd.Series(dtype="str")}))
    columns = ["manager_id", "name", "team_id", "reports_to_id", "hired_on", "left_on"]
    rows = known.reindex(columns=columns).set_index("manager_id").reindex(ids)
    teams, names = _names(tables, "teams", "team_id"), _names(tables, "managers", "manager_id")
    return pd.DataFrame(
        {
            "manager_id": pd.Series(ids, dtype="str"),
            "name": pd.Series([names.get(each, each) for each in ids], dtype="str"),
            "team_id": rows["team_id"].astype("str").to_numpy(),
            "team_name": pd.Series(_looked_up(teams, rows["team_id"]), dtype="str"),
            "lead_name": pd.Series(_looked_up(names, rows["reports_to_id"]), dtype="str"),
            "hired_on": rows["hired_on"].astype("datetime64[s]").to_numpy(),
            "left_on": rows["left_on"].astype("datetime64[s]").to_numpy(),
        }
    )


def _looked_up(names: Mapping[str, str], ids: pd.Series) -> list[str | None]:
    return [names.get(each) if isinstance(each, str) else None for each in ids]


def _names(tables: Mapping[str, pd.DataFrame], table: str, key: str) -> dict[str, str]:
    if table not in tables:
        return {}
    rows = tables[table]
    return dict(zip(rows[key], rows["name"].fillna(rows[key]), strict=True))


def holdings(people: People) -> pd.DataFrame:
    """One row per manager, account and span of days: `share` in ten-thousandths of the account, `from_on` included.

    `to_on` is not included; empty means since ever, and for good. Where nobody is assigned the account's owner serves
    it; the spans of an account follow each other, and those in which nothing changes are one.
    """
    rows = [row for row in _merged(_spans(people.ownership)) if row[1] != NOBODY]
    accounts = people.accounts["account_id"].to_numpy(dtype=object)
    owners = people.accounts["customer_id"].to_numpy(dtype=object)
    found = [row for row in rows if accounts[row[0]] != NO_ACCOUNT]
    return pd.DataFrame(
        {
            "manager_id": pd.Series([people.directory.managers[row[1]] for row in found], dtype="str"),
            "account_id": pd.Series([accounts[row[0]] for row in found], dtype="str"),
            "customer_id": pd.Series([owners[row[0]] for row in found], dtype="str"),
            "share": pd.Series([row[2] for row in found], dtype="int64"),
            "from_on": _days([row[3] for row in found], 0),
            "to_on": _days([row[4] for row in found], FOREVER),
        }
    )


_Row = tuple[int, int, int, int, int]
"""Account, manager, share, first day, the day after the last."""


def _spans(ownership: Ownership) -> list[_Row]:
    """Every span of every account with each of its owners."""
    rows: list[_Row] = []
    starts = dict.fromkeys(range(len(ownership.fallback)), False)
    for place, (key, after) in enumerate(pairwise([*ownership.keys.tolist(), -1])):
        account, day = divmod(int(key), SPAN)
        following, until = divmod(int(after), SPAN)
        starts[account] = True
        end = until if following == account else FOREVER
        rows += [(account, *owner, day, end) for owner in _owners(ownership, place, account)]
    rows += [
        (account, int(ownership.fallback[account]), SCALE, 0, FOREVER)
        for account, begun in starts.items()
        if not begun
    ]
    return sorted(rows)


def _owners(ownership: Ownership, place: int, account: int) -> list[tuple[int, int]]:
    first, count = int(ownership.first[place]), int(ownership.count[place])
    if not count:
        return [(int(ownership.fallback[account]), SCALE)]
    weights = ownership.weights[first : first + count]
    shares = np.rint(weights * SCALE / weights.sum()).astype(np.int64)
    return list(zip(ownership.managers[first : first + count].tolist(), shares.tolist(), strict=True))


def _merged(rows: list[_Row]) -> list[_Row]:
    """Spans of an account, manager and share that follow each other as one."""
    made: list[_Row] = []
    for account, manager, share, begins, ends in rows:
        if made and made[-1][:3] == (account, manager, share) and made[-1][4] == begins:
            made[-1] = (account, manager, share, made[-1][3], ends)
        else:
            made.append((account, manager, share, begins, ends))
    return made


def _days(numbers: list[int], missing: int) -> pd.Series:
    days = np.array([None if each == missing else each for each in numbers], dtype="datetime64[D]")
    return pd.Series(days.astype("datetime64[s]"))
