"""A return that was entered weeks after its month was closed: the month before the last whole one is restated. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from pipeline.demo.calendar import day_number, last_whole_month
from pipeline.demo.chance import Integers
from pipeline.demo.customers import Customer
from pipeline.demo.market import PRODUCTS, list_prices, unit_costs
from pipeline.demo.truths import Counts, Span
from pipeline.periods import add_months

ACCOUNT = "A-0024"
_PRODUCT, _QUANTITY = 3, 4
"""Four weighing and scanning machines came back."""


@dataclass(frozen=True)
class Return:
    """The late row: which order, for which day, entered when, worth how many hundredths of CNY (negative)."""

    order_id: str
    returned_on: date
    entered_on: date
    cents: int


def late_return(clients: tuple[Customer, ...], until: date) -> Return | None:
    """The return of the client it happened to; None in a demo without that client."""
    client = next((each for each in clients if each.account_id == ACCOUNT), None)
    if client is None:
        return None
    last = last_whole_month(until)
    returned = add_months(last, -1).replace(day=26)
    unit = int(list_prices(returned.year)[0, _PRODUCT]) * (100 - client.discount_percent)
    entered = last + timedelta(days=13)
    return Return(f"SO-{returned.year % 100:02d}-L01", returned, entered, -_QUANTITY * unit)


def order_rows(late: Return, owner: str) -> list[dict[str, str]]:
    """Its row of the `orders` table."""
    return [
        {
            "order_id": late.order_id,
            "account_id": ACCOUNT,
            "manager_id": owner,
            "currency": "CNY",
            "ordered_on": late.returned_on.isoformat(),
            "status": "returned",
        }
    ]


def line_rows(late: Return) -> list[dict[str, str]]:
    """Its row of the `order_lines` table."""
    product, year = PRODUCTS[_PRODUCT], late.returned_on.year
    unit = -late.cents // _QUANTITY
    return [
        {
            "order_id": late.order_id,
            "line_no": "1",
            "product_id": product.product_id,
            "unit": product.unit,
            "quantity": str(-_QUANTITY),
            "delivered_quantity": str(-_QUANTITY),
            "currency": "CNY",
            "unit_amount": _money(unit),
            "list_amount": f"{int(list_prices(year)[0, _PRODUCT])}.00",
            "discount_amount": "0.00",
            "net_amount": _money(late.cents),
            "cost_amount": f"{-_QUANTITY * int(unit_costs(year)[0, _PRODUCT])}.00",
        }
    ]


def _money(cents: int) -> str:
    sign = "-" if cents < 0 else ""
    return f"{sign}{abs(cents) // 100}.{abs(cents) % 100:02d}"


def late_counts(late: Return | None, clients: tuple[Customer, ...], windows: tuple[Span, ...]) -> Counts:
    """What it adds to net sales, in hundredths and in ten-thousandths of CNY."""
    if late is None:
        return {}
    number = late.returned_on.year * 12 + late.returned_on.month - 1
    found = {f"sold/{number}": _of_account(clients, late.cents * 100)}
    day = np.array([day_number(late.returned_on)], dtype=np.int64)
    for window in windows:
        if window.holds(day)[0]:
            found[f"net/{window.name}"] = _of_account(clients, late.cents)
            found[f"yuan/{window.name}"] = _of_account(clients, late.cents * 100)
    return found


def _of_account(clients: tuple[Customer, ...], amount: int) -> Integers:
    return np.array([amount if client.account_id == ACCOUNT else 0 for client in clients], dtype=np.int64)
