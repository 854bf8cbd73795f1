"""Exports named on the command line: files anywhere, folders, members of archives and sheets of workbooks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline.errors import SourceError, UsageError
from pipeline.intake.dropfolder import Export, content, exports_in, matching
from pipeline.intake.grid import names_by_place
from pipeline.intake.headers import NO_HEADER
from pipeline.intake.kinds import WORKBOOKS
from pipeline.intake.mapping import FileRule
from pipeline.intake.proposals import Sheet
from pipeline.intake.reading import Raw, read
from pipeline.intake.vocabulary import words_of
from pipeline.intake.workbooks import sheet_names

FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".txt": "csv",
    ".xlsx": "xlsx",
    ".xlsm": "xlsm",
    ".xls": "xls",
    ".ods": "ods",
    ".json": "json",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
}
"""How a file is written, by the end of its name."""

_DATED = re.compile(r"[ _.-]*(?:19|20)\d{2}[-_.]?\d{0,2}[-_.]?\d{0,2}(?=\.|$)")


@dataclass(frozen=True)
class Given:
    """One export and the folder that its path is below."""

    folder: Path
    export: Export


def given_exports(paths: Iterable[Path]) -> tuple[Given, ...]:
    """The exports that paths name: files, members of a zip, everything below a folder.

    Raises UsageError KB-0223 where a path is not there.
    """
    return tuple(each for path in paths for each in _given(path.absolute()))


def _given(path: Path) -> list[Given]:
    if path.is_dir():
        found = [export for export in exports_in(path) if export.member or not _is_archive(export.path)]
        return [Given(path, export) for export in found]
    if not path.is_file():
        raise UsageError(
            where=path.name,
            what="is neither a file nor a folder",
            fix="name exports, or a folder of them",
            code="KB-0223",
        )
    if _is_archive(path.name):
        return [
            Given(path.parent, each)
            for each in exports_in(path.parent)
            if each.path == path.name and each.member
        ]
    return [Given(path.parent, Export(path.name))]


def _is_archive(path: str) -> bool:
    return path.lower().endswith(".zip")


def as_meant(given: Given, rule: FileRule) -> Given | None:
    """The export below the folder from which the entry's globs fit it: `crm/deals.csv` may be given as any path to it."""
    parts = (given.folder / given.export.path).parts
    for count in range(1, len(parts)):
        export = Export("/".join(parts[-count:]), given.export.member)
        if matching((export,), rule):
            return Given(Path(*parts[:-count]), export)
    return None


##### Sheets to draft from ############################################################################################


def sheets_of(given: Sequence[Given], encoding: str) -> tuple[Sheet, ...]:
    """Every export read for a draft: one sheet a file, each visible sheet of a workbook; months of one export once.

    Raises SourceError of `reading`, and KB-1120 where the end of a name tells no format.
    """
    read_ = [sheet for each in given for sheet in _sheets(each, encoding)]
    return _with_entries(_one_each_pattern(read_))


def _sheets(given: Given, encoding: str) -> list[Sheet]:
    format_ = _format_of(given.export)
    names: tuple[str, ...] = ()
    if format_ in WORKBOOKS:
        names, _ = sheet_names(content(given.folder, given.export), given.export.source)
    chosen = names if len(names) > 1 else ("",)
    return [_sheet(given, format_, _read(given, format_, encoding, name), name) for name in chosen]


def _format_of(export: Export) -> str:
    name = (export.member or export.path).lower().removesuffix(".gz")
    found = FORMATS.get(Path(name).suffix)
    if found is None:
        raise SourceError(
            where=export.source,
            what="has a name that tells no format",
            nearest=", ".join(FORMATS),
            fix="rename it, or leave it out",
            code="KB-1120",
        )
    return found


def _read(given: Given, format_: str, encoding: str, sheet: str) -> Raw:
    rule = FileRule.model_validate(
        {
            "path": [given.export.path],
            "format": format_,
            "encoding": encoding,
            "sheet": sheet,
            "header": "auto",
        }
    )
    try:
        return read(given.folder, given.export, rule)
    except SourceError as error:
        if error.code != NO_HEADER:
            raise
        return read(given.folder, given.export, rule.model_copy(update={"header": 0}))


def _sheet(given: Given, format_: str, raw: Raw, name: str) -> Sheet:
    path = given.export.member or Path(given.export.path).name
    return Sheet("", path.removesuffix(".gz"), raw, format_, name, _header(raw))


def _header(raw: Raw) -> int | str:
    """Where the mapping is to look for the header of what was read."""
    if raw.headers and raw.headers == names_by_place(len(raw.headers)):
        return 0
    return 1 if len(raw.lines) == 0 or int(raw.lines[0]) == 2 else "auto"


def _one_each_pattern(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Exports of the same headers whose names differ by their date only are one, under a glob."""
    found: dict[tuple[str, str, tuple[str, ...]], list[Sheet]] = {}
    for sheet in sheets:
        found.setdefault((_DATED.sub("*", sheet.path), sheet.sheet, sheet.raw.headers), []).append(sheet)
    return [
        same[0] if len(same) == 1 else Sheet("", pattern, same[0].raw, same[0].format, name, same[0].header)
        for (pattern, name, _), same in found.items()
    ]


def _with_entries(sheets: Sequence[Sheet]) -> tuple[Sheet, ...]:
    """Each sheet with a name of its own for [files]."""
    names: list[str] = []
    for sheet in sheets:
        words = words_of(sheet.sheet or _DATED.sub("", sheet.path.rsplit("/", 1)[-1].split(".", 1)[0]))
        latin = re.sub(r"[^a-z0-9]+", "_", words).strip("_") or "file"
        name = latin if latin[0].isalpha() else f"file_{latin}"
        taken = sum(1 for each in names if each == name or re.fullmatch(rf"{re.escape(name)}_\d+", each))
        names.append(f"{name}_{taken + 1}" if taken else name)
    return tuple(
        Sheet(name, sheet.path, sheet.raw, sheet.format, sheet.sheet, sheet.header)
        for name, sheet in zip(names, sheets, strict=True)
    )
