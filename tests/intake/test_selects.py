"""What may be asked of a database: one SELECT, and nothing that is not for certain one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text

from pipeline.errors import SourceError
from pipeline.intake.selects import named_in_both, parameters_of, require_one_select, without_colons


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "SELECT a, b FROM t WHERE c < :until_on;",
        "(select a from t) union all (select a from u) ;; ",
        "with x as (select 1 as a) select a from x -- the end; really",
        "-- first\n/* delete; */ select 'delete; drop', \"update\", `into` from t",
        "select replace(a, 'x', 'it''s; y') from t where updated_at::date > '2026-01-01 12:30:00' and b[1:2] = c",
        "select * from deleted_orders",
    ],
)
def test_one_select_passes(query: str) -> None:
    require_one_select(query, "here")


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "is no SELECT"),
        ("delete from orders", "is no SELECT"),
        ("pragma writable_schema = 1", "is no SELECT"),
        ("select 1; select 2", "several statements"),
        ("select 1; drop table orders", "several statements"),
        ("with gone as (delete from orders returning *) select * from gone", "DELETE"),
        ("select * into copy from orders", "INTO"),
        ("select * from orders for update", "UPDATE"),
        ("select 'open", "not closed"),
        ("select 1 /* open", "not closed"),
        ("select $$a$$", "$$"),
        (r"select '\''; drop table x; -- '", "backslash"),
        ("select * from orders where day < :until_onn", "nearest: until_on"),
        ("select * from orders where day < :start", ":start"),
    ],
)
def test_anything_else_is_refused_with_what_it_is(query: str, said: str) -> None:
    with pytest.raises(SourceError) as error:
        require_one_select(query, "here")

    assert error.value.code == "KB-1145"
    assert said in str(error.value)


def test_parameters_are_told_from_casts_times_and_texts() -> None:
    query = "select ':no', \":no\", a::date, '12:30' -- :no\n from t where b < :until_on or c = :until_on"

    assert parameters_of(query) == ("until_on",)
    assert set(text(without_colons(query)).compile().params) == {"until_on"}


@given(st.lists(st.sampled_from(["':a'", "'b::c'", '":d"', "e", "::f", "/* :g */", "'12:30'"]), max_size=6))
def test_what_a_database_is_asked_is_what_the_mapping_says(parts: list[str]) -> None:
    query = f"select {' , '.join(parts)} < :until_on"

    compiled = str(text(without_colons(query)).compile())

    assert compiled == query


def test_only_names_of_the_query_are_told_of_a_databases_message() -> None:
    query = "select custmer_id, 'Acme' from orders"

    assert named_in_both(query, "no such column: custmer_id") == ("custmer_id",)
    assert named_in_both(query, "cannot convert 'Acme' of Bolt Ltd from column") == ()
