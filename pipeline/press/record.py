"""What became of a schedule: `documents/record.json`, from which manifest and index are made, and the next run starts."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.press.studio import Known, link

STAGE = store.STAGES["render"]
FILE = "documents/record.json"
SCHEMA = 1


@dataclass(frozen=True)
class Record:
    """A document, a reason to withhold it or an error for each task; and the hashes of the sidecars by document path.

    `withheld` also names the sections that are left out of documents that were made.
    """

    documents: tuple[dict[str, Any], ...] = ()
    withheld: tuple[dict[str, Any], ...] = ()
    failed: tuple[dict[str, Any], ...] = ()
    sidecars: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The record in the form that `record_of` reads."""
        lists = {name: list(getattr(self, name)) for name in ("documents", "withheld", "failed")}
        return {"schema": SCHEMA, **lists, "sidecars": dict(self.sidecars)}

    def unchanged(self) -> Record:
        """The same documents, none of them new."""
        documents = tuple({**each, "state": "unchanged"} for each in self.documents)
        return Record(documents, self.withheld, self.failed, self.sidecars)

    def known(self, run: Path) -> dict[str, Known]:
        """The documents of the run by id, with the hashes that their files must still have."""
        return {each["id"]: self._known(run, each) for each in self.documents}

    def _known(self, run: Path, document: Mapping[str, Any]) -> Known:
        path = run / document["path"]
        beside = self.sidecars.get(document["path"], "")
        return Known(
            document["key"],
            path,
            document["sha256"],
            path.with_suffix(".json"),
            beside,
            document["pages"],
            tuple((run / each["path"], each["sha256"]) for each in document.get("attachments", ())),
        )

    def only(self, run: Path, wanted: Collection[str]) -> Record:
        """What of the record concerns these tasks, as far as its files are whole."""
        known = self.known(run)
        documents = tuple(
            each for each in self.documents if each["id"] in wanted and known[each["id"]].is_whole
        )
        return Record(
            documents,
            tuple(each for each in self.withheld if each["id"] in wanted),
            tuple(each for each in self.failed if each["id"] in wanted),
            {each["path"]: self.sidecars[each["path"]] for each in documents},
        ).unchanged()

    @property
    def ids(self) -> frozenset[str]:
        """The tasks of which the record says what became."""
        return frozenset(each["id"] for each in (*self.documents, *self.withheld, *self.failed))

    def joined(self, other: Record) -> Record:
        """Both records as one, in the order of their ids."""
        return Record(
            _sorted([*self.documents, *other.documents]),
            _sorted([*self.withheld, *other.withheld]),
            _sorted([*self.failed, *other.failed]),
            dict(sorted({**self.sidecars, **other.sidecars}.items())),
        )


def _sorted(entries: Iterable[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple(sorted(entries, key=lambda each: (each["id"], each.get("section") or "")))


def record_of(run: Path) -> Record | None:
    """What the stage's last finished run made; None where there is none that can be read."""
    if store.done(run, STAGE) is None or not (run / FILE).is_file():
        return None
    said = store.read_json(run / FILE)
    if said.get("schema") != SCHEMA:
        return None
    lists = {name: tuple(said[name]) for name in ("documents", "withheld", "failed")}
    return Record(**lists, sidecars=said["sidecars"])


def link_documents(run: Path, folder: Path, record: Record) -> None:
    """Put the files of a record's documents into the folder that will stand for the run's."""
    for document in record.documents:
        path = Path(document["path"])
        attached = [Path(each["path"]) for each in document.get("attachments", ())]
        for each in (path, path.with_suffix(".json"), *attached):
            link(run / each, folder / each)
