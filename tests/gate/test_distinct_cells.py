from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.gate.distinct_cells import (
    Asked,
    about_places,
    asked,
    different,
    given_or_not,
    judges_cells,
    place_of,
    repeated,
    side_by_side,
)
from pipeline.gate.evaluation import evaluate
from pipeline.gate.expectations import Expectation, Suite

CELLS = st.lists(st.sampled_from(["a", "b", "c", None]), max_size=9)


def _claim(name: str, **kwargs: Any) -> Expectation:
    type_ = kwargs.pop("type", "expect_column_values_to_be_in_set")
    return Expectation("orders", type_, kwargs, name, "why", "warning", "row")


def _rows_by_answer(found: Asked) -> list[list[int]]:
    return [found.rows(np.array([at])).tolist() for at in range(len(found.cells))]


@given(CELLS)
def test_each_different_cell_answers_for_the_rows_that_hold_it(cells: list[str | None]) -> None:
    column = pd.Series(cells, dtype="str")
    found = different(column)
    told = [None if pd.isna(cell) else cell for cell in found.cells]

    assert sorted(map(str, told)) == sorted(map(str, set(cells)))
    assert [cells[row] for row in range(len(cells))] == [told[at] for at in found.answers]
    assert found.cells.dtype == column.dtype


@given(CELLS)
def test_a_given_cell_answers_for_the_given_and_a_missing_one_for_the_missing(
    cells: list[str | None],
) -> None:
    found = given_or_not(pd.Series(cells, dtype="str"))

    assert len(found.cells) == len({cell is None for cell in cells})
    assert found.cells.isna().to_numpy()[found.answers].tolist() == [cell is None for cell in cells]


@given(CELLS)
def test_every_cell_that_stands_more_than_once_answers_for_its_own_row(cells: list[str | None]) -> None:
    found = repeated(pd.Series(cells, dtype="str"))
    again = [at for at, cell in enumerate(cells) if cell is not None and cells.count(cell) > 1]
    duplicated = np.flatnonzero(found.cells.duplicated(keep=False) & found.cells.notna())

    assert found.rows(duplicated).tolist() == again
    assert sorted(row for rows in _rows_by_answer(found) for row in rows) == list(range(len(cells)))
    assert len(found.cells) <= len(again) + 1


def test_of_a_million_rows_few_cells_are_asked_about() -> None:
    content = pd.DataFrame({"order_id": np.arange(1_000_000), "is_known": np.arange(1_000_000) % 2 == 0})
    claims = [
        _claim("once", type="expect_column_values_to_be_unique", column="order_id"),
        _claim("given", type="expect_column_values_to_not_be_null", column="order_id"),
        _claim("known", column="is_known", value_set=[True]),
    ]
    frame = side_by_side(claims, asked(claims, content))

    assert frame.shape == (2, 3)
    assert frame.columns.tolist() == [place_of(claim) for claim in claims]
    assert about_places(claims[2]).kwargs == {"column": place_of(claims[2]), "value_set": [True]}


@pytest.mark.parametrize(
    "claim",
    [
        _claim("mostly", column="status", value_set=["a"], mostly=0.5),
        _claim("some", column="status", value_set=["a"], row_condition="x"),
        _claim("other", type="expect_column_distinct_values_to_be_in_set", column="status", value_set=["a"]),
        _claim("of_the_table", type="expect_table_row_count_to_be_between", min_value=1),
    ],
)
def test_what_weighs_rows_against_each_other_is_asked_of_all_rows(claim: Expectation) -> None:
    assert not judges_cells(claim)


@settings(max_examples=12, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c", None]), st.sampled_from([-1, 0, 1, 5, None]), st.booleans()
        ),
        min_size=1,
        max_size=9,
    )
)
def test_the_rows_that_break_an_expectation_are_found_as_if_every_row_were_asked_about(
    rows: list[tuple[str | None, int | None, bool]],
) -> None:
    content = pd.DataFrame(
        {
            "order_id": pd.Series([row[0] for row in rows], dtype="str"),
            "amount": pd.Series([row[1] for row in rows], dtype="Int64"),
            "is_known": pd.Series([row[2] for row in rows], dtype="bool"),
        }
    )
    ids, amounts = [row[0] for row in rows], [row[1] for row in rows]
    wanted = {
        "once": [at for at, cell in enumerate(ids) if cell is not None and ids.count(cell) > 1],
        "given": [at for at, cell in enumerate(ids) if cell is None],
        "listed": [at for at, cell in enumerate(ids) if cell not in ("a", None)],
        "not_listed": [at for at, cell in enumerate(ids) if cell == "a"],
        "between": [at for at, cell in enumerate(amounts) if cell is not None and not 0 <= cell <= 1],
        "known": [at for at, row in enumerate(rows) if not row[2]],
        "listed_in_half": [at for at, cell in enumerate(ids) if cell not in ("a", None)],
    }
    claims = (
        _claim("known", column="is_known", value_set=[True]),
        _claim("listed_in_half", column="order_id", value_set=["a"], mostly=1.0),
        _claim("once", type="expect_column_values_to_be_unique", column="order_id"),
        _claim("given", type="expect_column_values_to_not_be_null", column="order_id"),
        _claim("listed", column="order_id", value_set=["a"]),
        _claim(
            "not_listed", type="expect_column_values_to_not_be_in_set", column="order_id", value_set=["a"]
        ),
        _claim(
            "between", type="expect_column_values_to_be_between", column="amount", min_value=0, max_value=1
        ),
    )
    outcomes = evaluate(Suite("orders", claims), content)

    assert [outcome.expectation for outcome in outcomes] == list(claims)
    assert {outcome.expectation.name: outcome.positions.tolist() for outcome in outcomes} == wanted
    assert {outcome.expectation.name: outcome.holds for outcome in outcomes} == {
        name: not broken for name, broken in wanted.items()
    }
