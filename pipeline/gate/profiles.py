"""What a table looks like month by month: its rows, its gaps, what is missing and how large its numbers are.

A profile holds counts and sizes only, never a client's values, and is kept with the run (`quality/profile.json`), so
that a later month can be compared with it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.schema import TABLES, Column

MONTHS = 13
"""The month of the as-of date and the twelve before it."""
YEAR = 365
_FEW_VALUES = 30
"""A column of text with more different values than these is no list of choices."""

_SAMPLE = 4096

_Places = npt.NDArray[np.int64]


@dataclass(frozen=True)
class ColumnProfile:
    """One column by month, oldest first: cells that are empty, the median size of numbers, cells of a new value.

    A size is None where the month has no number. `unseen` counts the cells of the last month whose value no month
    before has; None where the column is no list of choices.
    """

    name: str
    missing: tuple[int, ...]
    sizes: tuple[float | None, ...] = ()
    unseen: int | None = None


@dataclass(frozen=True)
class Profile:
    """One table up to the as-of date. A table without a date of its own has no months.

    `newest` is its last day, `longest_gap` the most days between two days with rows in the year before that,
    `days_in_year` how many such days that year has. A monthly table is dated on first days of months alone.
    """

    table: str
    rows: int
    months: tuple[int, ...] = ()
    columns: tuple[ColumnProfile, ...] = ()
    newest: date | None = None
    longest_gap: int = 0
    days_in_year: int = 0
    is_monthly: bool = False


class Kept(TypedDict):
    """`quality/profile.json`: what a later run compares itself with."""

    period: str
    as_of: str
    rows: dict[str, int]
    """Those that could be read, by table."""
    offered: int
    """All that the exports held."""
    findings: dict[str, int]
    quarantined: int
    headers: dict[str, list[str]]
    """The headers that are neither mapped nor ignored, by table."""


def profile_of(path: Path, table: str, as_of: date) -> Profile:
    """The profile of a table as ingest wrote it, read a column at a time."""
    file = pq.ParquetFile(path)
    rows, dated = file.metadata.num_rows, TABLES[table].dated
    if dated is None or not rows:
        return Profile(table, rows)
    days = _days(file.read([dated]).column(0))
    upto = days[(days >= 0) & (days <= _day(as_of))]
    if not len(upto):
        return Profile(table, rows)
    places = _months_back(days, as_of)
    seen = np.unique(upto)
    year = seen[seen > seen[-1] - YEAR]
    return Profile(
        table=table,
        rows=rows,
        months=_counts(places, np.ones(len(places), dtype=np.bool_)),
        columns=_columns(file, table, places),
        newest=date(1970, 1, 1) + timedelta(days=int(seen[-1])),
        longest_gap=int(np.diff(year).max()) if len(year) > 1 else 0,
        days_in_year=len(year),
        is_monthly=bool((_of_month(seen) == 1).all()),
    )


def kept(
    period: str, as_of: date, profiles: Iterable[Profile], found: dict[str, int], quarantined: int,
    headers: dict[str, list[str]], offered: int,
) -> Kept:  # fmt: skip
    """What the next months need to know of this run."""
    rows = {profile.table: profile.rows for profile in profiles}
    return Kept(
        period=period, as_of=str(as_of), rows=rows, offered=offered, findings=found, quarantined=quarantined,
        headers=headers,
    )  # fmt: skip


def as_json(profiles: Iterable[Profile]) -> list[dict[str, Any]]:
    """Profiles for machines."""
    return [asdict(profile) for profile in profiles]


def _columns(file: pq.ParquetFile, table: str, places: _Places) -> tuple[ColumnProfile, ...]:
    """Every column by month; rows of other months are left out before anything is counted."""
    inside = pa.array(places >= 0)
    months = places[places >= 0]
    nothing = (0,) * MONTHS
    return tuple(
        ColumnProfile(column.name, nothing)
        if _has_all(file, column.name) and column.kind != "exact" and not _is_choice(column)
        else _column(column, file.read([column.name]).column(0).filter(inside), months)
        for column in TABLES[table].columns
    )


def _has_all(file: pq.ParquetFile, column: str) -> bool:
    """Whether the file itself says that no cell of the column is missing, so that it need not be read for that."""
    at = file.schema_arrow.get_field_index(column)
    groups = [file.metadata.row_group(number).column(at) for number in range(file.metadata.num_row_groups)]
    return all(group.is_stats_set and group.statistics.null_count == 0 for group in groups)


def _is_choice(column: Column) -> bool:
    return column.kind == "text" and not column.name.endswith("_id")


def _column(column: Column, cells: pa.ChunkedArray, places: _Places) -> ColumnProfile:
    return ColumnProfile(
        name=column.name,
        missing=_counts(places, np.asarray(cells.is_null())),
        sizes=_sizes(cells, places) if column.kind == "exact" else (),
        unseen=_unseen(cells, places) if _is_choice(column) else None,
    )


def _sizes(cells: pa.ChunkedArray, places: _Places) -> tuple[float | None, ...]:
    known = ~np.asarray(cells.is_null())
    sizes = np.abs(np.asarray(pc.fill_null(cells, 0)))[known]
    at = places[known]
    order = np.argsort(at.astype(np.int8), kind="stable")  # of one byte, which is sorted by counting
    parts = np.split(sizes[order], np.searchsorted(at[order], np.arange(1, MONTHS)))
    return tuple(float(np.median(part)) if len(part) else None for part in parts)


def _unseen(cells: pa.ChunkedArray, places: _Places) -> int | None:
    if _are_many(cells[:_SAMPLE]):
        return None
    coded = cells.dictionary_encode().combine_chunks()
    if _are_many(coded.dictionary):
        return None
    codes = np.asarray(pc.fill_null(coded.indices, -1))
    before = np.unique(codes[places < MONTHS - 1])
    if len(before) > _FEW_VALUES:
        return None
    now = codes[places == MONTHS - 1]
    return int((~np.isin(now, before) & (now >= 0)).sum())


def _are_many(cells: pa.Array | pa.ChunkedArray) -> bool:
    """Whether these are more different values than any list of choices has."""
    return bool(pc.count_distinct(cells).as_py() > 2 * _FEW_VALUES)


def _counts(places: _Places, chosen: npt.NDArray[np.bool_]) -> tuple[int, ...]:
    return tuple(np.bincount(places[chosen & (places >= 0)], minlength=MONTHS).tolist())


def _months_back(days: _Places, as_of: date) -> _Places:
    """The place of each day's month among the last thirteen; -1 for all others and for days after the as-of date."""
    moments = days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    last = (as_of.year - 1970) * 12 + as_of.month - 1
    places = moments - last + MONTHS - 1
    inside = (days >= 0) & (days <= _day(as_of)) & (places >= 0) & (places < MONTHS)
    return np.where(inside, places, -1)


def _days(cells: pa.ChunkedArray) -> _Places:
    """Days since 1970; -1 for none and for days before."""
    moments = cells.cast(pa.timestamp("s", tz=cells.type.tz)).cast(pa.int64())
    seconds = np.asarray(pc.fill_null(moments, -1).combine_chunks())
    return np.asarray(np.maximum(seconds // 86_400, -1), dtype=np.int64)


def _of_month(days: _Places) -> _Places:
    dates = days.astype("datetime64[D]")
    return np.asarray((dates - dates.astype("datetime64[M]")).astype(np.int64) + 1)


def _day(day: date) -> int:
    return (day - date(1970, 1, 1)).days
