"""Explain a figure: its definition, the facts it was made of, and the rows those add up from.

There is no second system: the evidence of a fact is the very lines that were added up for it. Contributions add up
to the fact exactly; of a sample the values are the same; of an account fact the members' values.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from pipeline.catalogue import Entry
from pipeline.context import Context
from pipeline.engine.evaluate import WHOLE, Evaluator
from pipeline.engine.parts import (
    OWN,
    REPORTING,
)
from pipeline.engine.quantities import REASONS, Measure
from pipeline.engine.readings import breakdowns_of, replay
from pipeline.engine.references import Figure, parsed
from pipeline.errors import UsageError, nearest
from pipeline.evidence.basis import Access, Basis, Noting, basis, needed
from pipeline.evidence.rows import evidence
from pipeline.facts import FACTS, Fact
from pipeline.periods import Window

_MOST_ROWS = 200


def explained(context: Context, text: str, *, with_rows: bool = False) -> dict[str, Any]:
    """Definition, value, facts (and rows) of a figure, JSON-able. UsageError KB-0210 … where the reference is wrong."""
    chosen = parsed(context, text)
    found = basis(context, needed(chosen.metric))
    return explanation(found, chosen, with_rows=with_rows)


def explanation(found: Basis, chosen: Figure, *, with_rows: bool = False) -> dict[str, Any]:
    """A figure from facts that are loaded. UsageError KB-0215, KB-0218, KB-0219 where the run has no such figure."""
    own = bool(chosen.currency) and chosen.currency != found.setting.currency
    evaluator = found.evaluators[OWN if own else REPORTING]
    evaluator.asked.clear()
    evaluator.forget()
    at = _position(evaluator, chosen)
    _check_breakdown(evaluator, chosen)
    if own:
        _check_currency(found, chosen, at)
    measure = _measured(evaluator, chosen)
    entry = Entry(chosen.metric)
    facts = [
        _fact_explained(found, evaluator, chosen, access, at, with_rows) for access in list(evaluator.asked)
    ]
    return {
        "metric": chosen.metric.name,
        "definition": chosen.metric.definition,
        "label": {"zh-Hans": entry.label("zh"), "en": entry.label("en")},
        "meaning": {"zh-Hans": entry.meaning("zh"), "en": entry.meaning("en")},
        "formula": {"zh-Hans": entry.formula("zh"), "en": entry.formula("en")},
        "subject_kind": chosen.kind,
        "subject_id": chosen.subject,
        "window": chosen.window.name,
        "period": chosen.window.period,
        "from_on": chosen.window.from_on.isoformat(),
        "until_on": chosen.window.until_on.isoformat(),
        "breakdown": "=".join(chosen.breakdown) if chosen.breakdown != WHOLE else "",
        "currency": chosen.currency or (found.setting.currency if chosen.metric.unit == "money" else ""),
        **_result(measure, at),
        "facts": [fact for fact in facts if fact is not None],
    }


def _measured(evaluator: Noting, chosen: Figure) -> Measure:
    if chosen.metric.kind == "replayed":
        return _replayed(evaluator, chosen)
    return evaluator.measure(chosen.metric, chosen.kind, chosen.window, chosen.breakdown)


def _replayed(evaluator: Noting, chosen: Figure) -> Measure:
    """The measure of the window, all months before it played first; only the last month's look-ups are kept."""
    window = chosen.window
    for played, measure in replay(chosen.metric, evaluator, chosen.kind, window.name, window.until_on):
        if played.until_on == window.until_on:
            return measure
        evaluator.asked.clear()
    raise UsageError(
        where=window.period, what="lies before the data", fix="choose a later period", code="KB-0214"
    )


def _position(evaluator: Evaluator, chosen: Figure) -> int:
    ids = evaluator.subjects[chosen.kind].ids if chosen.kind in evaluator.subjects else ()
    if chosen.subject not in ids:
        raise UsageError(
            where=f"{chosen.kind}:{chosen.subject}",
            what="is no subject of this run",
            nearest=nearest(chosen.subject, ids) if ids else nearest(chosen.kind, evaluator.subjects),
            fix="KIND:ID as in readings.parquet",
            code="KB-0215",
        )
    return ids.index(chosen.subject)


def _check_breakdown(evaluator: Evaluator, chosen: Figure) -> None:
    known = ["=".join(each) for each in breakdowns_of(chosen.metric, evaluator)]
    name = "=".join(chosen.breakdown)
    if name not in known:
        raise UsageError(
            where=f"{chosen.metric.name}[{name if chosen.breakdown != WHOLE else ''}]",
            what="is no breakdown of the metric in this run",
            nearest=nearest(name, known),
            fix=", ".join(
                f"{chosen.metric.name}[{each}]" if each != "=" else chosen.metric.name for each in known[:6]
            ),
            code="KB-0218",
        )


def _check_currency(found: Basis, chosen: Figure, at: int) -> None:
    people = found.people
    accounts = people.top_account if chosen.kind == "customer" else np.arange(len(people.directory.accounts))
    named = chosen.kind in ("account", "customer")
    theirs = str(people.directory.currencies[accounts[at]]) if named else found.setting.currency
    if chosen.currency != theirs:
        raise UsageError(
            where=f"{chosen.kind}:{chosen.subject}@{chosen.currency}",
            what="is not told in that currency",
            nearest=theirs,
            fix="the reporting currency, or the customer's own",
            code="KB-0219",
        )


def _result(measure: Measure, at: int) -> dict[str, Any]:
    value = measure.value
    if measure.text is not None:
        return {"value": None, "text": measure.text[at], "reason": REASONS[value.reasons[at]]}
    known = bool(value.known[at])
    return {"value": float(value.floats[at]) if known else None, "reason": REASONS[value.reasons[at]]}


def _fact_explained(
    found: Basis,
    evaluator: Noting,
    chosen: Figure,
    access: Access,
    at: int,
    with_rows: bool,  # noqa: FBT001
) -> dict[str, Any] | None:
    fact = FACTS.get(access.fact)
    if fact.kind != "account" and fact.table not in found.tables:
        return None
    said: dict[str, Any] = {
        "name": fact.name,
        "label": {"zh-Hans": fact.label.zh, "en": fact.label.en},
        "kind": fact.kind,
        "unit": fact.unit,
        "table": fact.table,
        "from_on": access.from_on.isoformat() if access.from_on else None,
        "until_on": access.until_on.isoformat(),
        "members": access.members,
    }
    if fact.kind == "account":
        return {**said, **_members_explained(evaluator, chosen, fact, access, at)}
    rows = evidence(found, fact, access, chosen.kind, chosen.subject, chosen.currency)
    said |= {"rows": len(rows), "total": _total(rows, fact)}
    return {**said, "evidence": _shown(found, rows, fact)} if with_rows else said


def _total(rows: pd.DataFrame, fact: Fact) -> float | None:
    return None if fact.kind == "sample" else float(rows["amount"].sum()) / fact.scale


def _members_explained(
    evaluator: Noting, chosen: Figure, fact: Fact, access: Access, at: int
) -> dict[str, Any]:
    """The members of the subject with a value other than zero, and what each brings."""
    window = Window(
        chosen.window.name, chosen.window.period, access.from_on or access.until_on, access.until_on
    )
    held = Evaluator.member_shares(evaluator, fact, chosen.kind, window, access.breakdown)
    ids = evaluator.subjects[fact.member].ids
    values, scale = held.quantity.values, held.quantity.scale
    mine = np.flatnonzero((held.owner == at) & held.quantity.known & (values != 0))
    return {
        "rows": int(mine.size),
        "total": float(values[mine].sum()) / scale,
        "evidence": [
            {"member": ids[held.member[each]], "amount": float(values[each]) / scale}
            for each in mine[:_MOST_ROWS]
        ],
    }


def _shown(found: Basis, rows: pd.DataFrame, fact: Fact) -> list[dict[str, Any]]:
    """The rows for a person: where each came from (file and line), and what it brought."""
    places = _places(found.context.run, rows["_from"] if "_from" in rows.columns else None, fact, rows)
    return [
        {"amount": amount / fact.scale, "from": place}
        for amount, place in zip(rows["amount"].head(_MOST_ROWS).tolist(), places, strict=False)
    ]


def _places(run: Path, origins: pd.Series | None, fact: Fact, rows: pd.DataFrame) -> Iterator[list[str]]:
    """File and line of each row's sources."""
    texts = origins if origins is not None else (fact.table + ":") + rows["_row"].astype("str")
    listed = [str(text).split() for text in texts.head(_MOST_ROWS)]
    tables = sorted({each.partition(":")[0] for row in listed for each in row})
    lines = {table: _lines_of(run, table) for table in tables}
    for row in listed:
        yield [lines[table].get(key, each) for each in row for table, _, key in [each.partition(":")]]


def _lines_of(run: Path, table: str) -> dict[str, str]:
    rows = pd.read_parquet(run / "tables" / f"{table}.parquet", columns=["_row", "_source", "_line"])
    return {row: f"{source}:{line}" for row, source, line in rows.itertuples(index=False)}


def printed(found: dict[str, Any]) -> str:
    """An explanation as text for a terminal."""
    value = found.get("text") or found["value"]
    lines = [
        f"{found['metric']} v{found['definition']}  {found['label']['zh-Hans']}  {found['label']['en']}",
        f"{found['subject_kind']}:{found['subject_id']}  {found['window']} {found['period']}",
        f"[{found['from_on']}, {found['until_on']})  {found['breakdown']}".rstrip(),
        f"= {'– (' + found['reason'] + ')' if value is None else value} {found['currency']}".rstrip(),
        f"  {found['formula']['en']}",
        f"  {found['formula']['zh-Hans']}",
    ]
    for fact in found["facts"]:
        span = f"[{fact['from_on']}, {fact['until_on']})" if fact["from_on"] else f"before {fact['until_on']}"
        total = "" if fact["total"] is None else f" = {fact['total']:.4f}"
        lines.append(f"  {fact['name']} {span}{total}  ({fact['rows']} rows of {fact['table'] or 'members'})")
        lines += [
            f"      {entry['amount']:>18.4f}  {entry.get('member') or ', '.join(entry['from'])}"
            for entry in fact.get("evidence", [])
        ]
    return "\n".join(lines)
