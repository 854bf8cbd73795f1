"""Less business than usual: sales or orders below the account's own season, and orders that fail to come. Pure."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs
from pipeline.rules.warnings import WarningRule
from pipeline.watch.evidence import Evidence, evidence
from pipeline.watch.judging import Alarm, alarms
from pipeline.watch.money import Book, book, day_numbers, in_reporting, scaled, sold
from pipeline.watch.months import (
    Months,
    first_day,
    from_the_first,
    last_day,
    month_numbers,
    monthly,
    together,
    whole_until,
)
from pipeline.watch.rows import NEVER, Found, after, versions
from pipeline.watch.series import baseline_of, found_in, limits_of, lower_by
from pipeline.watch.statistics import Floats, longest_gaps

_YEAR = 12


def warnings(inputs: Inputs) -> list[Found]:
    """Warnings about sales that fell and orders that fail to come."""
    rows = sold(inputs)
    if rows.empty:
        return []
    accounts = book(rows, "account_id", inputs)
    behind = evidence(rows, "account_id", "sold_on")
    return [*_drops(rows, accounts, behind, inputs), *_gaps(rows, accounts, behind, inputs)]


def _drops(rows: pd.DataFrame, accounts: Book, behind: Evidence, inputs: Inputs) -> list[Found]:
    """What an account bought in a few months together, as money and as a number of orders, against its own past.

    Square roots are judged: they make the spread of counts, and of sums of a few orders, alike at every level
    (Bartlett 1936, The Square Root Transformation in Analysis of Variance).
    """
    baseline, customers = baseline_of(inputs), _customers(rows)
    found: list[Found] = []
    for about, months in _bought(rows, inputs).items():
        judged = together(from_the_first(months), baseline.together, baseline.joined_months)
        values = np.sqrt(np.maximum(judged.values, 0))
        for version in versions(inputs.policy, "sales_drop"):
            raised = alarms(
                values,
                judged.seasons,
                limits_of(version.rule, baseline),
                lower_by(version.rule.least_change, _squared),
            )
            worth = [each for each in raised if _is_worth(judged, each, accounts, version.rule)]
            found += version.raised(
                found_in(
                    Months(tuple((*key, about) for key in judged.keys), judged.first, judged.values), worth,
                    "sales_drop", customers, lambda value: value * abs(value), _sources_of_drop(judged, behind, baseline.together),
                    first_of_span=0,
                )
            )  # fmt: skip
    return found


def _squared(values: Floats) -> Floats:
    return np.maximum(values, 0) ** 2


def _bought(rows: pd.DataFrame, inputs: Inputs) -> dict[str, Months]:
    """Money in the account's own currency and number of orders, month by month."""
    until, month = whole_until(inputs.until_on), month_numbers(rows["sold_on"])
    money = monthly(rows, ["account_id"], month, _own_money(rows, inputs), until)
    placed = rows[(rows["net_amount"] > 0).fillna(False)]
    placed = placed[placed["order_id"].isna() | ~placed.duplicated(["account_id", "order_id"])]
    orders = monthly(placed, ["account_id"], month_numbers(placed["sold_on"]), np.ones(len(placed)), until)
    return {"net_amount": money, "orders": orders}


def _own_money(rows: pd.DataFrame, inputs: Inputs) -> Any:
    """Amounts as they are; of an account that buys in several currencies, in the reporting currency."""
    converted, _ = in_reporting(rows["net_amount"], rows["currency"], rows["sold_on"], inputs)
    several = rows.groupby("account_id")["currency"].transform("nunique") > 1
    own = rows["net_amount"].fillna(0).to_numpy(dtype=np.float64)
    return np.where(several, converted, own) / 10_000


def _customers(rows: pd.DataFrame) -> dict[str, str]:
    return dict(zip(rows["account_id"], rows["customer_id"], strict=True))


def _is_worth(months: Months, alarm: Alarm, accounts: Book, rule: WarningRule) -> bool:
    """Whether the year before it began was worth as much as the rule asks for."""
    began = first_day(months.first + alarm.since)
    return accounts.is_worth(months.keys[alarm.series][0], began, scaled(rule.least_amount))


def _sources_of_drop(months: Months, behind: Evidence, count: int) -> Any:
    """The sales of the span that is too low and of the year before it."""

    def sources(account: str, alarm: Alarm) -> tuple[str, ...]:
        first = first_day(months.first + alarm.since - count + 1 - _YEAR)
        return behind.between(account, first, last_day(months.first + alarm.raised))

    return sources


def _gaps(rows: pd.DataFrame, accounts: Book, behind: Evidence, inputs: Inputs) -> list[Found]:
    """Accounts that have not ordered for longer than their own gaps explain, and over a number of days."""
    placed = rows[(rows["net_amount"] > 0).fillna(False)].drop_duplicates(["account_id", "sold_on"])
    days = placed.groupby("account_id")["sold_on"].apply(lambda each: day_numbers(each.to_numpy()))
    customers, remembered = _customers(rows), baseline_of(inputs).remembered
    found: list[Found] = []
    for version in versions(inputs.policy, "order_gap"):
        for account, ordered in days.items():
            late = _late_orders(ordered, version.rule, remembered)
            made = [
                _gap(str(account), customers[str(account)], ordered, at, limit, behind, remembered)
                for at, limit in late
            ]
            found += version.raised(
                each
                for each in made
                if accounts.is_worth(
                    each.account_id, after(each.since_on, 1), scaled(version.rule.least_amount)
                )
            )
    return found


def _late_orders(ordered: Any, rule: WarningRule, remembered: int) -> list[tuple[int, int]]:
    """After which order too long a gap began, by its place, and after how many days that was known."""
    limits = longest_gaps(np.diff(ordered).astype(np.float64), rule.threshold, rule.points, remembered)
    allowed = np.concatenate([[np.nan], np.floor(np.maximum(limits, rule.least_change)) + 1])
    nxt = np.append(ordered[1:], np.iinfo(np.int64).max)
    with np.errstate(invalid="ignore"):
        too_long = np.flatnonzero(nxt - ordered > allowed)
    return [(int(at), int(allowed[at])) for at in too_long.tolist()]


def _gap(
    account: str, customer: str, ordered: Any, at: int, limit: int, behind: Evidence, remembered: int
) -> Found:
    first, last = (np.datetime64(int(ordered[place]), "D") for place in (max(at - remembered, 0), at))
    until = after(np.datetime64(int(ordered[at + 1]), "D"), 0) if at + 1 < len(ordered) else NEVER
    return Found(
        account, customer, "order_gap", "", after(last, 0), after(last, limit), until,
        behind.between(account, first, last), "medium", "gap", float(limit), float(limit - 1), 1.0,
    )  # fmt: skip
