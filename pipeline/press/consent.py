"""Who agreed that their success is told: their own account says so, and no account of theirs says otherwise."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import pandas as pd

from pipeline.context import Context
from pipeline.gate import quality
from pipeline.press.slices import Subject

_COLUMN = "agreed_story"


def with_consent(
    context: Context, customers: Sequence[Subject], customer_of: Mapping[str, str]
) -> tuple[Subject, ...]:
    """The customers, those marked that agreed. Where the exports say nothing, nobody has."""
    accounts = quality.accepted(context.run, "accounts")
    if _COLUMN not in accounts.columns:
        return tuple(customers)
    said = zip(accounts["account_id"], accounts[_COLUMN], strict=True)
    agreed = agreeing(said, customer_of)
    return tuple(replace(each, consent="story" if each.subject_id in agreed else "") for each in customers)


def agreeing(said: Iterable[tuple[str, object]], customer_of: Mapping[str, str]) -> frozenset[str]:
    """The customers that agreed, from what each account says: yes, no, or nothing."""
    yes: set[str] = set()
    refused: set[str] = set()
    for account, answer in said:
        customer = customer_of.get(account, account)
        if pd.isna(answer):  # type: ignore[call-overload]
            continue
        if not answer:
            refused.add(customer)
        elif account == customer:
            yes.add(customer)
    return frozenset(yes - refused)
