"""Sales targets day by day: what each subject should sell, its own target first, else what those below it should."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.engine.cube import edges_between, shares
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import NOBODY, Ownership, days_of, ownership
from pipeline.engine.posts import posts
from pipeline.engine.subjects import PORTFOLIO
from pipeline.schema import NO_ACCOUNT

_METRIC = "net_sales"
_FAR = 4_000_000
_PIECE = ["kind", "subject", "day", "days", "value", "_from"]


@derived("targets", once=True)
def sales_targets(inputs: Inputs) -> pd.DataFrame:
    """One row per subject and piece of a target: the days from one possible end of a window to the next.

    A target of net sales is spread over its days. Managers without one take the targets of the accounts they own, day
    by day; teams and the portfolio those of their managers. Where policy says that the target of a manager who leads
    managers contains theirs, it counts alone, and of his own he has what theirs leave. `days` counts each day once.
    """
    own = _particular(_pieces(inputs))
    accounts = inputs.tables["accounts"]
    managers = _managers(own, _of_kind(own, "account"), inputs)
    leads, teams = _leads(inputs), _teams(managers, inputs)
    everyone = pd.Series(PORTFOLIO, index=managers.index, dtype="str")
    rows = [
        own[own["kind"] != "manager"],
        _own_part(managers, leads),
        _below(own, "customer", _of_kind(own, "account").assign(group=_customers(own, accounts))),
        _below(own, "team", _topmost(managers.assign(group=teams), leads)),
        _below(own, "portfolio", _topmost(managers.assign(group=everyone), leads)),
    ]
    made = pd.concat(rows, ignore_index=True)
    return _shaped(made[made["day"] < days_of(pd.Series([inputs.until_on], dtype="datetime64[s]"), _FAR)[0]])


def _pieces(inputs: Inputs) -> pd.DataFrame:
    """Every target of net sales with a first and a last day, cut at the possible ends of windows and changes of owner."""
    rows = inputs.tables["targets"]
    whole = rows["breakdown"].isna() | (rows["breakdown"] == "")
    rows = rows[
        (rows["metric"] == _METRIC) & whole & rows["to_on"].notna() & (rows["to_on"] > rows["from_on"])
    ]
    if rows.empty:
        return pd.DataFrame({name: pd.Series(dtype=_dtype(name)) for name in [*_PIECE, "span"]})
    own_ends = [days_of(rows[name], _FAR) for name in ("from_on", "to_on")]
    edges = np.concatenate(
        [edges_between(rows["from_on"].min().date(), inputs.until_on).days, _changes(inputs), *own_ends]
    )
    return _cut(rows, np.unique(edges))


def _dtype(name: str) -> str:
    return "str" if name in ("kind", "subject", "_from") else "int64"


def _changes(inputs: Inputs) -> Integers:
    """The days on which accounts change hands or managers change teams."""
    tables = [inputs.tables[name] for name in ("assignments", "team_members") if inputs.has(name)]
    days = [days_of(rows[name].dropna(), _FAR) for rows in tables for name in ("from_on", "to_on")]
    return np.unique(np.concatenate([np.zeros(0, dtype=np.int64), *days]))


def _cut(rows: pd.DataFrame, edges: Integers) -> pd.DataFrame:
    """Targets cut at the edges, which hold their own ends; values go by days, so that pieces add up to them exactly."""
    first, until = days_of(rows["from_on"], _FAR), days_of(rows["to_on"], _FAR)
    low = np.searchsorted(edges, first)
    counts = np.searchsorted(edges, until) - low
    row = np.repeat(np.arange(len(rows)), counts)
    at = np.repeat(low, counts) + np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
    value = rows["value"].to_numpy(dtype=np.int64)[row]
    begins, ends, span = edges[at], edges[at + 1], (until - first)[row]
    taken = rows.iloc[row].reset_index(drop=True)
    return pd.DataFrame(
        {
            "kind": taken["subject_kind"],
            "subject": taken["subject_id"],
            "day": begins,
            "days": ends - begins,
            "value": value * (ends - first[row]) // span - value * (begins - first[row]) // span,
            "_from": "targets:" + taken["_row"],
            "span": span,
        }
    )


def _particular(pieces: pd.DataFrame) -> pd.DataFrame:
    """Of targets for the same days the one with the shortest span: a month's is more particular than a year's."""
    shortest = pieces.groupby(["kind", "subject", "day"])["span"].transform("min")
    return pieces[pieces["span"] == shortest][_PIECE].reset_index(drop=True)


def _of_kind(pieces: pd.DataFrame, kind: str) -> pd.DataFrame:
    return pieces[pieces["kind"] == kind].reset_index(drop=True)


def _managers(own: pd.DataFrame, accounts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The managers' own pieces, and for days without one those of the accounts they owned, by share."""
    stated = _of_kind(own, "manager")
    credited = _credited(accounts, inputs).assign(kind="manager")
    known = pd.MultiIndex.from_frame(stated[["subject", "day"]])
    missing = ~pd.MultiIndex.from_frame(credited[["subject", "day"]]).isin(known)
    return pd.concat([stated, credited[missing]], ignore_index=True)


def _credited(pieces: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    served, ids, names = _ownership(inputs)
    account = pd.Index(ids).get_indexer(pd.Index(pieces["subject"])).astype(np.int64)
    rows, manager, weight = served.credits(
        account, pieces["day"].to_numpy(dtype=np.int64), np.full(len(pieces), NOBODY)
    )
    made = pieces.iloc[rows].reset_index(drop=True)
    value = shares(made["value"].to_numpy(dtype=np.int64), weight, rows)
    made = made.assign(value=value, subject=np.array([*names, ""], dtype=object)[manager])
    known: pd.DataFrame = made[manager != NOBODY].reset_index(drop=True)
    return known


def _ownership(inputs: Inputs) -> tuple[Ownership, list[str], list[str]]:
    accounts = inputs.tables["accounts"].sort_values("account_id", kind="stable")
    ids = [each for each in accounts["account_id"] if each != NO_ACCOUNT]
    assignments = inputs.tables.get("assignments")
    names = set(accounts["owner_id"].dropna()) | (
        set() if assignments is None else set(assignments["manager_id"].dropna())
    )
    managers = sorted(names)
    kept = accounts[accounts["account_id"] != NO_ACCOUNT]
    owners = pd.Index(managers).get_indexer(pd.Index(kept["owner_id"])).astype(np.int64)
    return ownership(assignments, ids, managers, owners), ids, managers


def _leads(inputs: Inputs) -> dict[str, str]:
    """Whom each manager reports to, where a lead's target contains those below; else nobody to anyone."""
    rule = inputs.policy.at("attainment", inputs.until_on - timedelta(days=1))
    if not inputs.has("managers") or rule.lead_targets == "own":
        return {}
    rows = inputs.tables["managers"]
    rows = rows[rows["reports_to_id"].notna()]
    return dict(zip(rows["manager_id"], rows["reports_to_id"], strict=True))


def _above(manager: str, leads: Mapping[str, str]) -> list[str]:
    """Everyone above a manager, nearest first; a circle ends where it closes."""
    found: list[str] = []
    while (manager := leads.get(manager, "")) and manager not in found:
        found.append(manager)
    return found


def _topmost(managers: pd.DataFrame, leads: Mapping[str, str]) -> pd.DataFrame:
    """The pieces of managers above whom nobody of the same `group` has a target for the same days."""
    rows = list(zip(managers["subject"], managers["day"], managers["group"], strict=True))
    held = set(rows)
    led = [any((lead, day, group) in held for lead in _above(who, leads)) for who, day, group in rows]
    return managers[~np.array(led, dtype=bool)].reset_index(drop=True)


def _own_part(managers: pd.DataFrame, leads: Mapping[str, str]) -> pd.DataFrame:
    """What a lead's target leaves after those of the managers directly below; nothing where they are no smaller."""
    reports = managers.assign(subject=managers["subject"].map(leads))
    reports = reports[reports["subject"].notna()].assign(value=-reports["value"], days=0)
    held = pd.MultiIndex.from_frame(managers[["subject", "day"]])
    reports = reports[pd.MultiIndex.from_frame(reports[["subject", "day"]]).isin(held)]
    rows = pd.concat([managers, reports], ignore_index=True)
    left = rows.groupby(["subject", "day"])["value"].transform("sum")
    return rows[left > 0].reset_index(drop=True)


def _customers(own: pd.DataFrame, accounts: pd.DataFrame) -> pd.Series:
    """The customer of each account's piece."""
    known = dict(zip(accounts["account_id"], accounts["customer_id"], strict=True))
    return _of_kind(own, "account")["subject"].map(known)


def _teams(managers: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The team of each manager on the days of each piece; empty: none."""
    ids = tuple(sorted(set(managers["subject"])))
    held = posts(inputs.tables.get("managers"), inputs.tables.get("team_members"), ids)
    who = pd.Index(ids).get_indexer(pd.Index(managers["subject"])).astype(np.int64)
    post = held.at(who, managers["day"].to_numpy(dtype=np.int64))
    names = np.array([*held.teams, None], dtype=object)
    return pd.Series(names[held.team[post]] if len(managers) else [], index=managers.index, dtype="str")


def _below(own: pd.DataFrame, kind: str, pieces: pd.DataFrame) -> pd.DataFrame:
    """The pieces of the members of each `group`, for days on which it has no target of its own; a day counts once."""
    rows = pieces.assign(kind=kind, subject=pieces["group"]).drop(columns="group")
    rows = rows[rows["subject"].notna()]
    stated = pd.MultiIndex.from_frame(_of_kind(own, kind)[["subject", "day"]])
    rows = rows[~pd.MultiIndex.from_frame(rows[["subject", "day"]]).isin(stated)]
    first = ~rows.duplicated(["subject", "day"])
    return rows.assign(days=rows["days"].where(first, 0)).reset_index(drop=True)


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    rows = rows.reset_index(drop=True)
    days = rows["day"].to_numpy(dtype=np.int64).astype("datetime64[D]").astype("datetime64[s]")
    return pd.DataFrame(
        {
            "subject_kind": rows["kind"].astype("str"),
            "subject_id": rows["subject"].astype("str"),
            "falls_on": pd.Series(days),
            "days": rows["days"].astype("Int64"),
            "amount": rows["value"].astype("Int64"),
            "_from": rows["_from"].astype("str"),
        }
    )
