"""What stands in a commercial statement: the contracts, and the invoices that are open on the window's last day. Pure."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import numpy as np
import pandas as pd

from pipeline.press.figures import Figure
from pipeline.press.printing import NOT_KNOWN, Printed, grouped, half_up
from pipeline.press.view import View
from pipeline.schema import SCALE


@dataclass(frozen=True)
class OpenInvoice:
    """An invoice (or, with a negative balance, a credit note) with an open balance, in units of its currency."""

    invoice_id: str
    currency: str
    issued_on: date
    due_on: date | None
    amount: Decimal | None
    """As billed, with tax; None where the invoice itself is not told of."""
    balance: Decimal
    days_late: int
    """Days past the due date on the window's last day; 0 or less: not due yet."""
    is_disputed: bool


def contracts(view: View) -> pd.DataFrame:
    """The contracts in force on the window's last day, those to come, and those that ended in the window; by first day."""
    rows = view.rows("contract_states")
    if rows.empty:
        return rows
    last = pd.Timestamp(view.window.last_on)
    ended_before = rows["until_on"] <= pd.Timestamp(view.window.from_on)
    state = np.select(
        [rows["starts_on"] > last, rows["until_on"] > last], ["to_come", "in_force"], default="ended"
    )
    kept = rows.assign(state=state)[~ended_before]
    order = kept["state"].map({"in_force": 0, "to_come": 1, "ended": 2})
    return kept.assign(order=order).sort_values(["order", "starts_on", "contract_id"], kind="stable")


def open_invoices(view: View) -> list[OpenInvoice] | None:
    """What is open at the end of the window, the longest overdue first; None where nobody knows what was paid."""
    rows = view.rows("ledger")
    if rows.empty:
        return []
    until = pd.Timestamp(view.window.until_on)
    begun, lasting = rows["from_on"] < until, rows["until_on"].isna() | (rows["until_on"] >= until)
    held = rows[begun & lasting]
    if held["balance_amount"].isna().any():
        return None
    billed = {str(row["invoice_id"]): row for row in view.rows("invoices").to_dict("records")}
    found = [_open(view, row, billed.get(str(row["invoice_id"]), {})) for row in held.to_dict("records")]
    return sorted(found, key=lambda each: (-each.days_late, each.issued_on, each.invoice_id))


def _open(view: View, row: Mapping[Hashable, Any], billed: Mapping[Hashable, Any]) -> OpenInvoice:
    due = None if pd.isna(row["due_on"]) else pd.Timestamp(row["due_on"]).date()
    disputed = billed.get("is_disputed")
    return OpenInvoice(
        invoice_id=str(row["invoice_id"]),
        currency=str(row["currency"]),
        issued_on=pd.Timestamp(row["issued_on"]).date(),
        due_on=due,
        amount=_billed(billed),
        balance=Decimal(int(row["balance_amount"])) / SCALE,
        days_late=(view.window.last_on - due).days if due else 0,
        is_disputed=not pd.isna(disputed) and bool(disputed),
    )


def _billed(row: Mapping[Hashable, Any]) -> Decimal | None:
    """What an invoice comes to with its tax; a credit note is below zero."""
    if not row:
        return None
    gross = row["gross_amount"]
    if pd.isna(gross):
        if pd.isna(row["net_amount"]):
            return None
        gross = int(row["net_amount"]) + (0 if pd.isna(row["tax_amount"]) else int(row["tax_amount"]))
    amount = Decimal(int(gross)) / SCALE
    credit = row["is_credit_note"]
    return -abs(amount) if not pd.isna(credit) and bool(credit) else amount


def overdue(found: Sequence[OpenInvoice]) -> list[OpenInvoice]:
    """Those past their due date of which the client owes something."""
    return [each for each in found if each.days_late > 0 and each.balance > 0]


def exact(amount: Decimal | None, unit: str = "") -> Printed:
    """An amount to the cent, as a statement prints it."""
    if amount is None:
        return NOT_KNOWN
    digits = grouped(half_up(amount, 2))
    return Printed(digits, unit, f"{digits} {unit}".strip())


def column(
    view: View, table: str, amounts: Sequence[Decimal | None], printed: Sequence[Printed], label: str
) -> tuple[str, list[Figure | None]]:
    """The figures of a column, each from one row of a table, and the anchor that the column's head carries."""
    anchor = view.register.next_id
    made = [
        None if amount is None else view.register.of_rows(table, 1, float(amount), shown, label, anchor, at)
        for at, (amount, shown) in enumerate(zip(amounts, printed, strict=True))
    ]
    return (anchor if any(made) else ""), made
