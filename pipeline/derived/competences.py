"""Competences: what each manager can do as last assessed, and what each team and the company have of it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.engine.cube import edges_between
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import days_of
from pipeline.engine.posts import posts
from pipeline.engine.subjects import PORTFOLIO

_FAR = 4_000_000
_SKILL = ["manager_id", "skill"]


@derived("competences", once=True)
def competence_levels(inputs: Inputs) -> pd.DataFrame:
    """One row per subject, skill of a manager and possible end of a window: the latest assessment by then.

    `gap` is what lacks to the target level and never below zero: being better at one thing makes up for no other.
    `age_days` counts from the assessment to the window's last day. A manager's row stands for the team of that day and
    the portfolio as well; who has left counts for nobody any more.
    """
    rows = _assessed(inputs)
    held = _held(rows, inputs)
    manager = held.assign(subject_kind="manager", subject_id=held["manager_id"])
    team = held.assign(subject_kind="team", subject_id=_teams(held, inputs))
    everyone = held.assign(subject_kind="portfolio", subject_id=PORTFOLIO)
    made = pd.concat([manager, team[team["subject_id"].notna()], everyone], ignore_index=True)
    return _shaped(made)


def _assessed(inputs: Inputs) -> pd.DataFrame:
    """Assessments with a level, up to the cut-off, with the day on which the next of the same skill follows."""
    rows = inputs.tables["competences"]
    known = rows["level"].notna() & (rows["assessed_on"] < np.datetime64(inputs.until_on))
    rows = rows[known].sort_values([*_SKILL, "assessed_on"], kind="stable").reset_index(drop=True)
    first = days_of(rows["assessed_on"], _FAR)
    following = days_of(rows.groupby(_SKILL)["assessed_on"].shift(-1), _FAR)
    return rows.assign(first=first, until=np.minimum(following, _gone(rows, inputs)))


def _gone(rows: pd.DataFrame, inputs: Inputs) -> Integers:
    """The day after which each row's manager is no longer with us."""
    if not inputs.has("managers"):
        return np.full(len(rows), _FAR, dtype=np.int64)
    managers = inputs.tables["managers"]
    left = dict(zip(managers["manager_id"], days_of(managers["left_on"], _FAR), strict=True))
    return np.array([left.get(each, _FAR) for each in rows["manager_id"]], dtype=np.int64)


def _held(rows: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Each assessment at each possible end of a window at which it is the latest; `edge` is the day after."""
    if rows.empty:
        return rows.assign(edge=pd.Series(dtype="int64"))
    edges = edges_between(rows["assessed_on"].min().date(), inputs.until_on).days
    low = np.searchsorted(edges, rows["first"].to_numpy(), side="right")
    high = np.searchsorted(edges, rows["until"].to_numpy(), side="right")
    counts = np.maximum(high - low, 0)
    row = np.repeat(np.arange(len(rows)), counts)
    at = np.repeat(low, counts) + np.arange(row.size) - np.repeat(np.cumsum(counts) - counts, counts)
    return rows.iloc[row].reset_index(drop=True).assign(edge=edges[at])


def _teams(held: pd.DataFrame, inputs: Inputs) -> pd.Series:
    """The team of each row's manager on the last day before its edge; missing: none."""
    ids = tuple(sorted(set(held["manager_id"])))
    found = posts(inputs.tables.get("managers"), inputs.tables.get("team_members"), ids)
    who = pd.Index(ids).get_indexer(pd.Index(held["manager_id"])).astype(np.int64)
    post = found.at(who, held["edge"].to_numpy(dtype=np.int64) - 1)
    names = np.array([*found.teams, None], dtype=object)
    return pd.Series(names[found.team[post]] if len(held) else [], index=held.index, dtype="object")


def _shaped(rows: pd.DataFrame) -> pd.DataFrame:
    level, target = rows["level"].astype("Int64"), rows["target_level"].astype("Int64")
    edge = rows["edge"].to_numpy(dtype=np.int64)
    days = edge.astype("datetime64[D]").astype("datetime64[s]")
    texts = ("subject_kind", "subject_id", "manager_id", "skill", "area")
    return pd.DataFrame(
        {
            **{name: rows[name].astype("str") for name in texts},
            "from_on": pd.Series(days - np.timedelta64(1, "D")),
            "until_on": pd.Series(days),
            "assessed_on": rows["assessed_on"],
            "level": level,
            "target_level": target,
            "gap": (target - level).clip(lower=0),
            "age_days": pd.Series(edge - 1 - rows["first"].to_numpy(dtype=np.int64), dtype="Int64"),
            "_from": ("competences:" + rows["_row"].astype("str")).astype("str"),
        }
    )
