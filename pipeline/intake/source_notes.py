"""What is said of the files that one entry of a mapping means: headers, sheets and rows that were left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.errors import nearest
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapping import Mapping
from pipeline.intake.notes import Note, listed, note
from pipeline.intake.reading import Raw
from pipeline.schema import TABLES
from pipeline.sections import N_


def notes_of(mapping: Mapping, entry: str, raws: Sequence[Raw], superseded: Sequence[Export]) -> list[Note]:
    """Every note on an entry's files, for the first table that reads it; `superseded` are older complete exports."""
    table = mapping.tables_of(entry)[0]
    said = [
        *_complete_notes(table, raws, superseded),
        *_row_notes(table, raws),
        *_sheet_notes(mapping, table, raws),
    ]
    return [*_header_notes(mapping, entry, raws), *said]


def absent_note(table: str, entry: str) -> Note:
    """The note of a table by SQL that an optional export is missing for."""
    why = N_(
        "This table was not made: the optional file “{entry}” of the mapping is not in the drop folder, or it has no"
        " header."
    )
    return note(table, "files_are_there", why, 0, values={"entry": entry})


def _complete_notes(table: str, raws: Sequence[Raw], superseded: Sequence[Export]) -> list[Note]:
    older = [export.source for export in superseded]
    why = N_(
        "Of complete exports only the newest counts ({newest}): a key that is not in it was deleted. The older ones"
        " are left out."
    )
    values = {"newest": listed(raw.source for raw in raws)}
    found = note(table, "one_complete_export", why, len(older), examples=_named(older), values=values)
    return [found] if older else []


def _row_notes(table: str, raws: Sequence[Raw]) -> list[Note]:
    return [
        *_counted(
            table,
            "rows_hold_cells",
            N_("Rows without anything in them are left out."),
            raws,
            lambda raw: raw.blank,
        ),
        *_at_lines(
            table,
            "totals_are_no_rows",
            N_("Totals at the end are no records and are not counted."),
            raws,
            lambda raw: raw.totals,
        ),
        *_counted(
            table,
            "cells_are_not_merged",
            N_("Texts that were merged over several rows were filled into each of them."),
            raws,
            lambda raw: raw.merged,
        ),
        *_at_lines(
            table,
            "numbers_are_not_merged",
            N_(
                "A number that was merged over several rows stands in the first alone and is empty in the others, so"
                " that it is not counted again."
            ),
            raws,
            lambda raw: raw.merged_numbers,
            severity="warning",
        ),
    ]


def _counted(
    table: str, truth: str, why: str, raws: Sequence[Raw], count: Callable[[Raw], int]
) -> list[Note]:
    met = [raw for raw in raws if count(raw)]
    examples = _named(raw.source for raw in met)
    return [note(table, truth, why, sum(map(count, met)), examples=examples)] if met else []


def _at_lines(
    table: str,
    truth: str,
    why: str,
    raws: Sequence[Raw],
    lines: Callable[[Raw], Sequence[int]],
    *,
    severity: str = "info",
) -> list[Note]:
    met = [(raw.source, line) for raw in raws for line in lines(raw)]
    return [note(table, truth, why, len(met), severity=severity, examples=met)] if met else []


def _sheet_notes(mapping: Mapping, table: str, raws: Sequence[Raw]) -> list[Note]:
    examples = _named(raw.source for raw in raws)
    shown = sorted({sheet for raw in raws for sheet in raw.left_out} - _mapped_sheets(mapping))
    hidden = sorted({sheet for raw in raws for sheet in raw.hidden} - _mapped_sheets(mapping))
    said = (
        ("sheets_are_mapped", N_("Sheets that the mapping does not use: {sheets}."), shown),
        ("sheets_are_shown", N_("Hidden sheets, which were not read: {sheets}."), hidden),
    )
    return [
        note(table, truth, why, len(names), examples=examples, values={"sheets": listed(names)})
        for truth, why, names in said
        if names
    ]


def _named(sources: Iterable[str]) -> list[tuple[str, int | None]]:
    return [(source, None) for source in sources]


def _mapped_sheets(mapping: Mapping) -> set[str]:
    return {rule.sheet for rule in mapping.files.values() if rule.sheet}


def _header_notes(mapping: Mapping, entry: str, raws: Sequence[Raw]) -> list[Note]:
    table = mapping.tables_of(entry)[0]
    left = {
        header: raw.source
        for raw in raws
        for header in raw.headers
        if not mapping.uses(entry, header) and not mapping.ignores(entry, header)
    }
    notes = [
        _misspelt_note(table, header, source)
        for header, source in left.items()
        if _looks_misspelt(mapping, entry, header)
    ]
    if left:
        why = N_("Columns of “{entry}” that are neither mapped nor ignored: {headers}.")
        notes.append(
            note(
                table,
                "headers_are_mapped",
                why,
                len(left),
                examples=_named(sorted(set(left.values()))),
                values={"entry": entry, "headers": listed(sorted(left))},
                names=sorted(left),
            )
        )
    return notes


def _looks_misspelt(mapping: Mapping, entry: str, header: str) -> bool:
    return any(
        rule.sql is None and rule.columns is None and nearest(header, TABLES[table].column_names)
        for table, rule in ((name, mapping.tables[name]) for name in mapping.tables_of(entry))
    )


def _misspelt_note(table: str, header: str, source: str) -> Note:
    close = nearest(header, TABLES[table].column_names)
    why = N_("“{header}” is no canonical column; the nearest is “{nearest}”.")
    values = {"header": header, "nearest": close or ""}
    return note(
        table, "headers_are_canonical", why, 1, severity="warning", examples=[(source, 1)], values=values
    )
