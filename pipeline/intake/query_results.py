"""The rows of a query as a Parquet file of texts that is a function of the rows alone.

Every cell is text in one exact form and rows are sorted by all their columns, so the same rows give the same bytes,
whatever order a database gives them in. Memory stays bounded: batches are written as they come and sorted on disk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from pipeline.errors import SourceError

GROUP_ROWS = 65_536
"""Rows of a row group of what is written."""

_SORT_MEMORY = "1GB"
_TEXT = pa.large_string()


##### Cells ###########################################################################################################


def text_batch(header: Sequence[str], rows: Sequence[Sequence[object]], where: str) -> pa.Table:
    """Rows as columns of text. SourceError KB-1148 names the column that holds what has no text."""
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    texts = [_column(column, f"{where}: {name}") for name, column in zip(header, columns, strict=True)]
    return pa.Table.from_arrays(texts, schema=pa.schema([(name, _TEXT) for name in header]))


def _column(values: Sequence[object], where: str) -> pa.Array:
    texts = [None if value is None else text_of(value) for value in values]
    for value, text in zip(values, texts, strict=True):
        if text is None and value is not None:
            raise SourceError(
                where=where,
                what=f"is of a kind that has no text ({type(value).__name__})",
                fix="leave it out of the query, or turn it into text there: CAST(… AS VARCHAR)",
                code="KB-1148",
            )
    return pa.array(texts, _TEXT)


def text_of(value: object) -> str | None:
    """A value as the text that the plain casts read back exactly; None of what has no such text.

    Times with a zone are in UTC. Bytes, arrays, intervals and JSON have no text of their own.
    """
    write = _WRITERS.get(type(value)) or next(
        (write for kind, write in _WRITERS.items() if isinstance(value, kind)), None
    )
    return write(value) if write else None


def _unicode(value: str) -> str | None:
    """Half a character, which some drivers let through, is no text."""
    return value if value.isascii() or not _HALF.search(value) else None


def _decimal(value: Decimal) -> str:
    return format(value, "f") if value.is_finite() else str(value)


def _instant(value: datetime) -> str:
    return (value.astimezone(UTC) if value.tzinfo else value).isoformat(" ")


_HALF = re.compile("[\ud800-\udfff]")
_WRITERS: dict[type, Callable[[Any], str | None]] = {
    str: _unicode,
    bool: lambda value: "true" if value else "false",
    int: str,
    Decimal: _decimal,
    float: repr,
    datetime: _instant,
    date: date.isoformat,
    time: time.isoformat,
    UUID: str,
}
"""Of a kind that is not listed the first that it is one of: a bool is an int too, and a datetime a date."""


##### What is written #################################################################################################


def write_batches(batches: Iterator[pa.Table], target: Path, where: str) -> tuple[str, ...]:
    """The batches in one file, its columns numbered; their names."""
    first = next(batches)
    header = tuple(first.column_names)
    numbers = [str(at) for at in range(len(header))]
    if not header:
        raise SourceError(where=where, what="the query gives no columns", fix="name some", code="KB-1146")
    with pq.ParquetWriter(target, pa.schema([(number, _TEXT) for number in numbers])) as writer:
        writer.write_table(first.rename_columns(numbers))
        for batch in batches:
            writer.write_table(batch.rename_columns(numbers))
    return header


def write_sorted(unsorted: Path, header: Sequence[str], target: Path) -> int:
    """The rows sorted by all their columns, text by its bytes and NULL first, in row groups of one size."""
    settings: dict[str, Any] = {
        "memory_limit": _SORT_MEMORY,
        "threads": "1",
        "temp_directory": str(unsorted.parent / "sorting"),
    }
    schema = pa.schema([(name, _TEXT) for name in header])
    query = "SELECT * FROM read_parquet(?) ORDER BY ALL ASC NULLS FIRST"
    with (
        duckdb.connect(":memory:", config=settings) as connection,
        pq.ParquetWriter(target, schema) as writer,
    ):
        rows = 0
        for batch in connection.sql(query, params=[str(unsorted)]).to_arrow_reader(GROUP_ROWS):
            columns = [column.cast(_TEXT) for column in batch.columns]
            writer.write_table(pa.Table.from_arrays(columns, schema=schema), row_group_size=GROUP_ROWS)
            rows += batch.num_rows
    return rows
