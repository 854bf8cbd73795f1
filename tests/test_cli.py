"""The command line: quick to answer, exact in what it refuses, and honest in its exit code."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import click
import pytest

import pipeline
from pipeline import cli as cli_module
from pipeline.cli import Environment, cli, main
from pipeline.metrics import METRICS
from pipeline.store import files_below, sha256_of_file
from tests.commands import (
    CHECKOUT,
    DEMO,
    TODAY,
    client_names,
    company,
    contents,
    finished_company,
    kambook,
    program,
    stopped,
)

HEAVY = {"pandas", "pyarrow", "numpy", "great_expectations", "weasyprint", "duckdb", "jinja2", "pydantic"}
FIGURE = "net_sales/portfolio:all/month"


def every_command(group: click.Group = cli, before: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The words of each command: `("sources", "list")`."""
    for name, command in group.commands.items():
        yield (*before, name)
        if isinstance(command, click.Group):
            yield from every_command(command, (*before, name))


def command_of(words: tuple[str, ...]) -> click.Command:
    found: click.Command = cli
    for word in words:
        assert isinstance(found, click.Group)
        found = found.commands[word]
    return found


EVERY_COMMAND = pytest.mark.parametrize("words", list(every_command()), ids=" ".join)


@pytest.fixture(scope="module")
def computed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a finished run, blanks and Chinese in its path."""
    finished = finished_company(tmp_path_factory.getbasetemp())
    return Path(shutil.copytree(finished, tmp_path_factory.mktemp("run") / "客户 报告"))


##### Help and version #################################################################################################


@pytest.mark.parametrize(
    "words", [("--help",), ("--version",), ("run", "--help"), ("metrics", "--help")], ids=" ".join
)
def test_help_waits_for_nothing_heavy(words: tuple[str, ...]) -> None:
    source = "import sys; from pipeline.__main__ import main; main(); print(*sys.modules, file=sys.stderr)"
    ended = subprocess.run(
        [sys.executable, "-c", source, *words], capture_output=True, text=True, check=True, cwd=CHECKOUT
    )

    assert HEAVY & {name.partition(".")[0] for name in ended.stderr.split()} == set()


def test_the_version_is_that_of_the_package() -> None:
    ended = kambook("--version")

    assert (ended.code, ended.out) == (0, f"kambook, version {pipeline.__version__}\n")


@EVERY_COMMAND
def test_every_command_says_what_it_does(words: tuple[str, ...]) -> None:
    command = command_of(words)

    assert command.help
    assert command.help.rstrip().endswith(".")
    assert kambook(*words, "--help").code == 0


@EVERY_COMMAND
def test_every_option_says_what_it_is_for(words: tuple[str, ...]) -> None:
    options = [each for each in command_of(words).params if isinstance(each, click.Option)]

    assert [option.name for option in options if not option.help] == []


def test_a_command_that_the_documents_name_exists(checkout: Path) -> None:
    documents = [*checkout.glob("*.md"), *checkout.glob("data/examples/*/README.md")]
    named = {
        (path.name, name)
        for path in documents
        for name in re.findall(
            r"(?:bin/|`|^ +)kambook ([a-z]+)", path.read_text(encoding="utf-8"), re.MULTILINE
        )
    }

    assert len(named) >= 5
    assert {(path, name) for path, name in named if name not in cli.commands} == set()


def test_without_a_command_help_is_shown() -> None:
    ended = kambook()

    assert ended.code == 2
    assert "Commands:" in ended.err


##### What is refused ##################################################################################################


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["rnu"], "No such command 'rnu'"),
        (["run", "--perod", "2026-09"], "--period"),
        (["run", "--jobs", "0"], "'--jobs'"),
        (["run", "--from", "rendering"], "'rendering' is not one of 'ingest', 'validate'"),
        (["run", "--as-of", "2026-02-30"], "does not match the format '%Y-%m-%d'"),
        (["explain"], "Missing argument 'REFERENCE'"),
        (["ingest", "more"], "unexpected extra argument (more)"),
        (["ingest", "-p", "2026-13"], "KB-0201  --period: '2026-13' is not a period\n  nearest: 2026-09"),
        (["ingest", "-p", "September"], "KB-0201  --period: 'September' is not a period"),
        (
            ["ingest", "-p", "2026-09", "--as-of", "2026-09-22"],
            "KB-0202  --period and --as-of: exclude each other",
        ),
        (["run", "--only", "A-0001"], "KB-0206  --only: 'A-0001' names no client"),
        (["run", "--only", "manager:M-01"], "KB-0206  --only: 'manager:M-01' names no client"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_command_that_is_wrong_is_refused_before_anything_is_done(
    words: list[str], said: str, tmp_path: Path
) -> None:
    ended = kambook(*words, *(["-o", tmp_path] if words[0] in ("ingest", "run") else []))

    assert ended.code == 2
    assert said in ended.err
    assert ended.out == ""
    assert "Traceback" not in ended.err
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_no_workspace_is_said(tmp_path: Path) -> None:
    ended = kambook("run", "-w", tmp_path)

    assert ended.code == 10
    assert ended.err.startswith(
        f"KB-1010  kambook.toml: there is none in {tmp_path.name}\n  fix: kambook init"
    )


def test_settings_that_nobody_may_read_are_said(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    (place / "kambook.toml").chmod(0)

    ended = program("ingest", "-w", place, bound_by_permissions=True)

    assert ended.code == 10
    assert ended.err.startswith("KB-1007  kambook.toml: may not be written or read\n  fix: ")


##### Exit codes of the program ########################################################################################


def _console_script(*words: str, here: Path) -> int:
    script = Path(sys.executable).parent / "kambook"
    return subprocess.run([script, *words], capture_output=True, check=False, cwd=here).returncode


@pytest.mark.parametrize(
    ("words", "code"),
    [(["--version"], 0), (["rnu"], 2), (["ingest", "-p", "x"], 2), (["ingest", "-w", "nowhere"], 10), (["compute"], 2)],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)  # fmt: skip
def test_the_module_and_the_script_end_with_the_code_of_the_command(
    words: list[str], code: int, tmp_path: Path
) -> None:
    assert program(*words, here=tmp_path).code == code
    assert _console_script(*words, here=tmp_path) == code


def test_a_bug_keeps_its_traceback_and_ends_with_1(tmp_path: Path) -> None:
    source = (
        "import sys, pipeline.ingest\n"
        "def ingest(context): raise KeyError('a bug')\n"
        "pipeline.ingest.ingest = ingest\n"
        "from pipeline.__main__ import main; sys.exit(main())\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", source, "ingest", "-o", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "Traceback (most recent call last)" in ended.stderr
    assert ended.stderr.rstrip().endswith("KeyError: 'a bug'")


def test_a_run_that_is_interrupted_ends_with_130_and_leaves_nothing(tmp_path: Path) -> None:
    ended = stopped(r"^open .*/\.ingest\.tmp/raw/", "ingest", "-o", tmp_path, number=3, by=signal.SIGINT)

    run = tmp_path / "runs" / "2026-09"
    assert ended.code == 130
    assert "Traceback" not in ended.err
    assert sorted(path.name for path in run.iterdir()) == [".lock", "log.jsonl"]


def test_an_exit_of_any_kind_comes_through(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    environment = Environment(TODAY, tmp_path, tmp_path)
    for raised, code in ((SystemExit(3), 3), (SystemExit(), 0), (click.Abort(), 130)):

        def fail(*_: object, error: BaseException = raised, **__: object) -> None:
            raise error

        monkeypatch.setattr(cli_module.cli, "main", fail)
        assert main(environment, []) == code


##### Stages ###########################################################################################################


@pytest.mark.parametrize("stage", ["validate", "compute", "render", "deliver"])
def test_a_stage_before_its_turn_names_the_one_to_run_first(stage: str, tmp_path: Path) -> None:
    ended = kambook(stage, "-o", tmp_path)

    assert ended.code == 2
    assert ended.err.startswith("KB-0203  2026-09/")
    assert "(or kambook run) first" in ended.err


def test_each_stage_says_how_long_it_took_on_standard_error(tmp_path: Path) -> None:
    ended = kambook("ingest", "-w", company(tmp_path / "acme"))

    assert (ended.code, ended.out) == (0, "")
    assert ended.err.startswith("ingest")
    assert ended.err.endswith(" s\n")


def test_quiet_leaves_only_errors(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")

    assert kambook("ingest", "-w", place, "--quiet").err == ""
    assert kambook("compute", "-w", place, "--quiet").err.startswith("KB-0203")


def test_the_demo_writes_below_the_current_folder_and_not_into_itself(tmp_path: Path) -> None:
    before = {path: sha256_of_file(path) for path in files_below(DEMO)}
    assert kambook("ingest", here=tmp_path).code == 0

    assert (tmp_path / "runs" / "2026-09" / "tables" / "orders.parquet").is_file()
    assert {path: sha256_of_file(path) for path in files_below(DEMO)} == before


def test_a_workspace_writes_below_itself(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    assert kambook("ingest", "-w", place, here=tmp_path).code == 0

    assert (place / "runs" / "2026-09" / "raw" / "orders.csv").is_file()


def test_exports_and_output_may_lie_anywhere(tmp_path: Path) -> None:
    """Blanks and Chinese in every path, exports elsewhere, and the same tables for it."""
    place = company(tmp_path / "工作区 一")
    usual = tmp_path / "usual"
    assert kambook("ingest", "-w", place, "-o", usual).code == 0
    drop = tmp_path / "投放 文件夹"
    (place / "exports").rename(drop)

    ended = program("ingest", "-w", place, "--exports", drop, "-o", tmp_path / "输出 夹", here=tmp_path)

    assert ended.code == 0, ended.err
    assert contents(tmp_path / "输出 夹" / "runs" / "2026-09") == contents(usual / "runs" / "2026-09")
    assert not (place / "runs").exists()


def test_paths_may_be_relative(tmp_path: Path) -> None:
    company(tmp_path / "acme")
    shutil.move(tmp_path / "acme" / "exports", tmp_path / "drop")

    ended = program("ingest", "-w", "acme", "--exports", "drop", "-o", "out", here=tmp_path)

    assert ended.code == 0, ended.err
    assert (tmp_path / "out" / "runs" / "2026-09" / "tables" / "orders.parquet").is_file()


def test_the_period_names_the_folder(tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    for words, name in ((["-p", "2026Q3"], "2026Q3"), (["--as-of", "2026-09-22"], "2026-09-22")):
        assert kambook("ingest", "-w", place, *words).code == 0
        assert (place / "runs" / name / "tables").is_dir()


##### Catalogues #######################################################################################################


def test_metrics_are_listed_for_people_and_for_machines() -> None:
    listed = kambook("metrics")
    catalogue = json.loads(kambook("metrics", "--json").out)

    assert [line.split()[0] for line in listed.out.splitlines()] == [entry["name"] for entry in catalogue]
    assert sorted(entry["name"] for entry in catalogue) == sorted(METRICS.all())
    for entry in catalogue:
        assert (
            entry["meaning"].keys()
            == entry["formula"].keys()
            == entry["label"].keys() - {"zh-Hant"}
            == {"zh-Hans", "en"}
        )


def test_the_catalogue_document_is_written_and_checked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    missing = kambook("metrics", "--check")
    written = kambook("metrics", "--write")
    current = kambook("metrics", "--check")
    (tmp_path / "METRICS.md").write_text("old", encoding="utf-8")
    stale = kambook("metrics", "--check")

    assert [each.code for each in (missing, written, current, stale)] == [2, 0, 0, 2]
    assert stale.err == missing.err == "KB-0205  METRICS.md: is out of date\n  fix: make docs\n"


def test_mappings_are_listed_with_those_of_the_workspace(tmp_path: Path) -> None:
    (tmp_path / "sources").mkdir()
    (tmp_path / "sources" / "our_crm.toml").write_text("schema = 1\n")

    assert "generic" in kambook("sources", "list").out.split()
    assert {"generic", "our_crm"} <= set(kambook("sources", "list", "-w", tmp_path).out.split())


##### Explain ##########################################################################################################


def test_a_figure_is_explained_in_words(computed: Path) -> None:
    ended = kambook("explain", FIGURE, "-w", computed)

    assert ended.code == 0, ended.err
    assert "net_sales" in ended.out
    assert "2026-09" in ended.out


def test_a_figure_is_explained_to_machines_by_rows_that_add_up(computed: Path) -> None:
    ended = kambook("explain", "net_sales/customer:A-0001/month", "--json", "--rows", "-w", computed)
    found = json.loads(ended.out)

    assert ended.code == 0
    assert (found["metric"], found["subject_kind"], found["subject_id"]) == (
        "net_sales",
        "customer",
        "A-0001",
    )
    assert (found["window"], found["from_on"], found["until_on"]) == ("month", "2026-09-01", "2026-10-01")
    [fact] = found["facts"]
    assert fact["rows"] == len(fact["evidence"]) > 0
    assert sum(Decimal(str(row["amount"])) for row in fact["evidence"]) == Decimal(str(found["value"]))
    assert all(source.startswith("order_lines.csv:") for row in fact["evidence"] for source in row["from"])


def test_an_explanation_is_the_same_whoever_asks(computed: Path) -> None:
    ended = program("explain", FIGURE, "--json", "-w", computed)

    assert ended.code == 0, ended.err
    assert json.loads(ended.out) == json.loads(kambook("explain", FIGURE, "--json", "-w", computed).out)


@pytest.mark.parametrize(
    ("reference", "near"),
    [
        ("net_sales", None),
        ("net_sale/portfolio:all/month", "net_sales"),
        ("net_sales/portfolio/month", None),
        ("net_sales/portfolio:all/mnth", "month"),
        ("net_sales/portfolio:all/month/2026-13", None),
        ("net_sales/portfolio:all/month/1999-01", None),
        ("net_sales/customer:A-009/month", "A-0009"),
        ("net_sales/cutomer:A-0001/month", None),
        ("net_sales[bucket=1]/portfolio:all/month", None),
        ("documents/client/none.json#f1", None),
        ("", None),
        ("////", None),
        ("#", None),
    ],
)
def test_a_wrong_reference_says_what_is_wrong_with_it(
    reference: str, near: str | None, computed: Path
) -> None:
    ended = kambook("explain", reference, "-w", computed)

    assert ended.code == 2, ended.err
    assert ended.err.startswith("KB-02")
    assert "  fix: " in ended.err
    assert near is None or f"nearest: {near}" in ended.err


def test_without_readings_there_is_nothing_to_explain(tmp_path: Path) -> None:
    ended = kambook("explain", FIGURE, "-o", tmp_path)

    assert ended.code == 2
    assert ended.err.startswith("KB-0203")


def test_explaining_writes_nothing(computed: Path) -> None:
    before = contents(computed / "runs" / "2026-09")
    kambook("explain", FIGURE, "-w", computed)

    assert contents(computed / "runs" / "2026-09") == before


def test_a_log_names_no_client(computed: Path) -> None:
    log = (computed / "runs" / "2026-09" / "log.jsonl").read_text(encoding="utf-8")

    assert [name for name in client_names() if name in log] == []


def test_a_client_that_is_not_there_is_said(computed: Path) -> None:
    ended = kambook("run", "-w", computed, "--from", "render", "--only", "account:A-0006x")

    assert ended.code == 2
    assert ended.err.startswith(
        "KB-0207  --only A-0006x: is no account or customer of this run\n  nearest: A-0006\n"
    )


##### Doctor, demo #####################################################################################################


def test_the_doctor_says_of_each_check_how_it_stands(tmp_path: Path) -> None:
    ended = kambook("doctor", here=tmp_path)

    marks = [line[:4] for line in ended.out.splitlines() if not line.startswith(" ")]
    assert ended.code == 0, ended.out
    assert set(marks) <= {"ok  ", "warn"}
    assert len(marks) >= 8


def test_the_doctor_ends_with_10_where_something_fatal_is_missing(tmp_path: Path) -> None:
    ended = kambook("doctor", here=tmp_path, data_home=tmp_path / "empty")

    assert ended.code == 10
    assert "FAIL  fonts: missing" in ended.out
    assert "      fix: " in ended.out
    assert ended.err.startswith("KB-1041  this machine: fonts: ")


def test_the_doctor_looks_at_the_workspace_it_is_given(tmp_path: Path) -> None:
    ended = kambook("doctor", "-w", tmp_path)

    assert ended.code == 10
    assert "FAIL  workspace: " in ended.out


def test_the_demo_is_written_where_asked(tmp_path: Path) -> None:
    ended = kambook("demo", tmp_path / "演示", "--months", "13", "--seed", "1")

    assert (ended.code, ended.out) == (0, "")
    assert (tmp_path / "演示" / "kambook.toml").is_file()
    assert (tmp_path / "演示" / "exports" / "erp" / "销售订单.csv").is_file()


@pytest.mark.parametrize(("option", "value"), [("--accounts", 9), ("--months", 12), ("--lines", 0)])
def test_a_demo_too_small_for_its_stories_is_refused(option: str, value: int, tmp_path: Path) -> None:
    ended = kambook("demo", tmp_path / "x", option, value)

    assert ended.code == 2
    assert not (tmp_path / "x").exists()


def test_fonts_that_are_there_are_not_fetched_again(installed_fonts: Path) -> None:
    if not installed_fonts.is_dir():
        pytest.skip("the fonts are not installed: make setup")
    before = {path: path.stat().st_mtime_ns for path in installed_fonts.rglob("*")}

    assert kambook("fonts").code == 0
    assert {path: path.stat().st_mtime_ns for path in installed_fonts.rglob("*")} == before
