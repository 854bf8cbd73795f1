"""Contracts: which of them bind, how long a customer is covered, what was agreed for each span, and what was spent in it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from typing import Any

import numpy as np
import pandas as pd

from pipeline.derived import Inputs, derived, sources
from pipeline.derived.commitments import DROPPED
from pipeline.derived.plan_windows import Span, dates, joined_spans, top_rows
from pipeline.periods import add_months

NEVER_BINDING = DROPPED | {"draft", "void", "proposed", "not signed"}
"""Words by which an export says that a contract never came into force; one that was terminated held until it ended."""
_SHORTEST_MONTH = 28
_YEAR = 12


def binding(contracts: pd.DataFrame) -> pd.DataFrame:
    """The contracts that came into force; an export that says nothing of their state means that they did."""
    return contracts[~contracts["status"].str.lower().isin(NEVER_BINDING)]


def _dated(inputs: Inputs) -> pd.DataFrame:
    """The binding contracts with a first day, and the day after their last: one without an end goes on."""
    rows = binding(inputs.tables["contracts"])
    rows = rows[rows["starts_on"].notna()].reset_index(drop=True)
    far = pd.Timestamp(2200, 1, 1)
    return rows.assign(until_on=(rows["ends_on"] + pd.Timedelta(days=1)).fillna(far).astype("datetime64[s]"))


@derived("contracts")
def contract_states(inputs: Inputs) -> pd.DataFrame:
    """One row per binding contract: in force in [starts_on, until_on), `state` to_come, in_force or ended as of the cut-off.

    `days_left` counts from the as-of date to the last day, of those in force that have one.
    """
    rows = _dated(inputs)
    cut_off = np.datetime64(inputs.until_on)
    begun, lasting = rows["starts_on"] < cut_off, rows["until_on"] >= cut_off
    state = np.select([~begun, lasting], ["to_come", "in_force"], default="ended")
    left = (rows["until_on"] - pd.Timestamp(cut_off)).dt.days
    return rows[
        [
            "account_id", "customer_id", "contract_id", "currency", "annual_amount", "starts_on", "ends_on", "until_on",
        ]
    ].assign(
        state=pd.Series(state, index=rows.index, dtype="str"),
        days_left=left.where((state == "in_force") & rows["ends_on"].notna()).astype("Int64"),
        _from=sources("contracts", rows),
    )  # fmt: skip


@derived("contracts")
def contract_cover(inputs: Inputs) -> pd.DataFrame:
    """One row per customer with a contract in force on the as-of date: for how many days from then on it is covered.

    Contracts of any account of the group count, and those that follow without a gap. It holds from the as-of date on;
    a customer with a contract that has no end has no row.
    """
    tops = top_rows(inputs)
    last = inputs.until_on - timedelta(days=1)
    rows = [
        {"customer_id": customer, "days_left": (ends - inputs.until_on).days, "_from": " ".join(used)}
        for customer, ends, used in _covered(_dated(inputs), last)
        if customer in tops and ends.year < 2200
    ]
    made = pd.DataFrame(rows, columns=["customer_id", "days_left", "_from"])
    customer = made["customer_id"].astype("str")
    return pd.DataFrame(
        {
            "account_id": customer,
            "customer_id": customer,
            "days_left": made["days_left"].astype("Int64"),
            "from_on": dates(pd.Series(last, index=made.index)),
            "until_on": dates(pd.Series(None, index=made.index)),
            "_from": made["_from"].astype("str"),
        }
    )


def _covered(rows: pd.DataFrame, day: date) -> Iterator[tuple[str, date, list[str]]]:
    """Each customer covered on a day with the day after the cover ends, and the contracts that make it up."""
    for customer, mine in rows.groupby("customer_id", sort=True):
        spans = list(zip(mine["starts_on"].dt.date, mine["until_on"].dt.date, strict=True))
        cover = next((each for each in joined_spans(spans) if each[0] <= day < each[1]), None)
        if cover is not None:
            used = [
                f"contracts:{row}"
                for span, row in zip(spans, mine["_row"], strict=True)
                if span[1] > day and span[0] < cover[1]
            ]
            yield str(customer), cover[1], sorted(used)


@derived("contracts")
def contract_amounts(inputs: Inputs) -> pd.DataFrame:
    """One row per binding contract and month (cut where windows begin): what was agreed for those days.

    A year of the contract, from its first day on, is its annual amount; days of a year share it evenly, so that a whole
    year adds up to the amount exactly. Until the cut-off; a contract without an amount makes it unknown.
    """
    contracts = _dated(inputs)
    pieces = [
        (at, *piece)
        for at, row in enumerate(
            contracts[["starts_on", "until_on", "annual_amount"]].itertuples(index=False)
        )
        for piece in _pieces((row[0].date(), min(row[1].date(), inputs.until_on)), row[2], inputs.until_on)
    ]
    at = [piece[0] for piece in pieces]
    taken = contracts.take(at).reset_index(drop=True)
    return pd.DataFrame(
        {
            **{name: taken[name] for name in ("account_id", "customer_id", "contract_id", "currency")},
            "day_on": dates(pd.Series([piece[1] for piece in pieces], dtype="object")),
            "agreed_amount": pd.Series([piece[2] for piece in pieces], dtype="Int64"),
            "_from": sources("contracts", taken),
        }
    )


def _pieces(span: Span, annual: Any, until_on: date) -> Iterator[tuple[date, Any]]:
    """The pieces of a contract's span by first day, with what was agreed for each."""
    first, last = span
    days = [day for day in _cuts(first, last, until_on.day) if day < last]
    for begins, ends in zip(days, [*days[1:], last][: len(days)], strict=True):  # none before it begins
        if pd.isna(annual):
            yield begins, pd.NA
        else:
            yield begins, _accrued(first, ends, int(annual)) - _accrued(first, begins, int(annual))


def _cuts(first: date, last: date, day: int) -> Sequence[date]:
    """The first day, the beginnings of months, and the days of a month on which windows may begin."""
    cuts = {first}
    wanted = {1, *range(min(day, _SHORTEST_MONTH), day + 1)}
    month = first.replace(day=1)
    while month < last:
        after = add_months(month, 1)
        cuts |= {month.replace(day=each) for each in wanted if each <= (after - timedelta(days=1)).day}
        month = after
    return sorted(each for each in cuts if first <= each)


def _accrued(first: date, day: date, annual: int) -> int:
    """What was agreed from the first day of a contract to another, in whole ten-thousandths."""
    years = day.year - first.year
    years -= add_months(first, _YEAR * years) > day
    begun, over = add_months(first, _YEAR * years), add_months(first, _YEAR * (years + 1))
    return annual * years + annual * (day - begun).days // (over - begun).days


@derived("contracts")
def contract_sales(inputs: Inputs) -> pd.DataFrame:
    """One row per sale to an account that has a contract: `spend_amount` is what falls on a day it was in force, else 0."""
    contracts = _dated(inputs)
    sales = inputs.made("sales")
    sales = sales[sales["account_id"].isin(contracts["account_id"])].reset_index(drop=True)
    by = _contract_of_each(sales, contracts)
    carried = ["account_id", "customer_id", "manager_id", "order_id", "currency", "sold_on"]
    return sales[carried].assign(
        spend_amount=sales["net_amount"].where(by != "", 0),
        _from=(sales["_from"].astype("str") + by).astype("str"),
    )


def _contract_of_each(sales: pd.DataFrame, contracts: pd.DataFrame) -> pd.Series:
    """The contract in force on the day of each sale as a further source, of several the latest; empty where there is none."""
    found = np.full(len(sales), "", dtype=object)
    days = sales["sold_on"].to_numpy()
    of_account = sales.groupby("account_id").indices
    ordered: Any = contracts.sort_values(["starts_on", "contract_id"], kind="stable")
    for row in ordered.to_dict("records"):
        at = np.asarray(of_account.get(row["account_id"], []), dtype=np.int64)
        first, until = (np.datetime64(row[name], "s") for name in ("starts_on", "until_on"))
        found[at[(days[at] >= first) & (days[at] < until)]] = f" contracts:{row['_row']}"
    return pd.Series(found, index=sales.index, dtype="str")
