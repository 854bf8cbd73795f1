"""What the demo company and its clients agreed on, and what its people are to reach: contracts and targets. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.customers import Customer, level_at
from pipeline.demo.people import manager_id
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]


def contract_rows(clients: tuple[Customer, ...], first_year: int, until: date) -> Rows:
    """The `contracts` table: one framework contract a client and calendar year, `ends_on` its last day."""
    for number, client in enumerate(clients, 1):
        for year in range(max(first_year, client.signed_on.year), until.year + 1):
            if _ordered_in(client, year, until):
                yield _contract(client, number, year, until)


def _ordered_in(client: Customer, year: int, until: date) -> bool:
    last = last_whole_month(until)
    ago = (last.year - year) * 12 + last.month - 1
    return level_at(client.order_levels, max(ago, 0), 100) > 0


def _contract(client: Customer, number: int, year: int, until: date) -> dict[str, str]:
    starts = max(date(year, 1, 1), client.signed_on)
    amount = client.annual_amount * (100 - client.growth_percent * (until.year - year)) // 100
    is_last = year == until.year
    ends = year + client.contract_years - 1 if is_last else year
    return {
        "contract_id": f"HT-{year % 100:02d}-{number:04d}",
        "account_id": client.account_id,
        "signed_on": (client.signed_on if starts == client.signed_on else date(year - 1, 12, 18)).isoformat(),
        "starts_on": starts.isoformat(),
        "ends_on": date(ends, 12, 31).isoformat(),
        "annual_amount": f"{amount}.00" if amount else "",
        "currency": client.currency,
        "payment_days": str(client.payment_days),
        "reply_hours": _text(client.reply_hours),
        "resolve_hours": _text(client.resolve_hours),
        "green_reply_hours": _text(client.green_reply_hours),
        "calendar": "calendar",
        "time_zone": client.time_zone,
        "revenue_share_pct": client.revenue_share_pct if is_last else "",
        "status": "active" if is_last and client.status == "active" else "expired",
    }


def _text(number: int | None) -> str:
    return "" if number is None else str(number)


def target_rows(clients: tuple[Customer, ...], owners: dict[str, str], managers: int, until: date) -> Rows:
    """The `targets` table (`to_on` is the first day after): quality for the portfolio by year, sales by manager and month in CNY."""
    plan = yearly_sales(clients, owners, managers)
    for year in (until.year - 1, until.year):
        yield from _quality(year, otif="0.93" if year < until.year else "0.95")
        for manager, yearly in plan.items():
            for month in range(1, 13):
                yield _sales_target(manager, year, month, max(yearly // 12, 50_000))


def yearly_sales(clients: tuple[Customer, ...], owners: dict[str, str], managers: int) -> dict[str, int]:
    """What each manager's clients are to buy in a year, in whole CNY, by manager."""
    plan = {manager_id(number): 0 for number in range(1, managers + 1)}
    for client in clients:
        if client.status == "active":
            plan[owners[client.account_id]] += in_yuan(client)
    return plan


def in_yuan(client: Customer) -> int:
    """What a client is to buy in a year, in whole CNY at the plan's rates."""
    return client.annual_amount * {"EUR": 78, "USD": 71}.get(client.currency, 10) // 10


def _quality(year: int, otif: str) -> Rows:
    rows = (
        ("otif_orders", "basis=first_promised", otif),
        ("sla_attainment", "", "0.98"),
        ("csat", "", "0.85"),
    )
    for metric, breakdown, value in rows:
        yield {
            "subject_kind": "portfolio",
            "subject_id": "all",
            "metric": metric,
            "breakdown": breakdown,
            "from_on": f"{year}-01-01",
            "to_on": f"{year + 1}-01-01",
            "value": value,
        }


def _sales_target(manager: str, year: int, month: int, amount: int) -> dict[str, str]:
    first = date(year, month, 1)
    seasonal = (70, 74, 104, 103, 104, 108, 98, 98, 106, 104, 120, 111)[month - 1]
    return {
        "subject_kind": "manager",
        "subject_id": manager,
        "metric": "net_sales",
        "from_on": first.isoformat(),
        "to_on": add_months(first, 1).isoformat(),
        "value": f"{amount * seasonal // 100 // 10_000 * 10_000}.00",
    }
