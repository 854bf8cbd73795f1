from __future__ import annotations

from typing import Any

import pytest

from pipeline.engine.quantities import REASONS
from tests.engines import Engine, engine

Line = dict[str, object]


def sold(*lines: Line, **more: Any) -> Engine:
    """A company whose order lines are given with `account` and `on`; each is an order of its own."""
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}, {"account_id": "B", "name": "b"}],
        "orders": [
            {"order_id": f"O{at}", "account_id": line["account"], "ordered_on": line["on"], "kind": line.get("kind")}
            for at, line in enumerate(lines)
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1,
             **{name: cell for name, cell in line.items() if name not in ("account", "on", "kind")}}
            for at, line in enumerate(lines)
        ],
    }  # fmt: skip
    return engine(rows, **more)


def sale(account: str, on: str, net: object, **cells: object) -> Line:
    return {"account": account, "on": on, "net_amount": net, **cells}


def test_a_return_counts_in_its_own_month() -> None:
    found = sold(sale("A", "2026-08-05", 100), sale("A", "2026-09-05", -30), sale("A", "2026-09-06", 5))

    assert found.value("net_sales", "account:A") == -25.0


def test_two_accounts_that_grew_by_200_and_100_percent_are_no_portfolio_that_grew_by_150() -> None:
    found = sold(
        sale("A", "2025-09-05", 100), sale("A", "2026-09-05", 300),
        sale("B", "2025-09-05", 1000), sale("B", "2026-09-05", 2000),
    )  # fmt: skip

    assert found.value("sales_growth", "account:A") == 2.0
    assert found.value("sales_growth", "account:B") == 1.0
    assert found.value("sales_growth", "portfolio:all") == 1200 / 1100


@pytest.mark.parametrize("before", [0, -5])
def test_there_is_no_growth_on_nothing_or_less(before: int) -> None:
    found = sold(sale("B", "2025-09-01", 1), sale("A", "2025-09-05", before), sale("A", "2026-09-05", 300))
    measure = found.measure("sales_growth", "account", "month")

    assert REASONS[measure.value.reasons[0]] == "not_positive"
    assert measure.numerator is not None
    assert measure.numerator.floats[0] == 300 - before  # the absolute change stays to be told


def test_growth_on_the_period_before_compares_with_the_quarter_before() -> None:
    found = sold(sale("A", "2026-05-01", 120), sale("A", "2026-08-01", 90))

    assert (
        found.value("sales_growth_on_period", "account:A", "quarter") is None
    )  # April is not in the exports
    found = sold(sale("B", "2026-04-01", 1), sale("A", "2026-05-01", 120), sale("A", "2026-08-01", 90))
    assert found.value("sales_growth_on_period", "account:A", "quarter") == -0.25


def test_quantities_are_told_by_unit_and_never_added_over_units() -> None:
    found = sold(
        sale("A", "2026-09-01", 1, quantity="2.5", unit="kg"), sale("A", "2026-09-02", 1, quantity=-1, unit="kg"),
        sale("A", "2026-09-03", 1, quantity=7, unit="pcs"), sale("A", "2026-09-04", 1, unit="pcs"),
    )  # fmt: skip

    volumes = {
        unit: found.measure("volume", "portfolio", "month", ("unit", unit)).value.floats[0]
        for unit in ("kg", "pcs")
    }
    assert volumes == {"kg": 1.5, "pcs": 7.0}


def test_sales_by_kind_leave_out_what_has_no_kind() -> None:
    found = sold(sale("A", "2026-09-01", 5, kind="new"), sale("A", "2026-09-02", 7, kind="renewal"),
                 sale("A", "2026-09-03", 11))  # fmt: skip

    by_kind = {
        kind: found.measure("sales_by_kind", "account", "month", ("kind", kind)).value.floats[0]
        for kind in ("new", "renewal")
    }
    assert by_kind == {"new": 5.0, "renewal": 7.0}
    assert found.value("net_sales", "account:A") == 23.0


def test_the_margin_is_of_the_sales_whose_cost_is_known() -> None:
    found = sold(
        sale("A", "2026-09-01", 200, cost_amount=150),
        sale("A", "2026-09-02", 50),
        sale("B", "2026-09-02", 50),
    )
    measure = found.measure("gross_margin", "account", "month")

    assert measure.value.floats[0] == 0.25
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == 0.8
    assert REASONS[measure.value.reasons[1]] == "not_positive"


def test_margins_of_accounts_are_weighed_by_their_sales() -> None:
    found = sold(sale("A", "2026-09-01", 100, cost_amount=0), sale("B", "2026-09-01", 900, cost_amount=900))

    assert found.value("gross_margin", "account:A") == 1.0
    assert found.value("gross_margin", "account:B") == 0.0
    assert found.value("gross_margin", "portfolio:all") == 0.1


def test_sales_of_a_product_are_those_of_its_lines() -> None:
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}],
        "products": [{"product_id": "P1", "name": "pump"}, {"product_id": "P2", "name": "salt"}],
        "orders": [{"order_id": "O", "account_id": "A", "ordered_on": "2026-09-01"}],
        "order_lines": [
            {"order_id": "O", "line_no": 1, "net_amount": 5, "product_id": "P1"},
            {"order_id": "O", "line_no": 2, "net_amount": 7, "product_id": "P2"},
            {"order_id": "O", "line_no": 3, "net_amount": 11},
        ],
    }
    found = engine(rows)

    assert [found.value("net_sales", f"product:{each}") for each in ("P1", "P2")] == [5.0, 7.0]
