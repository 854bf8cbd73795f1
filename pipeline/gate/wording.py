"""How a finding is said to the people who mend it: names of tables, severities and sections, and rules in words. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline import pages
from pipeline.gate.expectations import Gettext
from pipeline.gate.findings import Finding
from pipeline.press.languages import catalogue, language
from pipeline.sections import SECTIONS

_HAN = re.compile("[\u4e00-\u9fff]")


def severity_names(_: Gettext) -> dict[str, str]:
    """The severities by name, worst first."""
    return {"critical": _("Critical"), "warning": _("Warning"), "info": _("Information")}


def said(finding: Mapping[str, Any], language_name: str) -> str:
    """What does not hold; where the reason is in Chinese and the page is not, the rule as its name states it."""
    if is_foreign(str(finding["why"]), language_name):
        return rule(catalogue(language_name).ugettext, finding["expectation"])
    return str(finding["why"])


def is_foreign(text: str, language_name: str) -> bool:
    """Whether a page in a language without Chinese characters would show a text that has them."""
    return not language(language_name).is_han and bool(_HAN.search(text))


def rule(_: Gettext, expectation: str) -> str:
    """A rule that does not hold, by the name of its expectation alone."""
    return _("Rule broken: {rule}").format(rule=pages.in_words(expectation))


def whys(findings: Iterable[Finding], language_name: str) -> dict[str, str]:
    """What does not hold by check, `table.expectation`."""
    return {f"{each['table']}.{each['expectation']}": said(each, language_name) for each in findings}


def table_name(_: Gettext, table: str) -> str:
    """A table's name for a reader."""
    return {
        "accounts": _("customers"),
        "actions": _("actions"),
        "activities": _("activities"),
        "assignments": _("assignments of managers"),
        "benefits": _("benefits given"),
        "budgets": _("budgets"),
        "cases": _("service cases"),
        "change_requests": _("change requests"),
        "competences": _("competences"),
        "competitor_events": _("events with competitors"),
        "contacts": _("contacts"),
        "contracts": _("contracts"),
        "cost_to_serve": _("cost to serve"),
        "exports": _("export files"),
        "forecasts": _("forecasts"),
        "fx": _("exchange rates"),
        "grants": _("grants of equity"),
        "holidays": _("calendar"),
        "interventions": _("interventions"),
        "invoices": _("invoices"),
        "managers": _("managers"),
        "market": _("market sizes"),
        "needs": _("needs of customers"),
        "opportunities": _("opportunities"),
        "order_lines": _("order lines"),
        "orders": _("sales orders"),
        "outcome_values": _("measured outcomes"),
        "outcomes": _("outcomes"),
        "parents": _("groups of companies"),
        "payments": _("payments"),
        "plans": _("customer plans"),
        "products": _("products"),
        "projects": _("joint projects"),
        "surveys": _("surveys"),
        "targets": _("targets"),
        "team_members": _("members of teams"),
        "teams": _("teams"),
        "usage": _("usage"),
    }.get(table, pages.in_words(table))


def scope_name(_: Gettext, finding: Mapping[str, Any]) -> str:
    """What a finding costs; a warning costs nothing."""
    if finding["severity"] != "critical":
        return _("counted all the same")
    return {
        "run": _("the whole run"),
        "account": _("the customer's documents"),
        "section": _("the sections that read it"),
        "row": _("the row is not counted"),
    }[finding["scope"]]


def section_name(_: Gettext, name: str | None) -> str:
    """A section's title; without a section all documents are meant."""
    if name is None:
        return _("all documents")
    declared = SECTIONS.find(name)
    return pages.in_words(name) if declared is None else _(declared.title)
