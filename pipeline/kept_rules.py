"""The rules by which a run was made, kept beside what it made: so that it can be repeated and held against another run.

`facts/rules.json` holds period, settings and policy; `raw/.rules/` the mappings, aliases and corrections that read the
exports. Exports show the present, and so do these files in a workspace: what was put right in June is not what March
was made of.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pipeline import store
from pipeline.errors import UsageError, nearest
from pipeline.periods import Period
from pipeline.policy import Policy, policy_of
from pipeline.resources import code_hash
from pipeline.settings import Settings, checked

SCHEMA = 1
_READING = Path(".rules")
"""Below `raw/`; hidden, so that it is no export when the run is repeated from there."""


@dataclass(frozen=True)
class KeptRules:
    """By which settings and policy a run was computed, for which period, and by which program."""

    period: Period
    settings: Settings
    policy: Policy
    program: str


def keep_rules(path: Path, period: Period, settings: Settings, policy: Policy) -> None:
    """Write the rules of a run that is being computed."""
    said = {
        "schema": SCHEMA,
        "period": {
            "name": period.name,
            "until_on": period.until_on.isoformat(),
            "fiscal_start": period.fiscal_start,
        },
        "settings": settings.model_dump(mode="json", by_alias=True),
        "policy": policy.as_json(),
        "program": code_hash(),
    }
    store.write_json(path, said)


def kept_rules(run: Path) -> KeptRules:
    """The rules of a finished run. UsageError KB-0226 where it kept none."""
    path = run / "facts" / "rules.json"
    if not path.is_file() or (said := store.read_json(path)).get("schema") != SCHEMA:
        raise UsageError(
            where=run.name,
            what="does not say by which rules it was computed",
            fix="compute it again with this version: kambook compute",
            code="KB-0226",
        )
    period = said["period"]
    return KeptRules(
        Period(period["name"], date.fromisoformat(period["until_on"]), period["fiscal_start"]),
        checked(Settings, said["settings"], "facts/rules.json"),
        policy_of(said["policy"], "facts/rules.json"),
        said["program"],
    )


def keep_reading(raw: Path, files: Mapping[str, Path]) -> None:
    """Copy the files by which exports are read: printed name → where it lies."""
    for name, path in files.items():
        target = raw / _READING / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)


def kept_reading(run: Path) -> Path:
    """The folder that holds mappings, aliases and corrections of a run as a workspace does.

    UsageError KB-0227 where the run kept none.
    """
    folder = run / "raw" / _READING
    if not folder.is_dir():
        raise UsageError(
            where=f"{run.name}/raw",
            what="does not hold the mappings by which it was read",
            fix="name the exports alone: --exports " + str(run / "raw"),
            code="KB-0227",
        )
    return folder


def run_named(text: str, runs: Path) -> Path:
    """The folder of a run that is named by its period or by its path. UsageError KB-0225 where there is none."""
    known = sorted(path.name for path in runs.glob("*") if (path / "raw").is_dir())
    place = runs / text if text in known else Path(text)
    if not (place / "raw").is_dir():
        raise UsageError(
            where=text,
            what=f"is no run in {runs.parent.name or runs.parent}, and no folder of one",
            nearest=nearest(text, known) or ", ".join(known[-6:]) or None,
            fix="name a period that was run, or the folder of a run, as runs/2026-09",
            code="KB-0225",
        )
    return place


def differing(was: Policy, now: Policy) -> dict[str, Any]:
    """The kinds of rule that two policies state differently, with the rules of both."""
    one, other = was.as_json(), now.as_json()
    return {
        name: (one.get(name, []), other.get(name, []))
        for name in sorted(one.keys() | other.keys())
        if one.get(name, []) != other.get(name, [])
    }
