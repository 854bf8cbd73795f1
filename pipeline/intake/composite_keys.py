"""An id made of several columns, where no column of an export is one: a contact's company and name. Pure."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import replace

from pipeline.intake.profiles import Profile
from pipeline.intake.proposals import DraftTable, Line, Sheet
from pipeline.schema import TABLES

_SURE = {2: 0.8, 3: 0.65}
"""How sure a key of so many columns is: the more columns, the more easily rows differ by chance."""

_FEW_ROWS = 20
_BY_CHANCE = 0.7
"""Of an export with few rows nearly any two columns differ together."""


def with_composite_key(table: DraftTable, sheet: Sheet, profiles: Mapping[str, Profile]) -> DraftTable:
    """The table with an id of two or three columns, where its key is one column, missing or with cells that repeat."""
    key, *others = TABLES[table.table].key
    own = table.line(key)
    if others or table.is_within or (own is not None and own.profile.is_unique):
        return table
    found = _unique_together(table, own, sheet, profiles)
    if not found:
        return table
    lines = [each for each in table.lines if each.column != key]
    return replace(table, lines=(_line(key, found, sheet, profiles), *lines))


def _line(key: str, headers: tuple[str, ...], sheet: Sheet, profiles: Mapping[str, Profile]) -> Line:
    rows = len(sheet.raw.cells)
    first, *others = headers
    return Line(
        column=key,
        header=first,
        confidence=round(_SURE[len(headers)] * (_BY_CHANCE if rows < _FEW_ROWS else 1.0), 2),
        why=f"no column alone is an id; together they differ in each of {rows} rows",
        profile=profiles[first],
        with_headers=tuple(others),
    )


def _unique_together(
    table: DraftTable, own: Line | None, sheet: Sheet, profiles: Mapping[str, Profile]
) -> tuple[str, ...]:
    """The first two columns, else three, that are filled and differ in every row; none where it takes more."""
    cells = sheet.raw.cells
    if len(cells) < 2:
        return ()
    candidates = _candidates(table, own, sheet, profiles)
    choices = (each for count in _SURE for each in itertools.combinations(candidates, count))
    return next((each for each in choices if not cells[list(each)].duplicated().any()), ())


def _candidates(
    table: DraftTable, own: Line | None, sheet: Sheet, profiles: Mapping[str, Profile]
) -> tuple[str, ...]:
    """The columns that say which thing a row is, the likeliest first: its own number, ids, names, days, counts of lines."""
    name = table.line("name")
    is_name = own is not None and name is not None and own.header == name.header
    lines = [] if own is None or is_name else [own]
    lines += [each for each in table.lines if each.column.endswith("_id") and each != own]
    lines += [name] if name else []
    lines += [each for each in table.lines if each.profile.dates is not None]
    headers = [*(each.header for each in lines), *_counts(table, sheet, profiles)]
    return tuple(each for each in dict.fromkeys(headers) if profiles[each].filled == 1.0)


def _counts(table: DraftTable, sheet: Sheet, profiles: Mapping[str, Profile]) -> Iterator[str]:
    """Headers that no column takes and whose cells are whole numbers, such as those of lines."""
    taken = {each.header for each in table.lines}
    for header in sheet.raw.headers:
        each = profiles.get(header)
        if header not in taken and each is not None and each.marks and not each.has_decimals:
            yield header
