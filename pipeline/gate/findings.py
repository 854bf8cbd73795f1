"""From what does not hold to what follows: findings, rows in quarantine, accounts and sections withheld. Pure."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.gate.expectations import SEVERITIES, Expectation, Scope, Severity
from pipeline.schema import NO_ACCOUNT
from pipeline.sections import N_

Positions = npt.NDArray[np.int64]
EXAMPLES = 5
_TRACE = ["_source", "_line"]
ACCOUNT_WITHHELD = "KB-1220"
SECTION_WITHHELD = "KB-1221"
NOBODY = frozenset({NO_ACCOUNT})
CAN_BE_READ = "can_be_read"
CANNOT_BE_READ = N_("A cell cannot be read as what its column holds; the whole row is not counted.")


class Example(TypedDict):
    """One row that shows what is meant; a row made of several has no line."""

    source: str
    line: int | None


class Finding(TypedDict):
    """One line of `quality/findings.json`: what does not hold, for whom, how often, and where to look."""

    table: str
    expectation: str
    severity: Severity
    scope: Scope
    subject_id: str | None
    section: str | None
    why: str
    rows: int
    examples: list[Example]


@dataclass(frozen=True)
class Withheld:
    """An account, or a section of it (`section` is None for all), about which nothing may be printed."""

    subject_kind: str
    subject_id: str
    section: str | None
    code: str
    reason: str


@dataclass(frozen=True)
class Distrust:
    """A canonical table of which one account's rows cannot be trusted: no figure that rests on them may be printed."""

    subject_id: str
    table: str
    code: str
    reason: str


@dataclass(frozen=True)
class Outcome:
    """What came of one expectation: the positions of the rows that break it; none where it holds."""

    expectation: Expectation
    holds: bool
    positions: Positions


@dataclass(frozen=True)
class Judgement:
    """What follows for one table. `reasons` are the rows in quarantine: position → why, in the suite's order."""

    table: str
    findings: tuple[Finding, ...]
    reasons: Mapping[int, tuple[str, ...]]
    withheld: tuple[Withheld, ...]
    distrusted: tuple[Distrust, ...] = ()
    broken: tuple[Outcome, ...] = ()
    """What does not hold, in the suite's order."""


def judged(table: str, outcomes: Sequence[Outcome], trace: pd.DataFrame, rows: int) -> Judgement:
    """What follows from the outcomes of a table's suite on so many rows.

    `trace` has `_source`, `_line` and `account_id` of at least every row that breaks something, by position; an
    account that cannot be told is missing.
    """
    broken = [outcome for outcome in outcomes if not outcome.holds]
    return Judgement(
        table,
        tuple(finding for outcome in broken for finding in _findings(outcome, trace, rows)),
        _reasons(broken),
        tuple(entry for outcome in broken for entry in _withheld(outcome, trace)),
        tuple(entry for outcome in broken for entry in _distrusted(outcome, trace)),
        tuple(broken),
    )


def rejected(
    rejects: pd.DataFrame, guarded: Collection[str], why: str
) -> tuple[list[Finding], list[Distrust]]:
    """The findings about rows with a value that could not be read, by table, column and account; and what they cost.

    `rejects` is `tables/rejects.parquet` with the account of each row, where it can be told; `why` is what is said of them. `guarded` are the tables
    of which a row that breaks something critical costs its account the sections that read them: a row that cannot be
    read costs the same, as the account's figures lack it.
    """
    findings: list[Finding] = []
    distrusted: list[Distrust] = []
    ordered = rejects.sort_values(_TRACE, kind="stable")
    for (table, column, account), rows in ordered.groupby(
        ["table", "column", "account_id"], sort=True, dropna=False
    ):
        name = f"{column}_{CAN_BE_READ}"
        known = account if isinstance(account, str) and account != NO_ACCOUNT else None
        costs = known is not None and table in guarded
        scope: Scope = "section" if costs else "row"
        findings.append(_finding(str(table), name, "critical", scope, why, rows, subject_id=known))
        if costs:
            distrusted.append(Distrust(str(known), str(table), SECTION_WITHHELD, f"{table}.{name}"))
    return findings, distrusted


def costs_of(distrusted: Iterable[Distrust], sections_on: Callable[[str], Sequence[str]]) -> list[Withheld]:
    """The sections that are withheld because they read what cannot be trusted; `sections_on` names them by table."""
    return [
        Withheld("account", each.subject_id, section, each.code, each.reason)
        for each in distrusted
        for section in sections_on(each.table)
    ]


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Findings worst first, then by table, expectation and account: the same in every run."""
    ranks = {severity: rank for rank, severity in enumerate(SEVERITIES)}
    return sorted(
        findings,
        key=lambda each: (
            ranks[each["severity"]],
            each["table"],
            each["expectation"],
            each["subject_id"] or "",
        ),
    )


def together(withheld: Iterable[Withheld]) -> list[Withheld]:
    """One entry for each account, or for each of its sections where the account is not withheld as a whole."""
    found: dict[tuple[str, str | None], list[Withheld]] = {}
    for entry in withheld:
        found.setdefault((entry.subject_id, entry.section), []).append(entry)
    whole = {account for account, section in found if section is None}
    return [
        _joined(found[key])
        for key in sorted(found, key=lambda key: (key[0], key[1] or ""))
        if key[1] is None or key[0] not in whole
    ]


def _joined(entries: Sequence[Withheld]) -> Withheld:
    """Entries of one subject as one: every reason, and the code of the first of them."""
    first = min(entries, key=lambda each: (each.code, each.reason))
    return replace(first, reason="; ".join(sorted({each.reason for each in entries})))


def distrusted_once(entries: Iterable[Distrust]) -> list[Distrust]:
    """One entry for each account and table, with every reason."""
    found: dict[tuple[str, str], list[Distrust]] = {}
    for entry in entries:
        found.setdefault((entry.subject_id, entry.table), []).append(entry)
    return [
        replace(
            min(found[key], key=lambda each: (each.code, each.reason)),
            reason="; ".join(sorted({each.reason for each in found[key]})),
        )
        for key in sorted(found)
    ]


def counts(findings: Iterable[Finding]) -> dict[Severity, int]:
    """How many findings there are of each severity."""
    severities = [finding["severity"] for finding in findings]
    return {severity: severities.count(severity) for severity in SEVERITIES}


def _reasons(broken: Sequence[Outcome]) -> dict[int, tuple[str, ...]]:
    """Rows that critical expectations put into quarantine; one about the run stops it instead."""
    reasons: dict[int, list[str]] = {}
    for outcome in broken:
        claimed = outcome.expectation
        if claimed.severity == "critical" and claimed.scope != "run":
            for position in outcome.positions.tolist():
                reasons.setdefault(position, []).append(f"{claimed.name}: {claimed.why}")
    return {position: tuple(reasons[position]) for position in sorted(reasons)}


def _withheld(outcome: Outcome, trace: pd.DataFrame) -> Iterator[Withheld]:
    claimed = outcome.expectation
    if claimed.severity != "critical" or (claimed.scope != "account" and claimed.section is None):
        return
    code = SECTION_WITHHELD if claimed.section else ACCOUNT_WITHHELD
    for account in _accounts(outcome, trace):
        yield Withheld("account", account, claimed.section, code, f"{claimed.table}.{claimed.name}")


def _distrusted(outcome: Outcome, trace: pd.DataFrame) -> Iterator[Distrust]:
    claimed = outcome.expectation
    if claimed.severity != "critical" or claimed.scope != "section" or claimed.section is not None:
        return
    for account in _accounts(outcome, trace):
        yield Distrust(account, claimed.table, SECTION_WITHHELD, f"{claimed.table}.{claimed.name}")


def _accounts(outcome: Outcome, trace: pd.DataFrame) -> list[str]:
    return sorted(set(trace.loc[outcome.positions, "account_id"].dropna()) - NOBODY)


def _findings(outcome: Outcome, trace: pd.DataFrame, rows_of_table: int) -> Iterator[Finding]:
    """One finding for each account that has such rows; a single one where it speaks of the run or breaks in every row.

    What breaks in every row is the column's fault, not the accounts': a column that came empty is said once.
    """
    claimed = outcome.expectation
    rows = trace.loc[outcome.positions].sort_values(_TRACE, kind="stable")
    said = (claimed.table, claimed.name, claimed.severity, claimed.scope, claimed.why)
    if claimed.scope == "run" or len(rows) == rows_of_table > 1:
        yield _finding(*said, rows, section=claimed.section)
        return
    for account, own in rows.groupby("account_id", sort=True):
        yield _finding(*said, own, subject_id=str(account), section=claimed.section)
    if len(nobody := rows[rows["account_id"].isna()]):
        yield _finding(*said, nobody, section=claimed.section)


def _finding(
    table: str,
    expectation: str,
    severity: Severity,
    scope: Scope,
    why: str,
    rows: pd.DataFrame,
    *,
    subject_id: str | None = None,
    section: str | None = None,
) -> Finding:
    """Rows in the order of their files; the first of them are the examples."""
    first = rows.head(EXAMPLES)
    examples = [
        Example(source=str(source), line=None if pd.isna(line) else int(line))
        for source, line in zip(first["_source"], first["_line"], strict=True)
    ]
    return Finding(
        table=table,
        expectation=expectation,
        severity=severity,
        scope=scope,
        subject_id=subject_id,
        section=section,
        why=why,
        rows=len(rows),
        examples=examples,
    )
