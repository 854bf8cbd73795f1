"""Small payrolls by hand: managers with a mode of pay, their plan, and what they sold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.context import Context
from pipeline.derived import Inputs
from pipeline.engine.prepare import prepared
from pipeline.policy import Policy
from pipeline.rules.pay import PayPlanRule
from tests.runs import context_for
from tests.tables import tables

Row = dict[str, object]
RATES: list[Row] = [{"from_attainment": 0, "rate": "0.05"}, {"from_attainment": 1, "rate": "0.08"}]
FLAT = RATES[:1]
LONG_AGO = date(2000, 1, 1)


def manager(name: str = "M1", mode: str | None = "commission", **cells: object) -> Row:
    return {"manager_id": name, "name": name, "pay_mode": mode, "hired_on": "2020-01-01", **cells}


def plan(mode: str = "commission", **cells: Any) -> PayPlanRule:
    known = {"name": f"{mode} plan", "mode": mode, "base_salary": False, "valid_from": LONG_AGO}
    return PayPlanRule.model_validate({**known, **cells})


def commission(valid_from: date = LONG_AGO, **terms: Any) -> PayPlanRule:
    """A plan that pays commission on what is ordered, at 5 % up to the target and 8 % above, unless said otherwise."""
    made = {"basis": "ordered", "rates": RATES, **terms}
    return plan(valid_from=valid_from, commission=made)


def order(
    number: int, day: str, amount: object, *, account: str = "A1", of: str | None = None, **cells: object
) -> Row:
    """An order line of its own order, or of another order."""
    return {
        "order_id": of or f"O{number}", "line_no": number, "account_id": account, "ordered_on": day,
        "net_amount": amount, **cells,
    }  # fmt: skip


def year_target(amount: object, who: str = "M1", year: int = 2026) -> Row:
    return {
        "subject_kind": "manager", "subject_id": who, "metric": "net_sales", "from_on": f"{year}-01-01",
        "to_on": f"{year + 1}-01-01", "value": amount,
    }  # fmt: skip


def company(*sold: Row, **others: Sequence[Row]) -> dict[str, Sequence[Row]]:
    """Tables of a company in which account A1 is M1's and A2 is M2's; `sold` are rows of `order`."""
    orders = {
        row["order_id"]: {name: row[name] for name in ("order_id", "account_id", "ordered_on")}
        for row in sold
    }
    lines = [
        {name: value for name, value in row.items() if name not in ("account_id", "ordered_on")}
        for row in sold
    ]
    return {
        "accounts": [
            {"account_id": "A1", "name": "a", "owner_id": "M1"},
            {"account_id": "A2", "name": "b", "owner_id": "M2"},
        ],
        "managers": [manager()],
        "orders": list(orders.values()),
        "order_lines": lines,
        **others,
    }


@cache
def _context(period: str, fiscal_start: int) -> Context:
    return context_for(Path("run"), period=period, company={"fiscal_year_start": fiscal_start})


def inputs(
    rows: Mapping[str, Sequence[Row]], *plans: PayPlanRule, period: str = "2026-09", fiscal_start: int = 1
) -> Inputs:
    """What derived tables see of a company under these plans; all customers are one part."""
    context = _context(period, fiscal_start)
    policy = Policy(
        {name: context.policy.all(name) for name in context.policy.as_json()} | {"pay_plan": plans}
    )
    made = prepared(tables(rows), context.settings.company.currency)
    return Inputs(made, policy, context.settings, context.period.until_on)


def pay(rows: Mapping[str, Sequence[Row]], *plans: PayPlanRule, **settings: Any) -> pd.DataFrame:
    """The table `pay_lines`, with amounts in natural units."""
    made = inputs(rows, *plans, **settings).made("pay_lines")
    return made.assign(amount=made["amount"] / 10_000)


def of_part(table: pd.DataFrame, *parts: str) -> pd.DataFrame:
    return table[table["part"].isin(parts)].reset_index(drop=True)


def by_month(table: pd.DataFrame, part: str, who: str = "M1") -> dict[str, float]:
    """What the lines of a part bring a manager, by month."""
    rows = of_part(table, part)
    rows = rows[rows["manager_id"] == who]
    sums = rows["amount"].groupby(rows["falls_on"].dt.strftime("%Y-%m")).sum()
    return {str(month): round(float(amount), 2) for month, amount in sums.items()}
