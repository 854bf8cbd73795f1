"""What is alike as one line of a page: findings of several accounts, owners of one rule, sections of one customer. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from pipeline.gate.findings import EXAMPLES, Finding, Withheld

if TYPE_CHECKING:
    from pipeline.gate.fixes import Fix


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
        "examples": sorted(examples, key=lambda each: (each["source"], each["line"] or 0))[:EXAMPLES],
    }


def by_rule(fixes: Iterable[Fix]) -> list[list[Fix]]:
    """What to fix first with the owners of a rule and source together, in the order of the most urgent of each."""
    found: dict[tuple[str, str, str], list[Fix]] = {}
    for fix in fixes:
        found.setdefault((fix["table"], fix["expectation"], fix["source"]), []).append(fix)
    return sorted(found.values(), key=_urgency)


def _urgency(members: Sequence[Fix]) -> tuple[bool, bool, float]:
    """As the list: what keeps a report back, then the money of all owners."""
    return (
        members[0]["severity"] == "info",
        not members[0]["withheld"],
        -sum(each["amount"] or 0.0 for each in members),
    )


def alike(entries: Iterable[Withheld]) -> list[list[Withheld]]:
    """Sections of one customer that are withheld for the same reasons, together."""
    found: dict[tuple[str, str, str], list[Withheld]] = {}
    for entry in entries:
        found.setdefault((entry.subject_id, entry.code, entry.reason), []).append(entry)
    return list(found.values())
