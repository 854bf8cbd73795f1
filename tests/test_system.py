"""System libraries are looked for before any are installed, and what cannot be installed is said."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipeline import system
from pipeline.system import Library

NOWHERE = Library(("libkambook-nowhere.so.9",), "libkambook-nowhere9", "is not there")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A machine whose apt-get and sudo only write down what they were asked."""
    calls = tmp_path / "calls"
    for name, action in (("apt-get", ""), ("sudo", '[ "$2" = true ] || exec "${@:2}"')):
        file = tmp_path / name
        file.write_text(f'#!/bin/bash\necho "{name} $@" >> {calls}\n{action}\n')
        file.chmod(0o755)
    return {"PATH": f"{tmp_path}:/usr/bin:/bin"}


def asked(machine: dict[str, str]) -> str:
    calls = Path(machine["PATH"].split(":")[0]) / "calls"
    return calls.read_text() if calls.exists() else ""


def test_a_library_loads_under_any_of_its_names() -> None:
    assert not system.loads(NOWHERE)
    assert system.loads(Library((*NOWHERE.names, "libc.so.6"), "libc6", "is everywhere"))


def test_what_is_missing_is_named_by_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "LIBRARIES", (NOWHERE,))

    assert system.missing_packages() == [NOWHERE.package]


def test_python_without_its_venv_is_missing_a_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system.importlib.util, "find_spec", lambda _: None)

    assert f"python{sys.version_info[0]}.{sys.version_info[1]}-venv" in system.missing_packages()


def test_nothing_missing_asks_apt_for_nothing(machine: dict[str, str]) -> None:
    assert system.missing_packages() == []
    assert system.main(machine) == 0
    assert asked(machine) == ""


def test_the_index_is_fetched_before_packages_are_asked_for() -> None:
    update, install = system.install_commands(["a", "b"], prefix=["sudo", "-n"])

    assert update[:2] == install[:2] == ["sudo", "-n"]
    assert "DEBIAN_FRONTEND=noninteractive" in install
    assert update[-1] == "update"
    assert install[-5:] == ["install", "--yes", "--no-install-recommends", "a", "b"]


@pytest.mark.parametrize(
    ("programs", "root", "prefix"),
    [
        (["apt-get"], True, []),
        (["apt-get", "sudo"], False, ["sudo", "-n"]),
        (["apt-get"], False, None),
        (["sudo"], True, None),
    ],
)
def test_who_may_install(programs: list[str], root: bool, prefix: list[str] | None, tmp_path: Path) -> None:
    for name in programs:
        (tmp_path / name).write_text("#!/bin/sh\n")
        (tmp_path / name).chmod(0o755)

    found = system.privilege({"PATH": str(tmp_path)}, root=root)

    assert (found and [Path(found[0]).name, *found[1:]]) == prefix


def test_a_sudo_that_asks_for_a_password_is_not_used(tmp_path: Path) -> None:
    for name in ("apt-get", "sudo"):
        (tmp_path / name).write_text("#!/bin/sh\nexit 1\n")
        (tmp_path / name).chmod(0o755)

    assert system.privilege({"PATH": str(tmp_path)}, root=False) is None


def test_what_may_not_be_installed_is_said_word_for_word(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "LIBRARIES", (NOWHERE,))
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)

    assert system.main({"PATH": str(tmp_path)}) == 1
    assert (
        "sudo apt-get update && sudo apt-get install --yes --no-install-recommends libkambook-nowhere9"
        in capsys.readouterr().err
    )


def test_an_installation_that_did_not_help_is_a_failure(
    machine: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "LIBRARIES", (NOWHERE,))
    monkeypatch.setattr(system.os, "geteuid", lambda: 1000)
    monkeypatch.setenv("PATH", machine["PATH"])

    assert system.main(machine) == 1
    assert (
        f"apt-get -qq -o DPkg::Lock::Timeout=120 install --yes --no-install-recommends {NOWHERE.package}"
        in asked(machine)
    )
    assert "Type:" in capsys.readouterr().err


def test_an_old_python_is_told_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system.sys, "version_info", (3, 10, 1))

    assert system.main({}) == 1
    assert "3.11" in capsys.readouterr().err


def test_it_runs_before_anything_is_installed(checkout: Path) -> None:
    """`-S` hides every installed package, `-I` the environment."""
    program = f"import sys; sys.path.insert(0, {str(checkout)!r}); import pipeline.system, pipeline"
    subprocess.run([sys.executable, "-I", "-S", "-c", program], check=True)
