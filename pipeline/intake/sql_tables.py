"""Canonical tables that a mapping selects by SQL from its raw files, where shapes differ more than columns do.

DuckDB in memory, without access to files, network or settings; the raw files are text tables with `_row` (which row
of which file it is), `_source` and `_line`. Each row of the result says by `_row` or by a list `_from` what it was
made of.
"""

from __future__ import annotations

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import SourceError, nearest
from pipeline.intake.casting import Rule
from pipeline.intake.mapped import Texts
from pipeline.intake.mapping import Mapping
from pipeline.intake.mapping_files import must_be_filled
from pipeline.intake.reading import Raw
from pipeline.schema import TABLES

_LOCKS = (
    "SET TimeZone = 'UTC'",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET lock_configuration = true",
)
_ROW, _FROM = "_row", "_from"


def selected(mapping: Mapping, table: str, raws: MappingOf[str, Sequence[Raw]], zone: str) -> Texts:
    """The rows that the table's `sql` selects from the raw files (by their names in `files`), as texts.

    Raises SourceError KB-1112 (the SQL fails), KB-1113 (neither `_row` nor `_from`, or rows that are none of the
    files'), KB-1104 and KB-1105 (columns that the schema does not know, or requires).
    """
    where = f"sources/{mapping.name}.toml: tables.{table}.sql"
    sql = mapping.tables[table].sql or ""
    rows_of = {entry: _with_rows(entry, files, where) for entry, files in raws.items()}
    result = _executed(sql, table, rows_of, where)
    first = _first_rows(result, rows_of, where)
    origin = pd.concat([rows[["_source", "_line"]] for rows in rows_of.values()], ignore_index=True).loc[
        first
    ]
    names = [name for name in result.column_names if name not in (_ROW, _FROM)]
    columns = {name: _trimmed(result.column(name)) for name in names}
    return Texts(
        table=table,
        columns=columns,
        rules={name: Rule(TABLES[table].column(name).kind, zone=zone) for name in names},
        unlisted={},
        cells=pd.DataFrame(columns, index=pd.RangeIndex(result.num_rows)),
        sources=origin["_source"].reset_index(drop=True),
        lines=origin["_line"].reset_index(drop=True),
        key_of=tuple(
            (name, target) for name, target in mapping.tables[table].key_of.items() if name in columns
        ),
    )


def _with_rows(entry: str, raws: Sequence[Raw], where: str) -> pd.DataFrame:
    """All files of an entry as one table, each row with its id, source and line."""
    for raw in raws[1:]:
        missing = sorted(set(raws[0].headers) - set(raw.headers))
        if missing:
            raise SourceError(
                where=raw.source,
                what=f"has no header {missing[0]!r}, which the other files of {entry} have",
                nearest=nearest(missing[0], raw.headers),
                fix=f"export it again with the same columns, or give it its own entry beside {where}",
                code="KB-1103",
            )
    tables = [
        raw.cells.assign(
            _source=pd.Series(raw.source, index=raw.cells.index, dtype="str"),
            _line=pd.Series(raw.lines, index=raw.cells.index, dtype="Int64"),
            _row=raw.source + "#" + pd.Series(raw.lines, index=raw.cells.index).astype("str"),
        )
        for raw in raws
    ]
    return pd.concat(tables, ignore_index=True) if tables else pd.DataFrame()


def _executed(sql: str, table: str, rows_of: MappingOf[str, pd.DataFrame], where: str) -> pa.Table:
    query = f"FROM ({sql.strip().rstrip(';')}\n)"
    with duckdb.connect(":memory:") as connection:
        for entry, rows in rows_of.items():
            connection.register(entry, pa.Table.from_pandas(rows, preserve_index=False))
        for lock in _LOCKS:
            connection.execute(lock)
        try:
            names = [str(column[0]) for column in connection.execute(f"DESCRIBE {query}").fetchall()]
            _check_result(names, table, where)
            wanted = [name if name == _FROM else f'CAST("{name}" AS VARCHAR) AS "{name}"' for name in names]
            return connection.sql(f"SELECT {', '.join(wanted)} {query}").to_arrow_table()
        except duckdb.ProgrammingError as error:  # parser, catalogue, binder: about names, not about values
            raise _failed(where, str(error).split("\n", 1)[0], "correct the SQL") from error
        except duckdb.Error as error:
            what = f"fails on the rows of these files ({type(error).__name__})"
            raise _failed(where, what, "use try_cast for cells that may not convert") from error


def _failed(where: str, what: str, fix: str) -> SourceError:
    return SourceError(where=where, what=what, fix=fix, code="KB-1112")


def _check_result(names: Sequence[str], table: str, where: str) -> None:
    if (_ROW in names) == (_FROM in names):
        raise SourceError(
            where=where,
            what="returns neither _row nor _from" if _ROW not in names else "returns both _row and _from",
            fix="add _row, or list(_row) AS _from where rows are grouped",
            code="KB-1113",
        )
    known = TABLES[table].column_names
    for name in names:
        if name not in (_ROW, _FROM, *known):
            raise SourceError(
                where=where,
                what=f"returns {name!r}, which is no column of {table}",
                nearest=nearest(name, known),
                fix="correct the name, or leave the column out",
                code="KB-1104",
            )
    must_be_filled(table, names, where)


def _first_rows(result: pa.Table, rows_of: MappingOf[str, pd.DataFrame], where: str) -> np.ndarray[Any, Any]:
    """For each row of the result the position of the first raw row it was made of (files in order, then lines)."""
    known = pd.Index(pd.concat([rows[_ROW] for rows in rows_of.values()], ignore_index=True))
    lists = result.column(_FROM if _FROM in result.column_names else _ROW).combine_chunks()
    is_list = pa.types.is_list(lists.type)
    ids = pc.list_flatten(lists) if is_list else lists
    sizes = pc.fill_null(pc.list_value_length(lists), 0).to_numpy(zero_copy_only=False) if is_list else None
    positions = _positions(known, pd.Index(ids.to_pandas()))
    if (positions < 0).any() or (sizes is not None and (sizes == 0).any()):
        raise SourceError(
            where=where,
            what="returns a _row or _from that names no row of the files",
            fix="pass _row on as it is: _row, or list(_row) AS _from",
            code="KB-1113",
        )
    if sizes is None or not len(sizes):
        return positions
    return np.minimum.reduceat(positions, np.concatenate([[0], np.cumsum(sizes)[:-1]]))


def _positions(known: pd.Index[Any], wanted: pd.Index[Any]) -> np.ndarray[Any, Any]:
    """The position of each wanted id; two entries may read the same file, so an id may stand twice."""
    unique = ~known.duplicated()
    found = known[unique].get_indexer(wanted)
    return np.where(found < 0, -1, np.flatnonzero(unique)[found])


def _trimmed(column: pa.ChunkedArray) -> pd.Series[str]:
    text = pc.utf8_trim_whitespace(column.cast(pa.large_string()))
    empty = pc.equal(text, "")
    return pd.Series(pc.if_else(empty, pa.scalar(None, text.type), text).to_pandas(), dtype="str")
