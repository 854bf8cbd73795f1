"""`kambook init`: a workspace that loads as it is, and never overwrites another."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline.errors import UsageError
from pipeline.resources import built_in
from pipeline.settings import load_policy, load_settings
from pipeline.workspace import write_workspace


def test_a_new_workspace_loads_as_it_is(tmp_path: Path) -> None:
    write_workspace(tmp_path / "我的 公司")

    settings = load_settings(tmp_path / "我的 公司")
    assert settings.sources.mappings == ("generic",)
    assert (tmp_path / "我的 公司" / "exports").is_dir()


def test_every_built_in_rule_is_there_to_edit(tmp_path: Path) -> None:
    write_workspace(tmp_path)

    built = {path.name for path in built_in("data", "policy").glob("*.toml")}
    assert {path.name for path in (tmp_path / "policy").iterdir()} == built
    assert load_policy(tmp_path).as_json() == load_policy(Path("/nonexistent")).as_json()


def test_a_workspace_is_never_overwritten(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    (tmp_path / "kambook.toml").write_text("mine", encoding="utf-8")

    with pytest.raises(UsageError) as raised:
        write_workspace(tmp_path)

    assert raised.value.code == "KB-0220"
    assert (tmp_path / "kambook.toml").read_text(encoding="utf-8") == "mine"


def test_each_commented_default_is_a_key_that_the_settings_know(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    path = tmp_path / "kambook.toml"
    lines = path.read_text(encoding="utf-8").splitlines()
    opened = [
        line[2:] if line.startswith("# ") and ("=" in line or line.startswith("# [")) else line
        for line in lines
    ]
    path.write_text("\n".join(opened[1:]), encoding="utf-8")

    assert load_settings(tmp_path).quality.quarantine_limit_pct == 0.2
