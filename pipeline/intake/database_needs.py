"""What a workspace's databases need of this machine before a run: SQLAlchemy, and an address. Nothing is connected to.

Light: `kambook doctor` looks before every run, so mappings are read here as TOML, not as what they mean.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pipeline.errors import SourceError
from pipeline.intake.addresses import Keeping, address
from pipeline.intake.database_keys import INSTALL, SQL
from pipeline.resources import built_in

Lacking = tuple[str, str]
"""What is lacking, and what to type."""


def database_entries(workspace: Path) -> dict[str, dict[str, Any]]:
    """The entries of databases in the mappings that the workspace names, by where they stand.

    A file that cannot be read or is no TOML has none: a run says what is wrong with it.
    """
    named = _table(_toml(workspace / "kambook.toml").get("sources")).get("mappings")
    mappings = {
        name: _toml(_path(str(name), workspace)) for name in (named if isinstance(named, list) else ())
    }
    return {
        f"sources/{name}.toml: files.{entry}": rule
        for name, mapping in mappings.items()
        for entry, rule in _table(mapping.get("files")).items()
        if _table(rule).get("format") == SQL
    }


def lacking(
    entries: Mapping[str, Mapping[str, Any]],
    variables: Mapping[str, str],
    workspace: Path,
    version_of: Callable[[str], str | None],
) -> Iterator[Lacking]:
    """What these entries lack, each address once."""
    if entries and version_of("sqlalchemy") is None:
        yield "SQLAlchemy is not installed", INSTALL
    keepings = [
        Keeping(str(rule.get("url_variable", "")), str(rule.get("url_file", ""))) for rule in entries.values()
    ]
    for kept in dict.fromkeys(keepings):
        wanting = [where for where, each in zip(entries, keepings, strict=True) if each == kept]
        try:
            address(kept, variables, workspace, ", ".join(wanting))
        except SourceError as error:
            yield f"{error.what} ({error.where})", error.fix or ""


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _path(name: str, workspace: Path) -> Path:
    own = workspace / "sources" / f"{name}.toml"
    return own if own.is_file() else built_in("sources") / f"{name}.toml"


def _toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):  # a run says what is wrong with the file
        return {}
