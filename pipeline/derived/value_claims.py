"""Value claims: what each is worth after attribution, as long as its evidence is fresh; one benefit counts once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived
from pipeline.derived.goals import confirmers, expiry, numbered
from pipeline.engine.exact import half_up
from pipeline.schema import SCALE

CONFIDENCES = ("measured", "confirmed", "modelled", "estimated")
"""From the surest to the least sure; of two claims for one benefit the surer counts."""


Span = tuple[int, Any, Any, Any]
"""The position of a claim; from when until when it counts; and when another span takes its benefit's place."""
_TOLD = (
    "account_id customer_id outcome_id confidence currency method evidence attribution_pct benefit_key"
    " confirmed_on amount"
).split()


@derived("outcomes")
def value_claims(inputs: Inputs) -> pd.DataFrame:
    """One row per claim and span in which it counts: from the day of its value on, until its evidence has expired.

    `amount` is the money times the share attributed to us; empty where either is not stated. Of claims with the same
    `benefit_key` of a customer one counts on each day: the surest, then the newest. `goal` is the number of the claim's
    goal within its customer. `replaced_on` is the day on which the next span of the same benefit begins, so that until
    then the row is the last that was said of it, whether or not its evidence has expired.
    """
    rows = numbered(inputs.tables["outcomes"])
    day = rows["current_on"].fillna(rows["confirmed_on"])
    rows = rows.assign(from_on=day)[
        day.notna() & (day < np.datetime64(inputs.until_on)) & rows["confidence"].notna()
    ]
    rows = rows.assign(until_on=expiry(rows["from_on"], inputs), amount=_attributed(rows))
    spans = _counted_once(rows.reset_index(drop=True))
    taken = rows.iloc[[span[0] for span in spans]].reset_index(drop=True)
    _, begins, ends, replaced = zip(*spans, strict=True) if spans else ((), (), (), ())
    return pd.DataFrame(
        {
            **{name: taken[name] for name in _TOLD},
            "title": taken["goal"],
            "goal": taken["goal_no"].astype("str"),
            "confirmed_by": confirmers(taken, inputs),
            "from_on": pd.Series(begins, dtype="datetime64[s]"),
            "until_on": pd.Series(ends, dtype="datetime64[s]"),
            "replaced_on": pd.Series(replaced, dtype="datetime64[s]"),
            "_from": "outcomes:" + taken["_row"].astype("str"),
        }
    )


def _attributed(rows: pd.DataFrame) -> pd.Series:
    known = rows["money_amount"].notna() & rows["attribution_pct"].notna()
    money = rows["money_amount"].to_numpy(dtype=np.int64, na_value=0)
    share = rows["attribution_pct"].to_numpy(dtype=np.int64, na_value=0)
    amount = half_up(money * share, np.full_like(money, SCALE))
    return pd.Series(amount, index=rows.index, dtype="Int64").where(known)


def _counted_once(rows: pd.DataFrame) -> list[Span]:
    """The spans in which each claim counts. Claims without a key stand for themselves."""
    keys = rows["benefit_key"].where(rows["benefit_key"].notna(), "~" + rows["outcome_id"].astype("str"))
    spans: list[Span] = []
    for _, group in rows.groupby([rows["customer_id"], keys], sort=True):
        spans += _of_benefit(group)
    return sorted(spans, key=lambda span: (span[0], span[1]))


def _of_benefit(claims: pd.DataFrame) -> list[Span]:
    """For each span between the ends of a benefit's claims the one that counts."""
    if len(claims) == 1:
        return [(int(claims.index[0]), claims["from_on"].iloc[0], claims["until_on"].iloc[0], pd.NaT)]
    days = sorted(set(claims["from_on"]) | set(claims["until_on"]))
    rank = claims["confidence"].map({name: place for place, name in enumerate(CONFIDENCES)})
    order = claims.assign(rank=rank).sort_values(
        ["rank", "from_on", "outcome_id"], ascending=[True, False, True]
    )
    spans: list[tuple[int, Any, Any]] = []
    for begins, ends in pairwise(days):
        valid = order[(order["from_on"] <= begins) & (order["until_on"] >= ends)]
        if len(valid):
            spans.append((int(valid.index[0]), begins, ends))
    following = [*(begins for _, begins, _ in spans[1:]), pd.NaT]
    return [(*span, replaced) for span, replaced in zip(spans, following, strict=True)]
