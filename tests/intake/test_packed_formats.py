"""One table in every format, plain, in a .gz and in a .zip, found by a glob: its cells are the same."""

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
