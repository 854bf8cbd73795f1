"""Anonymous aggregates: whoever adds and subtracts all that is told, over all groups, never isolates fewer than five."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.press import anonymous
from pipeline.press.anonymous import FEWEST, Member

BORDERS = (-0.05, 0.05)
GROUPS = ("", "物流", "零售", "食品")
sales = st.one_of(st.integers(0, 30).map(float), st.integers(-5, 2000).map(float))
portfolios = st.lists(
    st.builds(Member, st.just(""), st.sampled_from(GROUPS), st.floats(-1, 1), sales), max_size=45
).map(lambda own: [Member(f"A-{at}", each.group, each.value, each.sales) for at, each in enumerate(own)])


def member(number: int, group: str = "物流", value: float = 0.0, sales: float = 1.0) -> Member:
    return Member(f"A-{number}", group, value, sales)


def is_safe(members: list[Member]) -> bool:
    """The two rules said once more, in other words than the code's."""
    amounts = sorted((max(each.sales, 0.0) for each in members), reverse=True)
    return len(members) >= 5 and amounts[0] > 0 and amounts[0] <= sum(amounts[1:])


def told_sets(portfolio: list[Member]) -> list[list[Member]]:
    """The sets of customers of which anything is told: groups, all, and classes of growth."""
    made = [[each for each in portfolio if each.group == name] for name in anonymous.cells(portfolio)]
    if anonymous.total(portfolio) is not None:
        made.append(portfolio)
    return made


@given(portfolios)
def test_every_cell_that_is_told_is_safe(portfolio: list[Member]) -> None:
    assert all(is_safe(own) for own in told_sets(portfolio))


@given(portfolios)
def test_no_difference_of_what_is_told_isolates_a_few(portfolio: list[Member]) -> None:
    told = told_sets(portfolio)
    for whole in told:
        inside = [own for own in told if own is not whole and set(own) <= set(whole)]
        for count in range(1, len(inside) + 1):
            for parts in combinations(inside, count):
                rest = set(whole) - {each for own in parts for each in own}
                assert not rest or is_safe(list(rest))


@given(portfolios)
def test_classes_add_up_and_each_is_safe(portfolio: list[Member]) -> None:
    found = anonymous.parts(portfolio, BORDERS)
    classes = [
        [each for each in portfolio if first <= sum(each.value >= b for b in BORDERS) <= last]
        for (first, last), _number in found
    ]

    assert [number for _span, number in found] == [len(own) for own in classes]
    assert all(is_safe(own) for own in classes)
    if found:
        assert sum(number for _span, number in found) == len(portfolio)
        assert len(found) > 1
        assert (found[0][0][0], found[-1][0][1]) == (0, 2)


@given(portfolios, st.randoms())
def test_the_order_of_customers_changes_nothing(portfolio: list[Member], random: object) -> None:
    shuffled = list(portfolio)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert anonymous.cells(shuffled) == anonymous.cells(portfolio)
    assert anonymous.total(shuffled) == anonymous.total(portfolio)
    assert anonymous.parts(shuffled, BORDERS) == anonymous.parts(portfolio, BORDERS)


@given(portfolios)
def test_a_number_is_told_by_its_band_alone(portfolio: list[Member]) -> None:
    for cell in (*anonymous.cells(portfolio).values(), anonymous.total(portfolio)):
        if cell is not None:
            first, last = cell.band
            assert (first % FEWEST, last - first) == (0, FEWEST - 1)
            assert first >= FEWEST


def test_a_cell_by_hand() -> None:
    nine = [member(at, value=float(at)) for at in range(9)]

    assert anonymous.cell(nine) == anonymous.Cell(4.0, 2.0, 6.0, (5, 9))
    assert anonymous.cell(nine[:7]) == anonymous.Cell(3.0, None, None, (5, 9))
    assert anonymous.cell(nine[:4]) is None


@pytest.mark.parametrize(("largest", "is_told"), [(4.0, True), (4.1, False)])
def test_one_customer_may_have_half_of_the_sales_and_no_more(largest: float, is_told: bool) -> None:
    assert anonymous.may_be_told([*(member(at) for at in range(4)), member(9, sales=largest)]) is is_told


def test_a_total_is_silent_where_it_would_tell_of_a_group_that_is_not_told() -> None:
    told = [member(at, "零售") for at in range(6)]
    few = [member(10 + at, "物流") for at in range(3)]
    other = [member(20 + at, "") for at in range(2)]

    assert anonymous.total(told) is not None
    assert anonymous.total([*told, *few]) is None
    assert anonymous.total([*told, *few, *other]) is not None


def test_classes_too_small_are_joined_with_their_neighbour() -> None:
    values = [-0.2] * 2 + [0.0] * 4 + [0.3] * 7
    portfolio = [member(at, value=value) for at, value in enumerate(values)]

    assert anonymous.parts(portfolio, BORDERS) == (((0, 1), 6), ((2, 2), 7))
    assert anonymous.parts(portfolio[:9], BORDERS) == ()
