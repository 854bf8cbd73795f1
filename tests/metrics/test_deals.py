from __future__ import annotations

import pytest

from tests.engines import Engine, engine


def deal(number: int, *, won: bool | None, **cells: object) -> dict[str, object]:
    return {
        "opportunity_id": f"D{number}", "account_id": "A", "opened_on": "2026-08-01", "closed_on": "2026-09-01",
        "is_won": won, **cells,
    }  # fmt: skip


def closed(*deals: dict[str, object]) -> Engine:
    rows = {
        "accounts": [{"account_id": "A", "name": "a"}],
        "products": [{"product_id": "P1", "name": "pump"}, {"product_id": "P2", "name": "salt"}],
        "opportunities": list(deals),
    }
    return engine(rows, sales={"basis": "won"})


THREE = (
    deal(1, won=True, amount=5, kind="new", product_id="P1"),
    deal(2, won=True, amount=7, kind="renewal", product_id="P1", closed_on="2026-09-11"),
    deal(3, won=False, amount=11, kind="new", product_id="P2"),
)


def test_deals_count_on_the_day_they_were_closed() -> None:
    found = closed(*THREE, deal(4, won=True, amount=100, closed_on="2026-10-01"), deal(5, won=None, amount=3))

    assert [found.value(each, "account:A") for each in ("won_value", "won_count", "lost_count")] == [
        12.0,
        2.0,
        1.0,
    ]


def test_the_win_rate_is_of_closed_deals_only() -> None:
    found = closed(*THREE, deal(4, won=None), deal(5, won=None, closed_on=None))

    assert found.value("win_rate", "portfolio:all") == pytest.approx(2 / 3)


def test_the_sales_cycle_is_the_median_of_the_days_to_close_of_won_deals() -> None:
    found = closed(*THREE, deal(4, won=False, closed_on="2026-09-30"))

    assert found.value("sales_cycle", "portfolio:all") == (31 + 41) / 2


def test_value_won_is_told_by_kind_also_of_a_product() -> None:
    found = closed(*THREE)

    for kind, of_product in (("new", 5.0), ("renewal", 7.0)):
        assert found.measure("won_value", "product", "month", ("kind", kind)).value.floats.tolist() == [
            of_product,
            0.0,
        ]
        assert found.measure("won_value", "account", "month", ("kind", kind)).value.floats[0] == of_product


def test_won_deals_are_sales_where_that_is_the_basis() -> None:
    assert closed(*THREE).value("net_sales", "account:A") == 12.0
