"""A portfolio in trouble, written by hand: warnings, rescues, customers that lose money, gaps, deals past their day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

import pandas as pd

from pipeline.press.slices import Reading, Slice, Subject
from pipeline.rules.decisions import DECISIONS, DecisionRule
from tests import portraits
from tests.portfolios import MONTH, PEOPLE, TWELVE, YEAR, Firm, portfolio, sales, told

SCALE = 10_000
FIRMS = tuple(
    Firm(name, amount, band=band)
    for name, amount, band in (
        ("岚渡供应链集团有限公司", 5_000_000.0, "strategic"),
        ("汐川零售连锁股份有限公司", 2_000_000.0, "key"),
        ("朔辰电子科技有限公司", 1_000_000.0, "key"),
        ("霁蓝家居有限公司", 500_000.0, "base"),
        ("朗墨商业有限公司", 200_000.0, "below"),
        ("稔丰食品有限公司", 100_000.0, "below"),
    )
)
CONTRIBUTIONS = (1_500_000.0, 600_000.0, 200_000.0, 50_000.0, 10_000.0, -60_000.0)
RULES = tuple(DecisionRule(rule=name, due_days=14, valid_from=date(1990, 1, 1)) for name in DECISIONS)  # type: ignore[arg-type]


def day(text: str | None) -> pd.Timestamp:
    return pd.NaT if text is None else pd.Timestamp(text)  # type: ignore[return-value]


def frame(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> pd.DataFrame:
    """A fact table with these columns; days are those whose names end in `_on`."""
    made = pd.DataFrame([list(row) for row in rows], columns=list(columns))
    for name in columns:
        if name.endswith("_on"):
            made[name] = pd.to_datetime(made[name])
    return made


def warnings(*rows: tuple[int, str, str, str | None, str | None, bool]) -> pd.DataFrame:
    """Early warnings as (place of the customer, rule, raised on, over on, who acts, whether business is at risk)."""
    return frame(
        (
            "account_id", "customer_id", "rule", "about", "since_on", "raised_on", "until_on", "confidence", "ground",
            "observed", "expected", "at_stake_amount", "currency", "actor_id", "is_at_stake", "play", "play_en",
        ),
        [
            (
                f"A-{place:03}", f"A-{place:03}", rule, "", raised, raised, over, "high", "", 1.0, 2.0, SCALE, "CNY",
                actor, is_risky, "约谈", "Meet them",
            )
            for place, rule, raised, over, actor, is_risky in rows
        ],
    )  # fmt: skip


def interventions(*rows: tuple[int, str, str, str | None]) -> pd.DataFrame:
    """Rescues as (place of the customer, begun on, outcome, ended on)."""
    return frame(
        (
            "intervention_id", "account_id", "customer_id", "opened_on", "risk", "offered", "cost_amount",
            "revenue_at_stake_amount", "currency", "outcome", "closed_on",
        ),
        [
            (
                f"RV-{at}", f"A-{place:03}", f"A-{place:03}", opened, "competitor", "延保两年", 38_000 * SCALE,
                1_500_000 * SCALE, "CNY", outcome, closed,
            )
            for at, (place, opened, outcome, closed) in enumerate(rows)
        ],
    )  # fmt: skip


def open_deals(*rows: tuple[int, str, str, float, str]) -> pd.DataFrame:
    """Open deals as (place of the customer, kind, stage, amount, expected on)."""
    return frame(
        ("customer_id", "opportunity_id", "manager_id", "kind", "stage", "amount", "currency", "expected_on"),
        [
            (f"A-{place:03}", f"OP-{at}", "M-01", kind, stage, amount * SCALE, "CNY", expected)
            for at, (place, kind, stage, amount, expected) in enumerate(rows)
        ],
    )


def whitespace(*rows: tuple[int, str, float, int | None, str | None]) -> pd.DataFrame:
    """Gaps as (place of the customer, product, amount, place among suggestions, product that suggests it)."""
    made = frame(
        (
            "customer_id", "product_id", "current_amount", "whitespace_amount", "place", "because_product_id",
            "together_count", "buyers_count", "confidence_pct",
        ),
        [
            (f"A-{at:03}", product, 0, round(amount * SCALE), place, because, 4, 5, 0.8 if place else None)
            for at, product, amount, place, because in rows
        ],
    )  # fmt: skip
    return made.astype({"place": "Int64", "whitespace_amount": "Int64"})


def role_duties(*rows: tuple[int, str, bool, str]) -> pd.DataFrame:
    """Roles promised as (place of the customer, role, whether somebody has it, since)."""
    return frame(
        ("customer_id", "role", "is_held", "from_on", "until_on"),
        [(f"A-{place:03}", role, is_held, since, None) for place, role, is_held, since in rows],
    )


def plan_duties(*rows: tuple[int, bool]) -> pd.DataFrame:
    """Plans promised as (place of the customer, whether it has one)."""
    return frame(
        ("customer_id", "has_plan", "from_on", "until_on"),
        [(f"A-{place:03}", int(has), "2026-09-30", None) for place, has in rows],
    )


def open_changes(*rows: tuple[int, str, bool]) -> pd.DataFrame:
    """Open requirement changes as (place of the customer, asked on, whether confirmed)."""
    return frame(
        ("customer_id", "change_id", "description", "asked_on", "is_confirmed"),
        [(f"A-{place:03}", f"CR-{at}", "改线", asked, done) for at, (place, asked, done) in enumerate(rows)],
    )


def commitments(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    """Commitments as (place of the customer, side, state, due on)."""
    return frame(
        (
            "customer_id",
            "action_id",
            "description",
            "side",
            "owner",
            "due_on",
            "done_on",
            "state",
            "days_late",
        ),
        [
            (f"A-{place:03}", f"AC-{at}", "改造排期", side, "项目组", due, None, state, None)
            for at, (place, side, state, due) in enumerate(rows)
        ],
    )


TABLES = {
    "warnings": warnings(
        (1, "competitor", "2026-09-07", None, "M-01", True),
        (2, "sales_drop", "2026-05-20", None, "M-02", True),
        (2, "order_gap", "2026-07-31", None, "M-02", True),
        (2, "no_backup", "2024-01-31", None, "M-02", False),
        (3, "usage_drop", "2026-06-30", None, None, True),
        (4, "sales_drop", "2026-01-31", "2026-04-30", "M-01", True),
    ),
    "interventions": interventions((1, "2026-09-10", "open", None), (4, "2026-02-10", "kept", "2026-05-24")),
    "open_deals": open_deals(
        (1, "cross_sell", "商务谈判", 400_000.0, "2026-09-18"),
        (2, "renewal", "方案报价", 900_000.0, "2026-10-12"),
        (3, "new", "方案报价", 300_000.0, "2026-12-01"),
    ),
    "whitespace": whitespace(
        (1, "P11", 1_300_000.0, 1, "P21"),
        (1, "P21", 50_000.0, None, None),
        (2, "P11", 400_000.0, None, None),
        (2, "P31", 90_000.0, 1, "P11"),
        (3, "P31", 30_000.0, None, None),
    ),
    "role_duties": role_duties((2, "technical", False, "2024-10-01"), (3, "backup", True, "2024-10-01")),
    "plan_duties": plan_duties((1, True), (2, False)),
    "open_changes": open_changes((3, "2026-07-15", False), (3, "2026-09-20", True)),
    "commitments": commitments((1, "ours", "overdue", "2026-09-15"), (2, "client", "overdue", "2026-08-01")),
    "late_positions": frame(
        ("customer_id", "invoice_id", "from_on", "until_on", "days_late", "is_disputed"),
        [("A-003", "IV-9", "2026-09-30", None, 115, False)],
    ),
}  # fmt: skip


def troubled() -> Slice:
    """Everything that the further sections tell of."""
    made = portfolio([*sales([700_000.0] * 12), *whole()], FIRMS, PEOPLE, TABLES)
    customers = [_in_trouble(each) for each in made.members if each.subject.kind == "customer"]
    others = [each for each in made.members if each.subject.kind != "customer"]
    return replace(made, members=(*customers, *others, *products()))


def whole() -> list[Reading]:
    """The portfolio's own readings."""
    months = [
        told("business_at_risk", 1_000_000.0 + 100_000 * at, each)
        for at, each in enumerate(portraits.months()[:-1])
    ]
    classes = (("core_value", 0.5, 0.3), ("maintain", 0.2, 0.45), ("not_classed", 0.3, 0.25))
    shares = [
        told(metric, value, TWELVE, f"class={name}")
        for name, cost, left in classes
        for metric, value in (
            ("hours_share", cost), ("sales_share", left), ("cost_share", cost), ("contribution_share", left),
        )
    ]  # fmt: skip
    gaps = [
        told(
            "cost_above_contribution", cost - left, TWELVE, f"class={name}", numerator=cost, denominator=left
        )
        for name, cost, left in classes
    ]
    gained = sum(each for each in CONTRIBUTIONS if each > 0)
    return [
        *months,
        told("net_sales", 8_800_000.0, TWELVE),
        told("business_at_risk", 8_000_000.0, MONTH, before=7_000_000.0),
        told("customers_at_risk", 3.0, MONTH),
        told("open_warnings", 5.0, MONTH),
        *(told("open_warnings", float(n), MONTH, f"rule={rule}") for rule, n in (("sales_drop", 2), ("competitor", 1), ("no_backup", 1))),
        told("revenue_protected", 1_500_000.0, TWELVE),
        told("intervention_success", 1.0, TWELVE, numerator=1.0, denominator=1.0, n=1.0),
        told("contribution", sum(CONTRIBUTIONS), TWELVE),
        told("contribution_margin", sum(CONTRIBUTIONS) / 8_800_000, TWELVE),
        told("cost_to_serve", 400_000.0, TWELVE),
        told("cost_to_serve_share", 0.045, TWELVE),
        told("whale_peak", gained / sum(CONTRIBUTIONS), TWELVE),
        told("whale_peak_customers", 5 / 6, TWELVE, numerator=5.0, denominator=6.0, n=6.0),
        told("whale_loss", 60_000.0, TWELVE),
        *shares,
        *gaps,
        told("whitespace", 1_870_000.0, MONTH),
        told("open_pipeline_value", 1_600_000.0, MONTH),
        told("open_deals_count", 3.0, MONTH),
        *(told("open_pipeline_value", amount, MONTH, f"stage={stage}") for stage, amount in (("方案报价", 1_200_000.0), ("商务谈判", 400_000.0))),
        *(told("open_pipeline_value", amount, MONTH, f"kind={kind}") for kind, amount in (("cross_sell", 400_000.0), ("renewal", 900_000.0), ("new", 300_000.0))),
        *(told("open_deals_count", 1.0, MONTH, f"kind={kind}") for kind in ("cross_sell", "renewal", "new")),
        told("win_rate_by_kind", 0.5, YEAR, "kind=new", numerator=1.0, denominator=2.0),
    ]  # fmt: skip


def _in_trouble(customer: Slice) -> Slice:
    """The customer with its own readings of risk, contribution and whitespace, and its owner."""
    at = int(customer.subject.subject_id[2:]) - 1
    about = {"subject_kind": "customer", "subject_id": customer.subject.subject_id}
    risks = (5_000_000.0, 2_000_000.0, 1_000_000.0, 0.0, 0.0, 0.0)
    gaps = (1_350_000.0, 490_000.0, 30_000.0, 0.0, 0.0, 0.0)
    readings = [
        told("business_at_risk", risks[at], MONTH, **about),
        told("whitespace", gaps[at], MONTH, **about),
        told("contribution", CONTRIBUTIONS[at], TWELVE, **about),
        told("contribution_margin", CONTRIBUTIONS[at] / FIRMS[at].sales, TWELVE, **about),
        told("cost_to_serve", 20_000.0 * (at + 1), TWELVE, **about),
        told("health", 0.9 - 0.2 * at if at < 4 else None, MONTH, **about),
        told("net_sales", FIRMS[at].sales * 0.7, YEAR, **about),
    ]
    subject = replace(customer.subject, owner_name="沈予安" if at % 2 == 0 else "顾明澈")
    return replace(customer, subject=subject, readings=(*customer.readings, *readings))


def products() -> list[Slice]:
    """The products of the whitespace, with the share of customers that buy each."""
    return [
        Slice(
            Subject(name, said, currency="CNY", kind="product"),
            (told("product_penetration", share, TWELVE, subject_kind="product", subject_id=name),),
            {},
        )
        for name, said, share in (
            ("P11", "摆轮分拣单元", 0.7),
            ("P21", "伺服驱动电机", 0.8),
            ("P31", "WCS仓控软件许可", 0.25),
        )
    ]
