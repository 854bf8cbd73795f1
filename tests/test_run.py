"""A run: five stages in order on a folder that is its own, and an exit code that says how it ended."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline import run as run_module
from pipeline import store
from pipeline.context import Context
from pipeline.errors import DataError, SettingsError, UsageError
from pipeline.run import STAGES, chosen_period, context_of, run
from pipeline.settings import Settings
from tests.commands import DEMO, TODAY, company
from tests.runs import context_for

Stages = Callable[..., list[str]]


@pytest.fixture
def stages(monkeypatch: pytest.MonkeyPatch) -> Stages:
    """Stages that only note that they were called; `failing` is raised by the one named."""

    def stand_in(**failing: Exception) -> list[str]:
        called: list[str] = []

        def stage(name: str) -> Callable[[Context], None]:
            def work(_context: Context) -> None:
                called.append(name)
                if name in failing:
                    raise failing[name]

            work.__name__ = name
            return work

        monkeypatch.setattr(run_module, "stage", stage)
        return called

    return stand_in


def manifest(run: Path, **lists: object) -> Path:
    path = run / "manifest.json"
    store.write_json(
        path, {"documents": [], "withheld": [], "failed": [], "timings": {"ingest": 9.0}, **lists}
    )
    return path


def log_of(context: Context) -> list[dict[str, Any]]:
    return [json.loads(line) for line in context.log.path.read_text(encoding="utf-8").splitlines()]


##### Order and exit codes #############################################################################################


def test_the_stages_run_in_the_order_in_which_they_read_each_other(stages: Stages, tmp_path: Path) -> None:
    called = stages()

    assert run(context_for(tmp_path / "2026-09")) == 0
    assert called == ["ingest", "validate", "compute", "render", "deliver"]
    assert tuple(called) == STAGES == tuple(store.STAGES)


def test_only_the_stages_asked_for_are_run(stages: Stages, tmp_path: Path) -> None:
    called = stages()

    run(context_for(tmp_path / "2026-09"), ("compute", "render"))

    assert called == ["compute", "render"]


@pytest.mark.parametrize("name", STAGES)
def test_each_stage_is_the_function_of_that_name_in_its_module(name: str) -> None:
    found = run_module.stage(name)

    assert (found.__name__, found.__module__) == (name, f"pipeline.{name}")


def test_a_stage_that_stops_is_the_last_one(stages: Stages, tmp_path: Path) -> None:
    error = DataError(where="orders", what="has no rows", code="KB-1211")
    called = stages(validate=error)

    with pytest.raises(DataError) as caught:
        run(context_for(tmp_path / "2026-09"))

    assert caught.value is error
    assert called == ["ingest", "validate"]


@pytest.mark.parametrize(
    ("lists", "code"),
    [
        ({}, 0),
        ({"documents": [{"id": "a"}]}, 0),
        ({"withheld": [{"subject_id": "A-1"}]}, 3),
        ({"failed": [{"subject_id": "A-1"}]}, 3),
    ],
    ids=["nothing", "all made", "withheld", "failed"],
)
def test_what_was_left_out_is_in_the_exit_code(
    lists: dict[str, object], code: int, stages: Stages, tmp_path: Path
) -> None:
    stages()
    manifest(tmp_path / "2026-09", **lists)

    assert run(context_for(tmp_path / "2026-09")) == code


def test_a_stage_before_the_documents_says_nothing_of_those_made_earlier(
    stages: Stages, tmp_path: Path
) -> None:
    stages()
    path = manifest(tmp_path / "2026-09", withheld=[{"subject_id": "A-1"}])
    before = path.read_bytes()

    assert run(context_for(tmp_path / "2026-09"), ("ingest", "validate", "compute")) == 0
    assert path.read_bytes() == before


def test_the_manifest_holds_the_seconds_of_the_stages_that_ran(stages: Stages, tmp_path: Path) -> None:
    stages()
    path = manifest(tmp_path / "2026-09")

    run(context_for(tmp_path / "2026-09"), ("render", "deliver"))

    timings = store.read_json(path)["timings"]
    assert timings["ingest"] == 9.0
    assert sorted(timings) == ["deliver", "ingest", "render"]


##### Log ##############################################################################################################


def test_each_stage_is_logged_as_it_starts_and_finishes(stages: Stages, tmp_path: Path) -> None:
    stages()
    context = context_for(tmp_path / "2026-09")

    run(context, ("ingest", "validate"))

    lines = log_of(context)
    assert [(line["stage"], line["event"], line["level"]) for line in lines] == [
        ("ingest", "started", "info"),
        ("ingest", "finished", "info"),
        ("validate", "started", "info"),
        ("validate", "finished", "info"),
    ]
    assert [line["seconds"] is not None for line in lines] == [False, True, False, True]


def test_what_stopped_a_stage_is_logged_with_its_code(stages: Stages, tmp_path: Path) -> None:
    stages(validate=DataError(where="orders", what="岚渡 has no rows", code="KB-1211"))
    context = context_for(tmp_path / "2026-09")

    with pytest.raises(DataError):
        run(context)

    assert [log_of(context)[-1][name] for name in ("stage", "event", "level", "code")] == [
        "validate", "stopped", "error", "KB-1211",
    ]  # fmt: skip
    assert "岚渡" not in context.log.path.read_text(encoding="utf-8")


##### The folder #######################################################################################################


def test_a_run_over_a_folder_that_is_worked_on_is_refused(stages: Stages, tmp_path: Path) -> None:
    called = stages()
    context = context_for(tmp_path / "2026-09")

    with store.locked(context.run), pytest.raises(UsageError) as caught:
        run(context)

    assert caught.value.code == "KB-0204"
    assert called == []
    assert not context.log.path.exists()


def test_a_run_begins_by_putting_right_what_a_killed_one_left(stages: Stages, tmp_path: Path) -> None:
    stages()
    folder = tmp_path / "2026-09"
    (folder / ".ingest.old" / "raw").mkdir(parents=True)
    (folder / ".ingest.old" / "raw" / "orders.csv").write_text("the only copy")
    (folder / ".render.tmp").mkdir()

    run(context_for(folder), ("ingest",))

    assert (folder / "raw" / "orders.csv").read_text() == "the only copy"
    assert not list(folder.glob(".*.old"))
    assert not list(folder.glob(".*.tmp"))


def test_a_refusal_of_the_operating_system_is_explained(stages: Stages, tmp_path: Path) -> None:
    stages(compute=PermissionError(13, "Permission denied", str(tmp_path / "facts")))

    with pytest.raises(SettingsError) as caught:
        run(context_for(tmp_path / "2026-09"))

    assert (caught.value.code, caught.value.where) == ("KB-1007", "facts")


def test_a_bug_comes_through_as_it_is(stages: Stages, tmp_path: Path) -> None:
    stages(compute=KeyError("a bug"))

    with pytest.raises(KeyError):
        run(context_for(tmp_path / "2026-09"))


##### What a run is for ################################################################################################


@pytest.mark.parametrize(
    ("period", "as_of", "name", "last"),
    [
        ("2026-08", None, "2026-08", date(2026, 8, 31)),
        ("2026Q3", None, "2026Q3", date(2026, 9, 30)),
        ("2026", None, "2026", date(2026, 12, 31)),
        (None, date(2026, 9, 22), "2026-09-22", date(2026, 9, 22)),
        (None, None, "2026-09", date(2026, 9, 30)),
    ],
)
def test_the_period_is_the_one_asked_for_or_the_last_month_that_ended(
    period: str | None, as_of: date | None, name: str, last: date
) -> None:
    chosen = chosen_period(period, as_of, TODAY, 1)

    assert (chosen.name, chosen.as_of) == (name, last)


def test_two_periods_cannot_be_asked_for_at_once() -> None:
    with pytest.raises(UsageError) as caught:
        chosen_period("2026-09", date(2026, 9, 22), TODAY, 1)

    assert caught.value.code == "KB-0202"


@pytest.mark.parametrize("day", [date.min, date.max])
def test_a_day_beyond_all_business_is_refused(day: date) -> None:
    with pytest.raises(UsageError) as caught:
        chosen_period(None, day, TODAY, 1)

    assert caught.value.code == "KB-0201"


def context_in(workspace: Path, **changed: Any) -> Context:
    given = {
        "output": workspace / "out", "exports": None, "period": None, "as_of": None, "today": date(2030, 5, 5),
        "fonts": workspace / "fonts", "jobs": 1,
    }  # fmt: skip
    return context_of(workspace=workspace, **{**given, **changed})


def test_a_context_is_made_of_the_workspace_and_the_command_line(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    context = context_in(place)

    assert context.run == place / "out" / "runs" / "2026-09"  # the demo's own clock
    assert context.exports == place / "exports"
    assert context.log.path == context.run / "log.jsonl"
    assert isinstance(context.settings, Settings)
    assert context.only == ()
    assert not (place / "out").exists()


def test_the_command_line_goes_before_the_settings(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    context = context_in(place, exports=tmp_path / "drop", period="2026-08", only=("A-0001",))

    assert (context.exports, context.period.name, context.only) == (tmp_path / "drop", "2026-08", ("A-0001",))


def test_without_a_clock_of_its_own_a_workspace_has_the_users(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    text = (DEMO / "kambook.toml").read_text(encoding="utf-8")
    (place / "kambook.toml").write_text(
        "\n".join(line for line in text.splitlines() if not line.startswith("today")), encoding="utf-8"
    )

    assert context_in(place).period.name == "2030-04"
