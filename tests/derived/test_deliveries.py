from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest

from pipeline.rules.service import DeliveryRule
from tests.engines import derived_table, policy_with

ACCOUNTS = [{"account_id": "A1", "name": "a"}]
LINE: dict[str, object] = {"quantity": 10, "delivered_quantity": 10, "net_amount": 1}
Cells = dict[str, object]


def made(name: str, order: Cells, *lines: Cells, **more: Any) -> pd.DataFrame:
    rows = {
        "accounts": ACCOUNTS,
        "orders": [{"order_id": "O1", "account_id": "A1", "ordered_on": "2026-08-01", **order}],
        "order_lines": [
            {"order_id": "O1", "line_no": number, **LINE, **line}
            for number, line in enumerate(lines or ({},), 1)
        ],
    }
    return derived_table(name, rows, **more)


def judged(order: Cells, *lines: Cells, basis: str = "requested", **more: Any) -> tuple[bool, bool, bool]:
    """(on time, in full, both) of the order by one basis."""
    row = of_basis(made("deliveries", order, *lines, **more), basis)
    return bool(row["is_on_time"]), bool(row["is_in_full"]), bool(row["is_met"])


def of_basis(table: pd.DataFrame, basis: str) -> Any:
    rows = table[table["basis"] == basis]
    assert len(rows) == 1
    return rows.iloc[0]


DATES: Cells = {
    "requested_on": "2026-09-10",
    "first_promised_on": "2026-09-12",
    "last_promised_on": "2026-09-14",
    "delivered_on": "2026-09-12",
}


def test_an_order_is_judged_by_each_of_its_three_dates() -> None:
    table = made("deliveries", DATES)

    assert {basis: bool(of_basis(table, basis)["is_met"]) for basis in table["basis"]} == {
        "requested": False, "first_promised": True, "last_promised": True,
    }  # fmt: skip
    assert of_basis(table, "requested")["days_late"] == 2
    assert of_basis(table, "last_promised")["days_late"] == -2


def test_without_a_date_there_is_nothing_to_be_judged_by() -> None:
    table = made("deliveries", {"requested_on": "2026-09-10", "delivered_on": "2026-09-10"})

    assert table["basis"].tolist() == ["requested"]


@pytest.mark.parametrize(
    ("delivered_on", "on_time"), [("2026-09-09", True), ("2026-09-10", True), ("2026-09-11", False)]
)
def test_on_time_is_on_the_day_or_before(delivered_on: str, on_time: bool) -> None:
    assert judged({**DATES, "delivered_on": delivered_on})[0] is on_time


@pytest.mark.parametrize(
    ("delivered", "in_full"), [(10, True), (11, True), ("9.9999", False), (0, False), (None, False)]
)
def test_in_full_is_everything_that_was_ordered(delivered: object, in_full: bool) -> None:
    assert judged({**DATES, "delivered_on": "2026-09-10"}, {"delivered_quantity": delivered})[1] is in_full


@pytest.mark.parametrize(
    ("rule", "delivered_on", "on_time"),
    [
        ({"late_days": 2}, "2026-09-12", True),
        ({"late_days": 2}, "2026-09-13", False),
        ({"early_days": 1}, "2026-09-09", True),
        ({"early_days": 1}, "2026-09-08", False),
        ({"early_days": 0}, "2026-09-10", True),
    ],
)
def test_the_tolerance_in_days_is_the_policys(rule: dict[str, Any], delivered_on: str, on_time: bool) -> None:
    policy = policy_with(delivery=[DeliveryRule(valid_from=date(2000, 1, 1), **rule)])

    assert judged({**DATES, "delivered_on": delivered_on}, policy=policy)[0] is on_time


@pytest.mark.parametrize(("delivered", "in_full"), [("9.5", True), ("9.4", False)])
def test_the_tolerance_in_quantity_is_the_policys(delivered: str, in_full: bool) -> None:
    policy = policy_with(delivery=[DeliveryRule(valid_from=date(2000, 1, 1), short_pct=0.05)])

    assert (
        judged({**DATES, "delivered_on": "2026-09-10"}, {"delivered_quantity": delivered}, policy=policy)[1]
        is in_full
    )


def test_a_delivery_is_judged_by_the_rule_of_the_day_it_was_due() -> None:
    rules = [
        DeliveryRule(valid_from=date(2000, 1, 1), late_days=2),
        DeliveryRule(valid_from=date(2026, 9, 12), late_days=0),
        DeliveryRule(valid_from=date(2026, 10, 1), late_days=99),
    ]
    order = {
        **DATES,
        "first_promised_on": "2026-09-11",
        "last_promised_on": "2026-09-12",
        "delivered_on": "2026-09-13",
    }
    table = made("deliveries", order, policy=policy_with(delivery=rules))

    assert {basis: bool(of_basis(table, basis)["is_on_time"]) for basis in table["basis"]} == {
        "requested": False, "first_promised": True, "last_promised": False,
    }  # fmt: skip


def test_what_is_not_delivered_by_the_cut_off_is_a_miss() -> None:
    row = of_basis(made("deliveries", {"requested_on": "2026-09-30"}), "requested")

    assert (bool(row["is_due"]), bool(row["is_met"])) == (True, False)


def test_what_is_not_due_by_the_cut_off_is_left_out() -> None:
    row = of_basis(made("deliveries", {"requested_on": "2026-10-01"}), "requested")

    assert not row["is_due"]


def test_a_delivery_after_the_as_of_date_is_not_known_yet() -> None:
    row = of_basis(
        made("deliveries", {"requested_on": "2026-10-05", "delivered_on": "2026-10-01"}), "requested"
    )

    assert pd.isna(row["delivered_on"])
    assert not row["is_met"]


@pytest.mark.parametrize("status", ["cancelled", "Cancelled", "canceled"])
def test_a_cancelled_order_is_not_due_and_is_counted(status: str) -> None:
    row = of_basis(made("deliveries", {**DATES, "status": status}), "requested")

    assert (bool(row["is_due"]), bool(row["is_cancelled"])) == (False, True)


def test_a_return_is_no_delivery() -> None:
    table = made("deliveries", DATES, {"quantity": -1, "delivered_quantity": None})

    assert table.empty


def test_an_order_is_met_only_where_every_line_is() -> None:
    whole = {**DATES, "delivered_on": "2026-09-10"}

    assert judged(whole, {}, {}) == (True, True, True)
    assert judged(whole, {}, {"delivered_quantity": 1}) == (True, False, False)
    assert judged(whole, {}, {"delivered_on": "2026-09-11"}) == (False, True, False)
    assert judged(whole, {"delivered_on": "2026-09-11"}, {"delivered_quantity": 1}) == (False, False, False)


def test_a_line_on_time_but_short_and_one_late_but_whole_meet_nothing() -> None:
    table = made(
        "delivery_lines",
        DATES,
        {"delivered_on": "2026-09-10", "delivered_quantity": 1},
        {"delivered_on": "2026-09-11"},
    )
    rows = table[table["basis"] == "requested"]

    assert rows["is_met"].tolist() == [False, False]
    assert rows["is_on_time"].tolist() == [True, False]


def test_a_lines_own_date_comes_before_its_orders() -> None:
    table = made("delivery_lines", DATES, {"requested_on": "2026-09-20"}, {})

    rows = table[table["basis"] == "requested"]
    assert rows["due_on"].dt.day.tolist() == [20, 10]


def test_an_order_falls_on_its_own_date_whatever_its_lines_say() -> None:
    row = of_basis(made("deliveries", DATES, {"requested_on": "2026-09-20"}), "requested")

    assert row["due_on"] == pd.Timestamp("2026-09-10")
    assert row["days_late"] == 2
    assert row["is_met"]  # its line was asked for later


def test_an_order_without_a_date_falls_on_that_of_its_first_line() -> None:
    lines = ({"requested_on": "2026-09-20"}, {"requested_on": "2026-09-18"})
    row = of_basis(made("deliveries", {"delivered_on": "2026-09-15"}, *lines), "requested")

    assert row["due_on"] == pd.Timestamp("2026-09-20")


def test_an_order_is_delivered_with_its_last_line() -> None:
    two = made("deliveries", DATES, {"delivered_on": "2026-09-09"}, {"delivered_on": "2026-09-11"})
    open_line = made("deliveries", {**DATES, "delivered_on": None}, {"delivered_on": "2026-09-09"}, {})

    assert of_basis(two, "requested")["delivered_on"] == pd.Timestamp("2026-09-11")
    assert pd.isna(of_basis(open_line, "requested")["delivered_on"])


def test_an_order_is_made_of_all_its_lines() -> None:
    table = made("deliveries", DATES, {}, {}, {})

    assert [len(set(text.split())) for text in table["_from"]] == [3, 3, 3]
    assert all(text.startswith("order_lines:") for text in table["_from"])


def test_without_lines_there_is_no_delivery() -> None:
    rows = {"accounts": ACCOUNTS, "orders": [], "order_lines": []}

    assert derived_table("deliveries", rows).empty
    assert {"basis", "due_on", "is_due", "is_met"} <= set(derived_table("deliveries", rows).columns)


# What came is not always said


def test_what_came_must_be_said_to_judge_whether_it_was_all() -> None:
    two = {**DATES, "delivered_on": "2026-09-10"}
    table = made("delivery_lines", two, {"delivered_quantity": None}, {})

    assert list(of_lines(table, "requested")["is_quantified"]) == [False, True]
    assert not of_basis(made("deliveries", two, {"delivered_quantity": None}, {}), "requested")[
        "is_quantified"
    ]
    assert bool(of_basis(made("deliveries", two), "requested")["is_quantified"])


def test_what_never_came_is_a_miss_though_no_quantity_is_said() -> None:
    table = made("deliveries", {**DATES, "delivered_on": None}, {"delivered_quantity": None})

    assert bool(of_basis(table, "requested")["is_quantified"])
    assert not of_basis(table, "requested")["is_met"]


def test_where_no_quantity_is_ever_said_not_even_what_never_came_can_be_judged() -> None:
    silent = {"delivered_quantity": None}
    table = made(
        "delivery_lines", DATES, {**silent, "delivered_on": "2026-09-10"}, {**silent, "delivered_on": None}
    )

    assert not of_lines(table, "requested")["is_quantified"].any()


def of_lines(table: pd.DataFrame, basis: str) -> pd.DataFrame:
    return table[table["basis"] == basis].sort_values("line_no")
