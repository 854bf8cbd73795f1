"""Requirement changes: more of them than before, and changes that one side has not confirmed. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.schema import NO_ACCOUNT
from pipeline.watch.money import Book, day_numbers
from pipeline.watch.rows import Found, Version, after, first_of, versions
from pipeline.watch.statistics import Codes, discoveries, more_than_before


def warnings(inputs: Inputs, accounts: Book) -> list[Found]:
    """Warnings about requirement changes."""
    if not inputs.has("change_requests"):
        return []
    rows = inputs.made("requirement_changes")
    rows = rows[rows["account_id"] != NO_ACCOUNT].sort_values(
        ["customer_id", "account_id", "asked_on", "_from"]
    )
    return [*_unconfirmed(rows, inputs), *_many(rows, inputs, accounts)]


def _unconfirmed(rows: pd.DataFrame, inputs: Inputs) -> Iterator[Found]:
    """Changes that were not confirmed by both sides in time. Over when they are, or delivered."""
    for version in versions(inputs.policy, "change_unconfirmed"):
        made = [_open_change(row, version) for row in rows.to_dict("records")]
        yield from version.raised(each for each in made if each.until_on > each.raised_on)


def _open_change(row: Any, version: Version) -> Found:
    raised = after(row["asked_on"], version.rule.days + 1)
    confirmed = (row["confirmed_by_us_on"], row["confirmed_by_client_on"])
    both = None if any(pd.isna(day) for day in confirmed) else max(confirmed)
    over = first_of(both, row["delivered_on"], after(raised, version.rule.open_days))
    return Found(
        row["account_id"], row["customer_id"], "change_unconfirmed", str(row["change_id"]),
        np.datetime64(row["asked_on"], "s"), raised, over, (row["_from"],),
    )  # fmt: skip


def _many(rows: pd.DataFrame, inputs: Inputs, accounts: Book) -> Iterator[Found]:
    """Accounts that ask for more changes than they used to: an exact test on the day of each change.

    The family of tests whose share of false discoveries is held down is that of a customer's accounts and days.
    """
    for version in versions(inputs.policy, "change_rate"):
        for _, each in rows.groupby("customer_id", sort=True):
            yield from version.raised(_raised(_tests(each, version, accounts), version))


class _Test:
    """The newest changes of one account on the day of one of them."""

    def __init__(self, rows: pd.DataFrame, at: int, days: Codes, span: int, began: int) -> None:
        first = int(np.searchsorted(days, days[at] - span + 1))
        self.recent, self.before = at + 1 - first, first
        self.row, self.newest = rows.iloc[at], rows.iloc[first : at + 1]
        history = max(int(days[at]) - began + 1, span)
        self.share = span / history
        self.usual = self.before * span / max(history - span, span)
        self.chance = more_than_before(self.recent, self.before, self.share)


def _tests(rows: pd.DataFrame, version: Version, accounts: Book) -> list[_Test]:
    """A test for each change of each account, where the account is older than the span."""
    made = []
    for account, own in rows.groupby("account_id", sort=True):
        days = day_numbers(own["asked_on"])
        began = min(accounts.first_day(str(account), int(days[0])), int(days[0]))
        made += [_Test(own, at, days, version.rule.days, began) for at in range(len(own))]
    return [test for test in made if test.share < 1]


def _raised(tests: list[_Test], version: Version) -> Iterator[Found]:
    """Warnings of the tests that stand out; only those up to each day are its family, so that later ones change none."""
    ordered = sorted(tests, key=lambda test: (test.row["asked_on"], test.row["account_id"]))
    over: dict[str, Any] = {}
    for at, test in enumerate(ordered):
        known = [each for each in ordered[: at + 1] if each.row["asked_on"] <= test.row["asked_on"]]
        stands_out = discoveries(np.array([each.chance for each in known]), version.rule.chance)[
            known.index(test)
        ]
        account, day = str(test.row["account_id"]), test.row["asked_on"]
        if (
            test.recent >= version.rule.least_count
            and stands_out
            and not (account in over and day < over[account])
        ):
            over[account] = after(day, version.rule.open_days)
            yield _found(test, account, over[account])


def _found(test: _Test, account: str, over: np.datetime64) -> Found:
    return Found(
        account, str(test.row["customer_id"]), "change_rate", "",
        np.datetime64(test.newest["asked_on"].iloc[0], "s"), np.datetime64(test.row["asked_on"], "s"), over,
        tuple(test.newest["_from"]), "medium", "count", float(test.recent), float(test.usual), float(test.chance),
    )  # fmt: skip
