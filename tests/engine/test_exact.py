from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.exact import divided_by_rate, grouped_sums, guard_overflow, half_up, split, times_rate
from pipeline.errors import DataError
from pipeline.schema import RATE_SCALE

AMOUNTS = st.integers(-(10**13), 10**13)
LARGE = st.integers(-(10**16), 10**16)
RATES = st.integers(1, 10**11)


def integers(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


def nearest_away_from_zero(exact: Fraction) -> int:
    size = abs(exact)
    whole = int(size) + (size - int(size) >= Fraction(1, 2))
    return whole if exact >= 0 else -whole


@given(st.lists(st.tuples(st.integers(0, 5), LARGE)))
def test_grouped_sums_are_the_sums_of_each_group(rows: list[tuple[int, int]]) -> None:
    codes, values = integers([code for code, _ in rows]), integers([value for _, value in rows])

    found = grouped_sums(codes, values, 6).tolist()

    assert found == [sum(value for code, value in rows if code == group) for group in range(6)]


@given(st.lists(st.tuples(st.integers(0, 3), LARGE)), st.randoms(use_true_random=False))
def test_no_order_of_rows_changes_a_sum(rows: list[tuple[int, int]], chance: Any) -> None:
    shuffled = chance.sample(rows, len(rows))

    one, other = (
        grouped_sums(integers([c for c, _ in each]), integers([v for _, v in each]), 4)
        for each in (rows, shuffled)
    )

    assert one.tolist() == other.tolist()


@given(st.lists(st.tuples(LARGE, st.integers(1, 10**9)), min_size=1))
def test_halves_are_rounded_away_from_zero(pairs: list[tuple[int, int]]) -> None:
    found = half_up(integers([top for top, _ in pairs]), integers([bottom for _, bottom in pairs]))

    assert found.tolist() == [nearest_away_from_zero(Fraction(top, bottom)) for top, bottom in pairs]


@pytest.mark.parametrize(("amount", "rounded"), [(5, 3), (-5, -3), (4, 2), (3, 2), (1, 1), (-1, -1), (0, 0)])
def test_half_a_unit_counts_as_a_whole_one(amount: int, rounded: int) -> None:
    assert half_up(integers([amount]), integers([2])).tolist() == [rounded]


@given(st.lists(st.tuples(st.one_of(AMOUNTS, LARGE), RATES), min_size=1, max_size=20))
def test_an_amount_times_a_rate_is_rounded_once_from_the_exact_product(pairs: list[tuple[int, int]]) -> None:
    pairs = [(amount, rate) for amount, rate in pairs if abs(amount * rate) < 2**62 * RATE_SCALE] or [(1, 1)]

    found = times_rate(integers([amount for amount, _ in pairs]), integers([rate for _, rate in pairs]))

    exact = [nearest_away_from_zero(Fraction(amount * rate, RATE_SCALE)) for amount, rate in pairs]
    assert found.tolist() == exact


@given(st.lists(st.tuples(AMOUNTS, st.integers(10**5, 10**11)), min_size=1, max_size=20))
def test_an_amount_divided_by_a_rate_is_rounded_once(pairs: list[tuple[int, int]]) -> None:
    pairs = [(amount, rate) for amount, rate in pairs if abs(amount) * RATE_SCALE < rate * 2**62] or [(1, 1)]

    found = divided_by_rate(integers([amount for amount, _ in pairs]), integers([rate for _, rate in pairs]))

    exact = [nearest_away_from_zero(Fraction(amount * RATE_SCALE, rate)) for amount, rate in pairs]
    assert found.tolist() == exact


def test_one_hundred_euros_at_seven_eighty_are_seven_hundred_and_eighty() -> None:
    assert times_rate(integers([1_000_000]), integers([780_000_000])).tolist() == [7_800_000]


SHARED = st.lists(
    st.tuples(LARGE, st.lists(st.integers(0, 10_000), min_size=1, max_size=5).filter(any)),
    min_size=1,
    max_size=6,
)


def rows_of(shared: list[tuple[int, list[int]]]) -> tuple[Any, Any, Any]:
    amounts = integers([amount for amount, weights in shared for _ in weights])
    weights = integers([weight for _, weights in shared for weight in weights])
    groups = integers([group for group, (_, weights) in enumerate(shared) for _ in weights])
    return amounts, weights, groups


@given(SHARED)
def test_the_shares_of_a_split_add_up_to_the_amount(shared: list[tuple[int, list[int]]]) -> None:
    amounts, weights, groups = rows_of(shared)

    made = split(amounts, weights, groups)

    assert grouped_sums(groups, made, len(shared)).tolist() == [amount for amount, _ in shared]


@given(SHARED)
def test_each_share_is_within_one_unit_of_its_exact_part(shared: list[tuple[int, list[int]]]) -> None:
    amounts, weights, groups = rows_of(shared)
    totals = [sum(each) for _, each in shared]

    made = split(amounts, weights, groups)

    for share, amount, weight, group in zip(
        made.tolist(), amounts.tolist(), weights.tolist(), groups, strict=True
    ):
        assert abs(share - Fraction(amount * weight, totals[group])) < 1


@given(SHARED)
def test_who_has_no_weight_gets_nothing(shared: list[tuple[int, list[int]]]) -> None:
    amounts, weights, groups = rows_of(shared)

    made = split(amounts, weights, groups)

    assert not made[weights == 0].any()


def test_a_cent_that_cannot_be_split_goes_to_the_earlier_of_equals() -> None:
    made = split(integers([1, 1, -5, -5]), integers([1, 1, 1, 1]), integers([0, 0, 1, 1]))

    assert made.tolist() == [1, 0, -3, -2]


def test_splitting_nothing_gives_nothing() -> None:
    assert split(integers([]), integers([]), integers([])).size == 0


def test_the_arguments_of_a_split_stay_as_they_were() -> None:
    amounts, weights, groups = rows_of([(10, [1, 2]), (-7, [1, 1])])
    copies = [each.copy() for each in (amounts, weights, groups)]

    split(amounts, weights, groups)

    assert all((each == copy).all() for each, copy in zip((amounts, weights, groups), copies, strict=True))


def test_a_sum_that_may_leave_64_bits_stops() -> None:
    with pytest.raises(DataError) as stopped:
        guard_overflow(integers([2**61, 2**61]), "fact sums")

    assert stopped.value.code == "KB-1290"


def test_amounts_that_cancel_out_are_guarded_by_their_sizes() -> None:
    with pytest.raises(DataError):
        guard_overflow(integers([2**62, -(2**62)]), "fact sums")


def test_ordinary_sums_are_let_through() -> None:
    guard_overflow(integers([10**15, -(10**15)]), "fact sums")


@pytest.mark.parametrize("convert", [times_rate, divided_by_rate])
def test_a_conversion_that_leaves_64_bits_stops(convert: Any) -> None:
    rate = 10 * RATE_SCALE if convert is times_rate else RATE_SCALE // 10

    with pytest.raises(DataError) as stopped:
        convert(integers([2**61]), integers([rate]))

    assert stopped.value.code == "KB-1290"
