from __future__ import annotations

import pytest

from pipeline.engine.quantities import REASONS
from tests.engines import Engine, engine

BASES = ("requested", "first_promised", "last_promised")


def order(
    number: int, account: str, delivered: str | None, *short: int, **cells: object
) -> dict[str, object]:
    """An order of two lines, asked for 10 September, promised first for the 12th and last for the 14th."""
    return {
        "order_id": f"O{number}", "account_id": account, "ordered_on": "2026-09-01", "requested_on": "2026-09-10",
        "first_promised_on": "2026-09-12", "last_promised_on": "2026-09-14", "delivered_on": delivered,
        "short": short, **cells,
    }  # fmt: skip


def delivered(*orders: dict[str, object]) -> Engine:
    lines = [
        {"order_id": each["order_id"], "line_no": number, "net_amount": 1, "quantity": 2,
         "delivered_quantity": 1 if number in each["short"] else 2}  # type: ignore[operator]
        for each in orders
        for number in (1, 2)
    ]  # fmt: skip
    kept = [{name: cell for name, cell in each.items() if name != "short"} for each in orders]
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}, {"account_id": "B", "name": "b"}],
        "orders": kept,
        "order_lines": lines,
    }
    return engine(rows)


FOUR = (
    order(1, "A", "2026-09-10"),
    order(2, "A", "2026-09-12"),
    order(3, "A", "2026-09-14", 1),
    order(4, "A", None),
)


def by_basis(found: Engine, metric: str, kind: str = "account") -> list[float]:
    return [float(found.measure(metric, kind, "month", ("basis", each)).value.floats[0]) for each in BASES]


def test_orders_are_judged_by_three_dates_and_whole() -> None:
    found = delivered(*FOUR)

    assert by_basis(found, "otif_orders") == [1 / 4, 2 / 4, 2 / 4]
    assert by_basis(found, "on_time_orders") == [1 / 4, 2 / 4, 3 / 4]
    assert by_basis(found, "in_full_orders") == [2 / 4, 2 / 4, 2 / 4]


def test_lines_are_judged_one_by_one() -> None:
    assert by_basis(delivered(*FOUR), "otif_lines") == [2 / 8, 4 / 8, 5 / 8]


def test_a_portfolio_is_the_sum_of_its_orders_not_the_mean_of_its_accounts() -> None:
    found = delivered(*FOUR, order(5, "B", "2026-09-10"))

    assert by_basis(found, "otif_orders", "portfolio") == [2 / 5, 3 / 5, 3 / 5]


@pytest.mark.parametrize("metric", ["otif_orders", "otif_lines", "on_time_orders", "in_full_orders"])
def test_where_nothing_fell_due_there_is_no_rate(metric: str) -> None:
    measure = delivered(*FOUR).measure(metric, "account", "month", ("basis", "requested"))

    assert REASONS[measure.value.reasons[1]] == "not_positive"


def test_cancelled_orders_are_left_out_of_the_rate_and_counted() -> None:
    found = delivered(*FOUR, order(5, "A", None, status="cancelled"))

    assert by_basis(found, "otif_orders") == [1 / 4, 2 / 4, 2 / 4]
    assert (
        found.amount("orders_cancelled", "account:A", found.window("month"), ("basis", "requested")) == 1_0000
    )


def test_an_order_belongs_to_the_window_of_its_basis_date() -> None:
    found = delivered(*FOUR, order(5, "A", "2026-09-01", requested_on="2026-08-31"))

    assert by_basis(found, "otif_orders") == [1 / 4, 3 / 5, 3 / 5]


def test_without_quantities_on_time_is_known_and_in_full_is_not() -> None:
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}],
        "orders": [{name: cell for name, cell in order(1, "A", "2026-09-10").items() if name != "short"}],
        "order_lines": [{"order_id": "O1", "line_no": 1, "net_amount": 1, "quantity": 2}],
    }
    found = engine(rows)
    requested = ("basis", "requested")

    assert found.measure("on_time_orders", "account", "month", requested).value.floats[0] == 1
    for metric in ("otif_orders", "otif_lines", "in_full_orders", "perfect_order"):
        measured = found.measure(metric, "account", "month", requested)
        assert not measured.value.known[0]
        assert REASONS[int(measured.value.reasons[0])] == "input_missing"
