"""The same input gives the same bytes: of the readings, and of every PDF, whatever happens to be around them."""

from __future__ import annotations

import random
import shutil
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline.store import sha256_of_file
from tests.commands import DEMO, program

pytestmark = pytest.mark.slow
PERIOD = "2026-09"


def made(
    folder: Path, *options: object, workspace: Path = DEMO, environ: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The demo's month made in a folder: sha256 of the readings and of each PDF."""
    finished = program("run", "-w", workspace, "-o", folder, "--quiet", *options, environ=environ)
    assert finished.code in (0, 3), finished.err
    run = folder / "runs" / PERIOD
    files = [run / "readings.parquet", *sorted((run / "documents").rglob("*.pdf"))]
    return {path.relative_to(run).as_posix(): sha256_of_file(path) for path in files}


@pytest.fixture(scope="module")
def expected(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    found = made(tmp_path_factory.mktemp("first"), "--jobs", 1)
    assert len(found) > 5
    return found


def test_two_workers_make_what_one_makes(expected: dict[str, str], tmp_path: Path) -> None:
    assert made(tmp_path, "--jobs", 2) == expected


def test_another_folder_zone_and_hash_seed_change_nothing(expected: dict[str, str], tmp_path: Path) -> None:
    folder = tmp_path / "另一个 文件夹"
    around = {"TZ": "America/St_Johns", "PYTHONHASHSEED": "4711", "LC_ALL": "C"}

    assert made(folder, "--jobs", 2, environ=around) == expected


def test_shuffled_rows_change_nothing(expected: dict[str, str], tmp_path: Path) -> None:
    workspace = shutil.copytree(DEMO, tmp_path / "demo")
    for path in sorted((workspace / "exports").glob("*.csv")):
        head, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
        random.Random(7).shuffle(rows)
        path.write_text(head + "".join(rows), encoding="utf-8")

    assert made(tmp_path / "out", "--jobs", 2, workspace=workspace) == expected
