from __future__ import annotations

from typing import Any

import pandas as pd

from tests.engines import derived_table

ACCOUNTS: list[dict[str, object]] = [
    {"account_id": "A1", "name": "a", "industry": "machines", "potential_amount": 500, "pain_point": "slow"},
    {"account_id": "A2", "name": "b", "industry": "machines", "parent_id": "A1"},
    {"account_id": "A3", "name": "c", "industry": "food"},
]


def levels(level: str, **more: Any) -> list[tuple[str, float, str, str | None]]:
    """(account, value, from, until) of a level."""
    made = derived_table("account_levels", {"accounts": ACCOUNTS, **more})
    rows = made[made["level"] == level]
    return [
        (row.account_id, float(row.value), f"{row.from_on:%Y-%m-%d}",
         None if pd.isna(row.until_on) else f"{row.until_on:%Y-%m-%d}")
        for row in rows.itertuples()
    ]  # fmt: skip


def sizes(*rows: tuple[str, int, object]) -> list[dict[str, object]]:
    return [
        {"industry": industry, "region": "all", "year": year, "market_amount": amount}
        for industry, year, amount in rows
    ]


def test_a_stated_potential_always_holds() -> None:
    assert levels("potential") == [("A1", 5_000_000.0, "1990-01-01", None)]


def test_a_known_pain_point_counts_one() -> None:
    assert levels("pain_point") == [("A1", 1.0, "1990-01-01", None)]


def test_growth_holds_from_its_year_until_the_next_known_one() -> None:
    market = sizes(("machines", 2024, 100), ("machines", 2025, 110), ("machines", 2026, 99))

    assert levels("growth", market=market) == [
        ("A1", 1000.0, "2025-01-01", "2026-01-01"),
        ("A1", -1000.0, "2026-01-01", None),
    ]


def test_a_year_missing_from_the_market_gives_no_growth_for_the_next() -> None:
    market = sizes(("machines", 2022, 100), ("machines", 2023, 120), ("machines", 2026, 99))

    assert levels("growth", market=market) == [("A1", 2000.0, "2023-01-01", None)]


def test_a_group_grows_with_its_top_accounts_industry_once() -> None:
    market = sizes(("machines", 2025, 100), ("machines", 2026, 110), ("food", 2025, 100), ("food", 2026, 105))

    assert [account for account, *_ in levels("growth", market=market)] == ["A1", "A3"]


def test_the_regions_of_an_industry_are_added_up() -> None:
    market = [
        {"industry": "food", "region": region, "year": year, "market_amount": amount}
        for region, year, amount in (("n", 2025, 60), ("s", 2025, 40), ("n", 2026, 60), ("s", 2026, 60))
    ]

    assert levels("growth", market=market) == [("A3", 2000.0, "2026-01-01", None)]


def test_a_contract_covers_the_outlook_while_it_still_runs_for_three_years() -> None:
    contracts = [
        {"contract_id": "K1", "account_id": "A3", "starts_on": "2025-01-01", "ends_on": "2029-06-30"},
        {"contract_id": "K2", "account_id": "A3", "starts_on": "2025-01-01"},
    ]

    assert levels("cover", contracts=contracts) == [("A3", 1.0, "2025-01-01", "2026-06-30")]


def test_what_is_not_known_is_no_row() -> None:
    made = derived_table("account_levels", {"accounts": ACCOUNTS})

    assert made["value"].notna().all()
    assert set(made["level"]) == {"potential", "pain_point"}
