"""The demo's monthly rows as canonical columns. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pipeline.demo.calendar import NEVER
from pipeline.demo.chance import Integers
from pipeline.demo.columns import (
    Columns,
    chosen,
    days,
    decimals,
    flags,
    joined,
    labels,
    moments,
    numbers,
    taken,
)
from pipeline.demo.contacts import contact_id
from pipeline.demo.market import CURRENCIES, PRODUCTS
from pipeline.demo.money import Invoices, Payments
from pipeline.demo.orders import CAUSES, DELIVERED, KINDS, STATUSES, Lines, Orders
from pipeline.demo.people import manager_count, manager_id
from pipeline.demo.service import CASE_CAUSES, CATEGORIES, NOT_YET, PRIORITIES, Answers, Cases
from pipeline.demo.world import World

_PRODUCT_IDS = tuple(product.product_id for product in PRODUCTS)
_UNITS = tuple(product.unit for product in PRODUCTS)


@dataclass(frozen=True)
class Names:
    """Texts by client: made once, taken by index."""

    accounts: tuple[str, ...]
    managers: tuple[str, ...]
    currency: Integers

    def of_accounts(self, account: Integers) -> Any:  # pyarrow ships no types
        return chosen(self.accounts, account)

    def of_currencies(self, account: Integers) -> Any:
        return chosen(CURRENCIES, self.currency[account])


def names_of(world: World) -> Names:
    """The texts of a world's clients."""
    managers = range(1, manager_count(len(world.clients)) + 1)
    return Names(
        tuple(client.account_id for client in world.clients),
        tuple(map(manager_id, managers)),
        world.currency(),
    )


def order_ids(orders: Orders) -> Any:
    """SO-26-04417."""
    return labels("SO", orders.year, orders.number, 5)


def order_columns(names: Names, orders: Orders, owners: Integers) -> Columns:
    """The `orders` table."""
    is_known = orders.status == DELIVERED
    return {
        "order_id": order_ids(orders),
        "account_id": names.of_accounts(orders.account),
        "manager_id": chosen(names.managers, owners - 1),
        "kind": chosen(KINDS, orders.kind),
        "currency": names.of_currencies(orders.account),
        "ordered_on": days(orders.ordered_on),
        "requested_on": days(orders.requested_on),
        "first_promised_on": days(orders.first_promised_on),
        "last_promised_on": days(orders.last_promised_on),
        "delivered_on": days(orders.delivered_on),
        "status": chosen(STATUSES, orders.status),
        "is_document_correct": flags(orders.is_document_correct, is_known),
        "is_undamaged": flags(orders.is_undamaged, is_known),
        "delay_cause": chosen(CAUSES, orders.cause, orders.cause >= 0),
    }


def line_columns(names: Names, orders: Orders, lines: Lines) -> Columns:
    """The `order_lines` table."""
    status = orders.status[lines.order]
    return {
        "order_id": taken(order_ids(orders), lines.order),
        "line_no": numbers(lines.line_no),
        "product_id": chosen(_PRODUCT_IDS, lines.product),
        "unit": chosen(_UNITS, lines.product),
        "quantity": numbers(lines.quantity),
        "delivered_quantity": numbers(lines.delivered_quantity),
        "currency": names.of_currencies(orders.account[lines.order]),
        "unit_amount": decimals(lines.unit_cents),
        "list_amount": decimals(lines.list_cents),
        "discount_amount": decimals(lines.discount_cents),
        "net_amount": decimals(lines.net_cents),
        "cost_amount": decimals(lines.cost_cents),
        "is_correct": flags(lines.is_correct, status == DELIVERED),
        "delivered_on": days(lines.delivered_on),
    }


def invoice_columns(names: Names, orders: Orders, invoices: Invoices) -> Columns:
    """The `invoices` table; an invoice carries its order's number."""
    account = orders.account[invoices.order]
    return {
        "invoice_id": invoice_ids(orders, invoices),
        "account_id": names.of_accounts(account),
        "order_id": taken(order_ids(orders), invoices.order),
        "kind": chosen(("invoice", "credit_note"), invoices.is_credit_note.astype(np.int64)),
        "currency": names.of_currencies(account),
        "issued_on": days(invoices.issued_on),
        "due_on": days(invoices.due_on),
        "net_amount": decimals(invoices.net_cents),
        "tax_amount": decimals(invoices.tax_cents),
        "gross_amount": decimals(invoices.gross_cents),
        "is_credit_note": flags(invoices.is_credit_note),
        "is_disputed": flags(invoices.is_disputed),
    }


def invoice_ids(orders: Orders, invoices: Invoices) -> Any:
    """IV-26-04417: the number of the order that is invoiced."""
    return labels("IV", orders.year, orders.number[invoices.order], 5)


def payment_columns(names: Names, orders: Orders, invoices: Invoices, payments: Payments) -> Columns:
    """The `payments` table."""
    account = orders.account[invoices.order][payments.invoice]
    numbered = labels("RC", orders.year, orders.number[invoices.order][payments.invoice], 5)
    return {
        "payment_id": joined(numbered, chosen(("", "-1", "-2"), payments.part)),
        "invoice_id": taken(invoice_ids(orders, invoices), payments.invoice),
        "account_id": names.of_accounts(account),
        "paid_on": days(payments.paid_on),
        "currency": names.of_currencies(account),
        "amount": decimals(payments.cents),
    }


def case_columns(names: Names, cases: Cases) -> Columns:
    """The `cases` table."""
    return {
        "case_id": labels("CS", cases.year, cases.number, 4),
        "account_id": names.of_accounts(cases.account),
        "contact_id": contact_ids(cases.account, cases.contact),
        "opened_at": moments(cases.opened_at, NOT_YET),
        "first_reply_at": moments(cases.first_reply_at, NOT_YET),
        "resolved_at": moments(cases.resolved_at, NOT_YET),
        "first_reply_paused_hours": decimals(cases.reply_paused_minutes * 100 // 60),
        "paused_hours": decimals(cases.paused_minutes * 100 // 60),
        "priority": chosen(PRIORITIES, cases.priority),
        "category": chosen(CATEGORIES, cases.category),
        "cause": chosen(CASE_CAUSES, cases.cause, cases.resolved_at != NOT_YET),
        "is_green_channel": flags(cases.is_green),
        "status": chosen(("open", "resolved"), (cases.resolved_at != NOT_YET).astype(np.int64)),
    }


def contact_ids(account: Integers, place: Integers) -> Any:  # pyarrow ships no types
    """The id of the contact at each place of each client."""
    ids = [contact_id(number + 1, at) for number, at in zip(account.tolist(), place.tolist(), strict=True)]
    return chosen(ids, np.arange(len(ids), dtype=np.int64))


_PRAISE = ("响应快，问题当天就定位了", "备件到货及时", "现场工程师很专业", "远程诊断帮了大忙", "")
_BLAME = ("交期一再推迟", "同一故障反复出现", "回复太慢", "发货单与实物不符", "")
_DONE = (
    "已设专人跟进并每周通报进度",
    "已复盘并更换供货批次",
    "已调整值班表并开通绿色通道",
    "已补发并修订装箱核对单",
    "",
)


def answer_columns(names: Names, world: World, answers: Answers) -> Columns:
    """The `surveys` table; every third answer has a comment."""
    is_answered = answers.answered_on != NEVER
    is_low = answers.score < np.where(answers.is_nps, 7, 4)
    comment = world.chance.below("comment", answers.key, 12)
    is_written = is_answered & (comment < 4)
    said = np.where(is_low, comment + len(_PRAISE), comment)
    return {
        "survey_id": labels("SV", answers.year, answers.number, 4),
        "account_id": names.of_accounts(answers.account),
        "contact_id": contact_ids(answers.account, answers.contact),
        "kind": chosen(("csat", "nps"), answers.is_nps.astype(np.int64)),
        "asked_on": days(answers.asked_on),
        "answered_on": days(answers.answered_on),
        "score": numbers(answers.score, is_answered),
        "scale_max": numbers(np.where(answers.is_nps, 10, 5)),
        "comment": chosen((*_PRAISE, *_BLAME), said, is_written),
        "may_quote": flags(world.chance.happens("quotable", answers.key, 50), is_written),
        "action_taken": chosen(_DONE, comment, is_written & is_low),
    }
