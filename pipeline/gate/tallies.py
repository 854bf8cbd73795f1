"""The records that break something, counted once each: by who keeps them and by the file they stand in. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pandas as pd


@dataclass(frozen=True)
class Tally:
    """Records of one owner or file. `amount` is the money they hold in the reporting currency; None where none is known."""

    name: str
    rows: int
    amount: float | None


def tallies(records: pd.DataFrame, by: Literal["owner", "source"]) -> list[Tally]:
    """The records by owner (name, else id, else empty) or by source, most money first.

    A record that breaks several rules counts once; `records` is as `fixes.owned` makes it.
    """
    if records.empty:
        return []
    once = records.drop_duplicates(["table", "_source", "_line", "key"])
    owner = once["owner_name"].astype("str").fillna(once["owner_id"].astype("str")).fillna("")
    named = once["_source"].astype("str") if by == "source" else owner
    found = [_tally(str(name), rows) for name, rows in once.groupby(named, sort=True)]
    return sorted(found, key=lambda each: (-(each.amount or 0.0), -each.rows, each.name))


def _tally(name: str, rows: pd.DataFrame) -> Tally:
    money = rows["amount"].abs().dropna()
    return Tally(name, len(rows), round(float(money.sum()), 2) if len(money) else None)
