"""The kinds of documents: whom each is for, what it is about, and which sections it holds in which order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
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


REPORTS: dict[str, Report] = {
    report.kind: report
    for report in (
        Report(
            "value_report",
            N_("Customer value report"),
            "client",
            "customer",
            ("cover", "glance", "goals", "value", "orders", "service", "commitments", "method"),
        ),
        Report(
            "manager_scorecard",
            N_("Manager scorecard"),
            "internal",
            "manager",
            ("performance", "weighted_score", "kinds", "served", "signatures"),
            members=("customer", "account"),
        ),
        Report(
            "portfolio_report",
            N_("Portfolio report"),
            "internal",
            "portfolio",
            (
                "portfolio_headline",
                "kinds",
                "concentration",
                "value_matrix",
                "relationships",
                "portfolio_receivables",
                "managers",
            ),
            members=("customer", "manager"),
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


def sections_of(report: Report) -> tuple[Section, ...]:
    """The report's sections, in order."""
    return tuple(SECTIONS.get(name) for name in report.sections)


def check_reports(metrics: Mapping[str, Any]) -> None:
    """Stop before any document is made where a report could print what its readers may not see."""
    for report in REPORTS.values():
        for section in sections_of(report):
            check(section, report.audience, metrics)
