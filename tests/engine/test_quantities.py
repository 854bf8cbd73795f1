from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.quantities import (
    REASONS,
    Formula,
    Measure,
    Members,
    Quantity,
    Samples,
    Symbol,
    median,
    percentile,
    ratio,
    reason_code,
    smaller,
)

SMALL = st.integers(-(10**12), 10**12)
COLUMNS = st.lists(st.tuples(SMALL, SMALL, st.integers(0, len(REASONS) - 1)), min_size=1, max_size=8)


def quantity(values: list[int], scale: int = 1, reasons: list[str] | None = None) -> Quantity:
    codes = [reason_code(reason) for reason in reasons or [""] * len(values)]
    return Quantity(np.array(values, dtype=np.int64), scale, np.array(codes, dtype=np.int8))


def said(made: Quantity) -> list[float | str]:
    """The numbers, or the reason where there is none."""
    return [
        float(number) if known else REASONS[reason]
        for number, known, reason in zip(made.floats, made.known, made.reasons, strict=True)
    ]


def test_money_and_counts_are_added_in_one_scale() -> None:
    made = quantity([12_500], 10_000) + quantity([2])

    assert (made.values.tolist(), made.scale) == ([32_500], 10_000)


def test_a_number_is_added_in_the_scale_of_the_quantity() -> None:
    assert said(1 - quantity([2_500], 10_000)) == [0.75]
    assert said(quantity([2_500], 10_000) + 1) == [1.25]
    assert said(quantity([2_500], 10_000) - 0.25) == [0.0]


@given(COLUMNS)
def test_sums_and_differences_are_exact(rows: list[tuple[int, int, int]]) -> None:
    one, other = quantity([a for a, _, _ in rows], 10_000), quantity([b for _, b, _ in rows], 10_000)

    assert (one + other).values.tolist() == [a + b for a, b, _ in rows]
    assert (one - other).values.tolist() == [a - b for a, b, _ in rows]


@pytest.mark.parametrize("operation", ["__add__", "__sub__", "__mul__"])
def test_what_is_made_of_an_unknown_is_unknown_for_its_reason(operation: str) -> None:
    known = quantity([1, 1, 1])
    unknown = quantity([5, 5, 5], reasons=["", "no_rate", "short_history"])

    made = getattr(known, operation)(unknown)
    turned = getattr(unknown, operation)(known)

    assert [REASONS[code] for code in made.reasons] == ["", "no_rate", "short_history"]
    assert [REASONS[code] for code in turned.reasons] == ["", "no_rate", "short_history"]


def test_of_two_unknowns_the_first_gives_the_reason() -> None:
    made = quantity([1], reasons=["no_rate"]) + quantity([1], reasons=["short_history"])

    assert said(made) == ["no_rate"]


@given(COLUMNS)
def test_a_ratio_is_the_quotient_or_says_why_not(rows: list[tuple[int, int, int]]) -> None:
    top = Quantity(
        np.array([a for a, _, _ in rows], np.int64),
        10_000,
        np.array([reason for _, _, reason in rows], np.int8),
    )
    bottom = quantity([b for _, b, _ in rows], 10_000)

    made = ratio(top, bottom).value

    for at, (above, below, reason) in enumerate(rows):
        expected = (
            REASONS[reason]
            if reason
            else "not_positive"
            if below <= 0
            else pytest.approx(above / below, rel=1e-12)
        )
        assert said(made)[at] == expected
    assert np.isfinite(made.floats).all()


def test_a_ratio_keeps_what_it_was_divided_from() -> None:
    top, bottom = quantity([1]), quantity([4])

    made = ratio(top, bottom, n=bottom)

    assert (made.numerator, made.denominator, made.n) == (top, bottom, bottom)
    assert said(made.value) == [0.25]


def test_a_comparison_with_an_unknown_does_not_hold() -> None:
    amounts = quantity([5, 5, 0], reasons=["", "no_rate", ""])

    assert (amounts > 0).tolist() == [True, False, False]


def test_where_a_condition_fails_there_is_zero_or_a_reason() -> None:
    amounts = quantity([5, 6], reasons=["", ""])
    condition = np.array([True, False])

    assert said(amounts.where(condition)) == [5.0, 0.0]
    assert said(amounts.where(condition, "too_few")) == [5.0, "too_few"]


def test_an_earlier_reason_is_not_replaced() -> None:
    amounts = quantity([5], reasons=["no_rate"])

    assert said(amounts.where(np.array([False]), "too_few")) == ["no_rate"]


def test_or_zero_makes_a_missing_count_none_at_all() -> None:
    assert said(quantity([7, 7], reasons=["", "no_data"]).or_zero()) == [7.0, 0.0]


def test_smaller_takes_the_smaller_subject_by_subject() -> None:
    made = smaller(quantity([10_000, 50_000], 10_000), quantity([3, 2]))

    assert said(made) == [1.0, 2.0]


@given(st.integers(-(2**62), 2**62), st.integers(1, 10_000))
def test_a_whole_multiple_never_wraps_round(amount: int, times: int) -> None:
    made = quantity([amount], 10_000) * times

    assert made.floats[0] == pytest.approx(amount * times / 10_000, rel=1e-12)


def test_a_whole_multiple_of_an_ordinary_amount_stays_exact() -> None:
    made = quantity([10_869_0000], 10_000) * 90

    assert (made.values.tolist(), made.scale) == ([10_869_0000 * 90], 10_000)


ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 10**7)), max_size=30)


@given(ROWS, st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0]))
def test_a_percentile_is_that_of_each_subjects_own_values(rows: list[tuple[int, int]], share: float) -> None:
    samples = Samples(
        np.array([value for _, value in rows], np.int64),
        np.array([owner for owner, _ in rows], np.int64),
        4,
        10_000,
    )

    made = percentile(samples, share)

    for subject in range(4):
        own = [value / 10_000 for owner, value in rows if owner == subject]
        expected = pytest.approx(float(np.percentile(own, share * 100)), rel=1e-12) if own else "no_data"
        assert said(made.value)[subject] == expected
        assert made.n is not None
        assert made.n.values[subject] == len(own)


def test_the_median_of_an_even_number_is_the_mean_of_the_middle_two() -> None:
    samples = Samples(np.array([40, 10, 30, 20], np.int64), np.zeros(4, np.int64), 1, 1)

    assert said(median(samples).value) == [25.0]


def test_a_sample_from_before_the_data_is_short_of_history() -> None:
    nothing = np.zeros(0, np.int64)

    assert said(median(Samples(nothing, nothing, 1, 1, short=True)).value) == ["short_history"]


def test_members_below_or_at_zero_and_unknown_ones_are_left_out() -> None:
    members = Members(
        quantity([5, 0, -1, 7, 9], reasons=["", "", "", "", "no_rate"]), np.array([0, 0, 0, 1, 1]), 2
    )

    kept = members.positive()

    assert kept.totals().tolist() == [5.0, 7.0]
    assert kept.counts().tolist() == [1, 1]


def test_a_metric_on_a_column_says_of_each_what_it_says_of_one_alone() -> None:
    tops, bottoms = [3, 5, 8], [4, 0, 16]

    together = said(ratio(quantity(tops), quantity(bottoms)).value)

    alone = [said(ratio(quantity([a]), quantity([b])).value)[0] for a, b in zip(tops, bottoms, strict=True)]
    assert together == alone


def test_no_operation_changes_its_operands() -> None:
    one, other = quantity([1, 2], 10_000), quantity([3, 4], reasons=["", "no_rate"])
    before = [each.copy() for each in (one.values, one.reasons, other.values, other.reasons)]

    one + other, one - other, one * other, one * 2, ratio(one, other), smaller(one, other), other.or_zero()

    after = (one.values, one.reasons, other.values, other.reasons)
    assert all((a == b).all() for a, b in zip(before, after, strict=True))


def symbol(name: str) -> Any:
    return Symbol(Formula((name,)))


@pytest.mark.parametrize(
    ("made", "text"),
    [
        (ratio(symbol("a") - symbol("b"), symbol("a")), "(a − b) ÷ a"),
        (symbol("a") - (symbol("b") - symbol("c")), "a − (b − c)"),
        (symbol("a") + symbol("b") + symbol("c"), "a + b + c"),
        ((symbol("a") + symbol("b")) * symbol("c"), "(a + b) × c"),
        (ratio(symbol("a") * 2, symbol("b") + 1), "(a × 2) ÷ (b + 1)"),
    ],
)
def test_a_formula_is_read_off_the_code_with_the_brackets_it_needs(made: Any, text: str) -> None:
    assert "".join(made.formula.parts) == text


def test_a_measure_of_nobody_known_has_a_reason_for_each() -> None:
    made = Measure(Quantity.unknown(3, "no_data"))

    assert said(made.value) == ["no_data"] * 3
