"""What the validate stage leaves behind: findings, quarantine, what is withheld, and a page for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline import store
from pipeline.gate import deletions, quality
from pipeline.gate.deletions import Deleted
from pipeline.gate.findings import Distrust, Finding, Judgement, Withheld
from pipeline.gate.fixes import RECORD_COLUMNS, Fix, listed
from pipeline.gate.profiles import Kept
from pipeline.gate.quality_page import page
from pipeline.gate.quarantine import Headers, quarantine_csv
from pipeline.gate.spreadsheets import as_csv


@dataclass(frozen=True)
class Report:
    """All that was found out about a run's tables."""

    judgements: tuple[Judgement, ...]
    findings: tuple[Finding, ...]
    withheld: tuple[Withheld, ...]
    rejects: pd.DataFrame
    rows: Mapping[str, int]
    """Rows of each table without those that could not be read."""
    company: str
    period: str
    as_of: date
    stopped: str = ""
    """What stopped the run, where something did."""
    distrusted: tuple[Distrust, ...] = ()
    """The tables of which an account's rows cannot be trusted."""
    records: pd.DataFrame = field(default_factory=pd.DataFrame)
    """Every record that breaks something, in RECORD_COLUMNS."""
    fix_first: tuple[Fix, ...] = ()
    """The records by rule, source and owner; what keeps a report back first, then by money."""
    trend: tuple[Kept, ...] = ()
    """What was found in the runs of the months before, oldest first, and in this one."""
    corrections: tuple[dict[str, Any], ...] = ()
    """What was set right in the exports' place, by whom and why, as `corrections.toml` says."""
    headers: Headers = field(default_factory=dict)
    deleted: tuple[Deleted, ...] = ()
    """What complete exports no longer hold of what the run before had."""
    currency: str = ""
    language: str = "zh-Hans"
    """The language of the page."""

    def offered(self) -> dict[str, int]:
        """How many rows of each table the exports hold, those that could not be read among them."""
        unread = Counter(self.rejects["table"])
        return {table: self.rows.get(table, 0) + unread[table] for table in sorted({*self.rows, *unread})}

    def unusable(self) -> dict[str, int]:
        """How many rows of each table are in quarantine, those that could not be read among them.

        Parents come before children, so that the first table with too many is the cause and not an effect.
        """
        read = {judgement.table: len(judgement.reasons) for judgement in self.judgements}
        unread = Counter(self.rejects["table"])
        return {
            table: read.get(table, 0) + unread[table] for table in [*read, *sorted(set(unread) - set(read))]
        }


def write_report(folder: Path, run: Path, report: Report) -> None:
    """Write what was found, for the later stages, for people (`*.csv`, `index.html`) and for the months to come."""
    folder.mkdir(parents=True)
    store.write_json(folder / "findings.json", list(report.findings))
    store.write_json(folder / "withheld.json", quality.as_json(report.withheld))
    store.write_json(folder / "distrusted.json", quality.as_json(report.distrusted))
    store.write_json(folder / "fix_first.json", list(report.fix_first))
    store.write_json(folder / "corrections.json", list(report.corrections))
    if report.trend:
        store.write_json(folder / "profile.json", report.trend[-1])
    pq.write_table(_quarantined(report.judgements), folder / "quarantined.parquet")
    for table, unusable in report.unusable().items():
        if unusable:
            text = quarantine_csv(table, run, report.judgements, report.rejects, report.headers)
            store.write_bytes(folder / "quarantine" / f"{table}.csv", text.encode())
    for name, text in _lists(report).items():
        store.write_bytes(folder / name, text.encode())
    store.write_bytes(folder / "index.html", page(report).encode())


def _lists(report: Report) -> dict[str, str]:
    """For those who keep the records: what to fix first, every record with its owner, and what was deleted."""
    return {**_broken(report), **_deleted(report)}


def _deleted(report: Report) -> dict[str, str]:
    if not report.deleted:
        return {}
    return {"deleted.csv": as_csv(deletions.listed(report.deleted), deletions.COLUMNS)}


def _broken(report: Report) -> dict[str, str]:
    if not report.fix_first:
        return {}
    records = listed(report.records).astype(object)
    cells = records.where(records.notna(), None)
    lines = [dict(zip(RECORD_COLUMNS, row, strict=True)) for row in cells.itertuples(index=False)]
    return {
        "fix_first.csv": as_csv(report.fix_first, tuple(Fix.__annotations__)),
        "records.csv": as_csv(lines, RECORD_COLUMNS),
    }


def _quarantined(judgements: Iterable[Judgement]) -> pa.Table:
    pairs = [(each.table, position) for each in judgements for position in each.reasons]
    return pa.table(
        {
            "table": pa.array([table for table, _ in pairs], type=pa.string()),
            "position": pa.array([position for _, position in pairs], type=pa.int64()),
        }
    )
