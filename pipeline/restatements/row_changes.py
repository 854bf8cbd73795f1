"""Which rows of the canonical tables came, went, or say something else in a second run. Pure.

A row is the same one in both runs where its table and key are the same (`_row`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from pipeline.schema import TABLES, TRACE_COLUMNS

CAME, WENT, CHANGED, LET_IN, KEPT_OUT = "late_row", "deleted_row", "changed_row", "let_in", "quarantined"
"""Not in the tables before; no longer in them; other cells; was in quarantine before; is in quarantine now."""

_NOT_CELLS = (*TRACE_COLUMNS, "_part")


@dataclass(frozen=True)
class Side:
    """A table of one run: the rows that may be used, and the hashes of those that are in quarantine."""

    rows: pd.DataFrame
    quarantined: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Change:
    """What happened to a row, and of a changed one to which columns."""

    kind: str
    columns: tuple[str, ...] = ()


Load = Callable[[str], Side | None]
"""A table of a run by name; None where the run has none."""


@dataclass(frozen=True)
class Changes:
    """The rows that changed between two runs, by `table:row`; a table is looked into when it is first asked for."""

    was: Load
    now: Load
    _known: dict[str, dict[str, Change]] = field(default_factory=dict)

    def of(self, source: str) -> Change | None:
        """What happened to the row `table:row`; None where it is the same in both, or a figure without a row of its own.

        Of what nobody bought, for one, there is a row in a segment of customers, and no sale that it was made of.
        """
        table, _, row = source.partition(":")
        return self.of_table(table).get(row) if table in TABLES else None

    def of_table(self, table: str) -> dict[str, Change]:
        """Every row of a table that is not the same in both, by its hash."""
        if table not in self._known:
            self._known[table] = row_changes(
                table, _side(self.was(table), table), _side(self.now(table), table)
            )
        return self._known[table]


def _side(found: Side | None, table: str) -> Side:
    if found is not None:
        return found
    return Side(
        pd.DataFrame({name: pd.Series(dtype="object") for name in (*TABLES[table].column_names, "_row")})
    )


def row_changes(table: str, was: Side, now: Side) -> dict[str, Change]:
    """The rows that one side lacks, and those with other cells, by hash."""
    before, after = frozenset(was.rows["_row"]), frozenset(now.rows["_row"])
    made = {row: Change(LET_IN if row in was.quarantined else CAME) for row in after - before}
    made |= {row: Change(KEPT_OUT if row in now.quarantined else WENT) for row in before - after}
    return made | {row: Change(CHANGED, names) for row, names in _other_cells(table, was.rows, now.rows)}


def _other_cells(table: str, was: pd.DataFrame, now: pd.DataFrame) -> list[tuple[str, tuple[str, ...]]]:
    """The rows that both sides hold once, with the columns in which they differ."""
    one, other = (each.drop_duplicates("_row", keep=False).set_index("_row") for each in (was, now))
    both = one.index.intersection(other.index, sort=True)
    names = [name for name in TABLES[table].column_names if name not in _NOT_CELLS]
    cells = {name: _differs(one.loc[both, name], other.loc[both, name]) for name in names}
    changed = np.flatnonzero(np.any(list(cells.values()), axis=0)).tolist()
    return [(str(both[at]), tuple(name for name in names if cells[name][at])) for at in changed]


def _differs(one: pd.Series, other: pd.Series) -> np.ndarray:
    was, now = one.astype("object"), other.astype("object")
    unequal = (was != now) & ~(was.isna() & now.isna())
    return unequal.fillna(value=True).to_numpy(dtype=bool)
