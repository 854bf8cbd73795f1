"""Posts: in which team each manager stood on which day, so that his share counts for the team of that day. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.ownership import FOREVER, NOBODY, SPAN, days_of

Codes = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Posts:
    """A post is a manager in a team, or in none: `manager` and `team` of each, teams as positions in `teams`.

    `keys` are manager · SPAN + first day, ascending; each manager's first is day 0. Span i is spent in post `post[i]`.
    """

    keys: Codes
    post: Codes
    manager: Codes
    team: Codes
    teams: tuple[str, ...]

    def at(self, managers: Codes, days: Codes) -> Codes:
        """The post of each manager on a day; NOBODY has none."""
        if not self.keys.size:
            return np.full(managers.size, NOBODY, dtype=np.int64)
        span = np.searchsorted(self.keys, managers * SPAN + np.maximum(days, 0), side="right") - 1
        return np.where(managers == NOBODY, NOBODY, self.post[np.maximum(span, 0)])


def posts(managers: pd.DataFrame | None, members: pd.DataFrame | None, manager_ids: tuple[str, ...]) -> Posts:
    """The posts of these managers by `team_members`, and by the team of `managers` on days of which those say nothing.

    Of two teams on one day the one joined last counts, of several joined that day the first by id.
    """
    present = _present(managers, manager_ids)
    spans = _spans(members, manager_ids)
    own: dict[int, list[_Span]] = {}
    for span in spans:
        own.setdefault(span[0], []).append(span)
    teams = tuple(sorted({each for each in present if each} | {team for _, team, _, _ in spans}))
    stays = [
        (code, day, teams.index(team) if team else NOBODY)
        for code, now in enumerate(present)
        for day, team in _stays(own.get(code, []), now)
    ]
    pairs = sorted({(code, team) for code, _, team in stays})
    place = {pair: at for at, pair in enumerate(pairs)}
    return Posts(
        np.array([code * SPAN + day for code, day, _ in stays], dtype=np.int64),
        np.array([place[code, team] for code, _, team in stays], dtype=np.int64),
        np.array([code for code, _ in pairs], dtype=np.int64),
        np.array([team for _, team in pairs], dtype=np.int64),
        teams,
    )


_Span = tuple[int, str, int, int]
"""Manager, team, first day, the day after the last."""


def _present(managers: pd.DataFrame | None, manager_ids: tuple[str, ...]) -> list[str]:
    """The team of each manager as the export has it today; empty: none."""
    if managers is None:
        return [""] * len(manager_ids)
    known = dict(zip(managers["manager_id"], managers["team_id"].fillna(""), strict=True))
    return [str(known.get(each, "")) for each in manager_ids]


def _spans(members: pd.DataFrame | None, manager_ids: tuple[str, ...]) -> list[_Span]:
    if members is None:
        return []
    code = pd.Index(manager_ids).get_indexer(pd.Index(members["manager_id"])).tolist()
    first, until = (
        days_of(members[name], gone).tolist() for name, gone in (("from_on", 0), ("to_on", FOREVER))
    )
    rows = zip(code, members["team_id"].astype("object").tolist(), first, until, strict=True)
    return [row for row in rows if row[0] >= 0 and isinstance(row[1], str) and row[2] < row[3]]


def _stays(spans: list[_Span], present: str) -> list[tuple[int, str]]:
    """From which day on a manager was in which team."""
    days = sorted({0, *(day for _, _, first, until in spans for day in (first, until))})
    found: list[tuple[int, str]] = []
    for day in (each for each in days if each < FOREVER):
        there = [(-first, team) for _, team, first, until in spans if first <= day < until]
        found.append((day, min(there)[1] if there else present))
    return found
