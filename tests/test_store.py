"""The stage protocol: what is written takes effect as a whole or not at all, whatever stops it."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline import store
from pipeline.errors import KambookError, SettingsError, SourceError, UsageError
from pipeline.store import STAGES, Stage
from tests.commands import CHECKOUT

INGEST, VALIDATE, COMPUTE = STAGES["ingest"], STAGES["validate"], STAGES["compute"]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


def write(run: Path, stage: Stage, text: str, *, key: str | None = None, **reads: str) -> None:
    """A stage that writes a file into each of its outputs, and one file where the output is a file."""
    with store.writing(run, stage, key=key or text, reads=reads) as folder:
        for output in stage.outputs:
            path = folder / output
            if path.suffix:
                path.write_text(text)
            else:
                (path / "deep").mkdir(parents=True)
                (path / "deep" / "file.txt").write_text(text)


def made(run: Path) -> dict[str, str]:
    """Every file of a run and what it holds."""
    return {
        path.relative_to(run).as_posix(): path.read_text()
        for path in sorted(run.rglob("*"))
        if path.is_file()
    }


##### Files ############################################################################################################


def test_a_file_is_hashed_whatever_its_size(tmp_path: Path) -> None:
    path = tmp_path / "large"
    path.write_bytes(b"ab" * (1 << 20) + b"c")

    assert store.sha256_of_file(path) == hashlib.sha256(path.read_bytes()).hexdigest()


@given(st.dictionaries(st.text(), JSON, max_size=4))
@settings(max_examples=30)
def test_the_hash_of_a_value_is_that_of_its_content_alone(value: dict[str, object]) -> None:
    turned = dict(reversed(value.items()))

    assert store.sha256_of(value) == store.sha256_of(turned)
    assert store.sha256_of(value) != store.sha256_of({**value, "another key": 1, "": [value]})


def test_a_value_comes_back_as_it_was_written(tmp_path: Path) -> None:
    value = {"客户": [1, None, "岚"], "a": {"b": False}}
    store.write_json(tmp_path / "new" / "value.json", value)

    assert store.read_json(tmp_path / "new" / "value.json") == value
    assert "客户" in (tmp_path / "new" / "value.json").read_text(encoding="utf-8")


def test_a_write_that_fails_leaves_the_old_content(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "manifest.json"
    store.write_bytes(path, b"old")
    monkeypatch.setattr(os, "fsync", _raiser(OSError(errno.ENOSPC, "full")))

    with pytest.raises(OSError, match="full"):
        store.write_bytes(path, b"new")

    assert path.read_bytes() == b"old"


def test_temporary_files_are_no_content(tmp_path: Path) -> None:
    (tmp_path / "b").mkdir()
    for name in ("b/z.csv", "a.csv", ".a.csv.tmp"):
        (tmp_path / name).touch()

    assert store.files_below(tmp_path) == [tmp_path / "a.csv", tmp_path / "b" / "z.csv"]


def test_hashes_are_named_from_the_root(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").write_text("1")

    assert store.hashes([tmp_path / "a" / "x"], tmp_path) == {
        "a/x": "6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b"
    }


##### A stage that finishes ############################################################################################


def test_a_stage_counts_when_its_block_has_ended(tmp_path: Path) -> None:
    with store.writing(tmp_path, INGEST, key="k", reads={"exports/a.csv": "h"}) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "orders.parquet").write_text("rows")
        during = store.done(tmp_path, INGEST), (tmp_path / "tables").exists()

    assert during == (None, False)
    assert store.done(tmp_path, INGEST) == {
        "schema": 1,
        "stage": "ingest",
        "key": "k",
        "read": {"exports/a.csv": "h"},
        "wrote": {"tables/orders.parquet": store.sha256_of_file(tmp_path / "tables" / "orders.parquet")},
    }
    assert (tmp_path / "raw").is_dir()  # an output that was not written is an empty folder
    assert sorted(path.name for path in tmp_path.iterdir()) == ["raw", "tables"]


@pytest.mark.parametrize("stage", STAGES.values(), ids=STAGES)
def test_done_names_the_hash_of_every_file(stage: Stage, tmp_path: Path) -> None:
    write(tmp_path, stage, "text")

    said = store.done(tmp_path, stage)
    assert said is not None
    files = [tmp_path / name for name in made(tmp_path) if not name.endswith("done.json")]
    assert said["wrote"] == store.hashes(files, tmp_path)


def test_a_stage_is_current_for_its_own_key_alone(tmp_path: Path) -> None:
    write(tmp_path, COMPUTE, "text", key="k")

    assert store.is_current(tmp_path, COMPUTE, "k")
    assert not store.is_current(tmp_path, COMPUTE, "another")
    assert not store.is_current(tmp_path, INGEST, "k")


def test_what_is_written_again_replaces_all_of_the_old(tmp_path: Path) -> None:
    with store.writing(tmp_path, INGEST, key="1", reads={}) as folder:
        (folder / "tables").mkdir()
        (folder / "tables" / "gone.parquet").write_text("old")
    write(tmp_path, INGEST, "new", key="2")

    assert [name for name in made(tmp_path) if "gone" in name] == []
    assert made(tmp_path)["tables/deep/file.txt"] == "new"


def test_no_two_stages_write_the_same_place() -> None:
    outputs = [output for stage in STAGES.values() for output in stage.outputs]

    assert len(outputs) == len(set(outputs))


##### A stage that does not ############################################################################################


def test_an_exception_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, COMPUTE, "old")
    before = made(tmp_path)

    def fail(folder: Path) -> None:
        (folder / "facts").mkdir()
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), store.writing(tmp_path, COMPUTE, key="new", reads={}) as folder:
        fail(folder)

    assert made(tmp_path) == before


@pytest.mark.parametrize("lost", ["tables/deep/file.txt", "raw/deep/file.txt", "tables/done.json"])
def test_a_stage_that_lost_a_file_has_not_finished(lost: str, tmp_path: Path) -> None:
    write(tmp_path, INGEST, "text", key="k")
    (tmp_path / lost).unlink()

    assert store.done(tmp_path, INGEST) is None
    assert not store.is_current(tmp_path, INGEST, "k")


def test_a_stage_that_lost_an_empty_output_has_not_finished(tmp_path: Path) -> None:
    with store.writing(tmp_path, INGEST, key="k", reads={}):
        pass
    (tmp_path / "raw").rmdir()

    assert store.done(tmp_path, INGEST) is None


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_no_garbage_in_done_counts_as_finished(
    tmp_path_factory: pytest.TempPathFactory, garbage: bytes
) -> None:
    run = tmp_path_factory.mktemp("run")
    write(run, VALIDATE, "text")
    (run / "quality" / "done.json").write_bytes(garbage)

    assert store.done(run, VALIDATE) is None


def test_a_done_of_another_schema_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, VALIDATE, "text")
    path = tmp_path / "quality" / "done.json"
    store.write_json(path, {**store.read_json(path), "schema": 2})

    assert store.done(tmp_path, VALIDATE) is None


##### What the next stage reads ########################################################################################


def test_a_fingerprint_is_that_of_what_was_written(tmp_path: Path) -> None:
    write(tmp_path / "a", INGEST, "text", key="1")
    write(tmp_path / "b", INGEST, "text", key="2")
    write(tmp_path / "c", INGEST, "another", key="1")
    same, too, other = (store.fingerprint(tmp_path / name, INGEST) for name in "abc")

    assert same == too
    assert other != same


def test_a_stage_that_has_not_finished_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        store.fingerprint(tmp_path / "2026-09", VALIDATE)

    assert caught.value.code == "KB-0203"
    assert str(caught.value).splitlines() == [
        "KB-0203  2026-09/validate: has not finished, so the stage after it has nothing to read",
        "  fix: kambook validate (or kambook run) first",
    ]


def test_what_was_made_of_an_older_stage_cannot_be_read(tmp_path: Path) -> None:
    """Quarantine names rows by position: readings of new tables and an old quarantine would be quietly wrong."""
    run = tmp_path / "2026-09"
    write(run, INGEST, "tables")
    write(run, VALIDATE, "quality", tables=store.fingerprint(run, INGEST))
    write(run, COMPUTE, "facts", quality=store.fingerprint(run, VALIDATE))
    store.fingerprint(run, COMPUTE)
    write(run, INGEST, "new tables")

    for stage in (VALIDATE, COMPUTE):
        with pytest.raises(UsageError, match="was made before ingest last changed") as caught:
            store.fingerprint(run, stage)
        assert (caught.value.code, caught.value.where) == ("KB-0203", "2026-09/validate")


def test_a_stage_made_again_with_the_same_result_changes_nothing(tmp_path: Path) -> None:
    write(tmp_path, INGEST, "tables", key="1")
    write(tmp_path, VALIDATE, "quality", tables=store.fingerprint(tmp_path, INGEST))
    before = store.fingerprint(tmp_path, VALIDATE)
    write(tmp_path, INGEST, "tables", key="2")

    assert store.fingerprint(tmp_path, VALIDATE) == before


##### Killed at any moment #############################################################################################

_KILLED_EVERYWHERE = """
import os, re, shutil, sys
from pathlib import Path
from tests.commands import _stop_at
from tests.test_store import STAGES, write

base, stage, number = Path(sys.argv[1]), STAGES[sys.argv[2]], 0
while True:
    number += 1
    run = base / str(number)
    if (base / "before").exists():
        shutil.copytree(base / "before", run)
    else:
        run.mkdir()
    if (child := os.fork()) == 0:
        _stop_at(re.compile(re.escape(str(run))), number, 9)
        write(run, stage, "new", key="new")
        os._exit(0)
    if os.waitpid(child, 0)[1] == 0:
        break
"""


def killed_everywhere(base: Path, stage: Stage) -> Iterator[Path]:
    """Runs in which a stage was killed: each one step later than the one before, the last one after it had finished."""
    command = [sys.executable, "-c", _KILLED_EVERYWHERE, str(base), stage.name]
    subprocess.run(command, check=True, capture_output=True, env={**os.environ, "PYTHONPATH": str(CHECKOUT)})
    numbers = sorted(int(path.name) for path in base.iterdir() if path.name.isdigit())
    yield from (base / str(number) for number in numbers)


@pytest.mark.parametrize("stage", [INGEST, VALIDATE, COMPUTE], ids=lambda stage: stage.name)
def test_a_kill_leaves_the_old_state_or_the_new_one(stage: Stage, tmp_path: Path) -> None:
    old, new = tmp_path / "before", tmp_path / "after"
    write(old, stage, "old", key="old")
    write(new, stage, "new", key="new")
    states = []

    for run in killed_everywhere(tmp_path, stage):
        believed = store.done(run, stage)
        as_found = [name for name in ("old", "new") if store.is_current(run, stage, name)]
        store.recover(run)
        states += [name for name, whole in (("old", old), ("new", new)) if made(run) == made(whole)]

        assert len(states) == int(run.name), f"neither the old state nor the new one after step {run.name}"
        assert believed is None or as_found == states[-1:]  # and it never took one for the other

    assert states == sorted(states, reverse=True)
    assert states.count("old") > 10
    assert states[-1] == "new"


@pytest.mark.parametrize("stage", [INGEST, COMPUTE], ids=lambda stage: stage.name)
def test_a_stage_killed_in_its_first_run_is_made_again(stage: Stage, tmp_path: Path) -> None:
    write(tmp_path / "after", stage, "new", key="new")
    whole = made(tmp_path / "after")
    finished = []

    for run in killed_everywhere(tmp_path, stage):
        finished.append(store.is_current(run, stage, "new"))
        store.recover(run)
        if not store.is_current(run, stage, "new"):
            assert store.done(run, stage) is None
            write(run, stage, "new", key="new")

        assert made(run) == whole

    assert finished == sorted(finished)
    assert len(finished) > 10


def test_leftovers_of_a_killed_stage_are_swept(tmp_path: Path) -> None:
    write(tmp_path, COMPUTE, "text")
    before = made(tmp_path)
    (tmp_path / ".compute.tmp" / "facts").mkdir(parents=True)
    (tmp_path / ".compute.tmp" / "facts" / "half.parquet").touch()
    (tmp_path / ".compute.old").mkdir()

    store.recover(tmp_path)

    assert made(tmp_path) == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["facts", "readings.parquet"]


def test_a_stage_begins_with_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / ".validate.tmp" / "quality").mkdir(parents=True)
    (tmp_path / ".validate.tmp" / "quality" / "half.json").touch()

    write(tmp_path, VALIDATE, "text")

    assert sorted(made(tmp_path)) == ["quality/deep/file.txt", "quality/done.json"]


##### One run at a time ################################################################################################

_HOLD = """
import sys, time
from pathlib import Path
from pipeline import store
with store.locked(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""


def test_a_second_run_over_the_same_folder_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    run = tmp_path / "2026-09"
    with subprocess.Popen(
        [sys.executable, "-c", _HOLD, str(run)], stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"

        with pytest.raises(UsageError) as caught, store.locked(run):
            pytest.fail("two runs hold the folder")

        first.send_signal(signal.SIGKILL)
        first.wait()
        with store.locked(run):
            pass

    assert str(caught.value).splitlines() == [
        "KB-0204  2026-09: another kambook is working on this period",
        "  fix: wait for it to finish, or stop it; a killed run leaves no lock",
    ]


def test_runs_of_other_periods_go_on_at_the_same_time(tmp_path: Path) -> None:
    with store.locked(tmp_path / "2026-08"), store.locked(tmp_path / "2026-09"):
        assert (tmp_path / "2026-08").is_dir()


@pytest.mark.parametrize("run", ["taken", "taken/runs/2026-09"])
def test_a_file_where_the_folder_should_be_is_said(run: str, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("mine")

    with pytest.raises(SettingsError) as caught, store.locked(tmp_path / run):
        pass

    assert (caught.value.code, caught.value.where) == ("KB-1008", "taken")
    assert "-o DIR" in str(caught.value)
    assert (tmp_path / "taken").read_text() == "mine"


##### What the operating system refuses ################################################################################


@pytest.mark.parametrize(
    ("number", "code", "word"),
    [
        (errno.ENOSPC, "KB-1006", "full"),
        (errno.EDQUOT, "KB-1006", "full"),
        (errno.EACCES, "KB-1007", "permissions"),
        (errno.EPERM, "KB-1007", "permissions"),
        (errno.EROFS, "KB-1007", "permissions"),
    ],
    ids=errno.errorcode.get,
)
def test_a_refusal_says_what_to_do(number: int, code: str, word: str) -> None:
    refusal = OSError(number, os.strerror(number), "/some/where/orders.parquet")

    with pytest.raises(SettingsError) as caught, store.os_errors(Path("runs/2026-09")):
        raise refusal

    assert (caught.value.code, caught.value.where) == (code, "orders.parquet")
    assert caught.value.exit_code == 10
    assert word in str(caught.value)
    assert caught.value.__cause__ is refusal


def test_a_refusal_that_names_no_file_names_the_folder() -> None:
    with pytest.raises(SettingsError) as caught, store.os_errors(Path("runs/2026-09")):
        raise OSError(errno.ENOSPC, "full")

    assert caught.value.where == "2026-09"


@pytest.mark.parametrize(
    "error",
    [
        FileNotFoundError(errno.ENOENT, "gone", "x"),
        OSError("no number"),
        ValueError("a bug"),
        SourceError(where="a", what="b", code="KB-1101"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_any_other_error_is_left_as_it_is(error: Exception) -> None:
    with pytest.raises(type(error)) as caught, store.os_errors(Path("runs")):
        raise error

    assert caught.value is error


def test_a_refusal_inside_a_stage_leaves_the_run_as_it_was(tmp_path: Path) -> None:
    write(tmp_path, VALIDATE, "old")
    before = made(tmp_path)

    with pytest.raises(KambookError) as caught, store.writing(tmp_path, VALIDATE, key="k", reads={}):
        raise OSError(errno.ENOSPC, "full")

    assert caught.value.code == "KB-1006"
    assert made(tmp_path) == before


def _raiser(error: Exception) -> Callable[..., None]:
    def fail(*_: object) -> None:
        raise error

    return fail


def test_everything_a_stage_leaves_can_be_copied_elsewhere(tmp_path: Path) -> None:
    """A run is its folder: a copy of it has finished just as far."""
    write(tmp_path / "here", COMPUTE, "text", key="k")
    shutil.copytree(tmp_path / "here", tmp_path / "there")

    assert store.is_current(tmp_path / "there", COMPUTE, "k")
    assert store.fingerprint(tmp_path / "there", COMPUTE) == store.fingerprint(tmp_path / "here", COMPUTE)
