"""The drop folder: which exports lie there, inside archives too, and how they are copied as they came.

Archives are untrusted: a member that points outside, that is encrypted, or that unpacks beyond what a real export
would is refused. Nothing is ever unpacked to disk.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol

from pipeline.errors import SourceError, nearest
from pipeline.intake.kinds import UNREADABLE
from pipeline.intake.mapping import FileRule
from pipeline.store import sha256_of_file

SIZE_LIMIT = 2 << 30
"""Bytes of one export, unpacked: some thirty million rows."""

RATIO_LIMIT = 200
"""How many times its packed size it may unpack to, once it is bigger than `RATIO_FROM`."""

RATIO_FROM = 16 << 20
MEMBERS_LIMIT = 10_000
"""Files in one archive."""

_LINK = 0o120000
_CHUNK = 1 << 18
_OWN_FILES = ("inputs.json",)
"""Files that kambook itself writes beside raw copies, so that a run can be repeated from its own `raw/`."""

RESULTS = "from-databases"
"""The folder below `raw/` of what databases answered; a folder of this name holds no exports."""


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


class _Packed(Protocol):
    def tell(self) -> int: ...


@dataclass(frozen=True, order=True)
class Export:
    """One export: a file below the drop folder, or a member of a zip there. Paths are relative, with `/`."""

    path: str
    member: str = ""

    @property
    def source(self) -> str:
        """How rows name it: `deals.csv`, `march.zip!crm/deals.csv`."""
        return f"{self.path}!{self.member}" if self.member else self.path


def exports_in(folder: Path) -> tuple[Export, ...]:
    """Every export below the drop folder, sorted. SourceError KB-1119 where there is no such folder."""
    if not folder.is_dir():
        raise SourceError(
            where=f"drop folder {folder.name}",
            what="does not exist",
            fix="make it and put the exports there, or name another one with --exports DIR",
            code="KB-1119",
        )
    paths = [path.relative_to(folder) for path in folder.rglob("*") if path.is_file()]
    visible = [path.as_posix() for path in paths if not any(_is_hidden(part) for part in path.parts)]
    found = [
        Export(path) for path in visible if path not in _OWN_FILES and not path.startswith(f"{RESULTS}/")
    ]
    packed = [
        member
        for export in found
        if export.path.lower().endswith(".zip")
        for member in _members(folder, export)
    ]
    return tuple(sorted([*found, *packed]))


def _is_hidden(name: str) -> bool:
    """Files that no one exported: lock files of office programs, folders of the system."""
    return name.startswith((".", "~$")) or name == "__MACOSX"


def _members(folder: Path, export: Export) -> list[Export]:
    with _opened(folder / export.path, export) as archive:
        infos = [info for info in archive.infolist() if not info.is_dir()]
    if len(infos) > MEMBERS_LIMIT:
        raise _unsafe(export, f"has {len(infos):,} members")
    if any(info.external_attr >> 16 & 0o170000 == _LINK for info in infos):
        raise _unsafe(export, "has a member that is a link")
    names = [_name_of(info) for info in infos]
    if any(_points_outside(name) for name in names):
        raise _unsafe(export, "has a member with an absolute path or one that leads outside")
    if len(set(names)) < len(names):
        raise _unsafe(export, "has two members of the same name")
    return [
        Export(export.path, name) for name in names if not any(map(_is_hidden, PurePosixPath(name).parts))
    ]


def _points_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or any(":" in part for part in path.parts[:1])


def _name_of(info: zipfile.ZipInfo) -> str:
    """A member's name; zips from Chinese Windows hold it in GB18030 without saying so."""
    if info.flag_bits & 0x800:
        return info.filename
    try:
        return info.filename.encode("cp437").decode("utf-8")
    except UnicodeEncodeError:
        return info.filename
    except UnicodeDecodeError:
        return info.filename.encode("cp437").decode("gb18030", errors="replace")


def matching(exports: Iterable[Export], rule: FileRule) -> tuple[Export, ...]:
    """The exports that a file entry means: by path below the folder, in a zip by path or name; `.gz` left aside."""
    return tuple(export for export in exports if any(_matches(export, pattern) for pattern in rule.path))


def _matches(export: Export, pattern: str) -> bool:
    if not export.member:
        return _fits(export.path, pattern)
    name = PurePosixPath(export.member).name
    return _fits(export.member, pattern) or ("/" not in pattern and _fits(name, pattern))


def _fits(path: str, pattern: str) -> bool:
    """Whether a path fits a glob in which `*` stays within one folder."""
    return any(
        _fits_exactly(name.split("/"), pattern.split("/")) for name in {path, path.removesuffix(".gz")}
    )


def _fits_exactly(parts: list[str], patterns: list[str]) -> bool:
    if not patterns or not parts:
        return not patterns and not parts
    if patterns[0] == "**":
        return _fits_exactly(parts, patterns[1:]) or _fits_exactly(parts[1:], patterns)
    return fnmatchcase(parts[0], patterns[0]) and _fits_exactly(parts[1:], patterns[1:])


def missing(rule: FileRule, entry: str, mapping: str, exports: Iterable[Export]) -> SourceError:
    """The error KB-1106 of an entry for which no export lies in the drop folder; the nearest file is named."""
    names = [export.source for export in exports]
    pattern = rule.path[0]
    close = nearest(PurePosixPath(pattern).name.replace("*", ""), names) if names else None
    return SourceError(
        where=f"sources/{mapping}.toml: files.{entry}",
        what=f"no file in the drop folder fits {' or '.join(rule.path)}",
        nearest=close or ", ".join(names[:10]) or "the drop folder is empty",
        fix=f"put the export there, correct path in files.{entry}, or say optional = true",
        code="KB-1106",
    )


def copied(folder: Path, path: str, expected: str, destination: Path) -> None:
    """Copy a file and prove the copy: SourceError KB-1111 where its bytes are not those of the hash `expected`."""
    source, target = folder / path, destination / path
    target.parent.mkdir(parents=True, exist_ok=True)
    read = hashlib.sha256()
    with source.open("rb") as reader, target.open("wb") as writer:
        while chunk := reader.read(_CHUNK):
            read.update(chunk)
            writer.write(chunk)
        writer.flush()
        os.fsync(writer.fileno())
    if not expected == read.hexdigest() == sha256_of_file(target):
        raise SourceError(
            where=path,
            what="changed while it was read",
            fix="wait until the export is complete, then run again",
            code="KB-1111",
        )


def content(folder: Path, export: Export) -> bytes:
    """An export's bytes, unpacked. SourceError KB-1109 (unsafe archive, or too large) or KB-1107 (damaged)."""
    path = folder / export.path
    try:
        if export.member:
            return _unpacked_again(_from_zip(path, export), export)
        if path.suffix.lower() == ".gz":
            with path.open("rb") as packed:
                return _gunzipped(packed, export)
        with path.open("rb") as stream:
            return _limited(stream, stream, 0, export)
    except (*UNREADABLE, EOFError, zlib.error, lzma.LZMAError) as error:
        raise _damaged(export) from error
    except OSError as error:
        if error.errno is not None:  # the disk, not the data
            raise
        raise _damaged(export) from error


def _damaged(export: Export) -> SourceError:
    return SourceError(
        where=export.source,
        what="is damaged or incomplete, it cannot be unpacked",
        fix="export or copy it again",
        code="KB-1107",
    )


def _gunzipped(packed: BinaryIO, export: Export) -> bytes:
    with gzip.open(packed) as stream:
        return _limited(stream, packed, 0, export)


def _unpacked_again(data: bytes, export: Export) -> bytes:
    """A member of a zip, unpacked where it is packed itself."""
    return _gunzipped(io.BytesIO(data), export) if export.member.lower().endswith(".gz") else data


def check_workbook(data: bytes, export: Export) -> None:
    """Refuse a workbook (itself a zip) that would unpack beyond what a real one does. KB-1109."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return
    with _opened(io.BytesIO(data), export) as archive:
        size = sum(info.file_size for info in archive.infolist())
    _within_limits(size, len(data), export)


def _from_zip(path: Path, export: Export) -> bytes:
    with path.open("rb") as packed, _opened(packed, export) as archive:
        info = next(info for info in archive.infolist() if _name_of(info) == export.member)
        if info.header_offset < 0:  # bytes are missing before it
            raise _damaged(export)
        if info.flag_bits & 0x1:
            raise _unsafe(export, "is encrypted")
        try:
            with archive.open(info) as stream:
                return _limited(stream, packed, info.header_offset, export)
        except NotImplementedError as error:
            raise _unsafe(export, "is packed by a method that is not known") from error


def _opened(packed: Path | BinaryIO, export: Export) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(packed)
    except UNREADABLE as error:
        raise SourceError(
            where=export.path, what="is not a zip archive", fix="export or copy it again", code="KB-1107"
        ) from error
    if not all(info.filename for info in archive.infolist()):
        archive.close()
        raise _damaged(Export(export.path))
    return archive


def _limited(stream: _Readable, packed: _Packed, start: int, export: Export) -> bytes:
    """Everything in a stream, counted while it is unpacked against what was read for it, whatever its header claims."""
    chunks: list[bytes] = []
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        _within_limits(size, packed.tell() - start, export)
        chunks.append(chunk)
    return b"".join(chunks)


def _within_limits(size: int, packed: int, export: Export) -> None:
    if size > SIZE_LIMIT:
        raise _unsafe(export, f"is larger than {SIZE_LIMIT >> 30} GB")
    if size > RATIO_FROM and size > RATIO_LIMIT * max(packed, 1):
        raise _unsafe(export, "unpacks to far more than an export would")


def _unsafe(export: Export, what: str) -> SourceError:
    return SourceError(
        where=export.source,
        what=f"{what}; it was not opened",
        fix="unpack it yourself, look at it, and put the files into the drop folder",
        code="KB-1109",
    )
