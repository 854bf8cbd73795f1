"""Files on disk: the stage protocol (temporary folder, rename, done.json), hashes, Parquet, one run at a time.

A stage writes everything, `done.json` too, into a temporary folder beside its destination. When it has finished, the
old outputs are renamed away and the new ones into place, the one with `done.json` last; only then does the stage
count. A process killed at any point leaves something from which `recover` makes the old state or the new one.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import KambookError, SettingsError, UsageError

_CHUNK = 1 << 20
DONE_SCHEMA = 1


def sha256_of_file(path: Path) -> str:
    """The sha256 of a file's bytes, read in chunks."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def sha256_of(value: object) -> str:
    """The sha256 of a JSON-able value in canonical form."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old content or the new one, never a part."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.tmp")
    with temporary.open("wb") as stream:
        stream.write(content)
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path)


def write_json(path: Path, value: object) -> None:
    """Write a value as indented JSON with sorted keys, atomically."""
    text = json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True, default=str)
    write_bytes(path, (text + "\n").encode())


def read_json(path: Path) -> Any:  # JSON is anything; each caller knows its schema
    """The value in a JSON file."""
    return json.loads(path.read_text(encoding="utf-8"))


def files_below(folder: Path) -> list[Path]:
    """Every file below a folder, sorted by path, without hidden temporary files."""
    return sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.endswith(".tmp"))


@dataclass(frozen=True)
class Stage:
    """One stage of a run: its name and the files and folders below the run's folder that it alone writes.

    The first output is the folder that holds `done.json`.
    """

    name: str
    outputs: tuple[str, ...]

    def done_file(self, run: Path) -> Path:
        """Where the stage says that it has finished."""
        return run / self.outputs[0] / "done.json"


STAGES: dict[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage("ingest", ("tables", "raw")),
        Stage("validate", ("quality",)),
        Stage("compute", ("facts", "readings.parquet")),
        Stage("render", ("documents",)),
        Stage("deliver", ("receipts",)),
    )
}

_STAGE_OF = {Path(output).stem: stage for stage in STAGES.values() for output in stage.outputs}
"""By the name under which a later stage says that it read its hash: tables, quality, readings, documents."""


def done(run: Path, stage: Stage) -> dict[str, Any] | None:
    """What the stage's `done.json` says, or None where it has not finished or lost an output since."""
    path = stage.done_file(run)
    if not path.exists() or not all((run / output).exists() for output in stage.outputs):
        return None
    try:
        said = read_json(path)
    except ValueError:
        return None
    if not isinstance(said, dict) or said.get("schema") != DONE_SCHEMA:
        return None
    missing = [name for name in said["wrote"] if not (run / name).is_file()]
    return None if missing else said


def is_current(run: Path, stage: Stage, key: str) -> bool:
    """Whether the stage has finished for exactly this key (the hash of all it reads)."""
    said = done(run, stage)
    return said is not None and said["key"] == key


def fingerprint(run: Path, stage: Stage) -> str:
    """The hash of what a finished stage wrote; the next stage's key is made of it.

    Raises UsageError KB-0203 where the stage has not finished, or where a stage before it has changed since.
    """
    said = done(run, stage)
    if said is None:
        raise _not_ready(run, stage, "has not finished, so the stage after it has nothing to read")
    for output, was in said["read"].items():
        before = _STAGE_OF.get(output)
        if before is not None and was != fingerprint(run, before):
            raise _not_ready(run, stage, f"was made before {before.name} last changed")
    return sha256_of(said["wrote"])


def _not_ready(run: Path, stage: Stage, what: str) -> UsageError:
    fix = f"kambook {stage.name} (or kambook run) first"
    return UsageError(where=f"{run.name}/{stage.name}", what=what, fix=fix, code="KB-0203")


@contextlib.contextmanager
def writing(run: Path, stage: Stage, *, key: str, reads: Mapping[str, str]) -> Iterator[Path]:
    """A temporary folder to write the stage's outputs in; they take effect together when the block ends.

    `reads` maps what was read to its sha256. The block writes `folder / output` for each of the stage's outputs
    (missing ones become empty folders). An exception removes the temporary folder and leaves the run untouched.
    """
    temporary = run / f".{stage.name}.tmp"
    with os_errors(run):
        sweep(run, stage)
        temporary.mkdir(parents=True)
        try:
            yield temporary
            _publish(run, stage, temporary, key, reads)
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def recover(run: Path) -> None:
    """Put right what a killed process left in a run's folder; its lock must be held."""
    for stage in STAGES.values():
        sweep(run, stage)


def sweep(run: Path, stage: Stage) -> None:
    """Remove what a killed process of this stage left behind; outputs that it had only moved away come back."""
    old = run / f".{stage.name}.old"
    if old.exists() and not (run / stage.outputs[0]).exists():
        _move(stage, old, run)
    for leftover in (run / f".{stage.name}.tmp", old):
        if leftover.exists():
            shutil.rmtree(leftover)


def _publish(run: Path, stage: Stage, temporary: Path, key: str, reads: Mapping[str, str]) -> None:
    for output in stage.outputs:
        if not (temporary / output).exists():
            (temporary / output).mkdir(parents=True)
    wrote = {
        path.relative_to(temporary).as_posix(): sha256_of_file(path)
        for output in stage.outputs
        for path in _below(temporary / output)
    }
    said = {"schema": DONE_SCHEMA, "stage": stage.name, "key": key, "read": dict(reads), "wrote": wrote}
    write_json(stage.done_file(temporary), said)
    old = run / f".{stage.name}.old"
    old.mkdir()
    for output in stage.outputs:  # the one with done.json first: from here on the stage has not finished
        if (run / output).exists():
            (run / output).rename(old / output)
    _move(stage, temporary, run)
    shutil.rmtree(old)


def _move(stage: Stage, source: Path, target: Path) -> None:
    """Rename a stage's outputs from one folder to another, replacing any there; the one with `done.json` last."""
    for output in reversed(stage.outputs):
        if (source / output).exists():
            _remove(target / output)
            (source / output).rename(target / output)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _below(path: Path) -> list[Path]:
    return [path] if path.is_file() else files_below(path)


@contextlib.contextmanager
def os_errors(where: Path) -> Iterator[None]:
    """Turn the operating system's refusals into errors that say what to do; nothing is swallowed."""
    try:
        yield
    except KambookError:
        raise
    except OSError as error:
        explained = _explained(where, error)
        if explained is None:
            raise
        raise explained from error


def _explained(where: Path, error: OSError) -> SettingsError | None:
    name = Path(error.filename).name if error.filename else where.name
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, fix, code = (
            "the disk is full",
            "free space or choose another folder with -o, then run again",
            "KB-1006",
        )
    elif error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        what, fix, code = "may not be written or read", "change its permissions or use -o DIR", "KB-1007"
    else:
        return None
    return SettingsError(where=name, what=what, fix=fix, code=code)


@contextlib.contextmanager
def locked(run: Path) -> Iterator[None]:
    """Hold the run's folder alone; a second run over the same folder stops at once with UsageError KB-0204."""
    with os_errors(run):
        _make_folder(run)
        stream = (run / ".lock").open("w")
    with stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise UsageError(
                where=run.name,
                what="another kambook is working on this period",
                fix="wait for it to finish, or stop it; a killed run leaves no lock",
                code="KB-0204",
            ) from error
        yield


def _make_folder(run: Path) -> None:
    try:
        run.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise SettingsError(
            where=next(path.name for path in (run, *run.parents) if path.exists()),
            what="is a file where a folder should be",
            fix="move the file away, or choose another folder with -o DIR",
            code="KB-1008",
        ) from error


def hashes(paths: Iterable[Path], root: Path) -> dict[str, str]:
    """Path relative to `root` → sha256."""
    return {path.relative_to(root).as_posix(): sha256_of_file(path) for path in sorted(paths)}
