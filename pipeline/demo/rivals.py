"""Competitors that were seen at the demo's clients, and what was done to keep clients. Pure.

Every competitor here is invented.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from pipeline.demo.calendar import last_whole_month
from pipeline.demo.chance import Chance
from pipeline.demo.customers import Customer
from pipeline.periods import add_months

Rows = Iterator[dict[str, str]]

RIVALS = ("迅枢自动化", "泰岳输送", "Lumenkraft Systems", "合衡智装")

# account, competitor, days from the last day of the last whole month, kind, price gap, what was seen, response
_SIGHTINGS: tuple[tuple[str, int, int, str, str, str, str], ...] = (
    ("A-0012", 0, -23, "offer", "-0.08", "分拣线二期书面报价，含两年免费维保", "已提交增值对比与延保方案"),
    ("A-0012", 0, -41, "visit", "", "售前团队到厂勘测", "客户经理当周回访"),
    ("A-0006", 1, -58, "quote", "-0.12", "输送线改造口头询价", "已准备交付改善承诺书"),
    ("A-0006", 0, -19, "visit", "", "产线经理参观对方样板工厂", ""),
    ("A-0008", 2, -73, "quote", "-0.05", "Spare-part frame quote for the west hub", "Matched service level, kept the price"),
    ("A-0009", 1, -440, "win", "-0.15", "包装线由对方承接", "失单复盘已完成"),
    ("A-0016", 3, -34, "visit", "", "手持终端与语音拣选演示", "安排语音拣选试用"),
    ("A-0004", 1, -160, "quote", "-0.03", "门店补货线询价", "以整体拥有成本回应，已续单"),
)  # fmt: skip
OFFER = _SIGHTINGS[0]

# account, months to begin, risk, offered, cost, revenue at stake, outcome, months to end
_RESCUES: tuple[tuple[str, int, str, str, int, int, str, int | None], ...] = (
    ("A-0004", -6, "competitor", "整体拥有成本对比与驻场工程师一名", 86_000, 7_600_000, "kept", -4),
    ("A-0006", -2, "late deliveries", "交付改善小组、逾期订单空运", 142_000, 4_200_000, "open", None),
    ("A-0009", -16, "competitor", "备件九折、换型改造方案", 21_000, 1_200_000, "lost", -13),
    ("A-0012", -1, "competitor", "延保两年、备件前置仓", 38_000, 1_500_000, "open", None),
    ("A-0016", -1, "usage", "现场排查与语音拣选试用", 26_000, 1_400_000, "open", None),
)  # fmt: skip


def sighting_rows(chance: Chance, clients: tuple[Customer, ...], until: date) -> Rows:
    """The `competitor_events` table: those with a story, and a visit here and there."""
    cut_off = add_months(last_whole_month(until), 1) - timedelta(days=1)
    known = {client.account_id for client in clients}
    told = [sighting for sighting in _SIGHTINGS if sighting[0] in known]
    for number, (account, rival, days, kind, gap, text, response) in enumerate(
        (*told, *_usual(chance, clients)), 1
    ):
        yield {
            "event_id": f"CE-{number:04d}",
            "account_id": account,
            "competitor": RIVALS[rival],
            "seen_on": (cut_off + timedelta(days=days)).isoformat(),
            "kind": kind,
            "price_gap_pct": gap,
            "description": text,
            "response": response,
        }


def _usual(
    chance: Chance, clients: tuple[Customer, ...]
) -> Iterator[tuple[str, int, int, str, str, str, str]]:
    """A competitor's visit at one of four of the other clients, some time in the last two years."""
    told = {sighting[0] for sighting in _SIGHTINGS}
    for number, client in enumerate(clients, 1):
        draw = chance.of("rival", number)
        if client.account_id not in told and draw("seen", 4) == 0:
            days = -150 - draw("day", 560)
            yield (
                client.account_id,
                draw("who", len(RIVALS)),
                days,
                "visit",
                "",
                "展会后到访",
                "已知会客户经理",
            )


def rescue_rows(clients: tuple[Customer, ...], until: date) -> Rows:
    """The `interventions` table: what was offered to keep a client, and how it ended."""
    last = last_whole_month(until)
    known = {client.account_id for client in clients}
    for number, (account, begun, risk, offered, cost, stake, outcome, ended) in enumerate(_RESCUES, 1):
        if account in known:
            yield {
                "intervention_id": f"RV-{number:02d}",
                "account_id": account,
                "opened_on": add_months(last, begun).replace(day=11).isoformat(),
                "risk": risk,
                "offered": offered,
                "cost_amount": f"{cost}.00",
                "revenue_at_stake_amount": f"{stake}.00",
                "currency": "CNY",
                "outcome": outcome,
                "closed_on": "" if ended is None else add_months(last, ended).replace(day=24).isoformat(),
            }
