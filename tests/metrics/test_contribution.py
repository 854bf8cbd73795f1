from __future__ import annotations

from tests.engines import Engine, engine

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
Row = dict[str, object]


def made(*efforts: Row, cost: object = 600) -> Engine:
    rows: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "orders": [{"order_id": "O1", "account_id": "A1", "ordered_on": "2026-09-02"}],
        "order_lines": [{"order_id": "O1", "line_no": 1, "net_amount": 1000, "cost_amount": cost}],
        "cost_to_serve": [
            {"account_id": "A1", "month_on": "2026-09-01", "activity": f"a{number}", **effort}
            for number, effort in enumerate(efforts)
        ],
    }
    return engine(rows)


def test_effort_is_hours_times_rate_by_activity() -> None:
    found = made({"hours": "2.5", "rate_amount": "33.33"}, {"hours": 1, "rate_amount": 10})

    assert found.value("cost_to_serve", "account:A1") == 93.325
    assert found.measure("cost_to_serve", "account", "month", ("activity", "a1")).value.floats[0] == 10
    assert found.value("service_hours", "account:A1") == 3.5


def test_contribution_is_gross_profit_less_the_cost_to_serve() -> None:
    found = made({"hours": 10, "rate_amount": 15})

    assert found.value("contribution", "account:A1") == 250
    assert found.value("contribution_margin", "portfolio:all") == 0.25
    assert found.value("cost_to_serve_share", "account:A1") == 0.15


def test_hours_without_a_rate_make_the_figure_unknown() -> None:
    found = made({"hours": 10, "rate_amount": 15}, {"hours": 1})

    assert found.value("contribution", "account:A1") is None


def test_sales_without_a_cost_are_left_out_and_coverage_says_so() -> None:
    found = made({"hours": 10, "rate_amount": 15}, cost=None)
    measure = found.measure("contribution", "account", "month")

    assert found.value("contribution", "account:A1") == -150
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == 0
    assert found.value("contribution_margin", "account:A1") is None


def test_without_records_of_effort_nothing_is_taken_for_zero() -> None:
    assert made().value("contribution", "account:A1") is None
