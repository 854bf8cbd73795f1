"""The cells of a table that answer for all its cells, so that a million rows are judged by a few. Pure.

Most expectations judge a cell by itself: equal cells get equal answers, so each different cell is asked about once.
Whether a cell is given is one question for all that are; only cells that stand more than once can break uniqueness.
An expectation of any other type, or with an argument that weighs rows against each other (`mostly`, `row_condition`),
is asked about every row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from pipeline.gate.expectations import Expectation

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Asked:
    """Cells of one column that are asked about, and for each row of the table which of them answers for it."""

    cells: pd.Series[Any]
    answers: Positions

    def rows(self, broken: Positions) -> Positions:
        """The rows for which the cells at `broken` answer, ascending; places below the cells answer for none."""
        is_broken = np.zeros(len(self.cells), np.bool_)
        is_broken[broken[broken < len(self.cells)]] = True
        return np.flatnonzero(is_broken[self.answers]).astype(np.int64)


def different(cells: pd.Series[Any]) -> Asked:
    """Each different cell once, a missing one among them."""
    answers, once = pd.factorize(cells, use_na_sentinel=False)
    return Asked(pd.Series(once, dtype=cells.dtype), answers.astype(np.int64))


def given_or_not(cells: pd.Series[Any]) -> Asked:
    """The first cell that is given and the first that is missing, as far as there are such."""
    missing = cells.isna().to_numpy(dtype=np.bool_)
    first = [int(place) for place in (missing.argmin(), missing.argmax())] if len(cells) else []
    return _chosen(cells, sorted(set(first), key=first.index), np.where(missing.all(), 0, missing))


def repeated(cells: pd.Series[Any]) -> Asked:
    """The first given cell that stands once, and every one that stands more than once; those missing count as once."""
    codes, _ = pd.factorize(cells)
    counts = np.bincount(codes[codes >= 0], minlength=1)
    again = (codes >= 0) & (counts[np.maximum(codes, 0)] > 1)
    once = [int(again.argmin())] if not again.all() else []
    return _chosen(
        cells, [*once, *np.flatnonzero(again)], np.where(again, np.cumsum(again) - 1 + len(once), 0)
    )


def _chosen(cells: pd.Series[Any], places: Sequence[int], answers: npt.NDArray[Any]) -> Asked:
    return Asked(cells.iloc[list(places)].reset_index(drop=True), answers.astype(np.int64))


def _with_missing(cells: pd.Series[Any], length: int) -> pd.Series[Any]:
    """As many cells, missing ones below: of those most expectations say nothing."""
    nullable: pd.Series[Any] = cells.astype("boolean") if cells.dtype == np.bool_ else cells
    return nullable.reindex(pd.RangeIndex(length))


def _with_first(cells: pd.Series[Any], length: int) -> pd.Series[Any]:
    """As many cells, the first again below: where a missing one would be said to be at fault."""
    places = np.arange(length)
    return cells.take(np.where(places < len(cells), places, 0)).reset_index(drop=True)


@dataclass(frozen=True)
class _Way:
    """Which cells answer for a type of expectation, what may stand below them, and the arguments it may have for that."""

    choose: Callable[[pd.Series[Any]], Asked]
    arguments: frozenset[str]
    lengthen: Callable[[pd.Series[Any], int], pd.Series[Any]] = _with_missing


_WAYS: Mapping[str, _Way] = {
    "expect_column_values_to_not_be_null": _Way(given_or_not, frozenset({"column"}), _with_first),
    "expect_column_values_to_be_unique": _Way(repeated, frozenset({"column"})),
    "expect_column_values_to_be_in_set": _Way(different, frozenset({"column", "value_set"})),
    "expect_column_values_to_not_be_in_set": _Way(different, frozenset({"column", "value_set"})),
    "expect_column_values_to_be_between": _Way(
        different, frozenset({"column", "min_value", "max_value", "strict_min", "strict_max"})
    ),
}


def judges_cells(expectation: Expectation) -> bool:
    """Whether an expectation can be asked about some cells in place of all."""
    way = _WAYS.get(expectation.type)
    return way is not None and "column" in expectation.kwargs and set(expectation.kwargs) <= way.arguments


def place_of(expectation: Expectation) -> str:
    """The name under which its cells stand: the column's, and how they were chosen."""
    return f"{expectation.kwargs['column']} {_WAYS[expectation.type].choose.__name__}"


def about_places(expectation: Expectation) -> Expectation:
    """The expectation, asked of its place in `side_by_side` in place of its column."""
    return replace(expectation, kwargs={**expectation.kwargs, "column": place_of(expectation)})


def asked(expectations: Iterable[Expectation], content: pd.DataFrame) -> dict[str, Asked]:
    """By place the cells that answer for these expectations, all of which judge cells."""
    return {place: _WAYS[type_].choose(content[column]) for place, (type_, column) in _places(expectations)}


def side_by_side(expectations: Iterable[Expectation], chosen: Mapping[str, Asked]) -> pd.DataFrame:
    """The cells of `asked` as one frame with a column a place, as long as the longest of them."""
    length = max((len(each.cells) for each in chosen.values()), default=0)
    return pd.DataFrame(
        {
            place: _WAYS[type_].lengthen(chosen[place].cells, length)
            for place, (type_, _) in _places(expectations)
        },
        index=pd.RangeIndex(length),
    )


def _places(expectations: Iterable[Expectation]) -> Iterable[tuple[str, tuple[str, str]]]:
    return {place_of(each): (each.type, str(each.kwargs["column"])) for each in expectations}.items()
