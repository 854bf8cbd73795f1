"""Files that people open in a spreadsheet: no cell of them is ever run as a formula. Pure.

A text that a spreadsheet would run is given an apostrophe, which the spreadsheet shows and does not run. `restored`
takes it off again, so that a file that was edited and sent back holds the texts as they were.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from typing import Any

MARK = "\ufeff"
"""Before everything else, or Excel takes UTF-8 for another encoding."""
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%", "\uff1d", "\uff0b", "\uff0d", "\uff20")
"""First characters that make a spreadsheet run a cell; the last four are their full-width forms."""
_QUOTE = "'"


def defused(text: str) -> str:
    """The text so that no spreadsheet takes it for a formula, whatever spaces and apostrophes it begins with."""
    return f"{_QUOTE}{text}" if _is_formula(text.lstrip(_QUOTE)) else text


def restored(text: str) -> str:
    """The text as it was before `defused`."""
    return text[1:] if text.startswith(_QUOTE) and _is_formula(text.lstrip(_QUOTE)) else text


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> str:
    """Rows as CSV with a mark and a header; missing cells are empty, texts defused, numbers as they are."""
    stream = StringIO()
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row.get(name)) for name in columns] for row in rows)
    return MARK + stream.getvalue()


def read_csv(text: str) -> list[dict[str, str]]:
    """The rows of such a file, texts restored; the file may have been saved again by a spreadsheet."""
    reader = csv.DictReader(StringIO(text.removeprefix(MARK)))
    return [{name: restored(cell or "") for name, cell in row.items() if name is not None} for row in reader]


def _cell(value: object) -> object:
    if value is None:
        return ""
    return defused(value) if isinstance(value, str) else value


def _is_formula(text: str) -> bool:
    return text.lstrip(" \u00a0\u3000").startswith(_FORMULA)
