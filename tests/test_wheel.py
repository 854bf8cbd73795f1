"""The wheel as a newcomer has it: installed alone, it makes a company's month from an empty folder."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

import pipeline
from pipeline.store import files_below, read_json, sha256_of_file
from tests.commands import DATA_HOME

pytestmark = pytest.mark.slow
NO_INDEX = re.compile(
    r"dns error|[Cc]onnection|timed out|[Ff]ailed to fetch|error sending request|unreachable"
)
FIGURE = "net_sales/portfolio:all/month"


@dataclass(frozen=True)
class Installed:
    """An environment that holds the wheel and what it declares to need, at the versions of the lock."""

    environment: Path

    @property
    def package(self) -> Path:
        (found,) = self.environment.glob("lib/python*/site-packages/pipeline")
        return found

    def files(self) -> dict[str, str]:
        """What was installed of us: path → sha256."""
        return {
            path.relative_to(self.package).as_posix(): sha256_of_file(path)
            for path in files_below(self.package)
        }

    def kambook(self, *words: object, here: Path) -> subprocess.CompletedProcess[str]:
        """Run the installed program, which knows nothing of the checkout."""
        kept = {name: os.environ[name] for name in ("PATH", "LANG", "LD_LIBRARY_PATH") if name in os.environ}
        environ = {**kept, "HOME": str(here), "XDG_DATA_HOME": str(DATA_HOME)}
        command = [str(self.environment / "bin" / "kambook"), *map(str, words)]
        return subprocess.run(command, cwd=here, env=environ, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def installed(checkout: Path, tmp_path_factory: pytest.TempPathFactory) -> Installed:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)],
        cwd=checkout,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    uv = checkout / ".venv-bootstrap" / "bin" / "uv"
    if not uv.is_file():
        pytest.skip("there is no .venv-bootstrap/bin/uv to install with: make setup")
    place = folder / "environment"
    _uv(uv, "venv", "--quiet", "--no-python-downloads", "--python", sys.executable, str(place))
    # As constraints: only what the wheel declares is installed, at the versions and with the hashes of the lock.
    lock = str(checkout / "requirements.lock")
    _uv(uv, "pip", "install", "--quiet", "--compile-bytecode", "--python", str(place), "-c", lock, str(wheel))
    return Installed(place)


def _uv(uv: Path, *words: str) -> None:
    done = subprocess.run([uv, *words], capture_output=True, text=True, check=False)
    if done.returncode and NO_INDEX.search(done.stderr):
        pytest.skip("no package index can be reached")
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def month(installed: Installed, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The demo's month, made in an empty folder."""
    here = tmp_path_factory.mktemp("empty")
    before = installed.files()
    done = installed.kambook("run", here=here)
    assert done.returncode in (0, 3), done.stderr
    assert installed.files() == before, "the run wrote into the installed package"
    return {"here": here, "run": here / "runs" / "2026-09"}


def test_it_holds_what_a_report_is_made_of(installed: Installed) -> None:
    for folder in ("templates", "expectations", "data"):
        assert (installed.package / folder).is_dir()
    assert installed.kambook("--version", here=installed.environment).stdout.endswith(
        f"{pipeline.__version__}\n"
    )


def test_help_needs_nothing_of_the_checkout(installed: Installed, tmp_path: Path) -> None:
    done = installed.kambook("--help", here=tmp_path)

    assert done.returncode == 0, done.stderr
    assert "init" in done.stdout
    assert list(tmp_path.iterdir()) == []


def test_the_demos_month_lies_below_the_current_folder(month: Mapping[str, Path]) -> None:
    manifest = read_json(month["run"] / "manifest.json")

    assert {path.name for path in month["here"].iterdir()} <= {"runs", "state"}
    assert len(manifest["documents"]) >= 50
    assert manifest["failed"] == []
    for document in manifest["documents"]:
        path = month["run"] / document["path"]
        begins = b"%PDF-" if document["format"] == "pdf" else b"<!DOCTYPE html>"
        assert path.read_bytes().startswith(begins)
        assert sha256_of_file(path) == document["sha256"]
    assert (month["run"] / "index.html").is_file()


def test_a_figure_of_it_is_explained(installed: Installed, month: Mapping[str, Path]) -> None:
    done = installed.kambook("explain", FIGURE, "--rows", here=month["here"])

    assert done.returncode == 0, done.stderr
    assert "net_sales" in done.stdout
    assert re.search(r"订单明细\.csv:\d+", done.stdout)


def test_a_new_workspace_is_made_and_asks_for_its_exports(installed: Installed, tmp_path: Path) -> None:
    made = installed.kambook("init", "kam", here=tmp_path)
    asked = installed.kambook("run", "-w", "kam", "-p", "2026-09", here=tmp_path)

    assert made.returncode == 0, made.stderr
    assert (tmp_path / "kam" / "kambook.toml").is_file()
    assert asked.returncode in (11, 12)
    assert "  fix: " in asked.stderr
    assert "Traceback" not in asked.stderr


def test_another_demo_company_is_written_and_read(installed: Installed, tmp_path: Path) -> None:
    written = installed.kambook("demo", "small", "--accounts", "10", "--months", "14", here=tmp_path)
    read = installed.kambook("ingest", "-w", "small", here=tmp_path)

    assert written.returncode == 0, written.stderr
    assert read.returncode == 0, read.stderr
    assert (tmp_path / "small" / "runs" / "2026-09" / "tables" / "orders.parquet").is_file()
