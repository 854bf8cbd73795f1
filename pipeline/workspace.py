"""A new company's workspace: commented settings, the built-in policy to edit, empty folders for exports and mappings."""

from __future__ import annotations

import shutil
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.resources import built_in
from pipeline.store import os_errors


def write_workspace(folder: Path) -> list[Path]:
    """Write a workspace and return its files. UsageError KB-0220 where the folder holds one: nothing is overwritten."""
    if (folder / "kambook.toml").exists():
        raise UsageError(
            where=folder.name or "this folder",
            what="already holds a kambook.toml",
            fix="choose another folder",
            code="KB-0220",
        )
    with os_errors(folder):
        for name in ("exports", "sources", "policy"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for source in sorted(built_in("data", "workspace").iterdir()):
            shutil.copyfile(source, folder / source.name)
        for rule in sorted(built_in("data", "policy").glob("*.toml")):
            shutil.copyfile(rule, folder / "policy" / rule.name)
    return sorted(path for path in folder.rglob("*") if path.is_file())
