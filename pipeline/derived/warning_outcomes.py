"""What came of past warnings, and of which losses a warning told: the back-test on the company's own history.

A loss is stated in policy: sales of half a year that are lower by a share than in the same half a year before, money
overdue for long, a competitor's win. All of it is put together from dates; no status is read. Nobody knows what would
have come of a customer that was helped in time, so a warning that was acted on well counts as one that did not come
true: the share that came true is a lower bound of how many were right.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.warnings import STATISTICAL
from pipeline.rules.warnings import BackTestRule
from pipeline.schema import NO_ACCOUNT
from pipeline.watch.back_test import Reach, foretold, judged
from pipeline.watch.evidence import Evidence, evidence
from pipeline.watch.money import book, day_numbers, in_reporting, scaled, sold
from pipeline.watch.months import last_day, month_numbers, whole_until

HALF_YEAR, YEAR = 182, 364
_LATE_DAYS = 91
"""A quarter: a warning that comes so long after its loss showed is late, but not false."""
LOSSES = ("sales_lost", "long_overdue", "competitor_won")
WARNS_OF = {
    "sales_drop": ("sales_lost", "competitor_won"),
    "usage_drop": ("sales_lost", "competitor_won"),
    "order_gap": ("sales_lost", "competitor_won"),
    "competitor": ("sales_lost", "competitor_won"),
    "payment_delay": ("long_overdue", "sales_lost"),
    "change_rate": ("sales_lost", "long_overdue"),
    "change_unconfirmed": ("sales_lost", "long_overdue"),
    "handover_late": ("sales_lost", "competitor_won"),
    "contact_unvisited": ("sales_lost", "competitor_won"),
    "single_threaded": ("sales_lost", "competitor_won"),
    "no_backup": ("sales_lost", "competitor_won"),
    "no_technical": ("sales_lost", "competitor_won"),
}
"""The kinds of loss of which each rule warns."""
_COLUMNS = ["account_id", "customer_id", "kind", "event_on", "_from"]


def _rule(inputs: Inputs) -> BackTestRule:
    found: BackTestRule = inputs.policy.at("back_test", inputs.until_on - timedelta(days=1))
    return found


@derived()
def losses(inputs: Inputs) -> pd.DataFrame:
    """One row per loss, on the day on which it showed, with the day of the first warning of it in the horizon before.

    `warned_on` is empty where no warning told of it; `lead_days` are those from the warning to the loss.
    """
    rows = _losses(inputs)
    known = foretold(inputs.made("warnings"), rows, WARNS_OF, Reach(_rule(inputs).horizon_days))
    lead = (known["event_on"] - known["warned_on"]).dt.days
    return known.assign(lead_days=lead.astype("Int64"), is_foretold=known["warned_on"].notna())


@derived()
def warning_outcomes(inputs: Inputs) -> pd.DataFrame:
    """One row per past warning of which it is decided whether it came true: `decided_on` the day on which that was known.

    It came true where a loss of a kind it warns of showed within the horizon; else it is decided when that is over.
    One that came up to a quarter after the loss had shown was right, though late. `lead_days` are those from the
    warning to the loss.
    """
    horizon = _rule(inputs).horizon_days
    rows = judged(inputs.made("warnings"), _losses(inputs), WARNS_OF, Reach(horizon, _LATE_DAYS))
    over = rows["raised_on"] + pd.Timedelta(days=horizon + 1)
    decided = rows[["event_on", "raised_on"]].max(axis=1).where(rows["event_on"].notna(), over)
    rows = rows.assign(decided_on=decided)[decided < np.datetime64(inputs.until_on)].reset_index(drop=True)
    is_true = rows["event_on"].notna()
    return rows.assign(
        is_true=is_true,
        is_false_alarm=~is_true & rows["rule"].isin(STATISTICAL),
        lead_days=(rows["event_on"] - rows["raised_on"]).dt.days.astype("Int64"),
    )[["account_id", "customer_id", "rule", "raised_on", "decided_on", "is_true", "is_false_alarm", "lead_days", "score",
       "_from"]]  # fmt: skip


@derived()
def watched_months(inputs: Inputs) -> pd.DataFrame:
    """One row per account and whole month since its first sale: the time in which a false warning could be raised."""
    trade = sold(inputs)
    first = trade.drop_duplicates("account_id").reset_index(drop=True)
    begun, until = month_numbers(first["sold_on"]), whole_until(inputs.until_on)
    count = np.maximum(until - begun, 0)
    rows = first.take(np.repeat(np.arange(len(first)), count)).reset_index(drop=True)
    month = np.arange(len(rows)) - np.repeat(np.cumsum(count) - count, count) + np.repeat(begun, count)
    ends = np.array([last_day(int(each)) for each in month], dtype="datetime64[s]")
    return rows[["account_id", "customer_id", "_from"]].assign(watched_on=pd.Series(ends, index=rows.index))


def _losses(inputs: Inputs) -> pd.DataFrame:
    rule = _rule(inputs)
    parts = [_sales_lost(inputs, rule), _long_overdue(inputs, rule), _won_by_others(inputs)]
    rows = pd.concat(parts, ignore_index=True)
    return rows.sort_values(["customer_id", "kind", "event_on", "_from"], kind="stable", ignore_index=True)


def _sales_lost(inputs: Inputs, rule: BackTestRule) -> pd.DataFrame:
    """The end of the month by which a customer's last half-year had fallen; again only after it had recovered.

    Half a year are 182 days, compared with the same 182 days 364 days before, so that weekdays agree.
    """
    trade = sold(inputs)
    ends = _month_ends(trade, inputs)
    sales, behind = book(trade, "customer_id", inputs), evidence(trade, "customer_id", "sold_on")
    after_ends = ends + np.timedelta64(1, "D")
    now, known = sales.table(after_ends, HALF_YEAR)
    before, known_too = sales.table(after_ends - np.timedelta64(YEAR, "D"), HALF_YEAR)
    begun = np.array([sales.first_day(str(name), 0) for name in sales.names], dtype=np.int64)
    whole = known & known_too & (day_numbers(after_ends)[None, :] - HALF_YEAR - YEAR >= begun[:, None])
    fallen = whole & (now <= (1 - rule.loss_share) * before) & (before - now >= scaled(rule.loss_amount))
    rising = fallen & ~np.c_[np.zeros((len(fallen), 1), dtype=np.bool_), fallen[:, :-1]]
    found = [
        _loss(str(sales.names[code]), "sales_lost", ends[at], behind)
        for code, at in np.argwhere(rising).tolist()
    ]
    return pd.DataFrame(found, columns=_COLUMNS).astype(_TYPES)


_TYPES = {**dict.fromkeys(_COLUMNS, "str"), "event_on": "datetime64[s]"}


def _month_ends(trade: pd.DataFrame, inputs: Inputs) -> Any:
    until = whole_until(inputs.until_on)
    first = int(month_numbers(trade["sold_on"]).min()) if len(trade) else until
    return np.array([last_day(month) for month in range(first, until)], dtype="datetime64[s]")


def _loss(customer: str, kind: str, day: Any, behind: Evidence) -> tuple[Any, ...]:
    last = np.datetime64(day, "D")
    rows = (
        *behind.between(customer, last - HALF_YEAR - YEAR + 1, last - YEAR),
        *behind.between(customer, last - HALF_YEAR + 1, last),
    )
    return customer, customer, kind, day, " ".join(rows)


def _long_overdue(inputs: Inputs, rule: BackTestRule) -> pd.DataFrame:
    """The end of the month by which enough money had been overdue for long; again only after it had been paid."""
    if not inputs.has("invoices", "payments"):
        return pd.DataFrame(columns=_COLUMNS).astype(_TYPES)
    rows = inputs.made("late_positions")
    rows = rows[
        (rows["days_late"] > rule.late_days) & (rows["account_id"] != NO_ACCOUNT) & (rows["amount"] > 0)
    ]
    amount, _ = in_reporting(rows["amount"], rows["currency"], rows["from_on"], inputs)
    rows = rows.assign(late_amount=amount)
    found = list(_overdue(rows, scaled(rule.late_amount)))
    return pd.DataFrame(found, columns=_COLUMNS).astype(_TYPES)


def _overdue(rows: pd.DataFrame, least: int) -> Iterator[tuple[Any, ...]]:
    behind = evidence(rows, "customer_id", "from_on")
    for customer, own in rows.groupby("customer_id", sort=True):
        total = own.groupby("from_on")["late_amount"].sum()
        days = total[total >= least].index
        months = month_numbers(days.to_series())
        for at in np.flatnonzero(np.diff(months, prepend=-2) > 1).tolist():
            yield (
                customer,
                customer,
                "long_overdue",
                days[at],
                " ".join(behind.between(str(customer), days[at], days[at])),
            )


def _won_by_others(inputs: Inputs) -> pd.DataFrame:
    """Business that a competitor was seen to win."""
    if not inputs.has("competitor_events"):
        return pd.DataFrame(columns=_COLUMNS).astype(_TYPES)
    rows = inputs.tables["competitor_events"]
    won = (rows["kind"] == "win") & rows["seen_on"].notna() & (rows["account_id"] != NO_ACCOUNT)
    rows = rows[won & (rows["seen_on"] < np.datetime64(inputs.until_on))]
    made = rows.assign(
        kind="competitor_won", event_on=rows["seen_on"], _from=sources("competitor_events", rows)
    )
    return made[_COLUMNS].astype(_TYPES)
