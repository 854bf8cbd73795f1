"""Money that comes later than this account's money used to, and enough of it. Pure."""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.rules.warnings import WarningRule
from pipeline.schema import NO_ACCOUNT
from pipeline.watch.evidence import evidence
from pipeline.watch.judging import Alarm, Enough, alarms
from pipeline.watch.money import in_reporting, scaled
from pipeline.watch.months import Months, first_day, last_day, month_numbers, monthly, whole_until
from pipeline.watch.rows import Found, versions
from pipeline.watch.series import baseline_of, found_in, limits_of
from pipeline.watch.statistics import Floats


def warnings(inputs: Inputs) -> list[Found]:
    """Warnings about days late that grew: weighted by amount, of what was paid in a month or overdue at its end.

    What is overdue counts with the days it is late so far, a lower bound.
    """
    if not inputs.has("invoices", "payments"):
        return []
    rows = _late(inputs)
    if rows.empty:
        return []
    days, amount = _monthly(rows, inputs)
    behind, baseline = evidence(rows, "account_id", "late_on"), baseline_of(inputs)

    def behind_it(account: str, alarm: Alarm) -> tuple[str, ...]:
        """What was paid, and overdue at the ends of the months, since the delay began to grow."""
        since, raised = (days.first + at for at in (alarm.since, alarm.raised))
        return behind.between(account, first_day(since), last_day(raised))

    customers = dict(zip(rows["account_id"], rows["customer_id"], strict=True))
    apart = np.arange(days.values.shape[1], dtype=np.int64)
    found: list[Found] = []
    for version in versions(inputs.policy, "payment_delay"):
        raised = alarms(
            _where_it_matters(days.values, amount.values, version.rule), apart, limits_of(version.rule, baseline),
            _later_by(version.rule.least_change),
        )  # fmt: skip
        found += version.raised(
            found_in(days, raised, "payment_delay", customers, lambda value: -value, behind_it)
        )
    return found


def _late(inputs: Inputs) -> pd.DataFrame:
    """Payments of each month and what was overdue at its end, with days late."""
    columns = ["account_id", "customer_id", "currency", "late_on", "days_late", "amount", "_from"]
    paid = inputs.made("settlements").rename(columns={"paid_on": "late_on"})
    overdue = inputs.made("late_positions").rename(columns={"from_on": "late_on"})
    rows = pd.concat([paid[columns], overdue[columns]], ignore_index=True)
    known = (rows["account_id"] != NO_ACCOUNT) & rows["amount"].notna() & (rows["amount"] > 0)
    return rows[known].reset_index(drop=True)


def _monthly(rows: pd.DataFrame, inputs: Inputs) -> tuple[Months, Months]:
    """Days late by month, and the money they are weighted with; money without a rate keeps its own currency."""
    converted, unknown = in_reporting(
        rows["amount"], rows["currency"], rows["late_on"], inputs, is_position=True
    )
    weight = np.where(unknown, rows["amount"].to_numpy(dtype=np.int64), converted).astype(np.float64)
    month, until = month_numbers(rows["late_on"]), whole_until(inputs.until_on)
    late = weight * rows["days_late"].to_numpy(dtype=np.float64)
    total = monthly(rows, ["account_id"], month, weight, until)
    days = monthly(rows, ["account_id"], month, late, until)
    return Months(days.keys, days.first, days.values / total.values), total


def _where_it_matters(days: Floats, amount: Floats, rule: WarningRule) -> Floats:
    """Days early, so that lower is worse; a month of little money says nothing."""
    return np.where(amount >= scaled(rule.least_amount), -days, np.nan)


def _later_by(days: float) -> Enough:
    return lambda value, expected: np.asarray(value <= expected - days, dtype=np.bool_)
