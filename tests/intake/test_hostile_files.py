"""Files that nobody exported: what is sent instead of an export, by mistake or with intent, is refused and said."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections import Counter
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, example, given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.intake import dropfolder, limits
from pipeline.intake.dropfolder import Export, content, exports_in
from pipeline.intake.mapping import FileRule
from pipeline.intake.reading import FORMATS, Raw, read
from tests.old_workbook import Formula, xls
from tests.workbook import Sheet, ods, packed, xlsx

TEXT = b"id,name\n1,a\n"


def _read(folder: Path, data: bytes, name: str = "a.csv", **rule: Any) -> Raw:
    (folder / name).write_bytes(data)
    return read(folder, Export(name), FileRule.model_validate({"path": name, **rule}))


def _refused(
    folder: Path, data: bytes, code: str, *words: str, name: str = "a.csv", **rule: Any
) -> SourceError:
    with pytest.raises(SourceError) as error:
        _read(folder, data, name, **rule)
    assert error.value.code == code
    assert error.value.fix
    assert [word for word in words if word not in str(error.value)] == []
    return error.value


##### What is no text ##################################################################################################


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (xlsx(Sheet(rows=[("a",)])), ["a workbook (XLSX)", 'format = "xlsx"']),
        (ods(""), ["a workbook (ODS)", 'format = "ods"']),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), ["a workbook (XLS)", 'format = "xls"']),
        (packed({"a.csv": TEXT}), ["a zip archive"]),
        (gzip.compress(TEXT, mtime=0), ["packed with gzip"]),
        (bz2.compress(TEXT), ["packed with bzip2"]),
        (lzma.compress(TEXT), ["packed with xz"]),
        (b"%PDF-1.7\n", ["a PDF"]),
        (b"PAR1" + bytes(20), ["a Parquet file", 'format = "parquet"']),
        (b"SQLite format 3\0", ["a database"]),
    ],
    ids=lambda value: value[0].replace(" ", "_") if isinstance(value, list) else "",
)
def test_a_file_of_another_kind_is_named(tmp_path: Path, data: bytes, words: list[str]) -> None:
    _refused(tmp_path, data, "KB-1107", *words)


def test_a_web_page_or_a_text_under_the_name_of_a_workbook_is_named(tmp_path: Path) -> None:
    _refused(tmp_path, b"<html><table><tr><td>1", "KB-1107", "a web page", name="a.xls", format="xls")
    _refused(tmp_path, b"a\tb\n1\t2\n", "KB-1107", 'format = "csv"', name="a.xls", format="xls")


def test_a_character_0_is_no_text(tmp_path: Path) -> None:
    assert _refused(tmp_path, b"a,b\n1,\x002\n", "KB-1107").where == "a.csv, line 2"


##### Archives #########################################################################################################


def _zip(
    path: Path, *members: tuple[zipfile.ZipInfo | str, bytes], method: int = zipfile.ZIP_DEFLATED
) -> None:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members:
            archive.writestr(name, data)


def test_a_link_in_an_archive_is_refused(tmp_path: Path) -> None:
    link = zipfile.ZipInfo("a.csv")
    link.external_attr = 0o120777 << 16
    _zip(tmp_path / "m.zip", (link, b"/etc/passwd"))

    with pytest.raises(SourceError, match=r"KB-1109.*a link"):
        exports_in(tmp_path)


def test_an_archive_of_too_many_members_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropfolder, "MEMBERS_LIMIT", 2)
    _zip(tmp_path / "m.zip", *((f"{at}.csv", b"x") for at in range(3)))

    with pytest.raises(SourceError, match=r"KB-1109.*3 members"):
        exports_in(tmp_path)


def test_a_bomb_is_refused_before_all_of_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However large it is packed: what counts is how much came out of what was read so far."""
    monkeypatch.setattr(dropfolder, "RATIO_FROM", 1 << 20)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(bytes(64 << 20)))
    _zip(tmp_path / "m.zip", ("a.csv", bytes(64 << 20)))
    read_: list[int] = []
    monkeypatch.setattr(
        dropfolder,
        "_within_limits",
        lambda size, *rest, real=dropfolder._within_limits: (read_.append(size), real(size, *rest)),
    )

    for export in (Export("a.csv.gz"), Export("m.zip", "a.csv")):
        with pytest.raises(SourceError, match=r"KB-1109"):
            content(tmp_path, export)
    assert max(read_) < 16 << 20


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropfolder, "SIZE_LIMIT", 4)

    _refused(tmp_path, TEXT, "KB-1109", "is larger than")
    _refused(tmp_path, gzip.compress(TEXT), "KB-1109", "is larger than", name="a.csv.gz")


def test_a_packed_member_is_unpacked_and_an_archive_in_an_archive_is_not(tmp_path: Path) -> None:
    _zip(tmp_path / "m.zip", ("a.csv.gz", gzip.compress(TEXT)), ("inner.zip", packed({"a.csv": TEXT})))

    assert content(tmp_path, Export("m.zip", "a.csv.gz")) == TEXT
    with pytest.raises(SourceError, match=r"KB-1107.*a zip archive"):
        read(tmp_path, Export("m.zip", "inner.zip"), FileRule(path=("inner.zip",)))


def test_a_member_packed_in_an_unknown_way_is_refused(tmp_path: Path) -> None:
    _zip(tmp_path / "m.zip", ("a.csv", TEXT), method=zipfile.ZIP_STORED)
    data = bytearray((tmp_path / "m.zip").read_bytes())
    for at in (8, data.index(b"PK\x01\x02") + 10):
        data[at] = 97
    (tmp_path / "m.zip").write_bytes(bytes(data))

    with pytest.raises(SourceError, match=r"KB-1109.*not known"):
        content(tmp_path, Export("m.zip", "a.csv"))


def test_a_damaged_member_says_so(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        _zip(tmp_path / "m.zip", ("a.csv", TEXT * 50), method=method)
        data = bytearray((tmp_path / "m.zip").read_bytes())
        data[60:70] = bytes(10)
        (tmp_path / "m.zip").write_bytes(bytes(data))
        with pytest.raises(SourceError, match=r"KB-1107"):
            content(tmp_path, Export("m.zip", "a.csv"))


##### Too much of something ############################################################################################


def test_a_cell_that_is_a_file_in_itself_is_refused_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit = 1 << 19
    for module in ("limits", "delimited"):
        monkeypatch.setattr(f"pipeline.intake.{module}.CELL_BYTES", limit)
    long = "x" * (limit + 1)
    _refused(tmp_path, f"a,b\n1,{long}\n".encode(), "KB-1132", "a cell of")
    assert _refused(tmp_path, f'a,b\n"1\n",2\n3,{long}\n'.encode(), "KB-1132").where == "a.csv, line 4"
    _refused(tmp_path, json.dumps([{"a": long}]).encode(), "KB-1132", format="json")
    _refused(tmp_path, json.dumps({"a": long}).encode(), "KB-1132", format="jsonl")
    _refused(tmp_path, xlsx(Sheet(rows=[("a",), (long,)])), "KB-1132", format="xlsx")
    _refused(tmp_path, _parquet({"a": [long]}), "KB-1132", format="parquet")
    assert _read(tmp_path, f"a,b\n1,{long[:-1]}\n".encode()).rows == 1


def test_ten_thousand_columns_are_refused_in_every_format(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"c{at}" for at in range(10_000)]
    _refused(tmp_path, ",".join(names).encode() + b"\n", "KB-1132", "10,000 columns")
    _refused(tmp_path, json.dumps([dict.fromkeys(names, "1")]).encode(), "KB-1132", format="json")
    _refused(tmp_path, _parquet({name: ["1"] for name in names}), "KB-1132", format="parquet")


def test_records_that_each_have_fields_of_their_own_are_refused(tmp_path: Path) -> None:
    lines = "".join(json.dumps({f"c{at}": 1}) + "\n" for at in range(limits.COLUMNS + 1))

    _refused(tmp_path, lines.encode(), "KB-1132", format="jsonl")


def test_a_small_file_of_very_many_rows_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "CELLS", 1000)
    _refused(
        tmp_path, _parquet({"a": pa.nulls(10_000, pa.string())}), "KB-1132", "10,000 cells", format="parquet"
    )
    _refused(tmp_path, b"a,b\n" + b",\n" * 501, "KB-1132")
    _refused(tmp_path, b"[" + b"{},".join([b'{"a":1,"b":2},'] * 600) + b"{}]", "KB-1132", format="json")


def _parquet(columns: dict[str, Any]) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(columns), stream)
    return stream.getvalue()


##### JSON #############################################################################################################


@pytest.mark.parametrize("format_", ["json", "jsonl"])
@pytest.mark.parametrize(
    "record",
    [
        '{"a": 1, "a": 2}',
        '{"a.b": 1, "a": {"b": 2}}',
        '{"a": "\\ud800"}',
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"a": ' * 100_000 + "1" + "}" * 100_000,
    ],
    ids=["a key twice", "one name for two", "half a character", "deep list", "deep object"],
)
def test_records_that_cannot_be_told_are_refused_with_their_line(
    tmp_path: Path, format_: str, record: str
) -> None:
    text = f'{{"a": "1"}}\n{record}\n' if format_ == "jsonl" else f'[{{"a": "1"}}\n,{record}]'

    error = _refused(tmp_path, text.encode(), "KB-1118", format=format_)
    assert error.where in ("a.csv, line 1", "a.csv, line 2")


##### Whatever comes ###################################################################################################

SEEDS = {
    "csv": b'id,name,note\n1,"a, b",x\n2,"c ""d""",\n3,\xe4,"e\nf"\n',
    "json": b'{"records": [{"a": 1, "b": {"c": [1, 2]}}, {"a": "\\u4e2d"}]}',
    "jsonl": b'{"a": 1}\n\n{"a": {"b": null}}\n',
    "parquet": _parquet({"a": ["x", None], "b": [1, 2]}),
    "xlsx": xlsx(Sheet(rows=[("a", "b"), (1, "x")], merged=["A2:A3"])),
    "ods": ods(
        '<table:table-row><table:table-cell office:value-type="float" office:value="1"/></table:table-row>'
    ),
    "xls": xls({"s": [("a", "b"), (1, "#N/A"), (Formula(2.5), Formula("#REF!"))]}),
}


def _any_of(format_: str) -> st.SearchStrategy[bytes]:
    """Any bytes, and an export of the format with some of its bytes changed, left out or doubled."""
    seed = SEEDS[format_]
    places = st.integers(0, len(seed))
    edits = st.lists(st.tuples(places, st.integers(0, 6), st.binary(max_size=6)), min_size=1, max_size=4)
    return st.one_of(st.binary(max_size=200), edits.map(lambda each: _edited(seed, each)))


def _edited(data: bytes, edits: list[tuple[int, int, bytes]]) -> bytes:
    for at, gone, put in edits:
        data = data[:at] + put + data[at + gone :]
    return data


def _is_read_or_refused(folder: Path, data: bytes, format_: str, header: Any) -> None:
    try:
        raw = _read(folder, data, "a", format=format_, header=header)
    except SourceError:
        return
    assert len(raw.cells) == len(raw.lines)
    assert sorted(raw.lines.tolist()) == raw.lines.tolist()


@pytest.mark.parametrize("format_", ["csv", "json", "jsonl", "parquet"])
@given(data=st.data(), header=st.sampled_from([1, "auto", [1, 2], 3]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_file_is_read_or_refused(tmp_path: Path, format_: str, data: st.DataObject, header: Any) -> None:
    _is_read_or_refused(tmp_path, data.draw(_any_of(format_)), format_, header)


def test_every_format_is_tried_with_any_bytes() -> None:
    assert set(SEEDS) == set(FORMATS) - {"xlsm", "sql"}  # XLSM is XLSX; a database is read as Parquet


@pytest.mark.slow
@pytest.mark.parametrize("format_", ["xlsx", "ods", "xls"])
@given(data=st.data(), header=st.sampled_from([1, "auto", [1, 2], 3]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_workbook_is_read_or_refused(
    tmp_path: Path, format_: str, data: st.DataObject, header: Any
) -> None:
    _is_read_or_refused(tmp_path, data.draw(_any_of(format_)), format_, header)


@given(st.text(st.sampled_from("a1,\"' \t\n\r\\|中0"), max_size=60))
@example('"b" c\n')
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_letter_of_a_delimited_text_is_lost_or_made_up(tmp_path: Path, body: str) -> None:
    """Seen without any grammar: the letters and digits of cells and broken rows are those of the file."""
    try:
        raw = _read(tmp_path, f"x,y\n{body}".encode(), delimiter=",")
    except SourceError as error:
        event(error.code)
        return
    cells = raw.cells.fillna("").to_numpy().ravel().tolist() + [
        cell for row in raw.broken for cell in row.cells
    ]
    kept = Counter("".join(cells))

    assert {each: kept[each] for each in "a1中0"} == {each: body.count(each) for each in "a1中0"}


def test_every_format_of_a_mapping_can_be_read() -> None:
    formats = FileRule.model_fields["format"].annotation

    assert set(FORMATS) == set(formats.__args__)
