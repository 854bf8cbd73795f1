"""The shape of a pay line: one amount, and all that explains it. No table of its own.

A pay line belongs to no customer: it is kept under nobody's account, so that no slice of a customer can hold it, and
is its manager's by `manager_id`. Whom was sold to stands in `sold_to_id`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Any, Literal

import numpy as np
import pandas as pd

from pipeline.schema import NO_ACCOUNT

Part = Literal["base_salary", "bonus", "commission", "clawback", "vesting"]
PARTS: tuple[Part, ...] = ("base_salary", "bonus", "commission", "clawback", "vesting")
_TEXTS = (
    "manager_id", "part", "plan", "currency", "sold_to_id", "deal_id", "basis", "product_id", "rate", "measure", "gate",
)  # fmt: skip
_DAYS = ("falls_on", "plan_from_on", "earned_on", "until_on")
_INTEGERS = (
    "deal_amount", "share_pct", "base_amount", "tier_pct", "target_amount", "credited_amount", "attainment_pct",
    "weight_pct", "cap_pct", "reversed_pct", "units", "days", "amount",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PayLine:
    """One line of a pay draft. Amounts and shares are ten-thousandths, `rate` a decimal in text; what has no meaning is empty.

    `gate` says why the amount is what it is: paid, below_threshold, capped, caught_up (earned before, due now); taken_back
    and given_back of a clawback; not_measured, no_target, no_plan, no_base, short_history, not_known where it is empty or waits.
    """

    manager_id: str
    falls_on: date
    part: Part
    currency: str
    source: str
    plan: str = ""
    plan_from_on: date | None = None
    gate: str = "paid"
    amount: int | None = None
    sold_to_id: str = ""
    deal_id: str = ""
    deal_amount: int | None = None
    basis: str = ""
    product_id: str = ""
    earned_on: date | None = None
    share_pct: int | None = None
    base_amount: int | None = None
    rate: str = ""
    tier_pct: int | None = None
    """The attainment from which the line's rate counts."""
    target_amount: int | None = None
    credited_amount: int | None = None
    """What was credited from the period's first day to the month's end, against `target_amount`."""
    measure: str = ""
    attainment_pct: int | None = None
    weight_pct: int | None = None
    cap_pct: int | None = None
    """Of a bonus: the most of a measure's attainment that counts."""
    reversed_pct: int | None = None
    """Of a clawback: the share of the deal that had come back by the month's end."""
    units: int | None = None
    days: int | None = None
    """Days of the month for which a base salary is paid."""
    until_on: date | None = None
    """Of a bonus that waits for a measure: the end of the month in which it was caught up."""


def pay_table(lines: Sequence[PayLine]) -> pd.DataFrame:
    """Lines as a table, by manager, day and part, then in the order given."""
    order = sorted(
        range(len(lines)),
        key=lambda at: (lines[at].manager_id, lines[at].falls_on, PARTS.index(lines[at].part), at),
    )
    columns = {each.name: [getattr(lines[at], each.name) for at in order] for each in fields(PayLine)}
    made = {
        "account_id": pd.Series([NO_ACCOUNT] * len(order), dtype="str"),
        "customer_id": pd.Series([NO_ACCOUNT] * len(order), dtype="str"),
        **{name: _column(name, columns[name]) for name in columns if name != "source"},
        "_from": pd.Series(columns["source"], dtype="str"),
    }
    return pd.DataFrame(made)


def _column(name: str, values: list[Any]) -> pd.Series:
    if name in _DAYS:
        days = np.array(values, dtype="datetime64[s]") if values else np.zeros(0, dtype="datetime64[s]")
        return pd.Series(days)
    return pd.Series(values, dtype="Int64" if name in _INTEGERS else "str")
