"""Explain a figure: its definition, the facts it was made of, and the rows those add up from.

There is no second system: the evidence of a fact is the very lines that were added up for it. Contributions add up
to the fact exactly; of a sample the values are the same; of an account fact the members' values.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline import store
from pipeline.catalogue import Entry, facts_of_words, facts_used
from pipeline.compute import evaluator_of, job_of, read_facts
from pipeline.context import Context
from pipeline.engine.cells import Cells
from pipeline.engine.cube import (
    Contributions,
    Setting,
    contributions,
    credited,
    day_number,
    in_currency,
    shares,
)
from pipeline.engine.evaluate import WHOLE, Breakdown, Evaluator, Facts
from pipeline.engine.exact import Integers
from pipeline.engine.ownership import NOBODY
from pipeline.engine.parts import (
    OWN,
    PARTS,
    REPORTING,
    Reference,
    combined,
    edges_of,
    first_days,
    part_sums,
    reference,
    stated,
)
from pipeline.engine.parts import setting_of as setting_for
from pipeline.engine.quantities import REASONS, Measure, Members, Quantity, Samples
from pipeline.engine.readings import breakdowns_of, replay
from pipeline.engine.references import Figure, parsed
from pipeline.engine.replays import Played
from pipeline.engine.statements import statements
from pipeline.engine.subjects import People
from pipeline.errors import UsageError, nearest
from pipeline.facts import FACTS, Fact
from pipeline.metrics import METRICS, Metric
from pipeline.periods import Window
from pipeline.policy import Policy, load_policy
from pipeline.resources import built_in

_MOST_ROWS = 200
_MOST_KEPT = 8


@dataclass(frozen=True)
class Access:
    """One look-up that a metric made: a fact in a window, or a stock at the end of the day before `until_on`."""

    fact: str
    from_on: date | None
    until_on: date
    breakdown: Breakdown = WHOLE
    members: str = ""


@dataclass
class Noting(Evaluator):
    """An evaluator that notes every look-up, so that an explanation lists exactly what was read."""

    asked: list[Access] = field(default_factory=list)

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        begins = None if fact.until else window.from_on
        self._note(Access(fact.name, begins, window.until_on, breakdown))
        return Evaluator.value(self, fact, kind, window, breakdown)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        self._note(Access(fact.name, None, until_on, breakdown))
        return Evaluator.level(self, fact, kind, until_on, breakdown)

    def cells(self, fact: Fact, window: Window) -> Cells:
        self._note(Access(fact.name, window.from_on, window.until_on))
        return Evaluator.cells(self, fact, window)

    def last_played(self, metric: Metric, kind: str, until_on: date) -> Played | None:
        """Of all the months that are played only the look-ups of the last are noted."""
        kept = list(self.asked)
        found = Evaluator.last_played(self, metric, kind, until_on)
        self.asked[:] = kept
        if found is not None:
            metric.measure(self.facts(kind, found.window), found.before)
        return found

    def members(self, fact: Fact, member: str, kind: str, window: Window) -> Members:
        self._note(Access(fact.name, window.from_on, window.until_on, WHOLE, member))
        return Evaluator.members(self, fact, member, kind, window)

    def _note(self, access: Access) -> None:
        if access not in self.asked:
            self.asked.append(access)


@dataclass(frozen=True)
class Basis:
    """A run's facts, loaded to explain figures of one metric."""

    context: Context
    shared: Reference
    tables: dict[str, pd.DataFrame]
    setting: Setting
    evaluators: Mapping[str, Noting]
    _contributions: dict[tuple[str, Breakdown], tuple[Contributions, Integers]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def people(self) -> People:
        return self.shared.people

    def contributions(self, fact: Fact, breakdown: Breakdown) -> tuple[Contributions, Integers]:
        """The lines of a fact, and the position in its table of each row of the breakdown; the last few are kept."""
        key = (fact.name, breakdown)
        if key not in self._contributions:
            while len(self._contributions) >= _MOST_KEPT:
                del self._contributions[next(iter(self._contributions))]
            rows = _in_breakdown(self.tables[fact.table], breakdown)
            places = rows.index.to_numpy(dtype=np.int64)
            self._contributions[key] = contributions(fact, rows, self.setting), places
        return self._contributions[key]


def basis(context: Context, names: frozenset[str]) -> Basis:
    """The fact tables of a finished run, and the sums of the facts that are named."""
    store.fingerprint(context.run, store.STAGES["compute"])
    folder = context.run / "facts"
    job = job_of(context, folder)
    shared = reference(job.run, job.tables, job.settings, job.policy, job.until_on)
    parts = [read_facts(folder, range(part, part + 1)) for part in range(PARTS)]
    starts: dict[str, date] = {}
    for part in parts:
        for name, day in first_days(part).items():
            starts[name] = min(day, starts.get(name, day))
    starts = stated(starts, context.settings)
    edges = edges_of(starts, job.until_on)
    setting = setting_for(shared, context.settings, edges)
    sums = combined([part_sums(part, setting, names) for part in parts], starts)
    evaluators = {name: _noting(evaluator_of(each, edges, shared, context)) for name, each in sums.items()}
    needed = {FACTS.get(name).table for name in names} - {""}
    tables = {
        name: pd.concat([part[name] for part in parts if name in part], ignore_index=True)
        for name in sorted(needed)
        if any(name in part for part in parts)
    }
    return Basis(context, shared, tables, setting, evaluators)


def _noting(evaluator: Evaluator) -> Noting:
    names = [name for name in Evaluator.__dataclass_fields__ if not name.startswith("_")]
    return Noting(**{name: getattr(evaluator, name) for name in names})


def under_policy(found: Basis, policy: Policy) -> dict[str, Noting]:
    """The evaluators over the same sums that judge by another policy."""
    return {name: replace(_noting(each), policy=policy) for name, each in found.evaluators.items()}


def explained(context: Context, text: str, *, with_rows: bool = False) -> dict[str, Any]:
    """Definition, value, facts (and rows) of a figure, JSON-able. UsageError KB-0210 … where the reference is wrong."""
    chosen = parsed(context, text)
    found = basis(context, needed(chosen.metric))
    return explanation(found, chosen, with_rows=with_rows)


def needed(metric: Metric) -> frozenset[str]:
    """The facts that a metric may read; which metrics a composite weighs, policy decides."""
    if metric.kind == "composite":
        return frozenset(FACTS.all())
    used = facts_used(metric)
    return frozenset(used).union(*(facts_of_words(name) for name in used))


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


def evidence(
    found: Basis, fact: Fact, access: Access, kind: str, subject: str, currency: str = ""
) -> pd.DataFrame:
    """The lines that were added up: `row` (position in the fact's table), `amount` (exact), and the table's columns.

    The amounts add up to the fact in its scale, in the reporting currency, or in `currency` where that is given.
    """
    if fact.kind == "stated":
        return _stated(found, fact, access, kind, subject)
    rows = found.tables[fact.table]
    brought = brought_by_rows(found, fact, access, currency)
    mine = np.flatnonzero(owners_of(found.people, kind, brought.lines) == subject)
    made = rows.iloc[brought.row[mine]].reset_index(drop=True)
    return _once(made.assign(row=brought.row[mine], amount=brought.amount[mine]), fact)


@dataclass(frozen=True)
class Brought:
    """The lines of a fact in a window, whosever they are: what each row brought, and to whom.

    `row` is the position in the fact's table, `whole` what the row brought in the currency asked for, `amount` the
    part of it that is the line's owner's; of both what is not known is 0. `lines.amount` is still in the row's own.
    """

    lines: Contributions
    row: Integers
    whole: Integers
    amount: Integers


def brought_by_rows(found: Basis, fact: Fact, access: Access, currency: str = "") -> Brought:
    """Every line of a flow, stock, cell or sample in a window, in the reporting currency or in `currency`."""
    lines, rows = found.contributions(fact, access.breakdown)
    target = np.full(lines.row.size, currency or found.setting.currency, dtype=object)
    if fact.kind == "stock":
        lines, whole, amount = _held(lines, found.setting, target, access.until_on)
    else:
        low, high = day_number(access.from_on or date.min), day_number(access.until_on)
        inside = (lines.day >= low) & (lines.day < high)
        lines, target = lines.take(inside), target[inside]
        whole = amount = lines.amount
        if fact.kind != "sample":
            whole, _ = in_currency(lines, target, lines.day, found.setting.flow_rates)
            amount = shares(whole, lines.weight, lines.row)
    return Brought(lines, rows[lines.row], whole, amount)


def owners_of(people: People, kind: str, lines: Contributions) -> npt.NDArray[Any]:
    """The id of the subject of a kind that each line belongs to; None where it belongs to none."""
    subjects = people.subjects[kind]
    if subjects.of_account is not None:
        at = subjects.of_account[lines.account]
    elif subjects.of_product is not None:
        at = pd.Index(subjects.ids).get_indexer(pd.Index(lines.product)).astype(np.int64)
    else:
        posts = np.append(np.asarray(subjects.of_post), NOBODY)
        at = posts[lines.post]  # a post of -1 is nobody's
    ids: npt.NDArray[Any] = np.array([*subjects.ids, None], dtype=object)
    return ids[at]


def _once(lines: pd.DataFrame, fact: Fact) -> pd.DataFrame:
    """Each row once, with the shares of all its owners; of a sample it is one value whoever shares it."""
    rows: pd.DataFrame = lines.drop_duplicates("row", ignore_index=True)
    if fact.kind == "sample" or len(rows) == len(lines):
        return rows
    return rows.assign(amount=lines.groupby("row")["amount"].sum().reindex(rows["row"]).to_numpy())


def _stated(found: Basis, fact: Fact, access: Access, kind: str, subject: str) -> pd.DataFrame:
    """The rows in which a figure is stated of the subject itself."""
    rows = found.tables[fact.table]
    said = statements(fact, rows, found.setting)
    inside = said.inside(fact, access.from_on, access.until_on, access.breakdown)
    at = np.flatnonzero(inside & (said.kind == kind) & (said.subject == subject))
    made: pd.DataFrame = rows.iloc[at].reset_index(drop=True)
    return made.assign(row=at, amount=said.value[at])


def _in_breakdown(rows: pd.DataFrame, breakdown: Breakdown) -> pd.DataFrame:
    return rows if breakdown == WHOLE else rows[rows[breakdown[0]] == breakdown[1]]


def _held(
    lines: Contributions, setting: Setting, target: Any, until_on: date
) -> tuple[Contributions, Integers, Integers]:
    """The lines of a stock that hold at the end of the day before: with each row's whole amount, and its owner's part."""
    edge = day_number(until_on)
    holds = (lines.day < edge) & (lines.until >= edge)
    held = lines.take(holds)
    days = np.full(held.row.size, edge - 1, dtype=np.int64)
    amount, _ = in_currency(held, target[holds], days, setting.closing_rates)
    owned, source = credited(held, days, setting)
    return owned, amount[source], shares(amount[source], owned.weight, source)


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


@cache
def _built_in_policy() -> Policy:
    return load_policy(built_in("data"))


class _Tracer:
    """Stands in for an evaluator where only the look-ups matter: answers zeros and notes what was asked."""

    def __init__(self, policy: Policy | None) -> None:
        self.asked: list[Access] = []
        self.fiscal_start = 1
        self._policy = policy

    @property
    def policy(self) -> Policy:
        """The company's policy, else the built-in one: a rule may say which facts are read."""
        return self._policy or _built_in_policy()

    def value(self, fact: Fact, kind: str, window: Window, breakdown: Breakdown) -> Quantity | Samples:
        del kind
        begins = None if fact.kind == "stock" else window.from_on
        self.asked.append(Access(fact.name, begins, window.until_on, breakdown))
        nothing = np.zeros(0, dtype=np.int64)
        if fact.kind == "sample":
            return Samples(nothing, nothing, 1, fact.scale)
        return Quantity.of(np.zeros(1, dtype=np.int64), fact.scale)

    def level(self, fact: Fact, kind: str, until_on: date, breakdown: Breakdown) -> Quantity:
        del kind
        self.asked.append(Access(fact.name, None, until_on, breakdown))
        return Quantity.of(np.zeros(1, dtype=np.int64), fact.scale)


def facts_of(
    metric: str,
    window: Window,
    breakdown: str,
    tables: Mapping[str, pd.DataFrame],
    policy: Policy | None = None,
) -> list[dict[str, Any]]:
    """The facts of a plain metric in a window, and from how many of these rows each was made: for a sidecar.

    `tables` holds the fact tables of one subject only. Facts of tables that are not there are left out.
    """
    label, _, value = breakdown.partition("=")
    tracer = _Tracer(policy)
    METRICS.get(metric).measure(Facts(tracer, "customer", window, (label, value)))  # type: ignore[arg-type]
    counts: dict[str, int] = {}
    for access in dict.fromkeys(tracer.asked):
        fact = FACTS.get(access.fact)
        if fact.table in tables:
            rows = _in_breakdown(tables[fact.table], access.breakdown)
            counts[fact.name] = counts.get(fact.name, 0) + _rows_counted(fact, rows, access)
    return [{"name": name, "rows": rows} for name, rows in sorted(counts.items())]


def facts_named(
    metric: str, _window: Window, _breakdown: str, _tables: Mapping[str, pd.DataFrame]
) -> list[dict[str, Any]]:
    """The facts of a metric, for the sidecar of a document about many: `explain` counts their rows when it is asked."""
    return [{"name": name, "rows": None} for name in sorted(facts_used(METRICS.get(metric)))]


def _rows_counted(fact: Fact, rows: pd.DataFrame, access: Access) -> int:
    measured = fact.measure(rows)
    counted = measured.notna() if fact.kind == "sample" else (measured != 0).fillna(True)
    day = rows[fact.on]
    until = np.datetime64(access.until_on)
    if fact.kind == "stock":
        holds = (day < until) & (rows[fact.until].isna() | (rows[fact.until] >= until))
        return int((counted & holds).sum())
    return int((counted & (day < until) & (day >= np.datetime64(access.from_on or date.min))).sum())
