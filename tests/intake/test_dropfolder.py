from __future__ import annotations

import gzip
import zipfile
from pathlib import Path

import pytest

from pipeline.errors import SourceError
from pipeline.intake import dropfolder
from pipeline.intake.dropfolder import Export, content, copied, exports_in, matching
from pipeline.intake.mapping import FileRule
from pipeline.store import sha256_of_file


def _put(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")


def _matching(folder: Path, *patterns: str) -> list[str]:
    return [export.source for export in matching(exports_in(folder), FileRule(path=patterns))]


def test_exports_are_found_below_the_folder_and_lock_files_are_not(tmp_path: Path) -> None:
    _put(
        tmp_path,
        "b.csv",
        "sub/a.csv",
        "~$b.xlsx",
        ".hidden",
        "__MACOSX/a.csv",
        "sub/.git/a.csv",
        "inputs.json",
    )

    assert [export.source for export in exports_in(tmp_path)] == ["b.csv", "sub/a.csv"]


def test_a_glob_stays_in_its_folder(tmp_path: Path) -> None:
    _put(tmp_path, "deals_1.csv", "deals_2.csv.gz", "old/deals_0.csv", "old/x/deals.csv")

    assert _matching(tmp_path, "deals*.csv") == ["deals_1.csv", "deals_2.csv.gz"]
    assert _matching(tmp_path, "old/*.csv") == ["old/deals_0.csv"]
    assert _matching(tmp_path, "**/deals*.csv") == [
        "deals_1.csv",
        "deals_2.csv.gz",
        "old/deals_0.csv",
        "old/x/deals.csv",
    ]


def test_members_of_a_zip_are_found_by_name_or_path(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("crm/deals.csv", "x")
        archive.writestr("__MACOSX/deals.csv", "x")
        archive.writestr("客户.csv", "x")

    assert _matching(tmp_path, "deals.csv") == ["m.zip!crm/deals.csv"]
    assert _matching(tmp_path, "crm/*.csv") == ["m.zip!crm/deals.csv"]
    assert _matching(tmp_path, "客户.csv") == ["m.zip!客户.csv"]


def test_a_name_in_gb18030_is_understood(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("AAAA.csv", "x")
    data = (tmp_path / "m.zip").read_bytes()
    (tmp_path / "m.zip").write_bytes(data.replace(b"AAAA", "客户".encode("gb18030")))

    assert _matching(tmp_path, "客户.csv") == ["m.zip!客户.csv"]
    assert content(tmp_path, Export("m.zip", "客户.csv")) == b"x"


@pytest.mark.parametrize(
    "name", ["../deals.csv", "/etc/deals.csv", "a/../../deals.csv", "C:\\deals.csv", "..\\deals.csv"]
)
def test_an_archive_that_points_outside_is_refused(tmp_path: Path, name: str) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), "x")

    with pytest.raises(SourceError, match="KB-1109"):
        exports_in(tmp_path)


def test_an_archive_with_two_members_of_one_name_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("a.csv", "x")
        archive.writestr("b.csv", "y")
    path = tmp_path / "m.zip"
    path.write_bytes(path.read_bytes().replace(b"b.csv", b"a.csv"))

    with pytest.raises(SourceError, match="KB-1109"):
        exports_in(tmp_path)


def test_an_encrypted_member_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "m.zip", "w") as archive:
        archive.writestr("a.csv", "x")
    path = tmp_path / "m.zip"
    data = bytearray(path.read_bytes())
    data[6] |= 1  # the flag in the member's own header
    data[data.index(b"PK\x01\x02") + 8] |= 1  # and in the directory
    path.write_bytes(bytes(data))

    with pytest.raises(SourceError, match="KB-1109"):
        content(tmp_path, Export("m.zip", "a.csv"))


def test_what_unpacks_beyond_measure_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropfolder, "RATIO_FROM", 1 << 16)
    bomb = b"0" * (1 << 20)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(bomb))
    with zipfile.ZipFile(tmp_path / "m.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", bomb)

    for export in (Export("a.csv.gz"), Export("m.zip", "a.csv")):
        with pytest.raises(SourceError, match="KB-1109"):
            content(tmp_path, export)
    with pytest.raises(SourceError, match="KB-1109"):
        dropfolder.check_workbook((tmp_path / "m.zip").read_bytes(), Export("m.xlsx"))


def test_a_damaged_archive_says_so(tmp_path: Path) -> None:
    (tmp_path / "m.zip").write_bytes(b"no zip")

    with pytest.raises(SourceError, match="KB-1107"):
        exports_in(tmp_path)


def test_a_folder_that_is_not_there_says_so(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="KB-1119"):
        exports_in(tmp_path / "none")


def test_a_copy_is_proven(tmp_path: Path) -> None:
    _put(tmp_path, "in/sub/a.csv")
    source = tmp_path / "in" / "sub" / "a.csv"
    copied(tmp_path / "in", "sub/a.csv", sha256_of_file(source), tmp_path / "raw")
    assert (tmp_path / "raw" / "sub" / "a.csv").read_bytes() == source.read_bytes()

    with pytest.raises(SourceError, match="KB-1111"):
        copied(tmp_path / "in", "sub/a.csv", "another hash", tmp_path / "raw")
