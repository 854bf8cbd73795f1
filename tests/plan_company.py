"""What the service plan and the proof of value are made of, for the small company of `tests/test_every_metric.py`."""

from __future__ import annotations

from datetime import date
from typing import Any

from pipeline.periods import add_months

Row = dict[str, Any]
_FIRST = date(2023, 1, 1)


def plan_rows() -> dict[str, list[Row]]:
    """Needs, contracts, use of products, projects and benefits of accounts A1 to A4, to September 2026."""
    months = [add_months(_FIRST, number) for number in range(45)]
    return {
        "needs": [
            {"need_id": "N1", "account_id": "A1", "kind": "business", "raised_on": "2026-09-02", "owner_id": "M1",
             "due_on": "2026-12-01", "status": "open"},
            {"need_id": "N2", "account_id": "A1", "kind": "personal", "raised_on": "2026-03-02", "due_on": "2026-09-01",
             "status": "open"},
            {"need_id": "N3", "account_id": "A3", "kind": "business", "raised_on": "2026-08-02", "owner_id": "M2",
             "status": "done"},
        ],
        "contracts": [
            {"contract_id": f"K{at}", "account_id": account, "starts_on": "2026-01-01", "ends_on": "2026-12-31",
             "annual_amount": 120_000 + at, "revenue_share_pct": "0.1"}
            for at, account in enumerate(("A1", "A3", "A4"))
        ],
        "usage": [
            {"account_id": account, "product_id": "P1", "month_on": first, "measure": "m",
             "quantity": 100 + 10 * first.month + at, "seats": 20, "active_seats": 15 + first.month % 5}
            for account in ("A1", "A3") for at, first in enumerate(months)
        ],
        "projects": [
            {"project_id": "J1", "account_id": "A1", "kind": "platform", "starts_on": "2026-02-01", "status": "running",
             "revenue_amount": 90_000},
            {"project_id": "J2", "account_id": "A3", "kind": "case", "starts_on": "2026-02-01", "ends_on": "2026-09-10",
             "revenue_amount": 1_000, "share_pct": "0.5", "status": "done"},
        ],
        "benefits": [
            {"benefit_id": f"B{at}", "account_id": account, "kind": kind, "given_on": first.replace(day=9),
             "worth_amount": 500}
            for at, (account, kind, first) in enumerate(
                (account, kind, first) for account, kind in (("A1", "industry_report"), ("A3", "training"))
                for first in months if first.month % 4
            )
        ],
    }  # fmt: skip
