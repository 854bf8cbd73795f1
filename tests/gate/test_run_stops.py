from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import DataError
from pipeline.gate import run_stops
from pipeline.gate.findings import Finding
from pipeline.periods import parse_period
from pipeline.settings import SalesBasis
from tests.tables import frame

AS_OF = date(2026, 9, 30)
CAUSE = Finding(
    table="orders",
    expectation="account_is_known",
    severity="critical",
    scope="row",
    subject_id=None,
    section=None,
    why="",
    rows=3,
    examples=[{"source": "o.csv", "line": 7}],
)


@pytest.mark.parametrize(("newest", "fresh"), [(date(2026, 9, 20), True), (date(2026, 9, 19), False)])
def test_the_newest_sale_may_lie_the_given_days_before_the_as_of_date(newest: date, fresh: bool) -> None:
    if fresh:
        run_stops.require_fresh(newest, "ordered", AS_OF, 10)
        return
    with pytest.raises(DataError) as stopped:
        run_stops.require_fresh(newest, "ordered", AS_OF, 10)

    assert (stopped.value.code, stopped.value.where) == ("KB-1212", "orders.ordered_on")
    assert "exports end on 2026-09-19" in stopped.value.what
    assert "-p 2026-08" in str(stopped.value.fix)


def test_newer_rows_than_the_as_of_date_are_fresh() -> None:
    run_stops.require_fresh(date(2026, 10, 8), "ordered", AS_OF, 0)


def test_exports_without_a_date_are_not_fresh() -> None:
    with pytest.raises(DataError) as stopped:
        run_stops.require_fresh(None, "invoiced", AS_OF, 10)

    assert (stopped.value.code, stopped.value.where) == ("KB-1212", "invoices.issued_on")


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(0, 60))
def test_the_month_that_is_proposed_is_the_last_that_runs(newest: date, days: int) -> None:
    proposed = parse_period(run_stops.month_reached(newest, days))
    after = parse_period(f"{proposed.until_on:%Y-%m}")

    run_stops.require_fresh(newest, "ordered", proposed.as_of, days)
    with pytest.raises(DataError):
        run_stops.require_fresh(newest, "ordered", after.as_of, days)


@pytest.mark.parametrize(
    ("basis", "rows"),
    [
        ("ordered", [{"ordered_on": "2026-09-01"}, {"ordered_on": "2026-09-05"}, {}]),
        ("invoiced", [{"issued_on": "2026-09-05"}, {"issued_on": "2027-01-01"}]),
        ("contracted", [{"starts_on": "2026-09-05"}]),
        ("won", [{"closed_on": "2026-09-05", "is_won": False}, {"closed_on": "2026-12-31"}]),
    ],
)
def test_the_newest_sale_is_taken_from_the_table_that_sales_are_counted_by(
    basis: SalesBasis, rows: list[dict[str, object]]
) -> None:
    table, _ = run_stops.SALES_DAY[basis]

    newest = run_stops.newest_sale(frame(table, rows)[run_stops.sales_columns(basis)], basis, AS_OF)

    assert newest == date(2026, 9, 5)


def test_no_row_has_no_newest() -> None:
    assert run_stops.newest_sale(frame("orders", []), "ordered", AS_OF) is None


@pytest.mark.parametrize(
    ("rows", "where", "says"),
    [
        ({"orders": 1}, "accounts", "is in no export"),
        ({"accounts": 0, "orders": 1}, "accounts", "has no rows"),
        ({"accounts": 1, "invoices": 1}, "orders", "is in no export"),
        ({"accounts": 1, "orders": 0}, "orders", "has no rows"),
    ],
)
def test_what_nothing_can_be_made_without_must_have_rows(rows: dict[str, int], where: str, says: str) -> None:
    with pytest.raises(DataError) as stopped:
        run_stops.require_rows(rows, "ordered")

    assert (stopped.value.code, stopped.value.where) == ("KB-1211", where)
    assert says in stopped.value.what


def test_the_basis_decides_which_table_must_have_rows() -> None:
    run_stops.require_rows({"accounts": 1, "invoices": 1, "orders": 0}, "invoiced")


@pytest.mark.parametrize(
    ("unusable", "limit", "stops"), [(2, 0.2, False), (3, 0.2, True), (10, 1.0, False), (1, 0.0, True)]
)
def test_a_table_may_have_a_share_of_its_rows_in_quarantine(unusable: int, limit: float, stops: bool) -> None:
    if not stops:
        run_stops.require_within_limit("orders", unusable, 10, limit, [CAUSE])
        return
    with pytest.raises(DataError) as stopped:
        run_stops.require_within_limit("orders", unusable, 10, limit, [CAUSE])

    assert (stopped.value.code, stopped.value.where) == ("KB-1214", "orders (o.csv:7)")
    assert "account_is_known" in stopped.value.what


def test_a_table_without_rows_is_within_its_limit() -> None:
    run_stops.require_within_limit("orders", 0, 0, 0.0, [])


def test_only_what_is_critical_for_the_run_stops_it() -> None:
    run_stops.require_run([CAUSE, CAUSE | {"scope": "run", "severity": "warning"}])

    with pytest.raises(DataError) as stopped:
        run_stops.require_run([CAUSE, CAUSE | {"scope": "run"}])

    assert (stopped.value.code, stopped.value.exit_code) == ("KB-1213", 12)


def test_the_limit_day_is_counted_in_days() -> None:
    run_stops.require_fresh(AS_OF - timedelta(days=3), "ordered", AS_OF, 3)
