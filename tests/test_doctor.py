"""The doctor finds what is wrong with a machine, says what to type, and stops a run only where it must."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from pipeline import doctor, system
from pipeline.doctor import Check, Locked
from pipeline.errors import SettingsError

LOCK = """\
numpy==2.4.6 ; python_full_version < '3.12' \\
    --hash=sha256:aa
numpy==2.5.5 ; python_full_version >= '3.12' \\
    --hash=sha256:bb
colorama==0.4.6 ; sys_platform == 'win32' \\
    --hash=sha256:cc
ruamel-yaml==0.19.1 \\
    --hash=sha256:dd
"""


def all_checks(tmp_path: Path) -> dict[str, Check]:
    found = doctor.checks(
        font_folder=tmp_path / "fonts", workspace=tmp_path, output=tmp_path / "new" / "runs"
    )
    return {check.name: check for check in found}


def test_a_set_up_machine_has_only_what_this_folder_lacks_to_mend(tmp_path: Path) -> None:
    failed = {name for name, check in all_checks(tmp_path).items() if not check.ok}

    assert failed <= {"fonts", "workspace", "disk space"}
    assert {"fonts", "workspace"} <= failed


def test_every_check_that_can_fail_says_what_to_type(tmp_path: Path) -> None:
    can_fail = [
        *all_checks(tmp_path).values(),
        doctor.operating_system("darwin", "24.0"),
        doctor.operating_system("win32", "11"),
        doctor.python_version((3, 10, 1)),
        doctor.packages({}, ["nothing"], lambda _: None),
        *(doctor.system_library(library, is_there=False) for library in system.LIBRARIES),
    ]

    assert [check.name for check in can_fail if not check.ok and not check.fix] == []


def test_looking_is_quick_and_imports_nothing_heavy(tmp_path: Path) -> None:
    looked = f"""
import sys, time
from pathlib import Path
from pipeline import doctor
began = time.process_time()
doctor.checks(font_folder=Path({str(tmp_path)!r}), workspace=Path({str(tmp_path)!r}), output=Path({str(tmp_path)!r}))
took = time.process_time() - began
heavy = {{"pandas", "numpy", "great_expectations", "weasyprint", "pydantic", "rich"}} & sys.modules.keys()
print(sorted(heavy), took < 0.3)
"""
    said = subprocess.run([sys.executable, "-c", looked], capture_output=True, text=True, check=True).stdout

    assert said == "[] True\n"


@pytest.mark.parametrize(
    ("name", "release", "ok", "fatal"),
    [
        ("linux", "6.1.0", True, True),
        ("linux", "5.15.90.1-microsoft-standard-WSL2", True, True),
        ("darwin", "24.0", False, False),
        ("win32", "11", False, True),
    ],
)
def test_platforms(name: str, release: str, ok: bool, fatal: bool) -> None:
    check = doctor.operating_system(name, release)

    assert (check.ok, check.fatal) == (ok, fatal)
    assert ("WSL" in check.found) == ("microsoft" in release)


@pytest.mark.parametrize(("version", "ok"), [((3, 10, 14), False), ((3, 11, 0), True), ((3, 13, 1), True)])
def test_python_is_new_enough(version: tuple[int, ...], ok: bool) -> None:
    assert doctor.python_version(version).ok == ok


def test_a_lock_is_read_with_its_markers() -> None:
    assert doctor.locked_packages(LOCK) == {
        "numpy": Locked(frozenset({"2.4.6", "2.5.5"}), everywhere=False),
        "colorama": Locked(frozenset({"0.4.6"}), everywhere=False),
        "ruamel-yaml": Locked(frozenset({"0.19.1"}), everywhere=True),
    }


@pytest.mark.parametrize(
    ("installed", "ok", "fatal", "found"),
    [
        ({"numpy": "2.5.5", "ruamel-yaml": "0.19.1"}, True, False, "3 at their versions"),
        ({"numpy": "2.5.5"}, False, False, "locked but missing: ruamel-yaml"),
        ({"ruamel-yaml": "0.19.1"}, False, True, "missing: numpy"),
        ({"numpy": "2.3", "ruamel-yaml": "0.19.1"}, False, False, "not the locked version: numpy 2.3"),
        ({}, False, True, "missing: numpy; locked but missing: ruamel-yaml"),
    ],
)
def test_packages_are_compared_with_the_lock(
    installed: dict[str, str], ok: bool, fatal: bool, found: str
) -> None:
    check = doctor.packages(doctor.locked_packages(LOCK), ["numpy"], installed.get)

    assert (check.ok, check.fatal, check.found) == (ok, fatal, found)


def test_many_missing_packages_are_counted_not_listed() -> None:
    check = doctor.packages({}, list("abcdefgh"), lambda _: None)

    assert check.found == "missing: a, b, c, d, e and 3 more"


def test_the_library_that_embeds_fonts_is_fatal_with_the_command_for_it() -> None:
    check = doctor.system_library(system.HARFBUZZ_SUBSET, is_there=False)

    assert (check.name, check.ok, check.fatal) == ("libharfbuzz-subset", False, True)
    assert check.fix.endswith("apt-get install --yes --no-install-recommends libharfbuzz-subset0")


def test_a_workspace_needs_its_settings(tmp_path: Path) -> None:
    assert not doctor.readable_workspace(tmp_path).ok

    (tmp_path / "kambook.toml").write_text("schema = 1")
    assert doctor.readable_workspace(tmp_path).ok

    (tmp_path / "kambook.toml").unlink()
    (tmp_path / "kambook.toml").mkdir()
    assert not doctor.readable_workspace(tmp_path).ok


def test_an_output_folder_is_tried_where_it_would_be_made(tmp_path: Path) -> None:
    assert doctor.writable_output(tmp_path / "not" / "yet").ok
    assert list(tmp_path.iterdir()) == []

    refused = doctor.writable_output(Path("/proc/kambook"))  # takes no file even from root
    assert (refused.ok, refused.fatal) == (False, True)
    assert "/proc" in refused.found


@pytest.mark.parametrize(
    ("free", "ok", "fatal"),
    [(2 * 10**9, True, False), (999 * 10**6, False, False), (99 * 10**6, False, True)],
)
def test_little_space_is_said_and_none_stops(free: int, ok: bool, fatal: bool, tmp_path: Path) -> None:
    check = doctor.disk_space(free, tmp_path)

    assert (check.ok, check.fatal) == (ok, fatal)


def test_require_names_every_fatal_failure_and_no_other() -> None:
    with pytest.raises(SettingsError) as error:
        doctor.require(
            [
                Check("good", ok=True, fatal=True, found="fine"),
                Check("doubtful", ok=False, fatal=False, found="odd", fix="look"),
                Check("first", ok=False, fatal=True, found="gone", fix="type this"),
                Check("second", ok=False, fatal=True, found="broken", fix="type that"),
            ]
        )

    assert error.value.code == "KB-1041"
    assert error.value.what == "first: gone; second: broken"
    assert error.value.fix is not None
    assert error.value.fix.split() == "type this type that".split()


def test_require_lets_doubts_pass() -> None:
    doctor.require([Check("doubtful", ok=False, fatal=False, found="odd", fix="look")])
