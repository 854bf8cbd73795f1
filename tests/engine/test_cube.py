from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.engine.cube import Cube, Edges, contributions, day_number, edges_between, flow_cube, merged
from pipeline.engine.evaluate import Facts
from pipeline.engine.quantities import Quantity, Samples
from pipeline.errors import DataError, SettingsError
from pipeline.facts import FACTS
from pipeline.metrics import METRICS
from pipeline.periods import add_months, month_start, up_to
from tests.engines import Engine, engine

FIRST = date(2026, 1, 1)
RATES: list[dict[str, object]] = [
    {"rate_on": "2026-01-01", "currency": "EUR", "to_currency": "CNY", "rate": "7.8"},
    {"rate_on": "2026-09-15", "currency": "EUR", "to_currency": "CNY", "rate": "7.6"},
]
ACCOUNTS: list[dict[str, object]] = [
    {"account_id": "A1", "name": "a", "owner_id": "M1"},
    {"account_id": "A2", "name": "b", "owner_id": "M2", "currency": "EUR"},
]


def sold(*rows: tuple[str, str, str], **more: Any) -> Engine:
    """A company whose orders of one line are (account, day, amount)."""
    orders = [
        {"order_id": f"O{at}", "account_id": account, "ordered_on": on}
        for at, (account, on, _) in enumerate(rows)
    ]
    lines = [
        {"order_id": f"O{at}", "line_no": 1, "net_amount": amount} for at, (*_, amount) in enumerate(rows)
    ]
    return engine({"accounts": ACCOUNTS, "fx": RATES, "orders": orders, "order_lines": lines, **more})


def days(values: Any) -> Any:
    return np.array(values, dtype=np.int64)


@given(st.dates(date(2020, 1, 1), date(2026, 9, 1)), st.dates(date(2026, 9, 2), date(2027, 9, 1)))
def test_edges_are_every_month_start_and_the_day_after_the_as_of_date(first: date, until: date) -> None:
    edges = edges_between(first, until)

    assert edges.first == month_start(first)
    assert edges.last == until
    assert (np.diff(edges.days) > 0).all()
    month = month_start(first)
    while month <= until:
        assert edges.at(month) is not None
        month = add_months(month, 1)


def test_a_day_that_is_no_edge_has_no_position() -> None:
    edges = edges_between(FIRST, date(2026, 10, 1))

    assert edges.at(date(2026, 9, 2)) is None
    assert edges.at(date(2026, 10, 1)) == 9


CHANGES = st.lists(
    st.tuples(st.integers(0, 3), st.integers(-1, 2), st.integers(0, 300), st.integers(-(10**9), 10**9)),
    max_size=20,
)
EDGES = edges_between(FIRST, date(2026, 10, 1))


def cube_of(changes: list[tuple[int, int, int, int]], edges: Edges = EDGES) -> Cube:
    account, manager, after, amount = (days([change[at] for change in changes]) for at in range(4))
    return flow_cube(
        account, manager, after + day_number(FIRST), amount, np.zeros(account.size, np.int8), edges
    )


@given(CHANGES)
def test_a_cube_holds_the_running_sum_up_to_each_edge(changes: list[tuple[int, int, int, int]]) -> None:
    made = cube_of(changes)

    for cell, (account, manager) in enumerate(zip(made.account, made.post, strict=True)):
        for at, edge in enumerate(EDGES.days):
            inside = [
                amount
                for a, m, after, amount in changes
                if (a, m) == (account, manager) and after + day_number(FIRST) < edge
            ]
            assert made.values[cell, at] == sum(inside)


@given(CHANGES, st.lists(st.integers(0, 2), min_size=20, max_size=20))
def test_parts_put_together_are_the_whole(changes: list[tuple[int, int, int, int]], part: list[int]) -> None:
    parts = [[each for each, mine in zip(changes, part, strict=False) if mine == at] for at in range(3)]

    together, whole = merged([cube_of(each) for each in parts]), cube_of(changes)

    assert together.account.tolist() == whole.account.tolist()
    assert together.post.tolist() == whole.post.tolist()
    assert together.values.tolist() == whole.values.tolist()


def test_the_order_of_the_parts_changes_nothing() -> None:
    one, other = cube_of([(0, 0, 3, 5), (1, 1, 40, 7)]), cube_of([(0, 0, 50, 2), (2, -1, 3, 1)])

    assert merged([one, other]).values.tolist() == merged([other, one]).values.tolist()


def test_parts_that_fit_alone_stop_where_together_they_do_not() -> None:
    part = cube_of([(0, 0, 3, 2**62 - 2**10)])

    with pytest.raises(DataError) as stopped:
        merged([part, part, part])

    assert stopped.value.code == "KB-1290"


def test_a_flow_falls_in_the_month_of_its_day() -> None:
    found = sold(
        ("A2", "2026-07-01", "1"),
        ("A1", "2026-08-31", "5"),
        ("A1", "2026-09-01", "7"),
        ("A1", "2026-09-30", "11"),
    )

    assert found.amount("net_sales", "account:A1", found.window("month")) == 18_0000
    assert found.value("net_sales", "account:A1", "quarter") == 23.0


def test_what_happens_after_the_as_of_date_is_not_known() -> None:
    found = sold(("A1", "2026-09-30", "7"), ("A1", "2026-10-01", "100"))

    assert found.value("net_sales", "portfolio:all", "t12m") is None  # history began this month
    assert found.value("net_sales", "portfolio:all", "month") == 7.0


def test_a_flow_is_converted_at_the_rate_of_its_day() -> None:
    found = sold(("A2", "2026-09-14", "100"), ("A2", "2026-09-15", "100"))

    assert found.value("net_sales", "account:A2") == 780.0 + 760.0


def test_without_a_rate_the_sum_is_not_known_for_lack_of_one() -> None:
    found = sold(("A1", "2026-09-14", "100"), ("A2", "2025-09-14", "100"), ("A1", "2025-10-01", "1"))
    measure = found.measure("net_sales", "portfolio", "month")
    year_ago = found.evaluator.facts("account", found.window("month")).year_ago.net_sales

    assert measure.value.known.tolist() == [True]
    assert year_ago.known.tolist() == [True, False, True]
    assert [int(code) for code in year_ago.reasons] == [0, 4, 0]


def test_a_row_without_a_value_makes_its_sum_unknown_and_no_other() -> None:
    deals = [
        {"opportunity_id": "D1", "account_id": "A1", "closed_on": "2026-09-01", "is_won": True},
        {"opportunity_id": "D2", "account_id": "A2", "closed_on": "2026-09-01", "is_won": True, "amount": 5,
         "currency": "CNY"},
    ]  # fmt: skip
    found = sold(("A1", "2026-09-01", "1"), opportunities=deals)

    assert found.value("won_value", "account:A1") is None
    assert found.value("won_value", "portfolio:all") is None
    assert found.value("won_value", "account:A2") == 5.0
    assert found.value("won_count", "account:A1") == 1.0


SPLIT: list[dict[str, object]] = [
    {"account_id": "A1", "manager_id": "M1", "share_pct": "0.3333", "role": "owner", "from_on": "2026-01-01"},
    {"account_id": "A1", "manager_id": "M2", "share_pct": "0.6667", "role": "owner", "from_on": "2026-01-01"},
]


def test_a_shared_row_is_split_to_the_last_digit() -> None:
    found = sold(("A1", "2026-09-01", "100.01"), assignments=SPLIT)
    month = found.window("month")
    shares = [found.amount("net_sales", f"manager:{manager}", month) for manager in ("M1", "M2")]

    assert shares == [333_333, 666_767]
    assert found.amount("net_sales", "account:A1", month) == 1_000_100


def test_a_hand_over_moves_later_rows_only() -> None:
    handed: list[dict[str, object]] = [
        {
            "account_id": "A1",
            "manager_id": "M1",
            "role": "owner",
            "from_on": "2026-01-01",
            "to_on": "2026-09-10",
        },
        {"account_id": "A1", "manager_id": "M2", "role": "owner", "from_on": "2026-09-10"},
    ]
    found = sold(("A1", "2026-09-09", "5"), ("A1", "2026-09-10", "7"), assignments=handed)

    assert found.value("net_sales", "manager:M1") == 5.0
    assert found.value("net_sales", "manager:M2") == 7.0


def test_a_position_is_credited_to_the_owner_of_the_day_it_is_read() -> None:
    handed: list[dict[str, object]] = [
        {
            "account_id": "A1",
            "manager_id": "M1",
            "role": "owner",
            "from_on": "2026-01-01",
            "to_on": "2026-09-10",
        },
        {"account_id": "A1", "manager_id": "M2", "role": "owner", "from_on": "2026-09-10"},
    ]
    invoices = [{"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-08-01", "gross_amount": 50}]
    found = sold(("A1", "2026-08-01", "5"), assignments=handed, invoices=invoices, payments=[])

    assert found.value("receivables", "manager:M1") == 0.0
    assert found.value("receivables", "manager:M2") == 50.0
    assert found.evaluator.facts("manager", found.window("month")).opening.receivables.values.tolist() == [
        50_0000, 0,
    ]  # fmt: skip


def test_a_position_of_an_account_that_nobody_serves_is_the_rows_own_managers() -> None:
    invoices = [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-08-01", "gross_amount": 50, "manager_id": "M2"},
        {"invoice_id": "I2", "account_id": "A1", "issued_on": "2026-08-01", "gross_amount": 30},
    ]  # fmt: skip
    found = sold(("A1", "2026-08-01", "5"), invoices=invoices, payments=[])

    assert found.value("receivables", "manager:M2") == 50.0
    assert found.value("receivables", "manager:M1") == 30.0  # the account's owner
    assert found.evidence("receivables", "manager:M2", found.window("month"))["amount"].tolist() == [50_0000]


SIX_AND_FOUR: list[dict[str, object]] = [
    {"account_id": "A1", "manager_id": f"M{at}", "share_pct": share, "role": "owner", "from_on": "2020-01-01"}
    for at, share in ((1, "0.6"), (2, "0.4"))
]


def test_owners_have_their_share_of_each_case_and_the_shares_add_up() -> None:
    cases = [
        {"case_id": f"C{at}", "account_id": "A1", "opened_at": f"2026-09-0{at + 1}T08:00+08:00",
         "first_reply_at": f"2026-09-0{at + 1 + 2 * (at == 0)}T09:00+08:00"}
        for at in range(3)
    ]  # fmt: skip
    found = sold(("A1", "2026-09-01", "1"), assignments=SIX_AND_FOUR, cases=cases)
    month = found.window("month")
    shares = [found.amount("cases_opened", each, month) for each in ("manager:M1", "manager:M2")]
    late = found.measure("sla_attainment", "manager", "month", ("clock", "first_reply"))

    assert shares == [1_8000, 1_2000]
    assert found.amount("cases_opened", "account:A1", month) == found.amount(
        "cases_opened", "portfolio:all", month
    )
    assert found.amount("cases_opened", "account:A1", month) == sum(shares)
    assert late.value.floats.tolist() == pytest.approx([2 / 3, 2 / 3])
    assert late.n is not None
    assert late.n.floats.tolist() == [1.8, 1.2]


def test_three_owners_of_equal_share_have_one_case_between_them() -> None:
    served = [
        {"account_id": "A1", "manager_id": f"M{at}", "role": "owner", "share_pct": "0.3333", "from_on": "2020-01-01"}
        for at in (1, 2, 3)
    ]  # fmt: skip
    cases = [{"case_id": "C1", "account_id": "A1", "opened_at": "2026-09-02T08:00+08:00"}]
    found = sold(("A1", "2026-09-01", "1"), assignments=served, cases=cases)
    month = found.window("month")

    assert [found.amount("cases_opened", f"manager:M{at}", month) for at in (1, 2, 3)] == [3334, 3333, 3333]


def test_a_customer_that_two_share_is_a_part_of_a_customer_for_each() -> None:
    found = sold(
        ("A1", "2026-09-01", "100"), ("A1", "2025-09-02", "80"), ("A2", "2025-09-02", "10"),
        ("A1", "2024-09-02", "80"), ("A2", "2024-09-02", "10"), assignments=SIX_AND_FOUR,
    )  # fmt: skip
    kept = found.measure("customer_retention", "manager", "t12m")

    assert kept.numerator is not None
    assert kept.denominator is not None
    assert kept.numerator.floats.tolist() == [0.6, 0.4]
    assert kept.denominator.floats.tolist() == [0.6, 1.4]
    assert kept.value.floats.tolist() == pytest.approx([1.0, 0.4 / 1.4])
    whole = found.measure("customer_retention", "portfolio", "t12m")
    assert (whole.numerator.floats[0], whole.denominator.floats[0]) == (1, 2)  # type: ignore[union-attr]


def test_the_parts_of_a_shared_bridge_add_up_for_each_owner() -> None:
    rows = [
        ("A1", "2025-09-02", "100.0001"),
        ("A1", "2025-09-03", "70.0001"),
        ("A1", "2026-09-02", "33.3333"),
    ]
    served = [
        {"account_id": "A1", "manager_id": f"M{at}", "role": "owner", "share_pct": "0.3333", "from_on": "2020-01-01"}
        for at in (1, 2, 3)
    ]  # fmt: skip
    found = sold(*rows, assignments=served)
    month = found.window("month")
    bridge = FACTS.get("bridge")
    whole = found.evaluator.value(bridge, "manager", month, ("", ""))
    parts = [
        found.evaluator.value(bridge, "manager", month, ("part", part)) for part in bridge.values["part"]
    ]

    assert whole.values.tolist() == sum(part.values for part in parts).tolist()  # type: ignore[union-attr]
    account = found.evaluator.value(bridge, "account", month, ("", ""))
    assert whole.values.sum() == account.values.sum()


def test_a_shared_case_is_one_case_for_everyone() -> None:
    cases = [
        {"case_id": "C1", "account_id": "A1", "opened_at": "2026-09-02T08:00+08:00",
         "first_reply_at": "2026-09-02T09:00+08:00"},
    ]  # fmt: skip
    managers = [
        {"manager_id": "M1", "name": "m", "team_id": "T"},
        {"manager_id": "M2", "name": "n", "team_id": "T"},
    ]
    found = sold(("A1", "2026-09-01", "1"), assignments=SPLIT, cases=cases, managers=managers)
    month = found.window("month")
    assert [len(found.evidence("first_reply_hours", each, month)) for each in ("team:T", "account:A1")] == [
        1,
        1,
    ]

    for subject in ("account:A1", "portfolio:all", "team:T", "manager:M1", "manager:M2"):
        assert found.sample("first_reply_hours", subject, month) == [10_000], subject


def test_rows_without_an_account_are_in_the_portfolio_and_under_their_own_sign() -> None:
    found = sold(("A1", "2026-09-01", "5"), ("~", "2026-09-01", "7"))

    assert found.value("net_sales", "portfolio:all") == 12.0
    assert found.value("net_sales", "account:~") == 7.0
    assert "~" not in found.evaluator.subjects["customer"].ids


def test_a_row_of_an_account_that_is_not_known_stops_the_run() -> None:
    with pytest.raises(DataError) as stopped:
        sold(("A9", "2026-09-01", "5"))

    assert stopped.value.code == "KB-1293"


def test_measuring_leaves_the_rows_as_they_were() -> None:
    found = sold(("A1", "2026-09-01", "5"), ("A2", "2026-09-20", "7"), assignments=SPLIT)
    rows = found.facts["sales"]
    before = rows.copy(deep=True)

    contributions(FACTS.get("net_sales"), rows, found.basis.setting)

    pd.testing.assert_frame_equal(rows, before)


VIEWS = (
    "", "before", "year_ago", "back(1)", "back(11)", "trailing(1)", "trailing(3)", "trailing(12)",
    "year_ago.trailing(12)", "back(3).trailing(3)", "back(9).trailing(3)", "trailing(1).back(1)",
    "trailing(1).back(2)", "trailing(1).back(5)", "at_start.trailing(12)",
)  # fmt: skip


def seen(facts: Facts, path: str) -> Facts:
    view = facts
    for step in filter(None, path.split(".")):
        name, _, argument = step.partition("(")
        view = getattr(view, name) if not argument else getattr(view, name)(int(argument.rstrip(")")))
    return view


@settings(max_examples=60)
@given(st.dates(date(2024, 1, 15), date(2026, 12, 31)))
def test_on_whatever_day_a_run_ends_every_view_ends_on_an_edge(as_of: date) -> None:
    period = up_to(as_of)
    edges = edges_between(add_months(as_of, -60), period.until_on)
    found = ENGINE.evaluator

    for window in period.windows():
        facts = Facts(found, "portfolio", window)
        for path in VIEWS:
            view = seen(facts, path)._window
            assert edges.at(view.from_on) is not None, (window, path, view)
            assert edges.at(view.until_on) is not None, (window, path, view)
        for day in facts.mean._ends(window):
            assert edges.at(day) is not None, (window, "mean", day)


@settings(max_examples=40)
@given(st.dates(date(2024, 1, 15), date(2026, 12, 31)))
def test_the_mean_of_twelve_months_is_taken_over_thirteen_days(as_of: date) -> None:
    window = next(each for each in up_to(as_of).windows() if each.name == "t12m")
    ends = Facts(ENGINE.evaluator, "portfolio", window).mean._ends(window)

    assert len(ends) == 13
    assert (ends[0], ends[-1]) == (window.from_on, window.until_on)


ENGINE = sold(("A1", "2026-09-01", "5"))


def test_the_mean_is_of_the_opening_and_every_month_end() -> None:
    invoices = [
        {"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-06-15", "gross_amount": 40},
        {"invoice_id": "I2", "account_id": "A1", "issued_on": "2026-08-15", "gross_amount": 20},
    ]
    found = sold(("A1", "2026-06-01", "5"), invoices=invoices, payments=[])

    mean = found.evaluator.facts("account", found.window("quarter")).mean.receivables

    assert mean.floats[0] == (40 + 40 + 60 + 60) / 4


def test_a_level_before_the_first_row_is_short_of_history() -> None:
    invoices = [{"invoice_id": "I1", "account_id": "A1", "issued_on": "2026-09-15", "gross_amount": 40}]
    found = sold(("A1", "2026-06-01", "5"), invoices=invoices, payments=[])
    facts = found.evaluator.facts("account", found.window("month"))

    assert not facts.opening.receivables.known.any()
    assert facts.receivables.known.all()


@pytest.mark.parametrize("metric", [name for name, each in METRICS.all().items() if each.kind == "ratio"])
def test_no_metric_changes_the_facts_it_is_given(metric: str) -> None:
    found = METRICS.get(metric)
    evaluator = ENGINE.evaluator
    breakdown = ("basis", "requested") if found.breakdowns == ("basis",) else (found.breakdowns[0], "")
    before = {key: cube.values.copy() for key, cube in evaluator.sums.cubes.items()}

    evaluator.measure(found, "portfolio", ENGINE.window(found.windows[0]), breakdown)

    assert all((evaluator.sums.cubes[key].values == values).all() for key, values in before.items())


def test_facts_are_looked_up_again_from_the_same_sums() -> None:
    window = ENGINE.window("month")
    first = ENGINE.fact("net_sales", "portfolio", window)
    again = ENGINE.fact("net_sales", "portfolio", window)

    assert isinstance(first, Quantity)
    assert isinstance(again, Quantity)
    assert not isinstance(first, Samples)
    assert first.values.tolist() == again.values.tolist()


def test_a_fact_that_counts_rows_several_times_is_not_added_up_without_its_breakdown() -> None:
    facts = ENGINE.evaluator.facts("account", ENGINE.window("month"))

    with pytest.raises(SettingsError) as refused:
        facts.orders_due  # noqa: B018

    assert refused.value.code == "KB-1025"
    assert "basis" in str(refused.value)
    named = ENGINE.evaluator.facts("account", ENGINE.window("month"), ("basis", "requested"))
    assert len(named.orders_due) == len(ENGINE.evaluator.subjects["account"])


@pytest.mark.parametrize(("name", "nearest"), [("net_saels", "net_sales"), ("yearago", "year_ago")])
def test_a_look_up_of_nothing_is_answered_with_the_nearest_fact_or_view(name: str, nearest: str) -> None:
    with pytest.raises(SettingsError) as refused:
        getattr(ENGINE.evaluator.facts("account", ENGINE.window("month")), name)

    assert (refused.value.code, refused.value.nearest) == ("KB-1024", nearest)
