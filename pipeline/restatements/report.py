"""What two runs tell differently, for machines and as tables for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
from rich.console import Console, Group, RenderableType
from rich.table import Table
from rich.text import Text

from pipeline.metrics import METRICS
from pipeline.restatements.causes import CAUSES
from pipeline.restatements.comparison import Restated
from pipeline.restatements.fact_differences import Cause, FactDifference
from pipeline.restatements.runs import Comparison, Finished

SCHEMA = 1
_MOST_LINES = 40
_MOST_FACTS = 3
_MOST_EXAMPLES = 20
_WORDS = {
    "late_row": "late rows",
    "changed_row": "changed rows",
    "deleted_row": "deleted rows",
    "let_in": "rows let out of quarantine",
    "quarantined": "rows now in quarantine",
    "re_parented": "other group",
    "ownership_changed": "other owner",
    "rate_changed": "other rate",
    "class_changed": "other class",
    "policy_changed": "other policy",
    "program_changed": "other version of kambook",
    "definition_changed": "other definition",
    "figures_changed": "the figures it is made of",
    "others_changed": "rows of others",
    "month_before_changed": "the month before",
    "known_later": "known only later",
    "not_attributed": "not attributed",
}
assert set(_WORDS) == set(CAUSES)
_ORDER = ("portfolio", "region", "industry", "product", "team", "manager", "customer", "account")


def as_json(found: Comparison) -> dict[str, Any]:
    """The comparison for machines; rows are named by `table:row` and by file and line."""
    return {
        "schema": SCHEMA,
        "was": _run(found.was),
        "now": _run(found.now),
        "same_period": _is_same_period(found),
        "policy_changed": list(found.policy),
        "rows_changed": {table: dict(counts) for table, counts in found.tables.items()},
        "program_changed": found.was.rules.program != found.now.rules.program,
        "restated": [_entry(each) for each in found.restated],
        "below_threshold": found.small,
        "moved": [_figure(row) for row in found.moved.itertuples(index=False)],
        "moved_below_threshold": found.small_moves,
    }


def _run(run: Finished) -> dict[str, Any]:
    period = run.rules.period
    return {"run": run.run.name, "period": period.name, "as_of": period.as_of.isoformat()}


def _is_same_period(found: Comparison) -> bool:
    return found.was.rules.period == found.now.rules.period


def _entry(each: Restated) -> dict[str, Any]:
    return {
        **_figure(each.row),
        "causes": [_cause(cause) for cause in each.causes],
        "facts": [_fact(fact) for fact in each.facts],
    }


def _figure(row: Any) -> dict[str, Any]:
    said = {name: getattr(row, name) for name in _NAMED}
    period_was = getattr(row, "period_was", row.period)
    return {
        **said,
        "period_was": period_was,
        "from_on": str(row.from_on)[:10],
        "until_on": str(row.until_on)[:10],
        **{name: _number(getattr(row, name)) for name in ("was", "now", "difference")},
        **{name: _word(getattr(row, name)) for name in ("text_was", "text_now", "reason_was", "reason_now")},
        "definition_was": _number(row.definition_was),
        "definition_now": _number(row.definition_now),
    }


_NAMED = ("metric", "subject_kind", "subject_id", "breakdown", "currency", "window", "period", "unit")


def _cause(cause: Cause) -> dict[str, Any]:
    return {
        "cause": cause.cause,
        "rows": cause.rows,
        "amount": cause.amount,
        "table": cause.table,
        "columns": list(cause.columns),
        "changed": list(cause.examples[:_MOST_EXAMPLES]),
    }


def _fact(each: FactDifference) -> dict[str, Any]:
    access = each.access
    return {
        "name": each.fact.name,
        "unit": each.fact.unit,
        "from_on": access.from_on.isoformat() if access.from_on else None,
        "until_on": access.until_on.isoformat(),
        "breakdown": "=".join(access.breakdown) if access.breakdown[0] else "",
        "was": each.was,
        "now": each.now,
        "causes": [_cause(cause) for cause in each.causes],
    }


def _number(value: Any) -> float | None:
    return None if pd.isna(value) else float(value)


def _word(value: Any) -> str:
    return "" if pd.isna(value) or value in ("nan", "None") else str(value)


##### For a person #####################################################################################################


def print_to(console: Console, found: Comparison) -> None:
    """Print what was restated, and apart from it what the new period brought."""
    console.print(_head(found))
    console.print(_restated(found))
    if not _is_same_period(found):
        console.print(_moved(found))


def _head(found: Comparison) -> RenderableType:
    was, now = (f"{each.run.name} (as of {each.rules.period.as_of})" for each in (found.was, found.now))
    lines = [f"{was} → {now}"]
    if found.policy:
        lines.append(f"made by other rules: {', '.join(found.policy)}")
    if found.was.rules.program != found.now.rules.program:
        lines.append("made by another version of kambook")
    lines += [_rows_said(table, counts) for table, counts in found.tables.items()]
    return Text("\n".join(lines))


def _rows_said(table: str, counts: Mapping[str, int]) -> str:
    return f"{table}: " + ", ".join(f"{count} {_WORDS[cause]}" for cause, count in counts.items())


def _restated(found: Comparison) -> RenderableType:
    figures = _together(found.restated)
    small = f"; {found.small} more below policy's thresholds (--all)" if found.small else ""
    if not figures:
        return Text(f"Restated: nothing{small}")
    table = _table(f"Restated: {len(found.restated)} figures{small}", "because of")
    for rows in figures[:_MOST_LINES]:
        table.add_row(*_cells(rows[0].row, len(rows) - 1), _because(rows[0]))
    return _with_rest(table, sum(len(rows) for rows in figures[_MOST_LINES:]))


def _together(restated: Sequence[Restated]) -> list[list[Restated]]:
    """The windows of a figure together, the newest and shortest first; wide subjects and large changes first."""
    made: dict[tuple[str, ...], list[Restated]] = {}
    for each in restated:
        row = each.row
        key = (row.subject_kind, row.subject_id, row.metric, row.breakdown, row.currency)
        made.setdefault(key, []).append(each)
    for rows in made.values():
        rows.sort(key=lambda each: (str(each.row.until_on), str(each.row.from_on)), reverse=True)
    return sorted(made.values(), key=lambda rows: _size(rows[0].row))


def _moved(found: Comparison) -> RenderableType:
    rows = sorted(found.moved.itertuples(index=False), key=_size)
    small = f"; {found.small_moves} more below the thresholds (--all)" if found.small_moves else ""
    table = _table(f"New period: {len(rows)} figures moved{small}", "from → to")
    for row in rows[:_MOST_LINES]:
        table.add_row(*_cells(row, 0), Text(f"{row.period_was} → {row.period}"))
    return _with_rest(table, len(rows) - _MOST_LINES)


def _table(title: str, last: str) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", box=None, pad_edge=False)
    table.add_column("figure", overflow="fold")
    table.add_column("of", overflow="fold")
    table.add_column("window", overflow="fold")
    for name in ("was", "is", "difference"):
        table.add_column(name, justify="right", no_wrap=True)
    table.add_column(last, overflow="fold", ratio=1)
    return table


def _with_rest(table: Table, left: int) -> RenderableType:
    if left <= 0:
        return table
    return Group(
        table, Text(f"… and {left} more figures: --subject and --metric narrow down, --json lists all")
    )


def _size(row: Any) -> tuple[int, float, str]:
    """The widest subjects first, among them the largest change for its figure; what came or went is a change by all."""
    size = 1.0 if pd.isna(row.difference) else abs(row.difference) / (abs(row.was) or 1.0)
    place = _ORDER.index(row.subject_kind) if row.subject_kind in _ORDER else len(_ORDER)
    return place, -size, f"{row.metric} {row.subject_id} {row.window} {row.breakdown}"


def _cells(row: Any, others: int) -> tuple[Text, ...]:
    broken = f" [{row.breakdown}]" if row.breakdown else ""
    more = f" and {others} more" if others else ""
    texts = (
        f"{row.metric}{broken}\n{METRICS.get(row.metric).label.zh}",
        f"{row.subject_kind}:{row.subject_id}",
        f"{row.window} {row.period}{more}",
        _shown(row.was, row.text_was, row.reason_was, row.unit),
        _shown(row.now, row.text_now, row.reason_now, row.unit),
        _amount(row.difference, row.unit, sign="+") + (f" {row.currency}" if row.unit == "money" else ""),
    )
    return tuple(Text(each) for each in texts)


def _shown(value: float | None, text: Any, reason: Any, unit: str) -> str:
    if word := _word(text):
        return word
    if value is None or pd.isna(value):
        return f"– ({_word(reason)})" if _word(reason) else "–"
    return _amount(value, unit)


_DIGITS = {
    "money": 2, "share": 1, "count": 1, "hours": 1, "days": 1, "quantity": 2, "ratio": 3, "index": 3, "score": 1,
}  # fmt: skip


def _amount(value: float | None, unit: str, sign: str = "") -> str:
    if value is None or pd.isna(value):
        return ""
    if unit == "share":
        return f"{value * 100:{sign},.{_DIGITS[unit]}f} %"
    if unit == "count" and float(value).is_integer():
        return f"{value:{sign},.0f}"
    return f"{value:{sign},.{_DIGITS.get(unit, 2)}f}"


def _because(each: Restated) -> Text:
    """The causes with what they brought; where the figure is no sum, fact by fact what they brought to each."""
    alone = [cause for cause in each.causes if cause.amount is not None or not each.facts]
    lines = [_said(cause, each.row.unit) for cause in alone]
    if len(alone) < len(each.causes):
        for fact in each.facts[:_MOST_FACTS]:
            said = "; ".join(_said(cause, fact.fact.unit) for cause in fact.causes)
            lines.append(f"{fact.fact.label.en}: {said}")
        if (left := len(each.facts) - _MOST_FACTS) > 0:
            lines.append(f"… and {left} more facts")
    return Text("\n".join(lines))


def _said(cause: Cause, unit: str) -> str:
    count = f" {cause.rows}" if cause.rows else ""
    place = f" in {cause.table}" if cause.table else ""
    columns = f" ({', '.join(cause.columns[:4])})" if cause.columns else ""
    amount = f": {_amount(cause.amount, unit, sign='+')}" if cause.amount is not None else ""
    return f"{_WORDS[cause.cause]}{count}{place}{columns}{amount}"
