"""Stage 4: the documents that policy asks for, each from its own customer's slice; what has not changed is kept.

`documents/record.json` says what came of the schedule. The manifest and the index are made of it when the stage has
finished, and again whenever it is asked for and has nothing to do.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

import pipeline
from pipeline import fonts, quality, store
from pipeline.catalogue import catalogue, facts_used
from pipeline.compute import code_hash
from pipeline.context import Context
from pipeline.document import check_reports, present, report_of, sections_of
from pipeline.errors import KambookError
from pipeline.facts import FACTS
from pipeline.fan_out import map_items
from pipeline.log import Advance
from pipeline.manifest import write_manifest
from pipeline.metrics import METRICS
from pipeline.prepare import with_customers
from pipeline.run_index import write_index
from pipeline.schedule import Task, only_of, schedule
from pipeline.sections import Section
from pipeline.slices import Customer, Slice, customers, readings_of, tables_of
from pipeline.studio import Known, Made, Order, Setup, fulfil, link, templates_hash, versions, warm
from pipeline.view import Edition

STAGE = store.STAGES["render"]
RECORD = "documents/record.json"
NOTHING_TO_REPORT = "KB-1310"
_OUR_BUG = "KB-1390"
_WORKER_DIED = "KB-1391"


@dataclass(frozen=True)
class Record:
    """What came of the schedule: a document, a reason to withhold it, or an error for each task.

    `sections_withheld` lists what is left out of documents that were made; it is no task of its own.
    """

    documents: tuple[dict[str, Any], ...] = ()
    withheld: tuple[dict[str, Any], ...] = ()
    failed: tuple[dict[str, Any], ...] = ()
    sidecars: Mapping[str, str] = ()  # type: ignore[assignment]  # path → sha256

    def as_json(self) -> dict[str, Any]:
        """The record in a form that `record_of` reads."""
        return {
            "schema": 1,
            "documents": list(self.documents),
            "withheld": list(self.withheld),
            "failed": list(self.failed),
            "sidecars": dict(self.sidecars),
        }


def render(context: Context) -> None:
    """Make `documents/`, `manifest.json` and `index.html`. SettingsError where a report could say what it must not."""
    check_reports(catalogue())
    key = stage_key(context)
    before = record_of(context.run)
    if before is not None and not before.failed and store.is_current(context.run, STAGE, key):
        context.log.event("render", "unchanged")
        record = replace(before, documents=tuple({**each, "state": "unchanged"} for each in before.documents))
    else:
        record = _made(context, key, before or Record(sidecars={}))
    write_index(context, write_manifest(context, record.as_json(), versions()))


def stage_key(context: Context) -> str:
    """The hash of all that the documents depend on."""
    return store.sha256_of(
        {
            "facts": store.fingerprint(context.run, store.STAGES["compute"]),
            "quality": store.fingerprint(context.run, store.STAGES["validate"]),
            "settings": context.settings.model_dump(mode="json"),
            "policy": context.policy.as_json(),
            "until_on": context.period.until_on.isoformat(),
            "templates": templates_hash(context.workspace),
            "fonts": [face.sha256 for face in fonts.faces(context.fonts)],
            "versions": versions(),
            "only": sorted(context.only),
            "kambook": pipeline.__version__,
            "code": code_hash(),
        }
    )


def record_of(run: Path) -> Record | None:
    """What the stage's last finished run made; None where there is none that can be read."""
    if store.done(run, STAGE) is None or not (run / RECORD).is_file():
        return None
    said = store.read_json(run / RECORD)
    if said.get("schema") != 1:
        return None
    lists = {name: tuple(said[name]) for name in ("documents", "withheld", "failed")}
    return Record(**lists, sidecars=said["sidecars"])


def _made(context: Context, key: str, before: Record) -> Record:
    began = monotonic()
    reads = {
        "facts": store.fingerprint(context.run, store.STAGES["compute"]),
        "quality": store.fingerprint(context.run, store.STAGES["validate"]),
    }
    with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
        (folder / "documents").mkdir()
        record = _rendered(context, folder, before)
        store.write_json(folder / RECORD, record.as_json())
    context.log.event("render", "done", rows=len(record.documents), seconds=monotonic() - began)
    return record


def _rendered(context: Context, folder: Path, before: Record) -> Record:
    everyone = customers(context.run)
    customer_of = customers_of_accounts(context)
    tasks = schedule(
        context.policy, context.period, everyone, context.settings.documents, classes_of(context.run)
    )
    carried = _carried(context, tasks, before, customer_of)
    taken = {document["id"] for document in (*carried.documents, *carried.withheld, *carried.failed)}
    _link_all(context.run, folder, carried.documents)
    wanted = [task for task in tasks if task.id not in taken]
    reasons = withheld_by_customer(context.run, customer_of)
    orders, withheld = _ordered(context, folder, wanted, everyone, reasons, before)
    made, failed = _fulfilled(context, orders)
    sidecars = {each.document["path"]: each.sidecar_sha256 for each in made}
    kept = {each["path"]: before.sidecars[each["path"]] for each in carried.documents}
    return Record(
        documents=_sorted([*carried.documents, *(each.document for each in made)]),
        withheld=_sorted([*carried.withheld, *withheld]),
        failed=_sorted([*carried.failed, *failed]),
        sidecars=dict(sorted((kept | sidecars).items())),
    )


def _sorted(entries: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(sorted(entries, key=lambda each: (each["id"], each.get("section") or "")))


# What is left as it was, where only some customers are asked for


def _carried(
    context: Context, tasks: Sequence[Task], before: Record, customer_of: Mapping[str, str]
) -> Record:
    """What the run before made for customers that are not asked for now, as far as it is still wanted and whole."""
    if not context.only:
        return Record(sidecars={})
    asked = only_of(context.only, customer_of)
    wanted = {task.id for task in tasks if task.subject_id not in asked}
    documents = [
        each for each in before.documents if each["id"] in wanted and _is_whole(context.run, each, before)
    ]
    return Record(
        documents=tuple({**each, "state": "unchanged"} for each in documents),
        withheld=tuple(each for each in before.withheld if each["id"] in wanted),
        failed=tuple(each for each in before.failed if each["id"] in wanted),
        sidecars={},
    )


def _is_whole(run: Path, document: Mapping[str, Any], before: Record) -> bool:
    path = run / str(document["path"])
    beside = path.with_suffix(".json")
    return (
        path.is_file()
        and beside.is_file()
        and store.sha256_of_file(path) == document["sha256"]
        and store.sha256_of_file(beside) == before.sidecars.get(str(document["path"]))
    )


def _link_all(run: Path, folder: Path, documents: Iterable[Mapping[str, Any]]) -> None:
    for document in documents:
        for path in (Path(str(document["path"])), Path(str(document["path"])).with_suffix(".json")):
            link(run / path, folder / path)


# Orders


def _ordered(
    context: Context,
    folder: Path,
    tasks: Sequence[Task],
    everyone: Sequence[Customer],
    reasons: Mapping[str, Sequence[Mapping[str, Any]]],
    before: Record,
) -> tuple[list[Order], list[dict[str, Any]]]:
    """An order for each task with something to say, its slice written to a file; the others with their reason."""
    setup = Setup(context.workspace, context.fonts)
    known = _known(context.run, before)
    by_customer: dict[str, list[Task]] = {}
    for task in tasks:
        by_customer.setdefault(task.subject_id, []).append(task)
    (folder / "slices").mkdir()
    orders: list[Order] = []
    withheld: list[dict[str, Any]] = []
    for subject in _slices(context, everyone, by_customer):
        for task in by_customer[subject.customer.customer_id]:
            mine = reasons.get(task.subject_id, ())
            edition = edition_of(context, task)
            whole = next((each for each in mine if each["section"] is None), None)
            if whole is not None:
                withheld.append(_withheld(task, whole["code"], whole["reason"]))
                continue
            own = replace(subject, withheld=_sections_withheld(task, mine))
            withheld += [
                _withheld(task, each["code"], each["reason"], each["section"])
                for each in mine
                if each["section"] in own.withheld
            ]
            if not present(report_of(task.kind), own, edition):
                withheld = [each for each in withheld if each["id"] != task.id]
                withheld.append(_withheld(task, NOTHING_TO_REPORT, "nothing to report"))
                continue
            file = folder / "slices" / f"{len(orders)}.pickle"
            file.write_bytes(pickle.dumps(own, protocol=5))
            orders.append(Order(setup, task, edition, file, folder, known.get(task.id)))
    return orders, withheld


def _sections_withheld(task: Task, reasons: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """The sections of the task's report that must be left out, in the report's order."""
    named = {each["section"] for each in reasons}
    return tuple(name for name in report_of(task.kind).sections if name in named)


def _withheld(task: Task, code: str, reason: str, section: str | None = None) -> dict[str, Any]:
    return {**_named(task), "section": section, "code": code, "reason": reason}


def _named(task: Task) -> dict[str, Any]:
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
    rule = context.policy.at("delivery", context.period.as_of)
    is_han = task.language.startswith("zh")
    return Edition(
        kind=task.kind,
        window=task.window,
        period=context.period,
        edition=task.edition,
        company=company.name if is_han else company.name_en or company.name,
        sales_basis=context.settings.sales.basis,
        time_zone=company.time_zone,
        late_days=rule.late_days,
    )


def _known(run: Path, before: Record) -> dict[str, Known]:
    found = {}
    for each in before.documents:
        path = run / each["path"]
        beside = before.sidecars.get(each["path"], "")
        found[each["id"]] = Known(
            each["key"], path, each["sha256"], path.with_suffix(".json"), beside, each["pages"]
        )
    return found


def _slices(context: Context, everyone: Sequence[Customer], wanted: Mapping[str, object]) -> Iterator[Slice]:
    """The slice of each customer that is wanted: its readings for clients, and its rows of the tables they rest on."""
    currency = context.settings.company.currency
    chosen = {
        each.customer_id: replace(each, currency=each.currency or currency)
        for each in everyone
        if each.customer_id in wanted
    }
    readings = readings_of(context.run, "customer", "client")
    told: set[str] = set()
    for part in tables_of(context.run, table_names()):
        for name in sorted(part.keys() & chosen.keys()):
            told.add(name)
            yield Slice(chosen[name], readings.get(name, ()), part[name])
    for name in sorted(chosen.keys() - told):
        yield Slice(chosen[name], readings.get(name, ()), {})


def table_names() -> tuple[str, ...]:
    """The tables that sections read, and those that the facts of their metrics are measured on."""
    sections: list[Section] = [each for kind in ("value_report",) for each in sections_of(report_of(kind))]
    metrics = {name for section in sections for name in section.metrics}
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
    rows = pq.read_table(
        run / "readings.parquet", columns=["subject_id", "until_on", "text"], filters=wanted
    ).to_pylist()
    rows.sort(key=lambda row: row["until_on"])
    return {row["subject_id"]: row["text"] for row in rows if row["text"]}


def withheld_by_customer(run: Path, customer_of: Mapping[str, str]) -> dict[str, list[dict[str, Any]]]:
    """What validation withholds, by customer: an account that is withheld leaves its group's figures incomplete."""
    found: dict[str, list[dict[str, Any]]] = {}
    for entry in store.read_json(run / "quality" / "withheld.json"):
        customer = customer_of.get(entry["subject_id"], entry["subject_id"])
        found.setdefault(customer, []).append(entry)
    return found


# Work


def _fulfilled(context: Context, orders: Sequence[Order]) -> tuple[list[Made], list[dict[str, Any]]]:
    setup = Setup(context.workspace, context.fonts)
    pairs = tuple(sorted({(order.task.brand, order.task.language) for order in orders}))
    made: list[Made] = []
    failed: list[dict[str, Any]] = []
    with context.log.progress("render", len(orders)) as bar:
        outcomes = map_items(fulfil, orders, context.jobs, initializer=warm, initargs=(setup, pairs))
        for order, result, error in outcomes:
            _note(context, order, result, error, bar)
            if result is not None:
                made.append(result)
            else:
                failed.append(_failure(order.task, error))
    return made, failed


def _note(
    context: Context, order: Order, result: Made | None, error: BaseException | None, bar: Advance
) -> None:
    bar.advance()
    context.log.event(
        "render",
        str(result.document["state"]) if result else "failed",
        "info" if result else "error",
        subject_kind=order.task.subject_kind,
        subject_id=order.task.subject_id,
        code=None if result else _code(error),
        seconds=result.seconds if result else None,
    )


def _failure(task: Task, error: BaseException | None) -> dict[str, Any]:
    """The failed document's entry: what a person can act on, or where in our code it broke; never a cell's value."""
    said = f"{error.where}: {error.what}" if isinstance(error, KambookError) else _place(error)
    fix = error.fix if isinstance(error, KambookError) else None
    return {**_named(task), "section": None, "code": _code(error), "error": said, "fix": fix}


def _code(error: BaseException | None) -> str:
    if isinstance(error, KambookError):
        return error.code
    return _WORKER_DIED if type(error).__name__ == "BrokenProcessPool" else _OUR_BUG


def _place(error: BaseException | None) -> str:
    """The kind of an error that is ours, and the last line of our code that it passed through."""
    trace = error.__traceback__ if error else None
    place = ""
    while trace is not None:
        file = Path(trace.tb_frame.f_code.co_filename)
        if "pipeline" in file.parts or file.suffix == ".html":
            place = f" at {file.name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{type(error).__name__}{place}"
