"""Customers with commitments, requirement changes and answers, from rows written by hand through the engine to a slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

from pipeline.engine.quantities import REASONS, Measure, Quantity
from pipeline.metrics import METRICS
from pipeline.press.slices import Reading, Slice
from tests import portraits
from tests.engines import Engine, engine

Row = Mapping[str, object]
_TABLES = ("commitments", "requirement_changes", "comments")
_SHARES = ("commitments_kept_share", "commitments_late", "commitments_dropped")
_WHOLE = (
    *_SHARES, "commitments_kept", "commitments_overdue_share", "changes_confirmed_share", "changes_unconfirmed_share",
    "changes_delivered", "change_cost", "change_delay", "csat", "nps", "response_rate", "criticism_acted_share",
)  # fmt: skip
ACTION: Row = {
    "account_id": "A-1", "description": "提交改善计划", "side": "ours", "owner": "沈若溪", "due_on": "2026-09-10",
    "status": "open", "is_client_visible": True,
}  # fmt: skip
CHANGE: Row = {
    "account_id": "A-1", "description": "追溯标签改为双面", "asked_on": "2026-08-03", "cost_amount": 21_000,
    "delay_days": 4, "currency": "CNY", "status": "open",
}  # fmt: skip
ANSWER: Row = {
    "account_id": "A-1", "kind": "csat", "asked_on": "2026-08-01", "answered_on": "2026-08-05", "score": 2,
    "scale_max": 5, "may_quote": True,
}  # fmt: skip
_LONG_AGO: Row = {"account_id": "A-2", "asked_on": "2024-01-05", "answered_on": "2024-01-06"}
KEPT: Row = {"done_on": "2026-09-08"}
DONE_LATE: Row = {"done_on": "2026-09-14"}
DROPPED: Row = {"status": "dropped"}
AHEAD: Row = {"due_on": "2026-10-20"}
AGREED: Row = {"confirmed_by_us_on": "2026-08-05", "confirmed_by_client_on": "2026-08-09"}


def customer(
    actions: Sequence[Row] = (), changes: Sequence[Row] = (), answers: Sequence[Row] = (), **more: Any
) -> Slice:
    """What a quarterly report of customer A-1 may know of these; each row is the usual one with the cells it names."""
    return slice_of(company(actions, changes, answers), **more)


def company(actions: Sequence[Row] = (), changes: Sequence[Row] = (), answers: Sequence[Row] = ()) -> Engine:
    """The engine over these rows."""
    tables: dict[str, list[Row]] = {
        "accounts": [
            {"account_id": "A-1", "name": "甲", "currency": "CNY"},
            {"account_id": "A-2", "name": "乙"},
        ],
        # figures are made from the first month of trade on
        "orders": [{"order_id": "O", "account_id": "A-1", "ordered_on": "2024-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
        "actions": [{"action_id": f"AC-{at:02}", **ACTION, **row} for at, row in zip(count(1), actions)],
        "change_requests": [
            {"change_id": f"CR-{at:02}", **CHANGE, **row} for at, row in zip(count(1), changes)
        ],
        "surveys": [
            # figures about answers are made from the first of them on
            {**ANSWER, **_LONG_AGO, "survey_id": "SV-A", "comment": "慢"},
            {**ANSWER, **_LONG_AGO, "survey_id": "SV-B", "kind": "nps", "scale_max": 10},
            *({"survey_id": f"SV-{at}", **ANSWER, **row} for at, row in zip(count(1), answers)),
        ],
    }
    return engine({name: rows for name, rows in tables.items() if rows})


def slice_of(found: Engine, others: Sequence[Reading] = ()) -> Slice:
    """The slice of customer A-1 out of an engine, with other readings beside it."""
    asked = [
        *((name, "") for name in _WHOLE),
        *((name, side) for name in _SHARES for side in ("ours", "client")),
    ]
    rows = {
        name: found.facts[name][found.facts[name]["customer_id"] == "A-1"].reset_index(drop=True)
        for name in _TABLES
        if name in found.facts
    }
    return Slice(portraits.customer(), (*(_reading(found, *each) for each in asked), *others), rows)


def _reading(found: Engine, metric: str, side: str) -> Reading:
    measure: Any = found.measure(metric, "customer", "quarter", ("side", side) if side else ("", ""))
    measure = measure if isinstance(measure, Measure) else Measure(measure)
    at, entry = found.position("customer:A-1"), METRICS.get(metric)
    parts = {
        part: _number(getattr(measure, part), at) for part in ("numerator", "denominator", "n", "low", "high")
    }
    return portraits.reading(
        metric,
        _number(measure.value, at),
        breakdown=f"side={side}" if side else "",
        unit=entry.unit,
        currency="CNY" if entry.unit == "money" else "",
        reason=REASONS[int(measure.value.reasons[at])],
        verdict="none",
        **parts,
    )


def _number(quantity: Quantity | None, at: int) -> float | None:
    if quantity is None or not quantity.known[at]:
        return None
    return float(quantity.floats[at])
