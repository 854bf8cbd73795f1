"""`kambook init`: a workspace that loads as it is, and never overwrites another."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from pydantic import BaseModel

from pipeline.errors import SettingsError, UsageError
from pipeline.policy import load_policy
from pipeline.resources import built_in
from pipeline.settings import Settings, load_settings
from pipeline.workspace import write_workspace
from tests.commands import kambook


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


def test_every_key_of_the_settings_is_explained(tmp_path: Path) -> None:
    write_workspace(tmp_path)
    told = (tmp_path / "kambook.toml").read_text(encoding="utf-8")

    for section, field in Settings.model_fields.items():
        kind = field.annotation
        keys = kind.model_fields if isinstance(kind, type) and issubclass(kind, BaseModel) else {}
        for key in keys:
            assert re.search(rf"^(# )?{key} = .*# ", told, re.MULTILINE), f"{section}.{key}"


def test_what_to_do_next_is_said_with_the_folder(tmp_path: Path) -> None:
    made = kambook("init", tmp_path / "我的 公司")

    assert "kambook.toml" in made.out.splitlines()
    assert f"kambook run -w '{tmp_path / '我的 公司'}'" in made.err
    assert str(tmp_path / "我的 公司" / "exports") in made.err


@pytest.mark.parametrize(
    ("asked", "what", "near"),
    [
        ("acmee", "there is no folder acmee", "acme"),
        ("", "there is none in", "acme"),
        ("acme/kambook.toml", "there is no folder kambook.toml", None),
        ("else/where", "there is no folder where", None),
    ],
)
def test_a_wrong_folder_is_told_with_the_nearest_workspace(
    asked: str, what: str, near: str | None, tmp_path: Path
) -> None:
    write_workspace(tmp_path / "acme")

    with pytest.raises(SettingsError) as raised:
        load_settings(tmp_path / asked)

    assert (raised.value.code, raised.value.what.startswith(what)) == ("KB-1010", True)
    assert raised.value.nearest == (str(tmp_path / near) if near else None)


def test_an_empty_list_of_languages_and_an_unknown_zone_are_said_plainly(tmp_path: Path) -> None:
    for line, what in (
        ("[documents]\nlanguages = []", "at least 1 item"),
        ('[company]\nname = "x"\ntime_zone = "Asia/Shangai"', "no such time zone (nearest: Asia/Shanghai)"),
    ):
        head = "" if "[company]" in line else '[company]\nname = "x"\n'
        (tmp_path / "kambook.toml").write_text(f"schema = 1\n{head}{line}\n", encoding="utf-8")
        with pytest.raises(SettingsError, match=re.escape(what)) as raised:
            load_settings(tmp_path)
        assert "Value error" not in raised.value.what
