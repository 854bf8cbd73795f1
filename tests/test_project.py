"""The set-up holds what it promises: pinned, without addresses, one command, the same list of commands everywhere."""

from __future__ import annotations

import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import pipeline

# In pieces, since this file is looked through as well.
REGISTRY_HOSTS = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "npm" + "js.org",
    "npm" + "js.com",
    "npm" + "mirror.com",
    "deb." + "debian.org",
]
MACHINE_PATH = re.compile(rb"(?<![\w.*/-])/(?:work|root|home/\w+|Users/\w+)/")


@pytest.fixture(scope="module")
def project(checkout: Path) -> dict[str, Any]:
    return tomllib.loads((checkout / "pyproject.toml").read_text())


@pytest.fixture(scope="module")
def makefile(checkout: Path) -> str:
    return (checkout / "Makefile").read_text()


def own_files(checkout: Path) -> list[Path]:
    """The files of the project: what git has, and what it would take."""
    command = ["git", "-C", str(checkout), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, text=True, check=False)
    if listed.returncode != 0:
        pytest.skip("not a git checkout")
    return [checkout / name for name in listed.stdout.split("\0") if name and (checkout / name).is_file()]


def requirements(lock: str) -> dict[str, list[str]]:
    """Package → the text of each of its entries."""
    found: dict[str, list[str]] = {}
    for entry in re.split(r"^(?=\S)", lock, flags=re.MULTILINE):
        if entry.strip():
            found.setdefault(entry.partition("==")[0], []).append(entry)
    return found


def names(declared: list[str]) -> set[str]:
    return {
        re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-") for requirement in declared
    }


@pytest.mark.parametrize("name", ["requirements.lock", "pipeline/bootstrap.lock"])
def test_every_requirement_is_pinned_with_a_hash_and_no_address(name: str, checkout: Path) -> None:
    lock = (checkout / name).read_text()
    entries = [entry for entries in requirements(lock).values() for entry in entries]

    assert entries
    assert [
        entry
        for entry in entries
        if not re.match(r"[a-z0-9.-]+==[^\s;]+.*\\\n    --hash=sha256:[0-9a-f]{64}\b", entry)
    ] == []
    assert not re.search(r"[/@#]|^-", lock, flags=re.MULTILINE)


def test_everything_declared_is_locked(project: dict[str, Any], checkout: Path) -> None:
    groups = [
        entry for group in project["dependency-groups"].values() for entry in group if isinstance(entry, str)
    ]
    extras = [
        entry for extra in project["project"].get("optional-dependencies", {}).values() for entry in extra
    ]
    declared = names(
        [*project["project"]["dependencies"], *groups, *extras, *project["build-system"]["requires"]]
    )

    assert declared - requirements((checkout / "requirements.lock").read_text()).keys() == set()


def test_only_uv_comes_before_the_lock(checkout: Path) -> None:
    assert list(requirements((checkout / "pipeline" / "bootstrap.lock").read_text())) == ["uv"]


def test_fonts_are_pinned_by_integrity_without_addresses(checkout: Path) -> None:
    declared = json.loads((checkout / "templates/fonts/package.json").read_text())["dependencies"]
    lock = json.loads((checkout / "templates/fonts/package-lock.json").read_text())["packages"]
    packages = {name.removeprefix("node_modules/"): entry for name, entry in lock.items() if name}

    assert {name: entry["version"] for name, entry in packages.items()} == declared
    assert all(
        entry["integrity"].startswith("sha512-") and "resolved" not in entry for entry in packages.values()
    )


def test_no_file_names_a_registry_or_a_place_on_one_machine(checkout: Path) -> None:
    told = [
        f"{path.relative_to(checkout)}: {found}"
        for path in own_files(checkout)
        for content in [path.read_bytes()]
        for found in [
            *(host for host in REGISTRY_HOSTS if host.encode() in content),
            *MACHINE_PATH.findall(content),
        ]
    ]

    assert told == []


def test_top_level_folders_are_the_given_ones(checkout: Path) -> None:
    folders = {path.relative_to(checkout).parts[0] for path in own_files(checkout) if path.parent != checkout}

    assert {folder for folder in folders if not folder.startswith(".")} <= {
        "pipeline",
        "templates",
        "data",
        "expectations",
        "tests",
    }


def test_each_make_target_that_is_no_file_is_phony_and_explained(makefile: str, checkout: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", makefile, flags=re.MULTILINE))
    explained = set(re.findall(r"^([a-z-]+):[^#\n]*## \S", makefile, flags=re.MULTILINE))
    phony = {
        name for line in re.findall(r"^\.PHONY: (.*)$", makefile, flags=re.MULTILINE) for name in line.split()
    }
    listed = subprocess.run(
        ["make", "-C", str(checkout), "help"], capture_output=True, text=True, check=True
    ).stdout

    assert targets == explained
    assert targets == {name for name in phony if "/" not in name}
    assert set(re.findall(r"^  make (\S+) ", listed, flags=re.MULTILINE)) == targets
    assert {"setup", "run", "check", "test", "test-slow", "doctor", "clean"} <= targets


def test_ci_checks_then_tests_and_hides_no_failure(checkout: Path) -> None:
    script = checkout / ".ci" / "run"
    lines = [line for line in script.read_text().splitlines() if line and not line.startswith("#")]

    assert os.access(script, os.X_OK)
    assert lines[0] == "set -euo pipefail"
    assert [line for line in lines if line.startswith("make")] == [
        "make check",
        "make test",
        "make test-slow",
    ]
    assert not any("||" in line for line in lines)


@pytest.mark.parametrize("broken", ["check", "test", "test-slow", None])
def test_ci_stops_at_the_first_failure(broken: str | None, checkout: Path, tmp_path: Path) -> None:
    make = tmp_path / "make"
    make.write_text(f'#!/bin/sh\necho "$1"\n[ "$1" != "{broken}" ]\n')
    make.chmod(0o755)
    environ = {"PATH": f"{tmp_path}:{os.environ['PATH']}"}
    done = subprocess.run(
        [checkout / ".ci" / "run"], env=environ, capture_output=True, text=True, check=False
    )

    steps = ["check", "test", "test-slow"]
    assert done.stdout.split() == (steps[: steps.index(broken) + 1] if broken else steps)
    assert (done.returncode == 0) == (broken is None)


@pytest.fixture
def fake_kambook(checkout: Path, tmp_path: Path) -> Path:
    """A copy of the Makefile beside a kambook that says how it was called and exits as $EXIT says."""
    shutil.copy(checkout / "Makefile", tmp_path)
    kambook = tmp_path / "kambook"
    kambook.write_text('#!/bin/sh\necho "$@"\nexit $EXIT\n')
    kambook.chmod(0o755)
    return tmp_path


def make_run(folder: Path, *arguments: str, exits: int = 0) -> subprocess.CompletedProcess[str]:
    command = ["make", "--silent", "-C", str(folder), "-o", "setup", "KAMBOOK=./kambook", *arguments]
    environ = {"PATH": os.environ["PATH"], "EXIT": str(exits)}
    return subprocess.run(command, env=environ, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("arguments", "exits", "succeeds"),
    [
        ([], 0, True),
        ([], 3, True),
        (["STRICT=1"], 0, True),
        (["STRICT=1"], 3, False),
        ([], 2, False),
        ([], 12, False),
        ([], 1, False),
    ],
)
def test_make_run_succeeds_where_only_some_accounts_were_left_out(
    arguments: list[str], exits: int, succeeds: bool, fake_kambook: Path
) -> None:
    assert (make_run(fake_kambook, "run", *arguments, exits=exits).returncode == 0) == succeeds


@pytest.mark.parametrize("target", ["run", "ingest", "validate", "compute", "render", "deliver"])
def test_make_passes_workspace_period_and_arguments_on(target: str, fake_kambook: Path) -> None:
    said = make_run(fake_kambook, target, "WORKSPACE=my company", "PERIOD=2026Q3", "ARGS=--jobs 2").stdout

    assert said == f"{target} -w my company -p 2026Q3 --jobs 2\n"
    assert make_run(fake_kambook, target).stdout == f"{target}\n"


@pytest.fixture
def environment(checkout: Path, tmp_path: Path) -> Iterator[Path]:
    """A copy of the Makefile beside a .venv that is newer than its lock."""
    shutil.copy(checkout / "Makefile", tmp_path)
    for name in ("requirements.lock", "pyproject.toml", ".venv/bin/python", ".venv/stamp"):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / ".venv" / "stamp").write_text(str(tmp_path))
    return tmp_path


def would_install(folder: Path) -> str:
    command = ["make", "-C", str(folder), "-n", "-o", ".venv-bootstrap/stamp", ".venv/stamp"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return "anew" if " venv " in said else "again" if " sync " in said else "nothing"


def test_a_finished_environment_is_left_alone(environment: Path) -> None:
    assert would_install(environment) == "nothing"


@pytest.mark.parametrize("damage", ["deleted", "interrupted", "moved", "without its Python"])
def test_a_stamp_does_not_vouch_for_what_is_gone(damage: str, environment: Path) -> None:
    match damage:
        case "deleted":
            shutil.rmtree(environment / ".venv")
        case "interrupted":
            (environment / ".venv" / "stamp").unlink()
        case "moved":
            (environment / ".venv" / "stamp").write_text("/elsewhere")
        case _:
            (environment / ".venv" / "bin" / "python").unlink()
            (environment / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")

    assert would_install(environment) == "anew"


@pytest.mark.parametrize("name", ["requirements.lock", "pyproject.toml"])
def test_a_changed_lock_is_installed_into_the_same_environment(name: str, environment: Path) -> None:
    later = (environment / ".venv" / "stamp").stat().st_mtime + 10
    os.utime(environment / name, (later, later))

    assert would_install(environment) == "again"


def test_each_exception_from_a_rule_has_a_reason(checkout: Path) -> None:
    text = (checkout / "pyproject.toml").read_text()
    lint = text[text.index("[tool.ruff.lint]") :]
    rules = [line for line in lint.splitlines() if re.match(r'    "[A-Z]+\d*",', line)]

    assert rules
    assert [line for line in rules if not re.search(r",  # \S+ \S+", line)] == []


def test_the_installed_program_is_this_one(project: dict[str, Any]) -> None:
    assert importlib.metadata.version("kambook") == pipeline.__version__
    assert project["project"]["scripts"] == {"kambook": "pipeline.__main__:main"}


@pytest.mark.slow
def test_the_wheel_holds_what_a_report_is_made_of_and_no_test(checkout: Path, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=checkout, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()

    parts = [path.relative_to(checkout) for path in own_files(checkout)]
    built_in = {
        f"pipeline/{path}" for path in parts if path.parts[0] in ("templates", "expectations", "data")
    }
    modules = {str(path) for path in parts if path.parts[0] == "pipeline" and path.suffix != ".lock"}
    assert "pipeline/templates/fonts/.npmrc" in built_in
    assert (built_in | modules) - set(held) == set()
    assert {name.split("/")[0] for name in held} == {"pipeline", f"kambook-{pipeline.__version__}.dist-info"}
    assert [name for name in held if "tests" in Path(name).parts or name.endswith((".lock", ".pyc"))] == []


@pytest.mark.slow
def test_a_fresh_checkout_sets_itself_up_and_the_second_time_does_nothing(
    checkout: Path, tmp_path: Path
) -> None:
    """With a home that holds nothing, and no environment but the network's."""
    fresh = tmp_path / "checkout"
    for path in own_files(checkout):
        copy = fresh / path.relative_to(checkout)
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(path, copy)
    kept = ("proxy", "cert", "_ca_", "ssl_", "path", "index")
    environ = {
        name: value for name, value in os.environ.items() if any(word in name.lower() for word in kept)
    }
    environ.update(HOME=str(tmp_path / "home"), XDG_DATA_HOME=str(tmp_path / "share"), LANG="C")

    def make(target: str) -> str:
        command = ["make", "-C", str(fresh), "--no-print-directory", target]
        done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "Installing the packages of requirements.lock" in make("setup")
    assert make("setup") == ""
    shutil.rmtree(fresh / ".venv")
    assert "Installing the packages of requirements.lock" in make("setup")
    version = subprocess.run(
        [fresh / ".venv/bin/kambook", "--version"], env=environ, capture_output=True, text=True, check=True
    )
    assert pipeline.__version__ in version.stdout
