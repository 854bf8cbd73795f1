"""A client of the demo company: who it is and how it behaves. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

Steps = tuple[tuple[int, int], ...]
"""(months ago, value): the value holds from that many months before the last whole month on."""


@dataclass(frozen=True)
class Customer:
    """One account and how it behaves. Percentages are whole numbers; `monthly_*` are hundredths of a row a month."""

    account_id: str
    name: str
    industry: str
    region: str
    signed_on: date
    monthly_orders: int
    annual_amount: int
    name_en: str = ""
    country: str = "CN"
    currency: str = "CNY"
    locale: str = "zh-Hans"
    parent_id: str = ""
    report_unit: str = "account"
    status: str = "active"
    pain_point: str = ""
    agreed_story: str = ""
    wallet_percent: int = 160
    growth_percent: int = 6
    order_levels: Steps = ()
    is_seasonal: bool = False
    mix: str = "balanced"
    discount_percent: int = 8
    late_levels: Steps = ((99, 8),)
    longest_delay: int = 9
    short_percent: int = 3
    payment_days: int = 60
    pays_late_levels: Steps = ((99, 4),)
    unpaid_percent: int = 0
    monthly_cases: int = 0
    slow_levels: Steps = ((99, 6),)
    reply_hours: int | None = None
    resolve_hours: int | None = None
    green_reply_hours: int | None = None
    time_zone: str = "Asia/Shanghai"
    pleased_levels: Steps = ((99, 80),)
    monthly_answers: int = 0
    monthly_deals: int = 12
    monthly_touches: int = 30
    visit_every: int = 6
    """Months from one promised visit to the next; the others likewise, 0 where none is promised."""
    review_every: int = 0
    executive_every: int = 0
    training_every: int = 0
    missed_percent: int = 9
    monthly_hours: int = 6
    """Hours that looking after the client takes a month."""
    seats: int = 0
    """Users of our software; 0 where the client has none."""
    usage_levels: Steps = ()
    feed_ended: int = -9
    """Months ago in which the last usage came; below zero where it still comes."""
    contract_years: int = 1
    """How long the newest framework contract runs."""
    revenue_share_pct: str = ""
    brand: str = ""

    @property
    def is_foreign(self) -> bool:
        return self.country != "CN"

    @property
    def potential_amount(self) -> int:
        """What the account could spend a year with firms like ours."""
        return self.annual_amount * self.wallet_percent // 100


def level_at(steps: Steps, ago: int, otherwise: int) -> int:
    """The value of the last step that had begun `ago` months before the last whole month."""
    begun = [value for months_ago, value in steps if months_ago >= ago]
    return begun[-1] if begun else otherwise


def account_rows(clients: tuple[Customer, ...], owners: dict[str, str]) -> Iterator[dict[str, str]]:
    """The `accounts` table; `owners` names today's owner of each account."""
    for client in clients:
        yield {
            "account_id": client.account_id,
            "parent_id": client.parent_id,
            "name": client.name,
            "name_en": client.name_en,
            "industry": client.industry,
            "region": client.region,
            "country": client.country,
            "currency": client.currency,
            "locale": client.locale,
            "brand": client.brand,
            "report_unit": client.report_unit,
            "signed_on": client.signed_on.isoformat(),
            "owner_id": owners[client.account_id],
            "status": client.status,
            "potential_amount": f"{client.potential_amount}.00",
            "pain_point": client.pain_point,
            "agreed_story": client.agreed_story,
        }
