"""Whitespace and next-best products: by hand on a small company, and against a slow way of working out the same."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.derived.whitespace_pairs import Bought, pairs, suggestions
from pipeline.derived.whitespace_peers import Cells, Wallets, potentials
from pipeline.rules.whitespace import WhitespaceRule
from tests.engines import Engine, derived_table, engine, policy_with
from tests.runs import context_for

Row = dict[str, object]
RULE: WhitespaceRule = context_for(Path("run")).policy.all("whitespace")[0]
EVERY = RULE.model_copy(update={"smallest_amount": 0.0})


def company(bought: dict[str, dict[str, float]], **accounts: Row) -> dict[str, list[Row]]:
    """Accounts of one industry and what each bought of each product this year, one order line each."""
    cells = [(name, product, amount) for name, each in bought.items() for product, amount in each.items()]
    names = {**{name: {} for name in bought}, **accounts}
    return {
        "accounts": [{"account_id": name, "industry": "metal", **more} for name, more in names.items()],
        "orders": [
            {"order_id": str(at), "account_id": cell[0], "ordered_on": "2026-05-05"}
            for at, cell in enumerate(cells)
        ],
        "order_lines": [
            {"order_id": str(at), "line_no": 1, "product_id": cell[1], "net_amount": cell[2]}
            for at, cell in enumerate(cells)
        ],
        "products": [{"product_id": each} for each in sorted({cell[1] for cell in cells})],
    }


FIVE = {
    "A": {"P1": 100, "P2": 200},
    "B": {"P1": 100, "P2": 300},
    "C": {"P1": 100, "P2": 400},
    "D": {"P1": 100},
    "E": {"P1": 100, "P3": 100},
}
SIZED: dict[str, Row] = {name: {"potential_amount": 1000} for name in FIVE}


def table(rows: dict[str, list[Row]], rule: WhitespaceRule = EVERY) -> pd.DataFrame:
    made = derived_table("whitespace", rows, policy=policy_with(whitespace=[rule]))
    return made.set_index(["customer_id", "product_id"])


def test_potential_is_the_middle_share_of_the_peers_that_buy_times_the_size() -> None:
    found = table(company(FIVE, **{**SIZED, "D": {"potential_amount": 2000}})).loc[("D", "P2")]

    assert found["peer_pct"] == 0.3
    assert found["peers_count"] == 3
    assert found["segment"] == "industry=metal band=below"
    assert (found["potential_amount"], found["current_amount"]) == (600_0000, 0)
    assert (found["size_amount"], found["size_source"]) == (2000_0000, "stated")


def test_a_customer_is_not_its_own_peer() -> None:
    rule = EVERY.model_copy(update={"peers_from": 2})
    found = table(company(FIVE, **SIZED), rule).loc[("A", "P2")]

    assert found["peers_count"] == 2
    assert found["whitespace_amount"] == (350 - 200) * 10_000
    assert found["potential_amount"] == 350 * 10_000


def test_with_fewer_peers_than_policy_asks_for_nothing_is_said() -> None:
    made = table(company(FIVE, **SIZED))

    assert ("A", "P3") not in made.index
    assert ("A", "P2") not in made[made["whitespace_amount"].notna()].index


def test_where_the_segment_is_too_small_the_next_wider_one_counts() -> None:
    sized = {**SIZED, "D": {"potential_amount": 1000, "industry": "paper"}}

    assert table(company(FIVE, **sized)).loc[("D", "P2"), "segment"] == "portfolio"


def test_sizes_that_are_only_our_sales_are_compared_with_such_sizes_alone() -> None:
    found = table(company({**FIVE, "D": {"P1": 700}}))

    assert found.loc[("D", "P2"), "size_source"] == "sales"
    assert found.loc[("D", "P2"), "peer_pct"] == 0.75
    assert found.loc[("D", "P2"), "whitespace_amount"] == 525 * 10_000
    mixed = table(company({**FIVE, "D": {"P1": 700}}, **{**SIZED, "D": {}}))
    assert ("D", "P2") not in mixed[mixed["whitespace_amount"].notna()].index


def test_the_sum_never_exceeds_what_is_left_of_a_stated_size() -> None:
    sized = {**SIZED, "D": {"potential_amount": 150}}
    found = table(company({**FIVE, "D": {"P1": 130}}, **sized)).loc["D"]

    assert found["whitespace_amount"].sum() == 20 * 10_000
    assert found["is_capped"].all()


def test_whitespace_below_policys_smallest_is_not_listed() -> None:
    rule = RULE.model_copy(update={"smallest_amount": 301.0})

    made = table(company(FIVE, **SIZED), rule)

    assert made["whitespace_amount"].tolist() == [0] * 5
    assert made.index.get_level_values("product_id").isna().all()


def test_the_next_best_product_is_told_with_its_support() -> None:
    found = table(company(FIVE, **SIZED), EVERY.model_copy(update={"lift_above": 0.9})).loc[("D", "P2")]

    assert (found["place"], found["because_product_id"]) == (1, "P1")
    assert (found["together_count"], found["buyers_count"], found["customers_count"]) == (3, 5, 5)
    assert (found["confidence_pct"], found["lift"]) == (0.6, 1.0)


def test_nothing_is_suggested_that_all_buy_alike_or_too_few_buy() -> None:
    made = table(company(FIVE, **SIZED))

    assert made["place"].notna().sum() == 0


def test_rows_name_the_account_and_the_sales_they_rest_on() -> None:
    rows = company(FIVE, **SIZED)
    found = engine(rows, policy=policy_with(whitespace=[EVERY.model_copy(update={"lift_above": 0.9})]))
    lines = found.tables["order_lines"].set_index("_row")
    row = found.facts["whitespace"].set_index(["customer_id", "product_id"]).loc[("D", "P2")]
    account, *sales = row["_from"].split()

    assert account.partition(":")[2] in set(found.tables["accounts"].query("account_id == 'D'")["_row"])
    assert lines.loc[[each.partition(":")[2] for each in sales], "product_id"].tolist() == ["P1"]


def figures(found: Engine, metric: str, kind: str) -> list[float]:
    measure = found.measure(metric, kind, "month")
    assert measure.value.known.all()
    return measure.value.floats.tolist()


def test_whitespace_adds_up_over_customers_and_over_products() -> None:
    found = engine(company(FIVE, **SIZED), policy=policy_with(whitespace=[EVERY]))

    assert figures(found, "whitespace", "customer") == [0, 0, 0, 300, 300]
    assert figures(found, "whitespace", "portfolio") == [600]
    by_product = found.measure("whitespace", "product", "month").value
    assert by_product.known.tolist() == [False, True, False]
    assert by_product.floats[1] == 600


def test_a_customer_that_cannot_be_judged_has_no_figure() -> None:
    sized: dict[str, Row] = {**SIZED, "D": {}}
    found = engine(company(FIVE, **sized, Z={}), policy=policy_with(whitespace=[EVERY]))
    whitespace = found.measure("whitespace", "customer", "month").value

    assert whitespace.known.tolist() == [True, True, True, False, True, False]


def test_penetration_is_counted_in_each_industry_and_band() -> None:
    found = engine(company(FIVE, D={"industry": "paper"}, E={"industry": None}))

    def share(*breakdown: str) -> list[float]:
        chosen: Any = breakdown or ("", "")
        return found.measure("product_penetration", "product", "t12m", chosen).value.floats.tolist()

    assert share() == [1, 0.6, 0.2]
    assert share("industry", "metal") == [1, 1, 0]
    assert share("industry", "paper") == [1, 0, 0]
    assert share("band", "below") == [1, 0.6, 0.2]


def test_what_was_sold_agrees_with_the_sales_of_the_same_months() -> None:
    rows = company(FIVE)
    rows["order_lines"].append({"order_id": "0", "line_no": 2, "product_id": "P1", "net_amount": "-30.5"})
    purchases = derived_table("product_purchases", rows)

    assert purchases.set_index(["account_id", "product_id"]).loc[("A", "P1"), "amount"] == 695_000
    assert purchases["amount"].sum() == 14_695_000


def test_a_customer_that_buys_nothing_changes_nothing() -> None:
    rows = company(FIVE, **SIZED)
    beside = company(FIVE, **{**SIZED, "Z": {"potential_amount": 5000}})

    pd.testing.assert_frame_equal(table(rows).drop(columns="_from"), table(beside).drop(columns="_from"))


CELLS = st.sets(st.tuples(st.integers(0, 7), st.integers(0, 4)), min_size=1, max_size=30)


def bought_of(cells: set[tuple[int, int]]) -> Bought:
    customer, product = (np.array(each, dtype=np.int64) for each in zip(*sorted(cells), strict=True))
    return Bought(customer, product, 8, 5)


@given(CELLS)
def test_pairs_are_counted_as_by_hand_and_lift_is_the_same_both_ways(cells: set[tuple[int, int]]) -> None:
    found = pairs(bought_of(cells))
    who = [{customer for customer, product in cells if product == each} for each in range(5)]

    for one, other in combinations(range(5), 2):
        assert found.together[one, other] == len(who[one] & who[other])
    assert found.buyers.tolist() == [len(each) for each in who]
    assert (found.lift == found.lift.T).all()
    assert ((found.confidence >= 0) & (found.confidence <= 1)).all()


@given(CELLS, st.integers(1, 3), st.floats(0, 1), st.integers(1, 4))
def test_suggestions_are_the_best_that_policy_allows(
    cells: set[tuple[int, int]], together_from: int, confidence_from: float, most: int
) -> None:
    rule = RULE.model_copy(
        update={"together_from": together_from, "confidence_from": confidence_from, "most_suggestions": most}
    )
    bought = bought_of(cells)
    made = suggestions(bought, pairs(bought), rule)
    got = list(zip(made.customer, made.place, made.product, made.because, strict=True))

    assert got == [each for customer in range(8) for each in _slowly(customer, cells, rule)]


def _slowly(customer: int, cells: set[tuple[int, int]], rule: WhitespaceRule) -> list[tuple[int, ...]]:
    who = [{each for each, product in cells if product == wanted} for wanted in range(5)]
    mine = {product for each, product in cells if each == customer}
    best: dict[int, tuple[Any, ...]] = {}
    for product in set(range(5)) - mine:
        for because in mine:
            both = len(who[because] & who[product])
            if not both or both < rule.together_from:
                continue
            confidence, lift = both / len(who[because]), both * 8 / (len(who[because]) * len(who[product]))
            if confidence >= rule.confidence_from and lift > rule.lift_above:
                key = (-confidence, -lift, -both, product, because)
                best[product] = min(best.get(product, key), key)
    chosen = sorted(best.values())[: rule.most_suggestions]
    return [(customer, place, key[3], key[4]) for place, key in enumerate(chosen, start=1)]


AMOUNTS = st.dictionaries(st.tuples(st.integers(0, 7), st.integers(0, 2)), st.integers(1, 1000), min_size=1)


@given(
    AMOUNTS,
    st.lists(st.integers(0, 5000), min_size=8, max_size=8),
    st.lists(st.booleans(), min_size=8, max_size=8),
    st.lists(st.integers(0, 1), min_size=8, max_size=8),
    st.integers(1, 3),
)
def test_potentials_are_those_of_a_slow_search(
    amounts: dict[tuple[int, int], int],
    sizes: list[int],
    stated: list[bool],
    segment: list[int],
    peers_from: int,
) -> None:
    customer, product = (np.array(each, dtype=np.int64) for each in zip(*amounts, strict=True))
    amount = np.array(list(amounts.values()), dtype=float)
    spent = np.bincount(customer, weights=amount, minlength=8)
    places = (np.array(segment), np.zeros(8, dtype=np.int64))
    wallets = Wallets(np.array(sizes, dtype=float), spent, np.array(stated), places)
    made = potentials(wallets, Cells(customer, product, amount, 3), peers_from)
    gaps: dict[tuple[int, int], float] = {}
    for who in range(8):
        for what in range(3):
            for level in places:
                shares = [
                    each / sizes[peer]
                    for (peer, sold), each in amounts.items()
                    if sold == what and peer != who and sizes[peer] > 0
                    and level[peer] == level[who] and stated[peer] == stated[who]
                ]  # fmt: skip
                if len(shares) >= peers_from:
                    gap = median(shares) * sizes[who] - amounts.get((who, what), 0) * (sizes[who] > 0)
                    gaps[who, what] = max(gap, 0)
                    break
    for who in range(8):
        total, left = sum(gaps.get((who, what), 0) for what in range(3)), max(sizes[who] - spent[who], 0)
        factor = left / total if stated[who] and total > left else 1
        for what in range(3):
            gaps[who, what] = gaps.get((who, what), 0) * factor
    found = dict(zip(zip(made.customer, made.product, strict=True), made.whitespace, strict=True))
    assert [found.get(each, 0) for each in gaps] == pytest.approx(list(gaps.values()))
    assert (made.peers >= peers_from).all()


NO_PRODUCT: Row = {"order_id": "1", "line_no": 1, "net_amount": 5, "product_id": None}


@pytest.mark.parametrize("lines", [[], [NO_PRODUCT]])
@pytest.mark.parametrize("name", ["whitespace", "product_segments", "product_purchases"])
def test_where_no_product_is_sold_there_is_no_whitespace(name: str, lines: list[Row]) -> None:
    rows: dict[str, list[Row]] = {
        "accounts": [{"account_id": "A"}],
        "orders": [{"order_id": "1", "account_id": "A", "ordered_on": "2026-09-01"}],
        "order_lines": lines,
    }

    assert len(derived_table(name, rows)) == (len(lines) if name == "product_purchases" else 0)
