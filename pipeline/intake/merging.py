"""One row a key: repeated rows, newer versions, and the same table from several sources. Pure.

Identical rows collapse; `newest_by` keeps the newest of several versions; anything else that shares a key is kept, so
that the checks can judge it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from pipeline.intake.casting import Mask
from pipeline.intake.mapped import NEWEST
from pipeline.intake.notes import Note, note
from pipeline.schema import TABLES

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
    """The rows without identical repetitions and, where `newest_by` is given, without older versions.

    Of identical rows the one that stands first (by file and line) stays.
    """
    codes = key_codes(rows, key)
    shared = _shared(codes)
    if not shared.any():
        return rows, []
    among = rows[shared].sort_values(list(_TRACE), kind="stable")
    columns = list(TABLES[table].column_names)
    repeated = among[among.duplicated(columns)]
    notes = [_repeated_note(table, repeated)] if len(repeated) else []
    left = among.drop(index=repeated.index)
    outdated = _outdated(left, key) if newest_by else left.iloc[:0]
    if newest_by and len(outdated):
        notes.append(_outdated_note(table, outdated, newest_by))
    return rows.drop(index=repeated.index.union(outdated.index)).reset_index(drop=True), notes


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
        "每一格都与另一行相同的重复行，只取一次。",
        len(rows),
        examples=_traces(rows),
    )


def _outdated_note(table: str, rows: pd.DataFrame, newest_by: str) -> Note:
    return note(
        table,
        "keys_have_one_version",
        f"同一编号有多个版本，按“{newest_by}”取最新的一行，较早的版本未采用。",
        len(rows),
        examples=_traces(rows),
    )


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
    if len(conflicting):
        why = f"来源 {names[0]} 与 {names[1]} 对同一编号的记载不一致，以 {names[0]} 为准。"
        notes.append(
            note(
                table,
                "sources_agree",
                why,
                len(conflicting),
                severity="warning",
                examples=_traces(conflicting),
            )
        )
    if len(ignored):
        why = f"来源 {names[1]} 中编号重复的行未采用，因为 {names[0]} 已有这些编号。"
        notes.append(
            note(table, "sources_agree", why, len(ignored), severity="warning", examples=_traces(ignored))
        )
    return notes
