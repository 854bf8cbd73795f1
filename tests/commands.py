"""kambook as a person runs it: in this process, or as a program of its own that is stopped at a chosen moment.

`python -m tests.commands SIGNAL NUMBER PATTERN ARGUMENT…` runs kambook and sends itself the signal just before the
NUMBERth thing done to a file, folder or process of which `EVENT ARGUMENT…` (Python's audit events) fits the pattern.
"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.cli import Environment, main
from pipeline.run import STAGES
from tests.ten_accounts import ten_accounts

TODAY = date(2026, 10, 8)
CHECKOUT = Path(__file__).resolve().parent.parent
DEMO = ten_accounts()
ACCOUNTS = ("A-0001", "A-0002", "A-0006", "A-0009")
"""Of the demo's clients: a group of two, one by itself, and one of whom there is nothing to report."""

HERE = ("--quiet", "--jobs", "1")
"""Without worker processes, which take longer to start than a small company takes."""

DATA_HOME = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
_SELF_MADE = {".lock", "log.jsonl", "index.html"}
_DROP_RIGHTS = "import ctypes, os, sys; c = ctypes.CDLL(None); [c.prctl(24, n, 0, 0, 0) for n in (1, 2)]; "
"""Takes root's power to ignore permissions (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH) from the program it starts."""


@dataclass(frozen=True)
class Finished:
    """What came of a command: its exit code and what it wrote."""

    code: int
    out: str
    err: str


def kambook(
    *arguments: object,
    here: Path | None = None,
    data_home: Path = DATA_HOME,
    variables: Mapping[str, str] | None = None,
) -> Finished:
    """Run a command in this process; an exception that is a bug comes through."""
    out, err = io.StringIO(), io.StringIO()
    environment = Environment(TODAY, data_home, here or Path.cwd(), variables)
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(environment, [str(argument) for argument in arguments])
    return Finished(code, out.getvalue(), err.getvalue())


def program(
    *arguments: object,
    here: Path | None = None,
    environ: Mapping[str, str] | None = None,
    bound_by_permissions: bool = False,
) -> Finished:
    """Run a command as a process of its own; root can be made to obey permissions like anyone else."""
    command = [sys.executable, "-m", "pipeline", *map(str, arguments)]
    if bound_by_permissions:
        command = [sys.executable, "-c", f"{_DROP_RIGHTS}os.execv(sys.argv[1], sys.argv[1:])", *command]
    return _finished(command, here, environ)


def stopped(
    pattern: str,
    *arguments: object,
    number: int = 1,
    by: signal.Signals = signal.SIGKILL,
    here: Path | None = None,
) -> Finished:
    """Run a command as a process that is sent a signal just before the `number`th event that fits `pattern`."""
    chosen = [str(int(by)), str(number), pattern]
    return _finished([sys.executable, "-m", "tests.commands", *chosen, *map(str, arguments)], here, None)


def _finished(command: Sequence[str], here: Path | None, environ: Mapping[str, str] | None) -> Finished:
    ended = subprocess.run(
        command,
        cwd=here,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), **(environ or {})},
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(ended.returncode, ended.stdout, ended.stderr)


##### Companies and their runs #########################################################################################


def company(folder: Path) -> Path:
    """A workspace with the demo's settings and a few of its exports and clients: it makes two documents, quickly."""
    (folder / "exports").mkdir(parents=True)
    shutil.copy(DEMO / "kambook.toml", folder)
    orders = [row for row in _rows("orders") if row["account_id"] in ACCOUNTS]
    numbers = {row["order_id"] for row in orders}
    kept = {
        "accounts": [row for row in _rows("accounts") if row["account_id"] in ACCOUNTS],
        "managers": _rows("managers"),
        "orders": orders,
        "order_lines": [row for row in _rows("order_lines") if row["order_id"] in numbers],
    }
    for name, rows in kept.items():
        with (folder / "exports" / f"{name}.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    return folder


@cache
def _rows(table: str) -> list[dict[str, str]]:
    with (DEMO / "exports" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


@cache
def finished_company(base: Path) -> Path:
    """The workspace of `company` with a finished run, made once below a folder; not to be written in."""
    place = company(base / "finished" / "company")
    for stage in STAGES:
        ended = kambook(stage, "-w", place, *HERE)
        assert ended.code == (3 if stage in ("render", "deliver") else 0), ended.err
    return place


def client_names() -> frozenset[str]:
    """The names of the demo's clients and their people, which no message and no log may repeat."""
    names = [
        row.get(column)
        for table in ("accounts", "contacts")
        for row in _rows(table)
        for column in ("name", "name_en")
    ]
    return frozenset(name for name in names if name)


def contents(run: Path) -> dict[str, str]:
    """What a run made: path → sha256, without its log and index, and without what depends on the clock and on earlier runs."""
    paths = [path for path in run.rglob("*") if path.is_file() and path.name not in _SELF_MADE]
    return {path.relative_to(run).as_posix(): _hash(path) for path in sorted(paths)}


def _hash(path: Path) -> str:
    settle = _SETTLED.get(path.name)
    return store.sha256_of(settle(store.read_json(path))) if settle else store.sha256_of_file(path)


def _without_states(entries: dict[str, Any]) -> dict[str, Any]:
    """Documents without whether each was made now or before, and without the seconds of the stages."""
    documents = [{**each, "state": ""} for each in entries["documents"]]
    return {**entries, "documents": documents, "timings": {}}


def _files_written(done: dict[str, Any]) -> dict[str, Any]:
    return {name: file_hash for name, file_hash in done["wrote"].items() if Path(name).name not in _SETTLED}


_SETTLED: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "manifest.json": _without_states,
    "record.json": _without_states,
    "done.json": _files_written,
}


def _stop_at(pattern: re.Pattern[str], number: int, by: int) -> None:
    left = number

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal left
        if event.startswith(_WATCHED) and pattern.search(f"{event} {' '.join(map(str, arguments))}"):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), by)

    sys.addaudithook(watch)


_WATCHED = ("open", "os.", "shutil.", "subprocess.", "kambook.")

if __name__ == "__main__":
    from pipeline.__main__ import main as program_main

    signalled, counted, wanted, *rest = sys.argv[1:]
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # a job in the background is started with it ignored
    _stop_at(re.compile(wanted), int(counted), int(signalled))
    sys.argv = ["kambook", *rest]
    sys.exit(program_main())
