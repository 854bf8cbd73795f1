"""`quality/index.html`: what was found in a run's tables, for the people who mend it. It opens from disk."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from pipeline import pages
from pipeline.gate.expectations import SEVERITIES, Gettext
from pipeline.gate.findings import counts as counted
from pipeline.gate.grouping import alike, by_rule, grouped
from pipeline.gate.tallies import Tally, tallies
from pipeline.gate.wording import (
    is_foreign,
    rule,
    said,
    scope_name,
    section_name,
    severity_names,
    table_name,
    whys,
)
from pipeline.press.languages import catalogue
from pipeline.press.printing import Printer

if TYPE_CHECKING:
    from pipeline.gate.deletions import Deleted
    from pipeline.gate.findings import Withheld
    from pipeline.gate.fixes import Fix
    from pipeline.gate.profiles import Kept
    from pipeline.gate.quality_report import Report

NAME = "quality.html"
FIXES = 10
"""How many lines of what to fix first the page shows; all of them are in the list beside it."""
OWNERS = 3
TALLIES = 8
MONTHS = 13
_LEAST_SHARE = 0.001
KEYS = 8
"""How many keys of deleted records the page shows of a table; all of them are in the list beside it."""


def page(report: Report) -> str:
    """The page as HTML, in the report's language; it needs no other file and asks no host for anything."""
    _ = catalogue(report.language).ugettext
    unusable = report.unusable()
    fixes = by_rule(report.fix_first)
    return pages.page(
        NAME,
        report.language,
        {
            "report": report,
            "headline": _headline(_, report),
            "lead": _("Data up to {day}.").format(day=pages.day(report.as_of, report.language)),
            "figures": _figures(_, report, sum(unusable.values())),
            "fixes": [_fix(_, each, report) for each in fixes[:FIXES]],
            "more_fixes": max(0, len(fixes) - FIXES),
            "tallies": [_tallied(_, heading, found, report) for heading, found in _tallies(_, report)],
            "trend": _months(report),
            "findings": _lines(_, report),
            "severities": list(severity_names(_).items()),
            "tables": _tables(_, report, unusable),
            "deleted": [_deleted(_, each, report.language) for each in report.deleted],
            "withheld": [_withheld(_, entries, report) for entries in alike(report.withheld)],
        },
    )


def _fix(_: Gettext, members: Sequence[Fix], report: Report) -> dict[str, Any]:
    """One line of what to fix first: money is `–` where the records hold none."""
    first = members[0]
    known = [each["amount"] for each in members if each["amount"] is not None]
    return {
        **first,
        "rows": f"{sum(each['rows'] for each in members):,}",
        "table_name": table_name(_, first["table"]),
        "text": said(first, report.language),
        "severity_name": severity_names(_)[first["severity"]],
        "money": _money(sum(known) if known else None, report),
        "owners": [
            {
                "name": each["owner_name"] or each["owner_id"] or _("nobody"),
                "money": "" if each["amount"] is None else _money(each["amount"], report),
                "rows": each["rows"],
            }
            for each in members[:OWNERS]
        ],
        "more_owners": max(0, len(members) - OWNERS),
    }


def _money(amount: float | None, report: Report) -> str:
    return "–" if amount is None else Printer(report.language).money(amount, report.currency).text


def _tallies(_: Gettext, report: Report) -> list[tuple[str, list[Tally]]]:
    found = [
        (_("Who keeps it"), tallies(report.records, "owner")),
        (_("Source"), tallies(report.records, "source")),
    ]
    return [(heading, lines) for heading, lines in found if lines]


def _tallied(_: Gettext, heading: str, found: Sequence[Tally], report: Report) -> dict[str, Any]:
    lines = [
        {
            "name": each.name or _("nobody"),
            "rows": f"{each.rows:,}",
            "money": _money(each.amount, report),
            "width": _width(each.amount or 0, max(other.amount or 0 for other in found)),
        }
        for each in found[:TALLIES]
    ]
    return {"heading": heading, "lines": lines, "more": max(0, len(found) - TALLIES)}


def _width(part: float, whole: float) -> int:
    """A bar's width in per cent of the longest; what is there at all can be seen."""
    return max(1, round(100 * part / whole)) if part and whole else 0


def _months(report: Report) -> list[dict[str, Any]]:
    shown = report.trend[-MONTHS:]
    most = max((each["quarantined"] for each in shown), default=0)
    return [{**_month(each, report.language), "width": _width(each["quarantined"], most)} for each in shown]


def _month(kept: Kept, language_name: str) -> dict[str, Any]:
    counts: dict[str, Any] = {name: kept["findings"].get(name, 0) for name in SEVERITIES}
    return {
        **counts,
        "period": pages.period(kept["period"], language_name),
        "rows": f"{kept['offered']:,}",
        "quarantined": f"{kept['quarantined']:,}",
    }


def _headline(_: Gettext, report: Report) -> str:
    if report.stopped:
        return _("The run has stopped: no document was made")
    counts = counted(report.findings)
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
            "note": _against(_, report, counts[name], name) or notes[name],
            "href": f"#severity={name}" if counts[name] else "",
            "is_bad": name == "critical",
        }
        for name in notes
    ]
    compared = _against(_, report, kept_out, "rows")
    rows = {"label": _("Rows kept out"), "note": compared or _("as they came, in quarantine/")}
    documents = {"label": _("Withheld"), "note": _("customers or sections")}
    return [
        *found,
        {**rows, "number": f"{kept_out:,}", "href": "#tables", "is_bad": False},
        {**documents, "number": len(report.withheld), "href": "#withheld", "is_bad": False},
    ]


def _against(_: Gettext, report: Report, now: int, name: str) -> str:
    """How many there were in the last run of an earlier month; nothing where there is none."""
    if len(report.trend) < 2:
        return ""
    before = report.trend[-2]
    then = before["quarantined"] if name == "rows" else before["findings"].get(name, 0)
    change = f"{now - then:+,}" if now != then else "±0"
    period = pages.period(before["period"], report.language)
    return _("{change} since {period}").format(change=change.replace("-", "−"), period=period)


def _lines(_: Gettext, report: Report) -> list[dict[str, Any]]:
    names = severity_names(_)
    return [
        {
            **group,
            "severity_name": names[group["severity"]],
            "table_name": table_name(_, group["table"]),
            "text": said(group, report.language),
            "own_words": group["why"] if is_foreign(group["why"], report.language) else "",
            "scope_name": scope_name(_, group),
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
            "share": _share(unusable.get(table, 0), rows),
            "href": f"quarantine/{table}.csv" if unusable.get(table) else "",
        }
        for table, rows in report.offered().items()
    ]


def _share(part: int, whole: int) -> str:
    """A share in per cent; what is there at all is never 0%."""
    share = part / whole if part else 0.0
    return "" if not part else f"{share:.1%}" if share >= _LEAST_SHARE else f"<{_LEAST_SHARE:.1%}"


def _deleted(_: Gettext, found: Deleted, language_name: str) -> dict[str, Any]:
    """One table of which records are gone, with the first of their keys."""
    keys = found.rows["key"].tolist()
    return {
        "table": found.table,
        "name": table_name(_, found.table),
        "since": pages.period(found.since, language_name),
        "before": f"{found.before:,}",
        "rows": f"{len(keys):,}",
        "share": _share(len(keys), found.before),
        "keys": keys[:KEYS],
        "more": max(0, len(keys) - KEYS),
    }


def _withheld(_: Gettext, entries: Sequence[Withheld], report: Report) -> dict[str, Any]:
    told, first = whys(report.findings, report.language), entries[0]
    checks = first.reason.split("; ")
    reasons = {
        told.get(check) or rule(_, check.partition(".")[2]): check.partition(".")[2] for check in checks
    }
    return {
        **asdict(first),
        "what": " · ".join(dict.fromkeys(section_name(_, each.section) for each in entries)),
        "reasons": [{"text": text, "expectation": expectation} for text, expectation in reasons.items()],
    }
