"""Pay a second time, in plain loops over the canonical tables: no column arithmetic and no code shared with the pipeline.

Amounts are whole ten-thousandths, as the tables hold them; what is not whole is a `Fraction` until it is rounded once.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

import pandas as pd

Tables = Mapping[str, pd.DataFrame]
CENT = 100


@dataclass(frozen=True)
class Sold:
    """One row, or a manager's share of one."""

    day: date
    deal: str
    source: str
    amount: int
    sold: int
    """The row's own amount in its own currency."""


def rounded(value: Fraction) -> int:
    """To the nearest whole, halves away from zero."""
    return int(abs(value) + Fraction(1, 2)) * (1 if value >= 0 else -1)


def cell_day(value: Any) -> date | None:
    return None if pd.isna(value) else pd.Timestamp(value).date()


def rate(tables: Tables, currency: str, day: date) -> Fraction:
    """The last known rate to CNY on or before a day."""
    if currency == "CNY":
        return Fraction(1)
    fx = tables["fx"]
    rows = fx[
        (fx["currency"] == currency) & (fx["to_currency"] == "CNY") & (fx["rate_on"] <= pd.Timestamp(day))
    ]
    return Fraction(int(rows.sort_values("rate_on")["rate"].iloc[-1]), 100_000_000)


def owners(tables: Tables, account: str, own: Any, day: date) -> list[tuple[str, int]]:
    """Who is credited with a row, by share in ten-thousandths; by id."""
    served = tables["assignments"]
    found = []
    for row in served[served["account_id"] == account].sort_values("manager_id").to_dict("records"):
        begun, gone = cell_day(row["from_on"]), cell_day(row["to_on"])
        if row["role"] == "owner" and (begun is None or begun <= day) and (gone is None or day < gone):
            found.append((row["manager_id"], 10_000 if pd.isna(row["share_pct"]) else int(row["share_pct"])))
    if found:
        return found
    accounts = tables["accounts"]
    holder = accounts[accounts["account_id"] == account]["owner_id"]
    return [(own if not pd.isna(own) else holder.iloc[0] if len(holder) else "", 1)]


def shares(amount: int, weights: list[int]) -> list[int]:
    exact = [Fraction(abs(amount) * weight, sum(weights)) for weight in weights]
    floors = [int(each) for each in exact]
    for at in sorted(range(len(exact)), key=lambda at: floors[at] - exact[at])[: abs(amount) - sum(floors)]:
        floors[at] += 1
    return [each if amount >= 0 else -each for each in floors]


def invoiced(tables: Tables, who: str) -> list[Sold]:
    """A manager's share of every invoice and credit note, in the order in which they count."""
    made = []
    for row in tables["invoices"].to_dict("records"):
        day = row["issued_on"].date()
        net = int(row["net_amount"])
        net = -abs(net) if row["is_credit_note"] is True else net
        found = owners(tables, row["account_id"], row["manager_id"], day)
        whole = rounded(net * rate(tables, row["currency"], day))
        parts = dict(
            zip([name for name, _ in found], shares(whole, [weight for _, weight in found]), strict=True)
        )
        if who in parts:
            deal = (
                f"invoices:{row['invoice_id']}" if pd.isna(row["order_id"]) else f"orders:{row['order_id']}"
            )
            made.append(Sold(day, deal, f"invoices:{row['_row']}", parts[who], net))
    return sorted(made, key=lambda each: (each.day, each.deal, each.source))


def target(tables: Tables, who: str, first: date, until: date, *, of_team: bool) -> int | None:
    """The monthly sales targets of a span of whole months; a lead's less those of his reports where his contains theirs.

    None where theirs leave him nothing in some month.
    """
    total = 0
    managers = tables["managers"]
    reports = set(managers[managers["reports_to_id"] == who]["manager_id"]) if of_team else set()
    for month, _ in months(first, until):
        own = _of_month(tables, {who}, month)
        left = own - _of_month(tables, reports, month)
        if left <= 0:
            return None
        total += left
    return total


def _of_month(tables: Tables, who: set[str], month: date) -> int:
    rows = tables["targets"]
    sales = (rows["subject_kind"] == "manager") & (rows["metric"] == "net_sales")
    return int(
        rows[sales & rows["subject_id"].isin(who) & (rows["from_on"] == pd.Timestamp(month))]["value"].sum()
    )


@dataclass(frozen=True)
class Plan:
    """A plan of commission on invoices in fiscal quarters."""

    tiers: tuple[tuple[Fraction, Fraction], ...]
    threshold: Fraction = Fraction(0)
    is_retroactive: bool = False
    cap: int | None = None
    lead_targets_hold_reports: bool = True


def earned(plan: Plan, aim: int, rows: list[Sold], credited_all: list[Sold]) -> list[Fraction]:
    """What each row has earned in its quarter, given all that was credited by then; before rounding."""
    total = sum(row.amount for row in credited_all)
    if total < plan.threshold * aim:
        return [Fraction(0)] * len(rows)
    bounds = [rounded(start * aim) for start, _ in plan.tiers]
    before = {}
    at = 0
    for row in credited_all:
        before[row] = at
        at += row.amount
    made, paid = [], Fraction(0)
    for row in rows:
        if plan.is_retroactive:
            tier = max(number for number, bound in enumerate(bounds) if number == 0 or bound <= total)
            value = row.amount * plan.tiers[tier][1]
        else:
            value = _below(plan, bounds, before[row] + row.amount) - _below(plan, bounds, before[row])
        uncapped = paid + value
        made.append(value if plan.cap is None else min(uncapped, plan.cap) - min(paid, plan.cap))
        paid = uncapped
    return made


def _below(plan: Plan, bounds: list[int], amount: int) -> Fraction:
    """The marginal commission on an amount credited."""
    value = Fraction(0)
    for number, (_, share) in enumerate(plan.tiers):
        low = bounds[number] if number else min(amount, 0)
        high = bounds[number + 1] if number + 1 < len(bounds) else max(amount, low)
        value += (min(max(amount, low), high) - low if number else min(amount, high)) * share
    return value


def months(first: date, until: date) -> Iterator[tuple[date, date]]:
    """First day of each month, and of the next."""
    while first < until:
        after = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
        yield first, after
        first = after


def commission(
    tables: Tables, who: str, sold: list[Sold], plan: Plan, year: int, until: date
) -> dict[str, int]:
    """The commission of every month of a year on a manager's rows, in ten-thousandths, clawbacks apart."""
    rows = [row for row in sold if row.day.year == year and row.day < until]
    made: dict[str, int] = {}
    for quarter in range(4):
        first = date(year, quarter * 3 + 1, 1)
        end = date(year + quarter // 3, (quarter * 3 + 3) % 12 + 1, 1)
        paid = 0
        aim = target(tables, who, first, end, of_team=plan.lead_targets_hold_reports)
        if aim is None and len(plan.tiers) > 1:
            continue
        for month, after in months(first, min(end, until)):
            known = [row for row in rows if first <= row.day < after]
            due = rounded(sum(earned(plan, aim or 0, known, known), Fraction(0)) / CENT) * CENT
            if due != paid or any(row.day >= month for row in known):
                made[f"{month:%Y-%m}"] = due - paid
            paid = due
    return made
