"""The system libraries that PDFs need, and their installation by apt.

`make` runs this module with the system's own Python, before anything is installed: it imports the standard library
only, and stays readable to an old Python so that it can say that it is too old.
"""

from __future__ import annotations

import ctypes
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OLDEST_PYTHON = (3, 11)


@dataclass(frozen=True)
class Library:
    """A shared library: the names it may have, the Debian package that holds it, and what it is for."""

    names: tuple[str, ...]
    package: str
    purpose: str


PANGO = Library(("libpango-1.0.so.0", "libpango-1.0.dylib"), "libpango-1.0-0", "sets the text of a PDF")
PANGOFT2 = Library(
    ("libpangoft2-1.0.so.0", "libpangoft2-1.0.dylib"), "libpangoft2-1.0-0", "loads the fonts of a PDF"
)
HARFBUZZ_SUBSET = Library(
    ("libharfbuzz-subset.so.0", "libharfbuzz-subset.0.dylib"),
    "libharfbuzz-subset0",
    "embeds the fonts of a PDF (without it a Chinese document takes 15 to 35 s instead of 1 s)",
)
LIBRARIES = (PANGO, PANGOFT2, HARFBUZZ_SUBSET)


def loads(library: Library) -> bool:
    """Whether the library can be loaded under any of its names."""
    for name in library.names:
        try:
            ctypes.CDLL(name)
        except OSError:
            continue
        return True
    return False


def missing_packages() -> list[str]:
    """The Debian packages of what is missing on this machine, among them Python's own `venv`."""
    packages = [library.package for library in LIBRARIES if not loads(library)]
    if importlib.util.find_spec("ensurepip") is None:
        packages.append("python{}.{}-venv".format(*sys.version_info))
    return packages


def install_commands(packages: Sequence[str], *, prefix: Sequence[str] = ()) -> list[list[str]]:
    """The commands that install Debian packages: an index that was never fetched knows none of them."""
    apt_get = [
        *prefix,
        "env",
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "-qq",
        "-o",
        "DPkg::Lock::Timeout=120",
    ]
    return [[*apt_get, "update"], [*apt_get, "install", "--yes", "--no-install-recommends", *packages]]


def to_type(packages: Sequence[str], *, root: bool = False) -> str:
    """What a person types to install Debian packages."""
    sudo = "" if root else "sudo "
    return (
        f"{sudo}apt-get update && {sudo}apt-get install --yes --no-install-recommends {shlex.join(packages)}"
    )


def privilege(environ: Mapping[str, str], *, root: bool) -> list[str] | None:
    """What to put before a command so that it may install packages; None where nothing helps."""
    path = environ.get("PATH")
    if not shutil.which("apt-get", path=path):
        return None
    if root:
        return []
    sudo = shutil.which("sudo", path=path)
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n"]
    return None


def main(environ: Mapping[str, str]) -> int:
    """Install what is missing, or say what to type; 0 when all is there."""
    if sys.version_info < OLDEST_PYTHON:
        found = sys.version.split()[0]
        print(
            f"kambook needs Python 3.11 or newer, this is {found}. Type: make setup PYTHON=python3.11",
            file=sys.stderr,
        )
        return 1
    packages = missing_packages()
    if not packages:
        return 0
    root = os.geteuid() == 0
    prefix = privilege(environ, root=root)
    if prefix is not None:
        print(f"Installing system packages: {' '.join(packages)}", file=sys.stderr)
        for command in install_commands(packages, prefix=prefix):
            if subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode != 0:
                break
        packages = missing_packages()
    if packages:
        print(
            f"System packages are missing: {' '.join(packages)}. Type:\n  {to_type(packages, root=root)}",
            file=sys.stderr,
        )
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(os.environ))
