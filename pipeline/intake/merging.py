"""One row a key: repeated rows, newer versions, and the same table from several sources. Pure.

Identical rows collapse; `newest_by` keeps the newest of several versions, and of exports that follow each other the
later one is right; anything else that shares a key is kept, so that the checks can judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.intake.casting import Mask
from pipeline.intake.mapped import NEWEST
from pipeline.intake.notes import Note, note
from pipeline.intake.snapshots import previous_ends, snapshots
from pipeline.schema import TABLES
from pipeline.sections import N_

_TRACE = ("_source", "_line")
Codes = np.ndarray[Any, np.dtype[np.int64]]


def key_codes(rows: pd.DataFrame, key: Sequence[str]) -> Codes:
    """One integer a key, −1 where every part of it is missing; a part that is missing equals another missing one."""
    if len(key) == 1:
        return pd.factorize(rows[key[0]])[0].astype(np.int64)
    codes = rows.groupby(list(key), dropna=False, sort=False).ngroup().to_numpy(dtype=np.int64)
    return np.where(rows[list(key)].isna().all(axis="columns"), -1, codes)


def deduplicated(
    table: str, rows: pd.DataFrame, key: Sequence[str], newest_by: str | None
) -> tuple[pd.DataFrame, list[Note]]:
    """One version of each row: the newest by `newest_by`, then that of the latest snapshot; identical rows stand once.

    Of identical rows of one export the one that stands first stays. Rows that share a key and have no order among
    them are all kept. What changed from snapshot to snapshot and what came late is said.
    """
    late = late_notes(table, rows, key)
    shared = _shared(key_codes(rows, key))
    if not shared.any():
        return rows, late
    among = rows[shared].sort_values(list(_TRACE), kind="stable")
    older = _outdated(among, key) if newest_by else among.iloc[:0]
    earlier = _of_earlier_snapshots(among.drop(index=older.index), key)
    left = among.drop(index=older.index.union(earlier.index))
    columns = list(TABLES[table].column_names)
    said = pd.concat([left, older, earlier])
    repeated = said[said.duplicated(columns)]
    notes = [_repeated_note(table, repeated)] if len(repeated) else []
    notes += _version_notes(table, older.drop(index=repeated.index, errors="ignore"), newest_by)
    notes += _changed_notes(table, earlier.drop(index=repeated.index, errors="ignore"))
    gone = repeated.index.union(older.index).union(earlier.index)
    return rows.drop(index=gone).reset_index(drop=True), [*notes, *late]


def _of_earlier_snapshots(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The rows of which a later snapshot of the same series has the key, where all of that key are of that series."""
    placed = snapshots(rows["_source"])
    groups = placed.groupby(key_codes(rows, key))
    of_one = (groups["series"].transform("nunique") == 1) & placed["series"].notna()
    known = groups["until_on"].transform("count") == groups["series"].transform("size")
    is_earlier = placed["until_on"] < groups["until_on"].transform("max")
    return rows[(of_one & known & is_earlier).to_numpy(dtype=np.bool_)]


def _shared(codes: Codes) -> Mask:
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return (codes >= 0) & (counts[np.maximum(codes, 0)] > 1)


def _outdated(rows: pd.DataFrame, key: Sequence[str]) -> pd.DataFrame:
    """The rows of which a newer version of the same key exists; one whose time is unknown is left to the checks."""
    newest = rows.groupby(key_codes(rows, key))[NEWEST].transform("max")
    return rows[(rows[NEWEST] < newest).fillna(value=False).to_numpy(dtype=np.bool_)]


def _repeated_note(table: str, rows: pd.DataFrame) -> Note:
    return note(
        table,
        "rows_stand_once",
        N_("Rows that are the same as another in every cell are taken once."),
        len(rows),
        examples=_traces(rows),
    )


def _version_notes(table: str, rows: pd.DataFrame, newest_by: str | None) -> list[Note]:
    why = N_(
        "A key stands in several versions: the newest by “{column}” is taken, the older ones are left out."
    )
    values = {"column": newest_by or ""}
    traces = _traces(rows)
    found = note(table, "keys_have_one_version", why, len(rows), examples=traces, values=values)
    return [found] if len(rows) else []


def _changed_notes(table: str, rows: pd.DataFrame) -> list[Note]:
    why = N_(
        "Exports that follow each other say something else of the same key: the one with the latest date in its name"
        " is right, the older versions are left out."
    )
    return [note(table, "rows_stay_as_exported", why, len(rows), examples=_traces(rows))] if len(rows) else []


def late_notes(table: str, rows: pd.DataFrame, key: Sequence[str]) -> list[Note]:
    """The rows that an earlier snapshot should have had: dated no later than it reaches, and first seen in a later one."""
    dated = TABLES[table].dated
    if dated is None or rows["_source"].nunique() < 2:
        return []
    placed = snapshots(rows["_source"])
    before = previous_ends(placed)
    if before.isna().all():
        return []
    codes = key_codes(rows, key)
    first = placed["until_on"] == placed.groupby(codes)["until_on"].transform("min")
    fell_on = rows[dated].dt.tz_localize(None) if rows[dated].dt.tz else rows[dated]
    late = rows[((fell_on <= before) & first).to_numpy(dtype=np.bool_) & (codes >= 0)]
    why = N_(
        "Rows came late: dated within what the export before reaches, they first stand in the one after it."
    )
    return [note(table, "rows_come_in_time", why, len(late), examples=_traces(late))] if len(late) else []


def _traces(rows: pd.DataFrame) -> list[tuple[str, int]]:
    pairs = rows[list(_TRACE)].drop_duplicates().sort_values(list(_TRACE)).head(5)
    return [(str(source), int(line)) for source, line in pairs.itertuples(index=False)]


def merged(
    table: str, first: pd.DataFrame, second: pd.DataFrame, key: Sequence[str], names: tuple[str, str]
) -> tuple[pd.DataFrame, list[Note]]:
    """The rows of two sources by key: the first has precedence, its empty cells are filled from the second.

    Cells in which both say something else are noted as conflicts. A key that one of them has more than once is
    taken from the first alone.
    """
    codes = key_codes(pd.concat([first, second], ignore_index=True), key)
    ours, theirs = codes[: len(first)], codes[len(first) :]
    known = np.isin(theirs, ours[ours >= 0]) & (theirs >= 0)
    once = known & ~_shared(theirs) & ~np.isin(theirs, ours[_shared(ours)])
    at = pd.Series(np.arange(len(first)), index=ours)
    partners = second[once].set_axis(at[theirs[once]].to_numpy(), axis="index")
    filled, conflicting = _filled(table, first.reset_index(drop=True), partners, key)
    merged_rows = pd.concat([filled, second[~known]], ignore_index=True)
    return merged_rows, _conflict_notes(table, conflicting, second[known & ~once], names)


def _filled(
    table: str, rows: pd.DataFrame, partners: pd.DataFrame, key: Sequence[str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows with their empty cells filled, and those partners that differ in a cell both have."""
    columns = [name for name in TABLES[table].column_names if name not in key]
    mine = rows.loc[partners.index]
    differs = np.zeros(len(partners), np.bool_)
    changed = {}
    for name in columns:
        both = mine[name].notna() & partners[name].notna()
        differs |= (both & (mine[name] != partners[name]).fillna(value=False)).to_numpy(dtype=np.bool_)
        changed[name] = rows[name].where(rows[name].notna(), partners[name].reindex(rows.index))
    return rows.assign(**changed), partners[differs]


def _conflict_notes(
    table: str, conflicting: pd.DataFrame, ignored: pd.DataFrame, names: tuple[str, str]
) -> list[Note]:
    notes = []
    values = dict(zip(("first", "second"), names, strict=True))
    if len(conflicting):
        why = N_("The sources {first} and {second} say different things of the same key; {first} counts.")
        notes.append(
            note(
                table,
                "sources_agree",
                why,
                len(conflicting),
                severity="warning",
                examples=_traces(conflicting),
                values=values,
            )
        )
    if len(ignored):
        why = N_("Rows of {second} that repeat a key are left out, as {first} already has these keys.")
        notes.append(
            note(
                table,
                "sources_agree",
                why,
                len(ignored),
                severity="warning",
                examples=_traces(ignored),
                values=values,
            )
        )
    return notes
