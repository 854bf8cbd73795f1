"""Whether this machine can make reports, each check with the fix to type.

Quick enough to start every run with: the versions of packages are read from their metadata, none is imported.
"""

from __future__ import annotations

import importlib.metadata
import platform
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pipeline import fonts, system
from pipeline.errors import SettingsError
from pipeline.intake.database_needs import database_entries, lacking

GIGABYTE = 10**9
LITTLE_SPACE = GIGABYTE
NO_SPACE = GIGABYTE // 10
INSTALL = "make setup (outside a checkout: install kambook again)"
_NAMED = 5
_PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?P<marker>\s*;)?", re.MULTILINE)
_NAME = re.compile(r"[A-Za-z0-9._-]+")


@dataclass(frozen=True)
class Check:
    """One thing looked at: what was `found`, what to type where it is not `ok`, and whether a run must stop."""

    name: str
    ok: bool
    fatal: bool
    found: str
    fix: str = ""


def checks(
    *, font_folder: Path, workspace: Path, output: Path, variables: Mapping[str, str] | None = None
) -> list[Check]:
    """Every check of this machine; `output` is the folder that will hold runs and state, which need not exist yet.

    `variables` is the environment, in which a mapping may say that the address of a database is kept.
    """
    return [
        operating_system(sys.platform, platform.release()),
        python_version(sys.version_info[:3]),
        packages(*_declared(), _version_of),
        *(system_library(library, is_there=system.loads(library)) for library in system.LIBRARIES),
        font_files(font_folder, are_there=fonts.installed(font_folder)),
        readable_workspace(workspace),
        *databases(workspace, variables or {}, _version_of),
        writable_output(output),
        disk_space(shutil.disk_usage(_existing(output)).free, _existing(output)),
    ]


def require(found: Iterable[Check]) -> None:
    """Stop where a fatal check failed. SettingsError KB-1041 names each such check with its fix."""
    failed = [check for check in found if check.fatal and not check.ok]
    if failed:
        raise SettingsError(
            where="this machine",
            what="; ".join(f"{check.name}: {check.found}" for check in failed),
            fix="\n       ".join(dict.fromkeys(check.fix for check in failed)),
            code="KB-1041",
        )


def operating_system(name: str, release: str) -> Check:
    """Linux is supported and so is Windows' Linux; macOS works as far as it goes."""
    if name == "linux":
        found = "Linux (WSL)" if "microsoft" in release.lower() else "Linux"
        return Check("platform", ok=True, fatal=True, found=found)
    if name == "darwin":
        fix = "use Linux or a container for documents that are sent"
        return Check("platform", ok=False, fatal=False, found="macOS: works as far as it goes", fix=fix)
    fix = "use Linux, a container, or WSL on Windows"
    return Check("platform", ok=False, fatal=True, found=f"{name} is not supported", fix=fix)


def python_version(version: tuple[int, ...]) -> Check:
    """Python 3.11 or newer."""
    return Check(
        "Python",
        ok=version >= system.OLDEST_PYTHON,
        fatal=True,
        found=".".join(map(str, version)),
        fix="make setup PYTHON=python3.11",
    )


@dataclass(frozen=True)
class Locked:
    """What the lock says of a package: several versions where they depend on the machine, and whether all need it."""

    versions: frozenset[str]
    everywhere: bool


def locked_packages(lock: str) -> dict[str, Locked]:
    """What a requirements.lock holds: package → versions."""
    pins: dict[str, list[re.Match[str]]] = {}
    for pin in _PIN.finditer(lock):
        pins.setdefault(pin["name"], []).append(pin)
    return {
        name: Locked(
            frozenset(pin["version"] for pin in found), everywhere=not all(pin["marker"] for pin in found)
        )
        for name, found in pins.items()
    }


def packages(
    locked: Mapping[str, Locked], needed: Iterable[str], version_of: Callable[[str], str | None]
) -> Check:
    """Every package at a version the lock names; only a missing one that the program itself needs is fatal.

    Tools of development may be absent, and another version still makes reports, though not the same bytes.
    """
    versions = {name: version_of(name) for name in [*locked, *needed]}
    lacking = [name for name in needed if versions[name] is None]
    absent = [
        name
        for name, pin in locked.items()
        if versions[name] is None and pin.everywhere and name not in lacking
    ]
    other = [
        f"{name} {versions[name]}"
        for name, pin in locked.items()
        if versions[name] is not None and versions[name] not in pin.versions
    ]
    faults = {"missing": lacking, "locked but missing": absent, "not the locked version": other}
    return Check(
        "packages",
        ok=not any(faults.values()),
        fatal=bool(lacking),
        found="; ".join(f"{fault}: {_shortened(names)}" for fault, names in faults.items() if names)
        or f"{len(versions)} at their versions",
        fix=INSTALL,
    )


def system_library(library: system.Library, *, is_there: bool) -> Check:
    """A shared library that the renderer loads."""
    return Check(
        library.names[0].partition(".so")[0],
        ok=is_there,
        fatal=True,
        found="loads" if is_there else f"not found; it {library.purpose}",
        fix=system.to_type([library.package]),
    )


def font_files(folder: Path, *, are_there: bool) -> Check:
    """The fonts of the built-in brands: without them a document would fall back to another typeface."""
    found = str(folder) if are_there else f"missing or incomplete in {folder}"
    return Check("fonts", ok=are_there, fatal=True, found=found, fix=fonts.FIX)


def readable_workspace(workspace: Path) -> Check:
    """A folder with a `kambook.toml` that this user may read."""
    settings = workspace / "kambook.toml"
    try:
        settings.read_bytes()
    except FileNotFoundError:
        found, fix = f"{settings} does not exist", f"kambook init {shlex.quote(str(workspace))}, or -w DIR"
    except OSError as error:
        found, fix = f"{settings}: {error.strerror}", f"chmod u+r {shlex.quote(str(settings))}"
    else:
        return Check("workspace", ok=True, fatal=True, found=str(workspace))
    return Check("workspace", ok=False, fatal=True, found=found, fix=fix)


def databases(
    workspace: Path, variables: Mapping[str, str], version_of: Callable[[str], str | None]
) -> list[Check]:
    """Of a workspace that reads databases what they need; not fatal, as a run may repeat an earlier one without them."""
    entries = database_entries(workspace)
    if not entries:
        return []
    found = list(lacking(entries, variables, workspace, version_of))
    told = "; ".join(what for what, _ in found) or f"{len(entries)} with an address"
    fix = "\n           ".join(dict.fromkeys(fix for _, fix in found))
    return [Check("databases", ok=not found, fatal=False, found=told, fix=fix)]


def writable_output(output: Path) -> Check:
    """A folder that takes a file, found out by writing one: permissions alone do not tell of a read-only disk."""
    folder = _existing(output)
    try:
        with tempfile.TemporaryFile(dir=folder) as trial:
            trial.write(b"kambook")
    except OSError as error:
        fix = f"chmod u+rwx {shlex.quote(str(folder))}, or another folder with -o DIR"
        return Check("output", ok=False, fatal=True, found=f"{folder}: {error.strerror}", fix=fix)
    return Check("output", ok=True, fatal=True, found=str(output))


def disk_space(free: int, folder: Path) -> Check:
    """Bytes left where the runs are written: below 100 MB a run stops before it begins, below 1 GB it says so."""
    return Check(
        "disk space",
        ok=free >= LITTLE_SPACE,
        fatal=free < NO_SPACE,
        found=f"{free / GIGABYTE:.1f} GB free in {folder}",
        fix="free some space, kambook clean, or another folder with -o DIR",
    )


def _declared() -> tuple[dict[str, Locked], list[str]]:
    """The packages of the checkout's lock (none in an installation without one), and those this distribution needs."""
    lock = Path(__file__).parent.parent / "requirements.lock"
    locked = locked_packages(lock.read_text(encoding="utf-8")) if lock.is_file() else {}
    try:
        requirements = importlib.metadata.requires("kambook") or []
    except importlib.metadata.PackageNotFoundError:
        requirements = []
    needed = [_NAME.match(requirement) for requirement in requirements if "extra ==" not in requirement]
    return locked, [found[0] for found in needed if found]


def _version_of(package: str) -> str | None:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return None


def _existing(folder: Path) -> Path:
    """The folder itself, or the nearest one above it that exists: where the folder would be made."""
    absolute = folder.absolute()
    return next(path for path in (absolute, *absolute.parents) if path.is_dir())


def _shortened(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more" if more > 0 else "")
