"""Names that a source writes in more than one way, and the ids of the rows they mean.

`aliases.toml` of the workspace has a section a table: `[accounts] "raw name" = "account id or canonical name"`.
Columns mapped with `key_of` go through it, then by name to the id.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import SourceError, nearest
from pipeline.schema import TABLES
from pipeline.settings import read_toml

FILE = "aliases.toml"
Aliases = Mapping[str, Mapping[str, str]]
"""Table → name as a source writes it → id or canonical name."""


@dataclass(frozen=True)
class Names:
    """The ids of one table and the names that mean exactly one of them."""

    ids: frozenset[str]
    by_name: Mapping[str, str]


def load_aliases(workspace: Path) -> Aliases:
    """The workspace's aliases, none where it has no file. SourceError KB-1116 where it is not the form above."""
    path = workspace / FILE
    if not path.is_file():
        return {}
    content = read_toml(path)
    if content.pop("schema", 1) != 1:
        raise _wrong("schema", "is not 1", None)
    for table, entries in content.items():
        if table not in TABLES:
            raise _wrong(f"[{table}]", "is no table of the schema", nearest(table, TABLES))
        if not isinstance(entries, dict) or not all(isinstance(value, str) for value in entries.values()):
            raise _wrong(f"[{table}]", 'holds something else than "name" = "id or canonical name"', None)
    return content


def _wrong(where: str, what: str, close: str | None) -> SourceError:
    return SourceError(where=f"{FILE}: {where}", what=what, nearest=close, fix="correct it", code="KB-1116")


def names_of(table: str, rows: pd.DataFrame | None) -> Names:
    """The ids and names of a table's rows; a name that several ids share means none of them."""
    declared = TABLES[table]
    if rows is None or len(declared.key) != 1:
        return Names(frozenset(), {})
    key = rows[declared.key[0]]
    if "name" not in declared.column_names:
        return Names(frozenset(key.dropna()), {})
    pairs = pd.DataFrame({"name": rows["name"], "id": key}).dropna().drop_duplicates()
    clear = pairs[~pairs["name"].duplicated(keep=False)]
    return Names(
        frozenset(key.dropna()), dict(zip(clear["name"].tolist(), clear["id"].tolist(), strict=True))
    )


def resolved(cells: pd.Series[Any], aliases: Mapping[str, str], names: Names) -> pd.Series[Any]:
    """Each cell as the id it means: by alias, then by id, then by name; what means nothing stays as it is."""
    meant = {cell: _meant(aliases.get(cell, cell), names) for cell in cells.dropna().unique().tolist()}
    return cells.map(meant).astype("str")


def _meant(name: str, names: Names) -> str:
    return name if name in names.ids else names.by_name.get(name, name)


def leading_nowhere(aliases: Mapping[str, str], names: Names) -> int:
    """How many aliases mean neither an id nor a name of the table."""
    return sum(1 for target in aliases.values() if target not in names.ids and target not in names.by_name)
