"""Rows that cannot become rows of a canonical table, as they came, with line and reason. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pandas as pd

from pipeline.intake.reading import Raw

WHOLE_ROW = "row"
REJECT_COLUMNS = ("table", "_source", "_line", "_reason", "column", "cells", "account_id", "parent_key")


def broken_rejects(raw: Raw, table: str) -> pd.DataFrame:
    """The rows of a raw file that have not the cells its header promises, as rejects of a table."""
    count = len(raw.broken)
    return rejects_table(
        [table] * count,
        [raw.source] * count,
        [row.line for row in raw.broken],
        [row.reason for row in raw.broken],
        [WHOLE_ROW] * count,
        [{str(at): cell for at, cell in enumerate(row.cells, 1)} for row in raw.broken],
    )


def rejects_table(
    tables: Sequence[str],
    sources: Sequence[str],
    lines: Sequence[int],
    reasons: Sequence[str],
    columns: Sequence[str],
    cells: Sequence[Mapping[str, object]],
    accounts: Sequence[object] | None = None,
    parent_keys: Sequence[object] | None = None,
) -> pd.DataFrame:
    """Rejected rows in the columns of `rejects.parquet`; `column` is the first one at fault, `WHOLE_ROW` for all.

    `accounts` and `parent_keys` (the row's key of the table that knows its account) tell whose figures lack the row.
    """
    unknown = [None] * len(tables)
    return pd.DataFrame(
        {
            "table": pd.Series(tables, dtype="str"),
            "_source": pd.Series(sources, dtype="str"),
            "_line": pd.Series(lines, dtype="Int64"),
            "_reason": pd.Series(reasons, dtype="str"),
            "column": pd.Series(columns, dtype="str"),
            "cells": pd.Series([json.dumps(row, ensure_ascii=False) for row in cells], dtype="str"),
            "account_id": pd.Series(unknown if accounts is None else list(accounts), dtype="str"),
            "parent_key": pd.Series(unknown if parent_keys is None else list(parent_keys), dtype="str"),
        }
    )
