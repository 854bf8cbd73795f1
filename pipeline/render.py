"""Stage 4: the documents that policy asks for, each from its own customer's slice; what has not changed is kept.

`documents/record.json` says what came of the schedule. The manifest and the index are made of it when the stage has
finished, and again whenever it is asked for and has nothing to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from time import monotonic
from typing import Any

from pipeline import fonts, store
from pipeline.catalogue import catalogue
from pipeline.context import Context
from pipeline.engine.subjects import PORTFOLIO
from pipeline.errors import KambookError
from pipeline.fan_out import map_items
from pipeline.log import Advance
from pipeline.periods import month_start
from pipeline.press import record
from pipeline.press.consent import with_consent
from pipeline.press.insight import industries
from pipeline.press.insight import ingredients as insight_texts
from pipeline.press.internal import managers_at_work
from pipeline.press.issued import FOLDER as ISSUED
from pipeline.press.languages import catalogue as texts_of
from pipeline.press.manifest import write_manifest
from pipeline.press.orders import (
    asked_editions,
    bands_of,
    classes_of,
    customers_at_risk,
    customers_of_accounts,
    named,
    ordered,
    withheld_by_customer,
)
from pipeline.press.record import STAGE, Record, link_documents, record_of
from pipeline.press.reports import check_reports
from pipeline.press.run_index import write_index
from pipeline.press.schedule import Task, only_of, schedule
from pipeline.press.slices import Subject, accounts, customers, managers, month_of, products, teams
from pipeline.press.studio import Made, Order, Setup, fulfil, templates_hash, versions, warm
from pipeline.resources import code_hash

_OUR_BUG = "KB-1390"
_WORKER_DIED = "KB-1391"


def render(context: Context) -> None:
    """Make `documents/`, `manifest.json` and `index.html`. SettingsError where a report could say what it must not."""
    check_reports(catalogue())
    key = stage_key(context)
    before = record_of(context.run)
    if before is not None and not before.failed and store.is_current(context.run, STAGE, key):
        context.log.event("render", "unchanged")
        made = before.unchanged()
    else:
        made = _made(context, key, before or Record())
    write_index(context, write_manifest(context, made.as_json(), versions()))


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
            "insight": store.hashes(insight_texts(context.workspace), context.workspace),
            "issued": _issued(context),
            "kambook": code_hash(),
        }
    )


def _issued(context: Context) -> dict[str, str]:
    root = context.run.parent.parent / ISSUED
    return store.hashes(store.files_below(root), root) if root.is_dir() else {}


def _made(context: Context, key: str, before: Record) -> Record:
    began = monotonic()
    reads = {
        "facts": store.fingerprint(context.run, store.STAGES["compute"]),
        "quality": store.fingerprint(context.run, store.STAGES["validate"]),
    }
    with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
        (folder / "documents").mkdir()
        (folder / "documents" / "restricted").mkdir(
            mode=0o700
        )  # before any file: nobody else ever sees into it
        made = _rendered(context, folder, before)
        store.write_json(folder / record.FILE, made.as_json())
    context.log.event("render", "done", rows=len(made.documents), seconds=monotonic() - began)
    return made


def _rendered(context: Context, folder: Path, before: Record) -> Record:
    """What becomes of the schedule. Where only some customers are asked for, the others keep what they have."""
    everyone = subjects(context)
    customer_of = customers_of_accounts(context)
    documents = context.settings.documents
    tasks = schedule(
        context.policy,
        context.period,
        everyone,
        documents,
        classes_of(context.run),
        bands_of(context.run),
        asked_editions(context, customer_of),
        customers_at_risk(context.run, context.period.until_on),
    )
    kept = Record()
    if context.only:
        asked = {("customer", name) for name in only_of(context.only, customer_of)}
        others = {task.id for task in tasks if (task.subject_kind, task.subject_id) not in asked}
        kept = before.only(context.run, others)
        link_documents(context.run, folder, kept)
    wanted = [task for task in tasks if task.id not in kept.ids]
    reasons = withheld_by_customer(context.run, customer_of)
    known = before.known(context.run)
    found = ordered(context, folder, wanted, everyone, reasons, known, kept.documents, kept.withheld)
    made, failed = _fulfilled(context, found.orders)
    sidecars = {each.document["path"]: each.sidecar_sha256 for each in made}
    return kept.joined(Record(tuple(each.document for each in made), found.withheld, tuple(failed), sidecars))


def subjects(context: Context) -> dict[str, tuple[Subject, ...]]:
    """Those whom documents tell of, by kind: customers, accounts, managers at work, their teams, the portfolio."""
    company, period = context.settings.company, context.period
    month = month_of(month_start(period.as_of), period.until_on)
    people = managers_at_work(managers(context.run, month), context.run, period.until_on, month)
    return {
        "customer": with_consent(context, customers(context.run), customers_of_accounts(context)),
        "account": accounts(context.run),
        "manager": people,
        "team": teams(people),
        "product": products(context.run),
        "industry": industries(context.run),
        "portfolio": (Subject(PORTFOLIO, company.name, company.name_en, kind="portfolio"),),
    }


def _fulfilled(context: Context, orders: Sequence[Order]) -> tuple[list[Made], list[dict[str, Any]]]:
    setup = Setup(context.workspace, context.fonts)
    pairs = tuple(sorted({(order.task.brand, order.task.language) for order in orders}))
    for _brand, language in pairs:
        texts_of(language)  # here, where a fault in it is said: a worker that cannot begin can only die
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
    return {**named(task), "section": None, "code": _code(error), "error": said, "fix": fix}


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
