from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.references import Figure
from pipeline.explain import explanation
from pipeline.facts.bridge import PARTS, Sold, bridged
from pipeline.metrics import METRICS
from tests.engines import Engine, engine

ACCOUNTS = [
    {"account_id": "A1", "name": "a", "owner_id": "M1"},
    {"account_id": "A2", "parent_id": "A1", "name": "b", "owner_id": "M2"},
    {"account_id": "A3", "name": "c", "currency": "EUR", "owner_id": "M2"},
]
BEFORE, NOW = "2025-09-10", "2026-09-10"


def sale(
    number: int, day: str, product: str, quantity: object, amount: object, **more: object
) -> list[dict[str, object]]:
    order = {"order_id": f"O{number}", "account_id": "A1", "ordered_on": day, **more}
    line = {
        "order_id": f"O{number}", "line_no": 1, "product_id": product, "unit": "pc", "quantity": quantity,
        "net_amount": amount, "currency": more.get("currency"),
    }  # fmt: skip
    return [order, line]


def sold(*sales: list[dict[str, object]], **tables: list[dict[str, object]]) -> Engine:
    early = sale(0, "2024-01-10", "X", 1, 1)  # history from two years before on
    rows = [early, *sales]
    given = {
        "accounts": ACCOUNTS,
        "orders": [each[0] for each in rows],
        "order_lines": [each[1] for each in rows],
    }
    return engine({**given, **tables})


def parts(made: Engine, subject: str = "portfolio:all", window: str = "month") -> dict[str, float | None]:
    at = made.position(subject)
    found = {}
    for part in ("", *PARTS):
        measure = made.measure(
            "sales_bridge", subject.partition(":")[0], window, ("part", part) if part else ("", "")
        )
        found[part] = float(measure.value.floats[at]) if measure.value.known[at] else None
    return found


TWO_PRODUCTS = (
    sale(1, BEFORE, "A", 10, 100), sale(2, BEFORE, "B", 10, 200),
    sale(3, NOW, "A", 12, 132), sale(4, NOW, "B", 6, 120),
)  # fmt: skip


def test_the_change_of_two_products_is_taken_apart_as_published() -> None:
    found = parts(sold(*TWO_PRODUCTS))

    assert found == {
        "": -48, "price": 12, "volume": -30, "mix": -30, "new": 0, "lost": 0, "currency": 0, "other": 0,
    }  # fmt: skip


def test_what_was_sold_in_one_window_only_is_new_or_lost() -> None:
    found = parts(sold(sale(1, BEFORE, "A", 10, 100), sale(2, NOW, "B", 3, 90)))

    assert (found["new"], found["lost"], found[""]) == (90, -100, -10)
    assert found["price"] == found["volume"] == found["mix"] == 0


def test_units_of_measure_are_never_added_together() -> None:
    kilograms = sale(3, BEFORE, "C", 1000, 50)
    more = sale(4, NOW, "C", 2000, 100)
    kilograms[1]["unit"] = more[1]["unit"] = "kg"
    found = parts(sold(sale(1, BEFORE, "A", 10, 100), sale(2, NOW, "A", 10, 100), kilograms, more))

    assert (found["volume"], found["mix"]) == (50, 0)


def test_rates_move_only_the_currency_part() -> None:
    fx = [
        {"rate_on": "2024-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 8},
        {"rate_on": "2026-01-01", "currency": "EUR", "to_currency": "CNY", "rate": 7},
    ]
    euro = {"account_id": "A3", "currency": "EUR"}
    made = sold(sale(1, BEFORE, "A", 10, 100, **euro), sale(2, NOW, "A", 12, 132, **euro), fx=fx)

    assert parts(made) == {
        "": 124, "price": 96, "volume": 160, "mix": 0, "new": 0, "lost": 0, "currency": -132, "other": 0,
    }  # fmt: skip


def test_sales_without_a_quantity_stand_apart_and_the_rest_is_told_with_its_coverage() -> None:
    fees = (sale(5, BEFORE, "F", None, 30), sale(6, NOW, "F", None, 50))
    made = sold(*TWO_PRODUCTS, *fees)
    measure = made.measure("sales_bridge", "portfolio", "month", ("part", "price"))

    assert (parts(made)["other"], parts(made)["price"], parts(made)[""]) == (20, 12, -28)
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == pytest.approx(552 / 632)


def test_where_nothing_has_a_quantity_no_price_or_volume_is_made_up() -> None:
    found = parts(sold(sale(1, BEFORE, "F", None, 30), sale(2, NOW, "F", None, 50)))

    assert (found[""], found["other"]) == (20, 20)
    assert found["price"] is found["volume"] is found["mix"] is None


def test_the_window_a_year_before_must_be_known() -> None:
    rows = sale(1, NOW, "A", 12, 132)
    made = engine({"accounts": ACCOUNTS, "orders": [rows[0]], "order_lines": [rows[1]]})

    assert parts(made)[""] is None


def test_a_group_is_the_sum_of_its_accounts_and_a_manager_of_those_owned_on_the_first_day() -> None:
    other = {"account_id": "A2"}
    made = sold(*TWO_PRODUCTS, sale(7, BEFORE, "A", 5, 50, **other), sale(8, NOW, "A", 10, 120, **other))

    assert (
        parts(made, "customer:A1")["price"]
        == parts(made, "account:A1")["price"] + parts(made, "account:A2")["price"]
    )  # type: ignore[operator]
    assert parts(made, "manager:M2")[""] == 70


def test_an_explanation_names_the_accounts_and_the_sales_of_both_windows() -> None:
    made = sold(*TWO_PRODUCTS)
    metric = METRICS.get("sales_bridge")
    figure = Figure(metric, "portfolio", "all", made.window("month"), ("part", "price"), "")
    said = explanation(made.basis, figure)
    facts = {(each["name"], each["from_on"]): each for each in said["facts"]}

    assert said["value"] == 12
    assert facts["bridge", "2026-09-01"]["evidence"] == [{"member": "A1", "amount": 12.0}]
    assert facts["sold_value", "2026-09-01"]["total"] == 252
    assert facts["sold_value", "2025-09-01"]["total"] == 300


amounts = st.integers(-(10**12), 10**12)
quantities = st.integers(-(10**8), 10**8)
cells = st.lists(
    st.tuples(amounts, quantities, amounts, quantities, st.integers(0, 2)), min_size=1, max_size=12
)


@given(cells)
def test_the_parts_add_up_to_the_change_exactly(rows: list[tuple[int, int, int, int, int]]) -> None:
    columns = [np.array(each, dtype=np.int64) for each in zip(*rows, strict=True)]
    before, now = Sold(columns[0], columns[0], columns[1]), Sold(columns[2], columns[2], columns[3])
    made = bridged(before, now, columns[4], 3)
    change = np.bincount(columns[4], weights=(columns[2] - columns[0]).astype(float), minlength=3)

    assert set(made) == set(PARTS)
    assert np.sum(list(made.values()), axis=0).tolist() == change.astype(np.int64).tolist()
    assert not made["currency"].any()


def test_what_belongs_to_nobody_is_in_the_change_of_the_portfolio() -> None:
    found = engine(
        {
            "accounts": [{"account_id": "A1", "name": "a"}],
            "orders": [
                {"order_id": "O1", "account_id": "A1", "ordered_on": "2025-09-02"},
                {"order_id": "O2", "account_id": "A1", "ordered_on": "2026-09-02"},
                {"order_id": "O3", "ordered_on": "2026-09-03"},
            ],
            "order_lines": [
                {"order_id": f"O{at}", "line_no": 1, "net_amount": amount, "quantity": 1}
                for at, amount in ((1, 100), (2, 130), (3, 7))
            ],
        }
    )

    assert found.value("sales_bridge", "portfolio:all") == 37
    assert found.value("sales_bridge", "customer:A1") == 30
    assert found.amount("customers_in_band", "portfolio:all", found.window("month")) == 1
