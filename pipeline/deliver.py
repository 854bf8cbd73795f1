"""Stage 5, dry: what would be sent to whom. Nothing leaves the machine, and nothing counts as approved."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.context import Context
from pipeline.errors import UsageError

STAGE = store.STAGES["deliver"]


def deliver(context: Context) -> None:
    """Write `receipts/receipts.json`: each client document, its hash, and that it waits for approval."""
    reads = {"documents": store.fingerprint(context.run, store.STAGES["render"])}
    key = store.sha256_of(reads)
    if store.is_current(context.run, STAGE, key):
        context.log.event("deliver", "unchanged")
        return
    receipts = [_receipt(document) for document in _listed(context.run) if document["audience"] == "client"]
    with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
        store.write_json(folder / "receipts" / "receipts.json", {"schema": 1, "receipts": receipts})
    context.log.event("deliver", "dry run", rows=len(receipts))


def _listed(run: Path) -> list[dict[str, Any]]:
    """The documents of the manifest. UsageError KB-0203 where it is not the one of the documents that are there."""
    path = run / "manifest.json"
    listed: list[dict[str, Any]] = store.read_json(path)["documents"] if path.is_file() else []
    said = store.done(run, store.STAGES["render"])
    made = said["wrote"] if said else {}
    if not path.is_file() or any(made.get(each["path"]) != each["sha256"] for each in listed):
        raise UsageError(
            where=f"{run.name}/manifest.json",
            what="does not list the documents that were made last",
            fix="kambook render (or kambook run) first",
            code="KB-0203",
        )
    return listed


def _receipt(document: dict[str, Any]) -> dict[str, Any]:
    """One document that would be delivered; it is a draft until a person approves its hash."""
    kept = ("id", "subject_kind", "subject_id", "kind", "period", "language", "sha256", "path")
    return {**{name: document[name] for name in kept}, "state": "draft", "sent": False}
