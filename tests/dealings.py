"""Customers with use, contracts, invoices, projects and extras, written by hand as compute leaves their rows.

`rich` has everything, `sparse` one invoice, `extreme` names of any length, hostile text, credits and no usual.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import pandas as pd

from pipeline.periods import Window, window_ending
from pipeline.press.slices import Reading, Slice, Subject
from pipeline.press.tables import TABLES
from pipeline.schema import SCALE
from tests import portraits
from tests.portraits import PERIOD, QUARTER, reading

Row = Mapping[str, object]
YEAR = window_ending("t12m", PERIOD.until_on)
assert YEAR is not None
HOSTILE = "<script>alert(1)</script>{{ 7*7 }}" + "很长的名称" * 30
_DATES = "_on"
_WHOLE = ("_amount", "quantity", "seats", "_pct")


def table(name: str, rows: Sequence[Row]) -> pd.DataFrame:
    """Rows of a table that sections read, with the types of its file; numbers in natural units."""
    columns = TABLES[name].columns
    frame = pd.DataFrame([{"customer_id": "A-1", **row} for row in rows], columns=["customer_id", *columns])
    for column in columns:
        if column.endswith(_DATES):
            frame[column] = pd.to_datetime(frame[column]).astype("datetime64[s]")
        elif column.endswith(_WHOLE):
            scaled = [None if pd.isna(each) else round(float(each) * SCALE) for each in frame[column]]
            frame[column] = pd.array(scaled, dtype="Int64")
        elif not column.startswith("is_"):
            frame[column] = frame[column].astype("str")
    return frame


def used(
    product: str,
    quantities: Sequence[float | None],
    seats: int,
    active: int,
    usual: float | None,
    name: str = "",
) -> tuple[list[Row], list[Reading]]:
    """Twelve months of a module up to September 2026, and its readings."""
    months = portraits.months(12)
    key = f"{product}:单"
    rows = [
        {
            "product_id": product, "product_name": name or f"模块{product}", "measure": "单", "module": key,
            "month_on": month.from_on, "is_fed": quantity is not None, "quantity": quantity,
            "seats": None if quantity is None else seats, "active_seats": None if quantity is None else active,
            "usual_quantity": usual,
        }
        for month, quantity in zip(months, quantities, strict=True)
    ]  # fmt: skip
    named = f"module={key}"
    readings = [
        reading("usage_quantity", quantity, month, named, unit="quantity")
        for month, quantity in zip(months, quantities, strict=True)
        if quantity is not None
    ]
    last = quantities[-3:]
    total = None if any(each is None for each in last) else sum(each or 0 for each in last)
    before = sum(each or 0 for each in quantities[-6:-3])
    level = None if not usual or total is None else total / 3 / usual
    share = {"numerator": 3.0 * active, "denominator": 3.0 * seats, "n": 3.0 * seats}
    readings += [
        reading("usage_quantity", total, breakdown=named, unit="quantity", before=float(before)),
        reading("usage_level", level, breakdown=named, unit="ratio"),
        reading("seats_active_share", active / seats, breakdown=named, **share),
    ]
    return rows, readings


def usage(*modules: tuple[list[Row], list[Reading]], level: float | None = 1.0) -> Slice:
    """A customer with these modules."""
    whole = [
        reading("usage_level", level, unit="ratio", n=3.0),
        reading("seats_active_share", 0.8, numerator=8.0, denominator=10.0),
    ]
    readings = [*whole, *(each for _, own in modules for each in own)]
    rows = [row for own, _ in modules for row in own]
    return customer(readings, {"usage_months": table("usage_months", rows)})


def customer(readings: Sequence[Reading], tables: Mapping[str, pd.DataFrame], currency: str = "CNY") -> Slice:
    """The slice of customer A-1."""
    return Slice(
        Subject("A-1", "远澜零售集团", "Farwave Retail", currency=currency), tuple(readings), dict(tables)
    )


def contract(name: str, first: str, last: str | None, amount: float | None = 100_000, **more: object) -> Row:
    """A binding contract."""
    until = date(2200, 1, 1) if last is None else (pd.Timestamp(last) + pd.Timedelta(days=1)).date()
    return {
        "contract_id": name, "currency": "CNY", "annual_amount": amount, "starts_on": first, "ends_on": last,
        "until_on": until, **more,
    }  # fmt: skip


def invoice(name: str, issued: str, due: str | None, amount: float, **more: object) -> tuple[Row, Row]:
    """An invoice that is open since it was issued, and its row of the ledger."""
    currency = more.get("currency", "CNY")
    billed = {
        "invoice_id": name, "order_id": f"SO-{name}", "currency": currency, "issued_on": issued, "due_on": due,
        "net_amount": amount / 1.13, "tax_amount": amount - amount / 1.13, "gross_amount": amount,
        "is_credit_note": amount < 0, "is_disputed": False, **more,
    }  # fmt: skip
    ledger = {
        "invoice_id": name, "currency": currency, "issued_on": issued, "due_on": due, "from_on": issued,
        "until_on": None, "balance_amount": amount,
    }  # fmt: skip
    return billed, ledger


def statement(
    contracts: Sequence[Row], invoices: Sequence[tuple[Row, Row]], spent: tuple[float, float] | None = None
) -> Slice:
    """A customer with these contracts and open invoices; `spent` is what was bought and agreed in the quarter."""
    total = sum(float(str(row["balance_amount"])) for _, row in invoices)
    readings = [
        reading("contracts_in_force", float(len(contracts)), unit="count"),
        reading("open_invoices", float(len(invoices)), unit="count"),
        reading("receivables", total, unit="money", currency="CNY"),
        reading("ageing", total, breakdown="bucket=not_due", unit="money", currency="CNY"),
        reading("ageing", 0.0, breakdown="bucket=1-30", unit="money", currency="CNY"),
    ]
    if spent is not None:
        readings += [_spent(spent, window) for window in (QUARTER, YEAR)]
    tables = {
        "contract_states": table("contract_states", contracts),
        "invoices": table("invoices", [billed for billed, _ in invoices]),
        "ledger": table("ledger", [row for _, row in invoices]),
    }
    return customer(readings, tables)


def _spent(spent: tuple[float, float], window: Window) -> Reading:
    bought, agreed = spent
    return reading("contract_fulfilment", bought / agreed, window, numerator=bought, denominator=agreed)


def project(project_id: str, state: str = "running", revenue: float | None = None, **more: Any) -> Row:
    """A joint project, ours by a tenth where it brings revenue."""
    share = more.pop("shared_pct", 0.1)
    return {
        "project_id": project_id, "kind": "platform", "name": f"项目{project_id}", "starts_on": "2026-02-01", "ends_on": None,
        "currency": "CNY", "result": "已上线", "state": state, "revenue_amount": revenue, "shared_pct": share,
        "our_amount": None if revenue is None or share is None else revenue * share, **more,
    }  # fmt: skip


def projects(*rows: Row) -> Slice:
    """A customer with these projects."""
    revenue = sum(float(str(row["revenue_amount"] or 0)) for row in rows)
    readings = [
        reading("joint_projects", float(len(rows)), unit="count"),
        reading("projects_finished", 0.0, unit="count"),
        reading("project_revenue", revenue, unit="money", currency="CNY"),
        reading("project_share_rate", 0.1 if revenue else None),
    ]
    return customer(readings, {"joint_projects": table("joint_projects", rows)})


def extra(kind: str, on: str, worth: float | None = None, **more: object) -> Row:
    """Something given beside the orders."""
    return {
        "kind": kind,
        "given_on": on,
        "description": "讲解",
        "worth_amount": worth,
        "currency": "CNY",
        **more,
    }


def extras(*rows: Row) -> Slice:
    """A customer that was given these in the twelve months to September 2026."""
    counts = pd.Series([str(row["kind"]) for row in rows], dtype="str").value_counts()
    inside = [row for row in rows if str(row["given_on"]) >= "2026-07-01"]
    worth = sum(float(str(row["worth_amount"] or 0)) for row in rows)
    readings = [
        reading("benefits_given", float(len(inside)), unit="count"),
        reading("benefits_given", float(len(rows)), YEAR, unit="count"),
        reading("benefits_worth", worth, YEAR, unit="money", currency="CNY"),
        *(
            reading("benefits_given", float(number), YEAR, f"kind={kind}", unit="count")
            for kind, number in counts.items()
        ),
    ]
    return customer(readings, {"value_added": table("value_added", rows)})
