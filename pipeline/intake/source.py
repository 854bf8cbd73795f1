"""One source of a run: a mapping with the exports it means, read into parts of canonical tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import pandas as pd

from pipeline.errors import DataError, nearest
from pipeline.intake.corrections import Correction
from pipeline.intake.dropfolder import Export, matching, missing
from pipeline.intake.mapped import Part, cast_texts, texts_of
from pipeline.intake.mapping import FileRule, Mapping, headers_of
from pipeline.intake.notes import Note, note
from pipeline.intake.reading import Raw, read
from pipeline.intake.rejects import broken_rejects
from pipeline.intake.sql_tables import selected
from pipeline.log import Advance
from pipeline.schema import TABLES


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


def source_of(mapping: Mapping, company_zone: str, exports: Sequence[Export]) -> Source:
    """The exports that the mapping means. SourceError KB-1106 where one that is not optional is missing."""
    found = {entry: matching(exports, rule) for entry, rule in mapping.files.items()}
    for entry, rule in mapping.files.items():
        if not found[entry] and not rule.optional:
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
    notes += [_absent_note(table, absent[0]) for table, absent in by_sql.items() if absent]
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
        notes=_notes(mapping, entry, raws, source.exports[entry]),
        rows={(export.path, raw.source): raw.rows for export, raw in read_of.items()},
        for_sql=tuple(raw for raw in raws if raw.headers) if mapping.in_sql(entry) else (),
    )


def _read_entry(source: Source, entry: str, folder: Path, bar: Advance) -> dict[Export, Raw]:
    """The entry's files; of a complete one (`complete = true`) the last by name, which holds all that exists."""
    rule, wanted = source.mapping.files[entry], _wanted(source.mapping, entry)
    exports = source.exports[entry]
    raws = {}
    for export in exports[-1:] if rule.complete else exports:
        raws[export] = read(folder, export, rule, wanted)
        bar.advance()
    return raws


def _wanted(mapping: Mapping, entry: str) -> frozenset[str]:
    """The headers that the entry's tables look for; canonical names where a table maps none."""
    canonical = [
        name
        for table in _mapped_tables(mapping, entry)
        if mapping.tables[table].columns is None
        for name in TABLES[table].column_names
    ]
    return mapping.wanted_headers(entry) | frozenset(canonical)


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


##### Notes ############################################################################################################


def _notes(mapping: Mapping, entry: str, raws: Sequence[Raw], exports: Sequence[Export]) -> list[Note]:
    table = mapping.tables_of(entry)[0]
    notes = _header_notes(mapping, entry, raws)
    superseded = [export.source for export in exports[:-1]] if mapping.files[entry].complete else []
    if superseded:
        why = f"全量导出只取文件名排在最后的一份（{exports[-1].source}），较早的未采用。"
        notes.append(note(table, "one_complete_export", why, len(superseded), examples=_named(superseded)))
    blank = [raw for raw in raws if raw.blank]
    if blank:
        rows = sum(raw.blank for raw in blank)
        why = "整行没有任何内容的行已略去。"
        notes.append(note(table, "rows_hold_cells", why, rows, examples=_named(raw.source for raw in blank)))
    sheets = sorted({sheet for raw in raws for sheet in raw.left_out} - _mapped_sheets(mapping))
    if sheets:
        why = f"映射没有用到的工作表：{'、'.join(sheets)}。"
        notes.append(
            note(table, "sheets_are_mapped", why, len(sheets), examples=_named(raw.source for raw in raws))
        )
    return notes


def _absent_note(table: str, entry: str) -> Note:
    why = f"未生成此表，因为映射中可省略的文件“{entry}”不在投放文件夹中，或没有表头。"
    return note(table, "files_are_there", why, 0)


def _named(sources: Iterable[str]) -> list[tuple[str, int | None]]:
    return [(source, None) for source in sources]


def _mapped_sheets(mapping: Mapping) -> set[str]:
    return {rule.sheet for rule in mapping.files.values() if rule.sheet}


def _header_notes(mapping: Mapping, entry: str, raws: Sequence[Raw]) -> list[Note]:
    rule, table = mapping.files[entry], mapping.tables_of(entry)[0]
    left = {
        header: raw.source
        for raw in raws
        for header in raw.headers
        if not _is_used(mapping, entry, header) and not _is_ignored(rule, header)
    }
    notes = [
        _misspelt_note(table, header, source)
        for header, source in left.items()
        if _looks_misspelt(mapping, entry, header)
    ]
    if left:
        why = f"“{entry}”中既未映射也未列为忽略的列：{'、'.join(sorted(left))}。"
        notes.append(
            note(table, "headers_are_mapped", why, len(left), examples=_named(sorted(set(left.values()))))
        )
    return notes


def _is_used(mapping: Mapping, entry: str, header: str) -> bool:
    """Whether a table reads the header: by name, as a canonical name, or in its SQL."""
    for table in mapping.tables_of(entry):
        rule = mapping.tables[table]
        if rule.sql is not None and header in rule.sql:
            return True
        if rule.sql is None and rule.columns is None and header in TABLES[table].column_names:
            return True
        if header in headers_of(rule):
            return True
    return False


def _is_ignored(rule: FileRule, header: str) -> bool:
    return any(fnmatchcase(header, pattern) for pattern in rule.ignore)


def _looks_misspelt(mapping: Mapping, entry: str, header: str) -> bool:
    return any(
        rule.sql is None and rule.columns is None and nearest(header, TABLES[table].column_names)
        for table, rule in ((name, mapping.tables[name]) for name in mapping.tables_of(entry))
    )


def _misspelt_note(table: str, header: str, source: str) -> Note:
    close = nearest(header, TABLES[table].column_names)
    why = f"列“{header}”不是规范的列名，最接近的是“{close}”。"
    return note(table, "headers_are_canonical", why, 1, severity="warning", examples=[(source, 1)])
