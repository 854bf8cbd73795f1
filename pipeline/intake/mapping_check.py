"""A mapping held against exports without a run: what it finds, what is missing, what is left over, what does not cast.

Headers, line numbers and counts are told, never a cell.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from pipeline.errors import SourceError, nearest
from pipeline.intake.given_files import Given, as_meant
from pipeline.intake.mapped import Texts, casts_of, texts_of
from pipeline.intake.mapping import ColumnRule, FileRule, Mapping, TableRule, headers_of, reads
from pipeline.intake.reading import Raw, read
from pipeline.intake.sql_tables import selected

_LINES = 5


@dataclass(frozen=True)
class Missing:
    """A header that the mapping names and the export has not, with the columns that want it."""

    header: str
    columns: tuple[str, ...]
    nearest: str | None


@dataclass(frozen=True)
class Failing:
    """A column with cells that are not of its kind: how many rows, and the first lines."""

    column: str
    reason: str
    rows: int
    lines: tuple[int, ...]


@dataclass(frozen=True)
class CheckedTable:
    """A canonical table as one export, or a select over several, fills it."""

    table: str
    rows: int = 0
    matched: tuple[tuple[str, str], ...] = ()
    """Canonical column and where it comes from."""
    missing: tuple[Missing, ...] = ()
    failing: tuple[Failing, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class CheckedFile:
    """One export as an entry of the mapping reads it; `error` says why it cannot be read."""

    source: str
    entry: str
    rows: int = 0
    broken: int = 0
    unmapped: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    tables: tuple[CheckedTable, ...] = ()
    error: str = ""


@dataclass(frozen=True)
class CheckedMapping:
    """A mapping and the exports it was held against."""

    mapping: str
    files: tuple[CheckedFile, ...]
    selects: tuple[CheckedTable, ...]
    not_given: tuple[tuple[str, bool], ...]
    """Entries for which no export was given, and whether a run goes on without them."""
    not_meant: tuple[str, ...] = field(default=())
    """Exports that no entry means."""

    @property
    def stops(self) -> bool:
        """Whether a run over these exports would stop."""
        tables = [*self.selects, *(table for file in self.files for table in file.tables)]
        return any(file.error for file in self.files) or any(each.error or each.missing for each in tables)

    @property
    def sets_aside(self) -> bool:
        """Whether a run over these exports would set rows aside."""
        tables = [*self.selects, *(table for file in self.files for table in file.tables)]
        return any(file.broken for file in self.files) or any(each.failing for each in tables)


def checked(
    mapping: Mapping,
    given: Sequence[Given],
    company_zone: str,
    answers: MappingOf[str, Given | SourceError] = MappingProxyType({}),
) -> CheckedMapping:
    """The mapping held against the exports; what an export or a select is refused for is told, not raised.

    `answers` are those of its databases, by entry.
    """
    zone = mapping.time_zone or company_zone
    meant = {entry: _meant(given, rule) for entry, rule in mapping.files.items()}
    meant |= {entry: [answer] for entry, answer in answers.items() if isinstance(answer, Given)}
    raws: dict[str, list[Raw]] = {entry: [] for entry in mapping.files}
    files = [
        CheckedFile("database", entry, error=_told(answer))
        for entry, answer in answers.items()
        if isinstance(answer, SourceError)
    ]
    for entry, exports in meant.items():
        for export in exports:
            raw = _read(mapping, entry, export)
            if isinstance(raw, Raw):
                raws[entry].append(raw)
                files.append(_file(mapping, entry, raw, zone))
            else:
                files.append(CheckedFile(export.export.source, entry, error=_told(raw)))
    return CheckedMapping(
        mapping=mapping.name,
        files=tuple(files),
        selects=_selects(mapping, raws, zone),
        not_given=tuple(
            (entry, mapping.files[entry].optional)
            for entry, found in meant.items()
            if not found and entry not in answers
        ),
        not_meant=tuple(each.export.source for each in given if not _is_meant(each, mapping)),
    )


def _meant(given: Sequence[Given], rule: FileRule) -> list[Given]:
    return [found for each in given if (found := as_meant(each, rule))]


def _is_meant(given: Given, mapping: Mapping) -> bool:
    return any(as_meant(given, rule) for rule in mapping.files.values())


def _read(mapping: Mapping, entry: str, given: Given) -> Raw | SourceError:
    try:
        return read(given.folder, given.export, mapping.files[entry], mapping.wanted_headers(entry))
    except SourceError as error:
        return error


def _told(error: SourceError) -> str:
    return f"{error.code} {error.what}" + (f" (nearest: {error.nearest})" if error.nearest else "")


##### One export ######################################################################################################


def _file(mapping: Mapping, entry: str, raw: Raw, zone: str) -> CheckedFile:
    tables = [name for name in mapping.tables_of(entry) if mapping.tables[name].sql is None]
    left = [header for header in raw.headers if not mapping.uses(entry, header)]
    return CheckedFile(
        source=raw.source,
        entry=entry,
        rows=raw.rows,
        broken=len(raw.broken),
        unmapped=tuple(header for header in left if not mapping.ignores(entry, header)),
        ignored=tuple(header for header in left if mapping.ignores(entry, header)),
        tables=tuple(_table(raw, name, mapping.tables[name], zone) for name in tables),
    )


def _table(raw: Raw, name: str, rule: TableRule, zone: str) -> CheckedTable:
    """What can be said of a table where some of its headers may be missing."""
    there, missing = _there(raw, rule), _missing(raw, rule)
    try:
        texts = texts_of(raw, name, there, zone)
    except SourceError as error:
        return CheckedTable(name, missing=missing, error=_told(error))
    return CheckedTable(
        table=name,
        rows=len(texts.cells),
        matched=tuple(
            (column, _origin(each)) for column, each in (there.columns or _canonical(texts)).items()
        ),
        missing=missing,
        failing=_failing(texts),
    )


def _there(raw: Raw, rule: TableRule) -> TableRule:
    """The rule without what its missing headers would have given."""
    if rule.columns is None:
        return rule
    columns = {
        name: each.model_copy(
            update={"first_of": tuple(header for header in each.first_of if header in raw.headers)}
        )
        for name, each in rule.columns.items()
        if each.value is not None
        or (set(each.headers) & set(raw.headers) and set(each.all_of) <= set(raw.headers))
    }
    has = set(raw.headers)
    return rule.model_copy(
        update={
            "columns": columns,
            "where": rule.where if rule.where and rule.where.column in has else None,
            "newest_by": rule.newest_by if rule.newest_by in has else None,
        }
    )


def _missing(raw: Raw, rule: TableRule) -> tuple[Missing, ...]:
    wanting = {
        header: tuple(name for name, each in (rule.columns or {}).items() if header in each.headers)
        for header in headers_of(rule)
        if header not in raw.headers
    }
    return tuple(
        Missing(header, columns or ("where or newest_by",), nearest(header, raw.headers))
        for header, columns in wanting.items()
    )


def _origin(rule: ColumnRule) -> str:
    word = " and " if rule.all_of else " or "
    return word.join(rule.headers) if rule.headers else "the same for every row"


def _canonical(texts: Texts) -> dict[str, ColumnRule]:
    return {name: ColumnRule.model_validate({"from": name}) for name in texts.columns}


##### Casts ###########################################################################################################


def _failing(texts: Texts) -> tuple[Failing, ...]:
    found = []
    for name, casted in casts_of(texts).items():
        if casted.failed.any():
            lines = texts.lines[casted.failed]
            first = tuple(int(line) for line in lines.dropna().sort_values().head(_LINES))
            found.append(Failing(name, casted.reason, int(np.count_nonzero(casted.failed)), first))
    return tuple(found)


def _selects(mapping: Mapping, raws: MappingOf[str, Sequence[Raw]], zone: str) -> tuple[CheckedTable, ...]:
    """The tables by select for which every export was given."""
    found = []
    for name, rule in mapping.tables.items():
        entries = [entry for entry in mapping.files if rule.sql is not None and reads(rule, entry)]
        if not entries or not all(any(raw.headers for raw in raws[entry]) for entry in entries):
            continue
        found.append(_select(mapping, name, {entry: raws[entry] for entry in entries}, zone))
    return tuple(found)


def _select(mapping: Mapping, name: str, raws: MappingOf[str, Sequence[Raw]], zone: str) -> CheckedTable:
    try:
        texts = selected(mapping, name, raws, zone)
    except SourceError as error:
        return CheckedTable(name, error=_told(error))
    return CheckedTable(
        table=name,
        rows=len(texts.cells),
        matched=tuple((column, "select") for column in texts.columns),
        failing=_failing(texts),
    )


##### As text #########################################################################################################


def printed(found: CheckedMapping) -> str:
    """The check for a person."""
    lines = [f"mapping {found.mapping}"]
    for file in found.files:
        lines += _printed_file(file)
    for table in found.selects:
        lines += ["  by select", *_printed_table(table)]
    for entry, is_optional in found.not_given:
        lines.append(f"  files.{entry}: no export given" + (" (optional)" if is_optional else ""))
    lines += [f"  {source}: no entry of the mapping means it" for source in found.not_meant]
    return "\n".join(lines)


def _printed_file(file: CheckedFile) -> list[str]:
    if file.error:
        return [f"  {file.source} as files.{file.entry}: cannot be read: {file.error}"]
    rows = f"{file.rows} rows" + (f", {file.broken} of them broken" if file.broken else "")
    lines = [f"  {file.source} as files.{file.entry}: {rows}"]
    for table in file.tables:
        lines += _printed_table(table)
    lines += [f"    unmapped: {', '.join(file.unmapped)}"] if file.unmapped else []
    return lines + ([f"    ignored: {', '.join(file.ignored)}"] if file.ignored else [])


def _printed_table(table: CheckedTable) -> list[str]:
    lines = [f"    {table.table}: {table.rows} rows, {len(table.matched)} columns"]
    lines += [f"      {column} <- {origin}" for column, origin in table.matched if origin != "select"]
    lines += [_printed_missing(each) for each in table.missing]
    lines += [_printed_failing(each) for each in table.failing]
    return lines + ([f"      cannot be filled: {table.error}"] if table.error else [])


def _printed_missing(missing: Missing) -> str:
    close = f"; nearest: {missing.nearest}" if missing.nearest else ""
    return f"      MISSING {missing.header} (for {', '.join(missing.columns)}){close}"


def _printed_failing(failing: Failing) -> str:
    lines = ", ".join(map(str, failing.lines))
    more = ", …" if failing.rows > len(failing.lines) else ""
    return f"      DOES NOT CAST {failing.column}: {failing.reason}, {failing.rows} rows, lines {lines}{more}"
