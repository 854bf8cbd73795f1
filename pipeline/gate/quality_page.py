"""`quality/index.html`: what was found in a run's tables, for the people who mend it. It opens from disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pipeline import pages
from pipeline.gate import quality
from pipeline.gate.expectations import SEVERITIES
from pipeline.gate.quality import Finding
from pipeline.press.languages import catalogue, language
from pipeline.press.printing import Printer

if TYPE_CHECKING:
    from pipeline.gate.fixes import Fix
    from pipeline.gate.profiles import Kept
    from pipeline.gate.quality_report import Report

NAME = "quality.html"
FIXES = 10
"""How many lines of what to fix first the page shows; all of them are in the list beside it."""
MONTHS = 13
Gettext = Callable[[str], str]


def page(report: Report) -> str:
    """The page as HTML, in the report's language; it needs no other file and asks no host for anything."""
    _ = catalogue(report.language).ugettext
    unusable = report.unusable()
    return pages.page(
        NAME,
        report.language,
        {
            "report": report,
            "headline": _headline(_, report),
            "lead": _("Data up to {day}.").format(day=pages.day(report.as_of, report.language)),
            "figures": _figures(_, report, sum(unusable.values())),
            "fixes": [_fix(_, each, report) for each in report.fix_first[:FIXES]],
            "more_fixes": max(0, len(report.fix_first) - FIXES),
            "trend": [_month(each, report.language) for each in report.trend[-MONTHS:]],
            "findings": _lines(_, report),
            "severities": list(severity_names(_).items()),
            "tables": _tables(_, report, unusable),
            "withheld": [_withheld(_, entry, report) for entry in quality.as_json(report.withheld)],
        },
    )


def grouped(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    """What is said of several accounts as one line: rows together, which accounts, the first examples."""
    groups: dict[tuple[str, str, str], list[Finding]] = {}
    for finding in findings:
        groups.setdefault((finding["table"], finding["expectation"], finding["why"]), []).append(finding)
    return [_group(members) for members in groups.values()]


def _group(members: Sequence[Finding]) -> dict[str, Any]:
    examples = [example for member in members for example in member["examples"]]
    accounts = sorted({member["subject_id"] for member in members if member["subject_id"] is not None})
    return {
        **members[0],
        "rows": sum(member["rows"] for member in members),
        "accounts": accounts,
        "examples": sorted(examples, key=lambda each: (each["source"], each["line"] or 0))[
            : quality.EXAMPLES
        ],
    }


def severity_names(_: Gettext) -> dict[str, str]:
    """The severities by name, worst first."""
    return {"critical": _("Critical"), "warning": _("Warning"), "info": _("Information")}


def said(finding: Mapping[str, Any], language_name: str) -> str:
    """What does not hold: a suite's own sentence, which is Chinese, or the rule that it states in English words."""
    if language(language_name).is_han:
        return str(finding["why"])
    return rule(catalogue(language_name).ugettext, finding["expectation"])


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


def _scope(_: Gettext, finding: Mapping[str, Any]) -> str:
    """What a finding costs; a warning costs nothing."""
    if finding["severity"] != "critical":
        return _("counted all the same")
    return {
        "run": _("the whole run"),
        "account": _("the customer's documents"),
        "section": _("the sections that read it"),
        "row": _("the row is not counted"),
    }[finding["scope"]]


def _fix(_: Gettext, fix: Fix, report: Report) -> dict[str, Any]:
    """One line of what to fix first: money is `–` where the records hold none."""
    amount = fix["amount"]
    return {
        **fix,
        "table_name": table_name(_, fix["table"]),
        "text": said(fix, report.language),
        "severity_name": severity_names(_)[fix["severity"]],
        "money": "–" if amount is None else Printer(report.language).money(amount, report.currency).text,
        "owner": fix["owner_name"] or fix["owner_id"] or "–",
    }


def _month(kept: Kept, language_name: str) -> dict[str, Any]:
    counts: dict[str, Any] = {name: kept["findings"].get(name, 0) for name in SEVERITIES}
    return {
        **counts,
        "period": pages.period(kept["period"], language_name),
        "rows": f"{sum(kept['rows'].values()):,}",
        "quarantined": f"{kept['quarantined']:,}",
    }


def _headline(_: Gettext, report: Report) -> str:
    if report.stopped:
        return _("The run has stopped: no document was made")
    counts = quality.counts(report.findings)
    if not any(counts.values()):
        return _("Nothing was found to be wrong")
    if not counts["critical"]:
        return _("Nothing critical was found")
    kept_out = sum(report.unusable().values())
    offered = sum(report.offered().values())
    text = _("{n} of {all} rows are kept out of the figures")
    return text.format(n=f"{kept_out:,}", all=f"{offered:,}")


def _figures(_: Gettext, report: Report, kept_out: int) -> list[dict[str, Any]]:
    counts = Counter(str(finding["severity"]) for finding in report.findings)
    names = severity_names(_)
    notes = {
        "critical": _("rows or documents are left out"),
        "warning": _("counted, but look at it"),
        "info": _("for your information"),
    }
    found = [
        {
            "number": counts[name],
            "label": names[name],
            "note": notes[name],
            "href": f"#severity={name}" if counts[name] else "",
            "is_bad": name == "critical",
        }
        for name in notes
    ]
    rows = {"label": _("Rows kept out"), "note": _("as they came, in quarantine/")}
    documents = {"label": _("Withheld"), "note": _("customers or sections")}
    return [
        *found,
        {**rows, "number": f"{kept_out:,}", "href": "#tables", "is_bad": False},
        {**documents, "number": len(report.withheld), "href": "#withheld", "is_bad": False},
    ]


def _lines(_: Gettext, report: Report) -> list[dict[str, Any]]:
    names = severity_names(_)
    return [
        {
            **group,
            "severity_name": names[group["severity"]],
            "table_name": table_name(_, group["table"]),
            "text": said(group, report.language),
            "own_words": "" if language(report.language).is_han else group["why"],
            "scope_name": _scope(_, group),
        }
        for group in grouped(report.findings)
    ]


def _tables(_: Gettext, report: Report, unusable: Mapping[str, int]) -> list[dict[str, Any]]:
    return [
        {
            "table": table,
            "name": table_name(_, table),
            "rows": f"{rows:,}",
            "quarantined": f"{unusable.get(table, 0):,}",
            "share": f"{unusable.get(table, 0) / rows:.1%}" if unusable.get(table) else "",
            "href": f"quarantine/{table}.csv" if unusable.get(table) else "",
        }
        for table, rows in report.offered().items()
    ]


def _withheld(_: Gettext, entry: Mapping[str, Any], report: Report) -> dict[str, Any]:
    told = whys(report.findings, report.language)
    checks = entry["reason"].split("; ")
    what = _("all documents") if entry["section"] is None else pages.in_words(entry["section"])
    return {
        **entry,
        "what": what,
        "reasons": [
            {
                "text": told.get(check) or rule(_, check.partition(".")[2]),
                "expectation": check.partition(".")[2],
            }
            for check in checks
        ],
    }
