from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from pipeline.rules.service import DeliveryRule
from tests.engines import Engine, engine, policy_with

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
ON_TIME: dict[str, object] = {
    "ordered_on": "2026-08-01", "requested_on": "2026-09-08", "first_promised_on": "2026-09-10",
    "last_promised_on": "2026-09-12", "delivered_on": "2026-09-09", "is_document_correct": True, "is_undamaged": True,
}  # fmt: skip
LINE: dict[str, object] = {
    "quantity": 10,
    "delivered_quantity": 10,
    "unit": "pc",
    "net_amount": 1,
    "is_correct": True,
}
EARLY = ({"ordered_on": "2026-06-01", "first_promised_on": "2026-07-01", "requested_on": "2026-07-01"}, {})


def made(*orders: tuple[dict[str, object], dict[str, object]], **more: Any) -> Engine:
    """Orders with one line each, and an early one, so that September is within history."""
    rows = [*orders, EARLY]
    return engine(
        {
            "accounts": ACCOUNTS,
            "orders": [
                {"order_id": f"O{number}", "account_id": "A1", **ON_TIME, **order}
                for number, (order, _) in enumerate(rows)
            ],
            "order_lines": [
                {"order_id": f"O{number}", "line_no": 1, **LINE, **line}
                for number, (_, line) in enumerate(rows)
            ],
        },
        **more,
    )


def perfect(engine: Engine, basis: str = "first_promised") -> tuple[float | None, float]:
    """The rate of the account in September, and its coverage."""
    measure = engine.measure("perfect_order", "account", "month", ("basis", basis))
    assert measure.coverage is not None
    return (float(measure.value.floats[0]) if measure.value.known[0] else None), float(
        measure.coverage.floats[0]
    )


def test_an_order_is_perfect_only_where_all_of_it_is_true() -> None:
    late, short = {"delivered_on": "2026-09-11"}, {"delivered_quantity": 9}
    rows = [
        ({}, {}),
        (late, {}),
        ({}, short),
        ({"is_document_correct": False}, {}),
        ({"is_undamaged": False}, {}),
    ]

    assert perfect(made(*rows)) == (0.2, 1)
    assert perfect(made(({}, {}), (late, {})), "last_promised") == (1, 1)


def test_an_order_that_never_came_is_not_perfect_whatever_is_not_known_of_it() -> None:
    never = {"delivered_on": None, "is_document_correct": None, "is_undamaged": None}

    assert perfect(made(({}, {}), (never, {}))) == (0.5, 1)


def test_an_order_without_marks_is_left_out_and_coverage_says_so() -> None:
    assert perfect(made(({}, {}), ({"is_undamaged": None}, {}))) == (1, 0.5)


def test_without_any_marks_there_is_no_figure() -> None:
    no_marks = {"is_document_correct": None, "is_undamaged": None}

    assert perfect(made((no_marks, {}), ({**no_marks, "delivered_on": None}, {})))[0] is None


def test_a_cancelled_order_is_not_judged() -> None:
    assert perfect(made(({}, {}), ({"status": "cancelled", "is_undamaged": False}, {}))) == (1, 1)


def test_line_fill_counts_lines_that_came_in_full_however_late() -> None:
    late, never = {"delivered_on": "2026-09-29"}, {"delivered_on": None}
    found = made(({}, {}), (late, {}), (never, {}), ({}, {"delivered_quantity": 9}))

    assert found.value("line_fill", "account:A1") == 0.5


def test_a_line_is_due_on_the_first_date_it_has() -> None:
    october = {"first_promised_on": "2026-10-02"}
    only_requested = {"first_promised_on": None, "last_promised_on": None}

    assert made((october, {})).value("line_fill", "account:A1") is None
    assert made((only_requested, {})).value("line_fill", "account:A1") == 1


def volume_fill(engine: Engine) -> dict[str, float]:
    units = [unit for fact, (name, unit) in engine.evaluator.sums.cubes if fact == "quantity_due" and name]
    return {
        unit: round(
            float(engine.measure("volume_fill", "account", "month", ("unit", unit)).value.floats[0]), 6
        )
        for unit in units
    }


def test_volume_fill_counts_no_more_than_was_ordered_and_keeps_units_apart() -> None:
    found = made(({}, {"delivered_quantity": 15}), ({}, {"delivered_quantity": 5}), ({}, {"unit": "kg"}))

    assert volume_fill(found) == {"pc": 0.75, "kg": 1}


def test_what_came_later_than_the_cut_off_has_not_come() -> None:
    assert volume_fill(made(({"delivered_on": "2026-10-03"}, {}), ({}, {}))) == {"pc": 0.5}


def test_a_line_of_unknown_quantity_is_left_out_of_the_fill() -> None:
    found = made(({}, {}), ({}, {"quantity": None}), ({}, {"delivered_quantity": None}))
    measure = found.measure("line_fill", "account", "month")

    assert found.value("line_fill", "account:A1") == 1
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == pytest.approx(1 / 3)


def test_accuracy_is_of_the_lines_that_were_checked() -> None:
    found = made(
        ({}, {}), ({}, {"is_correct": False}), ({}, {"is_correct": None}), ({"delivered_on": None}, {})
    )
    measure = found.measure("order_accuracy", "account", "month")

    assert found.value("order_accuracy", "account:A1") == 0.5
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == pytest.approx(2 / 3)


def test_the_lines_and_marks_of_an_order_are_its_evidence() -> None:
    found = made(({}, {}))
    rows = found.evidence("orders_perfect", "account:A1", found.window("month"), ("basis", "first_promised"))

    assert rows["amount"].tolist() == [1_0000]
    assert [each.partition(":")[0] for each in rows["_from"].iloc[0].split()] == ["order_lines", "orders"]


def test_what_may_be_short_is_by_the_rule_of_the_day_a_line_was_due() -> None:
    rules = [
        DeliveryRule(short_pct=0.1, valid_from=date(2000, 1, 1)),
        DeliveryRule(short_pct=0.0, valid_from=date(2026, 9, 11)),
    ]
    short = {"delivered_quantity": 9}
    orders = [({"first_promised_on": "2026-09-10"}, short), ({"first_promised_on": "2026-09-11"}, short)]
    found = made(*orders, policy=policy_with(delivery=rules))

    assert found.value("line_fill", "account:A1") == 0.5
    assert perfect(found)[0] == 0.5
