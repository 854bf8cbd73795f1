"""Orders: for each task the slice of its subject, written to a file that only its worker reads; or why there is none."""

from __future__ import annotations

import pickle
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import store
from pipeline.catalogue import facts_used
from pipeline.context import Context
from pipeline.engine import scorecard_plan
from pipeline.engine.prepare import with_customers
from pipeline.facts import FACTS
from pipeline.gate import quality
from pipeline.metrics import METRICS
from pipeline.press.document import present
from pipeline.press.edition import Edition
from pipeline.press.internal import INSIDE, internal_slices
from pipeline.press.reports import REPORTS, report_of, sections_of
from pipeline.press.schedule import Task
from pipeline.press.slices import Slice, Subject, readings_of, tables_of
from pipeline.press.studio import Known, Order, Setup
from pipeline.press.trusted import distrusted_by_customer, trusted

NOTHING_TO_REPORT = "KB-1310"
Reason = Mapping[str, Any]


@dataclass(frozen=True)
class Orders:
    """The orders of a run, and the entries of what is withheld."""

    orders: tuple[Order, ...]
    withheld: tuple[dict[str, Any], ...]


def ordered(
    context: Context,
    folder: Path,
    tasks: Sequence[Task],
    subjects: Mapping[str, Sequence[Subject]],
    reasons: Mapping[str, Sequence[Reason]],
    known: Mapping[str, Known],
) -> Orders:
    """An order for each task with something to say; `reasons` says by customer what validation withholds.

    Slices are written below `folder`, one a document.
    """
    asked: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        asked.setdefault((task.subject_kind, task.subject_id), []).append(task)
    setup = Setup(context.workspace, context.fonts)
    (folder / "slices").mkdir()
    orders: list[Order] = []
    withheld: list[dict[str, Any]] = []
    for subject in every_slice(context, subjects, asked, reasons):
        about = subject.subject
        own_reasons = reasons.get(about.subject_id, ()) if about.kind == "customer" else ()
        for task in asked[about.kind, about.subject_id]:
            edition = edition_of(context, task)
            entries, own = judged(task, subject, edition, own_reasons)
            withheld += entries
            if own is not None:
                file = folder / "slices" / f"{len(orders)}.pickle"
                file.write_bytes(pickle.dumps(own, protocol=5))
                orders.append(Order(setup, task, edition, file, folder, known.get(task.id)))
    return Orders(tuple(orders), tuple(withheld))


def every_slice(
    context: Context,
    subjects: Mapping[str, Sequence[Subject]],
    asked: Collection[tuple[str, str]],
    reasons: Mapping[str, Sequence[Reason]],
) -> Iterator[Slice]:
    """The slices of all subjects that are asked for: customers first, then those of internal documents."""
    customers = [each for each in subjects["customer"] if ("customer", each.subject_id) in asked]
    distrusted, basis = _distrusted(context), context.settings.sales.basis
    for each in slices_of(context, customers):
        yield trusted(each, distrusted.get(each.subject.subject_id, ()), basis)
    inside = {kind: [each for each in subjects[kind] if (kind, each.subject_id) in asked] for kind in INSIDE}
    if any(inside.values()):
        held_back = {
            name for name, entries in reasons.items() if any(each["section"] is None for each in entries)
        }
        yield from internal_slices(context, inside, subjects, held_back)


def _distrusted(context: Context) -> dict[str, frozenset[str]]:
    return distrusted_by_customer(context.run, customers_of_accounts(context))


def judged(
    task: Task, subject: Slice, edition: Edition, reasons: Sequence[Reason]
) -> tuple[list[dict[str, Any]], Slice | None]:
    """What of a task is withheld, and the slice for the rest; no slice where nothing of it may or can be made."""
    whole = next((reason for reason in reasons if reason["section"] is None), None)
    if whole is not None:
        return [_withheld(task, whole)], None
    report = report_of(task.kind)
    concerned = [reason for reason in reasons if reason["section"] in report.sections]
    named = {reason["section"] for reason in concerned}
    own = replace(subject, withheld=tuple(name for name in report.sections if name in named))
    if not present(report, own, edition):
        return [
            _withheld(task, {"section": None, "code": NOTHING_TO_REPORT, "reason": "nothing to report"})
        ], None
    return [_withheld(task, reason) for reason in concerned], own


def _withheld(task: Task, reason: Reason) -> dict[str, Any]:
    return {**named(task), **{name: reason[name] for name in ("section", "code", "reason")}}


def named(task: Task) -> dict[str, Any]:
    """How lists of what was not made name a task."""
    return {
        "id": task.id,
        "subject_kind": task.subject_kind,
        "subject_id": task.subject_id,
        "kind": task.kind,
        "period": task.window.period,
        "language": task.language,
        "edition": task.edition,
    }


def edition_of(context: Context, task: Task) -> Edition:
    """What the document says of itself and of the rules it was made by."""
    company = context.settings.company
    is_han = task.language.startswith("zh")
    return Edition(
        kind=task.kind,
        window=task.window,
        period=context.period,
        edition=task.edition,
        company=company.name if is_han else company.name_en or company.name,
        sales_basis=context.settings.sales.basis,
        time_zone=company.time_zone,
        late_days=context.policy.at("delivery", context.period.as_of).late_days,
        tier=context.policy.at("tier", context.period.as_of),
        **_scorecard_plan(context, task.kind),
        lines={
            line.name: line.label if is_han else line.label_en or line.label
            for line in context.policy.all("plan")
        },
    )


def _scorecard_plan(context: Context, kind: str) -> dict[str, Any]:
    """What a scorecard is judged by; other documents do not depend on it."""
    if kind != "manager_scorecard":
        return {}
    kept = store.read_json(context.run / "facts" / scorecard_plan.FILE)
    return {
        "scorecard": context.policy.find("scorecard", context.period.as_of),
        "plan_remarks": scorecard_plan.from_json(kept),
    }


def slices_of(context: Context, customers: Sequence[Subject]) -> Iterator[Slice]:
    """The slice of each customer: its readings for clients, its rows of the tables they rest on.

    One part of the customers is held at a time. An empty currency is the company's own.
    """
    currency = context.settings.company.currency
    chosen = {each.subject_id: replace(each, currency=each.currency or currency) for each in customers}
    if not chosen:
        return
    readings = readings_of(context.run, "customer", "client")
    told: set[str] = set()
    for part in tables_of(context.run, table_names("client")):
        for name in sorted(part.keys() & chosen.keys()):
            told.add(name)
            yield Slice(chosen[name], readings.get(name, ()), part[name])
    for name in sorted(chosen.keys() - told):
        yield Slice(chosen[name], readings.get(name, ()), {})


def table_names(audience: str) -> tuple[str, ...]:
    """The tables that sections of an audience's reports read, and those that the facts of their metrics are measured on."""
    reports = [report for report in REPORTS.values() if report.audience == audience]
    sections = [section for report in reports for section in sections_of(report)]
    metrics = sorted({name for section in sections for name in section.metrics})
    facts = {FACTS.get(fact).table for name in metrics for fact in facts_used(METRICS.get(name))}
    return tuple(sorted({name for section in sections for name in section.tables} | (facts - {""})))


def customers_of_accounts(context: Context) -> dict[str, str]:
    """The customer of every account, and every customer itself."""
    accounts = with_customers(quality.accepted(context.run, "accounts"), context.settings.company.currency)
    found = dict(zip(accounts["account_id"], accounts["customer_id"], strict=True))
    return {**{customer: customer for customer in found.values()}, **found}


def classes_of(run: Path) -> dict[str, str]:
    """The class of each customer on the period's last day."""
    wanted = (pc.field("metric") == "customer_class") & (pc.field("subject_kind") == "customer")
    columns = ["subject_id", "until_on", "text"]
    rows = pq.read_table(run / "readings.parquet", columns=columns, filters=wanted).to_pylist()
    rows.sort(key=lambda row: row["until_on"])
    return {row["subject_id"]: row["text"] for row in rows if row["text"]}


def withheld_by_customer(run: Path, customer_of: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """What validation withholds, by customer: an account that is withheld leaves its group's figures incomplete."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in store.read_json(run / "quality" / "withheld.json"):
        customer = customer_of.get(entry["subject_id"], entry["subject_id"])
        found.setdefault(customer, []).append(entry)
    return found
