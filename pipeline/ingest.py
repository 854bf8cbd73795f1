"""Ingest: exports, kept as they came, become canonical tables in exact types.

Writes `raw/` (copies and `inputs.json`) and `tables/` (one Parquet file a table, `rejects.parquet`, `ingest.json`).
"""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline import store
from pipeline.context import Context
from pipeline.errors import SourceError
from pipeline.gate.traces import THROUGH
from pipeline.intake.aliases import Aliases, leading_nowhere, load_aliases, names_of, resolved
from pipeline.intake.canonical import accounts_of, finished, write_table
from pipeline.intake.corrections import Correction, load_corrections, stale, unmet
from pipeline.intake.dropfolder import Export, copied, exports_in
from pipeline.intake.fetching import Asking, Result, is_database, results
from pipeline.intake.groups import with_groups
from pipeline.intake.mapped import Part
from pipeline.intake.mapping import Mapping
from pipeline.intake.mapping_files import load_mapping
from pipeline.intake.merging import deduplicated, merged
from pipeline.intake.notes import Note, in_order, listed, note
from pipeline.intake.rejects import rejects_table
from pipeline.intake.source import Gathered, Source, empty_export, gathered, source_of
from pipeline.kept_rules import keep_reading
from pipeline.resources import code_hash
from pipeline.schema import NO_ACCOUNT, SALES_TABLES, SCHEMA_VERSION, TABLES
from pipeline.sections import N_

_STAGE = store.STAGES["ingest"]
_BASIS = {"ordered": "orders", "invoiced": "invoices", "contracted": "contracts", "won": "opportunities"}
"""The table without which there are no sales, by what the settings count as sales."""


@dataclass(frozen=True)
class Plan:
    """What a run will read: its sources in the order of precedence, aliases, corrections, and the hash of each file."""

    sources: tuple[Source, ...]
    aliases: Aliases
    corrections: tuple[Correction, ...]
    reads: dict[str, str]
    unread: tuple[str, ...] = ()
    """Files of the drop folder that no mapping means."""
    answers: tuple[Result, ...] = ()
    """What databases answered."""

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(sorted({path for source in self.sources for path in source.paths}))


def ingest(context: Context) -> None:
    """Read the exports of the run's drop folder into its canonical tables; at once where nothing changed.

    Raises SourceError KB-11xx where an export cannot be read as its mapping says, DataError KB-1230 (an export is
    empty) and KB-1231 (a correction no longer holds).
    """
    with _kept_apart(context.run / ".from-databases.tmp") as folder:
        _ingest(context, planned(context, folder))


@contextlib.contextmanager
def _kept_apart(folder: Path) -> Iterator[Path]:
    """A folder for what databases answer, which nobody finds before or after; it is made when it is needed."""
    shutil.rmtree(folder, ignore_errors=True)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _ingest(context: Context, plan: Plan) -> None:
    key = _key(context, plan)
    if store.is_current(context.run, _STAGE, key):
        context.log.event("ingest", "unchanged")
        return
    with store.writing(context.run, _STAGE, key=key, reads=plan.reads) as folder:
        _copy(context, plan, folder / "raw")
        keep_reading(folder / "raw", _read_by(context, plan))
        found = _gather(context, plan, folder / "raw")
        tables, notes = _tables(plan, found)
        _require_tables(context, plan, tables, found)
        ready = finished(with_groups(tables, context.period.as_of))
        _write(folder, plan, found, ready, [*notes, *_unread(plan), *_without_account(ready)])
    for name, rows in ready.items():
        context.log.event("ingest", f"table {name}", rows=len(rows))


def planned(context: Context, folder: Path) -> Plan:
    """Mappings, the exports they mean, what databases answer (in `folder`), aliases and corrections; nothing is copied."""
    mappings = [load_mapping(name, context.reading) for name in context.settings.sources.mappings]
    exports = _exports(context.exports, mappings)
    asking = Asking(context.workspace, context.variables, context.period.until_on)
    answers = results(mappings, asking, context.exports, folder, context.log)
    zone = context.settings.company.time_zone
    sources = tuple(source_of(each, zone, exports, answers) for each in mappings)
    folders = {each.export.path: each.folder for each in answers}
    files = {
        f"exports/{path}": folders.get(path, context.exports) / path
        for source in sources
        for path in source.paths
    }
    files |= {f"sources/{each.path.name}": each.path for each in mappings}
    own = {name: context.reading / name for name in ("aliases.toml", "corrections.toml")}
    files |= {name: path for name, path in own.items() if path.is_file()}
    reads = {name: store.sha256_of_file(path) for name, path in sorted(files.items())}
    used = {export for source in sources for found in source.exports.values() for export in found}
    packs = {export.path for export in exports if export.member}
    unread = tuple(
        each.source for each in exports if each not in used and (each.member or each.path not in packs)
    )
    return Plan(
        sources, load_aliases(context.reading), load_corrections(context.reading), reads, unread, answers
    )


def _exports(folder: Path, mappings: Sequence[Mapping]) -> tuple[Export, ...]:
    """What lies in the drop folder; a company that has only databases needs none."""
    reads_files = any(not is_database(each, entry) for each in mappings for entry in each.files)
    return exports_in(folder) if reads_files or folder.is_dir() else ()


def _key(context: Context, plan: Plan) -> str:
    settings = context.settings
    return store.sha256_of(
        {
            "reads": plan.reads,
            "unread": plan.unread,
            "kambook": code_hash(),
            "mappings": settings.sources.mappings,
            "time_zone": settings.company.time_zone,
            "as_of": context.period.as_of.isoformat(),
            "basis": settings.sales.basis,
        }
    )


def _copy(context: Context, plan: Plan, raw: Path) -> None:
    raw.mkdir()
    folders = {each.export.path: each.folder for each in plan.answers}
    for path in plan.paths:
        copied(folders.get(path, context.exports), path, plan.reads[f"exports/{path}"], raw)


def _read_by(context: Context, plan: Plan) -> dict[str, Path]:
    """The mappings, aliases and corrections that the exports are read by, as a workspace holds them."""
    files = {f"sources/{each.mapping.path.name}": each.mapping.path for each in plan.sources}
    own = {name: context.reading / name for name in ("aliases.toml", "corrections.toml")}
    return files | {name: path for name, path in own.items() if name in plan.reads}


def _gather(context: Context, plan: Plan, raw: Path) -> list[Gathered]:
    total = sum(len(found) for source in plan.sources for found in source.exports.values())
    with context.log.progress("ingest", total) as bar:
        return [gathered(source, raw, plan.corrections, bar) for source in plan.sources]


##### Tables ###########################################################################################################


def _tables(plan: Plan, found: Sequence[Gathered]) -> tuple[dict[str, pd.DataFrame], list[Note]]:
    """Every table that any source gave: names resolved, rows of one key made one, sources merged in order."""
    _require_met(plan, found)
    parts = [_named_keys(gathered_.parts, plan.aliases) for gathered_ in found]
    rows_by_table = {
        name: [part.rows for each in parts for part in each if part.table == name] for name in TABLES
    }
    whole = {name: _together(rows) for name, rows in rows_by_table.items() if rows}
    notes = [each for gathered_ in found for each in gathered_.notes]
    notes += _alias_notes(plan.aliases, whole)
    tables: dict[str, pd.DataFrame] = {}
    for name in whole:
        tables[name], said = _table(name, plan, parts, whole)
        notes += said
    return tables, notes


def _together(rows: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Frames one below the other, numbered from 0; a single one is not copied."""
    return rows[0].reset_index(drop=True) if len(rows) == 1 else pd.concat(rows, ignore_index=True)


def _require_met(plan: Plan, found: Sequence[Gathered]) -> None:
    met = [pair for gathered_ in found for part in gathered_.parts for pair in part.corrected]
    for correction in unmet([*((each, 0) for each in plan.corrections), *met]):
        raise stale(correction, "matches no row of any export")


def _named_keys(parts: Sequence[Part], aliases: Aliases) -> list[Part]:
    """Columns that name rows of their own table, as its key does, take only the alias: there is nothing to look in."""
    return [_with_rows(part, {column: part.rows[column].replace(dict(aliases.get(part.table, {})))
                              for column, target in part.key_of
                              if target == part.table and column in TABLES[target].key}) for part in parts]  # fmt: skip


def _with_rows(part: Part, columns: dict[str, Any]) -> Part:
    left = tuple(pair for pair in part.key_of if pair[0] not in columns)
    return Part(part.table, part.rows.assign(**columns), part.rejects, left, part.corrected, part.raw_rows)


def _table(
    name: str, plan: Plan, parts: Sequence[Sequence[Part]], whole: dict[str, pd.DataFrame]
) -> tuple[pd.DataFrame, list[Note]]:
    made: pd.DataFrame | None = None
    first, notes = "", []
    for source, own_parts in zip(plan.sources, parts, strict=True):
        own = [_resolved(part, plan.aliases, whole) for part in own_parts if part.table == name]
        if not own:
            continue
        rule = source.mapping.tables[name]
        key = rule.key or TABLES[name].key
        rows, said = deduplicated(name, _together(own), key, rule.newest_by)
        if made is None:
            made, first = rows, source.mapping.name
        else:
            made, conflicts = merged(name, made, rows, key, (first, source.mapping.name))
            said = [*said, *conflicts]
        notes += said
    assert made is not None  # the table is in `whole`, so a source gave it
    return made, notes


def _resolved(part: Part, aliases: Aliases, whole: dict[str, pd.DataFrame]) -> pd.DataFrame:
    columns = {
        column: resolved(part.rows[column], aliases.get(target, {}), names_of(target, whole.get(target)))
        for column, target in part.key_of
    }
    return part.rows.assign(**columns)


def _alias_notes(aliases: Aliases, whole: dict[str, pd.DataFrame]) -> list[Note]:
    lost = {
        table: leading_nowhere(entries, names_of(table, whole[table]))
        for table, entries in aliases.items()
        if table in whole
    }
    why = N_("Aliases lead to an id or name that this table does not have.")
    return [
        note(table, "aliases_lead_somewhere", why, count, severity="warning")
        for table, count in lost.items()
        if count
    ]


def _require_tables(
    context: Context, plan: Plan, tables: dict[str, pd.DataFrame], found: Sequence[Gathered]
) -> None:
    """Accounts and a table of sales came out, and of both at least a row was exported."""
    missing = [] if "accounts" in tables else ["accounts"]
    missing += [] if set(SALES_TABLES) & set(tables) else [f"one of {', '.join(SALES_TABLES)}"]
    if missing:
        raise SourceError(
            where=f"mappings {', '.join(source.mapping.name for source in plan.sources)}",
            what=f"give no {' and not '.join(missing)}",
            nearest=f"tables that came out: {', '.join(tables) or 'none'}{_empty_files(found)}",
            fix="put the missing export into the drop folder, or map it",
            code="KB-1114",
        )
    offered = {part.table: 0 for each in found for part in each.parts}
    for each in found:
        for part in each.parts:
            offered[part.table] += part.raw_rows
    for name in ("accounts", _BASIS[context.settings.sales.basis]):
        if name in tables and not offered[name]:
            raise empty_export(f"table {name}", "the exports mapped to it have none")


def _empty_files(found: Sequence[Gathered]) -> str:
    empty = sorted({source for each in found for (_, source), rows in each.rows.items() if not rows})
    return f"; files without rows: {', '.join(empty)}" if empty else ""


def _unread(plan: Plan) -> list[Note]:
    """The files that no mapping means: one may be an export under a name that nobody expected."""
    if not plan.unread:
        return []
    why = N_("Files of the drop folder that no mapping means: {files}.")
    return [
        note(
            "exports",
            "files_are_mapped",
            why,
            len(plan.unread),
            examples=[(name, None) for name in plan.unread],
            values={"files": listed(plan.unread)},
        )
    ]


def _without_account(tables: dict[str, pd.DataFrame]) -> list[Note]:
    """How many rows of each table are kept under `~`."""
    why = N_(
        "Rows without a customer are kept under “~”: they count in the totals and stand in no customer’s documents."
    )
    counted = {
        name: accounts_of(name, tables) == NO_ACCOUNT
        for name in tables
        if name != "accounts" and (name in THROUGH or "account_id" in TABLES[name].column_names)
    }
    return [
        note(name, "rows_name_an_account", why, int(empty.sum()), examples=_first(tables[name][empty]))
        for name, empty in counted.items()
        if empty.any()
    ]


def _first(rows: pd.DataFrame) -> list[tuple[str, int | None]]:
    ordered = rows[["_source", "_line"]].sort_values(["_source", "_line"]).head(5)
    return [(str(source), int(line)) for source, line in ordered.itertuples(index=False)]


##### What is written ##################################################################################################


def _write(
    folder: Path,
    plan: Plan,
    found: Sequence[Gathered],
    tables: dict[str, pd.DataFrame],
    notes: Sequence[Note],
) -> None:
    target = folder / "tables"
    target.mkdir()
    written = {name: rows for name, rows in tables.items() if len(rows) or _was_offered(name, found)}
    for name, rows in written.items():
        write_table(target / f"{name}.parquet", rows)
    absent = [
        note(
            name,
            "tables_hold_rows",
            N_("The exports hold no row of this table: it is taken as not given."),
            0,
            severity="warning",
        )
        for name in tables
        if name not in written
    ]
    _rejects(found, plan.aliases).to_parquet(target / "rejects.parquet", index=False)
    said = {
        "schema": SCHEMA_VERSION,
        "notes": in_order([*notes, *absent]),
        "complete": complete_tables(plan.sources),
        "rows": {name: len(rows) for name, rows in written.items()},
        "sources": {name: sorted(set(rows["_source"].unique().tolist())) for name, rows in written.items()},
    }
    store.write_json(target / "ingest.json", said)
    store.write_json(folder / "raw" / "inputs.json", _inputs(folder / "raw", plan, found))


def complete_tables(sources: Sequence[Source]) -> list[str]:
    """The tables of which every file that came, from every source, holds all that exists."""
    files = [
        (table, source.mapping.files[entry].complete)
        for source in sources
        for entry, exports in source.exports.items()
        if exports
        for table in source.mapping.tables_of(entry)
    ]
    return sorted({table for table, _ in files} - {table for table, complete in files if not complete})


def _was_offered(table: str, found: Sequence[Gathered]) -> bool:
    """Whether any row of the table came, be it rejected: then the checks, not silence, judge an empty table."""
    return any(part.raw_rows for each in found for part in each.parts if part.table == table)


def _rejects(found: Sequence[Gathered], aliases: Aliases) -> pd.DataFrame:
    """Every rejected row; an account that the export names by an alias is the one it stands for."""
    none = rejects_table([], [], [], [], [], [])
    every = pd.concat([none, *(rejects for each in found for rejects in each.rejects)], ignore_index=True)
    every = every.assign(account_id=every["account_id"].replace(dict(aliases.get("accounts", {}))))
    return every.sort_values(["table", "_source", "_line"], kind="stable", ignore_index=True)


def _inputs(raw: Path, plan: Plan, found: Sequence[Gathered]) -> list[dict[str, object]]:
    """One entry a source and file; rows of a zip's members and a workbook's sheets are those of the file.

    Of what a database answered, `query_sha256` proves to a later run over this `raw/` what was asked.
    """
    asked = {each.export.path: {"query_sha256": each.question} for each in plan.answers}
    return [
        {
            "source": source.mapping.name,
            "path": path,
            "sha256": plan.reads[f"exports/{path}"],
            "bytes": (raw / path).stat().st_size,
            "rows": sum(count for (file, _), count in each.rows.items() if file == path),
            **asked.get(path, {}),
        }
        for source, each in zip(plan.sources, found, strict=True)
        for path in source.paths
    ]
