"""Rows that are wrong on purpose, each with what is wrong with it; every truth holds without them. Pure.

They are rows of their own (ids end in `-D01` …), so that leaving them out restores the truth; those of a known
account are all A-0003's. One row is not wrong
at all: an order without an account, which counts for the portfolio and for nobody's document.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import numpy as np

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.chance import Integers
from pipeline.periods import add_months
from pipeline.schema import TABLES

SOILED, SOILED_ID = 2, "A-0003"
"""The position and the id of the account that wrong rows are planted on."""

UNOWNED_CENTS = 286_000 + 174_000
"""Net sales of the order without an account, in hundredths of CNY."""


@dataclass(frozen=True)
class Dirt:
    """One planted row; `follows` names the row whose fate it shares, where it is not wrong itself."""

    table: str
    key: str
    kind: str
    row: dict[str, str] = field(default_factory=dict)
    column: str = ""
    account_id: str = ""
    follows: str = ""

    def as_json(self) -> dict[str, str]:
        """How `ground_truth.json` lists it."""
        said = {
            "table": self.table,
            "id": self.key,
            "kind": self.kind,
            "column": self.column,
            "account_id": self.account_id,
            "follows": self.follows,
        }
        return {name: value for name, value in said.items() if value}


@dataclass(frozen=True)
class Sample:
    """Right rows that wrong ones are planted beside."""

    order_id: str = ""
    line: Mapping[str, Any] = field(default_factory=dict)
    """The first line of the order, as canonical columns of one row."""
    invoice_id: str = ""
    invoiced: str = ""
    """The invoice's account."""


def first_of(position: int, accounts: Integers) -> int:
    """The first row of an account, or the first of all where it has none."""
    return int(np.argmax(accounts == position))


def repeated(sample: Sample) -> Dirt:
    """The order line that stands twice in its table, cell by cell the same."""
    key = f"{sample.order_id}/{sample.line['line_no'].to_pylist()[0]}"
    return Dirt("order_lines", key, "identical_duplicate", account_id=SOILED_ID)


def planted(until: date, sample: Sample) -> tuple[Dirt, ...]:
    """Every planted row but the repeated one."""
    last = last_whole_month(until)
    year = f"{last.year % 100:02d}"
    return (
        *_unowned(f"SO-{year}-D01", last),
        _order(f"SO-{year}-D02", "A-9999", last, "unknown_account", "account_id"),
        _line(f"SO-{year}-D02", "12", "3432.00", follows=f"SO-{year}-D02"),
        _early(f"SO-{year}-D03", last),
        _line(f"SO-{year}-D03", "8", "2288.00", follows=f"SO-{year}-D03"),
        _line(sample.order_id, "约20", "5720.00", number="9", kind="text_in_number", column="quantity"),
        Dirt(
            "invoices",
            f"IV-{year}-D01",
            "unknown_account",
            {
                "invoice_id": f"IV-{year}-D01",
                "account_id": "A-9998",
                "kind": "invoice",
                "currency": "CNY",
                "issued_on": last.replace(day=16).isoformat(),
                "due_on": (last.replace(day=16) + timedelta(days=30)).isoformat(),
                "net_amount": "8600.00",
                "tax_amount": "1118.00",
                "gross_amount": "9718.00",
                "is_credit_note": "false",
                "is_disputed": "false",
            },
            "account_id",
            "A-9998",
        ),
        Dirt(
            "payments",
            f"RC-{year}-D01",
            "impossible_date",
            {
                "payment_id": f"RC-{year}-D01",
                "invoice_id": sample.invoice_id,
                "account_id": sample.invoiced,
                "paid_on": f"{last.year}-02-30",
                "currency": "CNY",
                "amount": "1200.00",
            },
            "paid_on",
            sample.invoiced,
        ),
        Dirt(
            "cases",
            f"CS-{year}-D01",
            "replied_before_opened",
            {
                "case_id": f"CS-{year}-D01",
                "account_id": "A-0003",
                "opened_at": f"{last.replace(day=17).isoformat()}T14:05:00+08:00",
                "first_reply_at": f"{last.replace(day=16).isoformat()}T09:40:00+08:00",
                "resolved_at": f"{last.replace(day=18).isoformat()}T10:00:00+08:00",
                "first_reply_paused_hours": "0.00",
                "paused_hours": "0.00",
                "priority": "中",
                "category": "设备故障",
                "cause": "零件磨损",
                "is_green_channel": "false",
                "status": "resolved",
            },
            "first_reply_at",
            "A-0003",
        ),
        Dirt(
            "surveys",
            f"SV-{year}-D01",
            "score_beyond_scale",
            {
                "survey_id": f"SV-{year}-D01",
                "account_id": "A-0003",
                "kind": "csat",
                "asked_on": last.replace(day=8).isoformat(),
                "answered_on": last.replace(day=9).isoformat(),
                "score": "9",
                "scale_max": "5",
            },
            "score",
            "A-0003",
        ),
    )


def _unowned(order: str, last: date) -> tuple[Dirt, ...]:
    row = _order(order, "", last, "empty_account", "account_id")
    lines = (("1", "10", "2860.00", "P24", "286.00"), ("2", "12", "1740.00", "P23", "145.00"))
    return (row, *(_unowned_line(order, *line) for line in lines))


def _unowned_line(order: str, number: str, quantity: str, net: str, product: str, unit_amount: str) -> Dirt:
    line = _line(order, quantity, net, number=number, follows=order)
    amounts = {"product_id": product, "unit_amount": unit_amount, "list_amount": unit_amount}
    return Dirt("order_lines", line.key, "empty_account", {**line.row, **amounts}, "", "", order)


def _order(order: str, account: str, last: date, kind: str, column: str) -> Dirt:
    day = last.replace(day=14)
    row = {
        "order_id": order,
        "account_id": account,
        "currency": "CNY",
        "ordered_on": day.isoformat(),
        "requested_on": (day + timedelta(days=8)).isoformat(),
        "first_promised_on": (day + timedelta(days=8)).isoformat(),
        "last_promised_on": (day + timedelta(days=8)).isoformat(),
        "delivered_on": (day + timedelta(days=7)).isoformat(),
        "status": "delivered",
        "is_document_correct": "true",
        "is_undamaged": "true",
    }
    return Dirt("orders", order, kind, row, column, account)


def _early(order: str, last: date) -> Dirt:
    """An order that was delivered before it was placed."""
    dirt = _order(order, "A-0003", last, "delivered_before_ordered", "delivered_on")
    row = {**dirt.row, "delivered_on": (last.replace(day=14) - timedelta(days=9)).isoformat()}
    return Dirt(dirt.table, dirt.key, dirt.kind, row, dirt.column, dirt.account_id)


def _line(
    order: str,
    quantity: str,
    net: str,
    *,
    number: str = "1",
    follows: str = "",
    kind: str = "parent_left_out",
    column: str = "",
) -> Dirt:
    row = {
        "order_id": order,
        "line_no": number,
        "product_id": "P24",
        "unit": "件",
        "quantity": quantity,
        "delivered_quantity": quantity if quantity.isdigit() else "20",
        "currency": "CNY",
        "unit_amount": "286.00",
        "list_amount": "286.00",
        "discount_amount": "0.00",
        "net_amount": net,
        "cost_amount": f"{172 * (int(quantity) if quantity.isdigit() else 20)}.00",
        "is_correct": "true",
    }
    return Dirt("order_lines", f"{order}/{number}", kind, row, column, "", follows)


def planted_elsewhere(until: date) -> tuple[Dirt, ...]:
    """What else is wrong in a whole company: in the tables that its other systems export."""
    last = last_whole_month(until)
    year = f"{last.year % 100:02d}"
    day, soiled = last.replace(day=17).isoformat(), {"account_id": SOILED_ID}
    impossible = f"{last.year}-02-30"
    call = {
        "account_id": "A-9997",
        "kind": "call",
        "held_on": day,
        "status": "held",
        "is_face_to_face": "false",
    }
    deal = {
        **soiled, "kind": "cross_sell", "stage": "输单", "amount": "86000.00", "currency": "CNY",
        "opened_on": day, "expected_on": day, "closed_on": last.replace(day=2).isoformat(), "is_won": "false",
    }  # fmt: skip
    case = {
        **soiled, "opened_at": f"{day}T10:05:00+08:00", "first_reply_at": f"{day}T11:00:00+08:00",
        "first_reply_paused_hours": "0.00", "paused_hours": "半天", "priority": "低", "category": "操作培训",
        "is_green_channel": "false", "status": "open",
    }  # fmt: skip
    answer = {
        **soiled,
        "kind": "csat",
        "asked_on": impossible,
        "answered_on": day,
        "score": "4",
        "scale_max": "5",
    }
    use = {
        **soiled,
        "product_id": "P33",
        "month_on": last.isoformat(),
        "measure": "登录次数",
        "quantity": "约一万二",
    }
    forecast = {**soiled, "period_on": add_months(last, 4).isoformat(), "made_on": day, "currency": "CNY", "amount": "待定"}  # fmt: skip
    return (
        _wrong("activities", f"AT-{year}-D01", "unknown_account", "account_id", call),
        _wrong("opportunities", f"OP-{year}-D01", "closed_before_opened", "closed_on", deal),
        _wrong("cases", f"CS-{year}-D02", "text_in_number", "paused_hours", case),
        _wrong("surveys", f"SV-{year}-D02", "impossible_date", "asked_on", answer),
        _wrong("usage", "", "text_in_number", "quantity", use),
        _wrong("forecasts", "", "text_in_number", "amount", forecast),
    )


def _wrong(table: str, key: str, kind: str, column: str, cells: dict[str, str]) -> Dirt:
    """A planted row; where the key is made of several columns, it is told by them."""
    names = TABLES[table].key
    row = {names[0]: key, **cells} if key else cells
    return Dirt(table, "/".join(row.get(name, "") for name in names), kind, row, column, cells["account_id"])


def repeated_contact(rows: Sequence[Mapping[str, str]]) -> Dirt:
    """The contact that stands twice in its table, cell by cell the same."""
    row = next(row for row in rows if row["account_id"] == SOILED_ID)
    return Dirt("contacts", row["contact_id"], "identical_duplicate", dict(row), account_id=SOILED_ID)
