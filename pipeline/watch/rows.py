"""The rows of the table of warnings: one shape for every rule, and how they are cut to what was known. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.policy import Policy
from pipeline.rules.warnings import WarningRule

NEVER = np.datetime64("NaT", "s")
COLUMNS: dict[str, str] = {
    "account_id": "str",
    "customer_id": "str",
    "rule": "str",
    "about": "str",
    "since_on": "datetime64[s]",
    "raised_on": "datetime64[s]",
    "until_on": "datetime64[s]",
    "confidence": "str",
    "ground": "str",
    "observed": "float64",
    "expected": "float64",
    "score": "float64",
    "_from": "str",
}
CONFIDENCES = ("recorded", "high", "medium", "low")
_ORDER = ["account_id", "rule", "raised_on", "about"]
_FAR = np.datetime64("2200-01-01", "s")


@dataclass(frozen=True)
class Found:
    """One warning before it is known what is at stake and whose it is."""

    account_id: str
    customer_id: str
    rule: str
    about: str
    """What of the account it is about: a product, a contact, a competitor; empty where it is the account itself."""
    since_on: np.datetime64
    raised_on: np.datetime64
    until_on: np.datetime64
    """The first day on which it no longer held; NaT while it holds."""
    sources: tuple[str, ...]
    """The source rows as they were known when it was raised."""
    confidence: str = "recorded"
    ground: str = "recorded"
    observed: float = np.nan
    expected: float = np.nan
    score: float = np.nan


def table(found: Iterable[Found]) -> pd.DataFrame:
    """The warnings as a table, in an order that does not depend on how they were found."""
    rows = [
        {
            **{name: getattr(each, name) for name in COLUMNS if name != "_from"},
            "_from": " ".join(each.sources),
        }
        for each in found
    ]
    made = pd.DataFrame(rows, columns=list(COLUMNS)).astype(COLUMNS)
    return made.sort_values(_ORDER, kind="stable", ignore_index=True)


def merged(rows: pd.DataFrame, rules: Collection[str]) -> pd.DataFrame:
    """Of these rules, warnings of an account that overlap as one: as the first of them said, until the last is over."""
    chosen = rows["rule"].isin(list(rules))
    ordered = rows[chosen].sort_values(["account_id", "rule", "raised_on", "about"], kind="stable")
    until = ordered["until_on"].fillna(pd.Timestamp(_FAR))
    reached = until.groupby([ordered["account_id"], ordered["rule"]]).cummax()
    before = reached.groupby([ordered["account_id"], ordered["rule"]]).shift(1)
    begins = (before.isna() | (ordered["raised_on"] > before)).to_numpy()
    last = reached.groupby(np.cumsum(begins)).max().to_numpy()
    kept = ordered[begins].assign(until_on=pd.Series(last, index=ordered.index[begins]))
    kept = kept.assign(until_on=kept["until_on"].where(kept["until_on"] < _FAR).astype("datetime64[s]"))
    both = pd.concat([rows[~chosen], kept])
    return both.sort_values(_ORDER, kind="stable", ignore_index=True)


def known_by(rows: pd.DataFrame, until_on: date) -> pd.DataFrame:
    """The warnings raised by the cut-off; that one was over later is not known yet."""
    cut_off = np.datetime64(until_on, "s")
    rows = rows[rows["raised_on"] < cut_off].reset_index(drop=True)
    return rows.assign(until_on=rows["until_on"].where(rows["until_on"] < cut_off))


@dataclass(frozen=True)
class Version:
    """One version of a rule, and the days [from_on, until_on) on which warnings are raised by it."""

    rule: WarningRule
    from_on: np.datetime64
    until_on: np.datetime64

    def raised(self, found: Iterable[Found]) -> list[Found]:
        """The warnings that were raised while it was in force."""
        return [each for each in found if self.from_on <= each.raised_on < self.until_on]


def versions(policy: Policy, name: str) -> list[Version]:
    """Every version of the rule of that name, oldest first; none where policy has no such rule."""
    rules = [rule for rule in policy.all("warning") if rule.rule == name]
    ends = [*(np.datetime64(rule.valid_from, "s") for rule in rules[1:]), np.datetime64("2200-01-01", "s")]
    return [
        Version(rule, np.datetime64(rule.valid_from, "s"), end)
        for rule, end in zip(rules, ends, strict=True)
        if rule.is_used
    ]


def after(day: Any, days: int) -> np.datetime64:
    """So many days after a day."""
    return np.datetime64(day, "s") + np.timedelta64(days, "D")


def first_of(*days: Any) -> np.datetime64:
    """The earliest day that there is; NaT where there is none."""
    known = [np.datetime64(day, "s") for day in days if not pd.isna(day)]
    return min(known) if known else NEVER


def last_on(until_on: date) -> np.datetime64:
    """The last day of which something is known."""
    return np.datetime64(until_on - timedelta(days=1), "s")


def sources_in(texts: Iterable[str]) -> tuple[str, ...]:
    """The sources named in these texts, each once, in their order."""
    return tuple(dict.fromkeys(name for text in texts for name in str(text).split()))
