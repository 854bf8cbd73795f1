"""What a run says of itself: one JSON object a line for machines, and progress for a person at a terminal."""

from __future__ import annotations

import errno
import json
import multiprocessing
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline import log as log_module
from pipeline.log import Log
from pipeline.settings import SettingsError
from pipeline.store import os_errors
from tests.commands import kambook

FIELDS = "at level stage event subject_kind subject_id code rows seconds".split()


def lines(log: Log) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.path.read_text(encoding="utf-8").splitlines()]


def test_an_event_has_these_fields_in_this_order(tmp_path: Path) -> None:
    log = Log(tmp_path / "run" / "log.jsonl")
    log.event("ingest", "started")
    log.event(
        "render",
        "failed",
        "error",
        subject_kind="customer",
        subject_id="A-1",
        code="KB-1300",
        rows=3,
        seconds=1.23456,
    )

    first, second = lines(log)
    assert list(first) == list(second) == FIELDS
    assert [first[name] for name in FIELDS[1:]] == ["info", "ingest", "started", None, None, None, None, None]
    assert [second[name] for name in FIELDS[1:]] == [
        "error", "render", "failed", "customer", "A-1", "KB-1300", 3, 1.235,
    ]  # fmt: skip


def test_an_event_says_when_with_its_zone(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    log.event("ingest", "started")

    at = datetime.fromisoformat(str(lines(log)[0]["at"]))
    offset = at.utcoffset()
    assert offset is not None
    assert offset.total_seconds() == 0


@given(st.lists(st.text(), min_size=1, max_size=4))
def test_every_event_is_one_line_whatever_it_says(
    tmp_path_factory: pytest.TempPathFactory, ids: list[str]
) -> None:
    log = Log(tmp_path_factory.mktemp("run") / "log.jsonl")
    for each in ids:
        log.event("render", each, subject_id=each)

    assert log.path.read_bytes().count(b"\n") == len(ids)
    assert [json.loads(line)["subject_id"] for line in log.path.read_bytes().split(b"\n")[:-1]] == ids


def _say_much(path: Path, name: str) -> None:
    for number in range(200):
        Log(path).event("render", name * 20, rows=number)


def test_lines_of_several_processes_do_not_mix(tmp_path: Path) -> None:
    log = Log(tmp_path / "log.jsonl")
    context = multiprocessing.get_context("spawn")
    writers = [context.Process(target=_say_much, args=(log.path, name)) for name in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()

    said = [(str(line["event"])[0], line["rows"]) for line in lines(log)]
    assert sorted(said) == [(name, number) for name in "abc" for number in range(200)]


def test_a_line_that_does_not_fit_on_the_disk_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = Log(tmp_path / "log.jsonl")
    log.event("ingest", "started")
    whole = log.path.read_bytes()
    write = log_module.os.write
    monkeypatch.setattr(log_module.os, "write", lambda descriptor, line: write(descriptor, line[:20]))

    with pytest.raises(OSError, match="space") as caught:
        log.event("validate", "started")

    assert caught.value.errno == errno.ENOSPC
    assert log.path.read_bytes() == whole


def test_a_log_that_cannot_be_written_stops_the_run(tmp_path: Path) -> None:
    (tmp_path / "log.jsonl").mkdir()

    with pytest.raises(IsADirectoryError), os_errors(tmp_path):
        Log(tmp_path / "log.jsonl").event("ingest", "started")


def test_a_full_disk_is_said_by_its_code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_module.os, "write", lambda _descriptor, _line: 0)

    with pytest.raises(SettingsError) as caught, os_errors(tmp_path):
        Log(tmp_path / "log.jsonl").event("ingest", "started")

    assert (caught.value.code, caught.value.where) == ("KB-1006", "log.jsonl")


##### For a person #####################################################################################################


def test_a_line_for_a_person_goes_to_standard_error(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Log(tmp_path / "log.jsonl").say("ingest [1] :key: 岚")

    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "ingest [1] :key: 岚\n")


def test_a_long_line_is_not_broken_where_there_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Log(tmp_path / "log.jsonl").say("x" * 500)

    assert capsys.readouterr().err == "x" * 500 + "\n"


def test_quiet_says_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log = Log(tmp_path / "log.jsonl", quiet=True)
    log.say("ingest")
    with log.progress("ingest", 2) as bar:
        bar.advance()

    assert capsys.readouterr() == ("", "")


def test_there_is_no_bar_where_there_is_no_terminal(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with Log(tmp_path / "log.jsonl").progress("ingest", 2) as bar:
        bar.advance()
        bar.advance(1)

    assert capsys.readouterr() == ("", "")


def test_a_terminal_sees_a_bar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # rich takes it for a terminal
    with Log(tmp_path / "log.jsonl").progress("ingest", 2) as bar:
        bar.advance(2)

    shown = capsys.readouterr()
    assert shown.out == ""
    assert "ingest" in shown.err
    assert "2/2" in shown.err


def test_a_run_of_the_command_line_logs_lines_of_this_shape(tmp_path: Path) -> None:
    ended = kambook("ingest", "-o", tmp_path)

    found = lines(Log(tmp_path / "runs" / "2026-09" / "log.jsonl"))
    assert ended.code == 0
    assert {tuple(line) for line in found} == {tuple(FIELDS)}
    assert (found[0]["event"], found[-1]["event"]) == ("started", "finished")
    assert {line["stage"] for line in found} == {"ingest"}
