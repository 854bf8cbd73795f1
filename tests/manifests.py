"""A run's manifest with a document in every state and for every audience, for tests of the pages about a run."""

from __future__ import annotations

from typing import Any

from pipeline.gate.findings import Finding
from pipeline.press.run_movements import Movement

ENTRY = {
    "subject_kind": "customer",
    "kind": "value_report",
    "period": "2026Q3",
    "language": "zh-Hans",
    "edition": "full",
}
CARD = {
    "subject_kind": "manager",
    "kind": "manager_scorecard",
    "period": "2026-09",
    "language": "en",
    "edition": "full",
}
MANIFEST: dict[str, Any] = {
    "period": "2026-09",
    "as_of": "2026-09-30",
    "inputs": [{"source": "crm", "path": "crm/客户.csv", "sha256": "ab" * 32, "bytes": 12345, "rows": 1200}],
    "documents": [
        {**ENTRY, "id": "1", "audience": "client", "subject_id": "A-1", "path": "documents/client/A-1/zh-Hans/value_report.pdf", "pages": 5, "state": "made"},
        {**ENTRY, "id": "2", "audience": "client", "subject_id": "A 2", "path": "documents/client/A_2~1f/zh-Hans/value_report.pdf", "pages": 1, "state": "unchanged"},
        {**CARD, "id": "6", "audience": "internal", "subject_id": "M-1", "path": "documents/internal/M-1/en/manager_scorecard.pdf", "pages": 1, "state": "made"},
        {**CARD, "id": "7", "audience": "restricted", "kind": "pay_draft", "subject_id": "M-1", "path": "documents/restricted/M-1/en/pay_draft.pdf", "pages": 1, "state": "made"},
    ],
    "withheld": [
        {**ENTRY, "id": "3", "subject_id": "A-3", "section": None, "code": "KB-1310", "reason": "nothing to report"},
        {**ENTRY, "id": "1", "subject_id": "A-1", "section": "service", "code": "KB-1221", "reason": "cases.opened_at_can_be_read; cases.told_nowhere"},
    ],
    "failed": [{**ENTRY, "id": "4", "subject_id": "A-4", "section": None, "code": "KB-1303", "error": "character U+1F642: …", "fix": "correct it"}],
    "findings": {"critical": 1, "warning": 2, "info": 3},
    "versions": {"kambook": "0", "python": "3", "weasyprint": "70"},
}  # fmt: skip
FINDING: Finding = {
    "table": "cases",
    "expectation": "opened_at_can_be_read",
    "severity": "critical",
    "scope": "row",
    "subject_id": None,
    "section": None,
    "why": "受理时间无法读出。",
    "rows": 7,
    "examples": [],
}
NAMES = {
    ("customer", "A-1"): "远澜<b>零售</b>",
    ("customer", "A-3"): "栖禾食品",
    ("customer", "A-4"): "朔辰电子",
    ("manager", "M-1"): "沈予安",
}
MOVES = [Movement("A-3", "down", "core_value", "maintain", "value"), Movement("A 9", "new", None, "x", None)]
EMPTY = {**MANIFEST, "documents": [], "withheld": [], "failed": []}
