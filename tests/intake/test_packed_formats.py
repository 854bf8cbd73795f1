"""One table in every format, plain, in a .gz and in a .zip, found by a glob: its cells are the same.

And archives with some of their bytes changed: read or refused.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pipeline.errors import SourceError
from pipeline.intake.dropfolder import exports_in, matching
from pipeline.intake.mapping import FileRule
from pipeline.intake.reading import FORMATS, read
from tests.old_workbook import xls
from tests.workbook import Sheet, ods, xlsx

ROWS = [("order", "region", "名称"), ("O1", "NA", "甲公司"), ("O2", "null", "乙公司")]
RECORDS = [dict(zip(ROWS[0], row, strict=True)) for row in ROWS[1:]]


def _text(mark: str, encoding: str) -> bytes:
    return "".join(mark.join(row) + "\r\n" for row in ROWS).encode(encoding)


def _parquet() -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(RECORDS), stream)
    return stream.getvalue()


def _ods() -> bytes:
    cell = '<table:table-cell office:value-type="string"><text:p>{}</text:p></table:table-cell>'
    return ods(
        "".join(f"<table:table-row>{''.join(map(cell.format, row))}</table:table-row>" for row in ROWS)
    )


FILES: dict[str, tuple[str, bytes]] = {
    **{
        f"{name} {encoding}": ("csv", _text(mark, encoding))
        for name, mark in {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|"}.items()
        for encoding in ("utf-8", "utf-8-sig", "gb18030", "utf-16")
    },
    "xlsx": ("xlsx", xlsx(Sheet("s", ROWS))),
    "xlsm": ("xlsm", xlsx(Sheet("s", ROWS))),
    "xls": ("xls", xls({"s": ROWS})),
    "ods": ("ods", _ods()),
    "json": ("json", json.dumps(RECORDS).encode()),
    "jsonl": ("jsonl", "\n".join(json.dumps(each, ensure_ascii=False) for each in RECORDS).encode()),
    "parquet": ("parquet", _parquet()),
}


def _zipped(name: str, data: bytes) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"crm/{name}", data)
        archive.writestr("crm/readme.txt", "no table")
    return stream.getvalue()


PACKINGS: dict[str, tuple[str, Callable[[str, bytes], bytes]]] = {
    "plain": ("{}", lambda _, data: data),
    "gz": ("{}.gz", lambda _, data: gzip.compress(data)),
    "zip": ("monthly.zip", _zipped),
    "gz in zip": ("monthly.zip", lambda name, data: _zipped(f"{name}.gz", gzip.compress(data))),
}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("file", FILES)
def test_a_table_has_the_same_cells_in_every_format_and_packing(
    tmp_path: Path, file: str, packing: str
) -> None:
    (format_, data), (called, packed) = FILES[file], PACKINGS[packing]
    name = f"orders_2026-09.{format_}"
    (tmp_path / called.format(name)).write_bytes(packed(name, data))
    rule = FileRule.model_validate({"path": [f"orders_*.{format_}"], "format": format_})

    (export,) = matching(exports_in(tmp_path), rule)
    raw = read(tmp_path, export, rule)
    assert raw.cells[list(ROWS[0])].to_numpy().tolist() == [list(row) for row in ROWS[1:]]


def test_no_format_of_a_file_is_left_out() -> None:
    assert {format_ for format_, _ in FILES.values()} == set(FORMATS) - {"sql"}


##### Damaged archives #################################################################################################

CSV = _text(",", "utf-8")
ARCHIVES = {
    "orders.csv.gz": gzip.compress(CSV),
    "monthly.zip": _zipped("orders.csv", CSV),
    "both.zip": _zipped("orders.csv.gz", gzip.compress(CSV)),
}


@pytest.mark.parametrize("name", ARCHIVES)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_archive_is_read_or_refused(tmp_path: Path, name: str, data: st.DataObject) -> None:
    """Cells that come out are those that went in: both kinds of archive have a checksum of what they hold."""
    packed = ARCHIVES[name]
    at, gone = data.draw(st.integers(0, len(packed))), data.draw(st.integers(0, 9))
    (tmp_path / name).write_bytes(packed[:at] + data.draw(st.binary(max_size=9)) + packed[at + gone :])
    rule = FileRule.model_validate({"path": "**/orders.csv"})
    try:
        raws = [read(tmp_path, export, rule) for export in matching(exports_in(tmp_path), rule)]
    except SourceError:
        return
    for raw in raws:
        assert raw.cells[list(ROWS[0])].to_numpy().tolist() == [list(row) for row in ROWS[1:]]


def _directory(change: Callable[[bytearray, int], None]) -> bytes:
    """A zip whose directory was changed, given all its bytes and where the entry of `crm/orders.csv` begins there."""
    data = bytearray(ARCHIVES["monthly.zip"])
    change(data, data.index(b"PK\x01\x02"))
    return bytes(data)


def _of_another_version(data: bytearray, at: int) -> None:
    data[at + 6] = 123


def _without_a_name(data: bytearray, at: int) -> None:
    data[at + 46 : at + 46 + len("crm/orders.csv")] = b"\0" * len("crm/orders.csv")


def _named_in_no_encoding(data: bytearray, at: int) -> None:
    data[at + 9] |= 0x08
    data[at + 46] = 0xFF


@pytest.mark.parametrize(
    "data",
    [
        ARCHIVES["monthly.zip"][1:],
        _directory(_of_another_version),
        _directory(_without_a_name),
        _directory(_named_in_no_encoding),
    ],
    ids=["its start is missing", "of another version", "a member without a name", "a name in no encoding"],
)
def test_an_archive_with_a_damaged_directory_says_so(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "monthly.zip").write_bytes(data)
    rule = FileRule.model_validate({"path": "**/orders.csv"})

    with pytest.raises(SourceError) as error:
        read(tmp_path, matching(exports_in(tmp_path), rule)[0], rule)

    assert (error.value.code, error.value.where.partition("!")[0]) == ("KB-1107", "monthly.zip")
