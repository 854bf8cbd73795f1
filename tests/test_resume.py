"""Kill it at any moment, run it again: nothing is lost, nothing is done twice, and what comes out is the same."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from pipeline import store
from pipeline.run import STAGES
from tests.commands import CHECKOUT, HERE, contents, finished_company, kambook, stopped

RUN = Path("runs") / "2026-09"
OK = (0, 3)
"""All was made, or some clients were left out and listed: of one of the company's there is nothing to report."""


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a finished run."""
    return finished_company(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="module")
def before(finished: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, Path]:
    """The workspace after its settings and exports changed, as each stage finds it, and undisturbed to the `end`."""
    base = tmp_path_factory.mktemp("before")
    place = Path(shutil.copytree(finished, base / STAGES[0]))
    settings = (place / "kambook.toml").read_text(encoding="utf-8")
    (place / "kambook.toml").write_text(
        settings.replace("衡川智能装备", "衡川智能装备集团"), encoding="utf-8"
    )
    (place / "exports" / "notes.csv").write_text("which no mapping means\n")
    for stage, after in zip(STAGES, (*STAGES[1:], "end"), strict=True):
        shutil.copytree(base / stage, base / after)
        assert kambook(stage, "-w", base / after, *HERE).code in OK
    return {name: base / name for name in (*STAGES, "end")}


def copied(place: Path, target: Path) -> Path:
    return Path(shutil.copytree(place, target / "company"))


def outside(stage: str, run: Path) -> dict[str, str]:
    """What a stage has no business with: everything in a run but its own outputs."""
    own = tuple(store.STAGES[stage].outputs)
    after = ("manifest.json",) if stage in ("render", "deliver") else ()
    hidden = tuple(f".{stage}.{end}" for end in ("tmp", "old"))
    return {
        name: made for name, made in contents(run).items() if not name.startswith((*own, *after, *hidden))
    }


def following(stage: str) -> str:
    return (*STAGES, "end")[STAGES.index(stage) + 1]


def resumed(stage: str, place: Path) -> dict[str, str]:
    """What is there after the stage was run again."""
    ended = kambook(stage, "-w", place, *HERE)
    assert ended.code in OK, ended.err
    assert not [path.name for path in (place / RUN).iterdir() if path.name.endswith((".tmp", ".old"))]
    return contents(place / RUN)


##### Killed ###########################################################################################################


def _while_working(stage: str) -> str:
    return rf"^(open|os\.mkdir) .*/\.{stage}\.tmp/"


def _while_publishing(stage: str) -> str:
    """The old outputs are moved away, nothing new is in their place."""
    return rf"^os\.rename .*/\.{stage}\.tmp/{re.escape(store.STAGES[stage].outputs[-1])} "


def _killed(stage: str, pattern: str, place: Path, number: int = 1) -> None:
    ended = stopped(pattern, stage, "-w", place, *HERE, number=number)
    assert ended.code == -signal.SIGKILL, f"{stage} was not killed: {ended.code} {ended.err}"


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_killed_between_old_and_new_is_made_as_if_undisturbed(
    stage: str, before: Mapping[str, Path], tmp_path: Path
) -> None:
    place = copied(before[stage], tmp_path)
    untouched = outside(stage, place / RUN)
    _killed(stage, _while_publishing(stage), place)

    assert store.done(place / RUN, store.STAGES[stage]) is None
    assert outside(stage, place / RUN) == untouched
    assert resumed(stage, place) == contents(before[following(stage)] / RUN)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_killed_at_work_leaves_the_old_state_and_is_made_as_if_undisturbed(
    stage: str, before: Mapping[str, Path], tmp_path: Path
) -> None:
    place = copied(before[stage], tmp_path)
    _killed(stage, _while_working(stage), place, number=2)

    as_found = contents(place / RUN)
    left = {name for name in as_found if name.startswith(f".{stage}.tmp/")}
    assert {name: made for name, made in as_found.items() if name not in left} == contents(
        before[stage] / RUN
    )
    assert resumed(stage, place) == contents(before[following(stage)] / RUN)


@pytest.mark.slow
def test_documents_without_their_manifest_are_not_delivered(
    before: Mapping[str, Path], tmp_path: Path
) -> None:
    """Killed after the documents are made and before they are listed: the old manifest names other hashes."""
    place = copied(before["render"], tmp_path)
    _killed("render", r"^open .*/\.manifest\.json\.tmp", place)

    ended = kambook("deliver", "-w", place, "--quiet")
    assert (ended.code, ended.err[:8]) == (2, "KB-0203 "), ended.err
    assert resumed("render", place) == contents(before["deliver"] / RUN)


@pytest.mark.slow
@pytest.mark.parametrize("stage", STAGES)
def test_a_first_run_that_is_killed_is_made_as_if_undisturbed(
    stage: str, before: Mapping[str, Path], tmp_path: Path
) -> None:
    """Nothing of the stage or of those after it is there yet."""
    place = copied(before[stage], tmp_path)
    for later in STAGES[STAGES.index(stage) :]:
        for output in store.STAGES[later].outputs:
            path = place / RUN / output
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    _killed(stage, _while_publishing(stage), place)

    for later in STAGES[STAGES.index(stage) :]:
        made = resumed(later, place)
    assert made == contents(before["end"] / RUN)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_a_whole_run_killed_at_any_time_ends_as_if_undisturbed(
    seed: int, before: Mapping[str, Path], tmp_path: Path
) -> None:
    """Killed again and again, each time somewhere else, until one is left alone."""
    chance = random.Random(seed)
    place = copied(before["ingest"], tmp_path)
    command = [sys.executable, "-m", "pipeline", "run", "-w", str(place), "--quiet"]
    for _ in range(4):
        with subprocess.Popen(command, cwd=CHECKOUT, stderr=subprocess.PIPE) as started:
            time.sleep(chance.uniform(0.3, 12))
            started.kill()

    ended = kambook("run", "-w", place, "--quiet")
    assert ended.code == 3, ended.err
    assert contents(place / RUN) == contents(before["end"] / RUN)
    assert (place / RUN / "index.html").is_file()


def test_a_run_over_its_own_raw_copies_loses_nothing_when_it_is_killed(
    before: Mapping[str, Path], tmp_path: Path
) -> None:
    """A past period is run again from its `raw/`, which may hold the only copy of those exports there is."""
    place = copied(before["validate"], tmp_path)
    shutil.rmtree(place / "exports")
    exports = ("--exports", place / RUN / "raw")
    raw = {name: made for name, made in contents(place / RUN).items() if name.startswith("raw/")}
    settings = place / "kambook.toml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("Asia/Shanghai", "UTC"), encoding="utf-8"
    )

    ended = stopped(_while_publishing("ingest"), "ingest", "-w", place, "--quiet", *exports)
    assert ended.code == -signal.SIGKILL
    assert not (place / RUN / "raw").exists()

    ended = kambook("ingest", "-w", place, "--quiet", *exports)
    assert ended.code == 0, ended.err
    assert {name: made for name, made in contents(place / RUN).items() if name.startswith("raw/")} == raw


##### Workers of a killed run ##########################################################################################

_WORKING = """
import os, sys, time
from pathlib import Path
from pipeline.fan_out import map_items

def work(number):
    Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["PLACE"], str(os.getpid())).touch()
    time.sleep(30)

if __name__ == "__main__":
    list(map_items(work, [1, 2, 3, 4], 2))
"""


def _is_alive(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return state != "Z"


def _eventually(holds: object, seconds: float = 20) -> bool:
    """Whether something comes true before the time is up."""
    assert callable(holds)
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return bool(holds())


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are looked up in /proc")
def test_workers_end_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """Left alone they would go on writing into the folder in which the next run works."""
    script, place = tmp_path / "working.py", tmp_path / "processes"
    script.write_text(_WORKING)
    place.mkdir()
    environ = {**os.environ, "PYTHONPATH": str(CHECKOUT), "PLACE": str(place)}
    with subprocess.Popen([sys.executable, str(script)], env=environ, stderr=subprocess.DEVNULL) as started:
        assert _eventually(lambda: len(list(place.iterdir())) == 2)
        workers = [int(path.name) for path in place.iterdir()]
        assert all(map(_is_alive, workers))
        started.kill()

    assert _eventually(lambda: not any(map(_is_alive, workers)))


##### Nothing twice ####################################################################################################


def _files(run: Path) -> dict[str, tuple[int, int]]:
    """Which file it is and when it was last written, of all that stages made."""
    made = [output for stage in store.STAGES.values() for output in stage.outputs]
    paths = [
        path
        for output in made
        for path in (run / output, *sorted((run / output).rglob("*")))
        if path.is_file()
    ]
    return {path.relative_to(run).as_posix(): (path.stat().st_ino, path.stat().st_mtime_ns) for path in paths}


def test_a_second_run_does_nothing(finished: Path, tmp_path: Path) -> None:
    place = copied(finished, tmp_path)
    written = _files(place / RUN)
    for stage in STAGES:
        assert kambook(stage, "-w", place, "--quiet").code in OK

    assert len(written) > 10
    assert _files(place / RUN) == written


def test_a_second_run_says_that_nothing_changed(finished: Path, tmp_path: Path) -> None:
    place = copied(finished, tmp_path)
    ended = kambook("run", "-w", place)

    manifest = store.read_json(place / RUN / "manifest.json")
    states = [document["state"] for document in manifest["documents"]]
    assert ended.code == 3
    assert set(states) == {"unchanged"}
    withheld = len(manifest["withheld"])
    assert f"0 made, {len(states)} unchanged, {withheld} withheld, 0 failed" in ended.err
    assert "customer A-0009" in ended.err


@pytest.mark.slow
def test_a_run_may_begin_at_a_later_stage(before: Mapping[str, Path], tmp_path: Path) -> None:
    place = copied(before["render"], tmp_path)
    ended = kambook("run", "-w", place, "--from", "render", *HERE)

    assert ended.code == 3, ended.err
    assert contents(place / RUN) == contents(before["end"] / RUN)


def test_a_stage_is_not_begun_on_what_is_older_than_its_source(
    before: Mapping[str, Path], tmp_path: Path
) -> None:
    """Tables are new, quarantine and readings are not: documents of them would be of two minds."""
    place = copied(before["validate"], tmp_path)
    for stage in ("compute", "render", "deliver"):
        ended = kambook(stage, "-w", place, "--quiet")
        assert (ended.code, ended.err[:8]) == (2, "KB-0203 "), f"{stage}: {ended.err}"


@pytest.mark.slow
def test_a_document_that_was_lost_is_made_again(finished: Path, tmp_path: Path) -> None:
    place = copied(finished, tmp_path)
    made = contents(place / RUN)
    next((place / RUN / "documents").rglob("*.pdf")).unlink()

    assert kambook("run", "-w", place, *HERE).code == 3
    assert contents(place / RUN) == made
