"""What a file is by its first bytes, whatever its name says. Pure."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Callable

from pipeline.errors import SourceError

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_STARTS = (
    (_OLE, "a workbook (XLS)"),
    (b"PAR1", "a Parquet file"),
    (b"\x1f\x8b", "packed with gzip"),
    (b"BZh", "packed with bzip2"),
    (b"\xfd7zXZ\0", "packed with xz"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (b"Rar!", "a RAR archive"),
    (b"%PDF", "a PDF"),
    (b"SQLite format 3", "a database (SQLite)"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
)
_FIXES = {
    "a workbook (XLSX)": 'say format = "xlsx" in the mapping',
    "a workbook (ODS)": 'say format = "ods" in the mapping',
    "a workbook (XLS)": 'say format = "xls" in the mapping',
    "a Parquet file": 'say format = "parquet" in the mapping',
    "a web page": "log in and export again, or open it in an office program and save it as a workbook",
    "text": 'say format = "csv" in the mapping',
}
_UNPACK = "unpack it and put the files into the drop folder; only .zip and .gz are opened"
_EXPORT = "export again, as CSV or as a workbook"
TEXTS = frozenset({"csv", "json", "jsonl"})
WORKBOOKS = frozenset({"xlsx", "xlsm", "xls", "ods"})
_FITTING: dict[str, Callable[[str], bool]] = {
    **dict.fromkeys(("parquet", "sql"), lambda kind: kind == "a Parquet file"),
    **dict.fromkeys(WORKBOOKS, lambda kind: kind.startswith("a workbook")),
    **dict.fromkeys(TEXTS, lambda kind: kind in ("text", "a web page")),
}
UNREADABLE = (zipfile.BadZipFile, NotImplementedError, UnicodeDecodeError, struct.error)
"""What the directory of a damaged zip archive makes its reader raise."""


def kind_of(data: bytes) -> str:
    """What the bytes are, in words; "text" where nothing says otherwise."""
    if data.startswith(b"PK\x03\x04"):
        return _kind_of_zip(data)
    known = next((kind for start, kind in _STARTS if data.startswith(start)), None)
    if known is not None:
        return known
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return "a web page" if head.startswith((b"<!doctype html", b"<html", b"<table", b"<?xml")) else "text"


def _kind_of_zip(data: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = set(archive.namelist())
    except UNREADABLE:
        return "a damaged zip archive"
    if any(name.startswith("xl/") for name in names):
        return "a workbook (XLSX)"
    return "a workbook (ODS)" if "content.xml" in names else "a zip archive"


def require_kind(data: bytes, format_: str, source: str) -> None:
    """SourceError KB-1107 where the bytes are of another kind than the format of the mapping."""
    kind = kind_of(data)
    if not _FITTING[format_](kind):
        raise SourceError(
            where=source,
            what=f"is {kind}, not {format_}",
            fix=_FIXES.get(kind, _UNPACK if "packed" in kind or "archive" in kind else _EXPORT),
            code="KB-1107",
        )
