"""Customers with goals and claims of value, from outcomes written by hand through the engine to a document's slice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from pipeline.engine.quantities import REASONS, Measure, Quantity
from pipeline.metrics import METRICS
from pipeline.press.slices import Reading, Slice, Subject
from tests import portraits
from tests.engines import Engine, engine

Row = Mapping[str, object]
CONFIDENCES = ("measured", "confirmed", "modelled", "estimated")
_BY_GOAL = ("goal_progress", "goal_baseline", "goal_now", "goal_target", "claim_value")
_BY_CONFIDENCE = ("value_realised", "value_to_date")
_WHOLE = ("goals_reached", "claims_to_date")

GOAL: Row = {
    "account_id": "A-1", "goal": "缩短补货时长", "unit": "分钟/单", "better": "lower", "baseline_value": 38,
    "baseline_on": "2025-01-01", "target_value": 26, "current_value": "24.5", "current_on": "2026-09-25",
    "method": "任务时间戳", "evidence": "EV-1", "confidence": "measured", "attribution_pct": "0.8",
    "money_amount": 1_000_000, "confirmed_by": "C-1", "confirmed_on": "2026-09-28",
}  # fmt: skip
CONTACTS: list[Row] = [
    {"contact_id": "C-1", "account_id": "A-1", "name": "柏文渊"},
    {"contact_id": "C-2", "account_id": "A-2", "name": "别家的人"},
]


def outcomes(*rows: Row, values: Sequence[Row] = (), currency: str = "CNY") -> Engine:
    """The engine over these outcomes of customer A-1: each is `GOAL` with the cells that a row names."""
    tables: dict[str, list[Row]] = {
        "accounts": [{"account_id": "A-1", "name": "甲"}, {"account_id": "A-2", "name": "乙"}],
        "contacts": CONTACTS,
        "outcomes": [{**GOAL, "outcome_id": f"OC-{at:02}", **row} for at, row in enumerate(rows, 1)],
        # figures are made from the first month of trade on
        "orders": [{"order_id": "O", "account_id": "A-1", "ordered_on": "2024-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    if values:
        tables["outcome_values"] = list(values)
    return engine(tables, company={"currency": currency})


def steps(outcome: str, *values: float | str) -> list[Row]:
    """Measurements of an outcome at the end of one quarter after another, from March 2025 on."""
    days = [f"{year}-{month:02}-25" for year in (2025, 2026) for month in (3, 6, 9, 12)]
    return [
        {"outcome_id": outcome, "measured_on": day, "value": value, "evidence": f"{outcome}/{day}"}
        for day, value in zip(days, values, strict=False)
    ]


def slice_of(found: Engine, currency: str = "CNY") -> Slice:
    """What a quarterly value report of customer A-1 may know: its readings and its rows of goals and claims."""
    numbers = sorted(set(found.facts["goals"]["goal"]) | set(found.facts["value_claims"]["goal"]))
    asked = [
        *((metric, "goal", number) for metric in _BY_GOAL for number in numbers),
        *((metric, "confidence", each) for metric in _BY_CONFIDENCE for each in CONFIDENCES),
        *((metric, "", "") for metric in _WHOLE),
    ]
    readings = [_reading(found, *each, currency=currency) for each in asked]
    rows = {
        name: table[table["customer_id"] == "A-1"].reset_index(drop=True)
        for name, table in found.facts.items()
        if name in ("goals", "value_claims")
    }
    return Slice(Subject("A-1", "远澜零售集团", currency=currency), tuple(readings), rows)


def _reading(found: Engine, metric: str, name: str, value: str, *, currency: str) -> Reading:
    measure: Any = found.measure(metric, "customer", "quarter", (name, value))
    measure = measure if isinstance(measure, Measure) else Measure(measure)
    at = found.position("customer:A-1")
    entry = METRICS.get(metric)
    parts = {
        part: _number(getattr(measure, part), at) for part in ("numerator", "denominator", "n", "coverage")
    }
    return portraits.reading(
        metric,
        _number(measure.value, at),
        breakdown=f"{name}={value}" if name else "",
        unit=entry.unit,
        currency=currency if entry.unit == "money" else "",
        reason=REASONS[int(measure.value.reasons[at])],
        verdict="none",
        **parts,
    )


def _number(quantity: Quantity | None, at: int) -> float | None:
    if quantity is None or not quantity.known[at]:
        return None
    return float(quantity.floats[at])


def is_ordered(text: str, *parts: str) -> bool:
    """Whether the parts stand in a text one after the other."""
    places = [text.find(part) for part in parts]
    return min(places) >= 0 and all(one < other for one, other in pairwise(places))
