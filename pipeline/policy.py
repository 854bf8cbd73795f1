"""The rules of `policy/*.toml`, checked when loaded and dated; their shapes are in `pipeline/rules/`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.resources import built_in
from pipeline.rules import RULES
from pipeline.settings import POLICY_SCHEMA, checked, read_toml, unknown_key


class Policy:
    """The rules of every `policy/*.toml`: dated, so that a row or window is judged by the rule of its day."""

    def __init__(self, rules: dict[str, tuple[Any, ...]]) -> None:
        self._rules = rules

    def at(self, name: str, day: date) -> Any:  # each caller names the rule's class
        """The rule in force on `day`. SettingsError KB-1012 where none is."""
        found = self.find(name, day)
        if found is None:
            raise SettingsError(
                where=f"policy [[{name}]]",
                what=f"no rule is in force on {day}",
                fix=f"add a [[{name}]] with valid_from on or before that day",
                code="KB-1012",
            )
        return found

    def find(self, name: str, day: date) -> Any | None:
        """The rule in force on `day`; None where none was yet, of what a company may do without."""
        in_force = [rule for rule in self._rules.get(name, ()) if rule.valid_from <= day]
        return max(in_force, key=lambda rule: rule.valid_from, default=None)

    def all(self, name: str) -> tuple[Any, ...]:
        """Every rule of a name, oldest first."""
        return tuple(sorted(self._rules.get(name, ()), key=lambda rule: rule.valid_from))

    def changes(self, name: str) -> tuple[date, ...]:
        """The days on which another rule comes into force, oldest first."""
        return tuple(sorted({rule.valid_from for rule in self._rules.get(name, ())}))

    def as_json(self) -> dict[str, Any]:
        """All rules in a form that can be hashed."""
        return {name: [rule.model_dump(mode="json") for rule in rules] for name, rules in self._rules.items()}


def load_policy(workspace: Path) -> Policy:
    """The built-in policy, with each file that the workspace has instead of the built-in one."""
    files = {path.name: path for path in sorted(built_in("data", "policy").glob("*.toml"))}
    files |= {path.name: path for path in sorted((workspace / "policy").glob("*.toml"))}
    shapes = RULES.all()
    rules: dict[str, list[Any]] = {name: [] for name in shapes}
    for file_name, path in sorted(files.items()):
        for key, entries in _tables_of(f"policy/{file_name}", read_toml(path)).items():
            rules[key] += [
                checked(shapes[key].model, entry, f"policy/{file_name} [[{key}]] {number}")
                for number, entry in enumerate(entries, start=1)
            ]
    for name in sorted(name for name, shape in shapes.items() if not shape.several):
        _require_one_a_day(name, [rule.valid_from for rule in rules[name]])
    return Policy({name: tuple(found) for name, found in rules.items()})


def policy_of(said: Mapping[str, Any], where: str) -> Policy:
    """A policy as `as_json` gave it. SettingsError KB-1011 where it holds what no rule of this version is."""
    shapes = RULES.all()
    for name in said:
        if name not in shapes:
            raise unknown_key(where, name, shapes)
    return Policy(
        {
            name: tuple(checked(shape.model, entry, f"{where} [[{name}]]") for entry in said.get(name, ()))
            for name, shape in shapes.items()
        }
    )


def _require_one_a_day(name: str, days: list[date]) -> None:
    twice = sorted({day for day in days if days.count(day) > 1})
    if twice:
        raise SettingsError(
            where=f"policy [[{name}]]",
            what=f"two rules are valid from {twice[0]}",
            fix="keep one; a file of the same name stands for the built-in one",
            code="KB-1011",
        )


def _tables_of(where: str, content: dict[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """The `[[name]]` tables of a policy file. SettingsError KB-1011 where it holds anything else."""
    if content.get("schema") != POLICY_SCHEMA:
        fix = f"begin the file with schema = {POLICY_SCHEMA}"
        raise SettingsError(where=where, what="is in no schema that is known", fix=fix, code="KB-1011")
    tables = {key: entries for key, entries in content.items() if key != "schema"}
    for key, entries in tables.items():
        if RULES.find(key) is None:
            raise unknown_key(where, key, RULES.all())
        if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
            fix = f"write [[{key}]] above its lines"
            raise SettingsError(where=f"{where}: {key}", what="is no list of tables", fix=fix, code="KB-1011")
    return tables


def policy_files(workspace: Path) -> dict[str, Path]:
    """Every file of settings and policy that a run depends on, by its printed name."""
    files = {f"policy/{path.name}": path for path in built_in("data", "policy").glob("*.toml")}
    files |= {f"policy/{path.name}": path for path in (workspace / "policy").glob("*.toml")}
    for name in ("kambook.toml", "aliases.toml", "corrections.toml"):
        if (workspace / name).is_file():
            files[name] = workspace / name
    return dict(sorted(files.items()))
