"""Cells: a flow kept for each account and combination of some columns (product, unit, currency), along the edges.

What is worked out product by product, as price, volume and mix are, needs more than an account's total. The cells of
an account lie in one part, so parts are put one behind the other and never added.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.engine.cube import Contributions, Edges, Setting, flow_amounts, flow_cube
from pipeline.engine.exact import Integers
from pipeline.engine.quantities import Quantity
from pipeline.facts import Fact


@dataclass(frozen=True)
class CellCube:
    """Running sums before each edge: `values[c, e]`; `gaps` counts lines that are not known, for `reason`."""

    account: Integers
    labels: Mapping[str, npt.NDArray[Any]]
    values: npt.NDArray[np.int64]
    gaps: npt.NDArray[np.int64]
    reason: int = 0


@dataclass(frozen=True)
class Cells:
    """A fact of every cell in a window: the position of its account, and its labels by column."""

    quantity: Quantity
    owners: Integers
    labels: Mapping[str, npt.NDArray[Any]]
    count: int
    short: bool = False
    """The window begins before the data does."""


def no_cells(count: int, scale: int, *, short: bool = False) -> Cells:
    """No cells at all; `count` accounts."""
    nothing = np.zeros(0, dtype=np.int64)
    return Cells(Quantity.of(nothing, scale), nothing, {}, count, short)


def cell_cube(
    fact: Fact, rows: pd.DataFrame, lines: Contributions, target: npt.NDArray[Any], setting: Setting
) -> CellCube:
    """The cells of a fact whose lines, made of these rows, are wanted in the target currency of each.

    Cells come from all rows of the table, so that facts of the same table and columns have the same cells in the
    same order: by account, then by label.
    """
    codes, labels, account = _cells(fact, rows, setting)
    amounts, reasons = flow_amounts(lines, target, setting.flow_rates)
    return _along_edges(codes, labels, account, lines, amounts, reasons, setting.edges)


def _cells(
    fact: Fact, rows: pd.DataFrame, setting: Setting
) -> tuple[Integers, dict[str, npt.NDArray[Any]], Integers]:
    """The cell of each row, and each cell's labels and account."""
    keys = pd.DataFrame({name: rows[name].fillna("").to_numpy(dtype=object) for name in fact.within})
    keys.insert(0, "account", setting.directory.account_codes(rows["account_id"]))
    grouped = keys.groupby(list(keys.columns), sort=True)
    codes: Integers = np.asarray(grouped.ngroup(), dtype=np.int64)
    firsts = keys.iloc[np.unique(codes, return_index=True)[1]]
    labels = {name: firsts[name].to_numpy(dtype=object) for name in fact.within}
    account: Integers = np.asarray(firsts["account"], dtype=np.int64)
    return codes, labels, account


def _along_edges(
    codes: Integers,
    labels: dict[str, npt.NDArray[Any]],
    account: Integers,
    lines: Contributions,
    amounts: Integers,
    reasons: npt.NDArray[np.int8],
    edges: Edges,
) -> CellCube:
    cells = codes[lines.row]
    nobody = np.full(cells.size, -1, dtype=np.int64)
    added = flow_cube(cells, nobody, lines.day, amounts, reasons, edges)
    values = np.zeros((account.size, edges.days.size), dtype=np.int64)
    gaps = np.zeros_like(values)
    values[added.account] = added.values
    if added.gaps is not None:
        gaps[added.account] = added.gaps
    return CellCube(account, labels, values, gaps, added.reason)


def behind_each_other(cubes: list[CellCube]) -> CellCube:
    """The cells of several parts as one."""
    return CellCube(
        np.concatenate([cube.account for cube in cubes]),
        {name: np.concatenate([cube.labels[name] for cube in cubes]) for name in cubes[0].labels},
        np.concatenate([cube.values for cube in cubes]),
        np.concatenate([cube.gaps for cube in cubes]),
        max(cube.reason for cube in cubes),
    )


def between(cube: CellCube, edges: Edges, from_on: date, until_on: date, scale: int, count: int) -> Cells:
    """The cells of a window; short of history where no window begins or ends on these days."""
    low, high = edges.at(from_on), edges.at(until_on)
    if low is None or high is None:
        return no_cells(count, scale, short=True)
    missing = cube.gaps[:, high] > cube.gaps[:, low]
    reasons = np.where(missing, cube.reason, 0).astype(np.int8)
    values = cube.values[:, high] - cube.values[:, low]
    return Cells(Quantity(values, scale, reasons), cube.account, cube.labels, count)
