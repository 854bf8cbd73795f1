from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipeline.rules.finance import CurrencyRule
from pipeline.rules.forecasts import ForecastRule
from tests.engines import Engine, derived_table, engine, policy_with

ACCOUNTS = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b", "currency": "EUR"}]
Row = dict[str, object]


def forecast(month: str, made_on: str, amount: object, **more: object) -> Row:
    return {
        "account_id": "A1",
        "product_id": "P1",
        "period_on": month,
        "made_on": made_on,
        "amount": amount,
        **more,
    }


def tables(forecasts: list[Row], sales: list[tuple[str, object, Row]], **more: Any) -> dict[str, list[Row]]:
    """Sales are (day, amount, more cells of the line or the order)."""
    orders: list[Row] = []
    lines: list[Row] = []
    for number, (day, amount, cells) in enumerate(sales):
        order = {"order_id": f"O{number}", "account_id": cells.get("account_id", "A1"), "ordered_on": day}
        orders.append({**order, "currency": cells.get("currency")})
        product = cells.get("product_id", "P1")
        lines.append({"order_id": f"O{number}", "line_no": 1, "product_id": product, "net_amount": amount})
    given = {"accounts": ACCOUNTS, "forecasts": forecasts, "orders": orders, "order_lines": lines}
    return {**given, **more}


def frozen(forecasts: list[Row], sales: list[tuple[str, object, Row]], **more: Any) -> pd.DataFrame:
    table = derived_table("frozen_forecasts", tables(forecasts, sales, **more.pop("tables", {})), **more)
    return table.set_index(["product_id", table["period_on"].dt.strftime("%Y-%m")])


def exact(table: pd.DataFrame, name: str) -> dict[str, float]:
    return {"/".join(key): amount / 10_000 for key, amount in table[name].items()}


SEPTEMBER = ("2026-09-10", 100, {})


def test_the_last_forecast_made_by_the_lag_counts() -> None:
    rows = [
        forecast("2026-09-01", "2026-07-15", 10), forecast("2026-09-01", "2026-08-01", 20),
        forecast("2026-09-01", "2026-08-02", 30),
    ]  # fmt: skip
    table = frozen(rows, [SEPTEMBER])

    assert exact(table, "forecast") == {"P1/2026-09": 20}
    assert exact(table, "actual") == {"P1/2026-09": 100}


def test_the_lag_is_policys() -> None:
    rows = [forecast("2026-09-01", "2026-07-15", 10), forecast("2026-09-01", "2026-08-31", 30)]
    policy = policy_with(forecast=[ForecastRule(lag_months=0, valid_from=date(2000, 1, 1))])

    assert exact(frozen(rows, [SEPTEMBER], policy=policy), "forecast") == {"P1/2026-09": 30}


def test_a_missing_forecast_is_an_error_of_all_that_was_sold() -> None:
    table = frozen([forecast("2026-08-01", "2026-06-01", 10)], [SEPTEMBER])

    assert exact(table, "forecast") == {"P1/2026-08": 10, "P1/2026-09": 0}
    assert table["has_forecast"].tolist() == [True, False]


def test_a_forecast_of_what_was_not_sold_is_an_error_too() -> None:
    table = frozen([forecast("2026-09-01", "2026-06-01", 10, product_id="P2")], [SEPTEMBER])

    assert exact(table, "actual") == {"P1/2026-09": 100, "P2/2026-09": 0}


def test_an_account_counts_from_its_first_frozen_month_on_and_one_without_any_not_at_all() -> None:
    sales = [("2026-07-01", 7, {}), SEPTEMBER, ("2026-09-02", 5, {"account_id": "A2"})]
    table = frozen([forecast("2026-09-01", "2026-06-01", 10)], sales)

    assert exact(table, "actual") == {"P1/2026-09": 100}


def test_a_month_that_is_not_over_does_not_count() -> None:
    rows = [forecast("2026-09-01", "2026-06-01", 10), forecast("2026-08-01", "2026-06-01", 10)]
    table = frozen(rows, [SEPTEMBER], as_of=date(2026, 9, 20))

    assert list(exact(table, "actual")) == ["P1/2026-08"]


def test_a_forecast_without_a_product_is_for_the_rest_of_the_account() -> None:
    rows = [
        forecast("2026-09-01", "2026-06-01", 40),
        forecast("2026-09-01", "2026-06-01", 60, product_id=None),
    ]
    sales = [SEPTEMBER, ("2026-09-11", 50, {"product_id": "P2"}), ("2026-09-12", 8, {"product_id": "P3"})]
    table = frozen(rows, sales)

    assert exact(table, "forecast") == {"/2026-09": 60, "P1/2026-09": 40}
    assert exact(table, "actual") == {"/2026-09": 58, "P1/2026-09": 100}


def test_forecasts_of_several_managers_for_the_same_are_added() -> None:
    rows = [
        forecast("2026-09-01", "2026-06-01", 40, manager_id="M1"),
        forecast("2026-09-01", "2026-07-01", 60, manager_id="M2"),
    ]

    assert exact(frozen(rows, [SEPTEMBER]), "forecast") == {"P1/2026-09": 100}


def test_the_naive_forecast_is_the_same_month_a_year_earlier() -> None:
    table = frozen([forecast("2026-09-01", "2026-06-01", 10)], [("2025-09-30", 70, {}), SEPTEMBER])

    assert exact(table, "naive") == {"P1/2026-09": 70}


def test_amounts_are_compared_in_the_currency_of_the_forecast() -> None:
    fx = [{"rate_on": "2025-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 8}]
    rows = [forecast("2026-09-01", "2026-06-01", 800, account_id="A2", currency="CNY")]
    table = frozen(rows, [("2026-09-10", 90, {"account_id": "A2", "currency": "EUR"})], tables={"fx": fx})

    assert exact(table, "forecast") == {"P1/2026-09": 800}
    assert exact(table, "actual") == {"P1/2026-09": 720}
    assert set(table["currency"]) == {"CNY"}


def test_a_forecast_in_the_reporting_currency_is_held_against_sales_as_they_are_reported() -> None:
    fx = [
        {"rate_on": on, "currency": "EUR", "to_currency": "CNY", "rate": rate}
        for on, rate in (("2025-01-01", 8), ("2026-06-10", "7.5"), ("2026-09-05", "7.9"))
    ]
    rows = [forecast("2026-09-01", "2026-06-01", 800, account_id="A2", currency="CNY")]
    found = engine(
        tables(rows, [("2026-09-10", 100, {"account_id": "A2", "currency": "EUR"})], fx=fx, payments=[])
    )
    month = found.window("month")

    assert found.amount("forecast_actual", "portfolio:all", month) == 790_0000
    assert found.amount("net_sales", "portfolio:all", month) == 790_0000
    assert found.amount("forecast_error", "portfolio:all", month) == 10_0000


def test_after_a_change_of_currency_older_forecasts_are_converted_to_that_of_the_latest() -> None:
    fx = [{"rate_on": "2025-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 8}]
    rows = [
        forecast("2026-08-01", "2026-05-01", 800, account_id="A2", currency="CNY"),
        forecast("2026-09-01", "2026-06-01", 90, account_id="A2", currency="EUR"),
    ]
    table = frozen(rows, [("2026-09-10", 80, {"account_id": "A2", "currency": "EUR"})], tables={"fx": fx})

    assert exact(table, "forecast") == {"P1/2026-08": 100, "P1/2026-09": 90}
    assert set(table["currency"]) == {"EUR"}


def test_sales_are_converted_by_the_policys_rule_for_flows() -> None:
    fx = [
        {"rate_on": on, "currency": "EUR", "to_currency": "CNY", "rate": rate}
        for on, rate in (("2026-09-01", 8), ("2026-09-11", 9))
    ]
    rows = [forecast("2026-09-01", "2026-06-01", 800, account_id="A2", currency="CNY")]
    policy = policy_with(currency=[CurrencyRule(flows="month_average", valid_from=date(2000, 1, 1))])
    table = frozen(
        rows, [("2026-09-10", 100, {"account_id": "A2", "currency": "EUR"})], tables={"fx": fx}, policy=policy
    )

    assert exact(table, "actual") == {"P1/2026-09": 850}


def test_without_a_rate_the_actual_is_unknown() -> None:
    rows = [forecast("2026-09-01", "2026-06-01", 800, account_id="A2", currency="USD")]
    table = frozen(rows, [("2026-09-10", 90, {"account_id": "A2", "currency": "EUR"})])

    assert table["actual"].isna().tolist() == [True]


def test_each_cell_names_forecast_sales_and_the_year_before() -> None:
    table = frozen([forecast("2026-09-01", "2026-06-01", 10)], [("2025-09-30", 70, {}), SEPTEMBER])

    assert [each.partition(":")[0] for each in table["_from"].iloc[0].split()] == [
        "forecasts", "order_lines", "order_lines",
    ]  # fmt: skip


def made(forecasts: list[Row], sales: list[tuple[str, object, Row]]) -> Engine:
    return engine(tables(forecasts, [*sales, ("2024-01-05", 1, {"product_id": "P9"})]))


def month(number: int, amount: object, **more: object) -> Row:
    return forecast(f"2026-{number:02}-01", "2025-12-01", amount, **more)


def test_errors_are_taken_by_cell_and_do_not_cancel_out() -> None:
    rows = [month(9, 150, product_id="A"), month(9, 50, product_id="B")]
    found = made(rows, [("2026-09-01", 100, {"product_id": "A"}), ("2026-09-02", 100, {"product_id": "B"})])

    assert found.value("wape", "portfolio:all") == 0.5
    assert found.value("forecast_accuracy", "account:A1") == 0.5
    assert found.value("forecast_bias", "portfolio:all") == 0


def test_accuracy_is_never_below_zero() -> None:
    assert made([month(9, 900)], [SEPTEMBER]).value("forecast_accuracy", "portfolio:all") == 0


def test_nothing_sold_gives_no_figure() -> None:
    found = made([month(9, 900)], [])

    assert found.value("wape", "portfolio:all") is None
    assert found.value("forecast_accuracy", "portfolio:all") is None


def test_skill_compares_with_the_year_before() -> None:
    found = made([month(9, 90)], [("2025-09-05", 60, {}), SEPTEMBER])

    assert found.value("forecast_skill", "portfolio:all") == 1 - 10 / 40


def test_coverage_says_how_many_cells_had_a_forecast() -> None:
    found = made([month(9, 100)], [SEPTEMBER, ("2026-09-03", 5, {"product_id": "P2"})])
    measure = found.measure("wape", "portfolio", "month")

    assert measure.coverage is not None
    assert measure.coverage.floats[0] == 0.5


@pytest.mark.parametrize(("months", "signal"), [(range(4, 10), 6.0), (range(5, 10), None)])
def test_the_tracking_signal_needs_six_months(months: range, signal: float | None) -> None:
    found = made([month(each, 110) for each in months], [(f"2026-{each:02}-09", 100, {}) for each in months])

    assert found.value("tracking_signal", "portfolio:all") == signal


def test_errors_that_change_sides_keep_the_tracking_signal_low() -> None:
    rows = [month(each, 110 if each % 2 else 90) for each in range(4, 10)]
    found = made(rows, [(f"2026-{each:02}-09", 100, {}) for each in range(4, 10)])

    assert found.value("tracking_signal", "portfolio:all") == 0
