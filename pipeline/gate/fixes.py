"""What to fix first: the records that break something, by the money they hold and the reports they keep back. Pure.

The money is for putting records in order: amounts at the newest rate up to the as-of date, in the reporting currency.
An amount is None where the table holds no money or no rate is known, never 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypedDict

import numpy as np
import pandas as pd

from pipeline.engine.fx import rates_of
from pipeline.gate.expectations import SEVERITIES, Severity
from pipeline.gate.findings import CAN_BE_READ, Positions
from pipeline.schema import SCALE, TABLES

MOST_RECORDS = 10_000
"""So many records of a rule are listed one by one, those with the most money first."""
_AMOUNTS = {
    "order_lines": ("net_amount",),
    "invoices": ("gross_amount", "net_amount"),
    "payments": ("amount",),
    "opportunities": ("amount",),
    "contracts": ("annual_amount",),
    "forecasts": ("amount",),
    "budgets": ("amount",),
    "outcomes": ("money_amount",),
    "change_requests": ("cost_amount",),
    "projects": ("revenue_amount",),
    "benefits": ("worth_amount",),
    "interventions": ("revenue_at_stake_amount", "cost_amount"),
}
"""The money that a row of a table is about; of several the first that is given."""


class Fix(TypedDict):
    """One line of the list: a rule that records of one source and owner break. `amount` is in the reporting currency."""

    table: str
    expectation: str
    severity: Severity
    why: str
    source: str
    owner_id: str
    owner_name: str
    rows: int
    accounts: int
    amount: float | None
    withheld: int


@dataclass(frozen=True)
class Rule:
    """What records break, as the list says it."""

    table: str
    name: str
    severity: Severity
    why: str


RECORD_COLUMNS = (
    "table", "key", "expectation", "severity", "why", "account_id", "owner_id", "owner_name", "amount", "_source",
    "_line",
)  # fmt: skip


def columns_of(table: str) -> list[str]:
    """The columns that `records` reads."""
    own = {*TABLES[table].key, *_AMOUNTS.get(table, ()), "currency", "manager_id", "owner_id"}
    return [name for name in TABLES[table].column_names if name in own]


def records(
    rule: Rule, rows: pd.DataFrame, trace: pd.DataFrame, positions: Positions, amounts: pd.Series[Any] | None
) -> pd.DataFrame:
    """The rows that break a rule, one record each, those with the most money first.

    `rows` has `columns_of` the table, `trace` file, line and account, both of at least these positions; `amounts` the
    money of the rows where another table holds it.
    """
    broken, whose = rows.iloc[positions], trace.loc[rows.index[positions]]
    own = _own_amounts(rule.table, broken) if amounts is None else amounts.iloc[positions]
    made = pd.DataFrame(
        {
            "table": rule.table,
            "key": keys_of(rule.table, broken),
            "expectation": rule.name,
            "severity": rule.severity,
            "why": rule.why,
            "account_id": whose["account_id"],
            "manager_id": broken["manager_id"] if "manager_id" in broken.columns else None,
            "money": own.astype("Float64") / SCALE,
            "currency": broken["currency"] if "currency" in broken.columns else None,
            "_source": whose["_source"],
            "_line": whose["_line"],
        },
        index=broken.index,
    )
    return made.sort_values("money", ascending=False, key=lambda money: money.abs(), kind="stable")


def unread(rejects: pd.DataFrame, why: str) -> pd.DataFrame:
    """The records that could not be read; their key and money are not known."""
    rules = rejects["column"] + f"_{CAN_BE_READ}"
    return pd.DataFrame(
        {
            "table": rejects["table"],
            "key": None,
            "expectation": rules,
            "severity": "critical",
            "why": why,
            "account_id": rejects["account_id"],
            "manager_id": None,
            "money": pd.Series(pd.NA, index=rejects.index, dtype="Float64"),
            "currency": None,
            "_source": rejects["_source"],
            "_line": rejects["_line"],
        }
    )


def owned(
    found: pd.DataFrame, accounts: pd.DataFrame, managers: pd.DataFrame | None, fx: pd.DataFrame | None,
    currency: str, as_of: date,
) -> pd.DataFrame:  # fmt: skip
    """The records in RECORD_COLUMNS: with the owner (of the record, else of its account) and money in one currency."""
    known = accounts.drop_duplicates("account_id").set_index("account_id")
    theirs = found["account_id"].map(known["currency"]).astype("str")
    owner = found["manager_id"].astype("str").fillna(found["account_id"].map(known["owner_id"]).astype("str"))
    names = {} if managers is None else dict(zip(managers["manager_id"], managers["name"], strict=True))
    stated = found["currency"].astype("str").fillna(theirs).fillna(currency)
    made = found.assign(
        owner_id=owner,
        owner_name=owner.map(names),
        amount=_converted(found["money"], stated, fx, currency, as_of),
    )
    return made[list(RECORD_COLUMNS)]


def fix_first(found: pd.DataFrame, withheld: Mapping[str, int]) -> list[Fix]:
    """The records by rule, source and owner, most money first; `withheld` counts what `table.rule` keeps back.

    What keeps a report back comes before what only makes it poorer.
    """
    keys = ["table", "expectation", "severity", "why", "_source", "owner_id", "owner_name"]
    made = [
        _fix(names, rows, withheld.get(f"{names[0]}.{names[1]}", 0))
        for names, rows in found.groupby(keys, dropna=False, sort=True)
    ]
    return sorted(made, key=_urgency)


def listed(found: pd.DataFrame) -> pd.DataFrame:
    """The records one by one, of each rule no more than MOST_RECORDS."""
    return found.groupby(["table", "expectation"], sort=False).head(MOST_RECORDS)


def _urgency(fix: Fix) -> tuple[object, ...]:
    rank = SEVERITIES.index(fix["severity"])
    return (
        fix["severity"] == "info",
        -(fix["withheld"] > 0),
        -(fix["amount"] or 0.0),
        rank,
        -fix["rows"],
        fix["table"],
        fix["expectation"],
        fix["source"],
        fix["owner_id"],
    )


def _fix(names: Sequence[Any], rows: pd.DataFrame, withheld: int) -> Fix:
    table, expectation, severity, why, source, owner, name = names
    money = rows["amount"].abs().dropna()
    return Fix(
        table=table, expectation=expectation, severity=severity, why=why, source=source,
        owner_id="" if pd.isna(owner) else str(owner), owner_name="" if pd.isna(name) else str(name),
        rows=len(rows), accounts=int(rows["account_id"].nunique()),
        amount=round(float(money.sum()), 2) if len(money) else None, withheld=withheld,
    )  # fmt: skip


def keys_of(table: str, rows: pd.DataFrame) -> pd.Series[Any]:
    """The key of each row as one text, its parts joined by a slash."""
    first, *others = TABLES[table].key
    made = _text(rows[first])
    for name in others:
        made = made + " / " + _text(rows[name])
    return made


def _text(cells: pd.Series[Any]) -> pd.Series[Any]:
    days = cells.dt.strftime("%Y-%m-%d") if cells.dtype.kind == "M" else cells
    return days.astype("str").fillna("–")


def _own_amounts(table: str, rows: pd.DataFrame) -> pd.Series[Any]:
    amounts = pd.Series(pd.NA, index=rows.index, dtype="Int64")
    for name in _AMOUNTS.get(table, ()):
        amounts = amounts.fillna(rows[name])
    return amounts


def line_totals(orders: pd.Series[Any], lines: pd.DataFrame) -> pd.Series[Any]:
    """The net amount of each order, as its lines say; missing where it has none."""
    totals = lines.groupby("order_id")["net_amount"].sum(min_count=1)
    return orders.map(totals).astype("Int64")


def _converted(
    money: pd.Series[Any], currency: pd.Series[Any], fx: pd.DataFrame | None, to: str, as_of: date
) -> pd.Series[Any]:
    rates = rates_of(fx)
    day = (as_of - date(1970, 1, 1)).days
    made = pd.Series(pd.NA, index=money.index, dtype="Float64")
    for name in sorted(currency.unique()):
        at = money.notna() & currency.eq(name)
        exact = (money[at] * SCALE).round().to_numpy(dtype=np.int64)
        amounts, missing = rates.converted(exact, str(name), to, np.full(len(exact), day, dtype=np.int64))
        made[at] = pd.Series(np.where(missing, np.nan, amounts / SCALE), index=money[at].index).astype(
            "Float64"
        )
    return made


def together(frames: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """All records in one frame; none at all makes one without rows."""
    kept = [frame for frame in frames if len(frame)]
    columns = [*RECORD_COLUMNS[:6], "manager_id", "money", "currency", "_source", "_line"]
    return pd.concat(kept, ignore_index=True) if kept else pd.DataFrame(columns=columns)
