"""What `ground_truth.json` says beyond orders, money and service, and the stories of a whole company. Pure."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from pipeline.demo import claims, commitments, rivals
from pipeline.demo.calendar import Month, date_of, last_whole_month
from pipeline.demo.contacts import further, moment_text
from pipeline.demo.customers import Customer
from pipeline.demo.forecasts import MISSING
from pipeline.demo.further_truths import WINDOWS
from pipeline.demo.people import (
    HAND_OVERS,
    MANAGER_WHO_HOPES,
    Assignment,
    hand_over_on,
    is_handed_over,
    manager_id,
)
from pipeline.demo.relations import LEFT_GROUP
from pipeline.demo.restated import late_return
from pipeline.demo.touchpoints import visits
from pipeline.demo.truths import BASES, Counts, Span, fine_text, judged, money_text, spans
from pipeline.demo.world import World
from pipeline.periods import add_months

FURTHER_DEFINITIONS = {
    "perfect": "otif, and is_document_correct and is_undamaged of the order; due as for otif",
    "nps": "answers of kind nps by answered_on; promoters 9 and 10, detractors 0 to 6",
    "deals": "opportunities by closed_on; won_amount in the client's currency",
    "forecast": "CNY; actual as net_sales_cny of the month; forecast as made before the month began, null where none was;"
    " a missing one is an error of all that was sold",
    "managers.forecast": "over the accounts that one manager owned alone all the quarter, account by account and month by"
    " month; error is forecast less actual",
    "lifecycle": "age since signed_on on the last day: initial up to 3 months, stable up to 12, deep up to 36, then symbiosis",
    "band": "net sales of twelve months of a customer (a group as one) in CNY: strategic from 5 million, key from 1,"
    " base from 0.5",
    "commitments": "actions by due_on in the quarter; late: done after due_on, or due and not done",
    "value_realised": "money_amount x attribution_pct of a claim; a benefit_key once; evidence of 12 months ago and older"
    " left out",
    "late_return": "an order of the month before the last whole one, entered in the last one; every truth counts it",
}
_BANDS = ((5_000_000, "strategic"), (1_000_000, "key"), (500_000, "base"))
_STAGES = ((3, "initial"), (12, "stable"), (36, "deep"))
_FIRST_OF_CLASS = {
    "core_value": "A-0011",
    "high_potential": "A-0014",
    "maintain": "A-0017",
    "to_optimise": "A-0005",
}
_OF_STAGE = {"initial": "A-0010", "stable": "A-0018", "deep": "A-0014", "symbiosis": "A-0011"}


def further_truth(world: World, position: int, counts: Counts, until: date) -> dict[str, Any]:
    """The truths of one client."""
    client = world.clients[position]
    own = {name: int(values[position]) for name, values in counts.items()}
    quarter = next(span for span in spans(until) if span.name == "quarter")
    worth = claims.realised(world.clients).get(client.account_id, {})
    return {
        "perfect": {
            basis: {window: own[f"perfect/{basis}/{window}"] for window in WINDOWS} for basis in BASES
        },
        "nps": {
            window: {name: own[f"{name}/{window}"] for name in ("promoters", "passives", "detractors")}
            for window in WINDOWS
        },
        "deals": {span.name: _deals(own, span) for span in spans(until)},
        "forecast": {_name(month): _cell(own, month) for month in _quarter(world)},
        "lifecycle": lifecycle(client, date_of(judged(until) - 1)),
        "commitments": commitments.commitments_of(
            client.account_id, date_of(quarter.from_on), date_of(quarter.until_on), until
        ),
        "value_realised": {confidence: f"{amount:.2f}" for confidence, amount in worth.items()},
    }


def _deals(own: dict[str, int], span: Span) -> dict[str, Any]:
    return {
        "won": own[f"won/{span.name}"],
        "lost": own[f"lost/{span.name}"],
        "won_amount": money_text(own[f"won_cents/{span.name}"]),
    }


def _quarter(world: World) -> list[Month]:
    """The whole months of the last quarter."""
    last = next(month for month in world.months if month.ago == 0)
    count = (last.of_year - 1) % 3 + 1
    return [month for month in world.months if 0 <= month.ago < count]


def _name(month: Month) -> str:
    return date_of(month.first_on).isoformat()[:7]


def _cell(own: dict[str, int], month: Month) -> dict[str, str | None]:
    forecast = own[f"forecast/{month.number}"]
    return {
        "actual": fine_text(own[f"sold/{month.number}"]),
        "forecast": None if forecast < 0 else fine_text(forecast),
    }


def lifecycle(client: Customer, day: date) -> str:
    """The stage of the relationship by its age on a day."""
    return next(
        (name for months, name in _STAGES if day <= add_months(client.signed_on, months)), "symbiosis"
    )


def customer_truths(world: World, counts: Counts) -> dict[str, Any]:
    """Twelve months' sales and the band of each customer, a group as one."""
    sold: dict[str, int] = {}
    for client, amount in zip(world.clients, counts["yuan/t12m"].tolist(), strict=True):
        top = client.parent_id or client.account_id
        sold[top] = sold.get(top, 0) + amount
    return {top: {"net_sales_cny": fine_text(amount), "band": band(amount)} for top, amount in sold.items()}


def band(ten_thousandths: int) -> str | None:
    """The band of a year's revenue in ten-thousandths of CNY; None below the lowest."""
    return next((name for border, name in _BANDS if ten_thousandths >= border * 10_000), None)


def manager_truths(world: World, served: tuple[Assignment, ...], counts: Counts) -> dict[str, Any]:
    """How far the forecasts of each manager's own accounts were off, by window."""
    months = _quarter(world)
    since = date_of(months[0].first_on)
    owned = _owned_alone(served, since)
    numbers = {"month": [month.number for month in months if month.ago == 0],
               "quarter": [month.number for month in months]}  # fmt: skip
    positions = {client.account_id: at for at, client in enumerate(world.clients)}
    return {
        manager: {
            "accounts": accounts,
            "forecast": {
                window: _errors(counts, [positions[account] for account in accounts], wanted)
                for window, wanted in numbers.items()
            },
        }
        for manager, accounts in sorted(owned.items())
    }


def _owned_alone(served: tuple[Assignment, ...], since: date) -> dict[str, list[str]]:
    """The accounts that one manager owned, with nobody else, on every day since."""
    serving: dict[str, list[Assignment]] = {}
    for row in served:
        if row.role == "owner" and (row.to_on is None or row.to_on > since):
            serving.setdefault(row.account_id, []).append(row)
    owned: dict[str, list[str]] = {}
    for account, rows in serving.items():
        if len(rows) == 1:
            owned.setdefault(rows[0].manager_id, []).append(account)
    return owned


def _errors(counts: Counts, positions: list[int], months: list[int]) -> dict[str, str]:
    cells = [
        (int(counts[f"sold/{month}"][at]), max(int(counts[f"forecast/{month}"][at]), 0))
        for month in months
        for at in positions
    ]
    return {
        "actual": fine_text(sum(abs(actual) for actual, _ in cells)),
        "absolute_error": fine_text(sum(abs(actual - forecast) for actual, forecast in cells)),
        "error": fine_text(sum(forecast - actual for actual, forecast in cells)),
    }


def further_stories(world: World, until: date) -> dict[str, Any]:
    """The stories of the clients that there are."""
    known = {client.account_id for client in world.clients}
    told: dict[str, Any] = {
        "class": {name: account for name, account in _FIRST_OF_CLASS.items() if account in known},
        "stage": {name: account for name, account in _OF_STAGE.items() if account in known},
        "slow_week": {"account_id": "A-0010", "missed": "the second week's sync"},
    }
    return told | (_of_company(world, until) if "A-0024" in known else {})


def _of_company(world: World, until: date) -> dict[str, Any]:
    last = last_whole_month(until)
    people = further(world.chance, world.clients, until)
    left, handed = (next(each for each in people if each.account_id == who and each.left_at) for who in ("A-0017", "A-0018"))  # fmt: skip
    late = late_return(world.clients, until)
    assert late is not None
    return {
        "payment_slip": {"account_id": "A-0013", "since": add_months(last, -5).isoformat(), "days_late": [2, 20, 44]},
        "usage_drop": {"account_ids": ["A-0016", "A-0008"], "since": add_months(last, -3).isoformat()},
        "usage_dip_of_season": {"account_id": "A-0015", "months": "Lunar New Year's"},
        "usage_feed_ended": {"account_id": "A-0019", "last_month": add_months(last, -2).isoformat()},
        "contact_left_without_hand_over": {"contact_id": left.contact_id, "left_at": moment_text(left.left_at)},
        "contact_left_with_hand_over": {"contact_id": handed.contact_id, "hours": 20},
        "competitor_offer": {"account_id": rivals.OFFER[0], "price_gap_pct": rivals.OFFER[4]},
        "forecast_too_high": {"manager_id": manager_id(MANAGER_WHO_HOPES)},
        "forecast_missing": {"account_id": MISSING[0], "month": add_months(last, -MISSING[1]).isoformat()},
        "late_return": {
            "account_id": "A-0024",
            "order_id": late.order_id,
            "month": late.returned_on.isoformat()[:7],
            "entered_on": late.entered_on.isoformat(),
            "net_amount": money_text(late.cents),
        },
        "left_group": {"account_id": LEFT_GROUP[0], "parent_id": LEFT_GROUP[1], "to_on": LEFT_GROUP[2].isoformat()},
        "hand_overs": _hand_overs(world, until),
        "cadence": {"A-0011": {"kind": "visit", "every": "month", "months": visits(world, "A-0011", 12)}},
        "benefit_counted_once": "A-0011/labour",
        "evidence_expired": claims.EXPIRED,
    }  # fmt: skip


def _hand_overs(world: World, until: date) -> dict[str, Any]:
    """Of each account that changed owners: from which day on, and after how many days it was handed over."""
    changed = {client.account_id for client in world.clients if is_handed_over(client, until)}
    return {
        account: {
            "to_manager_id": manager_id(over.to_manager),
            "from_on": hand_over_on(account, until).isoformat(),
            "done_on": None
            if over.done_after is None
            else (hand_over_on(account, until) + timedelta(days=over.done_after)).isoformat(),
        }
        for account, over in HAND_OVERS.items()
        if account in changed
    }
