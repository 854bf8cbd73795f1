"""One source of a run: a mapping with the exports it means, read into parts of canonical tables."""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from pipeline.errors import DataError
from pipeline.intake.corrections import Correction
from pipeline.intake.dropfolder import Export, matching, missing
from pipeline.intake.fetching import Result, is_database, not_asked
from pipeline.intake.mapped import Part, cast_texts, texts_of
from pipeline.intake.mapping import Mapping
from pipeline.intake.notes import Note
from pipeline.intake.reading import Raw, read
from pipeline.intake.rejects import broken_rejects
from pipeline.intake.snapshots import in_time_order
from pipeline.intake.source_notes import absent_note, notes_of
from pipeline.intake.sql_tables import selected
from pipeline.log import Advance


@dataclass(frozen=True)
class Source:
    """A mapping, the zone of its naive times, and the exports that each of its file entries means."""

    mapping: Mapping
    zone: str
    exports: dict[str, tuple[Export, ...]]

    @property
    def paths(self) -> tuple[str, ...]:
        """Every file of the drop folder it reads, sorted."""
        return tuple(sorted({export.path for found in self.exports.values() for export in found}))


@dataclass(frozen=True)
class Gathered:
    """What a source gave: parts of tables, rejected rows, notes, and how many rows each file held."""

    parts: tuple[Part, ...]
    rejects: tuple[pd.DataFrame, ...]
    notes: tuple[Note, ...]
    rows: dict[tuple[str, str], int]
    """By file of the drop folder and by what was read of it (a member of a zip, a sheet of a workbook)."""


def source_of(
    mapping: Mapping, company_zone: str, exports: Sequence[Export], results: Sequence[Result] = ()
) -> Source:
    """The exports that the mapping means, and of its databases the results.

    Raises SourceError KB-1106 where an export that is not optional is missing, KB-1150 where a database was not asked.
    """
    answers = {each.entry: each.export for each in results if each.mapping == mapping.name}
    found = {entry: matching(exports, rule) for entry, rule in mapping.files.items()}
    for entry, rule in mapping.files.items():
        if is_database(mapping, entry):
            if entry not in answers:
                raise not_asked(mapping, entry)
            found[entry] = (answers[entry],)
        elif not found[entry] and not rule.optional:
            raise missing(rule, entry, mapping.name, exports)
    return Source(mapping, mapping.time_zone or company_zone, found)


def gathered(source: Source, folder: Path, corrections: Sequence[Correction], bar: Advance) -> Gathered:
    """Everything that the source's raw copies below `folder` hold, table by table; files are read once.

    Raises SourceError of `reading`, `mapped` and `sql_tables`, and DataError KB-1230 where an export is empty that is
    not optional.
    """
    mapping = source.mapping
    entries = {entry: _entry(source, entry, folder, corrections, bar) for entry in mapping.files}
    kept = {entry: given.for_sql for entry, given in entries.items() if given.for_sql}
    by_sql = {
        table: _absent(mapping, table, kept) for table, rule in mapping.tables.items() if rule.sql is not None
    }
    parts = [part for given in entries.values() for part in given.parts]
    parts += [_selected(source, table, kept, corrections) for table, absent in by_sql.items() if not absent]
    notes = [each for given in entries.values() for each in given.notes]
    notes += [absent_note(table, absent[0]) for table, absent in by_sql.items() if absent]
    rejects = [each for given in entries.values() for each in given.broken]
    rejects += [part.rejects for part in parts if len(part.rejects)]
    rows = {name: count for given in entries.values() for name, count in given.rows.items()}
    return Gathered(tuple(parts), tuple(rejects), tuple(notes), rows)


@dataclass(frozen=True)
class _Entry:
    """What the files of one entry gave; `for_sql` are the raw files that some table selects from."""

    parts: list[Part]
    broken: list[pd.DataFrame]
    notes: list[Note]
    rows: dict[tuple[str, str], int]
    for_sql: tuple[Raw, ...]


def _entry(
    source: Source, entry: str, folder: Path, corrections: Sequence[Correction], bar: Advance
) -> _Entry:
    mapping = source.mapping
    read_of = _read_entry(source, entry, folder, bar)
    raws = list(read_of.values())
    _require_rows(source, entry, raws)
    return _Entry(
        parts=_parts(source, entry, raws, corrections),
        broken=_broken(mapping, entry, raws),
        notes=notes_of(mapping, entry, raws, _superseded(source, entry)),
        rows={(export.path, raw.source): raw.rows for export, raw in read_of.items()},
        for_sql=tuple(raw for raw in raws if raw.headers) if mapping.in_sql(entry) else (),
    )


def _read_entry(source: Source, entry: str, folder: Path, bar: Advance) -> dict[Export, Raw]:
    """The entry's files; of a complete one (`complete = true`) the newest, which holds all that exists."""
    rule, wanted = source.mapping.files[entry], source.mapping.wanted_headers(entry)
    raws = {}
    for export in _newest(source, entry) if rule.complete else source.exports[entry]:
        raws[export] = read(folder, export, rule, wanted)
        bar.advance()
    return raws


def _newest(source: Source, entry: str) -> tuple[Export, ...]:
    where = f"sources/{source.mapping.name}.toml: files.{entry}"
    return in_time_order(source.exports[entry], where)[-1:]


def _superseded(source: Source, entry: str) -> tuple[Export, ...]:
    """The complete exports that a newer one replaces."""
    if not source.mapping.files[entry].complete:
        return ()
    newest = _newest(source, entry)
    return tuple(export for export in source.exports[entry] if export not in newest)


def _require_rows(source: Source, entry: str, raws: Sequence[Raw]) -> None:
    rule = source.mapping.files[entry]
    if raws and not rule.optional and not any(raw.rows for raw in raws):
        raise empty_export(", ".join(raw.source for raw in raws), f"{source.mapping.name}: files.{entry}")


def empty_export(where: str, what_for: str) -> DataError:
    """The error KB-1230 of an export that must have rows."""
    return DataError(
        where=where,
        what=f"holds no rows ({what_for})",
        fix="export it again; where it may be empty, say optional = true in the mapping",
        code="KB-1230",
    )


def _parts(source: Source, entry: str, raws: Sequence[Raw], corrections: Sequence[Correction]) -> list[Part]:
    """What the tables that map this entry's columns take from each of its files."""
    return [
        cast_texts(
            texts_of(raw, table, source.mapping.tables[table], source.zone),
            _corrections_of(table, corrections),
        )
        for raw in raws
        for table in _mapped_tables(source.mapping, entry)
        if raw.headers
    ]


def _selected(
    source: Source, table: str, kept: MappingOf[str, Sequence[Raw]], corrections: Sequence[Correction]
) -> Part:
    raws = {entry: kept[entry] for entry in _entries_of(source.mapping, table)}
    return cast_texts(selected(source.mapping, table, raws, source.zone), _corrections_of(table, corrections))


def _broken(mapping: Mapping, entry: str, raws: Sequence[Raw]) -> list[pd.DataFrame]:
    """Rows without the cells that their header promises, for each table that maps them, else for those by SQL."""
    tables = _mapped_tables(mapping, entry) or mapping.tables_of(entry)
    return [broken_rejects(raw, table) for raw in raws for table in tables if raw.broken]


def _corrections_of(table: str, corrections: Sequence[Correction]) -> list[Correction]:
    return [correction for correction in corrections if correction.table == table]


def _mapped_tables(mapping: Mapping, entry: str) -> tuple[str, ...]:
    return tuple(table for table in mapping.tables_of(entry) if mapping.tables[table].sql is None)


def _absent(mapping: Mapping, table: str, kept: MappingOf[str, Sequence[Raw]]) -> list[str]:
    """The entries that a table by SQL reads and that gave nothing to read from."""
    return [entry for entry in _entries_of(mapping, table) if entry not in kept]


def _entries_of(mapping: Mapping, table: str) -> list[str]:
    """The file entries that a table reads."""
    return [entry for entry in mapping.files if table in mapping.tables_of(entry)]
