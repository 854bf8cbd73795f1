"""Deliver, dry: what would be sent is listed; nothing leaves the machine and nothing counts as approved."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from pipeline import store
from pipeline.context import Context
from pipeline.deliver import deliver
from pipeline.errors import UsageError
from tests.runs import context_for

TEXT = b"%PDF of A-1"
DOCUMENT = {
    "id": "client/A-1/zh-Hans/value_report",
    "audience": "client",
    "kind": "value_report",
    "subject_kind": "customer",
    "subject_id": "A-1",
    "period": "2026Q3",
    "language": "zh-Hans",
    "edition": "full",
    "sha256": hashlib.sha256(TEXT).hexdigest(),
    "path": "documents/client/A-1/zh-Hans/value_report.pdf",
    "pages": 3,
}


def documents_of(run: Path, content: bytes) -> None:
    """The stage before has finished: every document holds the same."""
    with store.writing(run, store.STAGES["render"], key=content.hex(), reads={}) as folder:
        for path in (DOCUMENT["path"], "documents/internal.pdf"):
            (folder / str(path)).parent.mkdir(parents=True, exist_ok=True)
            (folder / str(path)).write_bytes(content)


def rendered(run: Path, *documents: dict[str, object], content: bytes = TEXT) -> Context:
    """A run whose documents are finished and listed."""
    documents_of(run, content)
    store.write_json(run / "manifest.json", {"documents": documents, "withheld": [], "failed": []})
    return context_for(run)


def receipts(context: Context) -> list[dict[str, object]]:
    found: list[dict[str, object]] = store.read_json(context.run / "receipts" / "receipts.json")["receipts"]
    return found


def test_each_client_document_is_a_draft_that_was_not_sent(tmp_path: Path) -> None:
    context = rendered(tmp_path / "2026-09", DOCUMENT)
    deliver(context)

    [receipt] = receipts(context)
    assert (
        receipt.items()
        >= {"state": "draft", "sent": False, "sha256": DOCUMENT["sha256"], "subject_id": "A-1"}.items()
    )


@pytest.mark.parametrize("audience", ["internal", "restricted"])
def test_what_is_not_for_clients_is_not_delivered(audience: str, tmp_path: Path) -> None:
    context = rendered(
        tmp_path / "2026-09",
        DOCUMENT,
        {**DOCUMENT, "audience": audience, "id": "other", "path": "documents/internal.pdf"},
    )
    deliver(context)

    assert [each["id"] for each in receipts(context)] == [DOCUMENT["id"]]


def test_a_second_time_nothing_is_done(tmp_path: Path) -> None:
    context = rendered(tmp_path / "2026-09", DOCUMENT)
    deliver(context)
    written = (context.run / "receipts" / "receipts.json").stat()
    deliver(context)

    again = (context.run / "receipts" / "receipts.json").stat()
    events = [json.loads(line)["event"] for line in context.log.path.read_text().splitlines()]
    assert (again.st_ino, again.st_mtime_ns) == (written.st_ino, written.st_mtime_ns)
    assert events == ["dry run", "unchanged"]


def test_other_documents_make_other_receipts(tmp_path: Path) -> None:
    deliver(rendered(tmp_path / "2026-09", DOCUMENT))
    other = hashlib.sha256(b"other").hexdigest()
    context = rendered(tmp_path / "2026-09", {**DOCUMENT, "sha256": other}, content=b"other")
    deliver(context)

    assert [each["sha256"] for each in receipts(context)] == [other]


def refusal(context: Context) -> str:
    with pytest.raises(UsageError) as caught:
        deliver(context)
    assert caught.value.code == "KB-0203"
    assert not (context.run / "receipts").exists()
    return str(caught.value)


def test_without_documents_there_is_nothing_to_deliver(tmp_path: Path) -> None:
    assert "kambook render" in refusal(context_for(tmp_path / "2026-09"))


def test_documents_that_no_manifest_lists_are_not_delivered(tmp_path: Path) -> None:
    context = rendered(tmp_path / "2026-09", DOCUMENT)
    (context.run / "manifest.json").unlink()

    assert "does not list the documents that were made last" in refusal(context)


def test_a_manifest_of_older_documents_is_not_believed(tmp_path: Path) -> None:
    """Stopped between documents and manifest: the hashes it names are of files that are gone."""
    context = rendered(tmp_path / "2026-09", DOCUMENT)
    documents_of(context.run, b"newer")

    assert "does not list the documents that were made last" in refusal(context)
