"""A mapping proposed for exports that nobody mapped yet. Pure.

Each file is one table (`proposals`), may hold further ones (`second_tables`), and refers to the others by ids or by
names; how surely is said for each line, and a person decides.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from pipeline.intake.composite_keys import with_composite_key
from pipeline.intake.profiles import Profile
from pipeline.intake.proposals import DraftTable, Line, Sheet, best_table, profiles_of
from pipeline.intake.second_tables import second_tables
from pipeline.intake.vocabulary import Vocabulary
from pipeline.schema import TABLES

_HELD = 0.9
"""Share of a reference's cells that must be among the keys it points to."""


@dataclass(frozen=True)
class Draft:
    """The proposal: tables with the sheets they come from, and sheets that are no table we know."""

    tables: tuple[DraftTable, ...]
    sheets: tuple[Sheet, ...]
    unknown: tuple[Sheet, ...]


def drafted(sheets: Sequence[Sheet], words: Vocabulary) -> Draft:
    """The proposed mapping of the sheets."""
    profiles = {sheet.entry: profiles_of(sheet.raw, words) for sheet in sheets}
    named = [sheet for sheet in sheets if sheet.header != 0]
    first = [best for sheet in named if (best := best_table(sheet, profiles[sheet.entry], words))]
    whole = _one_each(first)
    within = [
        table
        for sheet in sheets
        for main in first
        if main.entry == sheet.entry
        for table in second_tables(sheet, main, profiles[sheet.entry], words)
        if table.table not in {each.table for each in whole}
    ]
    tables = _with_keys([*whole, *_one_each(within)], sheets, profiles)
    return Draft(
        tables=tuple(_with_references(each, tables, sheets) for each in tables),
        sheets=tuple(sheet for sheet in sheets if sheet.entry in {each.entry for each in tables}),
        unknown=tuple(sheet for sheet in sheets if sheet.entry not in {each.entry for each in tables}),
    )


def _one_each(tables: Iterable[DraftTable]) -> list[DraftTable]:
    """One proposal a table, the one with the most points; the order stays."""
    kept: dict[str, DraftTable] = {}
    for each in tables:
        if each.table not in kept or each.points > kept[each.table].points:
            kept[each.table] = each
    return list(kept.values())


def _with_keys(
    tables: Sequence[DraftTable], sheets: Sequence[Sheet], profiles: Mapping[str, Mapping[str, Profile]]
) -> list[DraftTable]:
    """The tables with ids of several columns where it takes them; not where others name the rows by one."""
    named = {
        parent
        for each in tables
        for column, parent in TABLES[each.table].parents.items()
        if each.line(column) is not None
    }
    by_entry = {sheet.entry: sheet for sheet in sheets}
    return [
        each if each.table in named else with_composite_key(each, by_entry[each.entry], profiles[each.entry])
        for each in tables
    ]


##### References ######################################################################################################


def _with_references(table: DraftTable, tables: Sequence[DraftTable], sheets: Sequence[Sheet]) -> DraftTable:
    """The table with its references checked against the cells of the tables that they point to."""
    parents = TABLES[table.table].parents
    lines = tuple(
        _referring(each, table, parents[each.column], tables, sheets) if each.column in parents else each
        for each in table.lines
    )
    return replace(table, lines=lines)


def _referring(
    line: Line, table: DraftTable, parent: str, tables: Sequence[DraftTable], sheets: Sequence[Sheet]
) -> Line:
    target = next((each for each in tables if each.table == parent), None)
    if target is None:
        return replace(line, by="id")
    cells = _cells(sheets, table.entry, line.header)
    ids = _share_among(cells, target, TABLES[parent].key[0], sheets)
    names = _share_among(cells, target, "name", sheets)
    if ids >= _HELD or ids >= names:
        likelier = max(line.confidence, 0.95) if ids >= _HELD else line.confidence
        return replace(
            line, by="id", confidence=likelier, why=f"{line.why}; {ids * 100:.0f} % are ids of {parent}"
        )
    likelier = max(line.confidence, 0.9) if names >= _HELD else line.confidence
    return replace(
        line, by="name", confidence=likelier, why=f"{line.why}; {names * 100:.0f} % are names of {parent}"
    )


def _share_among(cells: set[str], target: DraftTable, column: str, sheets: Sequence[Sheet]) -> float:
    """The share of cells that stand in a column of the table they may point to."""
    line = target.line(column)
    if line is None or not cells:
        return 0.0
    return len(cells & _cells(sheets, target.entry, line.header)) / len(cells)


def _cells(sheets: Sequence[Sheet], entry: str, header: str) -> set[str]:
    raw = next(sheet.raw for sheet in sheets if sheet.entry == entry)
    return set(raw.cells[header].dropna().unique().tolist())
