"""Portfolios written by hand for the portfolio report: customers and managers as compute leaves them, September 2026.

`rich` has everything, `sparse` sales and customers alone, `crowd` hundreds of customers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.catalogue import catalogue
from pipeline.periods import Window, window_ending
from pipeline.press import document
from pipeline.press.reports import REPORTS, Report
from pipeline.press.slices import Reading, Slice, Subject
from pipeline.press.svg import Ink
from pipeline.rules.customers import TierRule
from tests import portraits
from tests.section_pages import Page

PORTFOLIO = REPORTS["portfolio_report"]
SECTIONS = (
    "portfolio_headline", "decisions", "concentration", "value_matrix", "relationships", "portfolio_receivables",
    "managers", "run_ledger",
)  # fmt: skip
_NOWHERE = Path("/nowhere")


def window(name: str) -> Window:
    """A window that ends with September 2026."""
    found = window_ending(name, portraits.PERIOD.until_on)
    assert found is not None
    return found


MONTH, YEAR, TWELVE = window("month"), window("ytd"), window("t12m")


def told(metric: str, value: float | None, over: Window, breakdown: str = "", **more: Any) -> Reading:
    """A reading in the metric's own unit, of the portfolio unless another subject is named."""
    unit = catalogue()[metric].unit
    about = {
        "subject_kind": "portfolio",
        "subject_id": "all",
        "unit": unit,
        "currency": "CNY" if unit == "money" else "",
    }
    return portraits.reading(metric, value, over, breakdown, **{**about, **more})


def said(metric: str, text: str | None, over: Window, **more: Any) -> Reading:
    """A reading of words."""
    return told(metric, None, over, text=text, reason="", **more)


@dataclass(frozen=True)
class Firm:
    """A customer as a test names it: twelve months' sales, what it could buy, its class now and before."""

    name: str
    sales: float
    potential: float | None = None
    kind: str = "maintain"
    was: str = ""
    border: str = ""
    sold: float = 0.0
    year_ago: float = 0.0
    growth: float | None = 0.1
    stage: str = "symbiosis"
    band: str = "key"
    receivables: float = 0.0
    overdue: float = 0.0

    @property
    def move(self) -> str:
        order = ("core_value", "high_potential", "maintain", "to_optimise", "not_classed")
        if not self.was or self.was == self.kind:
            return "same"
        return "up" if order.index(self.kind) < order.index(self.was) else "down"

    def slice(self, place: int, tables: Mapping[str, pd.DataFrame]) -> Slice:
        """What the report may know of the customer."""
        name = f"A-{place:03}"
        about = {"subject_kind": "customer", "subject_id": name}
        share = None if self.potential is None else self.sales / self.potential
        readings = [
            told("net_sales", self.sales, TWELVE, **about),
            told("net_sales", self.sold, MONTH, year_ago=self.year_ago, **about),
            told("sales_growth", self.growth, TWELVE, **about),
            told("gross_margin", 0.3, TWELVE, **about),
            told("share_of_wallet", share, TWELVE, denominator=self.potential, **about),
            said("customer_class", self.kind, TWELVE, **about),
            said("class_before", self.was or self.kind, MONTH, **about),
            said("class_move", self.move, MONTH, **about),
            said("class_border", self.border or None, MONTH, **about),
            said("lifecycle_stage", self.stage, TWELVE, **about),
            said("revenue_band", self.band, TWELVE, **about),
            told("receivables", self.receivables, MONTH, **about),
            told("overdue_amount", self.overdue, MONTH, **about),
            told(
                "overdue_share", self.overdue / self.receivables if self.receivables else None, MONTH, **about
            ),
            told("weighted_days_late", 12.5, TWELVE, **about),
        ]
        rows = {key: own[own["customer_id"] == name] for key, own in tables.items()}
        return Slice(Subject(name, self.name, currency="CNY"), tuple(readings), rows)


@dataclass(frozen=True)
class Person:
    """A manager as a test names it: sales of the year, target, orders kept of those due, answers satisfied of all."""

    name: str
    sales: float
    target: float | None = None
    kept: tuple[int, int] = (0, 0)
    happy: tuple[int, int] = (0, 0)
    team: str = "华东大客户部"
    growth: float | None = 0.1
    otif_target: float | None = 0.95

    def slice(self, place: int) -> Slice:
        """What the report may know of the manager."""
        name = f"M-{place:02}"
        about: dict[str, Any] = {"subject_kind": "manager", "subject_id": name}
        readings = [
            told("net_sales", self.sales, YEAR, target=self.target, **about),
            told("sales_target", self.target, YEAR, **about),
            told("sales_growth", self.growth, YEAR, **about),
            told("gross_margin", 0.33, YEAR, **about),
            told("customers_by_class", 4.0, MONTH, **about),
            replace(
                portraits.rate("otif_orders", self.kept, YEAR, "basis=first_promised", self.otif_target),
                **about,
            ),
            replace(portraits.rate("csat", self.happy, YEAR, target=0.85), **about),
        ]
        about_them = Subject(name, self.name, team_name=self.team, currency="CNY", kind="manager")
        return Slice(about_them, tuple(readings), {})


FIRMS = (
    Firm("岚渡供应链集团有限公司", 9_000_000, 20_000_000, "core_value", band="strategic", receivables=800_000, overdue=90_000),
    Firm("汐川零售连锁股份有限公司", 2_000_000, 3_000_000, receivables=400_000, overdue=60_000, growth=-0.2),
    Firm("朔辰电子科技有限公司", 1_500_000, 4_000_000, "high_potential", "maintain", "potential", sold=300_000, year_ago=100_000),
    Firm("霁蓝家居有限公司", 1_200_000, 2_000_000, stage="deep"),
    Firm("朗墨商业有限公司", 1_000_000, 1_250_000, "maintain", "not_classed", "value", sold=900_000, year_ago=100_000),
    Firm("稔丰食品有限公司", 800_000, None, stage="deep", band="base"),
    Firm("栖盛商贸有限公司", 600_000, 2_400_000, "not_classed", "high_potential", "value", stage="stable", band="base"),
    Firm("洛迦商贸有限公司", 400_000, 1_000_000, "to_optimise", stage="stable", band="below"),
    Firm("鲸屿商务有限公司", 300_000, 900_000, "not_classed", stage="initial", band="below"),
    Firm("织川服饰有限公司", 200_000, 150_000, "not_classed", stage="initial", band="below"),
    Firm("沉睡实业有限公司", 0.0, 500_000, "not_classed", stage="lapsed", band="below", growth=None),
)  # fmt: skip
PEOPLE = (
    Person("沈予安", 5_000_000, 6_000_000, (80, 100), (25, 32)),
    Person("顾明澈", 7_000_000, 6_500_000, (84, 100), (27, 32), growth=-0.05),
    Person("陆知行", 4_000_000, 4_000_000, (50, 100), (9, 10), team="华南大客户部"),
    Person("韩若溪", 1_000_000, None, (86, 100), (3, 3), team="华南大客户部", growth=None),
)


def portfolio(
    readings: Sequence[Reading],
    firms: Sequence[Firm] = (),
    people: Sequence[Person] = (),
    tables: Mapping[str, pd.DataFrame] | None = None,
) -> Slice:
    """The portfolio's slice with its customers and managers."""
    rows = dict(tables or {})
    members = (
        *(each.slice(place, rows) for place, each in enumerate(firms, 1)),
        *(each.slice(place) for place, each in enumerate(people, 1)),
    )
    whole = Subject("all", "衡川智能装备", "Hengchuan Automation", currency="CNY", kind="portfolio")
    return Slice(whole, tuple(readings), rows, members=members)


def sales(amounts: Sequence[float], **more: Any) -> list[Reading]:
    """Net sales by month, and of the year to date with their growth."""
    windows = portraits.months()[-len(amounts) :]
    made = [told("net_sales", amount, each) for amount, each in zip(amounts, windows, strict=True)]
    year_to_date = sum(amounts[-9:])
    before = more.pop("year_ago", None)
    growth = None if before is None else (year_to_date - before) / before
    change = None if before is None else year_to_date - before
    return [
        *made,
        told("net_sales", year_to_date, YEAR, year_ago=before, **more),
        told("sales_growth", growth, YEAR, numerator=change, denominator=before),
    ]


def bridge(**parts: float) -> list[Reading]:
    """The bridge of the year to date; the whole is what its parts add up to."""
    made = [told("sales_bridge", amount, YEAR, f"part={part}") for part, amount in parts.items()]
    return [*made, told("sales_bridge", sum(parts.values()), YEAR)]


def concentrated(firms: Sequence[Firm], limit: float = 0.1) -> list[Reading]:
    """What the metrics of concentration say of these customers."""
    amounts = sorted((each.sales for each in firms if each.sales > 0), reverse=True)
    total, count = sum(amounts), len(amounts)
    place = next(at for at in range(1, count + 1) if sum(amounts[:at]) / total + at / count >= 1)
    ranked = sorted(amounts)
    gini = sum((2 * at - count - 1) * each for at, each in enumerate(ranked, 1)) / (count * total)
    return [
        told("pareto_customers", place / count, TWELVE),
        told("pareto_sales", sum(amounts[:place]) / total, TWELVE),
        told("customer_gini", gini, TWELVE, year_ago=gini + 0.02),
        told(
            "concentrated_customers",
            float(sum(each >= limit * total for each in amounts)),
            TWELVE,
            year_ago=2.0,
        ),
        told("effective_customers", total**2 / sum(each**2 for each in amounts), TWELVE, year_ago=4.0),
        told("top_customer_share", amounts[0] / total, TWELVE, year_ago=0.5),
        told("top_5_share", sum(amounts[:5]) / total, TWELVE, year_ago=0.9),
        told("top_10_share", sum(amounts[:10]) / total, TWELVE, year_ago=1.0),
    ]


def classed(firms: Sequence[Firm]) -> list[Reading]:
    """How many customers with sales are in each class."""
    kinds = [each.kind for each in firms if each.sales > 0]
    made = [
        told("customers_by_class", float(kinds.count(kind)), MONTH, f"class={kind}") for kind in set(kinds)
    ]
    return [*made, told("customers_by_class", float(len(kinds)), MONTH)]


def cadence(**lines: tuple[int, int, int]) -> list[Reading]:
    """Touchpoints of the year by line of the plan, as (kept, missed, due)."""
    made = []
    for line, (kept, missed, due) in lines.items():
        share = kept / due if due else None
        made += [
            told(
                "cadence_compliance",
                share,
                YEAR,
                f"line={line}",
                numerator=float(kept),
                denominator=float(due),
            ),
            told("touchpoints_missed", float(missed), YEAR, f"line={line}"),
        ]
    kept, due = sum(each[0] for each in lines.values()), sum(each[2] for each in lines.values())
    return [
        *made,
        told("cadence_compliance", kept / due, YEAR, numerator=float(kept), denominator=float(due)),
    ]


def touchpoints(*rows: tuple[int, str, str, str]) -> pd.DataFrame:
    """Touchpoints as (place of the customer, line, state, due day)."""
    made = [
        {
            "customer_id": f"A-{place:03}",
            "line": line,
            "state": state,
            "from_on": pd.Timestamp("2026-07-01"),
            "due_on": pd.Timestamp(due),
            "held_on": pd.NaT,
            "days_late": None,
        }
        for place, line, state, due in rows
    ]
    columns = ["customer_id", "line", "state", "from_on", "due_on", "held_on", "days_late"]
    return pd.DataFrame(made, columns=columns)


def late_positions(*rows: tuple[int, str, int, str]) -> pd.DataFrame:
    """Overdue invoices as (place of the customer, invoice, days late, day from which this holds)."""
    made = [
        {
            "customer_id": f"A-{place:03}",
            "invoice_id": invoice,
            "from_on": pd.Timestamp(day),
            "until_on": pd.Timestamp(day) + pd.Timedelta(days=1),
            "days_late": days,
            "is_disputed": False,
        }
        for place, invoice, days, day in rows
    ]
    return pd.DataFrame(
        made, columns=["customer_id", "invoice_id", "from_on", "until_on", "days_late", "is_disputed"]
    )


def levels(*rows: tuple[int, float, str, str | None]) -> pd.DataFrame:
    """Growth of customers' industries as (place of the customer, share a year, from, until)."""
    made = [
        {
            "customer_id": f"A-{place:03}",
            "level": "growth",
            "value": round(share * 10_000),
            "from_on": pd.Timestamp(first),
            "until_on": pd.NaT if last is None else pd.Timestamp(last),
        }
        for place, share, first, last in rows
    ]
    return pd.DataFrame(made, columns=["customer_id", "level", "value", "from_on", "until_on"])


def ageing(**buckets: float) -> list[Reading]:
    """Receivables by age (`not_due`, `d1_30` …), what of them is overdue, and the month before."""
    names = {key: key.removeprefix("d").replace("_", "-") if key != "not_due" else key for key in buckets}
    made = [told("ageing", value, MONTH, f"bucket={names[key]}") for key, value in buckets.items()]
    total = sum(buckets.values())
    late = total - buckets.get("not_due", 0.0)
    return [
        *made,
        told("receivables", total, MONTH, year_ago=total * 0.9),
        told("overdue_amount", late, MONTH),
        told("overdue_share", late / total, MONTH, before=late / total - 0.05, year_ago=0.1),
        told("dso_countback", 61.4, MONTH, year_ago=58.0),
    ]


AMOUNTS = [1_500_000.0, 1_600_000.0, 1_400_000.0, *[1_900_000.0] * 8, 2_100_000.0]


def rich() -> Slice:
    """Everything the report tells of."""
    year = sum(AMOUNTS[-9:])
    parts = {
        "volume": 900_000.0,
        "price": 250_000.0,
        "mix": -90_000.0,
        "new": 1_700_000.0,
        "lost": -760_000.0,
    }
    readings = [
        *sales(AMOUNTS, year_ago=year - sum(parts.values())),
        *bridge(**parts, currency=0.0, other=0.0),
        told("sales_target", 18_500_000.0, YEAR),
        told("sales_attainment", year / 18_500_000, YEAR),
        told("gross_margin", 0.341, YEAR, target=0.32),
        told("net_revenue_retention", 0.97, TWELVE, target=1.0),
        told("turnover_days", 63.8, TWELVE, target=60.0, verdict="watch"),
        *concentrated(FIRMS),
        *classed(FIRMS),
        told("customers_by_stage", 10.0, MONTH),
        *cadence(visit=(9, 1, 10), needs_review=(1, 8, 10)),
        *ageing(not_due=900_000.0, d1_30=100_000.0, d31_60=40_000.0, d61_90=10_000.0),
        replace(portraits.rate("otif_orders", (800, 1000), YEAR, "basis=first_promised", 0.95), subject_kind="portfolio", subject_id="all"),
        replace(portraits.rate("csat", (80, 100), YEAR, target=0.85), subject_kind="portfolio", subject_id="all"),
    ]  # fmt: skip
    tables = {
        "touchpoints": touchpoints(
            (1, "visit", "kept", "2026-09-10"),
            (2, "needs_review", "missed", "2026-09-30"),
            (3, "needs_review", "late", "2026-09-30"),
            (4, "visit", "missed", "2026-06-30"),
            (5, "visit", "open", "2026-12-31"),
            (6, "needs_review", "open", "2026-10-15"),
        ),
        "late_positions": late_positions(
            (1, "IV-1", 40, "2026-09-30"), (1, "IV-2", 12, "2026-09-30"), (1, "IV-3", 90, "2026-08-31"),
            (2, "IV-4", 7, "2026-09-30"),
        ),
        "account_levels": levels((3, 0.12, "2025-01-01", "2026-01-01")),
    }  # fmt: skip
    return portfolio(readings, FIRMS, PEOPLE, tables)


def sparse() -> Slice:
    """Three customers and their sales of three months; no year before, no targets, no managers."""
    firms = [Firm(f"客户{place}有限公司", 100_000.0 * place, None, growth=None) for place in (1, 2, 3)]
    readings = [*sales([150_000.0, 200_000.0, 250_000.0]), *concentrated(firms, limit=0.9), *classed(firms)]
    return portfolio(readings, firms)


def crowd(count: int = 400) -> Slice:
    """Hundreds of customers, many of them moved."""
    firms = [
        Firm(
            f"第{place}客户有限公司",
            1_000_000.0 / place**0.7,
            2_000_000.0 / place**0.5,
            "high_potential" if place % 3 else "not_classed",
            "maintain" if place % 9 == 1 else "",
            "potential" if place % 9 == 1 else "",
            sold=90_000.0 / place,
            year_ago=60_000.0 / place,
        )
        for place in range(1, count + 1)
    ]
    return portfolio([*sales([1e6] * 12), *concentrated(firms), *classed(firms)], firms)


def page(
    subject: Slice,
    ink: Ink,
    sections: tuple[str, ...] = SECTIONS,
    language: str = "zh-Hans",
    tier: TierRule | None = None,
    kind: str = "portfolio_report",
    **more: Any,
) -> Page:
    """These sections of the month's portfolio report, or of another kind; `more` is what else the edition knows."""
    model = REPORTS[kind]
    audience = "restricted" if sections == ("pay_accrual",) else model.audience
    report = Report(kind, model.title, audience, model.subject_kind, sections, model.members)
    edition = replace(
        portraits.edition(MONTH),
        kind=kind,
        lines={"visit": "维持型客户每半年拜访", "needs_review": "高潜力客户每季度需求评审"},
    )
    made = document.draft(
        report,
        subject,
        replace(edition if tier is None else replace(edition, tier=tier), **more),
        document.press(language, ink),
        document.environment(_NOWHERE, language),
        catalogue(),
        lambda metric, *_: [{"name": metric, "rows": None}],
    )
    return Page(made.html, made.figures)


def present(subject: Slice) -> tuple[str, ...]:
    """Which sections the report would hold."""
    return tuple(each.name for each in document.present(PORTFOLIO, subject, portraits.edition(MONTH)))
