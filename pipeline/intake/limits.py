"""What no export is: so much that reading it would take the memory of the machine. Beyond it a file is refused."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.compute as pc

from pipeline.errors import SourceError

COLUMNS = 4096
"""A CRM's largest object has some 800 fields; its export joined with others some 2 000."""

CELLS = 200_000_000
"""Ten million rows of twenty columns."""

CELL_BYTES = 4 << 20
"""Of one cell; a long text field holds 131 072 characters."""


RESULT_BYTES = 2 << 30
"""Of the cells of a query's result: as much as a file may have."""


def require_size(columns: int, rows: int, source: str) -> None:
    """Refuse a table by its shape, before room is taken for it. SourceError KB-1132."""
    if columns > COLUMNS:
        raise _beyond(source, f"has {columns:,} columns, and no export has more than {COLUMNS:,}")
    if columns * rows > CELLS:
        raise _beyond(source, f"has {columns * rows:,} cells, more than the {CELLS:,} that are read at once")


def require_bytes(size: int, source: str) -> None:
    """Refuse what a database goes on sending, as soon as it is too much. SourceError KB-1132."""
    if size > RESULT_BYTES:
        raise _beyond(source, f"has more than {RESULT_BYTES >> 30} GB of cells")


def require_short_cells(columns: Iterable[pa.Array], source: str) -> None:
    """Refuse a table with a cell that is no field of a record but a file in itself. SourceError KB-1132."""
    longest = max((pc.max(pc.binary_length(column)).as_py() or 0 for column in columns), default=0)
    if longest > CELL_BYTES:
        raise too_long(source, longest)


def too_long(where: str, size: int | None = None) -> SourceError:
    """The error of a cell beyond the limit; its size in bytes where that is known."""
    said = f"of {size:,} bytes" if size else f"of more than {CELL_BYTES:,} bytes"
    return _beyond(where, f"holds a cell {said}, and no field of a record is that long")


def _beyond(where: str, what: str) -> SourceError:
    return SourceError(
        where=where,
        what=what,
        fix="export fewer columns or a shorter period, or look whether it is the file that is meant",
        code="KB-1132",
    )
