"""Back-test: past warnings held against what happened. Pure.

It reads dates only: a warning by the day on which it was raised, an event by the day on which it showed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor

import numpy as np
import pandas as pd

from pipeline.engine.quantities import Quantity
from pipeline.metrics.voice import wilson
from pipeline.watch.statistics import Floats

Kinds = Mapping[str, tuple[str, ...]]
"""By rule, the kinds of event of which it warns."""


@dataclass(frozen=True)
class Reach:
    """How far from its warning an event may lie: so many days after it was raised, so many before."""

    after_days: int
    before_days: int = 0


@dataclass(frozen=True)
class Share:
    """So many of so many, with the Wilson 95 % interval; no value of none."""

    hits: int
    cases: int

    @property
    def value(self) -> float | None:
        return self.hits / self.cases if self.cases else None

    @property
    def interval(self) -> tuple[float, float] | None:
        if not self.cases:
            return None
        low, high = wilson(*(Quantity.of(np.array([each])) for each in (self.hits, self.cases)))
        return float(low.floats[0]), float(high.floats[0])


@dataclass(frozen=True)
class Score:
    """What came of the warnings of a history."""

    precision: Share
    """Warnings that came true, of those decided: that came true, or whose time is over."""
    recall: Share
    """Events of which a warning told, of all events."""
    lead_days: Floats
    """Of each event that was told: days from the first warning of it to the event; negative where it came after."""
    false_alarms: int
    account_years: float

    @property
    def false_per_account_year(self) -> float | None:
        return self.false_alarms / self.account_years if self.account_years > 0 else None


def judged(warnings: pd.DataFrame, events: pd.DataFrame, kinds: Kinds, reach: Reach) -> pd.DataFrame:
    """Each warning (columns customer_id, rule, raised_on) with `event_on`, the first event in reach of a kind it warns of.

    Events have customer_id, kind and event_on. One event may stand behind several warnings. Rows keep their order.
    """
    pairs = _pairs(warnings, events, kinds, reach)
    first = pairs.sort_values(["warning", "event_on"], kind="stable").drop_duplicates("warning")
    event_on = first.set_index("warning")["event_on"].reindex(range(len(warnings)))
    return warnings.assign(
        event_on=pd.Series(event_on.to_numpy(), index=warnings.index, dtype="datetime64[s]")
    )


def foretold(warnings: pd.DataFrame, events: pd.DataFrame, kinds: Kinds, reach: Reach) -> pd.DataFrame:
    """Each event with `warned_on`, the day of the first warning that has it in reach."""
    pairs = _pairs(warnings, events, kinds, reach)
    first = pairs.sort_values(["event", "raised_on"], kind="stable").drop_duplicates("event")
    warned_on = first.set_index("event")["raised_on"].reindex(range(len(events)))
    return events.assign(warned_on=pd.Series(warned_on.to_numpy(), index=events.index, dtype="datetime64[s]"))


def _pairs(warnings: pd.DataFrame, events: pd.DataFrame, kinds: Kinds, reach: Reach) -> pd.DataFrame:
    """Warnings and the events in their reach, by position."""
    told = warnings[["customer_id", "rule", "raised_on"]].assign(warning=range(len(warnings)))
    answers = pd.DataFrame(
        [(rule, kind) for rule, names in kinds.items() for kind in names],
        columns=["rule", "kind"],
        dtype="str",
    )
    happened = events[["customer_id", "kind", "event_on"]].assign(event=range(len(events)))
    pairs = told.merge(answers, on="rule").merge(happened, on=["customer_id", "kind"])
    days = (pairs["event_on"] - pairs["raised_on"]).dt.days
    return pairs[(days <= reach.after_days) & (days >= -reach.before_days)]


def score(
    warnings: pd.DataFrame,
    events: pd.DataFrame,
    kinds: Kinds,
    reach: Reach,
    *,
    until_on: np.datetime64,
    account_years: float,
) -> Score:
    """What came of the warnings: those whose time is not over and that have not come true are not decided yet."""
    held, told = judged(warnings, events, kinds, reach), foretold(warnings, events, kinds, reach)
    is_true = held["event_on"].notna()
    over = held["raised_on"] + pd.Timedelta(days=reach.after_days) < until_on
    decided = is_true | over
    lead = (told["event_on"] - told["warned_on"]).dt.days.dropna().to_numpy().astype(np.float64)
    return Score(
        Share(int(is_true.sum()), int(decided.sum())),
        Share(int(told["warned_on"].notna().sum()), len(told)),
        lead,
        int((decided & ~is_true).sum()),
        account_years,
    )


def threshold_within(false_scores: Floats, account_years: float, budget_account_years: float) -> float:
    """By how many times a limit would have to be raised so that false warnings had stayed within the budget.

    `false_scores` says of each false warning how far outside it was in units of its limit (1 is just outside); 1
    where the budget was kept. With k allowed, the limit must lie above the (k + 1)th highest of them.
    """
    allowed = floor(account_years / budget_account_years)
    ordered = np.sort(false_scores[~np.isnan(false_scores)])[::-1]
    return 1.0 if ordered.size <= allowed else float(np.nextafter(ordered[allowed], np.inf))
