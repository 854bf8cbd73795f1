from __future__ import annotations

from datetime import date
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.derived.usage import usual_of
from pipeline.periods import add_months
from pipeline.rules.usage import UsageRule
from tests.engines import Engine, derived_table, engine, policy_with

Row = dict[str, object]
ACCOUNTS: list[Row] = [{"account_id": "A1", "name": "a"}, {"account_id": "A2", "name": "b"}]
LAST = date(2026, 9, 1)


def month(number: int) -> date:
    """So many months before September 2026."""
    return add_months(LAST, -number)


def used(quantities: dict[int, object], **cells: object) -> list[Row]:
    """Quantities by months before September 2026."""
    return [
        {"account_id": "A1", "product_id": "P1", "measure": "jobs", "month_on": month(at), "quantity": quantity, **cells}
        for at, quantity in quantities.items()
    ]  # fmt: skip


def table(rows: list[Row], **more: Any) -> pd.DataFrame:
    made = derived_table("usage_months", {"accounts": ACCOUNTS, "usage": rows}, **more)
    return made.set_index(made["month_on"].dt.strftime("%Y-%m"))


def made(rows: list[Row], **more: Any) -> Engine:
    orders: dict[str, list[Row]] = {
        "orders": [{"order_id": "O", "account_id": "A1", "ordered_on": "2023-01-05"}],
        "order_lines": [{"order_id": "O", "line_no": 1, "net_amount": 1}],
    }
    return engine({"accounts": ACCOUNTS, "usage": rows, **orders}, **more)


def test_the_usual_use_is_the_median_of_the_months_before() -> None:
    rows = table(used({6: 10, 5: 20, 4: 90, 3: 30, 2: 20, 1: 20, 0: 10}))

    assert rows.loc["2026-09", "usual_quantity"] == 200_000
    assert rows.loc["2026-09", "level_share"] == 5_000
    assert rows["usual_quantity"].isna().sum() == 6


def test_the_month_itself_and_what_comes_after_are_not_looked_at() -> None:
    before = table(used({at: 10 + at for at in range(1, 12)}))
    after = table(used({**{at: 10 + at for at in range(1, 12)}, 0: 99_999}))

    pd.testing.assert_series_equal(before["usual_quantity"][:-1], after["usual_quantity"][:-1])


def test_from_two_seasons_on_the_effect_of_the_month_is_taken_out() -> None:
    season = {at: 100 if month(at).month == 9 else 50 for at in range(25)}
    rows = table(used(season))

    assert rows.loc["2026-09", "usual_quantity"] == 1_000_000
    assert rows.loc["2026-09", "level_share"] == 10_000
    young = table(used({at: value for at, value in season.items() if at < 24}))
    assert young.loc["2026-09", "usual_quantity"] == 500_000


def test_only_as_many_months_as_policy_says_are_looked_back_on() -> None:
    rule = UsageRule(months=3, fewest_months=2, valid_from=date(2000, 1, 1))
    rows = table(used({5: 900, 4: 900, 3: 10, 2: 20, 1: 30, 0: 20}), policy=policy_with(usage=[rule]))

    assert rows.loc["2026-09", "usual_quantity"] == 200_000


def test_a_month_without_a_feed_is_unknown_and_not_zero() -> None:
    rows = table(used({8: 10, 7: 10, 6: 10, 5: 10, 4: 10, 3: 10, 1: 0}))

    assert rows["is_fed"].tolist() == [True] * 6 + [False, True, False]
    assert pd.isna(rows.loc["2026-07", "quantity"])
    assert pd.isna(rows.loc["2026-07", "level_share"])
    assert rows.loc["2026-08", "level_share"] == 0
    assert pd.isna(rows.loc["2026-09", "quantity"])


def test_a_gap_makes_the_window_unknown_and_leaves_others_alone() -> None:
    found = made(used({8: 10, 7: 10, 6: 10, 5: 10, 4: 10, 3: 10, 2: 10, 0: 5}, seats=10, active_seats=4))
    gap = found.measure("usage_level", "customer", "quarter")
    fed = found.measure("usage_feed_share", "customer", "quarter")

    assert found.value("usage_level", "customer:A1", "month") == 0.5
    assert not gap.value.known[found.position("customer:A1")]
    assert fed.value.floats[found.position("customer:A1")] == pytest.approx(2 / 3)
    assert found.value("seats_active_share", "customer:A1", "month") == 0.4
    assert found.value("seats_active_share", "customer:A1", "quarter") is None


def test_measures_are_never_added() -> None:
    rows = [*used({1: 10, 0: 10}), *used({1: 3, 0: 4}, measure="hours"), *used({0: 7}, product_id="P2")]
    found = made(rows)
    place = found.position("customer:A1")

    def quantity(name: str, value: str) -> float:
        return float(found.measure("usage_quantity", "customer", "month", (name, value)).value.floats[place])

    assert quantity("measure", "jobs") == 17
    assert quantity("module", "P1:hours") == 4
    assert "" not in {name for _, (name, _) in found.evaluator.sums.cubes if _ == "used_quantity"}


def test_a_product_of_which_the_feed_never_told_has_no_figure() -> None:
    found = made([*used({0: 10}), *used({0: 1}, account_id="A2", product_id="P2")])
    measure = found.measure("usage_quantity", "account", "month", ("module", "P2:jobs"))

    assert measure.value.known[[found.position(f"account:{each}") for each in ("A1", "A2")]].tolist() == [
        False,
        True,
    ]


def test_the_level_is_a_mean_over_products_that_compare() -> None:
    steady = dict.fromkeys(range(7), 10)
    rows = [*used(steady), *used({**steady, 0: 5}, product_id="P2"), *used({1: 9, 0: 1}, product_id="P3")]
    measure = made(rows).measure("usage_level", "customer", "month")

    assert measure.value.floats[0] == 0.75
    assert measure.n is not None
    assert measure.n.floats[0] == 2


def test_a_feed_without_rows_is_a_table_without_rows() -> None:
    assert table([]).empty
    assert list(table([]).columns) == list(table(used({0: 1})).columns)


def test_an_unfinished_month_is_held_against_nothing() -> None:
    rows = table(used(dict.fromkeys(range(8), 10)), as_of=date(2026, 9, 15))

    assert pd.isna(rows.loc["2026-09", "level_share"])
    assert rows.loc["2026-08", "level_share"] == 10_000


VALUES = st.lists(st.integers(1, 10_000), min_size=24, max_size=40)


@settings(max_examples=60)
@given(VALUES, st.integers(1, 50), st.integers(0, 11))
def test_the_usual_use_grows_with_all_values_and_lies_among_what_they_allow(
    values: list[int], times: int, wanted: int
) -> None:
    known = [(float(value), at % 12) for at, value in enumerate(values)]
    usual = usual_of(known, wanted)

    assert usual_of([(value * times, season) for value, season in known], wanted) == pytest.approx(
        usual * times
    )
    assert usual_of(known[::-1], wanted) == pytest.approx(usual)
    assert usual > 0


@settings(max_examples=40)
@given(
    st.integers(1, 1000),
    st.lists(st.sampled_from((1, 2, 4, 5)), min_size=12, max_size=12),
    st.integers(0, 11),
)
def test_a_pure_season_is_found_again(level: int, effects: list[int], wanted: int) -> None:
    known = [(float(level * effects[at % 12]), at % 12) for at in range(36)]

    assert usual_of(known, wanted) == pytest.approx(level * effects[wanted])
