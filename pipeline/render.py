"""Stage 4: documents. Each customer's slice is cut here and handed to a worker; nothing else reaches it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from time import monotonic
from typing import Any

import pandas as pd

from pipeline import document, press, quality, slices, store
from pipeline.catalogue import catalogue, facts_used
from pipeline.context import Context
from pipeline.facts import FACTS
from pipeline.fan_out import map_items
from pipeline.languages import language
from pipeline.manifest import write_manifest
from pipeline.metrics import METRICS
from pipeline.prepare import with_customers
from pipeline.schedule import Task, Withheld, split, tasks
from pipeline.sections import SECTIONS

STAGE = store.STAGES["render"]
ENTRIES = "documents/entries.json"
NOTHING = "KB-1320"
_WORTH_WORKERS = 4
"""Documents from which starting worker processes takes less time than it saves."""


def render(context: Context) -> None:
    """Write `documents/`, then `manifest.json` and `index.html`; documents that did not change are taken over."""
    document.check_reports(catalogue())
    began = monotonic()
    reads = {"readings": store.fingerprint(context.run, store.STAGES["compute"])}
    shop = shop_of(context)
    key = stage_key(context, shop)
    if store.is_current(context.run, STAGE, key):
        entries = _unchanged(store.read_json(context.run / ENTRIES))
        context.log.event("render", "unchanged", rows=len(entries["documents"]))
    else:
        with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
            entries = _made(context, shop, folder)
            store.write_json(folder / ENTRIES, entries)
        context.log.event("render", "done", rows=len(entries["documents"]), seconds=monotonic() - began)
    write_manifest(context, entries)


def stage_key(context: Context, shop: press.Shop) -> str:
    """The hash of all that the documents depend on."""
    return store.sha256_of(
        {
            "readings": store.fingerprint(context.run, store.STAGES["compute"]),
            "quality": store.fingerprint(context.run, store.STAGES["validate"]),
            "with": press.ingredients(shop),
            "settings": context.settings.model_dump(mode="json"),
            "policy": context.policy.as_json(),
            "period": context.period.name,
            "only": context.only,
        }
    )


def shop_of(context: Context) -> press.Shop:
    """What the run's documents are made with."""
    found = slices.customers(context.run)
    names = {each.brand or context.settings.documents.brand for each in found} | {
        context.settings.documents.brand
    }
    languages = {
        *context.settings.documents.languages,
        *(rule.language for rule in context.policy.all("report")),
    }
    for name in languages - {""}:
        language(name)
    return press.Shop(
        workspace=context.workspace,
        fonts=context.fonts,
        run=context.run,
        target=context.run / f".{STAGE.name}.tmp",
        settings=context.settings,
        period=context.period,
        late_days=context.policy.at("delivery", context.period.as_of).late_days,
        brands=tuple(sorted(names)),
        languages=tuple(sorted(languages - {""})),
    )


def _made(context: Context, shop: press.Shop, folder: Path) -> dict[str, Any]:
    asked = asked_of(context)
    sections = {kind: report.sections for kind, report in document.REPORTS.items()}
    customer_of = _customer_of(context)
    last = _last_entries(context.run)
    chosen, withheld = split(asked, quality.withheld(context.run), customer_of, sections)
    kept, chosen = _kept(context, chosen, last, customer_of, folder)
    entries: dict[str, Any] = {
        "documents": kept,
        "failed": [],
        "withheld": [asdict(each) for each in withheld],
    }
    jobs = context.jobs if len(chosen) >= _WORTH_WORKERS else 1
    with context.log.progress("render", len(chosen)) as bar:
        for order, found, error in map_items(
            press.made, list(_orders(context, chosen, last)), jobs, initializer=press.begin, initargs=(shop,)
        ):
            _note(context, entries, order.task, found, error, last)
            bar.advance()
    for listed in entries.values():
        listed.sort(
            key=lambda each: (each["kind"], each["subject_id"], each.get("id") or each.get("section") or "")
        )
    return entries


def asked_of(context: Context) -> list[Task]:
    """What the schedule asks for at the end of the run's period."""
    kinds = {kind: (report.audience, report.subject_kind) for kind, report in document.REPORTS.items()}
    rules = context.policy.all("report")
    for rule in rules:
        document.report_of(rule.kind)
    return tasks(
        rules,
        kinds,
        slices.customers(context.run),
        _classes(context.run),
        context.period,
        context.settings.documents,
    )


def _classes(run: Path) -> dict[str, str]:
    found = slices.readings_of(run, "customer", "internal")
    newest = {
        customer: max(
            (each for each in rows if each.metric == "customer_class"),
            key=lambda each: each.until_on,
            default=None,
        )
        for customer, rows in found.items()
    }
    return {customer: each.text for customer, each in newest.items() if each is not None and each.text}


def _customer_of(context: Context) -> dict[str, str]:
    accounts = with_customers(quality.accepted(context.run, "accounts"), context.settings.company.currency)
    return dict(zip(accounts["account_id"], accounts["customer_id"], strict=True))


def _last_entries(run: Path) -> dict[str, dict[str, Any]]:
    """The documents of the run as it was, by path; none where there was no finished render."""
    if store.done(run, STAGE) is None:
        return {}
    return {entry["path"]: entry for entry in store.read_json(run / ENTRIES)["documents"]}


def _kept(
    context: Context,
    chosen: Sequence[tuple[Task, tuple[str, ...]]],
    last: Mapping[str, dict[str, Any]],
    customer_of: Mapping[str, str],
    folder: Path,
) -> tuple[list[dict[str, Any]], list[tuple[Task, tuple[str, ...]]]]:
    """With `--only`, the other customers' documents are kept as they were; the tasks that are left to do."""
    if not context.only:
        return [], list(chosen)
    wanted = {customer_of.get(each, each) for each in context.only}
    kept = []
    for task, _ in chosen:
        if task.subject_id not in wanted and task.path in last:
            for path in (Path(task.path), Path(task.path).with_suffix(".json")):
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(context.run / path, folder / path)
            kept.append({**last[task.path], "state": "unchanged"})
    return kept, [pair for pair in chosen if pair[0].subject_id in wanted]


def _orders(
    context: Context, chosen: Sequence[tuple[Task, tuple[str, ...]]], last: Mapping[str, dict[str, Any]]
) -> Iterator[press.Order]:
    """Each document with its own customer's slice; the rows of one part of the customers are read at a time."""
    readings = {
        audience: slices.readings_of(context.run, "customer", audience)
        for audience in sorted({task.audience for task, _ in chosen})
    }
    tables = _tables_by_customer(context.run, {task.subject_id for task, _ in chosen})
    for task, withheld in chosen:
        own = readings[task.audience].get(task.subject_id, ())
        subject = slices.Slice(task.customer, own, tables.get(task.subject_id, {}), withheld)
        entry = last.get(task.path, {})
        yield press.Order(task, subject, entry.get("key", ""), entry.get("sha256", ""))


def _tables_by_customer(run: Path, wanted: set[str]) -> dict[str, dict[str, pd.DataFrame]]:
    found: dict[str, dict[str, pd.DataFrame]] = {}
    for part in slices.tables_of(run, tables_needed()):
        found |= {customer: tables for customer, tables in part.items() if customer in wanted}
    return found


def tables_needed() -> set[str]:
    """The fact tables that sections read, and those that their figures are counted in."""
    sections = [SECTIONS.get(name) for report in document.REPORTS.values() for name in report.sections]
    named = {table for section in sections for table in section.tables}
    metrics = {name for section in sections for name in section.metrics}
    facts = {fact for name in metrics for fact in facts_used(METRICS.get(name))}
    return named | {FACTS.get(name).table for name in facts} - {""}


def _note(
    context: Context,
    entries: dict[str, Any],
    task: Task,
    found: Mapping[str, Any] | None,
    error: BaseException | None,
    last: Mapping[str, dict[str, Any]],
) -> None:
    """Enter what came of a document: made, unchanged, withheld for want of anything to say, or failed."""
    subject: dict[str, Any] = {"subject_kind": task.subject_kind, "subject_id": task.subject_id}
    if error is not None or found is None:
        failed = press.failure(error or RuntimeError())
        entries["failed"].append({**subject, "kind": task.kind, "section": None, **failed})
        context.log.event("render", "failed", "error", **subject, code=failed["code"])
    elif "nothing" in found:
        nothing = Withheld(task.subject_kind, task.subject_id, task.kind, None, NOTHING, "nothing to report")
        entries["withheld"].append(asdict(nothing))
        context.log.event("render", "withheld", **subject, code=NOTHING)
    else:
        pages = {"pages": last[task.path]["pages"]} if found["state"] == "unchanged" else {}
        entries["documents"].append({**task.identity, **pages, **found})
        context.log.event("render", str(found["state"]), **subject)


def _unchanged(entries: dict[str, Any]) -> dict[str, Any]:
    return {**entries, "documents": [{**entry, "state": "unchanged"} for entry in entries["documents"]]}
