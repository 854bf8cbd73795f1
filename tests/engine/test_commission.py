from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import accumulate, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.engine.commission import CENT, RATE_UNITS, Line, Sale, Terms, half_up, lines, pieces, shared

MONEY = 10_000
FIVE, EIGHT = 5 * RATE_UNITS // 100, 8 * RATE_UNITS // 100


def sold(*amounts: tuple[int, int]) -> list[Sale]:
    """Sales of a manager as (month, amount in ten-thousandths), in order; what he is credited with is what he is paid on."""
    ends = accumulate(amount for _, amount in amounts)
    return [
        Sale(month, end - amount, end, amount) for (month, amount), end in zip(amounts, ends, strict=True)
    ]


def closing(sales: Sequence[Sale], months: int) -> list[int]:
    """What is credited by the end of each month."""
    return [sum(sale.base for sale in sales if sale.month <= month) for month in range(months)]


def commission(terms: Terms, *amounts: tuple[int, int], months: int = 12) -> list[Line]:
    sales = sold(*amounts)
    return lines(sales, closing(sales, months), terms)


def total(found: Sequence[Line]) -> float:
    return sum(line.amount for line in found) / MONEY


MARGINAL = Terms((100 * MONEY,), (FIVE, EIGHT))
RETROACTIVE = Terms((100 * MONEY,), (FIVE, EIGHT), is_retroactive=True)


def test_target_100_actual_130_five_per_cent_and_eight_above() -> None:
    one = ((0, 130 * MONEY),)
    several = ((0, 60 * MONEY), (3, 55 * MONEY), (11, 15 * MONEY))

    assert total(commission(MARGINAL, *one)) == 7.4
    assert total(commission(MARGINAL, *several)) == 7.4
    assert total(commission(RETROACTIVE, *one)) == 10.4
    assert total(commission(RETROACTIVE, *several)) == 10.4


def test_a_sale_across_a_bound_has_a_line_at_each_rate() -> None:
    found = commission(MARGINAL, (0, 60 * MONEY), (1, 70 * MONEY))

    assert [(line.sale, line.tier, line.base // MONEY, line.amount / MONEY) for line in found] == [
        (0, 0, 60, 3.0),
        (1, 0, 40, 2.0),
        (1, 1, 30, 2.4),
    ]


def test_a_tier_reached_later_is_caught_up_for_what_was_sold_before() -> None:
    found = commission(RETROACTIVE, (0, 60 * MONEY), (1, 70 * MONEY))

    assert [(line.month, line.sale, line.gate, line.amount / MONEY) for line in found] == [
        (0, 0, "paid", 3.0),
        (1, 0, "caught_up", 1.8),
        (1, 1, "paid", 5.6),
    ]


def test_below_the_threshold_nothing_is_paid_and_above_it_everything_from_the_first_unit() -> None:
    terms = Terms((), (FIVE,), opens_at=Fraction(50 * MONEY))

    found = commission(terms, (0, 40 * MONEY), (1, 10 * MONEY), (2, -1 * MONEY))

    assert [(line.month, line.gate, line.amount / MONEY) for line in found] == [
        (0, "below_threshold", 0.0),
        (1, "caught_up", 2.0),
        (1, "paid", 0.5),
        (2, "below_threshold", -2.0),
        (2, "below_threshold", -0.5),
        (2, "below_threshold", 0.0),
    ]


def test_what_lies_above_the_cap_is_said_to() -> None:
    terms = Terms((), (FIVE,), cap=4 * MONEY)

    found = commission(terms, (0, 60 * MONEY), (0, 60 * MONEY), (1, 10 * MONEY))

    assert [(line.gate, line.amount / MONEY) for line in found] == [
        ("paid", 3.0),
        ("capped", 1.0),
        ("capped", 0.0),
    ]


def test_a_return_above_a_bound_costs_the_rate_that_its_sale_had() -> None:
    found = commission(MARGINAL, (0, 130 * MONEY), (1, -40 * MONEY))

    assert [(line.tier, line.base // MONEY) for line in found if line.month == 1] == [(1, -30), (0, -10)]
    assert total(found) == 4.5


def test_a_margin_is_cut_where_its_sale_is() -> None:
    sale = Sale(0, 60 * MONEY, 130 * MONEY, 7 * MONEY)

    assert [(piece.tier, piece.base) for piece in pieces([sale], MARGINAL)] == [
        (0, 4 * MONEY),
        (1, 3 * MONEY),
    ]
    free_of_charge = Sale(0, 100 * MONEY, 100 * MONEY, -3 * MONEY)
    assert [(piece.tier, piece.base) for piece in pieces([free_of_charge], MARGINAL)] == [(1, -3 * MONEY)]


def test_a_month_in_which_nothing_was_sold_has_no_line() -> None:
    assert commission(MARGINAL, months=3) == []
    assert {line.month for line in commission(MARGINAL, (0, 5 * MONEY), months=3)} == {0}


@pytest.mark.parametrize(("weights", "parts"), [([1, 1, 1], [4, 3, 3]), ([0, 5], [0, 10]), ([1, 2], [3, 7])])
def test_parts_go_by_largest_remainder_and_ties_to_the_earlier(weights: list[int], parts: list[int]) -> None:
    assert shared(10, weights) == parts
    assert shared(-10, weights) == [-part for part in parts]


AMOUNTS = st.integers(-2_000_000, 5_000_000)
MONTHS = 4
SALES = st.lists(st.tuples(st.integers(0, MONTHS - 1), AMOUNTS), max_size=12).map(
    lambda rows: sorted(rows, key=lambda row: row[0])
)
RISING = st.lists(st.integers(0, RATE_UNITS // 5), min_size=3, max_size=3).map(
    lambda each: tuple(sorted(each))
)
BOUNDS = st.lists(st.integers(1, 9_000_000), min_size=2, max_size=2, unique=True).map(
    lambda each: tuple(sorted(each))
)


@st.composite
def terms(draw: st.DrawFn, *, capped: bool = True) -> Terms:
    cap = (
        draw(st.one_of(st.none(), st.integers(1, 5_000).map(lambda cents: cents * CENT))) if capped else None
    )
    opens = draw(st.one_of(st.none(), st.integers(0, 4_000_000).map(Fraction)))
    return Terms(draw(BOUNDS), draw(RISING), draw(st.booleans()), opens, cap)


def exact(amount: int, plan: Terms) -> Fraction:
    """The commission of a period by the plain formula, in ten-thousandths."""
    if plan.opens_at is not None and amount < plan.opens_at:
        return Fraction(0)
    if plan.is_retroactive:
        earned = Fraction(amount * plan.rates[sum(bound <= amount for bound in plan.bounds)], RATE_UNITS)
    else:
        edges = [*plan.bounds, max(amount, plan.bounds[-1])]
        earned = Fraction(min(amount, edges[0]) * plan.rates[0], RATE_UNITS)
        for (low, high), rate in zip(pairwise(edges), plan.rates[1:], strict=True):
            earned += Fraction(max(min(amount, high) - low, 0) * rate, RATE_UNITS)
    return earned if plan.cap is None else min(earned, Fraction(plan.cap))


@given(SALES, terms())
def test_months_to_date_make_the_plain_formula_to_the_cent(rows: list[tuple[int, int]], plan: Terms) -> None:
    found = commission(plan, *rows, months=MONTHS)

    for month in range(MONTHS):
        credited = sum(amount for each, amount in rows if each <= month)
        whole = exact(credited, plan)
        paid = sum(line.amount for line in found if line.month <= month)
        assert paid == half_up(whole.numerator, whole.denominator * CENT) * CENT
        if plan.cap is not None:
            assert paid <= plan.cap


@given(SALES, terms())
def test_every_line_is_within_a_cent_of_what_it_stands_for(rows: list[tuple[int, int]], plan: Terms) -> None:
    found = commission(plan, *rows, months=MONTHS)

    for line in found:
        assert line.amount % CENT == 0
        if line.gate == "paid":
            assert abs(Fraction(line.base * plan.rates[line.tier], RATE_UNITS) - line.amount) < CENT


@given(SALES, terms())
def test_the_pieces_of_a_sale_make_the_sale(rows: list[tuple[int, int]], plan: Terms) -> None:
    sales = sold(*rows)
    made = pieces(sales, plan)

    assert [sum(each.base for each in made if each.sale == at) for at in range(len(sales))] == [
        sale.base for sale in sales
    ]


@given(SALES, st.integers(0, 3_000_000), terms())
def test_who_sells_more_is_not_paid_less_where_rates_rise(
    rows: list[tuple[int, int]], more: int, plan: Terms
) -> None:
    credited = sum(amount for _, amount in rows)
    if credited < 0:
        return
    before = commission(plan, *rows, months=MONTHS)
    after = commission(plan, *rows, (MONTHS - 1, more), months=MONTHS)

    assert sum(line.amount for line in after) >= sum(line.amount for line in before)
