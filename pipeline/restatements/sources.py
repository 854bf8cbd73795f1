"""Of which canonical rows the rows of a run's fact tables were made, and whose these are. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.schema import TABLES

_Items = npt.NDArray[Any]


@dataclass(frozen=True)
class Sources:
    """The fact tables of a run and its canonical tables; both are looked into when they are first asked for."""

    facts: Mapping[str, pd.DataFrame]
    canonical: Callable[[str], pd.DataFrame | None]
    _tables: dict[str, pd.DataFrame | None] = field(default_factory=dict)
    _found: dict[Any, Any] = field(default_factory=dict)

    def items(self, table: str) -> _Items:
        """For each row of a fact table the canonical row `table:row` that it is about: the first it was made of."""
        found: _Items = self._once(_items, table, self.facts[table])
        return found

    def of(self, table: str, item: str) -> tuple[str, ...]:
        """All canonical rows that any row about the item was made of; none where the run has no such item."""
        found: dict[str, tuple[str, ...]] = self._once(_by_item, table, self.facts.get(table))
        return found.get(item, ())

    def account(self, table: str, row: str) -> str:
        """The account that a canonical row names; empty where it names none, or the run has no such row."""
        found: dict[str, str] = self._once(_accounts, table, self._table(table))
        return found.get(row, "")

    def parents(self, source: str) -> list[str]:
        """The rows that a canonical row refers to, save its account and managers: an order line's order and product."""
        table, _, row = source.partition(":")
        named = TABLES[table].parents if table in TABLES else {}
        far = [parent for parent in named.values() if parent not in ("accounts", "managers")]
        keys: dict[str, dict[str, Any]] = self._once(_references, table, self._table(table)) if far else {}
        mine = keys.get(row, {})
        return [f"{parent}:{hit}" for parent in far if (hit := self._row_of(parent, mine.get(parent)))]

    def _row_of(self, table: str, key: Any) -> str | None:
        found: dict[Any, str] = self._once(_rows_by_key, table, self._table(table))
        return found.get(key)

    def _table(self, table: str) -> pd.DataFrame | None:
        if table not in self._tables:
            self._tables[table] = self.canonical(table)
        return self._tables[table]

    def _once(self, make: Callable[[str, Any], Any], table: str, rows: pd.DataFrame | None) -> Any:
        key = (make, table)
        if key not in self._found:
            self._found[key] = make(table, rows)
        return self._found[key]


def _items(table: str, rows: pd.DataFrame) -> _Items:
    if "_from" not in rows.columns:
        return np.asarray((table + ":") + rows["_row"].astype("str"), dtype=object)
    return np.asarray(rows["_from"].astype("str").str.split(" ", n=1).str[0], dtype=object)


def _by_item(table: str, rows: pd.DataFrame | None) -> dict[str, tuple[str, ...]]:
    if rows is None:
        return {}
    items = _items(table, rows)
    if "_from" not in rows.columns:
        return {item: (item,) for item in items}
    joined = rows["_from"].astype("str").groupby(items, sort=False).agg(" ".join)
    return {str(item): tuple(dict.fromkeys(text.split())) for item, text in joined.items()}


def _accounts(table: str, rows: pd.DataFrame | None) -> dict[str, str]:
    if rows is None or "account_id" not in TABLES[table].column_names:
        return {}
    return dict(zip(rows["_row"], rows["account_id"].fillna(""), strict=True))


def _references(table: str, rows: pd.DataFrame | None) -> dict[str, dict[str, Any]]:
    """Of each row the keys of the parents that it names, by the parents' tables."""
    if rows is None:
        return {}
    parents = TABLES[table].parents
    keys = zip(*(rows[column] for column in parents), strict=True)
    return {
        row: dict(zip(parents.values(), each, strict=True))
        for row, each in zip(rows["_row"], keys, strict=True)
    }


def _rows_by_key(table: str, rows: pd.DataFrame | None) -> dict[Any, str]:
    return {} if rows is None else dict(zip(rows[TABLES[table].key[0]], rows["_row"], strict=True))
