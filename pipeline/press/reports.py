"""The kinds of documents: whom each is for, what it is about, and which sections it holds in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pipeline.errors import SettingsError, nearest
from pipeline.sections import N_, SECTIONS, Section, check


@dataclass(frozen=True)
class Report:
    """A kind of document: for whom, of which subjects, with which sections in which order."""

    kind: str
    title: str
    audience: str
    subject_kind: str
    sections: tuple[str, ...]
    members: tuple[str, ...] = ()
    """Kinds of subjects that the document tells of beside its own: the customers of a manager."""
    format: str = "pdf"
    """pdf, or html: one file for a screen."""
    editions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Editions beside the full one, by name: other sections, or the same in another order."""
    restricted: tuple[str, ...] = ()
    """Those of the editions that only the manager, the lead and finance may see."""
    monthly: tuple[str, ...] = ()
    """What the full edition holds where it tells of one month; empty: the same as otherwise."""

    needs_consent: bool = False
    """Whether it is made only for clients who agreed to it."""

    def audience_of(self, edition: str) -> str:
        """Whom an edition is for."""
        return "restricted" if edition in self.restricted else self.audience


FULL = "full"
"""The edition that holds the report's own sections."""

REPORTS: dict[str, Report] = {
    report.kind: report
    for report in (
        Report(
            "value_report",
            N_("Customer value report"),
            "client",
            "customer",
            (
                "cover",
                "glance",
                "goals",
                "value",
                "orders",
                "service",
                "usage",
                "commercial",
                "joint_projects",
                "value_added",
                "commitments",
                "restated",
                "method",
            ),
            editions={
                "procurement": (
                    "cover",
                    "commercial",
                    "value",
                    "value_added",
                    "orders",
                    "restated",
                    "method",
                ),
                "business": (
                    "cover",
                    "glance",
                    "goals",
                    "value",
                    "orders",
                    "service",
                    "usage",
                    "commitments",
                    "restated",
                    "method",
                ),
                "executive": ("masthead", "glance", "executive_value", "next_steps"),
            },
            monthly=("masthead", "glance", "orders", "service", "commitments", "restated"),
        ),
        Report(
            "dashboard",
            N_("Customer dashboard"),
            "client",
            "customer",
            (
                "dashboard_summary",
                "dashboard_value",
                "dashboard_orders",
                "dashboard_service",
                "dashboard_commitments",
                "dashboard_method",
            ),
            format="html",
        ),
        Report(
            "success_story",
            N_("Success story"),
            "client",
            "customer",
            ("story",),
            needs_consent=True,
        ),
        Report(
            "industry_insight",
            N_("Industry insight, monthly issue"),
            "client",
            "industry",
            ("insight",),
        ),
        Report(
            "manager_scorecard",
            N_("Manager scorecard"),
            "internal",
            "manager",
            ("performance", "weighted_score", "kinds", "served", "signatures"),
            members=("customer", "account"),
            editions={
                "restricted": ("performance", "weighted_score", "kinds", "served", "competence", "signatures")
            },
            restricted=("restricted",),
        ),
        Report(
            "team_report",
            N_("Team report"),
            "internal",
            "team",
            (
                "portfolio_headline",
                "decisions",
                "team_customers",
                "managers",
                "value_at_risk",
                "relationships",
                "portfolio_receivables",
                "open_business",
            ),
            members=("customer", "manager"),
        ),
        Report(
            "portfolio_report",
            N_("Portfolio report"),
            "internal",
            "portfolio",
            (
                "portfolio_headline",
                "decisions",
                "kinds",
                "concentration",
                "value_matrix",
                "relationships",
                "value_at_risk",
                "profitability",
                "portfolio_receivables",
                "managers",
                "whitespace_map",
                "open_business",
                "run_ledger",
            ),
            members=("customer", "manager", "product", "team"),
            editions={"restricted": ("pay_accrual",)},
            restricted=("restricted",),
        ),
        Report(
            "warning_bulletin",
            N_("Early-warning bulletin"),
            "internal",
            "portfolio",
            ("bulletin", "bulletin_changes", "bulletin_past"),
            members=("customer", "account", "manager"),
        ),
        Report(
            "pay_draft",
            N_("Pay draft"),
            "restricted",
            "manager",
            ("pay", "pay_sales", "pay_equity", "pay_signatures"),
            members=("account",),
        ),
        Report(
            "account_brief",
            N_("Account brief"),
            "internal",
            "customer",
            ("brief", "brief_risks", "brief_people", "brief_plan"),
            members=("account", "manager", "product"),
        ),
    )
}


def report_of(kind: str) -> Report:
    """The report of that kind. SettingsError KB-1048 names the nearest."""
    if kind not in REPORTS:
        raise SettingsError(
            where="policy/reports.toml",
            what=f"there is no document of kind {kind!r}",
            nearest=nearest(kind, REPORTS),
            fix=f"use one of {', '.join(REPORTS)}",
            code="KB-1048",
        )
    return REPORTS[kind]


def sections_of(report: Report, edition: str = FULL, window: str = "") -> tuple[Section, ...]:
    """The sections of an edition of the report, in order; of the full one those of its window.

    SettingsError KB-1063 names the nearest edition.
    """
    is_short = window == "month" and report.monthly
    known = {FULL: report.monthly if is_short else report.sections, **report.editions}
    if edition not in known:
        raise SettingsError(
            where=f"policy/reports.toml: {report.kind}",
            what=f"there is no edition {edition!r}",
            nearest=nearest(edition, known),
            fix=f"use one of {', '.join(known)}",
            code="KB-1063",
        )
    return tuple(SECTIONS.get(name) for name in known[edition])


def every_section(report: Report) -> tuple[Section, ...]:
    """The sections of all editions and forms of the report, each once."""
    names = (*report.sections, *report.monthly, *(name for each in report.editions.values() for name in each))
    return tuple(SECTIONS.get(name) for name in dict.fromkeys(names))


def check_reports(metrics: Mapping[str, Any]) -> None:
    """Stop before any document is made where a report could print what its readers may not see."""
    for report in REPORTS.values():
        for section in sections_of(report, window="month"):
            check(section, report.audience, metrics)
        for edition in (FULL, *report.editions):
            for section in sections_of(report, edition):
                check(section, report.audience_of(edition), metrics)
