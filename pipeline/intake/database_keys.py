"""Which keys of a file entry belong to a database (`format = "sql"`) and which to a file. Pure."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

SQL = "sql"
"""The format of an entry whose rows are the result of a query."""

INSTALL = "pip install 'kambook[sql]'"
"""What brings SQLAlchemy."""

OF_A_DATABASE = ("url_variable", "url_file", "query", "time_limit")
OF_A_FILE = ("path", "encoding", "delimiter", "sheet", "header", "skip_last", "complete")
_ADDRESSES = ("url_variable", "url_file")
_IS_SQL = {"properties": {"format": {"const": SQL}}, "required": ["format"]}

KEYS_BY_FORMAT: dict[str, Any] = {
    "if": _IS_SQL,
    "then": {
        "required": ["query"],
        "oneOf": [{"required": [each]} for each in _ADDRESSES],
        "properties": dict.fromkeys(OF_A_FILE, False),
    },
    "else": {"required": ["path"], "properties": dict.fromkeys(OF_A_DATABASE, False)},
}
"""The same as `fault_of_keys` says, for the JSON Schema of a file entry."""


def fault_of_keys(format_: str, given: Collection[str]) -> str | None:
    """What is wrong with the keys that an entry of this format has; None where nothing is."""
    foreign = [key for key in (OF_A_FILE if format_ == SQL else OF_A_DATABASE) if key in given]
    if foreign:
        kind = "a database" if format_ == SQL else "a file"
        return f"{', '.join(foreign)} means nothing for {kind} (format = {format_!r})"
    if format_ != SQL:
        return None if "path" in given else "needs path, the globs of its files"
    if sum(key in given for key in _ADDRESSES) != 1:
        return (
            "a database needs exactly one of url_variable and url_file, which say where its address is kept"
        )
    return None if "query" in given else "a database needs a query, one SELECT"
