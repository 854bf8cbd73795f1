"""From a quarantine file that people set right to corrections: what was changed, by whom and why.

A repaired row is no new row: each change becomes an entry of `corrections.toml` that names the record, what its export
says and what it should say. So the exports stay as they came, the next run does the same again, and a correction stops
the run once its source has been set right. That file is the trail.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from pipeline import store
from pipeline.errors import DataError, UsageError, nearest
from pipeline.gate.quarantine import CELLS, TRACE, columns_of
from pipeline.gate.spreadsheets import read_csv
from pipeline.intake.corrections import FILE, Correction, load_corrections
from pipeline.resources import built_in
from pipeline.schema import TABLES

Row = Mapping[str, str]
_HEAD = "# Known errors of the exports, each set right until its source is: see CONTRIBUTING, 'Corrections'.\nschema = 1\n"
_WHO, _WHY = "_who", "_why"


def requarantine(workspace: Path, run: Path, repaired: Path, who: str, reason: str) -> int:
    """Take the repaired quarantine files (`<table>.csv`, one or a folder) into `corrections.toml`; how many rows.

    UsageError KB-0230 where nobody says who and why, where there is no such file, or where the workspace is the built-in
    demo; DataError KB-1232 where a row is not in the run's quarantine, or where it cannot be told apart.
    """
    _require_said(workspace, who, reason)
    files = sorted(repaired.glob("*.csv")) if repaired.is_dir() else [repaired]
    if not files or not all(path.is_file() for path in files):
        raise _usage(
            str(repaired.name), "holds no repaired file", "name a <table>.csv from quality/quarantine/"
        )
    known = list(load_corrections(workspace))
    made = [each for path in files for each in _of_file(path, run, who, reason)]
    new = [each for each in made if each not in known]
    if new:
        _append(workspace / FILE, new)
    return len(new)


def corrections_of(
    table: str, were: Sequence[Row], are: Sequence[Row], who: str, reason: str
) -> Iterator[Correction]:
    """What was changed in a table's quarantine file, as corrections; rows left as they were are left out.

    A row may say in columns `_who` and `_why` what else holds for all. DataError KB-1232.
    """
    before = {_place(row): row for row in were}
    keys = Counter(_key(table, row) for row in were)
    for row in are:
        was = before.get(_place(row))
        if was is None:
            raise _cannot(table, row, "is not in the run's quarantine", "start from the file of the last run")
        changed = [name for name in TABLES[table].column_names if row.get(name, "") != was.get(name, "")]
        if changed:
            _require_told_apart(table, was, keys)
            yield Correction(
                table=table,
                match={name: was[name] for name in TABLES[table].key},
                expect={name: was.get(name, "") for name in changed},
                set={name: row.get(name, "") for name in changed},
                reason=row.get(_WHY) or reason,
                who=row.get(_WHO) or who,
            )


def as_toml(corrections: Iterable[Correction]) -> str:
    """Corrections as entries of `corrections.toml`."""
    return "".join(
        "\n[[correction]]\n"
        f"table = {_text(each.table)}\n"
        f"match = {_cells(each.match)}\n"
        f"expect = {_cells(each.expect)}\n"
        f"set = {_cells(each.set)}\n"
        f"reason = {_text(each.reason)}\n"
        f"who = {_text(each.who)}\n"
        for each in corrections
    )


def _of_file(path: Path, run: Path, who: str, reason: str) -> list[Correction]:
    table = path.stem
    if table not in TABLES:
        raise _usage(path.name, "is named after no table", "name it as it was in quality/quarantine/", table)
    original = run / "quality" / "quarantine" / path.name
    if not original.is_file():
        raise _usage(
            path.name, "has no counterpart in the run's quality/quarantine/", "kambook validate first"
        )
    were, are = (read_csv(each.read_text(encoding="utf-8-sig")) for each in (original, path))
    _require_columns(path.name, table, are)
    return list(corrections_of(table, were, are, who, reason))


def _append(path: Path, corrections: Sequence[Correction]) -> None:
    before = path.read_text(encoding="utf-8") if path.is_file() else _HEAD
    store.write_bytes(path, (before.rstrip("\n") + "\n" + as_toml(corrections)).encode())


def _require_said(workspace: Path, who: str, reason: str) -> None:
    if not who.strip() or not reason.strip():
        raise _usage(
            "--requarantine", "needs to know who set the rows right, and why", "add --who and --reason"
        )
    if workspace.resolve() == built_in("data", "demo").resolve():
        raise _usage("--requarantine", "cannot change the built-in demo", "kambook demo DIR, then -w DIR")


def _require_columns(file: str, table: str, rows: Sequence[Row]) -> None:
    """A column that nobody reads may be the one that was set right."""
    known = {*columns_of(table), _WHO, _WHY}
    for row in rows[:1]:
        unknown, missing = sorted(set(row) - known), sorted({*columns_of(table)} - set(row) - {CELLS})
        if unknown or missing:
            name = (unknown or missing)[0]
            raise _usage(
                file,
                f"has {'an unknown' if unknown else 'no'} column {name!r}",
                "keep the columns of the quarantine file; save it as CSV UTF-8 with commas",
                nearest(name, known),
            )


def _require_told_apart(table: str, row: Row, keys: Mapping[tuple[str, ...], int]) -> None:
    key = _key(table, row)
    if not any(key):
        raise _cannot(
            table, row, "has no key, so that a correction cannot name it", "set it right in its source"
        )
    if keys[key] > 1:
        raise _cannot(
            table, row, "shares its key with another row in quarantine", "remove one of them in its source"
        )


def _key(table: str, row: Row) -> tuple[str, ...]:
    return tuple(row.get(name, "") for name in TABLES[table].key)


def _place(row: Row) -> tuple[str, str]:
    return row.get(TRACE[0], ""), row.get(TRACE[1], "")


def _cannot(table: str, row: Row, what: str, fix: str) -> DataError:
    source, line = _place(row)
    return DataError(where=f"{table} ({source}:{line})", what=what, fix=fix, code="KB-1232")


def _usage(where: str, what: str, fix: str, closest: str | None = None) -> UsageError:
    return UsageError(where=where, what=what, nearest=closest, fix=fix, code="KB-0230")


def _cells(cells: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{name} = {_text(cell)}" for name, cell in cells.items()) + " }"


def _text(text: str) -> str:
    """A TOML string: as JSON writes it, and DEL, which TOML forbids."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
