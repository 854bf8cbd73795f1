from __future__ import annotations

import pytest

from tests.engines import Engine, derived_table, engine

Row = dict[str, object]
ACCOUNTS: list[Row] = [
    {"account_id": "A1", "name": "a", "industry": "logistics", "region": "east", "potential_amount": 400},
    {"account_id": "A2", "name": "b", "industry": "logistics", "region": "west"},
    {"account_id": "A3", "name": "c", "industry": "retail", "region": "east"},
]


def size(industry: str, year: int, amount: object, **more: object) -> Row:
    return {"industry": industry, "region": "all", "year": year, "market_amount": amount, **more}


def made(*market: Row, fx: tuple[Row, ...] = ()) -> Engine:
    sales = [
        ("A1", "2024-10-02", 1),
        ("A1", "2025-11-02", 100),
        ("A2", "2026-02-02", 50),
        ("A3", "2026-02-02", 30),
    ]
    tables: dict[str, list[Row]] = {
        "accounts": ACCOUNTS,
        "orders": [
            {"order_id": f"O{at}", "account_id": account, "ordered_on": day}
            for at, (account, day, _) in enumerate(sales)
        ],
        "order_lines": [
            {"order_id": f"O{at}", "line_no": 1, "net_amount": each[2]} for at, each in enumerate(sales)
        ],
        "market": list(market),
    }
    return engine({**tables, **({"fx": list(fx)} if fx else {})})


def test_our_sales_are_set_against_the_industrys_market() -> None:
    found = made(size("logistics", 2026, 3000))

    assert found.value("market_share", "industry:logistics", "t12m") == 0.05
    assert found.value("market_data_age", "industry:logistics", "t12m") == 0


def test_the_latest_year_known_counts_and_its_age_is_told() -> None:
    found = made(size("logistics", 2023, 9000), size("logistics", 2024, 1500), size("logistics", 2027, 1))

    assert found.value("market_volume", "industry:logistics", "t12m") == 1500
    assert found.value("market_data_age", "industry:logistics", "t12m") == 2


def test_regions_of_an_industry_are_added() -> None:
    found = made(size("logistics", 2026, 100, region="east"), size("logistics", 2026, 200, region="west"))

    assert found.value("market_volume", "industry:logistics", "t12m") == 300


def test_industries_without_a_market_have_no_share_and_coverage_says_so() -> None:
    found = made(size("logistics", 2026, 3000), size("banking", 2026, 5))
    measure = found.measure("market_share", "portfolio", "t12m")

    assert found.value("market_share", "industry:retail", "t12m") is None
    assert found.value("market_share", "portfolio:all", "t12m") == 0.05
    assert measure.coverage is not None
    assert measure.coverage.floats[0] == pytest.approx(150 / 180)


def test_a_market_in_another_currency_is_converted() -> None:
    rate: Row = {"rate_on": "2025-01-01", "currency": "USD", "to_currency": "CNY", "rate": 7}

    assert (
        made(size("logistics", 2026, 100, currency="USD"), fx=(rate,)).value(
            "market_volume", "industry:logistics", "t12m"
        )
        == 700
    )
    assert (
        made(size("logistics", 2026, 100, currency="USD")).value(
            "market_volume", "industry:logistics", "t12m"
        )
        is None
    )


def test_the_row_of_a_market_is_its_evidence() -> None:
    found = made(size("logistics", 2026, 3000), size("retail", 2026, 5))
    rows = found.evidence("market_size", "industry:logistics", found.window("t12m"))

    assert rows["amount"].tolist() == [30_000_000]
    assert rows["_from"].iloc[0].startswith("market:")


def test_the_known_part_of_a_wallet_is_sales_of_twelve_months_against_potential() -> None:
    found = made(size("logistics", 2026, 3000))

    assert found.value("share_of_wallet", "account:A1") == 0.25
    assert found.value("share_of_wallet", "account:A2") is None
    assert found.value("share_of_wallet", "portfolio:all") == 0.25


@pytest.mark.parametrize(("rank", "share"), [(1, 0.5), (2, 0.3333), (3, 0.1667)])
def test_an_unknown_wallet_is_estimated_from_our_rank(rank: int, share: float) -> None:
    found = made(size("logistics", 2025, 3000, our_rank=rank, rivals_count=2))

    assert found.value("share_of_wallet_by_rank", "account:A2") == share
    assert found.value("rank_data_age", "account:A2") == 1
    assert found.value("share_of_wallet_by_rank", "account:A1") is None


def test_without_a_rank_nothing_is_estimated() -> None:
    assert made(size("logistics", 2026, 3000)).value("share_of_wallet_by_rank", "account:A2") is None


def test_the_rank_of_the_accounts_own_region_comes_first() -> None:
    market = [
        size("logistics", 2026, 1, region="east", our_rank=1, rivals_count=2),
        size("logistics", 2026, 1, region="west", our_rank=3, rivals_count=2),
    ]
    table = derived_table("market_positions", {"accounts": ACCOUNTS, "market": market})

    assert dict(zip(table["account_id"], table["rank_share"], strict=True)) == {"A1": 5000, "A2": 1667}
