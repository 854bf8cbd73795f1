"""What the validate stage leaves behind: findings, quarantine, what is withheld, and a page for people."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline import store
from pipeline.gate import quality
from pipeline.gate.quality import Finding, Judgement, Withheld
from pipeline.resources import built_in
from pipeline.schema import RATE_SCALE, SCALE, TABLES, Kind

_SCALES: dict[Kind, int] = {"exact": SCALE, "rate": RATE_SCALE}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that make a spreadsheet run a cell; the last four are their full-width forms."""
_PAGE = "quality.html"


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
    """Write `findings.json`, `withheld.json`, `quarantined.parquet`, `quarantine/*.csv` and `index.html`."""
    folder.mkdir(parents=True)
    store.write_json(folder / "findings.json", list(report.findings))
    store.write_json(folder / "withheld.json", quality.as_json(report.withheld))
    pq.write_table(_quarantined(report.judgements), folder / "quarantined.parquet")
    for table, unusable in report.unusable().items():
        if unusable:
            _write_quarantine(folder / "quarantine" / f"{table}.csv", table, run, report)
    store.write_bytes(folder / "index.html", page(report).encode())


def page(report: Report) -> str:
    """The page as HTML; it needs no other file and asks no host for anything."""
    environment = Environment(
        loader=FileSystemLoader(built_in("templates", "pages")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    shown = {
        "groups": grouped(report.findings),
        "counts": quality.counts(report.findings),
        "withheld": quality.as_json(report.withheld),
        "tables": _table_lines(report),
    }
    return environment.get_template(_PAGE).render(report=report, **shown)


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


def _table_lines(report: Report) -> list[dict[str, Any]]:
    unusable = report.unusable()
    return [
        {"table": table, "rows": rows, "quarantined": unusable.get(table, 0)}
        for table, rows in report.offered().items()
    ]


def _quarantined(judgements: Iterable[Judgement]) -> pa.Table:
    pairs = [(each.table, position) for each in judgements for position in each.reasons]
    return pa.table(
        {
            "table": pa.array([table for table, _ in pairs], type=pa.string()),
            "position": pa.array([position for _, position in pairs], type=pa.int64()),
        }
    )


def _write_quarantine(path: Path, table: str, run: Path, report: Report) -> None:
    path.parent.mkdir(exist_ok=True)
    lines = sorted(
        (*_judged_lines(table, run, report.judgements), *_rejected_lines(table, report.rejects)),
        key=lambda line: (line["_source"], line["_line"] or 0),
    )
    columns = [*TABLES[table].column_names, "_cells", "_source", "_line", "_reason"]
    with path.open(
        "w", encoding="utf-8-sig", newline=""
    ) as stream:  # with a mark, or Excel takes it for another
        writer = csv.DictWriter(stream, columns, restval="")
        writer.writeheader()
        writer.writerows(lines)


def _judged_lines(table: str, run: Path, judgements: Iterable[Judgement]) -> list[dict[str, Any]]:
    reasons = {
        position: why for each in judgements if each.table == table for position, why in each.reasons.items()
    }
    if not reasons:
        return []
    rows = quality.stored(run, table).iloc[list(reasons)]
    cells = {column.name: _printed(column.kind, rows[column.name]) for column in TABLES[table].columns}
    return [
        {
            **{name: texts[place] for name, texts in cells.items()},
            "_source": source,
            "_line": _line(line),
            "_reason": " | ".join(why),
        }
        for place, (source, line, why) in enumerate(
            zip(rows["_source"], rows["_line"], reasons.values(), strict=True)
        )
    ]


def _rejected_lines(table: str, rejects: pd.DataFrame) -> list[dict[str, Any]]:
    return [
        {
            "_cells": row["cells"],
            "_source": row["_source"],
            "_line": _line(row["_line"]),
            "_reason": f"{row['column']}: {row['_reason']}",
        }
        for row in rejects[rejects["table"].eq(table)].to_dict("records")
    ]


def _line(number: Any) -> int | None:  # pandas has no name for an integer or nothing
    """The line of a row; a row made of several has none."""
    return None if pd.isna(number) else int(number)


def _printed(kind: Kind, values: pd.Series[Any]) -> list[str]:
    return ["" if pd.isna(value) else _text(kind, value) for value in values]


def _text(kind: Kind, value: Any) -> str:  # a cell is of any kind
    if kind in _SCALES:
        return f"{Decimal(int(value)) / _SCALES[kind]:f}"
    if kind == "date":
        return str(value.date())
    if kind == "timestamp":
        return str(value.isoformat())
    return defused(str(value)) if kind == "text" else str(value).lower()


def defused(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula."""
    return f"'{text}" if text.startswith(_FORMULA) else text
