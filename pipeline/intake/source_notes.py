"""What is said of the files that one entry of a mapping means: headers, sheets and rows that were left out. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from pipeline.errors import nearest
from pipeline.intake.dropfolder import Export
from pipeline.intake.mapping import Mapping
from pipeline.intake.notes import Note, note
from pipeline.intake.reading import Raw
from pipeline.schema import TABLES


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
    why = f"未生成此表，因为映射中可省略的文件“{entry}”不在投放文件夹中，或没有表头。"
    return note(table, "files_are_there", why, 0)


def _complete_notes(table: str, raws: Sequence[Raw], superseded: Sequence[Export]) -> list[Note]:
    older = [export.source for export in superseded]
    newest = "、".join(raw.source for raw in raws)
    why = f"全量导出只取最新的一份（{newest}），其中没有的编号视为已删除；较早的未采用。"
    return [note(table, "one_complete_export", why, len(older), examples=_named(older))] if older else []


def _row_notes(table: str, raws: Sequence[Raw]) -> list[Note]:
    return [
        *_counted(table, "rows_hold_cells", "整行没有任何内容的行已略去。", raws, lambda raw: raw.blank),
        *_at_lines(
            table, "totals_are_no_rows", "末尾的合计行不是记录，未计入。", raws, lambda raw: raw.totals
        ),
        *_counted(
            table, "cells_are_not_merged", "跨行合并的文字单元格已填入其各行。", raws, lambda raw: raw.merged
        ),
        *_at_lines(
            table,
            "numbers_are_not_merged",
            "跨行合并的数字只记在第一行，其余各行视为空，以免重复计算。",
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
        ("sheets_are_mapped", f"映射没有用到的工作表：{'、'.join(shown)}。", shown),
        ("sheets_are_shown", f"隐藏的工作表，未读取：{'、'.join(hidden)}。", hidden),
    )
    return [note(table, truth, why, len(names), examples=examples) for truth, why, names in said if names]


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
        why = f"“{entry}”中既未映射也未列为忽略的列：{'、'.join(sorted(left))}。"
        notes.append(
            note(table, "headers_are_mapped", why, len(left), examples=_named(sorted(set(left.values()))))
        )
    return notes


def _looks_misspelt(mapping: Mapping, entry: str, header: str) -> bool:
    return any(
        rule.sql is None and rule.columns is None and nearest(header, TABLES[table].column_names)
        for table, rule in ((name, mapping.tables[name]) for name in mapping.tables_of(entry))
    )


def _misspelt_note(table: str, header: str, source: str) -> Note:
    close = nearest(header, TABLES[table].column_names)
    why = f"列“{header}”不是规范的列名，最接近的是“{close}”。"
    return note(table, "headers_are_canonical", why, 1, severity="warning", examples=[(source, 1)])
