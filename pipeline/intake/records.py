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
from pipeline.intake.grid import Grid, grid_of_rows

_JSON = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str)
_BLANK = " \t\r\n"


def read_json(data: bytes, source: str) -> Grid:
    """A list of objects, or an object with exactly one such list (`records`, `value`, `data`).

    Nested objects become `outer.inner`. Raises SourceError KB-1118 with the line where it is no such JSON.
    """
    text = data.decode()
    try:
        found = list(_objects(text))
    except json.JSONDecodeError as error:
        raise _not_json(source, error.lineno) from error
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
    except json.JSONDecodeError as error:
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
        if isinstance(value, list) and all(isinstance(v, dict) for v in value)
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
    flat: list[dict[str, str]] = []
    for line, record in records:
        if not isinstance(record, dict):
            raise _not_json(source, line)
        flat.append(dict(_fields(record)))
    header = tuple(dict.fromkeys(name for record in flat for name in record))
    rows = [[record.get(name, "") for name in header] for record in flat]
    return grid_of_rows(header, rows, [line for line, _ in records])


def _fields(record: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in record.items():
        if isinstance(value, dict):
            yield from _fields(value, f"{prefix}{name}.")
        else:
            yield prefix + name, _text(value)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bytes):
        return value.hex()
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _not_json(source: str, line: int) -> SourceError:
    return SourceError(
        where=f"{source}, line {line}",
        what="is not the JSON of a list of objects",
        fix="export it again, or check format in the mapping (json: one list; jsonl: one object a line)",
        code="KB-1118",
    )


def read_parquet(data: bytes, source: str) -> Grid:
    """The columns of a Parquet file as text; a row's line is its number. Raises SourceError KB-1107."""
    try:
        table = pq.read_table(io.BytesIO(data))
    except pa.ArrowException as error:
        raise SourceError(
            where=source, what="is not a Parquet file that can be read", fix="export it again", code="KB-1107"
        ) from error
    columns = tuple(_as_text(column) for column in table.columns)
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
