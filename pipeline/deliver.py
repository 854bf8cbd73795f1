"""Stage 5, dry: what would be sent to whom. Nothing leaves the machine, and nothing counts as approved."""

from __future__ import annotations

from typing import Any

from pipeline import store
from pipeline.context import Context

STAGE = store.STAGES["deliver"]


def deliver(context: Context) -> None:
    """Write `receipts/receipts.json`: each client document, its hash, and that it waits for approval."""
    reads = {"documents": store.fingerprint(context.run, store.STAGES["render"])}
    key = store.sha256_of(reads)
    if store.is_current(context.run, STAGE, key):
        context.log.event("deliver", "unchanged")
        return
    manifest = store.read_json(context.run / "manifest.json")
    with store.writing(context.run, STAGE, key=key, reads=reads) as folder:
        receipts = [
            _receipt(document) for document in manifest["documents"] if document["audience"] == "client"
        ]
        store.write_json(folder / "receipts" / "receipts.json", {"schema": 1, "receipts": receipts})
    context.log.event("deliver", "dry run", rows=len(receipts))


def _receipt(document: dict[str, Any]) -> dict[str, Any]:
    """One document that would be delivered; it is a draft until a person approves its hash."""
    kept = ("id", "subject_kind", "subject_id", "kind", "period", "language", "sha256", "path")
    return {**{name: document[name] for name in kept}, "state": "draft", "sent": False}
