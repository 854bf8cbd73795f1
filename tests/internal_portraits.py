"""Subjects written by hand for the bulletin, the brief, the pay draft and the restricted scorecard, September 2026."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.catalogue import catalogue
from pipeline.press import document
from pipeline.press.reports import REPORTS
from pipeline.press.slices import Slice, Subject
from pipeline.press.standing import Borders
from pipeline.press.svg import Ink
from pipeline.press.tables import TABLES
from pipeline.rules.pay import PayPlanRule
from pipeline.rules.warnings import BackTestRule
from tests import payrolls, portraits
from tests.portfolios import MONTH, TWELVE, YEAR, said, told
from tests.section_pages import Page

_NOWHERE = Path("/nowhere")
_DAYS = (
    "since_on", "raised_on", "until_on", "from_on", "decided_on", "event_on", "warned_on", "left_on", "opened_on",
    "closed_on", "seen_on", "due_on", "held_on", "assessed_on",
)  # fmt: skip
_LEVELS = 10_000


def table(name: str, *rows: Mapping[str, object]) -> pd.DataFrame:
    """Rows of a table that documents read, with empty cells where nothing is said."""
    made = pd.DataFrame(
        [{**dict.fromkeys(TABLES[name].columns), **row} for row in rows], columns=list(TABLES[name].columns)
    )
    for column in (each for each in _DAYS if each in made.columns):
        made[column] = pd.to_datetime(made[column]).astype("datetime64[ms]")
    return made


def page(
    subject: Slice, kind: str, ink: Ink, language: str = "zh-Hans", edition: str = "full", **more: Any
) -> Page:
    """A document of a kind about September."""
    made_of = replace(portraits.edition(MONTH), kind=kind, edition=edition, **more)
    made = document.draft(
        REPORTS[kind],
        subject,
        made_of,
        document.press(language, ink),
        document.environment(_NOWHERE, language),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": None}],
    )
    return Page(made.html, made.figures)


# The bulletin


def warning(
    rule: str, account: str = "A-1", raised: str = "2026-08-15", **cells: object
) -> dict[str, object]:
    """A warning that holds; recorded, about business at risk."""
    return {
        "account_id": account, "customer_id": account, "rule": rule, "about": "", "since_on": "2026-07-01",
        "raised_on": raised, "confidence": "recorded", "ground": "recorded", "at_stake_amount": 1_000_000 * _LEVELS,
        "currency": "CNY", "actor_id": "M-1", "is_at_stake": True, "play": "一周内提出挽留方案",
        "play_en": "Propose a way to keep it within a week", **cells,
    }  # fmt: skip


WARNINGS = (
    warning("sales_drop", about="orders", observed=13.0, expected=23.5, confidence="high"),
    warning("change_unconfirmed", about="CR-1"),
    warning("change_unconfirmed", about="CR-2", raised="2026-09-10", since_on="2026-08-20"),
    warning("competitor", "A-2", about="quote/泰岳输送", raised="2026-09-05"),
    warning("no_backup", "A-3", is_at_stake=False),
    warning("order_gap", "A-3", raised="2026-03-01", until_on="2026-09-20", observed=66.0, expected=65.0),
)


def people() -> tuple[Slice, ...]:
    """Three customers, each its own account, and two managers."""
    names = {"A-1": "朔辰电子科技有限公司", "A-2": "Bluemesa Fulfillment Inc.", "A-3": "栖禾食品有限公司"}
    made = [
        Slice(Subject(key, name, currency="CNY", kind=kind), (), {})
        for kind in ("customer", "account")
        for key, name in names.items()
    ]
    managers = [
        Slice(Subject(key, name, kind="manager"), (), {})
        for key, name in (("M-1", "陆知行"), ("M-2", "程屿"))
    ]
    return (*made, *managers)


def bulletin(*warnings: Mapping[str, object], **tables: pd.DataFrame) -> Slice:
    """The portfolio with these warnings; A-2 has more at stake than A-1."""
    stakes = [
        {"customer_id": name, "from_on": "2026-07-01", "at_stake_amount": amount * _LEVELS}
        for name, amount in (("A-1", 3_000_000), ("A-2", 5_000_000))
    ]
    risky = {str(each["customer_id"]) for each in warnings if each["is_at_stake"] and "until_on" not in each}
    readings = [
        told("business_at_risk", 8_000_000.0 if risky else 0.0, MONTH),
        told("customers_at_risk", float(len(risky)), MONTH),
        told("open_warnings", float(len(warnings)), MONTH),
        told("warnings_raised", 2.0, MONTH),
        told("false_warnings_used", 1.4, TWELVE, n=600.0),
        told("revenue_protected", 7_600_000.0, TWELVE),
        told("handover_in_time", 0.5, TWELVE, numerator=1.0, denominator=2.0, n=2.0),
        told("warning_precision", 0.5, TWELVE, numerator=2.0, denominator=4.0, low=0.15, high=0.85),
        told(
            "warning_precision",
            1.0,
            TWELVE,
            "rule=sales_drop",
            numerator=2.0,
            denominator=2.0,
            low=0.34,
            high=1.0,
        ),
        told(
            "warning_precision",
            0.0,
            TWELVE,
            "rule=order_gap",
            numerator=0.0,
            denominator=2.0,
            low=0.0,
            high=0.66,
        ),
        told("warning_lead_time", 92.0, TWELVE),
    ]
    rows = {
        "warnings": table("warnings", *warnings),
        "at_risk": table("at_risk", *stakes),
        "warning_outcomes": table(
            "warning_outcomes",
            {
                "account_id": "A-3", "customer_id": "A-3", "rule": "order_gap", "raised_on": "2026-03-01",
                "decided_on": "2026-08-28", "is_true": False, "is_false_alarm": True,
            },
        ),
        "losses": table(
            "losses",
            {
                "customer_id": "A-1", "kind": "sales_lost", "event_on": "2026-07-31", "warned_on": "2026-04-30",
                "lead_days": 92, "is_foretold": True,
            },
            {"customer_id": "A-3", "kind": "long_overdue", "event_on": "2026-05-31", "is_foretold": False},
        ),
        "handovers": table(
            "handovers",
            {
                "account_id": "A-1", "customer_id": "A-1", "person_id": "M-2", "side": "ours", "left_on": "2026-09-10",
                "is_due": True, "is_met": False,
            },
        ),
        "interventions": table(
            "interventions",
            {
                "account_id": "A-2", "customer_id": "A-2", "opened_on": "2026-07-11", "risk": "competitor",
                "offered": "延保两年", "cost_amount": 38_000 * _LEVELS,
                "revenue_at_stake_amount": 1_500_000 * _LEVELS, "currency": "CNY", "outcome": "open",
            },
        ),
        **tables,
    }  # fmt: skip
    whole = Subject("all", "衡川智能装备", "Hengchuan Automation", currency="CNY", kind="portfolio")
    return Slice(whole, tuple(readings), rows, members=people())


BACK_TEST = BackTestRule(valid_from=date(1990, 1, 1))


# The brief


def brief(**tables: pd.DataFrame) -> Slice:
    """A customer in trouble: two warnings, a blind spot, an overdue need, a plan that is behind."""
    about = {"subject_kind": "customer", "subject_id": "A-1"}
    readings = [
        told("net_sales", 1_480_000.0, YEAR, **about),
        told("net_sales", 2_520_000.0, TWELVE, **about),
        told("sales_growth", -0.362, YEAR, **about),
        told("gross_margin", 0.341, YEAR, **about),
        told("share_of_wallet", 0.4, TWELVE, denominator=6_300_000.0, **about),
        said("customer_class", "core_value", TWELVE, **about),
        said("revenue_band", "key", TWELVE, **about),
        said("class_before", "high_potential", MONTH, **about),
        said("class_move", "up", MONTH, **about),
        said("lifecycle_stage", "deep", MONTH, **about),
        told("contract_days_left", 92.0, MONTH, **about),
        told("contract_fulfilment", 0.6, TWELVE, **about),
        told("receivables", 400_000.0, MONTH, **about),
        told("overdue_amount", 150_000.0, MONTH, **about),
        told("health", 0.25, MONTH, before=0.19, **about),
        told("health", 0.0, MONTH, "measure=otif_orders", numerator=0.25, **about),
        told("health", 1.0, MONTH, "measure=csat", numerator=0.95, **about),
        told("health_vetoes", 0.0, MONTH, **about),
        told("open_warnings", 2.0, MONTH, **about),
        told("business_at_risk", 3_430_000.0, MONTH, **about),
        told("cadence_compliance", 0.5, YEAR, numerator=1.0, denominator=2.0, **about),
        told("decision_chain_coverage", 0.5, MONTH, numerator=1.0, denominator=2.0, **about),
    ]
    rows = {
        "warnings": table("warnings", WARNINGS[0], {**WARNINGS[4], "account_id": "A-1", "customer_id": "A-1"}),
        "competitor_events": table(
            "competitor_events",
            {
                "account_id": "A-1", "customer_id": "A-1", "competitor": "泰岳输送", "seen_on": "2026-08-03",
                "kind": "quote", "price_gap_pct": -1200, "description": "输送线改造口头询价",
            },
        ),
        "customer_needs": table(
            "customer_needs",
            _need("ND-1", "organisation", "验收标准不一致", "overdue", "2026-09-25"),
            _need("ND-2", "business", "按周交付", "open", "2026-10-10"),
            _need("ND-3", "personal", "喜欢钓鱼", "open", "2026-10-11"),
            _need("ND-4", "business", "已满足的需求", "met", "2026-08-11"),
        ),
        "client_roles": table("client_roles", _role("procurement")),
        "blind_spots": table("blind_spots", _role("economic_buyer")),
        "our_roles": table("our_roles", _role("owner")),
        "touchpoints": table(
            "touchpoints",
            _touch("visit", "kept", "2026-03-31"),
            _touch("visit", "missed", "2026-06-30"),
            _touch("visit", "open", "2026-12-31"),
        ),
        "objectives": table(
            "objectives",
            {
                "customer_id": "A-1", "plan_id": "P-1", "objective": "2026年销售额", "metric": "net_sales",
                "baseline": 4_200_000 * _LEVELS, "target": 4_536_000 * _LEVELS, "actual": 1_480_000 * _LEVELS,
                "due_on": "2026-12-31", "basis": "measured", "state": "behind",
            },
        ),
        "commitments": table(
            "commitments",
            _action("AC-1", "提交交付改善方案", "ours", "overdue", "2026-09-15"),
            _action("AC-2", "开放测试环境", "client", "open", "2026-10-20"),
            _action("AC-3", "已完成的行动", "ours", "kept", "2026-08-20"),
        ),
        "whitespace": table(
            "whitespace",
            {
                "customer_id": "A-1", "product_id": "P31", "current_amount": 0, "whitespace_amount": 100_000 * _LEVELS,
                "place": 1, "because_product_id": "P12", "confidence_pct": 0.793,
            },
        ),
        "activities": table(
            "activities",
            {
                "account_id": "A-1", "customer_id": "A-1", "manager_id": "M-1", "kind": "visit", "held_on": "2026-09-02",
                "status": "held", "is_face_to_face": True, "outcome": "复盘上月工单",
            },
            {
                "account_id": "A-1", "customer_id": "A-1", "manager_id": "M-1", "kind": "review",
                "held_on": "2026-10-09", "status": "planned", "is_face_to_face": False,
            },
        ),
        **tables,
    }  # fmt: skip
    about_it = Subject(
        "A-1", "朔辰电子科技有限公司", "Shuochen Electronics", currency="CNY", owner_name="陆知行"
    )
    products = [
        Slice(Subject(key, name, kind="product"), (), {})
        for key, name in (("P31", "远程诊断"), ("P12", "分拣机"))
    ]
    members = [each for each in people() if each.subject.kind == "manager"]
    return Slice(about_it, tuple(readings), rows, members=(*members, *products))


BORDERS = Borders(medium=900_000.0, last_high=2_000_000.0, first_below=1_830_000.0)


def _need(name: str, kind: str, text: str, state: str, due: str) -> dict[str, object]:
    return {
        "customer_id": "A-1", "need_id": name, "kind": kind, "description": text, "raised_on": "2026-07-01",
        "owner_id": "M-1", "due_on": due, "state": state,
    }  # fmt: skip


def _action(name: str, text: str, side: str, state: str, due: str) -> dict[str, object]:
    return {
        "action_id": name,
        "description": text,
        "side": side,
        "owner": "陆知行",
        "due_on": due,
        "state": state,
    }


def _role(role: str) -> dict[str, object]:
    return {"customer_id": "A-1", "role": role, "from_on": "2021-08-02"}


def _touch(line: str, state: str, due: str) -> dict[str, object]:
    return {"customer_id": "A-1", "line": line, "state": state, "from_on": "2026-01-01", "due_on": due}


# The pay draft


def drafted(
    rows: Mapping[str, Sequence[payrolls.Row]], *plans: PayPlanRule, subject: str = "M1"
) -> tuple[Slice, tuple[PayPlanRule, ...]]:
    """The slice of a manager's pay draft as compute leaves it: its lines, and readings that add them up."""
    lines = payrolls.inputs(rows, *plans).made("pay_lines")
    own = lines[lines["manager_id"] == subject]
    readings = []
    for window in (MONTH, YEAR):
        inside = (own["falls_on"] >= pd.Timestamp(window.from_on)) & (
            own["falls_on"] < pd.Timestamp(window.until_on)
        )
        parts = {
            metric: own[inside & (own["part"] == part)]
            for metric, part in (
                ("base_salary", "base_salary"), ("bonus", "bonus"), ("commission", "commission"),
                ("commission_clawback", "clawback"),
            )
        }  # fmt: skip
        sums = {name: float(each["amount"].sum()) / _LEVELS for name, each in parts.items()}
        waits = (parts["bonus"]["gate"] == "not_measured").any()
        about = {"subject_kind": "manager", "subject_id": subject, "audience": "restricted"}
        readings += [
            told(
                name,
                None if waits and name == "bonus" else value,
                window,
                reason="low_coverage" if waits else "",
                **about,
            )
            for name, value in {**sums, "pay_draft": None if waits else sum(sums.values())}.items()
        ]
    accounts = tuple(
        Slice(Subject(str(each["account_id"]), f"{each['name']}公司", kind="account"), (), {})
        for each in rows["accounts"]
    )
    who = Subject(subject, "沈予安", currency="CNY", team_name="华东", lead_name="顾明澈", kind="manager")
    return Slice(who, tuple(readings), {"pay_lines": own}, members=accounts), plans


# Competence


def skills(*levels: tuple[str, str, int, int], before: int = 2) -> pd.DataFrame:
    """A manager's skills as (skill, area, level, asked for) now, all at one level a year before."""
    rows = [
        {
            "subject_kind": kind, "subject_id": who, "manager_id": "M-01", "skill": skill, "area": area,
            "assessed_on": "2026-06-19", "level": level if until == "2026-10-01" else before,
            "target_level": asked, "gap": max(asked - level, 0), "until_on": until,
        }
        for kind, who in (("manager", "M-01"), ("team", "T1"))
        for until in ("2026-10-01", "2025-10-01")
        for skill, area, level, asked in levels
    ]  # fmt: skip
    return table("competence_levels", *rows)
