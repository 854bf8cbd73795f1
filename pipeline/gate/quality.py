"""From what does not hold to what follows: findings, rows in quarantine, accounts and sections withheld.

The deciding functions are pure; at the end stand the readers that the later stages use.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import store
from pipeline.errors import UsageError
from pipeline.gate.expectations import SEVERITIES, Expectation, Scope, Severity
from pipeline.schema import NO_ACCOUNT, PANDAS_DTYPE, TABLES

Positions = npt.NDArray[np.int64]
EXAMPLES = 5
ACCOUNT_WITHHELD = "KB-1220"
SECTION_WITHHELD = "KB-1221"
CAN_BE_READ = "can_be_read"
_CANNOT_BE_READ = "单元格的内容无法转换为该列应有的类型，整行不参与计算。"


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


def judged(table: str, outcomes: Sequence[Outcome], trace: pd.DataFrame) -> Judgement:
    """What follows from the outcomes of a table's suite.

    `trace` has `_source`, `_line` and `account_id` of at least every row that breaks something, by position; an
    account that cannot be told is missing.
    """
    broken = [outcome for outcome in outcomes if not outcome.holds]
    return Judgement(
        table,
        tuple(finding for outcome in broken for finding in _findings(outcome, trace)),
        _reasons(broken),
        tuple(entry for outcome in broken for entry in _withheld(outcome, trace)),
    )


def rejected(
    rejects: pd.DataFrame, sections: Mapping[str, Sequence[str]]
) -> tuple[list[Finding], list[Withheld]]:
    """The findings about rows with a value that could not be read, by table, column and account; and what they cost.

    `rejects` is `tables/rejects.parquet` with the account of each row, where it can be told. `sections` names, for
    a table, the sections that its critical expectations withhold: what a row that breaks one of them costs, a row
    that cannot be read costs too, as the account's figures lack it.
    """
    findings: list[Finding] = []
    withheld: list[Withheld] = []
    for (table, column, account), rows in rejects.groupby(
        ["table", "column", "account_id"], sort=True, dropna=False
    ):
        name = f"{column}_{CAN_BE_READ}"
        known = account if isinstance(account, str) and account != NO_ACCOUNT else None
        concerned = tuple(sections.get(str(table), ())) if known else ()
        for section in concerned or (None,):
            scope: Scope = "section" if section else "row"
            findings.append(
                _finding(
                    str(table),
                    name,
                    "critical",
                    scope,
                    _CANNOT_BE_READ,
                    rows,
                    subject_id=known,
                    section=section,
                )
            )
        withheld += [_entry(str(known), section, f"{table}.{name}") for section in concerned]
    return findings, withheld


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
    reasons: dict[tuple[str, str | None], set[str]] = {}
    for entry in withheld:
        reasons.setdefault((entry.subject_id, entry.section), set()).add(entry.reason)
    whole = {account for account, section in reasons if section is None}
    return [
        _entry(account, section, "; ".join(sorted(reasons[account, section])))
        for account, section in sorted(reasons, key=lambda key: (key[0], key[1] or ""))
        if section is None or account not in whole
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
    if claimed.severity != "critical" or claimed.scope not in ("account", "section"):
        return
    for account in sorted(set(trace.loc[outcome.positions, "account_id"].dropna()) - {NO_ACCOUNT}):
        yield _entry(account, claimed.section, f"{claimed.table}.{claimed.name}")


def _entry(account: str, section: str | None, reason: str) -> Withheld:
    code = SECTION_WITHHELD if section else ACCOUNT_WITHHELD
    return Withheld("account", account, section, code, reason)


def _findings(outcome: Outcome, trace: pd.DataFrame) -> Iterator[Finding]:
    """One finding for each account that has such rows; a single one where the expectation speaks of the run."""
    claimed = outcome.expectation
    rows = trace.loc[outcome.positions]
    said = (claimed.table, claimed.name, claimed.severity, claimed.scope, claimed.why)
    if claimed.scope == "run":
        yield _finding(*said, rows)
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
    first = rows.sort_values(["_source", "_line"], kind="stable").head(EXAMPLES)
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


# What the later stages read.


def accepted(run: Path, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table without its rows in quarantine, in the order in which it is stored; all columns, or those named.

    Raises UsageError KB-0203 where the run was not validated since its tables were written.
    """
    _require_validated(run)
    rows = stored(run, table, columns)
    return rows.drop(index=rows.index[quarantined(run, table)]).reset_index(drop=True)


def quarantined(run: Path, table: str) -> Positions:
    """The positions in `tables/<table>.parquet` of the rows in quarantine, ascending."""
    entries = pd.read_parquet(run / "quality" / "quarantined.parquet")
    return entries.loc[entries["table"].eq(table), "position"].to_numpy(dtype=np.int64)


def withheld(run: Path) -> list[Withheld]:
    """The accounts and sections about which nothing may be printed."""
    return [Withheld(**entry) for entry in store.read_json(run / "quality" / "withheld.json")]


def findings(run: Path) -> list[dict[str, Any]]:
    """What was found, worst first: `quality/findings.json`."""
    found: list[dict[str, Any]] = store.read_json(run / "quality" / "findings.json")
    return found


def stored(run: Path, table: str, columns: Sequence[str] | None = None) -> pd.DataFrame:
    """A table as ingest left it, with the types of the schema (Parquet keeps no seconds, only milliseconds)."""
    named = None if columns is None else list(dict.fromkeys(columns))
    rows = pd.read_parquet(run / "tables" / f"{table}.parquet", columns=named)
    dtypes = {
        each.name: PANDAS_DTYPE[each.kind] for each in TABLES[table].columns if each.name in rows.columns
    }
    return rows.astype(dtypes)


def as_json(entries: Iterable[Withheld]) -> list[dict[str, Any]]:
    """What `quality/withheld.json` holds."""
    return [asdict(entry) for entry in entries]


def _require_validated(run: Path) -> None:
    said = store.done(run, store.STAGES["validate"])
    if said is None or said["read"].get("tables") != store.fingerprint(run, store.STAGES["ingest"]):
        raise UsageError(
            where=f"{run.name}/quality",
            what="the tables were not validated since they were written",
            fix="kambook validate (or kambook run) first",
            code="KB-0203",
        )
