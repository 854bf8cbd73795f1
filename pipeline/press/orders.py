"""Orders: for each task the slice of its subject, written to a file that only its worker reads; or why there is none."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline import store
from pipeline.catalogue import facts_used
from pipeline.context import Context
from pipeline.engine import scorecard_plan
from pipeline.engine.prepare import with_customers
from pipeline.facts import FACTS
from pipeline.gate import quality
from pipeline.gate.wording import whys
from pipeline.metrics import METRICS
from pipeline.press.document import present
from pipeline.press.edition import Edition
from pipeline.press.insight import insight_slices
from pipeline.press.internal import internal_slices
from pipeline.press.issued import issues_of
from pipeline.press.languages import language
from pipeline.press.reports import REPORTS, every_section, report_of, sections_of
from pipeline.press.run_ledger import Ledger, lines_of
from pipeline.press.schedule import Task
from pipeline.press.slices import Issue, Slice, Subject, readings_of, tables_of
from pipeline.press.standing import Borders, borders
from pipeline.press.studio import Known, Order, Setup
from pipeline.press.trusted import distrusted_by_customer, trusted
from pipeline.rules.decisions import DECISIONS, DecisionRule

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
    kept: Sequence[Mapping[str, Any]] = (),
    kept_withheld: Sequence[Mapping[str, Any]] = (),
) -> Orders:
    """An order for each task with something to say; `reasons` says by customer what validation withholds.

    Slices are written below `folder`, one a document. The portfolio's documents come last, as they tell what became
    of all others: of these tasks, and of the documents that are `kept` from before and what was withheld then.
    """
    asked: dict[tuple[str, str], list[Task]] = {}
    for task in tasks:
        asked.setdefault((task.subject_kind, task.subject_id), []).append(task)
    setup = Setup(context.workspace, context.fonts)
    (folder / "slices").mkdir(mode=0o700)
    orders: list[Order] = []
    withheld: list[dict[str, Any]] = []
    for subject in _portfolio_last(every_slice(context, subjects, asked, reasons)):
        about = subject.subject
        own_reasons = reasons.get(about.subject_id, ()) if about.kind == "customer" else ()
        tasks_of = asked[about.kind, about.subject_id]
        for task in (
            each
            for each in tasks_of
            if subject.serves(each.kind, each.edition, report_of(each.kind).audience)
        ):
            edition = edition_of(context, task)
            if task.kind == "portfolio_report":
                told = [*kept_withheld, *withheld]
                edition = replace(edition, ledger=_ledger(context, task, (tasks, kept), told, subjects))
            entries, own = judged(task, subject, edition, own_reasons)
            withheld += entries
            if own is not None:
                file = folder / "slices" / f"{len(orders)}.pickle"
                file.write_bytes(pickle.dumps(own, protocol=5))
                orders.append(Order(setup, task, edition, file, folder, known.get(task.id)))
    return Orders(tuple(orders), tuple(withheld))


def _portfolio_last(slices: Iterable[Slice]) -> Iterator[Slice]:
    last: list[Slice] = []
    for each in slices:
        if each.subject.kind == "portfolio":
            last.append(each)
        else:
            yield each
    yield from last


def _ledger(
    context: Context,
    task: Task,
    due: tuple[Sequence[Task], Sequence[Mapping[str, Any]]],
    withheld: Sequence[Mapping[str, Any]],
    subjects: Mapping[str, Sequence[Subject]],
) -> Ledger:
    """The ledger that a portfolio's report prints, in its language."""
    in_han = language(task.language).is_han
    tasks, kept = due
    asked = [
        *((each.kind, each.id) for each in tasks),
        *((each["kind"], each["id"]) for each in (*kept, *withheld)),
    ]
    names = {
        (each.kind, each.subject_id): each.named(in_han=in_han) for own in subjects.values() for each in own
    }
    findings = store.read_json(context.run / "quality" / "findings.json")
    return Ledger(
        lines_of(asked, withheld, tuple(REPORTS)), tuple(withheld), names, whys(findings, task.language)
    )


def every_slice(
    context: Context,
    subjects: Mapping[str, Sequence[Subject]],
    asked: Mapping[tuple[str, str], Sequence[Task]],
    reasons: Mapping[str, Sequence[Reason]],
) -> Iterator[Slice]:
    """The slices of all subjects that are asked for: those for clients first, then those of internal documents."""
    told = {
        name for (_kind, name), tasks in asked.items() if any(each.audience == "client" for each in tasks)
    }
    customers = [each for each in subjects["customer"] if each.subject_id in told]
    distrusted, basis = _distrusted(context), context.settings.sales.basis
    for each in slices_of(context, customers):
        yield trusted(each, distrusted.get(each.subject.subject_id, ()), basis)
    held_back = _held_back(reasons)
    industries = [each for each in subjects.get("industry", ()) if ("industry", each.subject_id) in asked]
    yield from insight_slices(context, industries, distrusted, held_back)
    inside = _inside(subjects, asked)
    if inside:
        yield from internal_slices(context, inside, subjects, held_back)


def _held_back(reasons: Mapping[str, Sequence[Reason]]) -> frozenset[str]:
    """The customers whose documents validation withholds wholly."""
    return frozenset(
        name for name, entries in reasons.items() if any(each["section"] is None for each in entries)
    )


def _inside(
    subjects: Mapping[str, Sequence[Subject]], asked: Mapping[tuple[str, str], Sequence[Task]]
) -> dict[tuple[str, str], list[Subject]]:
    """Of each kind and edition of internal documents the subjects, each once."""
    found: dict[tuple[str, str], dict[str, Subject]] = {}
    for (kind, name), tasks in asked.items():
        about = {each.subject_id: each for each in subjects[kind]}
        for task in tasks:
            if task.audience != "client":
                found.setdefault((task.kind, task.edition), {})[name] = about[name]
    return {key: list(each.values()) for key, each in found.items()}


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
    sections = [each.name for each in sections_of(report, task.edition, task.window.name)]
    concerned = [reason for reason in reasons if reason["section"] in sections]
    named = {reason["section"] for reason in concerned}
    own = replace(subject, withheld=tuple(name for name in sections if name in named))
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
    is_han = language(task.language).is_han
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
        **_further_rules(context, task.kind),
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


def _further_rules(context: Context, kind: str) -> dict[str, Any]:
    """The rules that a kind of document speaks of."""
    if kind == "pay_draft":
        return {"pay_plans": tuple(context.policy.all("pay_plan"))}
    if kind in ("team_report", "portfolio_report"):
        return {"decisions": decisions_in_force(context.policy.all("decision"), context.period.as_of)}
    if kind == "warning_bulletin":
        return {"back_test": context.policy.at("back_test", context.period.as_of)}
    if kind == "account_brief":
        return {"borders": _borders(context)}
    return {}


def _borders(context: Context) -> Borders | None:
    """The borders of twelve months' sales between all customers, in the company's currency."""
    told = readings_of(context.run, "customer", "internal", {"net_sales"}, context.period.until_on)
    currency = context.settings.company.currency
    sales = [
        each.value or 0.0
        for rows in told.values()
        for each in rows
        if each.window == "t12m" and not each.breakdown and each.currency in ("", currency)
    ]
    return borders(sales, context.policy.at("tier", context.period.as_of))


def decisions_in_force(rules: Sequence[DecisionRule], day: date) -> tuple[DecisionRule, ...]:
    """Of each rule by which a decision is asked for the latest that holds on a day, in the order of the policy."""
    found: dict[str, DecisionRule] = {}
    for rule in sorted(rules, key=lambda each: each.valid_from):
        if rule.valid_from <= day:
            found[rule.rule] = rule
    return tuple(dict(sorted(found.items(), key=lambda each: DECISIONS.index(each[0]))).values())


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
            yield Slice(chosen[name], readings.get(name, ()), part[name], issued=_issued(context, name))
    for name in sorted(chosen.keys() - told):
        yield Slice(chosen[name], readings.get(name, ()), {}, issued=_issued(context, name))


def _issued(context: Context, customer_id: str) -> tuple[Issue, ...]:
    return issues_of(context.run.parent.parent, customer_id, context.period.until_on)


def table_names(audience: str) -> tuple[str, ...]:
    """The tables that sections of an audience's reports read, and those that the facts of their metrics are measured on."""
    reports = [report for report in REPORTS.values() if report.audience == audience]
    sections = [section for report in reports for section in every_section(report)]
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
    return _standing_of(run, "customer_class")


def bands_of(run: Path) -> dict[str, str]:
    """The band of revenue of each customer on the period's last day."""
    return _standing_of(run, "revenue_band")


def customers_at_risk(run: Path, until_on: date) -> frozenset[str]:
    """The customers with a warning on the period's last day that puts their business at risk."""
    wanted = (
        (pc.field("metric") == "customers_at_risk")
        & (pc.field("subject_kind") == "customer")
        & (pc.field("until_on") == until_on)
        & (pc.field("value") > 0)
    )
    rows = pq.read_table(run / "readings.parquet", columns=["subject_id"], filters=wanted)
    return frozenset(rows["subject_id"].to_pylist())


def asked_editions(context: Context, customer_of: Mapping[str, str]) -> dict[str, frozenset[str]]:
    """The editions that the contacts of each customer ask for, of those who are there on the period's last day."""
    if not (context.run / "tables" / "contacts.parquet").is_file():
        return {}
    columns = ["account_id", "report_edition", "active_from_on", "left_at"]
    rows = quality.accepted(context.run, "contacts", columns)
    last = pd.Timestamp(context.period.until_on)
    gone = pd.to_datetime(rows["left_at"], utc=True) < last.tz_localize(context.settings.company.time_zone)
    there = rows[~gone & ~(rows["active_from_on"] >= last) & rows["report_edition"].notna()]
    found: dict[str, set[str]] = {}
    for account, edition in zip(there["account_id"], there["report_edition"], strict=True):
        found.setdefault(customer_of.get(account, account), set()).add(str(edition).strip().lower())
    return {customer: frozenset(editions) for customer, editions in found.items()}


def _standing_of(run: Path, metric: str) -> dict[str, str]:
    wanted = (pc.field("metric") == metric) & (pc.field("subject_kind") == "customer")
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
