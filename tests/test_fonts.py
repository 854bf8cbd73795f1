"""Fonts are fetched all or none, checked before use, and never taken from the machine by chance."""

from __future__ import annotations

import json
import os
import stat
import sys
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

import pytest
from fontTools.ttLib import TTFont

from pipeline import fonts
from pipeline.errors import SettingsError

# Makes the packages of the lock in the current folder, as `npm ci` does.
NPM = f"""#!{sys.executable}
import json, pathlib, sys
assert sys.argv[1] == "ci", sys.argv
for name in json.loads(pathlib.Path("package-lock.json").read_text())["packages"]:
    if name:
        package = pathlib.Path(name)
        package.mkdir(parents=True)
        (package / "LICENSE_FONT").write_text("OFL")
        stem = "NotoSans" + name[-2:].upper()
        for style in STYLES:
            (package / style).mkdir()
            (package / style / (stem + "_" + style + ".ttf")).write_text(stem + style)
with open(pathlib.Path(sys.argv[0]).with_name("calls"), "a") as calls:
    calls.write("npm\\n")
"""
STYLES = ["400Regular", "600SemiBold", "700Bold", "900Black"]


def program(folder: Path, text: str) -> dict[str, str]:
    """An environment whose only program is an npm with this text."""
    folder.mkdir()
    npm = folder / "npm"
    npm.write_text(text)
    npm.chmod(npm.stat().st_mode | stat.S_IXUSR)
    return {"PATH": str(folder)}


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """An npm that needs no network, and no other beside it."""
    environ = program(tmp_path / "bin", NPM.replace("STYLES", repr(STYLES)))
    monkeypatch.setattr(fonts, "npm_commands", lambda _: [[str(tmp_path / "bin" / "npm")]])
    return environ


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return fonts.font_folder(tmp_path / "data")


def code_of(error: pytest.ExceptionInfo[SettingsError]) -> str:
    return error.value.code


def test_fetched_faces_are_those_the_brands_use_with_their_hashes(
    npm: Mapping[str, str], folder: Path
) -> None:
    assert not fonts.installed(folder)

    fonts.fetch(folder, npm)

    found = fonts.faces(folder)
    assert [(face.family, face.weight) for face in found] == [
        ("Noto Sans SC", 400),
        ("Noto Sans SC", 600),
        ("Noto Sans SC", 700),
        ("Noto Sans TC", 400),
        ("Noto Sans TC", 600),
        ("Noto Sans TC", 700),
    ]
    assert all(face.sha256 == sha256(face.path.read_bytes()).hexdigest() for face in found)
    assert found[1].path.read_text() == "NotoSansSC600SemiBold"


def test_licences_travel_with_the_fonts_and_nothing_else_is_kept(
    npm: Mapping[str, str], folder: Path
) -> None:
    fonts.fetch(folder, npm)

    beside = {path.name for path in folder.iterdir()} - {face.path.name for face in fonts.faces(folder)}
    assert beside == {"fonts.json", "NotoSansSC-LICENSE.txt", "NotoSansTC-LICENSE.txt"}
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def test_a_second_fetch_asks_no_npm(npm: Mapping[str, str], folder: Path, tmp_path: Path) -> None:
    fonts.fetch(folder, npm)
    fonts.fetch(folder, npm)

    assert (tmp_path / "bin" / "calls").read_text() == "npm\n"


@pytest.mark.parametrize(
    "damage", ["gone", "cut short", "index gone", "index unreadable", "index of another time"]
)
def test_damaged_fonts_are_refused_and_fetched_again(
    damage: str, npm: Mapping[str, str], folder: Path
) -> None:
    fonts.fetch(folder, npm)
    index = folder / "fonts.json"
    match damage:
        case "gone":
            (folder / "NotoSansTC-Bold.ttf").unlink()
        case "cut short":
            (folder / "NotoSansTC-Bold.ttf").write_bytes(b"Noto")
        case "index gone":
            index.unlink()
        case "index unreadable":
            index.write_text("{")
        case _:
            index.write_text(json.dumps({"schema": 0, "faces": {}}))

    with pytest.raises(SettingsError) as error:
        fonts.faces(folder)
    assert code_of(error) == "KB-1031"
    assert error.value.fix == "kambook fonts"

    fonts.fetch(folder, npm)
    assert len(fonts.faces(folder)) == 6


def test_an_npm_that_fails_is_quoted_and_leaves_nothing(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = program(tmp_path / "bad", "#!/bin/sh\necho 'npm error code EINTEGRITY' >&2\nexit 1\n")
    monkeypatch.setattr(fonts, "npm_commands", lambda _: [[str(tmp_path / "bad" / "npm")]])

    with pytest.raises(SettingsError) as error:
        fonts.fetch(folder, environ)

    assert code_of(error) == "KB-1032"
    assert "EINTEGRITY" in error.value.what
    assert list(folder.parent.iterdir()) == []


def test_where_the_first_npm_fails_the_next_one_is_tried(
    npm: Mapping[str, str], tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bad", "#!/bin/sh\nmkdir node_modules\nexit 1\n")
    both = [[str(tmp_path / "bad" / "npm")], [str(tmp_path / "bin" / "npm")]]
    monkeypatch.setattr(fonts, "npm_commands", lambda _: both)

    fonts.fetch(folder, {**npm, "PATH": os.defpath})

    assert fonts.installed(folder)


def test_a_package_without_a_face_is_named_and_nothing_is_installed(
    tmp_path: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environ = program(tmp_path / "bin", NPM.replace("STYLES", repr(["400Regular", "700Bold"])))
    monkeypatch.setattr(fonts, "npm_commands", lambda _: [[str(tmp_path / "bin" / "npm")]])

    with pytest.raises(SettingsError) as error:
        fonts.fetch(folder, environ)

    assert code_of(error) == "KB-1033"
    assert error.value.where == "@expo-google-fonts/noto-sans-sc/600SemiBold/NotoSansSC_600SemiBold.ttf"
    assert not folder.exists()


def test_a_data_folder_that_cannot_be_made_is_said(npm: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file where a folder should be")

    with pytest.raises(SettingsError) as error:
        fonts.fetch(fonts.font_folder(tmp_path / "data"), npm)

    assert code_of(error) == "KB-1034"


def test_what_a_killed_fetch_left_is_swept_but_not_one_at_work(npm: Mapping[str, str], folder: Path) -> None:
    killed, working = folder.parent / ".fetching-killed", folder.parent / ".fetching-working"
    killed.mkdir(parents=True)
    working.mkdir()
    long_ago = working.stat().st_mtime - 7200
    os.utime(killed, (long_ago, long_ago))

    fonts.fetch(folder, npm)

    assert {path.name for path in folder.parent.iterdir()} == {folder.name, working.name}


def test_the_npm_of_the_system_is_preferred_and_ours_is_there_without_it(tmp_path: Path) -> None:
    environ = program(tmp_path / "bin", "#!/bin/sh\n")

    with_system, without = fonts.npm_commands(environ), fonts.npm_commands({"PATH": str(tmp_path)})

    assert with_system[0] == [str(tmp_path / "bin" / "npm")]
    assert with_system[1:] == without
    assert [command[0] for command in without] == [sys.executable]


def test_another_lock_has_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = fonts.font_folder(tmp_path)
    (tmp_path / "package-lock.json").write_text("{}")
    monkeypatch.setattr(fonts, "built_in", lambda *_: tmp_path / "package-lock.json")

    assert fonts.font_folder(tmp_path) != before


@pytest.mark.slow
def test_real_packages_hold_the_families_and_weights_we_say(folder: Path, tmp_path: Path) -> None:
    """Fetched by the npm of our Python packages, as on a machine that has none of its own."""
    fonts.fetch(folder, {**os.environ, "PATH": str(tmp_path)})

    for face in fonts.faces(folder):
        with TTFont(face.path, lazy=True) as font:
            assert font.sfntVersion == "\0\1\0\0"  # TrueType outlines: half the size of CFF in a PDF
            assert (font["name"].getBestFamilyName(), font["OS/2"].usWeightClass) == (
                face.family,
                face.weight,
            )
            assert {ord(character) for character in "客戶价值0123456789%–"} <= font.getBestCmap().keys()
