"""A new company's workspace: commented settings, the built-in policy to edit, empty folders for exports and mappings."""

from __future__ import annotations

import shlex
import shutil
from pathlib import Path

from pipeline.errors import UsageError
from pipeline.resources import built_in
from pipeline.store import os_errors


def next_steps(folder: Path) -> str:
    """What to do with a new workspace, to be printed after it was made."""
    place = shlex.quote(str(folder))
    return "\n".join(
        (
            "",
            f"1. Put this month's exports into {folder / 'exports'}: accounts, and what you count as sales.",
            f"2. Say in {folder / 'kambook.toml'} who you are, and how the exports are read.",
            f"3. kambook run -w {place}",
        )
    )


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
