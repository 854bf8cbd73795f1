"""The demo company: a maker of sorting lines, its clients and three years of their orders, money and service.

The same arguments give the same rows everywhere. Everything is made month by month for all clients at once, so
memory is bounded by one month; each row depends on its own key alone (`chance`), so more clients leave what the
others do as it is. `ground_truth.json` says what is true of it and which rows are wrong.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from pipeline.demo import people
from pipeline.demo.cast import STORIED
from pipeline.demo.dirt import Dirt, planted, planted_elsewhere, repeated
from pipeline.demo.files import CanonicalExports, Exports
from pipeline.demo.history import History, write_months
from pipeline.demo.restated import late_counts, late_return
from pipeline.demo.standing import write_standing
from pipeline.demo.stories import ground_truth
from pipeline.demo.systems import SystemExports
from pipeline.demo.truths import added, spans
from pipeline.demo.world import World, world
from pipeline.errors import UsageError
from pipeline.resources import built_in
from pipeline.store import files_below, write_json

SEED = 20260930
UNTIL = date(2026, 10, 7)
ACCOUNTS = 60

_SETTINGS = "kambook.toml"
_OWN_MAPPINGS = ("salesforce_crm", "erp_gb18030", "office_sheets")
_CANONICAL = "generic"


@dataclass(frozen=True)
class Size:
    """How large a demo is, and its last day; `lines` scales the orders so that about as many order lines come out."""

    seed: int
    accounts: int
    months: int
    lines: int | None
    until: date


def write_demo(
    folder: Path,
    *,
    seed: int = SEED,
    accounts: int = ACCOUNTS,
    months: int = 36,
    lines: int | None = None,
    until: date = UNTIL,
) -> None:
    """Write a workspace: exports in the shapes of the company's own systems, the mappings for them, settings, truths.

    `months` whole months and what there is of the next one up to `until`; `lines` scales the orders so that about
    as many order lines come out (within some per cent). UsageError KB-0222 for fewer than ten accounts or
    thirteen months: the stories need them. A smaller demo tells fewer of them.
    """
    size = Size(seed, accounts, months, lines, until)
    _write(folder, size, SystemExports(folder / "exports"))
    _write_settings(folder, until, (*_OWN_MAPPINGS, _CANONICAL))
    (folder / "sources").mkdir(exist_ok=True)
    for name in _OWN_MAPPINGS:
        _copy(built_in("data", "demo", "sources", f"{name}.toml"), folder / "sources" / f"{name}.toml")
    texts = built_in("data", "demo", "insight")
    for path in files_below(texts):
        target = folder / "insight" / path.relative_to(texts)
        target.parent.mkdir(parents=True, exist_ok=True)
        _copy(path, target)


def write_canonical(
    folder: Path,
    *,
    seed: int = SEED,
    accounts: int = ACCOUNTS,
    months: int = 36,
    lines: int | None = None,
    until: date = UNTIL,
) -> None:
    """Write a workspace with the same rows as `write_demo` in canonical CSV files, `exports/<table>.csv`."""
    _write(folder, Size(seed, accounts, months, lines, until), CanonicalExports(folder / "exports"))
    _write_settings(folder, until, (_CANONICAL,))


def _write(folder: Path, size: Size, exports: Exports) -> None:
    """The exports and `ground_truth.json`."""
    _check(size)
    made = world(size.seed, size.accounts, size.months, size.lines, size.until)
    served = people.assignments(made.clients, size.until)
    with exports:
        twice = write_standing(exports, made, served, size.until)
        history = write_months(exports, made, served, size.until)
        dirt = _write_dirt(exports, made, history, size.until)
    late = late_counts(late_return(made.clients, size.until), made.clients, spans(size.until))
    truth = ground_truth(made, served, added(history.counts, late), size.until)
    wrong = [one.as_json() for one in (*dirt, *twice)]
    write_json(folder / "ground_truth.json", {**truth, "seed": size.seed, "dirt": wrong})


def _check(size: Size) -> None:
    for name, value, least in (("--accounts", size.accounts, STORIED), ("--months", size.months, 13)):
        if value < least:
            raise UsageError(
                where=name,
                what=f"{value} is too few for the demo's stories",
                fix=f"{name} {least}",
                code="KB-0222",
            )


def _write_dirt(exports: Exports, made: World, history: History, until: date) -> tuple[Dirt, ...]:
    """Wrong rows stand at the end of their tables."""
    dirt = planted(until, history.sample)
    dirt += planted_elsewhere(until) if len(made.clients) > STORIED else ()
    for one in dirt:
        exports.append_rows(one.table, [one.row])
    exports.append("order_lines", history.sample.line)
    return (*dirt, repeated(history.sample))


def _write_settings(folder: Path, until: date, mappings: Sequence[str]) -> None:
    """The demo's own settings, its clock on the day after the last export, reading by these mappings."""
    lines = built_in("data", "demo", _SETTINGS).read_text(encoding="utf-8").splitlines()
    quoted = ", ".join(f'"{name}"' for name in mappings)
    written = {"today = ": f"today = {until + timedelta(days=1)}", "mappings = ": f"mappings = [{quoted}]"}
    shown = [_replaced(line, written) for line in lines]
    (folder / _SETTINGS).write_text("\n".join(shown) + "\n", encoding="utf-8")


def _replaced(line: str, written: dict[str, str]) -> str:
    """The line, or what is to stand in place of a line that begins so; a comment behind it stays."""
    for begins, text in written.items():
        if line.startswith(begins):
            _, mark, comment = line.partition(" #")
            return f"{text:<25}{mark}{comment}".rstrip() if mark else text
    return line


def _copy(source: Path, target: Path) -> None:
    if source.resolve() != target.resolve():
        shutil.copyfile(source, target)
