"""Records that name their own fields: JSON, JSON lines, Parquet; every value as text. Pure."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.errors import SourceError
from pipeline.intake.grid import Grid, grid_of_rows, header_names
from pipeline.intake.limits import require_size


def _with_each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields = dict(pairs)
    if len(fields) < len(pairs):
        message = "a key stands twice"
        raise ValueError(message)
    return fields


_JSON = json.JSONDecoder(
    parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_with_each_key_once
)
_BLANK = " \t\r\n"


def read_json(data: bytes, source: str) -> Grid:
    """A list of objects or of lists, or an object with exactly one such list (`records`, `value`, `data`).

    Nested objects become `outer.inner`; of lists the first is the header. Raises SourceError KB-1118 with the line where it is no such JSON.
    """
    text = data.decode()
    found: list[tuple[int, Any]] = []
    try:
        found.extend(_objects(text))
    except json.JSONDecodeError as error:
        raise _not_json(source, error.lineno) from error
    except (ValueError, RecursionError) as error:  # a key that stands twice; nested without end
        last = found[-1][0] if found else 0
        raise _not_json(source, text.count("\n", 0, last) + 1) from error
    return _grid(list(_with_lines(text, found)), source)


def read_json_lines(data: bytes, source: str) -> Grid:
    """One object a line; blank lines are skipped. Raises SourceError KB-1118 with the line that is none."""
    records = []
    for line, text in enumerate(data.decode().split("\n"), 1):
        if text.strip():
            records.append((line, _object(text, line, source)))
    return _grid(records, source)


def _object(text: str, line: int, source: str) -> Any:  # JSON is anything; the grid checks it
    try:
        return _JSON.decode(text.strip())
    except (ValueError, RecursionError) as error:  # no JSON; a key that stands twice; nested without end
        raise _not_json(source, line) from error


def _objects(text: str) -> Iterator[tuple[int, Any]]:
    """Each element of the list, with the position it starts at."""
    at = _skip(text, 0)
    wrapped = text[at : at + 1] == "{"
    if wrapped:
        at = _list_in_object(text, at)
    if text[at : at + 1] != "[":
        raise json.JSONDecodeError("no list of objects", text, at)
    at = _skip(text, at + 1)
    while text[at : at + 1] != "]":
        value, end = _JSON.raw_decode(text, at)
        yield at, value
        at = _skip(text, end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
        elif text[at : at + 1] != "]":
            raise json.JSONDecodeError("expected , or ]", text, at)
    if not wrapped and text[at + 1 :].strip():
        raise json.JSONDecodeError("more than one list", text, at + 1)


def _list_in_object(text: str, at: int) -> int:
    """Where the only list of objects among an object's values starts."""
    whole, end = _JSON.raw_decode(text, at)
    if text[end:].strip():
        raise json.JSONDecodeError("more than one object", text, end)
    lists = [
        key
        for key, value in whole.items()
        if isinstance(value, list) and all(isinstance(v, dict | list) for v in value)
    ]
    if len(lists) != 1:
        raise json.JSONDecodeError("not exactly one list of objects", text, at)
    at = _skip(text, at + 1)
    while True:
        key, end = _JSON.raw_decode(text, at)
        at = _skip(text, _skip(text, end) + 1)
        if key == lists[0]:
            return at
        _, end = _JSON.raw_decode(text, at)
        at = _skip(text, _skip(text, end) + 1)


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in _BLANK:
        at += 1
    return at


def _with_lines(text: str, found: Sequence[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    line, before = 1, 0
    for at, value in found:
        line += text.count("\n", before, at)
        before = at
        yield line, value


def _grid(records: Sequence[tuple[int, Any]], source: str) -> Grid:
    if records and isinstance(records[0][1], list):
        return _grid_of_lists(records, source)
    flat = [_flat(record, line, source) for line, record in records]
    header = tuple(dict.fromkeys(name for record in flat for name in record))
    require_size(len(header), len(flat), source)
    rows = [[record.get(name, "") for name in header] for record in flat]
    return grid_of_rows(header, rows, [line for line, _ in records])


def _grid_of_lists(records: Sequence[tuple[int, Any]], source: str) -> Grid:
    """Rows as lists of cells, the first of which is the header: what spreadsheets on the web give."""
    rows = [_row(record, line, source) for line, record in records]
    require_size(len(rows[0]), len(rows), source)
    lines = [line for line, _ in records]
    return grid_of_rows(header_names(rows[:1]), rows[1:], lines[1:])


def _row(record: object, line: int, source: str) -> list[str]:
    cells = [_text(cell) for cell in record] if isinstance(record, list) else None
    if cells is None or not all(map(_is_unicode, cells)):
        raise _not_json(source, line)
    return cells


def _flat(record: object, line: int, source: str) -> dict[str, str]:
    """One record's fields by name; a name that two of them would take (`a.b` and `a: {b}`) makes it no record."""
    if not isinstance(record, dict):
        raise _not_json(source, line)
    fields = list(_fields(record))
    flat = dict(fields)
    if len(flat) < len(fields) or not all(map(_is_unicode, (*flat, *flat.values()))):
        raise _not_json(source, line)
    return flat


def _is_unicode(text: str) -> bool:
    r"""Half a character (`"\ud800"`) is none, though JSON can write it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def _fields(record: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, dict) and value:
            yield from _fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: object) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _not_json(source: str, line: int) -> SourceError:
    return SourceError(
        where=f"{source}, line {line}",
        what="is not the JSON of a list of objects, or of lists below a header",
        fix="export it again, or check format in the mapping (json: one list; jsonl: one object a line)",
        code="KB-1118",
    )


def read_parquet(data: bytes, source: str) -> Grid:
    """The columns of a Parquet file as text; a row's line is its number. Raises SourceError KB-1107."""
    try:
        file = pq.ParquetFile(io.BytesIO(data))
        require_size(len(file.schema_arrow), file.metadata.num_rows, source)
        table = file.read(use_threads=False)
        columns = tuple(_as_text(column) for column in table.columns)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise SourceError(
            where=source, what="is not a Parquet file that can be read", fix="export it again", code="KB-1107"
        ) from error
    return Grid(tuple(table.column_names), columns, np.arange(1, table.num_rows + 1, dtype=np.int64))


def _as_text(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        array = array.dictionary_decode()
    if pa.types.is_nested(array.type) or pa.types.is_binary(array.type):
        return pa.array(
            [None if value is None else _text(value) for value in array.to_pylist()], pa.large_string()
        )
    return pc.cast(array, pa.large_string())
