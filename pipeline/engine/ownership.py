"""Whose row is it: who served an account on a day, by share; the gaps are filled by the row's own manager. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

Codes = npt.NDArray[np.int64]
NOBODY = -1
FOREVER = 4_000_000
"""Days since 1970, far past any export."""
SPAN = 8_000_000
"""What an account's code is multiplied with in the keys."""


@dataclass(frozen=True)
class Ownership:
    """For each account a row of spans that cover all days; each span points to its owners.

    `keys` are account_code · SPAN + first day, ascending; span i has owners `first[i] … first[i] + count[i] - 1`
    in `managers` and `weights`; `fallback[account]` serves where a span has no owner.
    """

    keys: Codes
    first: Codes
    count: Codes
    managers: Codes
    weights: Codes
    fallback: Codes

    def credits(self, accounts: Codes, days: Codes, own_managers: Codes) -> tuple[Codes, Codes, Codes]:
        """Who is credited: (row, manager, weight), a line for each row and owner, rows in order.

        First the assignments in force on the day, else the row's own manager, else the account's owner, else
        NOBODY with weight 1.
        """
        if not accounts.size:
            return accounts, accounts, accounts
        at = np.searchsorted(self.keys, accounts * SPAN + days, side="right") - 1
        at = np.maximum(at, 0)
        inside = (self.keys.size > 0) and (self.keys[at] // SPAN == accounts)
        counts = np.where(inside, self.count[at], 0) if self.keys.size else np.zeros_like(accounts)
        lines = np.maximum(counts, 1)
        rows = np.repeat(np.arange(accounts.size), lines)
        offset = np.arange(rows.size) - np.repeat(np.cumsum(lines) - lines, lines)
        assigned = np.repeat(counts > 0, lines)
        source = np.where(assigned, np.repeat(self.first[at] if self.keys.size else at, lines) + offset, 0)
        alone = np.where(own_managers != NOBODY, own_managers, self.fallback[accounts])[rows]
        if not self.managers.size:
            return rows, alone, np.ones_like(rows)
        managers = np.where(assigned, self.managers[source], alone)
        weights = np.where(assigned, self.weights[source], 1)
        return rows, managers, weights

    def main_owner(self, accounts: Codes, day: int) -> Codes:
        """The owner with the largest share of each account on a day (ties: the first id), or NOBODY."""
        days = np.full(accounts.size, day, dtype=np.int64)
        rows, managers, weights = self.credits(accounts, days, np.full(accounts.size, NOBODY))
        order = np.lexsort((managers, -weights, rows))
        firsts = (
            order[np.flatnonzero(np.r_[True, rows[order][1:] != rows[order][:-1]])] if rows.size else order
        )
        return managers[firsts]


def ownership(
    assignments: pd.DataFrame | None, account_ids: list[str], manager_ids: list[str], owners: Codes
) -> Ownership:
    """The ownership of accounts from `assignments` (role owner; from_on included, to_on not) and `owners`.

    Codes are positions in the sorted id lists; `owners` is the fallback manager of each account.
    """
    empty = np.zeros(0, dtype=np.int64)
    rows = _owner_rows(assignments, account_ids, manager_ids)
    if rows is None or not len(rows):
        return Ownership(empty, empty, empty, empty, empty, owners)
    account, begins, ends = (rows[name].to_numpy() for name in ("account", "from", "to"))
    keys = _borders(account, begins, ends)
    low, high = (np.searchsorted(keys, account * SPAN + day) for day in (begins, ends))
    lines = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(rows)), lines)
    span = low[row] + np.arange(row.size) - np.repeat(np.cumsum(lines) - lines, lines)
    order = np.argsort(span, kind="stable")
    count = np.bincount(span, minlength=keys.size).astype(np.int64)
    serving = rows.iloc[row[order]]
    managers, weights = (serving[name].to_numpy(dtype=np.int64) for name in ("manager", "weight"))
    return Ownership(keys, np.cumsum(count) - count, count, managers, weights, owners)


def _borders(account: Codes, begins: Codes, ends: Codes) -> Codes:
    """The keys of all days on which who serves an account may change; each account's first is day 0."""
    days = [np.zeros_like(account), begins, ends]
    keys = np.concatenate([account * SPAN + day for day in days])
    found: Codes = np.unique(keys[np.concatenate(days) < FOREVER])
    return found


def _owner_rows(
    assignments: pd.DataFrame | None, account_ids: list[str], manager_ids: list[str]
) -> pd.DataFrame | None:
    if assignments is None:
        return None
    rows = assignments[assignments["role"].fillna("owner") == "owner"]
    frame = pd.DataFrame(
        {
            "account": pd.Index(account_ids).get_indexer(pd.Index(rows["account_id"])),
            "manager": pd.Index(manager_ids).get_indexer(pd.Index(rows["manager_id"])),
            "weight": rows["share_pct"].fillna(10_000).to_numpy(dtype=np.int64),
            "from": days_of(rows["from_on"], 0),
            "to": days_of(rows["to_on"], FOREVER),
        }
    )
    frame = frame[(frame["account"] >= 0) & (frame["manager"] >= 0) & (frame["weight"] > 0)]
    return frame.sort_values(["account", "from", "manager"], kind="stable")


def days_of(dates: pd.Series, missing: int) -> Codes:
    """Days since 1970 of a date column; `missing` where there is none."""
    days = dates.to_numpy().astype("datetime64[D]").astype(np.int64)
    return np.where(dates.isna().to_numpy(), np.int64(missing), days)
