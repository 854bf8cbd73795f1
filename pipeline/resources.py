"""Where the built-in templates, expectations and data lie: inside the wheel, or beside the package in a checkout."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from pipeline import __version__
from pipeline.errors import SettingsError
from pipeline.store import sha256_of, sha256_of_file

_PACKAGE = Path(__file__).resolve().parent


def built_in(*parts: str) -> Path:
    """The built-in file or folder `parts`, e.g. `built_in("templates", "brands")`.

    Raises SettingsError KB-1002 where the installation does not hold it.
    """
    for root in (_PACKAGE, _PACKAGE.parent):
        path = root.joinpath(*parts)
        if path.exists():
            return path
    raise SettingsError(
        where="/".join(parts),
        what="is missing from the installation",
        fix="install kambook again (make setup)",
        code="KB-1002",
    )


def looked_up(workspace: Path, *parts: str) -> Path:
    """The workspace's own version of a built-in file where it has one, else the built-in one.

    The workspace overrides by the last folder name: `sources/x.toml` before `pipeline/sources/x.toml`.
    """
    local = workspace.joinpath(*[part for part in parts if part != "pipeline"])
    return local if local.exists() else built_in(*parts)


@cache
def code_hash() -> str:
    """The hash of this package's version and own code: what a stage made with other code is made anew."""
    files = sorted(_PACKAGE.rglob("*.py"))
    hashes = {path.relative_to(_PACKAGE).as_posix(): sha256_of_file(path) for path in files}
    return sha256_of([__version__, hashes])
