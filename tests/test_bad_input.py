"""Whatever is wrong with what a run is given: one message that says what to do, its exit code, and nothing is lost."""

from __future__ import annotations

import errno
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import store
from pipeline.run import STAGES as CHAIN
from tests.commands import (
    DATA_HOME,
    HERE,
    Finished,
    client_names,
    company,
    contents,
    finished_company,
    kambook,
    program,
)

Spoil = Callable[[Path], object]
PERIOD = "2026-09"
RUN = Path("runs") / PERIOD
MESSAGE = re.compile(r"KB-\d{4}  \S.*: .+\n(  nearest: .+\n)?  fix: .+\n(       .+\n)*")


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a finished run."""
    return finished_company(tmp_path_factory.getbasetemp())


@pytest.fixture
def place(finished: Path, tmp_path: Path) -> Path:
    """A copy of it to spoil."""
    return Path(shutil.copytree(finished, tmp_path / "acme"))


def through(place: Path, *options: object) -> int:
    """All stages, each by its own command; the exit code of the first that stops, else of the last."""
    code = 0
    for stage in CHAIN:
        code = kambook(stage, "-w", place, *HERE, *options).code
        if code not in (0, 3):
            break
    return code


def stopping(place: Path, *options: object) -> Finished:
    """What the first stage says that stops."""
    for stage in CHAIN:
        ended = kambook(stage, "-w", place, "--quiet", *options)
        if ended.code not in (0, 3):
            return ended
    pytest.fail("nothing stopped")


def assert_said(ended: Finished, exit_code: int, code: str, *words: str, run: Path | None = None) -> None:
    """One message of that code: where, what, and a fix; no traceback, and no name of a client in it or in the log."""
    log = run / "log.jsonl" if run else None
    said = ended.out + ended.err + (log.read_text(encoding="utf-8") if log and log.exists() else "")

    assert ended.code == exit_code, ended.err
    assert MESSAGE.fullmatch(ended.err), ended.err
    assert ended.err.startswith(f"{code}  ")
    assert [word for word in words if word not in ended.err] == []
    assert [name for name in client_names() if name in said] == []


def edit(name: str, old: str, new: str, count: int = -1) -> Spoil:
    """Replace text in a file of the workspace."""

    def spoil(place: Path) -> None:
        text = (place / name).read_text(encoding="utf-8")
        assert old in text
        (place / name).write_text(text.replace(old, new, count), encoding="utf-8")

    return spoil


def only_header(name: str) -> Spoil:
    def spoil(place: Path) -> None:
        path = place / "exports" / name
        path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")

    return spoil


def gone(name: str) -> Spoil:
    return lambda place: (place / "exports" / name).unlink()


def renamed(old: str, new: str) -> Spoil:
    return lambda place: (place / "exports" / old).rename(place / "exports" / new)


##### Exports ##########################################################################################################

UNREADABLE = {
    "missing file": (gone("accounts.csv"), 11, "KB-1106", ["files.accounts", "accounts*.csv", "put the export there"]),
    "misnamed file": (renamed("accounts.csv", "acounts.csv"), 11, "KB-1106", ["nearest: acounts.csv"]),
    "missing sales": (gone("orders.csv"), 11, "KB-1114", ["orders, invoices, contracts, opportunities"]),
    "no drop folder": (lambda place: shutil.rmtree(place / "exports"), 11, "KB-1119", ["exports", "--exports DIR"]),
    "empty drop folder": (
        lambda place: [path.unlink() for path in (place / "exports").iterdir()],
        11, "KB-1106", ["nearest: the drop folder is empty"],
    ),
    "renamed key": (
        edit("exports/accounts.csv", "account_id,", "acount_id,", 1),
        11, "KB-1103", ["accounts.csv", "'account_id'", "nearest: acount_id"],
    ),
    "renamed date": (
        edit("exports/orders.csv", "ordered_on", "order_day", 1), 11, "KB-1103", ["orders.csv", "'ordered_on'"],
    ),
    "renamed account": (
        edit("exports/orders.csv", "account_id", "client", 1), 11, "KB-1103", ["orders.csv", "'account_id'"],
    ),
    "export without rows": (only_header("orders.csv"), 12, "KB-1230", ["orders", "no rows", "export it again"]),
    "accounts without rows": (only_header("accounts.csv"), 12, "KB-1230", ["accounts.csv", "no rows"]),
    "file of no bytes": (
        lambda place: (place / "exports" / "orders.csv").write_bytes(b""), 11, "KB-1114", ["files without rows: orders.csv"],
    ),
    "a web page": (
        lambda place: (place / "exports" / "orders.csv").write_text("<html><body>Sign in</body></html>"),
        11, "KB-1103", ["orders.csv"],
    ),
    "no text": (
        lambda place: (place / "exports" / "orders.csv").write_bytes(bytes(range(256)) * 40), 11, "KB-1108", ["orders.csv"],
    ),
    "another kind of file": (
        lambda place: (place / "exports" / "orders.csv").write_bytes(b"%PDF-1.7\n"), 11, "KB-1107", ["orders.csv", "is a PDF"],
    ),
    "a cell that is a file": (
        edit("exports/orders.csv", "\n", "\n" + "x" * (5 << 20), 1), 11, "KB-1132", ["orders.csv", "a cell of"],
    ),
    "unknown mapping": (
        edit("kambook.toml", '"generic"', '"genric"'), 11, "KB-1101", ["kambook.toml", "'genric'", "nearest: generic"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "exit_code", "code", "words"), UNREADABLE.values(), ids=UNREADABLE)
def test_an_export_that_cannot_be_read_leaves_the_run_as_it_was(
    spoil: Spoil, exit_code: int, code: str, words: list[str], place: Path, finished: Path
) -> None:
    before = contents(place / RUN)
    spoil(place)
    ended = kambook("ingest", "-w", place)

    assert_said(ended, exit_code, code, *words, run=place / RUN)
    assert contents(place / RUN) == before

    shutil.rmtree(place / "exports", ignore_errors=True)
    shutil.copytree(finished / "exports", place / "exports")
    shutil.copy(finished / "kambook.toml", place)
    assert kambook("ingest", "-w", place).code == 0
    assert contents(place / RUN) == before


UNUSABLE = {
    "all rows in quarantine": (
        edit("exports/orders.csv", ",A-0", ",B-0"), "KB-1214", ["orders", "rows are in quarantine", "account_is_known"],
    ),
    "too many unreadable rows": (
        edit("exports/orders.csv", ",CNY,20", ",CNY,X20"), "KB-1214", ["ordered_on_can_be_read", "quarantine_limit_pct"],
    ),
    "exports that stopped": (
        edit("exports/orders.csv", ",2026-09", ",2026-07"), "KB-1212", ["orders.ordered_on", "exports end on"],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("spoil", "code", "words"), list(UNUSABLE.values())[:1], ids=list(UNUSABLE)[:1])
def test_data_that_may_not_be_used_stops_what_follows_and_a_mended_export_makes_the_same_run(
    spoil: Spoil, code: str, words: list[str], place: Path, finished: Path
) -> None:
    before = contents(place / RUN)
    spoil(place)
    ended = stopping(place)

    assert_said(ended, 12, code, *words, run=place / RUN)
    assert (place / RUN / "quality" / "index.html").is_file()  # what was found can be read
    kept = {
        name: made for name, made in before.items() if not name.startswith(("raw/", "tables/", "quality/"))
    }
    assert kept.items() <= contents(place / RUN).items()
    for stage in CHAIN[2:]:
        assert_said(kambook(stage, "-w", place), 2, "KB-0203", "(or kambook run) first")

    shutil.copytree(finished / "exports", place / "exports", dirs_exist_ok=True)
    assert through(place) == 3
    assert contents(place / RUN) == before


@pytest.mark.parametrize(("spoil", "code", "words"), list(UNUSABLE.values())[1:], ids=list(UNUSABLE)[1:])
def test_data_that_may_not_be_used_is_said(spoil: Spoil, code: str, words: list[str], tmp_path: Path) -> None:
    place = company(tmp_path / "acme")
    spoil(place)

    assert_said(stopping(place), 12, code, *words, run=place / RUN)


def test_stale_exports_name_the_month_they_reach(place: Path) -> None:
    before = contents(place / RUN)
    ended = stopping(place, "-p", "2027-03")

    assert_said(
        ended, 12, "KB-1212", "exports end on 2026-09-30", "run -p 2026-09", run=place / "runs" / "2027-03"
    )
    assert contents(place / RUN) == before


@pytest.mark.parametrize(
    "period", ["2026-13", "2026Q5", "26-09", "last month", "2026-9", "0000-01", "9999-12", "9999"]
)
def test_a_period_that_there_is_not_is_refused(period: str, place: Path) -> None:
    before = contents(place)
    ended = kambook("ingest", "-w", place, "-p", period)

    assert_said(ended, 2, "KB-0201", "--period", "2026-09")
    assert contents(place) == before


##### Fonts ############################################################################################################


@pytest.fixture
def data_home(tmp_path: Path, installed_fonts: Path) -> Path:
    """A copy of the user's data folder with the fonts."""
    if not installed_fonts.is_dir():
        pytest.skip("the fonts are not installed: make setup")
    home = tmp_path / "data"
    shutil.copytree(installed_fonts, home / installed_fonts.relative_to(DATA_HOME))
    return home


def _first_font(home: Path) -> Path:
    return next(path for path in sorted(home.rglob("*")) if path.suffix == ".ttf")


@pytest.mark.parametrize(
    "spoil",
    [
        shutil.rmtree,
        lambda home: _first_font(home).unlink(),
        lambda home: _first_font(home).write_bytes(_first_font(home).read_bytes()[:1000]),
    ],
    ids=["no fonts", "one missing", "one damaged"],
)
def test_a_missing_font_stops_a_run_before_it_begins(spoil: Spoil, place: Path, data_home: Path) -> None:
    before = contents(place)
    spoil(data_home)
    ended = kambook("run", "-w", place, data_home=data_home)

    assert_said(ended, 10, "KB-1041", "fonts", "kambook fonts")
    assert contents(place) == before


def test_without_fonts_no_document_is_begun(place: Path, tmp_path: Path) -> None:
    before = contents(place)
    ended = kambook("render", "-w", place, *HERE, data_home=tmp_path / "empty")

    assert_said(ended, 10, "KB-1031", "fonts", "kambook fonts", run=place / RUN)
    assert contents(place) == before


##### Folders that may not be written ##################################################################################


def test_a_run_folder_that_may_not_be_written_is_said(place: Path) -> None:
    before = contents(place / RUN)
    (place / "exports" / "notes.txt").write_text("so that there is something to do")
    (place / RUN).chmod(0o555)
    ended = program("ingest", "-w", place, "--quiet", bound_by_permissions=True)
    (place / RUN).chmod(0o755)

    assert_said(ended, 10, "KB-1007", "may not be written", "-o DIR")
    assert contents(place / RUN) == before


def test_an_output_folder_that_may_not_be_written_stops_a_run_before_it_begins(
    place: Path, tmp_path: Path
) -> None:
    (tmp_path / "out").mkdir(mode=0o555)
    ended = program("run", "-w", place, "-o", tmp_path / "out", bound_by_permissions=True)

    assert_said(ended, 10, "KB-1041", "output", "Permission denied", "-o DIR")
    assert list((tmp_path / "out").iterdir()) == []


def test_an_export_that_may_not_be_read_is_said(place: Path) -> None:
    before = contents(place / RUN)
    (place / "exports" / "orders.csv").chmod(0)
    ended = program("ingest", "-w", place, "--quiet", bound_by_permissions=True)

    assert_said(ended, 10, "KB-1007", "orders.csv", "change its permissions")
    assert contents(place / RUN) == before


def test_a_file_in_the_place_of_the_output_is_said(tmp_path: Path) -> None:
    (tmp_path / "report.txt").write_text("mine")
    ended = kambook("ingest", "-w", company(tmp_path / "acme"), "-o", tmp_path / "report.txt")

    assert_said(ended, 10, "KB-1008", "report.txt", "-o DIR")
    assert (tmp_path / "report.txt").read_text() == "mine"


##### Disks ############################################################################################################


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of its own, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=48m", "tmpfs", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    if mounted.returncode:
        pytest.skip(f"no disk can be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


def fill(disk: Path, leave: int) -> Path:
    """A file that takes all the disk's room but `leave` bytes."""
    ballast = disk / "ballast"
    free = os.statvfs(disk)
    with ballast.open("wb") as stream:
        os.posix_fallocate(stream.fileno(), 0, free.f_bavail * free.f_frsize - leave)
    return ballast


@pytest.mark.slow
def test_a_disk_that_fills_up_in_any_stage_loses_nothing(disk: Path, finished: Path) -> None:
    run = disk / RUN
    options = ("-w", finished, "-o", disk, *HERE)
    for stage in CHAIN:
        before = contents(run) if run.exists() else {}
        ballast = fill(disk, leave=16_384 if stage != "deliver" else 4096)
        ended = kambook(stage, *options)
        assert_said(ended, 10, "KB-1006", "the disk is full", "free space")
        after = contents(run)
        ballast.unlink()

        assert after == before
        assert not list(run.glob(".*.tmp"))
        assert kambook(stage, *options).code in (0, 3)

    assert contents(run) == contents(finished / RUN)


def test_a_run_does_not_begin_on_a_disk_that_is_almost_full(disk: Path, place: Path) -> None:
    ended = kambook("run", "-w", place, "-o", disk)

    assert_said(ended, 10, "KB-1041", "disk space", "free some space")
    assert list(disk.iterdir()) == []


def test_a_disk_that_is_read_only_is_said(disk: Path, finished: Path) -> None:
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = kambook("ingest", "-w", finished, "-o", disk)

    assert_said(ended, 10, "KB-1007", "may not be written", "-o DIR")


@pytest.mark.parametrize("stage", CHAIN)
def test_an_injected_full_disk_leaves_the_stage_as_it_was(
    stage: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no disk can be mounted: the system refuses the first file that is to be made safe."""
    before = contents(place / RUN)
    done = store.STAGES[stage].done_file(place / RUN)
    store.write_json(done, {**store.read_json(done), "key": "outdated"})
    outdated = contents(place / RUN)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", full)
        ended = kambook(stage, "-w", place, *HERE)

    assert_said(ended, 10, "KB-1006", "the disk is full")
    assert contents(place / RUN) == outdated
    assert not list((place / RUN).glob(".*.tmp"))
    if stage in ("ingest", "deliver"):  # the others take longer, and are resumed in test_resume
        assert kambook(stage, "-w", place).code in (0, 3)
        assert contents(place / RUN) == before
